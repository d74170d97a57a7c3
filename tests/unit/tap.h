/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The Test Anything Protocol, for tests that are tables: a line a row, which
 * cmocka cannot give.  It knows nothing of what is tested.  One thread.
 */

#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned tap_count, tap_failures;

/* One result; the text says what holds.  Returns whether it does. */
__attribute__((format(printf, 2, 3))) static inline bool
tap_ok(bool holds, const char *format, ...)
{
	va_list args;

	printf("%sok %u - ", holds ? "" : "not ", ++tap_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	tap_failures += !holds;
	return holds;
}

/* Nothing that follows means anything. */
static inline void
tap_bail_out(const char *why)
{
	printf("Bail out! %s\n", why);
	exit(EXIT_FAILURE);
}

/* The last line, and the exit status of the process. */
static inline int
tap_end(void)
{
	printf("1..%u\n", tap_count);
	return tap_failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
