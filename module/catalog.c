/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The reader of compiled catalogs.  It knows the format and that any octet
 * of it may be hostile; it must not know what the octets mean to PKCS#11.
 * Every access to the bytes is in this file or inlined in catalog.h, behind a
 * check of its bounds.
 */

#include "catalog.h"

_Static_assert(sizeof(struct catalog_bucket) == 64, "one cache line");
_Static_assert(sizeof(struct catalog_entry) == 92, "no padding");
_Static_assert(sizeof(struct catalog_group) == 76, "no padding");
_Static_assert(sizeof(struct catalog_policy) == 12, "no padding");
_Static_assert(sizeof(struct catalog_header) == 464, "no padding");

static const uint64_t no_bits[1];

/* ---- Opening ---------------------------------------------------------- */

/* Whether a section of records of this size and alignment lies within. */
static bool
section_fits(struct catalog_section s, uint64_t record, uint64_t align,
	     uint64_t size)
{
	return s.off % align == 0 && s.off <= size &&
	       s.count <= (size - s.off) / record;
}

static bool
is_power_of_two_or_none(uint64_t n)
{
	return (n & (n - 1)) == 0;
}

static bool
indexes_fit(const struct catalog_header *h, uint64_t size)
{
	for (size_t q = 0; q < CATALOG_QUESTIONS; q++) {
		const struct catalog_index *x = &h->index[q];

		if (!section_fits(x->buckets, sizeof(struct catalog_bucket),
				  64, size) ||
		    !section_fits(x->order, sizeof(uint32_t), 8, size) ||
		    !is_power_of_two_or_none(x->buckets.count))
			return false;
	}
	return true;
}

static bool
sections_fit(const struct catalog_header *h, uint64_t size)
{
	return section_fits(h->pool, 1, 8, size) &&
	       section_fits(h->entries, sizeof(struct catalog_entry), 8,
			    size) &&
	       section_fits(h->groups, sizeof(struct catalog_group), 8,
			    size) &&
	       section_fits(h->policy, sizeof(struct catalog_policy), 8,
			    size) &&
	       section_fits(h->filter, sizeof(uint64_t), 8, size) &&
	       is_power_of_two_or_none(h->filter.count) &&
	       h->entries.count < UINT32_MAX &&
	       h->groups.count < UINT32_MAX &&
	       h->policy.count < UINT32_MAX;
}

int
catalog_open(struct catalog *c, const void *base, size_t size)
{
	const struct catalog_header *h = base;

	if (size < sizeof(*h) || (uintptr_t)base % 64 != 0)
		return -1;
	if (memcmp(h->magic, CATALOG_MAGIC, sizeof(h->magic)) != 0 ||
	    h->endian != CATALOG_ENDIAN || h->format != CATALOG_FORMAT ||
	    h->size != size)
		return -1;
	if (!sections_fit(h, size) || !indexes_fit(h, size))
		return -1;
	c->base = base;
	c->header = h;
	c->filter = no_bits;
	c->filter_shift = catalog_filter_shift(1);
	if (h->filter.count > 0) {
		c->filter = (const void *)(c->base + h->filter.off);
		c->filter_shift = catalog_filter_shift(h->filter.count);
	}
	return 0;
}

/* ---- Records ---------------------------------------------------------- */

uint32_t
catalog_entries(const struct catalog *c)
{
	return (uint32_t)c->header->entries.count;
}

uint32_t
catalog_groups(const struct catalog *c)
{
	return (uint32_t)c->header->groups.count;
}

/* Record i of a section, or NULL. */
static const void *
record(const struct catalog *c, const struct catalog_section *s, uint32_t i,
       size_t size)
{
	if (i >= s->count)
		return NULL;
	return c->base + s->off + i * size;
}

const struct catalog_group *
catalog_group(const struct catalog *c, uint32_t i)
{
	return record(c, &c->header->groups, i, sizeof(struct catalog_group));
}

const struct catalog_policy *
catalog_policy(const struct catalog *c, uint32_t i)
{
	return record(c, &c->header->policy, i, sizeof(struct catalog_policy));
}

/* ---- Indexes ---------------------------------------------------------- */

/* The ref filed under a tag in a bucket; UINT32_MAX if there is none. */
static uint32_t
ref_in(const struct catalog_bucket *b, uint32_t tag)
{
#pragma GCC unroll 8
	for (unsigned i = 0; i < CATALOG_SLOTS; i++) {
		if (b->tag[i] == tag)
			return b->ref[i] & ~CATALOG_SPILLED;
	}
	return UINT32_MAX;
}

/* The ref filed under a hash; UINT32_MAX if there is none. */
static uint32_t
ref_of(const struct catalog *c, enum catalog_question q, uint64_t hash)
{
	const struct catalog_section *s = &c->header->index[q].buckets;
	const struct catalog_bucket *buckets = (const void *)(c->base + s->off);
	uint32_t tag = catalog_tag(hash), ref;
	uint64_t first;

	if (s->count == 0)
		return UINT32_MAX;
	first = catalog_first(hash, s->count);
	ref = ref_in(&buckets[first], tag);
	if (ref == UINT32_MAX && (buckets[first].ref[0] & CATALOG_SPILLED))
		ref = ref_in(&buckets[catalog_second(first, tag, s->count)],
			     tag);
	return ref;
}

bool
catalog_lacks(const struct catalog *c, enum catalog_question q, uint64_t hash)
{
	return ref_of(c, q, hash) == UINT32_MAX;
}

uint64_t
catalog_tail_of_key(struct bytes key)
{
	uint8_t octets[CATALOG_TAIL];
	size_t n = key.n < sizeof(octets) ? key.n : sizeof(octets);
	size_t at = sizeof(octets) - n;

	if (n > 0)
		memcpy(octets + at, key.p + key.n - n, n);
	/* What stands before a short key is its length, then the tag. */
	for (; at > 0; n += 2) {
		octets[--at] = (uint8_t)n;
		if (at > 0)
			octets[--at] = 0x02;
	}
	return catalog_tail((struct bytes){ octets, sizeof(octets) });
}

/* The run whose length stands at a position of the order section. */
static struct catalog_run
run_at(const struct catalog *c, const struct catalog_section *order,
       uint32_t ref)
{
	const uint32_t *elements = (const void *)(c->base + order->off);
	const struct catalog_run none = { 0, 0 };

	if (ref >= order->count || elements[ref] > order->count - ref - 1 ||
	    elements[ref] > UINT32_MAX - ref - 1)
		return none;
	return (struct catalog_run){ ref + 1, ref + 1 + elements[ref] };
}

struct catalog_run
catalog_find(const struct catalog *c, enum catalog_question q, uint64_t hash)
{
	return run_at(c, &c->header->index[q].order, ref_of(c, q, hash));
}

uint32_t
catalog_at(const struct catalog *c, enum catalog_question q, uint32_t position)
{
	const struct catalog_section *order = &c->header->index[q].order;
	const uint32_t *elements = (const void *)(c->base + order->off);

	return position < order->count ? elements[position] : UINT32_MAX;
}
