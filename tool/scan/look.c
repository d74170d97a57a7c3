/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Looking into a store.  Whatever cannot be read is a trouble that is told,
 * and the rest is read all the same.  It knows forms of stores; it must not
 * know where they are.
 */

#define _XOPEN_SOURCE 700	/* realpath() */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/tree.h"
#include "certificates/bundle.h"
#include "certificates/keystore.h"
#include "compile/x509.h"
#include "install/nss-list.h"
#include "scan/scan.h"

enum {
	DEPTH = 4,			/* folders below folders */
	LARGEST = 64 * 1024 * 1024,	/* no store is larger */
};

/* Where certificates are being found. */
struct look {
	struct scan *scan;
	size_t store;
	const char *path;
};

static int
trouble(struct scan *scan, const struct fault *fault)
{
	scan->troubles++;
	scan->troubled(scan, fault->text);
	return 0;
}

/* ---- Keeping ----------------------------------------------------------- */

static bool
is_known(const struct look *l, const uint8_t sha256[CATALOG_SHA256])
{
	for (size_t i = scan_count(l->scan); i-- > 0;) {
		const struct scan_finding *f = scan_at(l->scan, i);

		if (f->store == l->store && strcmp(f->path, l->path) == 0 &&
		    memcmp(f->sha256, sha256, CATALOG_SHA256) == 0)
			return true;
	}
	return false;
}

static int
consider(void *arg, struct bytes der, struct bytes name)
{
	const struct look *l = arg;
	struct scan_finding f = { .store = l->store };

	if (!judge_is_distrusted(&l->scan->judge, der, &f.why) ||
	    x509_sha256(der, f.sha256) != 0 || is_known(l, f.sha256))
		return 0;
	snprintf(f.path, sizeof(f.path), "%s", l->path);
	snprintf(f.name, sizeof(f.name), "%.*s", (int)name.n,
		 (const char *)name.p);
	if (buffer_add(&f.der, der.p, der.n) == 0 &&
	    buffer_add(&l->scan->findings, &f, sizeof(f)) == 0)
		return 0;
	buffer_free(&f.der);
	return -1;
}

size_t
scan_count(const struct scan *scan)
{
	return scan->findings.n / sizeof(struct scan_finding);
}

const struct scan_finding *
scan_at(const struct scan *scan, size_t i)
{
	return (const struct scan_finding *)scan->findings.p + i;
}

void
scan_free(struct scan *scan)
{
	struct scan_finding *f = scan->findings.p;

	for (size_t i = 0; i < scan_count(scan); i++)
		buffer_free(&f[i].der);
	buffer_free(&scan->findings);
	buffer_free(&scan->stores);
	buffer_free(&scan->seen);
}

/* ---- Files ------------------------------------------------------------- */

struct seen {
	dev_t device;
	ino_t inode;
};

/* 1: a file was read already; 0: now it will be; -1: out of memory. */
static int
see(struct scan *scan, const struct stat *st)
{
	const struct seen file = { st->st_dev, st->st_ino };
	const struct seen *known = scan->seen.p;

	for (size_t i = 0; i < scan->seen.n / sizeof(file); i++) {
		if (known[i].device == file.device &&
		    known[i].inode == file.inode)
			return 1;
	}
	return buffer_add(&scan->seen, &file, sizeof(file));
}

/* p11-kit's own word that what stands in a file is distrusted. */
static bool
says_distrusted(struct bytes content)
{
	static const char word[] = "x-distrusted: true";
	size_t n = sizeof(word) - 1;

	for (size_t i = 0; i + n <= content.n; i++) {
		if (memcmp(content.p + i, word, n) == 0)
			return true;
	}
	return false;
}

