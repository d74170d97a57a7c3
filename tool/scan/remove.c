/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Taking a certificate out of a store, in the way that the store has for it,
 * and the words for doing so by hand.  What is changed is copied first.  It
 * must not ask anybody: scan.c does.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/program.h"
#include "base/tree.h"
#include "filter/filter.h"
#include "install/nss-list.h"
#include "install/system.h"
#include "scan/scan.h"

static const struct scan_store *
store_of(const struct scan *scan, const struct scan_finding *f)
{
	return scan_store_at(scan, f->store);
}

/* ---- A file without what is distrusted ---------------------------------- */

static int
filtered(const struct scan *scan, const char *path, struct buffer *out,
	 struct fault *fault)
{
	struct filter filter = { .judge = scan->judge, .fault = fault,
				 .is_quiet = true };
	struct filter_count count = { 0 };
	struct buffer content = { 0 };
	bool is_there;
	int rv = tree_peek(path, &content, &is_there, fault);

	if (rv == 0 && content.n > 0)
		rv = filter_octets(&filter, NULL, (struct bytes){
			content.p, content.n }, out, &count);
	buffer_free(&content);
	return rv;
}

/* Whether a block of PEM is left, of whatever kind. */
static bool
holds_more(const struct buffer *rest)
{
	static const char begin[] = "-----BEGIN";
	size_t n = sizeof(begin) - 1;

	for (size_t i = 0; i + n <= rest->n; i++) {
		if (memcmp((const char *)rest->p + i, begin, n) == 0)
			return true;
	}
	return false;
}

/* ---- By hand ------------------------------------------------------------ */

static int
add(struct buffer *text, const char *words)
{
	return buffer_add(text, words, strlen(words));
}

/* A word for a shell, in quotes where it needs some. */
static int
add_word(struct buffer *text, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-";
	int rv = 0;

	if (word[0] != '\0' && word[strspn(word, plain)] == '\0')
		return add(text, word);
	rv = add(text, "'");
	for (; rv == 0 && *word != '\0'; word++)
		rv = *word == '\'' ? add(text, "'\\''") :
				     buffer_add(text, word, 1);
	return rv | add(text, "'");
}

static int
add_line(struct buffer *text, const char *const *words)
{
	int rv = 0;

	for (size_t i = 0; rv == 0 && words[i] != NULL; i++)
		rv = (i > 0 ? add(text, " ") : 0) | add_word(text, words[i]);
	return rv;
}

static int
command_for_file(const struct scan *scan, const struct scan_finding *f,
		 struct buffer *text)
{
	const char *const cut[] = { "distrust", "filter", "--in-place",
				    f->path, NULL };
	const char *const all[] = { "rm", f->path, NULL };
	struct fault fault = { "" };
	struct buffer rest = { 0 };
	bool is_alone = filtered(scan, f->path, &rest, &fault) == 0 &&
			!holds_more(&rest);

	buffer_free(&rest);
	return add_line(text, is_alone ? all : cut);
}

static int
command_for_nss(const struct scan_finding *f, struct buffer *text)
{
	char database[PATHS_MAX + 4];
	const char *const words[] = { "certutil", "-D", "-d", database, "-n",
				      f->name, NULL };

	snprintf(database, sizeof(database), "sql:%s", f->path);
	return add_line(text, words);
}

int
scan_command(const struct scan *scan, const struct scan_finding *f,
	     struct buffer *text)
{
	const struct scan_store *s = store_of(scan, f);
	const char *const java[] = { "keytool", "-delete", "-keystore",
				     f->path, "-storepass", "changeit",
				     "-alias", f->name, NULL };
	const char *const links[] = { "distrust", "filter", "--in-place",
				      s->path, NULL };
	int rv = 0;

	if (s->is_made)
		return add(text, s->maker);
	switch (s->kind) {
	case SCAN_NSS: rv = command_for_nss(f, text); break;
	case SCAN_JAVA: rv = add_line(text, java); break;
	case SCAN_LINKS: rv = add_line(text, links); break;
	case SCAN_FILES: rv = command_for_file(scan, f, text); break;
	}
	if (rv == 0 && s->maker != NULL)
		rv = add(text, " && ") | add(text, s->maker);
	return rv;
}

