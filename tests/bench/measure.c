/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Time and quantiles. */

#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
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

static int
compare(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

struct spread
measure_spread(double *values, size_t count)
{
	if (count == 0)
		return (struct spread){ 0 };
	qsort(values, count, sizeof(*values), compare);
	return (struct spread){
		.low = values[count / 10],
		.median = values[count / 2],
		.high = values[count - 1 - count / 10],
	};
}

void
measure_print(const char *what, const char *who, const char *unit,
	      struct spread spread, double ratio)
{
	printf("%s\t%s\t%s\t%.4g\t%.4g\t%.4g\t%.4g\n", what, who, unit,
	       spread.median, spread.low, spread.high, ratio);
}
