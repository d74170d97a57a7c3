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

static const uint8_t magic[8] = CATALOG_MAGIC;
static const uint64_t no_bits[1];

/* ---- Opening ---------------------------------------------------------- */

/* Whether a section of records of this size and alignment lies within. */
/*@ requires record > 0 && align > 0;
  @ assigns \nothing;
  @ ensures \result ==> lies_within(s, record, size);
  @*/
static bool
section_fits(struct catalog_section s, uint64_t record, uint64_t align,
	     uint64_t size)
{
	return s.off % align == 0 && s.off <= size &&
	       s.count <= (size - s.off) / record;
}

/*@ assigns \nothing;
  @ ensures \result <==> (n & (n - 1)) == 0;
  @*/
static bool
is_power_of_two_or_none(uint64_t n)
{
	return (n & (n - 1)) == 0;
}

/*@ requires \valid_read(h) && \initialized(h);
  @ assigns \nothing;
  @ ensures \result ==> indexes_lie_within(h, size, CATALOG_QUESTIONS);
  @*/
static bool
indexes_fit(const struct catalog_header *h, uint64_t size)
{
	/*@ loop invariant q <= CATALOG_QUESTIONS;
	  @ loop invariant indexes_lie_within(h, size, q);
	  @ loop assigns q;
	  @ loop variant CATALOG_QUESTIONS - q;
	  @*/
	for (size_t q = 0; q < CATALOG_QUESTIONS; q++) {
		const struct catalog_index *x = &h->index[q];

		if (!section_fits(x->buckets, sizeof(struct catalog_bucket),
				  64, size) ||
		    !section_fits(x->order, sizeof(uint32_t), 8, size) ||
		    !is_power_of_two_or_none(x->buckets.count) ||
		    x->order.count >= UINT32_MAX)
			return false;
	}
	return true;
}

/*@ requires \valid_read(h) && \initialized(h);
  @ assigns \nothing;
  @ ensures \result ==> sections_lie_within(h, size) &&
  @	(h->filter.count & (h->filter.count - 1)) == 0;
  @*/
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
	       h->policy.count < UINT32_MAX &&
	       h->filter.count < UINT32_MAX;
}

/*@ requires \valid(c) && \initialized(&c->base) && \initialized(&c->header);
  @ requires \initialized(&c->has_names);
  @ requires \valid_read(c->header) && \initialized(c->header);
  @ requires readable_octets(c->base, c->header->size);
  @ requires \separated(c, c->header);
  @ requires \separated(c, c->base + (0 .. c->header->size - 1));
  @ requires lies_within(c->header->filter, sizeof(uint64_t),
  @		       c->header->size);
  @ requires c->header->filter.count < UINT32_MAX &&
  @	(c->header->filter.count & (c->header->filter.count - 1)) == 0;
  @ assigns c->filter, c->filter_shift;
  @ ensures \initialized(c) && is_filter(c->filter, c->filter_shift);
  @*/
static void
set_filter(struct catalog *c)
{
	const struct catalog_section *s = &c->header->filter;

	if (s->count == 0) {
		c->filter = no_bits;
		c->filter_shift = catalog_filter_shift(1);
		//@ assert is_filter(c->filter, c->filter_shift);
	} else {
		c->filter = (const void *)(c->base + s->off);
		c->filter_shift = catalog_filter_shift(s->count);
		//@ assert readable_words(c->filter, s->count);
		//@ assert is_filter(c->filter, c->filter_shift);
	}
}

