/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* The finder: from a hash to candidates, from candidates to entries. */

#include "find.h"

#include "sha256.h"

static const struct catalog_run no_run = { 0, 0 };

/*@ requires readable(a) && readable(b);
  @ assigns \nothing;
  @*/
static int
compare(struct bytes a, struct bytes b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return memcmp(a.p, b.p, a.n);
}

/* The octets of an entry that a question asks for. */
/*@ requires catalog_opened(c) && \valid_read(e) && \initialized(e);
  @ assigns \nothing;
  @ ensures readable(\result);
  @*/
static struct bytes
asked_octets(const struct catalog *c, enum catalog_question q,
	     const struct catalog_entry *e)
{
	switch (q) {
	case CATALOG_BY_SUBJECT:
		return catalog_bytes(c, e->subject);
	case CATALOG_BY_VALUE:
		return catalog_bytes(c, e->value);
	case CATALOG_BY_ID:
		return catalog_fixed(c, e->id, CATALOG_ID);
	case CATALOG_BY_LABEL:
		return catalog_bytes(c, e->label);
	case CATALOG_BY_SHA1:
		return catalog_fixed(c, e->sha1, CATALOG_SHA1);
	case CATALOG_BY_SHA256:
		return catalog_fixed(c, e->sha256, CATALOG_SHA256);
	case CATALOG_BY_SPKI:
		return catalog_bytes(c, e->spki);
	case CATALOG_BY_SPKI_SHA256:
		return catalog_fixed(c, e->spki_sha256, CATALOG_SHA256);
	case CATALOG_BY_SERIAL:
	case CATALOG_BY_NAME:
	case CATALOG_QUESTIONS:
		break;
	}
	return catalog_fixed(c, 0, 0);
}

/* The entry at a position of an index, or NULL. */
/*@ requires list_opened(list) && q < CATALOG_QUESTIONS;
  @ assigns \nothing;
  @ ensures \result == \null ||
  @	\valid_read(\result) && \initialized(\result);
  @*/
static const struct catalog_entry *
entry_at(const struct list *list, enum catalog_question q, uint32_t position)
{
	return catalog_entry(&list->catalog,
			     catalog_at(&list->catalog, q, position));
}

struct catalog_run
find_octets(const struct list *list, enum catalog_question q,
	    struct bytes octets)
{
	const struct catalog *c = &list->catalog;
	struct catalog_run run = catalog_find(c, q, catalog_hash(octets));
	const struct catalog_entry *e;

	if (run.from == run.to)
		return no_run;
	e = entry_at(list, q, run.from);
	if (e == NULL || !bytes_equal(asked_octets(c, q, e), octets))
		return no_run;
	return run;
}

struct catalog_run
find_serial(const struct list *list, struct bytes serial)
{
	if (!find_may_have_serial(list, serial))	/* cheaper than a hash */
		return no_run;
	return catalog_find(&list->catalog, CATALOG_BY_SERIAL,
			    catalog_hash(catalog_serial_key(serial)));
}

/* How an issuer compares with the one at a position of the serial index. */
/*@ requires list_opened(list) && readable(issuer);
  @ assigns \nothing;
  @*/
static int
compare_issuer(const struct list *list, struct bytes issuer, uint32_t position)
{
	const struct catalog_entry *e =
		entry_at(list, CATALOG_BY_SERIAL, position);

	return e == NULL ? -1 : compare(issuer, catalog_bytes(&list->catalog,
							      e->issuer));
}

struct catalog_run
find_of_issuer(const struct list *list, struct bytes issuer,
	       struct catalog_run run)
{
	uint32_t end = run.to;

	/*@ loop invariant \initialized(&run) && run.from <= run.to <= end;
	  @ loop assigns run;
	  @ loop variant run.to - run.from;
	  @*/
	while (run.from < run.to) {
		uint32_t middle = run.from + (run.to - run.from) / 2;

		if (compare_issuer(list, issuer, middle) > 0)
			run.from = middle + 1;
		else
			run.to = middle;
	}
	/*@ loop invariant \initialized(&run) && run.from <= run.to <= end;
	  @ loop assigns run.to;
	  @ loop variant end - run.to;
	  @*/
	while (run.to < end && compare_issuer(list, issuer, run.to) == 0)
		run.to++;
	return run;
}

