/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Many jobs at once, their words in the order in which they were asked for,
 * and a bar that tells how far it is.  It knows threads and a terminal; it
 * must not know what a job is.
 */

#ifndef JOBS_H
#define JOBS_H

#include <stddef.h>
#include <stdio.h>

/* Do job i, saying what is to be said on the two streams; its exit status. */
typedef int jobs_work(void *arg, size_t i, FILE *out, FILE *err);

/* Do jobs 0 to count - 1, at most so many at a time.  The highest status; -1
 * where memory ran out, so that a job was not done or not told in full. */
int jobs_do(jobs_work *job, void *arg, size_t count, unsigned at_once);

#endif
