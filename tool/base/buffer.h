/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Memory that grows: octets, or records of one type one after another.
 * Whoever declares a buffer (all zero) frees it.  It knows nothing of what
 * it holds.  A pointer into it is good until it grows.
 */

#ifndef BUFFER_H
#define BUFFER_H

#include <stddef.h>

struct buffer {
	void *p;
	size_t n;	/* octets in use */
	size_t room;
};

/* Room for size octets more, all zero, already counted in n; NULL where
 * memory ran out, and the buffer is as it was. */
void *buffer_grow(struct buffer *b, size_t size);

/* The same, but neither zero nor counted yet: whoever fills it adds to n. */
void *buffer_room(struct buffer *b, size_t size);

/* Append a copy.  0 or -1. */
int buffer_add(struct buffer *b, const void *p, size_t size);

/* Forget the content, keep the memory. */
void buffer_clear(struct buffer *b);

void buffer_free(struct buffer *b);

#endif
