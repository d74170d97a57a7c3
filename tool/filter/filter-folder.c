/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Folders as `openssl rehash` makes them: certificates, and links HHHHHHHH.N
 * to them, where H is a hash of the subject.  OpenSSL opens N = 0, 1, ... and
 * stops at the first that is missing, so that a gap would hide authorities
 * that nobody distrusts.
 */

#define _XOPEN_SOURCE 700	/* realpath() */

#include "filter/filter.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/output.h"
#include "base/tree.h"

enum { HASH_DIGITS = 8, PATH = 4096 };

struct entry {
	const char *name;
	unsigned long number;	/* N; of a link */
	bool is_link;		/* named by hash */
	bool goes;
};

static int
join(char path[static PATH], const char *folder, const char *name,
     struct fault *fault)
{
	int n = snprintf(path, PATH, "%s/%s", folder, name);

	if (n < 0 || n >= PATH)
		return fault_at(fault, folder, 0, "too long; a shorter path");
	return 0;
}

/* HHHHHHHH.N; those of revocation lists, HHHHHHHH.rN, are no concern. */
static bool
is_hash_link(const char *name, unsigned long *number)
{
	char *end;

	if (strspn(name, "0123456789abcdef") != HASH_DIGITS ||
	    name[HASH_DIGITS] != '.')
		return false;
	name += HASH_DIGITS + 1;
	if (strspn(name, "0123456789") != strlen(name) || *name == '\0')
		return false;
	*number = strtoul(name, &end, 10);
	return *number < ULONG_MAX;
}

/* ---- Looking ---------------------------------------------------------- */

/* What becomes of a file.  Rewrites it where it also holds what stays. */
static int
look_at_file(struct filter *f, const char *path, struct entry *e)
{
	struct tree tree = { .fault = f->fault };
	struct buffer in = { 0 }, out = { 0 };
	struct filter_count count = { 0, 0 };
	int rv = tree_read(&tree, path, &in);

	if (rv == 0)
		rv = filter_octets(f, e->is_link ? NULL : path,
				   (struct bytes){ in.p, in.n }, &out, &count);
	e->goes = rv == 0 && count.taken > 0 &&
		  (count.left == 0 || e->is_link);
	if (rv == 0 && count.taken > 0 && !e->goes)
		rv = filter_replace(path, &out, f->fault);
	buffer_free(&in);
	buffer_free(&out);
	tree_free(&tree);
	return rv;
}

/* Other folders, what links lead to nowhere, and what nobody may read stay
 * as they are: nobody finds a certificate there. */
static int
look_at(struct filter *f, const char *folder, struct entry *e)
{
	char path[PATH];
	struct stat st;

	if (join(path, folder, e->name, f->fault) != 0)
		return -1;
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
	    access(path, R_OK) != 0)
		return 0;
	return look_at_file(f, path, e);
}

/* ---- Taking out ------------------------------------------------------- */

static int
take(struct filter *f, const char *folder, const char *name)
{
	char path[PATH];

	if (join(path, folder, name, f->fault) != 0)
		return -1;
	return unlink(path) == 0 ? 0 :
		fault_errno(f->fault, path, "a file that can be removed");
}

/* The last link of a hash moves to where one goes, over it. */
static int
move(struct filter *f, const char *folder, const char *from, const char *to)
{
	char source[PATH], target[PATH];

	if (join(source, folder, from, f->fault) != 0 ||
	    join(target, folder, to, f->fault) != 0)
		return -1;
	return rename(source, target) == 0 ? 0 :
		fault_errno(f->fault, target, "a file that can be replaced");
}

/* The links of one hash, in order of their numbers. */
static int
take_links(struct filter *f, const char *folder, struct entry *link,
	   size_t count)
{
	for (size_t i = 0; i < count; i++) {
		while (count > i && link[count - 1].goes) {
			if (take(f, folder, link[--count].name) != 0)
				return -1;
		}
		if (i < count && link[i].goes &&
		    move(f, folder, link[--count].name, link[i].name) != 0)
			return -1;
	}
	return 0;
}

static bool
is_same_hash(const struct entry *a, const struct entry *b)
{
	return memcmp(a->name, b->name, HASH_DIGITS) == 0;
}