static int
look_at_bundle(struct look *l, struct bytes content)
{
	static const uint8_t nobody[1];
	struct bundle bundle = { .rest = content, .line = 1 };
	struct bundle_piece piece;
	int more, rv = 0;

	while (rv == 0 && (more = bundle_next(&bundle, &piece)) != 0) {
		if (more < 0)
			rv = -1;
		else if (piece.kind == BUNDLE_CERTIFICATE ||
			 piece.kind == BUNDLE_TRUSTED)
			rv = consider(l, piece.der,
				      (struct bytes){ nobody, 0 });
	}
	bundle_free(&bundle);
	return rv;
}

static int
look_at_octets(struct look *l, struct bytes content, enum scan_kind kind)
{
	struct fault unread = { "" };

	if (kind != SCAN_JAVA)
		return says_distrusted(content) ? 0 :
			look_at_bundle(l, content);
	if (keystore_read(l->path, content, consider, l, &unread) == 0)
		return 0;
	return unread.text[0] == '\0' ? -1 : trouble(l->scan, &unread);
}

static int
look_at_file(struct look *l, const struct stat *st, enum scan_kind kind)
{
	struct fault unread = { "" };
	struct tree tree = { .fault = &unread };
	struct buffer content = { 0 };
	int rv;

	if (st->st_size > LARGEST) {
		fault_at(&unread, l->path, 0, "too large for a store; 64 MiB "
			 "at most");
		return trouble(l->scan, &unread);
	}
	if (tree_read(&tree, l->path, &content) != 0)
		rv = trouble(l->scan, &unread);
	else
		rv = look_at_octets(l, (struct bytes){ content.p, content.n },
				    kind);
	buffer_free(&content);
	tree_free(&tree);
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

static int look_below(struct look *l, unsigned depth, enum scan_kind kind);

static int
look_in_folder(struct look *l, unsigned depth, enum scan_kind kind)
{
	struct fault unread = { "" };
	struct tree tree = { .fault = &unread };
	struct tree_names names = { .text = { 0 } };
	char below[PATHS_MAX];
	struct look there = { l->scan, l->store, below };
	int rv = 0;

	if (tree_list(&tree, l->path, &names) != 0) {
		rv = trouble(l->scan, &unread);
	} else {
		for (size_t i = 0; rv == 0 && i < tree_count(&names); i++) {
			const char *name = tree_at(&names, i)->name;

			if (!is_blocklist(name) &&
			    paths_join(below, l->path, name))
				rv = look_below(&there, depth + 1, kind);
		}
		tree_names_free(&names);
	}
	tree_free(&tree);
	return rv;
}

/* No deeper than DEPTH, whatever links there are; a FIFO or a device is no
 * store.  A link that leads nowhere holds nothing. */
static int
look_below(struct look *l, unsigned depth, enum scan_kind kind)
{
	struct fault unread = { "" };
	struct stat st;
	struct look file = *l;
	char *real;
	int rv = 0;

	if (depth > DEPTH)
		return 0;
	if (stat(l->path, &st) != 0) {
		if (errno == ENOENT || errno == ELOOP)
			return 0;
		fault_errno(&unread, l->path, "a store");
		return trouble(l->scan, &unread);
	}
	if (S_ISDIR(st.st_mode))
		return look_in_folder(l, depth, kind);
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return 0;
	rv = see(l->scan, &st);
	if (rv != 0)
		return rv < 0 ? -1 : 0;
	/* The file itself is what has to go, not a link to it. */
	real = realpath(l->path, NULL);
	if (real != NULL && strlen(real) < PATHS_MAX)
		file.path = real;
	rv = look_at_file(&file, &st, kind);
	free(real);
	return rv;
}

/* ---- NSS ---------------------------------------------------------------- */

static int
look_at_nss(struct look *l)
{
	struct fault unread = { "" };

	if (nss_list(l->path, consider, l, &unread) == 0)
		return 0;
	return unread.text[0] == '\0' ? -1 : trouble(l->scan, &unread);
}

int
scan_look(struct scan *scan, size_t store)
{
	const struct scan_store *s = scan_store_at(scan, store);
	struct look look = { scan, store, s->path };

	return s->kind == SCAN_NSS ? look_at_nss(&look) :
				     look_below(&look, 0, s->kind);
}
