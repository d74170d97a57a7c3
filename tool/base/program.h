/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Asking a program of somebody else's: what it says, how it ends, and that it
 * ends at all.  It also runs a function where mounts are seen by nobody else,
 * so that a program can be asked about trust that the machine does not have.
 */

#ifndef PROGRAM_H
#define PROGRAM_H

#include "base/buffer.h"
#include "base/fault.h"

struct program {
	const char *const *argv;	/* the first is an absolute path */
	const char *folder;		/* where it runs, or NULL */
	struct buffer said;		/* on both streams; whoever declares
					 * the program frees it */
	int status;			/* its exit status, or 128 + signal */
};

/* 0, or -1 with a fault where it could not be run.  It gets a minute. */
int program_run(struct program *program, struct fault *fault);

/* What it said, as a string of one line: good until the buffer changes. */
const char *program_words(struct program *program);

/*
 * Call a function in a process with mounts of its own, as root or in a
 * user namespace of one's own; its result (0 to 255) goes to *status.  0, or
 * -1 with a fault where the machine does not allow it.
 */
typedef int program_inside(void *arg);
int program_in_own_mounts(program_inside *inside, void *arg, int *status,
			  struct fault *fault);

/* In there: let a file or folder stand in another one's place.  0 or -1. */
int program_bind(const char *what, const char *over);

#endif
