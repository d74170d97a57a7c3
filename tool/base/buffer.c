/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Memory that grows by half again, so that n appends cost O(n). */

#include "base/buffer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int
make_room(struct buffer *b, size_t size)
{
	size_t room = b->room + b->room / 2;
	void *p;

	if (size > SIZE_MAX / 4 || b->n > SIZE_MAX / 4)
		return -1;
	if (room < b->n + size)
		room = b->n + size;
	if (room < 256)
		room = 256;
	p = realloc(b->p, room);
	if (p == NULL)
		return -1;
	b->p = p;
	b->room = room;
	return 0;
}

void *
buffer_room(struct buffer *b, size_t size)
{
	if ((b->p == NULL || size > b->room - b->n) && make_room(b, size) != 0)
		return NULL;
	return (char *)b->p + b->n;
}

void *
buffer_grow(struct buffer *b, size_t size)
{
	void *added = buffer_room(b, size);

	if (added == NULL)
		return NULL;
	memset(added, 0, size);
	b->n += size;
	return added;
}

int
buffer_add(struct buffer *b, const void *p, size_t size)
{
	void *added = buffer_room(b, size);

	if (added == NULL)
		return -1;
	if (size > 0)
		memcpy(added, p, size);
	b->n += size;
	return 0;
}

void
buffer_clear(struct buffer *b)
{
	b->n = 0;
}

void
buffer_free(struct buffer *b)
{
	free(b->p);
	*b = (struct buffer){ 0 };
}
