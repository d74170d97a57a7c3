/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A tree of sources (certs/README.md) into records.  It knows the grammar
 * and refuses whatever that does not allow; it must not know the catalog's
 * layout, and reads nothing but the tree: no clock, no locale.
 */

#ifndef SOURCE_H
#define SOURCE_H

#include "base/tree.h"
#include "compile/records.h"

enum source_kind {
	SOURCE_LIST,	/* certs/: list.ini with version and date */
	SOURCE_LOCAL,	/* an administrator's or user's: list.ini is optional,
			 * and may hold [policy] */
};

/* Read all of a tree into empty records.  0, or -1 with a fault.  The tree's
 * paths are then what the result depends on. */
int source_read(const char *path, enum source_kind kind, struct tree *tree,
		struct records *records, struct fault *fault);

#endif