struct catalog_run
find_issuer_serial(const struct list *list, struct bytes issuer,
		   struct bytes serial)
{
	return find_of_issuer(list, issuer, find_serial(list, serial));
}

/* The first entry of a run that is in force and has the flag. */
/*@ requires list_opened(list) && q < CATALOG_QUESTIONS;
  @ assigns \nothing;
  @*/
static uint32_t
first_in_force(const struct list *list, enum catalog_question q,
	       struct catalog_run run, uint32_t flag)
{
	/*@ loop invariant \initialized(&run);
	  @ loop assigns run.from;
	  @ loop variant run.to - run.from;
	  @*/
	for (; run.from < run.to; run.from++) {
		const struct catalog_entry *e = entry_at(list, q, run.from);

		if (list_is_on(list, e) && (e->flags & flag))
			return catalog_at(&list->catalog, q, run.from);
	}
	return FIND_NONE;
}

/* By the same attributes in another spelling. */
/*@ requires list_opened(list) && readable(name);
  @ assigns \nothing;
  @*/
static uint32_t
find_equal_name(const struct list *list, struct bytes name)
{
	const struct catalog *c = &list->catalog;
	const struct catalog_entry *e;
	struct catalog_run run;
	uint64_t hash;

	if (!dn_hash(name, &hash))
		return FIND_NONE;
	run = catalog_find(c, CATALOG_BY_NAME, hash);
	if (run.from == run.to)
		return FIND_NONE;
	e = entry_at(list, CATALOG_BY_NAME, run.from);
	if (e == NULL || !dn_equal(catalog_bytes(c, e->subject), name))
		return FIND_NONE;
	return first_in_force(list, CATALOG_BY_NAME, run, CATALOG_MATCH_NAME);
}

/* Out of line: all but few names stop at their edge, most others at their
 * sketch. */
/*@ requires list_opened(list) && readable(name);
  @ assigns \nothing;
  @*/
static __attribute__((noinline)) uint32_t
find_whole_name(const struct list *list, struct bytes name)
{
	uint64_t sketch = dn_sketch(name);
	struct catalog_run run;
	uint32_t entry;

	if (sketch != DN_UNUSUAL && !catalog_may_have(&list->catalog, sketch))
		return FIND_NONE;
	run = find_octets(list, CATALOG_BY_SUBJECT, name);
	entry = first_in_force(list, CATALOG_BY_SUBJECT, run,
			       CATALOG_MATCH_NAME);
	return entry != FIND_NONE ? entry : find_equal_name(list, name);
}

uint32_t
find_name(const struct list *list, struct bytes name, uint32_t edge)
{
	if (!find_may_have_name(list, edge))
		return FIND_NONE;
	return find_whole_name(list, name);
}

uint32_t
find_key(const struct list *list, struct bytes spki)
{
	uint8_t digest[CATALOG_SHA256];
	struct catalog_run run = find_octets(list, CATALOG_BY_SPKI, spki);
	uint32_t entry = first_in_force(list, CATALOG_BY_SPKI, run,
					CATALOG_MATCH_KEY);

	if (entry != FIND_NONE ||
	    list->catalog.header->index[CATALOG_BY_SPKI_SHA256].buckets.count
	    == 0)
		return entry;
	sha256(spki, digest);
	run = find_octets(list, CATALOG_BY_SPKI_SHA256,
			  (struct bytes){ digest, sizeof(digest) });
	return first_in_force(list, CATALOG_BY_SPKI_SHA256, run,
			      CATALOG_MATCH_KEY);
}

uint32_t
find_rule(const struct list *list, const struct der_certificate *certificate)
{
	uint32_t entry = find_key(list, certificate->spki);

	if (entry == FIND_NONE)
		entry = find_name(list, certificate->subject,
				  dn_edge(certificate->subject));
	if (entry == FIND_NONE)
		entry = find_name(list, certificate->issuer,
				  dn_edge(certificate->issuer));
	return entry;
}
