/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What is to be changed, before any of it is: files to write or to remove,
 * programs to run, and what a person has to know.  A target makes a plan; a
 * sub-command shows it (--dry-run) or does it.
 *
 * Doing keeps for each file what was there before (undo.h), so that taking
 * it back restores it octet for octet where nobody else changed it since.
 * Each file is replaced as a whole: whoever is stopped half-way leaves the
 * old one or the new one.  It knows files, not what stands in them.
 */

#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "catalog.h"
#include "install/undo.h"

enum plan_purpose {
	PLAN_INSTALL,	/* keep what was there */
	PLAN_UNINSTALL,	/* put back what was kept */
};

enum plan_kind { PLAN_WRITE, PLAN_REMOVE, PLAN_RUN, PLAN_NOTE };

struct plan_step {
	enum plan_kind kind;
	char *what;		/* for a person: "load the module" */
	char *path;		/* file, program, or NULL */
	struct buffer content;	/* of the file; or argv, each with its NUL */
	struct undo undo;	/* of the file: to keep, or that was kept */
};

/* Whoever declares one sets the first two and frees it. */
struct plan {
	enum plan_purpose purpose;
	const char *kept;	/* folder of what is kept; not owned */
	struct buffer steps;	/* struct plan_step */
};

/* ---- For targets: each returns 0, or -1 with a fault ------------------- */

/*
 * Make a file say `content`; without any (p is NULL), remove it.  `bare` is
 * what it says now less all that is ours, p NULL where that is nothing: so
 * one call serves both purposes, and PLAN_UNINSTALL does not look at
 * `content`.  Nothing is planned where the file is as it shall be.  Links
 * are followed, missing folders made, mode and owner left as they are.
 *
 * Where the file still is as we left it, PLAN_UNINSTALL puts back what was
 * kept; where somebody changed it since, `bare`.
 */
int plan_write(struct plan *p, const char *path, struct bytes bare,
	       struct bytes content, const char *what, struct fault *fault);

/* Run a program, its path absolute, once all before it is done. */
int plan_run(struct plan *p, const char *const argv[], const char *what,
	     struct fault *fault);

/* Tell a person to do something besides: "Close Chromium and start it anew." */
int plan_note(struct plan *p, const char *text, struct fault *fault);

/* ---- For sub-commands ------------------------------------------------- */

size_t plan_count(const struct plan *p);
const struct plan_step *plan_at(const struct plan *p, size_t i);

/* Do all of it, in order; stops at the first that fails. */
int plan_do(const struct plan *p, struct fault *fault);

void plan_free(struct plan *p);

#endif
