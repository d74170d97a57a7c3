/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What all fuzz targets share: the entry that libFuzzer or replay.c calls,
 * a reader of the input that makes choices of octets, and copies of exact
 * size, so that AddressSanitizer sees one octet too many.  It knows nothing
 * of what is tested.
 */

#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog.h"

/* Try one input.  A property that does not hold aborts.  Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* How many inputs, or parts of them, came further than the first refusal.
 * Each target has one and counts; where it is 0 after a replay, the corpus is
 * dead (of an older format, say) and tests nothing. */
extern unsigned fuzz_deep;

/* libFuzzer's own mutations, for a target that adds some. */
size_t LLVMFuzzerMutate(uint8_t *p, size_t n, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *p, size_t n, size_t max,
			       unsigned seed);

/* Say which property failed, and die of it. */
#define FUZZ_MUST(holds) fuzz_must((holds), #holds, __FILE__, __LINE__)

static inline void
fuzz_must(bool holds, const char *what, const char *file, int line)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

/* A copy with nothing behind it; the caller frees it. */
static inline uint8_t *
fuzz_copy(struct bytes b)
{
	uint8_t *copy = malloc(b.n);

	if (copy == NULL && b.n > 0)
		abort();
	if (b.n > 0)
		memcpy(copy, b.p, b.n);
	return copy;
}

/* Reads every octet, as a caller would. */
static inline unsigned
fuzz_read(struct bytes b)
{
	unsigned sum = 0;

	for (size_t i = 0; i < b.n; i++)
		sum += b.p[i];
	return sum;
}

/* ---- Choices: zeros where the input is over ---------------------------- */

static inline uint8_t
fuzz_octet(struct bytes *in)
{
	if (in->n == 0)
		return 0;
	in->n--;
	return *in->p++;
}

/* Up to n octets off the front. */
static inline struct bytes
fuzz_take(struct bytes *in, size_t n)
{
	struct bytes taken = { in->p, n < in->n ? n : in->n };

	in->p += taken.n;
	in->n -= taken.n;
	return taken;
}

static inline uint64_t
fuzz_number(struct bytes *in)
{
	uint64_t number = 0;
	struct bytes b = fuzz_take(in, sizeof(number));

	if (b.n > 0)
		memcpy(&number, b.p, b.n);
	return number;
}

#endif
