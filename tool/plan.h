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

#include "buffer.h"
#include "catalog.h"
#include "fault.h"

enum plan_purpose {
	PLAN_INSTALL,	/* keep what was there */
	PLAN_UNINSTALL,	/* put back what was kept */
};

enum plan_kind { PLAN_WRITE, PLAN_REMOVE, PLAN_RUN, PLAN_NOTE };

struct plan {
	enum plan_purpose purpose;
	const char *state;	/* folder of what is kept; not owned */
	struct buffer steps;	/* struct plan_step */
	struct buffer text;	/* octets that the steps point into */
};

struct plan_step {
	enum plan_kind kind;
	const char *what;	/* for a person: "load the module" */
	const char *path;	/* file, program, or NULL */
	struct bytes content;	/* of the file; or argv, each with its NUL */
};

/* ---- For targets: each returns 0, or -1 with a fault ------------------- */

/*
 * Write a file, in the end.  Nothing is planned where it is as it shall be.
 * Its folders are made; its mode and owner stay as they are.
 *
 * In PLAN_UNINSTALL `content` is what is there, less all that is ours.
 * Where the file still is as we left it, what was kept is put back instead.
 */
int plan_write(struct plan *p, const char *path, struct bytes content,
	       const char *what, struct fault *fault);

/* Remove a file, if it is there; in PLAN_UNINSTALL put back what was kept. */
int plan_remove(struct plan *p, const char *path, const char *what,
		struct fault *fault);

/* Run a program, its path absolute, once all before it is done. */
int plan_run(struct plan *p, const char *const argv[], const char *what,
	     struct fault *fault);

/* Tell a person to do something besides: "Close Chromium and start it anew." */
int plan_note(struct plan *p, const char *text, struct fault *fault);

/* ---- For sub-commands ------------------------------------------------- */

size_t plan_count(const struct plan *p);
struct plan_step plan_at(const struct plan *p, size_t i);

/* Do all of it, in order; stops at the first that fails. */
int plan_do(const struct plan *p, struct fault *fault);

void plan_free(struct plan *p);

#endif
