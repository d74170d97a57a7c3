/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Any octets as a catalog: opened, verified, asked every question through
 * the finder, searched by templates, every object read.  In a catalog that
 * `distrust verify` calls good every search must find what one finds by hand
 * (plain.h).  The header's size, format and digest are made right, since what
 * stands behind them would never be reached otherwise; a mutator of our own
 * writes numbers that mean something here.
 */

#define _POSIX_C_SOURCE 200809L

#include "../unit/plain.h"
#include "find.h"
#include "fuzz.h"
#include "object.h"
#include "search.h"
#include "sha256.h"
#include "verify/verify.h"

enum { SOME = 48 };	/* of whatever there may be millions */

unsigned fuzz_deep;
static bool is_verified;

/* ---- The reader and the finder ----------------------------------------- */

static void
read_group(const struct catalog *c, uint32_t i)
{
	const struct catalog_group *g = catalog_group(c, i);
	const struct catalog_policy *p = catalog_policy(c, i);

	if (g != NULL) {
		fuzz_read(catalog_bytes(c, g->name));
		fuzz_read(catalog_bytes(c, g->references));
	}
	if (p != NULL)
		fuzz_read(catalog_bytes(c, p->group));
}

static void
read_run(const struct list *list, enum catalog_question q,
	 struct catalog_run run)
{
	FUZZ_MUST(run.from <= run.to);
	for (uint32_t i = run.from; i < run.to && i - run.from < SOME; i++)
		list_is_on(list, catalog_entry(&list->catalog,
					       catalog_at(&list->catalog, q,
							  i)));
}

static void
ask_octets(const struct list *list, struct bytes octets)
{
	for (unsigned q = CATALOG_BY_SUBJECT; q < CATALOG_BY_NAME; q++)
		read_run(list, q, find_octets(list, q, octets));
}

/* Everything that one entry says, asked back. */
static void
ask_entry(const struct list *list, const struct catalog_entry *e)
{
	const struct catalog *c = &list->catalog;
	struct bytes value = catalog_bytes(c, e->value);
	struct bytes issuer = catalog_bytes(c, e->issuer);
	struct bytes serial = catalog_bytes(c, e->serial);
	struct bytes subject = catalog_bytes(c, e->subject);
	struct der_certificate certificate;

	ask_octets(list, value);
	ask_octets(list, subject);
	ask_octets(list, catalog_bytes(c, e->label));
	ask_octets(list, catalog_bytes(c, e->spki));
	ask_octets(list, catalog_fixed(c, e->id, CATALOG_ID));
	ask_octets(list, catalog_fixed(c, e->sha256, CATALOG_SHA256));
	read_run(list, CATALOG_BY_SERIAL, find_serial(list, serial));
	read_run(list, CATALOG_BY_SERIAL,
		 find_issuer_serial(list, issuer, serial));
	find_name(list, subject, dn_edge(subject));
	find_name(list, issuer, DN_ANY);
	find_key(list, catalog_bytes(c, e->spki));
	if (der_certificate(value, &certificate))
		find_rule(list, &certificate);
}

static void
ask_hashes(const struct catalog *c, uint64_t hash)
{
	for (unsigned q = 0; q < CATALOG_QUESTIONS; q++) {
		struct catalog_run run = catalog_find(c, q, hash);

		FUZZ_MUST(run.from <= run.to);
	}
	catalog_may_have(c, hash);
}

/* ---- Objects and searches ---------------------------------------------- */

static void
read_object(const struct lists *lists, CK_OBJECT_HANDLE handle)
{
	uint8_t scratch[OBJECT_SCRATCH];
	struct object o;

	if (!object_open(lists, handle, &o))
		return;
	FUZZ_MUST(object_handle(&o) == handle);
	for (unsigned c = 0; c < COLUMNS; c++)
		fuzz_read(object_value(&o, c, scratch));
}

/* In a good catalog, by hand too; not where answers are too many. */
static void
compare(const struct lists *lists, const struct found *found,
	const CK_ATTRIBUTE *attributes, CK_ULONG count)
{
	struct template t = { .n = count };
	struct found due;

	if (count > 0)
		memcpy(t.attribute, attributes, count * sizeof(*attributes));
	due = search_by_hand(lists, &t);
	if (due.n < SOME)
		FUZZ_MUST(is_same_answer(lists, found, &due));
}

static void
search_for(const struct lists *lists, CK_ATTRIBUTE *template, CK_ULONG count)
{
	struct found found = { 0 };
	struct search s;
	struct object o;

	memset(&s, 0, sizeof(s));
	FUZZ_MUST(search_begin(&s, lists, template, count) == CKR_OK);
	while (found.n < SOME && !search_is_over(&s)) {
		CK_OBJECT_HANDLE handle = search_next(&s, lists);

		if (handle == CK_INVALID_HANDLE)
			continue;
		FUZZ_MUST(object_open(lists, handle, &o));
		found.handle[found.n++] = handle;
	}
	if (is_verified)
		compare(lists, &found, template, count);
}

static CK_ATTRIBUTE
attribute(CK_ATTRIBUTE_TYPE type, struct bytes b)
{
	return (CK_ATTRIBUTE){ type, (void *)(uintptr_t)b.p, b.n };
}

