/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Time, and lines. */

#include "measure.h"

#include <stdio.h>
#include <time.h>

static double
read_clock(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

double
measure_thread(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

double
measure_wall(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

void
measure_tell(const char *what, const char *who, const char *unit, double value)
{
	printf("%s\t%s\t%s\t%.9g\n", what, who, unit, value);
}