/* ---- Copies -------------------------------------------------------------- */

/* A file's copy stands below the folder under its whole path. */
static int
keep(const char *path, const char *backup, struct fault *fault)
{
	struct buffer content = { 0 };
	char to[PATHS_MAX];
	bool is_there;
	char *slash;
	int rv = -1;

	if (snprintf(to, sizeof(to), "%s%s", backup, path) >= PATHS_MAX)
		return fault_at(fault, path, 0, "too long; a shorter path");
	slash = strrchr(to, '/');
	*slash = '\0';
	if (tree_peek(path, &content, &is_there, fault) == 0 &&
	    paths_make(to, fault) == 0)
		rv = !is_there ? 0 : system_put(to, slash + 1, (struct bytes){
			content.p, content.n }, fault);
	buffer_free(&content);
	return rv;
}

static int
keep_database(const char *folder, const char *backup, struct fault *fault)
{
	static const char *const names[] = { "cert9.db", "key4.db" };
	char path[PATHS_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!paths_join(path, folder, names[i]) ||
		    keep(path, backup, fault) != 0)
			return -1;
	}
	return 0;
}

/* ---- Removing ------------------------------------------------------------ */

static int
run(const char *const *argv, struct fault *fault)
{
	struct program program = { .argv = argv };
	int rv = program_run(&program, fault);

	if (rv == 0 && program.status != 0)
		rv = fault_at(fault, argv[0], 0, "%s; exit status 0",
			      program_words(&program));
	buffer_free(&program.said);
	return rv;
}

static int
remove_from_file(const struct scan *scan, const char *path,
		 struct fault *fault)
{
	struct buffer rest = { 0 };
	int rv = filtered(scan, path, &rest, fault);

	if (rv == 0 && holds_more(&rest))
		rv = filter_replace(path, &rest, fault);
	else if (rv == 0 && unlink(path) != 0)
		rv = fault_errno(fault, path, "a file to remove");
	buffer_free(&rest);
	return rv;
}

static int
remove_from_java(const struct scan_finding *f, struct fault *fault)
{
	char keytool[PATHS_MAX];
	const char *const argv[] = { keytool, "-delete", "-noprompt",
				     "-keystore", f->path, "-storepass",
				     "changeit", "-alias", f->name, NULL };

	if (!paths_program(keytool, "keytool"))
		return fault_at(fault, f->path, 0, "needs keytool; a Java on "
				"this machine");
	return run(argv, fault);
}

static int
remove_from_links(const struct scan_store *s, struct fault *fault)
{
	const char *const argv[] = { "/proc/self/exe", "filter", "--quiet",
				     "--in-place", s->path, NULL };
	struct program program = { .argv = argv };
	int rv = program_run(&program, fault);

	/* 1: something was taken out. */
	if (rv == 0 && program.status > 1)
		rv = fault_at(fault, s->path, 0, "%s; exit status 1",
			      program_words(&program));
	buffer_free(&program.said);
	return rv;
}

int
scan_remove(struct scan *scan, const struct scan_finding *f,
	    const char *backup, struct fault *fault)
{
	const struct scan_store *s = store_of(scan, f);

	if (s->is_made)
		return 0;
	if (s->kind == SCAN_NSS)
		return keep_database(f->path, backup, fault) == 0 ?
			nss_delete(f->path, f->sha256, fault) : -1;
	if (!paths_is_there(f->path))
		return 0;	/* gone with another one */
	if (keep(f->path, backup, fault) != 0)
		return -1;
	switch (s->kind) {
	case SCAN_JAVA: return remove_from_java(f, fault);
	case SCAN_LINKS: return remove_from_links(s, fault);
	default: return remove_from_file(scan, f->path, fault);
	}
}

int
scan_make_anew(const char *maker, struct fault *fault)
{
	const char *const argv[] = { maker, NULL };

	return run(argv, fault);
}
