/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What NSS asks of a module, about real authorities.  A task is one kind of
 * question asked n times; what it costs is for others to measure.  It must
 * not know any module but by its functions.
 */

#ifndef QUESTIONS_H
#define QUESTIONS_H

#include <stdbool.h>

#include "modules.h"

enum task {
	TASK_MISS,	/* trust of a certificate that nobody lists */
	TASK_MISS_ROOT,	/* the trust of the bundle's authorities, if not there */
	TASK_UNSERVED,	/* a class that no such module has: a CRL */
	TASK_HIT,	/* trust that is listed, and the 7 attributes read of it */
	TASK_HIT_NAME,	/* the same, for a re-issued root of a listed name */
	TASK_HIT_NSS,	/* a hit, with the two reads that NSS does before */
	TASK_SESSION,	/* open and close */
	TASK_ENUMERATE,	/* all objects; counted by object */
	TASKS
};

extern const char *const task_names[TASKS];

/* Read the PEM files (bundles or single certificates; "--" parts those whose
 * owners browsers trust from those that we distrust). */
void questions_read(char *const paths[], int count);

/* One miss and one listed certificate, whatever comes of them: what a process
 * asks first. */
void question_first(const struct module *m);

/* Choose what the module is asked, and see that it answers as it should. */
struct asked;
struct asked *questions_for(const struct module *m);

/* How many times, or for how many objects, one turn of a task counts; 0 where
 * the module has no answer, so that there is nothing to measure. */
unsigned task_weight(struct asked *asked, enum task task);

/* Whether a task is among "NAME,NAME..." or "all". */
bool task_is_among(enum task task, const char *names);

/* Do it n times, in a session of one's own. */
void task_run(const struct asked *asked, enum task task,
	      CK_SESSION_HANDLE session, unsigned n);

/* All that the caller does of it, once, without asking the module; each time
 * it is the next question, which a task_run of one turn then asks. */
void task_rehearse(struct asked *asked, enum task task);

#endif