static void
search_entry(const struct lists *lists, const struct catalog_entry *e)
{
	const struct catalog *c = &lists->list[0].catalog;
	CK_OBJECT_CLASS class = NSS_CKO_TRUST;
	CK_BBOOL yes = CK_TRUE;
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		attribute(CKA_ISSUER, catalog_bytes(c, e->issuer)),
		attribute(CKA_SERIAL_NUMBER, catalog_bytes(c, e->serial)),
		attribute(CKA_VALUE, catalog_bytes(c, e->value)),
		{ P11KIT_CKA_DISTRUSTED, &yes, sizeof(yes) },
		attribute(CKA_SUBJECT, catalog_bytes(c, e->subject)),
		attribute(CKA_ID, catalog_fixed(c, e->id, CATALOG_ID)),
		attribute(CKA_LABEL, catalog_bytes(c, e->label)),
	};

	search_for(lists, template, 3);
	class = P11_CKO_TRUST;
	search_for(lists, template, 3);
	search_for(lists, template + 1, 2);
	search_for(lists, template + 3, 1);
	search_for(lists, template + 4, 2);
	for (size_t i = 0; i < sizeof(template) / sizeof(*template); i++)
		search_for(lists, template + i, 1);
}

static void
ask_lists(const struct catalog *catalog)
{
	static struct lists lists;
	const struct catalog_entry *e;

	memset(&lists, 0, sizeof(lists));
	lists_add(&lists, catalog);
	lists_add(&lists, catalog);
	lists_enable(&lists, catalog);
	lists_rule(&lists, catalog);
	for (uint32_t i = 0; i < SOME; i++) {
		e = catalog_entry(catalog, i);
		if (e == NULL)
			break;
		ask_entry(&lists.list[0], e);
		search_entry(&lists, e);
	}
	for (CK_OBJECT_HANDLE h = 0; h < (CK_OBJECT_HANDLE)SOME * 32; h++)
		read_object(&lists, h);
	search_for(&lists, NULL, 0);
}

/* ---- The target -------------------------------------------------------- */

static void
make_right(uint8_t *octets, size_t n)
{
	struct catalog_header header;

	if (n < sizeof(header))
		return;
	memcpy(&header, octets, sizeof(header));
	header.size = n;
	/* A catalog of an older format is no good, but its octets are. */
	if (header.format != 0)
		header.format = CATALOG_FORMAT;
	sha256((struct bytes){ octets + sizeof(header), n - sizeof(header) },
	       header.digest);
	memcpy(octets, &header, sizeof(header));
}

/* ---- Mutating ---------------------------------------------------------- */

enum { WORD = sizeof(uint32_t) };

/* A number that means something: an edge, a neighbour, another word of the
 * file, what a count or an offset could be. */
static uint32_t
telling(uint64_t *random, const uint8_t *p, size_t n, uint32_t was)
{
	const uint32_t edges[] = {
		0, 1, 7, 8, 64, UINT32_MAX, UINT32_MAX - 1, CATALOG_SPILLED,
		LISTS_GROUPS, (uint32_t)n, (uint32_t)n - 1, (uint32_t)n / 8,
	};
	uint32_t other;

	*random = *random * UINT64_C(0x9e3779b97f4a7c15) + 1;
	switch (*random >> 62) {
	case 0:
		return edges[(*random >> 32) % (sizeof(edges) / WORD)];
	case 1:
		return was + 1 + (uint32_t)(*random >> 32) % 8;
	case 2:
		return was - 1 - (uint32_t)(*random >> 32) % 8;
	default:
		memcpy(&other, p + (*random >> 32) % (n / WORD) * WORD, WORD);
		return other;
	}
}

/* Half of the time a word, often one of the header's. */
size_t
LLVMFuzzerCustomMutator(uint8_t *p, size_t n, size_t max, unsigned seed)
{
	uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15);
	size_t words = n / WORD, at;
	uint32_t word;

	if (n < sizeof(struct catalog_header) || seed % 2 == 0)
		return LLVMFuzzerMutate(p, n, max);
	if (random >> 63)
		words = sizeof(struct catalog_header) / WORD;
	at = (random >> 24) % words * WORD;
	memcpy(&word, p + at, WORD);
	word = telling(&random, p, n, word);
	memcpy(p + at, &word, WORD);
	return n;
}

/* ---- The target -------------------------------------------------------- */

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bytes in = { p, n };
	struct fault fault = { "" };
	struct catalog catalog;
	void *octets = NULL;

	if (n == 0 || posix_memalign(&octets, 64, n) != 0)
		return 0;
	memcpy(octets, p, n);
	make_right(octets, n);
	if (catalog_open(&catalog, octets, n) == 0) {
		is_verified = verify_catalog(&catalog, "input", &fault) == 0;
		FUZZ_MUST(is_verified == (fault.text[0] == '\0'));
		fuzz_deep += is_verified;
		for (uint32_t i = 0; i < SOME; i++)
			read_group(&catalog, i);
		in = fuzz_take(&in, 256);
		while (in.n > 0)
			ask_hashes(&catalog, fuzz_number(&in));
		ask_lists(&catalog);
	}
	free(octets);
	return 0;
}
