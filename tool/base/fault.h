/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What stopped the work, in one line for a person:
 * `file:line: what; what was expected`.  Lower layers write it here and
 * return -1; only a sub-command prints it.  It knows nothing of their work.
 */

#ifndef FAULT_H
#define FAULT_H

#if defined(__GNUC__)
#define FAULT_PRINTF(format, first) \
	__attribute__((__format__(__printf__, format, first)))
#else
#define FAULT_PRINTF(format, first)
#endif

struct fault {
	char text[1024];	/* no control characters; empty: none */
};

/* Note what is wrong at a line of a file; line 0 is the file as a whole.
 * The first fault stays.  Always -1, so that a caller can return it. */
int fault_at(struct fault *f, const char *path, unsigned line,
	     const char *format, ...) FAULT_PRINTF(4, 5);

/* The same for an error of the system: its message from errno. */
int fault_errno(struct fault *f, const char *path, const char *expected);

int fault_memory(struct fault *f);

#endif
