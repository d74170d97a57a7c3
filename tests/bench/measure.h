/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Time, and what to say of many measurements of one thing.  It knows nothing
 * of modules.
 */

#ifndef MEASURE_H
#define MEASURE_H

#include <stddef.h>

/* Nanoseconds that this thread has run: what others do on the machine counts
 * as little as it can. */
double measure_thread(void);
double measure_wall(void);

/* Sorts the values. */
struct spread {
	double low;	/* one in ten is below */
	double median;
	double high;	/* one in ten is above */
};
struct spread measure_spread(double *values, size_t count);

/* One line of a table: what, who, unit, median, low, high, and the median of
 * the ratios to the floor (0: none). */
void measure_print(const char *what, const char *who, const char *unit,
		   struct spread spread, double ratio);

#endif
