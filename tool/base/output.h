/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Files that are there whole or not at all: written beside their place under
 * another name, then renamed.  It knows files, not what stands in them.
 */

#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/fault.h"

struct output {
	FILE *file;		/* write here */
	const char *path;	/* not owned */
	char *temporary;
	bool has_mode;		/* the caller has set it; or that of new files */
};

/* Also removes what a run that was killed has left of the same file.  0, or -1
 * with a fault and nothing to undo. */
int output_begin(struct output *o, const char *path, struct fault *fault);

/* Put the file in its place.  0, or -1 with a fault and the old file, if
 * any, as it was. */
int output_commit(struct output *o, struct fault *fault);

/* Remove what such runs have left of a file.  It is no fault if that cannot
 * be done. */
void output_remove_left(const char *path);

/* Whether a file has such a name: what a run that was killed has left. */
bool output_is_temporary(const char *name);

/* Leave no trace. */
void output_abandon(struct output *o);

#endif
