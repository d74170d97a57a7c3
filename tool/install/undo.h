/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What files were before we changed them: a record a file, kept in a folder
 * of our own under the hash of the file's path.  It knows nothing of what
 * stands in the files, nor when they are changed.
 */

#ifndef UNDO_H
#define UNDO_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "catalog.h"

struct undo {
	bool is_there;		/* there is a record */
	bool was_there;		/* the file was there before us */
	unsigned mode;		/* its permissions, if it was */
	unsigned folders;	/* how many above it we made */
	uint8_t written[CATALOG_SHA256];	/* of what we wrote */
	struct buffer original;
};

/* Functions return 0, or -1 with a fault. */

/* The record of a file, all zero if there is none.  Whoever asks frees it. */
int undo_find(struct undo *u, const char *kept, const char *path,
	      struct fault *fault);

/* Keep it, on the disk when this returns. */
int undo_keep(const struct undo *u, const char *kept, const char *path,
	      struct fault *fault);

int undo_forget(const char *kept, const char *path, struct fault *fault);

/* Remove the folder where it is empty, and the one above, which may be ours
 * alone: a run that was killed may have left either. */
void undo_end(const char *kept);

/* Whether a file that says this (p NULL: that is not there) is as we left
 * it. */
bool undo_is_ours(const struct undo *u, struct bytes content);

/* Note in a record what we are about to write, p NULL: to remove. */
int undo_written(struct undo *u, struct bytes content, struct fault *fault);

void undo_free(struct undo *u);

#endif
