/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* A hash table with linear probing, at most half full.  It keeps 32 bits of
 * a hash: enough to place ten million numbers, and to grow without asking. */

#include "base/table.h"

#include <stdlib.h>

static uint32_t
short_hash(uint64_t hash)
{
	return (uint32_t)(hash ^ hash >> 32);
}

uint32_t
table_next(const struct table *t, uint64_t hash, size_t *cursor)
{
	uint32_t wanted = short_hash(hash);

	while (*cursor < t->size) {
		size_t i = (wanted + (*cursor)++) & (t->size - 1);

		if (t->slots[i].number == 0)
			return TABLE_NONE;
		if (t->slots[i].hash == wanted)
			return t->slots[i].number - 1;
	}
	return TABLE_NONE;
}

static void
place(struct table *t, struct table_slot slot)
{
	size_t i = slot.hash & (t->size - 1);

	while (t->slots[i].number != 0)
		i = (i + 1) & (t->size - 1);
	t->slots[i] = slot;
}

static int
grow(struct table *t)
{
	struct table larger = { .size = t->size != 0 ? t->size * 2 : 64 };

	larger.slots = calloc(larger.size, sizeof(*larger.slots));
	if (larger.slots == NULL)
		return -1;
	for (size_t i = 0; i < t->size; i++) {
		if (t->slots[i].number != 0)
			place(&larger, t->slots[i]);
	}
	larger.used = t->used;
	free(t->slots);
	*t = larger;
	return 0;
}

int
table_add(struct table *t, uint64_t hash, uint32_t number)
{
	if (t->used >= t->size / 2 && grow(t) != 0)
		return -1;
	place(t, (struct table_slot){ short_hash(hash), number + 1 });
	t->used++;
	return 0;
}

void
table_free(struct table *t)
{
	free(t->slots);
	*t = (struct table){ 0 };
}
