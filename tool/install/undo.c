/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A record is one file: a head of fixed size, the path, a NUL, and the
 * original's octets.  One that does not read so is as good as none: then
 * taking back removes what is ours and restores nothing.
 */

#include "install/undo.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/output.h"
#include "base/tree.h"
#include "compile/x509.h"

enum { UNDO_PATH = 1024, UNDO_FOLDERS = 16 };

#define MAGIC "p11undo1"

struct head {
	char magic[8];
	uint32_t was_there;
	uint32_t mode;
	uint32_t folders;
	uint8_t written[CATALOG_SHA256];
};

/* The record's own path.  A hash, since a path has characters and a length
 * that a name cannot have. */
static int
name_record(char record[static UNDO_PATH], const char *kept, const char *path,
	    struct fault *fault)
{
	struct bytes octets = { (const uint8_t *)path, strlen(path) };
	uint8_t digest[CATALOG_SHA256];
	size_t n = strlen(kept);

	if (n + 1 + 2 * sizeof(digest) >= UNDO_PATH)
		return fault_at(fault, kept, 0, "too long; a shorter path");
	if (x509_sha256(octets, digest) != 0)
		return fault_at(fault, path, 0, "no SHA-256; OpenSSL with it");
	snprintf(record, UNDO_PATH, "%s/", kept);
	n++;
	for (size_t i = 0; i < sizeof(digest); i++, n += 2)
		snprintf(record + n, 3, "%02x", digest[i]);
	return 0;
}

static void
parse(struct undo *u, const char *path)
{
	const size_t named = strlen(path) + 1;
	const char *octets = u->original.p;
	struct head head;
	size_t skip = sizeof(head) + named;

	if (u->original.n < skip)
		return;
	memcpy(&head, octets, sizeof(head));
	if (memcmp(head.magic, MAGIC, sizeof(head.magic)) != 0 ||
	    memcmp(octets + sizeof(head), path, named) != 0)
		return;
	u->is_there = true;
	u->was_there = head.was_there != 0;
	u->mode = head.mode & 07777;
	u->folders = head.folders < UNDO_FOLDERS ? head.folders : 0;
	memcpy(u->written, head.written, sizeof(u->written));
	u->original.n -= skip;
	memmove(u->original.p, octets + skip, u->original.n);
}

int
undo_find(struct undo *u, const char *kept, const char *path,
	  struct fault *fault)
{
	struct tree tree = { .fault = fault };
	enum tree_kind kind;
	char record[UNDO_PATH];
	int rv = -1;

	*u = (struct undo){ 0 };
	if (name_record(record, kept, path, fault) == 0 &&
	    tree_kind(&tree, record, &kind) == 0)
		rv = kind == TREE_ABSENT ? 0 :
			tree_read(&tree, record, &u->original);
	tree_free(&tree);
	if (rv == 0)
		parse(u, path);
	return rv;
}

/* Each folder of a path that is missing, for the owner alone. */
static int
make_folders(const char *path, struct fault *fault)
{
	char folder[UNDO_PATH];
	size_t n = strlen(path);

	if (n >= sizeof(folder))
		return fault_at(fault, path, 0, "too long; a shorter path");
	memcpy(folder, path, n + 1);
	for (char *p = folder + 1;; p++) {
		char end = *p;

		if (end != '/' && end != '\0')
			continue;
		*p = '\0';
		if (mkdir(folder, 0700) != 0 && errno != EEXIST)
			return fault_errno(fault, folder, "a folder");
		if (end == '\0')
			return 0;
		*p = end;
	}
}

int
undo_keep(const struct undo *u, const char *kept, const char *path,
	  struct fault *fault)
{
	struct head head = { .was_there = u->was_there, .mode = u->mode,
			     .folders = u->folders };
	struct output output;
	char record[UNDO_PATH];

	memcpy(head.magic, MAGIC, sizeof(head.magic));
	memcpy(head.written, u->written, sizeof(head.written));
	if (name_record(record, kept, path, fault) != 0 ||
	    make_folders(kept, fault) != 0 ||
	    output_begin(&output, record, fault) != 0)
		return -1;
	fwrite(&head, sizeof(head), 1, output.file);
	fwrite(path, strlen(path) + 1, 1, output.file);
	if (u->original.n > 0)
		fwrite(u->original.p, u->original.n, 1, output.file);
	return output_commit(&output, fault);
}

void
undo_end(const char *kept)
{
	char folder[UNDO_PATH];
	char *end;

	if ((rmdir(kept) != 0 && errno != ENOENT) ||
	    strlen(kept) >= sizeof(folder))
		return;
	memcpy(folder, kept, strlen(kept) + 1);
	end = strrchr(folder, '/');
	if (end != NULL && end > folder) {
		*end = '\0';
		rmdir(folder);
	}
}

int
undo_forget(const char *kept, const char *path, struct fault *fault)
{
	char record[UNDO_PATH];

	if (name_record(record, kept, path, fault) != 0)
		return -1;
	if (unlink(record) != 0 && errno != ENOENT && errno != ENOTDIR)
		return fault_errno(fault, record, "a file to remove");
	undo_end(kept);
	return 0;
}

/* A file that we removed has all zeros for a hash. */
static int
hash(struct bytes content, uint8_t digest[CATALOG_SHA256])
{
	memset(digest, 0, CATALOG_SHA256);
	return content.p == NULL ? 0 : x509_sha256(content, digest);
}

bool
undo_is_ours(const struct undo *u, struct bytes content)
{
	uint8_t digest[CATALOG_SHA256];

	return u->is_there && hash(content, digest) == 0 &&
	       memcmp(digest, u->written, sizeof(digest)) == 0;
}

int
undo_written(struct undo *u, struct bytes content, struct fault *fault)
{
	if (hash(content, u->written) != 0)
		return fault_at(fault, "undo", 0, "no SHA-256; OpenSSL with it");
	return 0;
}

void
undo_free(struct undo *u)
{
	buffer_free(&u->original);
}
