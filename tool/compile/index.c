/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Building an index: file, sort, cut into runs, place.
 *
 * Placing is a cuckoo table of two buckets of eight slots.  A key goes to its
 * first bucket, else to its second, else one neighbour makes room by moving
 * to its own other bucket.  Then every key is looked up as the reader will;
 * where one is not found as itself, the table doubles.  Nothing depends on
 * anything but the keys, so the same list gives the same octets.
 */

#include "compile/index.h"

#include <stdlib.h>
#include <string.h>

#include "compile/filing.h"

/* Doublings beyond the first size: random keys need none or one. */
#define DOUBLINGS 8

/* ---- Filing ----------------------------------------------------------- */

struct filed {
	uint64_t hash;
	struct bytes order;
	uint32_t entry;
};

static int
compare_filed(const void *left, const void *right)
{
	const struct filed *a = left, *b = right;
	int octets;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	if (a->order.n != b->order.n)
		return a->order.n < b->order.n ? -1 : 1;
	octets = memcmp(a->order.p, b->order.p, a->order.n);
	if (octets != 0)
		return octets;
	return a->entry < b->entry ? -1 : a->entry > b->entry;
}

/* All that question q can find, sorted. */
static int
file_entries(const struct records *r, enum catalog_question q,
	     struct buffer *filed)
{
	struct bytes pool = records_pool(r);

	for (uint32_t i = 0; i < records_entries(r); i++) {
		const struct catalog_entry *entry = records_entry(r, i);
		struct filed f = { .entry = i };

		if (!filing_key(pool, entry, q, &f.hash))
			continue;
		f.order = filing_order(pool, entry, q);
		if (buffer_add(filed, &f, sizeof(f)) != 0)
			return fault_memory(r->fault);
	}
	if (filed->n > 0)
		qsort(filed->p, filed->n / sizeof(struct filed),
		      sizeof(struct filed), compare_filed);
	return 0;
}

/* ---- Runs ------------------------------------------------------------- */

/* A run to be found: its key's hash and where its length stands. */
struct run {
	uint64_t hash;
	uint32_t ref;
};

static int
add_run(struct buffer *order, struct buffer *runs, const struct filed *filed,
	uint32_t length)
{
	struct run run = {
		filed[0].hash, (uint32_t)(order->n / sizeof(uint32_t))
	};
	uint32_t *elements;

	elements = buffer_grow(order, (length + (size_t)1) * sizeof(uint32_t));
	if (elements == NULL || buffer_add(runs, &run, sizeof(run)) != 0)
		return -1;
	elements[0] = length;
	for (uint32_t i = 0; i < length; i++)
		elements[1 + i] = filed[i].entry;
	return 0;
}

static int
cut_runs(const struct buffer *filed, struct buffer *order, struct buffer *runs)
{
	const struct filed *all = filed->p;
	size_t count = filed->n / sizeof(*all);
	size_t end;

	for (size_t start = 0; start < count; start = end) {
		for (end = start + 1; end < count; end++) {
			if (all[end].hash != all[start].hash)
				break;
		}
		if (add_run(order, runs, all + start,
			    (uint32_t)(end - start)) != 0)
			return -1;
	}
	return 0;
}

/* ---- Buckets ---------------------------------------------------------- */

struct placing {
	const struct run *runs;
	uint32_t count;
	struct catalog_bucket *buckets;
	uint64_t size;		/* buckets */
	uint32_t *resident;	/* by slot: index of the run that is in it */
};

static uint64_t
first_of(const struct placing *t, uint32_t run)
{
	return catalog_first(t->runs[run].hash, t->size);
}

static uint64_t
second_of(const struct placing *t, uint32_t run)
{
	return catalog_second(first_of(t, run),
			      catalog_tag(t->runs[run].hash), t->size);
}

/* A free slot of a bucket; CATALOG_SLOTS if it is full. */
static unsigned
free_slot(const struct placing *t, uint64_t bucket)
{
	unsigned i = 0;

	while (i < CATALOG_SLOTS && t->buckets[bucket].tag[i] != 0)
		i++;
	return i;
}

static void
put(struct placing *t, uint64_t bucket, unsigned slot, uint32_t run)
{
	struct catalog_bucket *b = &t->buckets[bucket];
	uint64_t first = first_of(t, run);

	b->tag[slot] = catalog_tag(t->runs[run].hash);
	b->ref[slot] = t->runs[run].ref | (b->ref[slot] & CATALOG_SPILLED);
	t->resident[bucket * CATALOG_SLOTS + slot] = run;
	if (bucket != first)
		t->buckets[first].ref[0] |= CATALOG_SPILLED;
}

