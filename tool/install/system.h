/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What the targets of the whole machine share: files that are entirely ours,
 * lines that stand between marks in a file of somebody else's, and private
 * folders with a throwaway chain in them.  It knows no target.
 */

#ifndef SYSTEM_H
#define SYSTEM_H

#include "base/paths.h"
#include "install/plan.h"
#include "install/probe.h"

/* Functions return 0, or -1 with a fault, unless they say otherwise. */

/* Whether a file says exactly this. */
bool system_says(const char *path, struct bytes content);

/*
 * Plan a file that is ours as a whole.  One that is there already as it shall
 * be, perhaps from a package, is left to whoever put it there: taking back
 * removes only what was done here.
 */
int system_plan_file(struct plan *plan, const char *path,
		     struct bytes content, const char *what,
		     struct fault *fault);

/* Append a text of lines, but with `line` (NULL: without any) for each that
 * begins so (NULL: none does). */
int system_replace_line(const char *text, const char *begins,
			const char *line, struct buffer *out,
			struct fault *fault);

/* The file of this very program; false where it cannot be known or would
 * need quotes in a shell. */
bool system_self(char out[static PATHS_MAX]);

/* The first of some paths that is there, or NULL. */
const char *system_first(const char *const *paths);

/* ---- Private folders -------------------------------------------------- */

/* A folder for the caller alone, with a chain of each kind in PEM and DER:
 * distrusted-root.pem, distrusted-site.der, healthy-...  */
int system_make_probe(char folder[static PATHS_MAX], struct probe *probe,
		      struct fault *fault);

/* Write a file in a folder. */
int system_put(const char *folder, const char *name, struct bytes content,
	       struct fault *fault);

/* Remove a folder and all below it, following no link. */
void system_remove(const char *folder);

#endif
