/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Octets that end where memory ends: behind the last one is a page that
 * nobody may touch, before the first one another.  Reading one octet too
 * many kills the test, with or without a sanitizer.  The file that includes
 * this defines _DEFAULT_SOURCE first.
 */

#ifndef GUARD_H
#define GUARD_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "catalog.h"

struct guard {
	uint8_t *start;		/* of what may be used */
	size_t size;
};

/* Room for so many octets; for the life of the process. */
static inline struct guard
guard_new(size_t room)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = (room + page - 1) / page * page;
	uint8_t *all = mmap(NULL, size + 2 * page, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (all == MAP_FAILED ||
	    mprotect(all + page, size, PROT_READ | PROT_WRITE) != 0)
		abort();
	return (struct guard){ all + page, size };
}

/* A copy whose end is the end; it replaces the one before. */
static inline struct bytes
guard_end(const struct guard *g, struct bytes b)
{
	uint8_t *p = g->start + g->size - b.n;

	if (b.n > g->size)
		abort();
	if (b.n > 0)
		memmove(p, b.p, b.n);
	return (struct bytes){ p, b.n };
}

/* A copy whose beginning is the beginning. */
static inline struct bytes
guard_start(const struct guard *g, struct bytes b)
{
	if (b.n > g->size)
		abort();
	if (b.n > 0)
		memmove(g->start, b.p, b.n);
	return (struct bytes){ g->start, b.n };
}

#endif