int
catalog_open(struct catalog *c, const void *base, size_t size)
{
	const struct catalog_header *h = base;

	if (size < sizeof(*h) || (uintptr_t)base % 64 != 0)
		return -1;
	//@ assert readable_octets((uint8_t *)base, sizeof(*h));
	if (memcmp(h->magic, magic, sizeof(magic)) != 0 ||
	    h->endian != CATALOG_ENDIAN || h->format != CATALOG_FORMAT ||
	    h->size != size)
		return -1;
	if (!sections_fit(h, size) || !indexes_fit(h, size))
		return -1;
	c->base = base;
	c->header = h;
	c->has_names = h->index[CATALOG_BY_NAME].buckets.count > 0;
	set_filter(c);
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

const struct catalog_group *
catalog_group(const struct catalog *c, uint32_t i)
{
	const struct catalog_section *s = &c->header->groups;

	if (i >= s->count)
		return NULL;
	return (const void *)catalog_record(c, *s, i,
					    sizeof(struct catalog_group));
}

const struct catalog_policy *
catalog_policy(const struct catalog *c, uint32_t i)
{
	const struct catalog_section *s = &c->header->policy;

	if (i >= s->count)
		return NULL;
	return (const void *)catalog_record(c, *s, i,
					    sizeof(struct catalog_policy));
}

/* ---- Indexes ---------------------------------------------------------- */

/*@ requires catalog_opened(c) && q < CATALOG_QUESTIONS;
  @ requires i < c->header->index[q].buckets.count;
  @ assigns \nothing;
  @ ensures \valid_read(\result) && \initialized(\result);
  @*/
static const struct catalog_bucket *
bucket_at(const struct catalog *c, enum catalog_question q, uint64_t i)
{
	//@ assert index_lies_within(c->header, c->header->size, q);
	return (const void *)catalog_record(c, c->header->index[q].buckets, i,
					    sizeof(struct catalog_bucket));
}

/* The ref filed under a tag in a bucket; UINT32_MAX if there is none. */
/*@ requires \valid_read(b) && \initialized(b);
  @ assigns \nothing;
  @*/
static uint32_t
ref_in(const struct catalog_bucket *b, uint32_t tag)
{
#pragma GCC unroll 8
	/*@ loop invariant i <= CATALOG_SLOTS;
	  @ loop assigns i;
	  @ loop variant CATALOG_SLOTS - i;
	  @*/
	for (unsigned i = 0; i < CATALOG_SLOTS; i++) {
		if (b->tag[i] == tag)
			return b->ref[i] & ~CATALOG_SPILLED;
	}
	return UINT32_MAX;
}

/* The ref filed under a hash; UINT32_MAX if there is none. */
/*@ requires catalog_opened(c) && q < CATALOG_QUESTIONS;
  @ assigns \nothing;
  @*/
static uint32_t
ref_of(const struct catalog *c, enum catalog_question q, uint64_t hash)
{
	uint64_t buckets = c->header->index[q].buckets.count, first;
	const struct catalog_bucket *bucket;
	uint32_t tag = catalog_tag(hash), ref;

	if (buckets == 0)
		return UINT32_MAX;
	first = catalog_first(hash, buckets);
	bucket = bucket_at(c, q, first);
	ref = ref_in(bucket, tag);
	if (ref == UINT32_MAX && (bucket->ref[0] & CATALOG_SPILLED))
		ref = ref_in(bucket_at(c, q, catalog_second(first, tag,
							    buckets)), tag);
	return ref;
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
	/*@ loop invariant at <= CATALOG_TAIL;
	  @ loop invariant initialized_octets(&octets[0] + at,
	  @				      CATALOG_TAIL - at);
	  @ loop assigns at, n, octets[0 .. CATALOG_TAIL - 1];
	  @ loop variant at;
	  @*/
	for (; at > 0; n += 2) {
		octets[--at] = (uint8_t)n;
		if (at > 0)
			octets[--at] = 0x02;
	}
	return catalog_tail((struct bytes){ octets, sizeof(octets) });
}

/* The run whose length stands at a position of the order section. */
/*@ requires catalog_opened(c) && q < CATALOG_QUESTIONS;
  @ assigns \nothing;
  @ ensures \result.from <= \result.to <= c->header->index[q].order.count;
  @*/
static struct catalog_run
run_at(const struct catalog *c, enum catalog_question q, uint32_t ref)
{
	const struct catalog_run none = { 0, 0 };
	uint64_t count = c->header->index[q].order.count;
	uint32_t length;

	if (ref >= count)
		return none;
	length = catalog_at(c, q, ref);
	//@ assert index_lies_within(c->header, c->header->size, q);
	if (length > count - ref - 1)
		return none;
	return (struct catalog_run){ ref + 1, ref + 1 + length };
}

struct catalog_run
catalog_find(const struct catalog *c, enum catalog_question q, uint64_t hash)
{
	return run_at(c, q, ref_of(c, q, hash));
}
