/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A hash table of numbers, for finding equals among millions of records that
 * lie elsewhere.  It knows hashes and numbers; comparing is the caller's.
 * Whoever declares one (all zero) frees it.
 */

#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_slot {
	uint32_t hash;
	uint32_t number;	/* plus one; 0: the slot is free */
};

struct table {
	struct table_slot *slots;
	size_t size;		/* a power of two, or 0 */
	size_t used;
};

#define TABLE_NONE UINT32_MAX

/* The numbers filed under a hash, one a call, then TABLE_NONE.  *cursor is 0
 * before the first call.  Some of them may belong to another hash. */
uint32_t table_next(const struct table *t, uint64_t hash, size_t *cursor);

/* File a number (less than TABLE_NONE).  0, or -1: out of memory. */
int table_add(struct table *t, uint64_t hash, uint32_t number);

void table_free(struct table *t);

#endif