/* Move one run of a full bucket to its other bucket: the slot it leaves, or
 * CATALOG_SLOTS where none can move. */
static unsigned
move_one(struct placing *t, uint64_t bucket)
{
	for (unsigned i = 0; i < CATALOG_SLOTS; i++) {
		uint32_t run = t->resident[bucket * CATALOG_SLOTS + i];
		uint64_t other = first_of(t, run);
		unsigned slot;

		if (other == bucket)
			other = second_of(t, run);
		slot = free_slot(t, other);
		if (slot == CATALOG_SLOTS)
			continue;
		put(t, other, slot, run);
		return i;
	}
	return CATALOG_SLOTS;
}

static bool
place(struct placing *t, uint32_t run)
{
	const uint64_t both[2] = { first_of(t, run), second_of(t, run) };

	for (unsigned i = 0; i < 4; i++) {
		uint64_t bucket = both[i % 2];
		unsigned slot = i < 2 ? free_slot(t, bucket)
				      : move_one(t, bucket);

		if (slot < CATALOG_SLOTS) {
			put(t, bucket, slot, run);
			return true;
		}
	}
	return false;
}

/* Whether a tag's first match in a bucket is this run; *decided if there is
 * any, since the reader stops there. */
static bool
is_found_in(const struct placing *t, uint64_t bucket, uint32_t run,
	    bool *decided)
{
	const struct catalog_bucket *b = &t->buckets[bucket];
	uint32_t tag = catalog_tag(t->runs[run].hash);

	for (unsigned i = 0; i < CATALOG_SLOTS; i++) {
		if (b->tag[i] == tag) {
			*decided = true;
			return t->resident[bucket * CATALOG_SLOTS + i] == run;
		}
	}
	return false;
}

/* Whether the reader finds every run as itself: no other with the same tag
 * stands before it. */
static bool
is_sound(const struct placing *t)
{
	for (uint32_t run = 0; run < t->count; run++) {
		bool decided = false;
		bool found = is_found_in(t, first_of(t, run), run, &decided);

		if (!decided)
			found = is_found_in(t, second_of(t, run), run,
					    &decided);
		if (!found)
			return false;
	}
	return true;
}

/* One attempt.  1: done; 0: this size does not do; -1: out of memory. */
static int
fill(struct placing *t)
{
	bool good = true;

	t->buckets = calloc(t->size, sizeof(*t->buckets));
	t->resident = calloc(t->size * CATALOG_SLOTS, sizeof(*t->resident));
	if (t->buckets == NULL || t->resident == NULL)
		return -1;
	for (uint32_t run = 0; run < t->count && good; run++)
		good = place(t, run);
	return good && is_sound(t);
}

static void
empty(struct placing *t)
{
	free(t->buckets);
	free(t->resident);
	t->buckets = NULL;
	t->resident = NULL;
}

static int
build_buckets(struct index *x, const struct buffer *runs, struct fault *fault)
{
	struct placing t = {
		.runs = runs->p,
		.count = (uint32_t)(runs->n / sizeof(struct run)),
		.size = 1,
	};

	if (t.count == 0)
		return 0;
	while (t.size * CATALOG_SLOTS < t.count * UINT64_C(2))
		t.size *= 2;
	for (int i = 0; i <= DOUBLINGS; i++, t.size *= 2) {
		int filled = fill(&t);

		if (filled == 1) {
			x->buckets = t.buckets;
			x->buckets_count = t.size;
			free(t.resident);
			return 0;
		}
		empty(&t);
		if (filled < 0)
			return fault_memory(fault);
	}
	return fault_at(fault, "list", 0,
			"two keys with one hash; keys that can be told apart");
}

int
index_build(struct index *x, const struct records *r, enum catalog_question q,
	    struct index_work *work)
{
	*x = (struct index){ 0 };
	buffer_clear(&work->filed);
	buffer_clear(&work->runs);
	if (file_entries(r, q, &work->filed) != 0)
		return -1;
	if (cut_runs(&work->filed, &x->order, &work->runs) != 0)
		return fault_memory(r->fault);
	return build_buckets(x, &work->runs, r->fault);
}

void
index_work_free(struct index_work *work)
{
	buffer_free(&work->filed);
	buffer_free(&work->runs);
}

void
index_free(struct index *x)
{
	free(x->buckets);
	buffer_free(&x->order);
	*x = (struct index){ 0 };
}
