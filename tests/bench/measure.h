/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Time, and how a sample is told; what to say of many is `spread`'s part.  It
 * knows nothing of modules.
 */

#ifndef MEASURE_H
#define MEASURE_H

/* Nanoseconds that this thread has run: what others do on the machine counts
 * as little as it can. */
double measure_thread(void);
double measure_wall(void);

/* Print a line for `spread`. */
void measure_tell(const char *what, const char *who, const char *unit,
		  double value);

#endif
