/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Numbers that look random and are the same in every run: SplitMix64.  A
 * test that fails fails again.  It knows nothing of what is drawn. */

#ifndef RANDOM_H
#define RANDOM_H

#include <stdbool.h>
#include <stdint.h>

static uint64_t random_state;

static inline void
random_seed(uint64_t seed)
{
	random_state = seed;
}

static inline uint64_t
random_next(void)
{
	uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* One of 0 to n - 1. */
static inline unsigned
random_below(unsigned n)
{
	return (unsigned)(random_next() % n);
}

/* True once in n times. */
static inline bool
random_once_in(unsigned n)
{
	return random_below(n) == 0;
}

#endif
