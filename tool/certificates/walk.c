/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Folders, files, forms.  What cannot be read stops nothing. */

#define _XOPEN_SOURCE 700	/* realpath() */

#include "certificates/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/paths.h"
#include "base/tree.h"
#include "certificates/bundle.h"
#include "certificates/keystore.h"

enum {
	DEPTH = 4,			/* folders below folders */
	LARGEST = 64 * 1024 * 1024,	/* no store is larger */
};

static int
trouble(const struct walk *w, const struct fault *fault)
{
	return w->trouble == NULL ? 0 : w->trouble(w->arg, fault);
}

/* ---- Forms ------------------------------------------------------------- */

/* Where a word begins, or the end. */
static size_t
find(struct bytes content, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= content.n; i++) {
		if (memcmp(content.p + i, word, n) == 0)
			return i;
	}
	return content.n;
}

static int
walk_bundle(const struct walk *w, const char *path, struct bytes content)
{
	struct bundle bundle = { .rest = content, .line = 1 };
	struct bundle_piece piece;
	int more, rv = 0;

	while (rv == 0 && (more = bundle_next(&bundle, &piece)) != 0) {
		if (more < 0)
			rv = -1;
		else if (piece.kind == BUNDLE_CERTIFICATE ||
			 piece.kind == BUNDLE_TRUSTED)
			rv = w->certificate(w->arg, path, piece.der,
					    (struct bytes){ content.p, 0 });
	}
	bundle_free(&bundle);
	return rv;
}

/* A file of p11-kit's holds objects, each after this line.  To all others
 * their words of distrust are a comment. */
static int
walk_objects(const struct walk *w, const char *path, struct bytes content)
{
	static const char begins[] = "[p11-kit-object-v1]";
	static const char distrusted[] = "x-distrusted: true";
	size_t line = strlen(begins);
	size_t n = w->is_p11kits ? find(content, begins) : content.n;
	int rv = walk_bundle(w, path, (struct bytes){ content.p, n });

	while (rv == 0 && n < content.n) {
		struct bytes object;

		content.p += n + line;
		content.n -= n + line;
		n = find(content, begins);
		object = (struct bytes){ content.p, n };
		if (find(object, distrusted) == n)
			rv = walk_bundle(w, path, object);
	}
	return rv;
}

/* ---- Files ------------------------------------------------------------- */

struct seen {
	dev_t device;
	ino_t inode;
};

/* 1: a file was read already; 0: now it will be; -1: out of memory. */
static int
see(struct walk *w, const struct stat *st)
{
	const struct seen file = { st->st_dev, st->st_ino };
	const struct seen *known = w->seen.p;

	for (size_t i = 0; i < w->seen.n / sizeof(file); i++) {
		if (known[i].device == file.device &&
		    known[i].inode == file.inode)
			return 1;
	}
	return buffer_add(&w->seen, &file, sizeof(file));
}

/* How the octets of a file are read. */
typedef int walk_form(const struct walk *w, const char *path,
		      struct bytes content);

/* A keystore's aliases come without its path. */
struct keystore {
	const struct walk *walk;
	const char *path;
	int rv;			/* what the callback returned */
};

static int
take(void *arg, struct bytes der, struct bytes alias)
{
	struct keystore *k = arg;

	k->rv = k->walk->certificate(k->walk->arg, k->path, der, alias);
	return k->rv;
}

static int
walk_entries(const struct walk *w, const char *path, struct bytes content)
{
	struct keystore k = { w, path, 0 };
	struct fault unread = { "" };

	if (keystore_read(path, content, take, &k, &unread) == 0)
		return 0;
	if (k.rv != 0)
		return k.rv;
	return unread.text[0] == '\0' ? -1 : trouble(w, &unread);
}

static int
walk_content(const struct walk *w, const char *path, walk_form *form)
{
	struct fault unread = { "" };
	struct tree tree = { .fault = &unread };
	struct buffer content = { 0 };
	int rv;

	if (tree_read(&tree, path, &content) != 0)
		rv = trouble(w, &unread);
	else
		rv = form(w, path, (struct bytes){ content.p, content.n });
	buffer_free(&content);
	tree_free(&tree);
	return rv;
}

/* The file itself is what is told of, not a link to it. */
static int
walk_file(struct walk *w, const char *path, const struct stat *st,
	  walk_form *form)
{
	struct fault unread = { "" };
	char *real;
	int rv = st->st_size == 0 ? 1 : see(w, st);

	if (rv != 0)
		return rv < 0 ? -1 : 0;
	real = realpath(path, NULL);
	if (real != NULL && strlen(real) < PATHS_MAX)
		path = real;
	if (st->st_size > LARGEST) {
		fault_at(&unread, path, 0, "too large for a store; 64 MiB "
			 "at most");
		rv = trouble(w, &unread);
	} else {
		rv = walk_content(w, path, form);
	}
	free(real);
	return rv;
}

/* ---- Folders ----------------------------------------------------------- */

/* What is distrusted already, perhaps by us. */
static bool
is_blocklist(const char *name)
{
	return strcmp(name, "blocklist") == 0 ||
	       strcmp(name, "blacklist") == 0;
}

/* NOLINTBEGIN(misc-no-recursion): no deeper than DEPTH. */
static int walk_below(struct walk *w, const char *path, unsigned depth,
		      walk_form *form);

static int
walk_folder(struct walk *w, const char *path, unsigned depth, walk_form *form)
{
	struct fault unread = { "" };
	struct tree tree = { .fault = &unread };
	struct tree_names names = { .text = { 0 } };
	char below[PATHS_MAX];
	int rv = 0;

	if (tree_list(&tree, path, &names) != 0) {
		rv = trouble(w, &unread);
	} else {
		for (size_t i = 0; rv == 0 && i < tree_count(&names); i++) {
			const char *name = tree_at(&names, i)->name;

			if (!is_blocklist(name) &&
			    paths_join(below, path, name))
				rv = walk_below(w, below, depth + 1, form);
		}
		tree_names_free(&names);
	}
	tree_free(&tree);
	return rv;
}

/* No deeper than DEPTH, whatever links there are; a FIFO or a device is no
 * store.  A link that leads nowhere holds nothing. */
static int
walk_below(struct walk *w, const char *path, unsigned depth, walk_form *form)
{
	struct fault unread = { "" };
	struct stat st;

	if (depth > DEPTH)
		return 0;
	if (stat(path, &st) != 0) {
		if (errno == ENOENT || errno == ELOOP)
			return 0;
		fault_errno(&unread, path, "a store");
		return trouble(w, &unread);
	}
	if (S_ISDIR(st.st_mode))
		return walk_folder(w, path, depth, form);
	return S_ISREG(st.st_mode) ? walk_file(w, path, &st, form) : 0;
}
/* NOLINTEND(misc-no-recursion) */

int
walk_files(struct walk *w, const char *path)
{
	return walk_below(w, path, 0, walk_objects);
}

int
walk_keystore(struct walk *w, const char *path)
{
	return walk_below(w, path, 0, walk_entries);
}

void
walk_free(struct walk *w)
{
	buffer_free(&w->seen);
}
