/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Reading a tree of small files: folders in one order everywhere, files as a
 * whole, nothing that could block.  It remembers every path that it looked
 * at, for whoever must know when to read again.  It knows no content.
 */

#ifndef TREE_H
#define TREE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/fault.h"

struct tree {
	struct fault *fault;	/* where a failure is noted; not owned */
	struct buffer paths;	/* char: all paths, each ended by a NUL */
};

/* A folder's names, sorted by octets. */
struct tree_names {
	struct buffer text;	/* char */
	struct buffer sorted;	/* struct tree_name */
};

struct tree_name {
	const char *name;
	bool used;		/* for whoever ticks them off */
};

enum tree_kind { TREE_ABSENT, TREE_FILE, TREE_FOLDER, TREE_OTHER };

/* What stands at a path, links followed; a fault (-1) where that cannot be
 * known. */
int tree_kind(struct tree *t, const char *path, enum tree_kind *kind);

/* The names in a folder, without "." and "..".  0, or -1 with a fault. */
int tree_list(struct tree *t, const char *path, struct tree_names *names);
struct tree_name *tree_find(const struct tree_names *names, const char *name);
size_t tree_count(const struct tree_names *names);
struct tree_name *tree_at(const struct tree_names *names, size_t i);
void tree_names_free(struct tree_names *names);

/* Append a file's content.  0, or -1 with a fault. */
int tree_read(struct tree *t, const char *path, struct buffer *content);

void tree_free(struct tree *t);

/* What a single file says, appended; *is_there tells an empty one from
 * none.  0, or -1 with a fault. */
int tree_peek(const char *path, struct buffer *content, bool *is_there,
	      struct fault *fault);

#endif
