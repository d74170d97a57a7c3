/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * That every entry can be found under each of its keys, through the reader's
 * own catalog_find(), and that nothing else can: the runs that fill an index
 * hold as many entries as should be filed.
 */

#include <string.h>

#include "compile/filing.h"
#include "dn.h"
#include "verify/verify.h"

static const char *const questions[CATALOG_QUESTIONS] = {
	[CATALOG_BY_SERIAL] = "serial number",
	[CATALOG_BY_SUBJECT] = "subject",
	[CATALOG_BY_VALUE] = "certificate",
	[CATALOG_BY_ID] = "CKA_ID",
	[CATALOG_BY_LABEL] = "label",
	[CATALOG_BY_SHA1] = "SHA-1",
	[CATALOG_BY_SHA256] = "SHA-256",
	[CATALOG_BY_SPKI] = "key",
	[CATALOG_BY_SPKI_SHA256] = "SHA-256 of the key",
	[CATALOG_BY_NAME] = "name",
};

static int
index_fault(const struct verify *v, enum catalog_question q, const char *what)
{
	return fault_at(v->fault, v->path, 0, "index by %s: %s",
			questions[q], what);
}

/* ---- Runs ------------------------------------------------------------- */

/* As a run is sorted: by filing_order(), then by index.  False where there
 * is no such entry. */
static bool
is_before(const struct verify *v, enum catalog_question q, uint32_t left,
	  uint32_t right)
{
	const struct catalog_entry *l = catalog_entry(v->catalog, left);
	const struct catalog_entry *r = catalog_entry(v->catalog, right);
	struct bytes a, b;
	int octets;

	if (l == NULL || r == NULL)
		return false;
	a = filing_order(v->pool, l, q);
	b = filing_order(v->pool, r, q);
	if (a.n != b.n)
		return a.n < b.n;
	octets = memcmp(a.p, b.p, a.n);
	return octets != 0 ? octets < 0 : left < right;
}

/* Walk the order section: runs without a gap, each sorted, none empty. */
static int
walk_runs(const struct verify *v, enum catalog_question q, uint64_t *runs,
	  uint64_t *filed)
{
	const struct catalog *c = v->catalog;
	uint64_t count = c->header->index[q].order.count;
	uint64_t end;

	*runs = 0;
	*filed = 0;
	for (uint64_t at = 0; at < count; at = end) {
		uint32_t length = catalog_at(c, q, (uint32_t)at);

		end = at + 1 + length;
		if (length == 0 || end > count)
			return index_fault(v, q, "a run that does not end; "
					   "runs one after another");
		for (uint64_t i = at + 2; i < end; i++) {
			if (!is_before(v, q, catalog_at(c, q, (uint32_t)i - 1),
				       catalog_at(c, q, (uint32_t)i)))
				return index_fault(v, q, "a run out of order; "
						   "by issuer, then by index");
		}
		++*runs;
		*filed += length;
	}
	return 0;
}

static uint64_t
count_slots(const struct catalog *c, enum catalog_question q)
{
	const struct catalog_section *s = &c->header->index[q].buckets;
	const struct catalog_bucket *b = (const void *)(c->base + s->off);
	uint64_t used = 0;

	for (uint64_t i = 0; i < s->count; i++) {
		for (unsigned j = 0; j < CATALOG_SLOTS; j++)
			used += b[i].tag[j] != 0;
	}
	return used;
}

/* ---- Entries ---------------------------------------------------------- */

/* Bisect the run that the reader finds: it is sorted, and may be long. */
static bool
is_found(const struct verify *v, enum catalog_question q, uint64_t hash,
	 uint32_t entry)
{
	struct catalog_run run = catalog_find(v->catalog, q, hash);

	while (run.from < run.to) {
		uint32_t middle = run.from + (run.to - run.from) / 2;
		uint32_t there = catalog_at(v->catalog, q, middle);

		if (there == entry)
			return true;
		if (is_before(v, q, there, entry))
			run.from = middle + 1;
		else
			run.to = middle;
	}
	return false;
}

static int
find_entries(const struct verify *v, enum catalog_question q,
	     uint64_t *expected)
{
	uint64_t hash;

	*expected = 0;
	for (uint32_t i = 0; i < catalog_entries(v->catalog); i++) {
		if (!filing_key(v->pool, catalog_entry(v->catalog, i), q,
				&hash))
			continue;
		++*expected;
		if (!is_found(v, q, hash, i))
			return fault_at(v->fault, v->path, 0,
					"index by %s: entry %u is not found; "
					"every entry under its key",
					questions[q], (unsigned)i);
	}
	return 0;
}

static int
check_index(const struct verify *v, enum catalog_question q)
{
	uint64_t runs, filed, expected;

	if (v->catalog->header->index[q].order.count > CATALOG_SPILLED)
		return index_fault(v, q, "too many entries; positions of 31 "
				   "bits");
	if (walk_runs(v, q, &runs, &filed) != 0 ||
	    find_entries(v, q, &expected) != 0)
		return -1;
	if (filed != expected || runs != count_slots(v->catalog, q))
		return index_fault(v, q, "more than there should be; every "
				   "entry once under its key");
	return 0;
}

/* ---- Filter ----------------------------------------------------------- */

struct edges {
	const struct catalog *catalog;
	bool all;
};

static void
look_at(void *arg, uint32_t edge)
{
	struct edges *e = arg;

	e->all = e->all && catalog_may_have(e->catalog, edge);
}

static bool
has_edges(const struct verify *v, const struct catalog_entry *e)
{
	struct bytes name = catalog_bytes(v->catalog, e->subject);
	struct edges edges = { v->catalog, true };
	uint64_t sketch;

	if ((e->flags & CATALOG_MATCH_NAME) == 0)
		return true;
	dn_edges(name, look_at, &edges);
	return edges.all && (!dn_sketch_of(name, &sketch) ||
			     catalog_may_have(v->catalog, sketch));
}

static bool
has_tail(const struct verify *v, const struct catalog_entry *e)
{
	uint64_t tail;

	return !filing_tail(v->pool, e, &tail) ||
	       catalog_may_have(v->catalog, tail);
}

static int
check_filter(const struct verify *v)
{
	const struct catalog_entry *e;

	for (uint32_t i = 0; (e = catalog_entry(v->catalog, i)) != NULL; i++) {
		if (!has_edges(v, e))
			return fault_at(v->fault, v->path, 0,
					"entry %u: an edge of its name is "
					"missing; all that the name can show",
					(unsigned)i);
		if (!has_tail(v, e))
			return fault_at(v->fault, v->path, 0,
					"entry %u: the tail of its serial "
					"number is missing; those of all",
					(unsigned)i);
	}
	return 0;
}

int
verify_indexes(const struct verify *v)
{
	for (unsigned q = 0; q < CATALOG_QUESTIONS; q++) {
		if (check_index(v, (enum catalog_question)q) != 0)
			return -1;
	}
	return check_filter(v);
}