/* Links first, each hash on its own; then what they lead to. */
static int
take_all(struct filter *f, const char *folder, struct entry *entry,
	 size_t count)
{
	for (size_t i = 0, n; i < count && entry[i].is_link; i += n) {
		for (n = 1; i + n < count && entry[i + n].is_link &&
			    is_same_hash(&entry[i], &entry[i + n]); n++)
			;
		if (take_links(f, folder, entry + i, n) != 0)
			return -1;
	}
	for (size_t i = 0; i < count; i++) {
		if (entry[i].is_link || !entry[i].goes)
			continue;
		if (take(f, folder, entry[i].name) != 0)
			return -1;
		printf("%s\n", entry[i].name);
	}
	return 0;
}

/* ---- The folder ------------------------------------------------------- */

/* Links before all else, by hash and number. */
static int
compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order;

	if (x->is_link != y->is_link)
		return x->is_link ? -1 : 1;
	if (!x->is_link)
		return strcmp(x->name, y->name);
	order = memcmp(x->name, y->name, HASH_DIGITS);
	if (order == 0)
		order = (x->number > y->number) - (x->number < y->number);
	return order;
}

static struct entry *
entries_of(const struct tree_names *names, struct fault *fault)
{
	size_t count = tree_count(names);
	struct entry *entry = calloc(count + 1, sizeof(*entry));

	if (entry == NULL) {
		fault_memory(fault);
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		entry[i].name = tree_at(names, i)->name;
		entry[i].is_link = is_hash_link(entry[i].name,
						&entry[i].number);
	}
	qsort(entry, count, sizeof(*entry), compare);
	return entry;
}

int
filter_folder(struct filter *f, const char *path)
{
	struct tree tree = { .fault = f->fault };
	struct tree_names names;
	struct entry *entry;
	int rv = 0;

	if (tree_list(&tree, path, &names) != 0)
		return -1;
	entry = entries_of(&names, f->fault);
	if (entry == NULL)
		rv = -1;
	for (size_t i = 0; rv == 0 && i < tree_count(&names); i++)
		rv = look_at(f, path, &entry[i]);
	if (rv == 0)
		rv = take_all(f, path, entry, tree_count(&names));
	free(entry);
	tree_names_free(&names);
	tree_free(&tree);
	return rv;
}

/* ---- A copy of it ----------------------------------------------------- */

/* A link to a file of the same folder stays one; any other is made to lead
 * to where it led. */
static int
copy_link(const char *from, const char *to, struct fault *fault)
{
	char target[PATH], *real = NULL;
	ssize_t n = readlink(from, target, sizeof(target) - 1);
	int rv;

	if (n < 0)
		return fault_errno(fault, from, "a link");
	target[n] = '\0';
	if (strchr(target, '/') != NULL)
		real = realpath(from, NULL);
	rv = symlink(real != NULL ? real : target, to);
	free(real);
	return rv == 0 ? 0 : fault_errno(fault, to, "a new link");
}

static int
copy_file(const char *from, const char *to, struct fault *fault)
{
	struct tree tree = { .fault = fault };
	struct buffer content = { 0 };
	struct output output;
	int rv = tree_read(&tree, from, &content);

	if (rv == 0)
		rv = output_begin(&output, to, fault);
	if (rv == 0) {
		fwrite(content.p, 1, content.n, output.file);
		rv = output_commit(&output, fault);
	}
	buffer_free(&content);
	tree_free(&tree);
	return rv;
}

static int
copy(const char *from, const char *to, const char *name, struct fault *fault)
{
	char source[PATH], target[PATH];
	struct stat st;

	if (join(source, from, name, fault) != 0 ||
	    join(target, to, name, fault) != 0)
		return -1;
	if (lstat(source, &st) != 0)
		return fault_errno(fault, source, "a file");
	if (S_ISLNK(st.st_mode))
		return copy_link(source, target, fault);
	return S_ISREG(st.st_mode) ? copy_file(source, target, fault) : 0;
}

int
filter_copy_folder(const char *from, const char *to, struct fault *fault)
{
	struct tree tree = { .fault = fault };
	struct tree_names names;
	int rv = 0;

	if (tree_list(&tree, from, &names) != 0)
		return -1;
	if (mkdir(to, 0777) != 0)
		rv = fault_errno(fault, to, "a new folder");
	for (size_t i = 0; rv == 0 && i < tree_count(&names); i++)
		rv = copy(from, to, tree_at(&names, i)->name, fault);
	tree_names_free(&names);
	tree_free(&tree);
	return rv;
}
