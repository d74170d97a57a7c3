/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The reader against damaged and hostile catalogs: a wrong header is
 * refused; after any other damage everything is read and asked for, at the
 * end of memory, and nothing outside of the catalog is touched.
 */

#define _DEFAULT_SOURCE

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "builtin.h"
#include "find.h"
#include "guard.h"
#include "made.h"
#include "object.h"
#include "random.h"
#include "search.h"

static struct made made;
static struct guard guard;

/* ---- A small catalog with all sections -------------------------------- */

enum { FLAGS = CATALOG_USAGE_ALL | CATALOG_IS_CA };

static void
add_certificate(struct made *m, const char *cn, const char *serial,
		uint32_t flags)
{
	static struct encoded name, integer, key, der;

	made_name(&name, 0x0c, cn);
	made_integer(&integer, made_text(serial));
	made_key(&key, cn);
	made_add(m, (struct made_entry){
		.certificate = made_certificate(
			&der, encoded_bytes(&name), encoded_bytes(&integer),
			encoded_bytes(&name), encoded_bytes(&key)),
		.label = cn, .flags = flags | FLAGS });
}

static void
add_identity(struct made *m, const char *cn, const char *serial,
	     uint32_t flags)
{
	static struct encoded name, integer, key;

	made_add(m, (struct made_entry){
		.issuer = made_name(&name, 0x0c, cn),
		.subject = encoded_bytes(&name),
		.serial = made_integer(&integer, made_text(serial)),
		.spki = made_key(&key, serial),
		.label = cn, .flags = flags | FLAGS, .hashes = true,
		.after = flags & CATALOG_MATCH_NAME ? NULL :
						      "200101000000Z" });
}

/* Padded to 64 octets, so that it can end where memory does. */
static int
make_catalog(void **state)
{
	struct catalog_header header;
	size_t size;

	(void)state;
	made_begin(&made);
	made_group(&made, "group", true);
	made_policy(&made, "group", true);
	add_certificate(&made, "Root", "one",
			CATALOG_MATCH_CERTIFICATE | CATALOG_MATCH_NAME |
			CATALOG_MATCH_KEY);
	add_certificate(&made, "Other", "one", CATALOG_MATCH_CERTIFICATE);
	add_identity(&made, "Known", "two", CATALOG_MATCH_CERTIFICATE);
	add_identity(&made, "Named", "six",
		     CATALOG_MATCH_NAME | CATALOG_MATCH_KEY);
	made_end(&made);
	size = (made.size + 63) / 64 * 64;
	memset(made.octets + made.size, 0, size - made.size);
	memcpy(&header, made.octets, sizeof(header));
	header.size = made.size = size;
	memcpy(made.octets, &header, sizeof(header));
	guard = guard_new(size);
	return 0;
}

static int
free_catalog(void **state)
{
	(void)state;
	made_free(&made);
	return 0;
}

/* ---- Reading everything ----------------------------------------------- */

static volatile uint8_t sink;

static void
touch(struct bytes b)
{
	uint8_t sum = 0;

	assert_non_null(b.p);
	for (size_t i = 0; i < b.n; i++)
		sum = (uint8_t)(sum + b.p[i]);
	sink = sum;
}

static void
touch_spans(const struct catalog *c, const struct catalog_span *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		touch(catalog_bytes(c, s[i]));
}

static void
touch_entry(const struct catalog *c, const struct catalog_entry *e)
{
	const struct catalog_span spans[] = {
		e->value, e->issuer, e->serial, e->subject, e->spki, e->label,
		e->evidence,
	};

	touch_spans(c, spans, sizeof(spans) / sizeof(spans[0]));
	touch(catalog_fixed(c, e->md5, CATALOG_MD5));
	touch(catalog_fixed(c, e->sha1, CATALOG_SHA1));
	touch(catalog_fixed(c, e->sha256, CATALOG_SHA256));
	touch(catalog_fixed(c, e->spki_sha256, CATALOG_SHA256));
	touch(catalog_fixed(c, e->id, CATALOG_ID));
	touch(catalog_fixed(c, e->dates, CATALOG_DATES));
	touch(catalog_fixed(c, e->after, CATALOG_AFTER));
}

static void
touch_groups(const struct catalog *c)
{
	for (uint32_t i = 0; catalog_group(c, i) != NULL && i < 64; i++) {
		const struct catalog_group *g = catalog_group(c, i);
		const struct catalog_span spans[] = {
			g->name, g->title, g->country, g->reason, g->actor,
			g->story, g->argument, g->references,
		};

		touch_spans(c, spans, sizeof(spans) / sizeof(spans[0]));
		sink = (uint8_t)(g->began + g->blocked + g->flags);
	}
	for (uint32_t i = 0; catalog_policy(c, i) != NULL && i < 64; i++)
		touch(catalog_bytes(c, catalog_policy(c, i)->group));
}

static void
ask_index(const struct catalog *c, enum catalog_question q, uint64_t hash)
{
	struct catalog_run run = catalog_find(c, q, hash);

	assert_true(run.from <= run.to);
	assert_true(run.to <= c->header->index[q].order.count);
	for (uint32_t i = run.from; i < run.to && i < run.from + 64; i++) {
		const struct catalog_entry *e =
			catalog_entry(c, catalog_at(c, q, i));

		if (e != NULL)
			touch_entry(c, e);
	}
}

/* By what stands in the undamaged catalog, and by anything. */
static void
ask_indexes(const struct catalog *c)
{
	const struct catalog *m = &made.catalog;

	for (enum catalog_question q = 0; q < CATALOG_QUESTIONS; q++) {
		for (uint32_t i = 0; i < catalog_entries(m); i++) {
			const struct catalog_entry *e = catalog_entry(m, i);

			ask_index(c, q, catalog_hash(catalog_serial_key(
				catalog_bytes(m, e->serial))));
			ask_index(c, q, catalog_hash(catalog_bytes(
				m, e->value)));
			ask_index(c, q, catalog_hash(catalog_bytes(
				m, e->subject)));
			ask_index(c, q, catalog_hash(catalog_fixed(
				m, e->sha256, CATALOG_SHA256)));
		}
		for (unsigned i = 0; i < 4; i++)
			ask_index(c, q, random_next());
		for (uint32_t at = 0; at < 40; at++)
			catalog_at(c, q, at);
		catalog_at(c, q, UINT32_MAX);
	}
	for (unsigned i = 0; i < 4; i++)
		catalog_may_have(c, random_next());
}

/* All objects of a search, with all that they have. */
static void
run_search(const struct lists *lists, const CK_ATTRIBUTE *template,
	   CK_ULONG count)
{
	uint8_t scratch[OBJECT_SCRATCH];
	CK_OBJECT_HANDLE handle;
	struct object o;
	struct search s;

	assert_int_equal(search_begin(&s, lists, template, count), CKR_OK);
	for (unsigned i = 0; i < 40; i++) {
		handle = search_next(&s, lists);
		if (handle == CK_INVALID_HANDLE ||
		    !object_open(lists, handle, &o))
			break;
		for (enum column c = 0; c < COLUMNS; c++) {
			struct bytes b = object_value(&o, c, scratch);

			if (b.p != NULL)
				touch(b);
		}
	}
}

static CK_ATTRIBUTE
attribute(CK_ATTRIBUTE_TYPE type, struct bytes b)
{
	return (CK_ATTRIBUTE){ type, (void *)(uintptr_t)b.p, b.n };
}

/* What programs ask about an entry of the undamaged catalog. */
static void
search_entry(const struct lists *lists, const struct catalog_entry *e)
{
	const struct catalog *m = &made.catalog;
	CK_BBOOL yes = CK_TRUE;
	const CK_ATTRIBUTE identity[] = {
		attribute(CKA_ISSUER, catalog_bytes(m, e->issuer)),
		attribute(CKA_SERIAL_NUMBER, catalog_bytes(m, e->serial)),
		attribute(P11KIT_CKA_DISTRUSTED,
			  (struct bytes){ &yes, sizeof(yes) }),
	};
	const CK_ATTRIBUTE single[] = {
		attribute(CKA_SUBJECT, catalog_bytes(m, e->subject)),
		attribute(CKA_VALUE, catalog_bytes(m, e->value)),
		attribute(CKA_PUBLIC_KEY_INFO, catalog_bytes(m, e->spki)),
		attribute(CKA_LABEL, catalog_bytes(m, e->label)),
		attribute(CKA_ID, catalog_fixed(m, e->id, CATALOG_ID)),
		attribute(NSS_CKA_CERT_SHA1_HASH,
			  catalog_fixed(m, e->sha1, CATALOG_SHA1)),
		attribute(P11_CKA_HASH_OF_CERTIFICATE,
			  catalog_fixed(m, e->sha256, CATALOG_SHA256)),
	};

	run_search(lists, identity, 2);
	run_search(lists, identity, 3);
	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++)
		run_search(lists, &single[i], 1);
}

/* A new certificate under a name and a key of the catalog. */
static void
search_reissued(const struct lists *lists)
{
	static struct encoded name, integer, key, der;
	CK_ATTRIBUTE value;

	made_name(&name, 0x13, "ROOT");
	made_integer(&integer, made_text("any"));
	made_key(&key, "six");
	value = attribute(CKA_VALUE, made_certificate(
		&der, encoded_bytes(&name), encoded_bytes(&integer),
		encoded_bytes(&name), encoded_bytes(&key)));
	run_search(lists, &value, 1);
}

static void
read_everything(const struct catalog *c)
{
	static struct lists lists;
	const struct catalog *m = &made.catalog;

	for (uint32_t i = 0; i < 64 && catalog_entry(c, i) != NULL; i++)
		touch_entry(c, catalog_entry(c, i));
	touch_groups(c);
	ask_indexes(c);
	lists.count = 0;
	lists_add(&lists, c);
	lists_rule(&lists, c);
	run_search(&lists, NULL, 0);
	for (uint32_t i = 0; i < catalog_entries(m); i++)
		search_entry(&lists, catalog_entry(m, i));
	search_reissued(&lists);
}

/* ---- Headers ---------------------------------------------------------- */

static struct catalog_header
good_header(void)
{
	struct catalog_header h;

	memcpy(&h, made.octets, sizeof(h));
	return h;
}

/* Whether the catalog opens with another header. */
static bool
opens_with(const struct catalog_header *h)
{
	struct bytes copy = guard_end(&guard, (struct bytes){
		made.octets, made.size });
	struct catalog c;

	memcpy(guard.start + guard.size - made.size, h, sizeof(*h));
	if (catalog_open(&c, copy.p, copy.n) != 0)
		return false;
	read_everything(&c);
	return true;
}

static void
a_good_catalog_opens(void **state)
{
	struct catalog_header h = good_header();

	(void)state;
	assert_true(opens_with(&h));
}

static void
a_foreign_header_is_refused(void **state)
{
	struct catalog_header h;

	(void)state;
	for (size_t i = 0; i < sizeof(h.magic); i++) {
		h = good_header();
		h.magic[i] ^= 0x20;
		assert_false(opens_with(&h));
	}
	h = good_header();
	h.endian = 0x04030201u;
	assert_false(opens_with(&h));
	h.endian = 0;
	assert_false(opens_with(&h));
}

static void
another_format_is_refused(void **state)
{
	const uint32_t formats[] = {
		0, CATALOG_FORMAT - 1, CATALOG_FORMAT + 1, UINT32_MAX,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct catalog_header h = good_header();

		h.format = formats[i];
		assert_false(opens_with(&h));
	}
}

static void
another_size_is_refused(void **state)
{
	const uint64_t good = made.size;
	const uint64_t sizes[] = {
		0, 1, good - 64, good - 1, good + 1, good + 64, UINT64_MAX,
		good | UINT64_C(1) << 32,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct catalog_header h = good_header();

		h.size = sizes[i];
		assert_false(opens_with(&h));
	}
}

static void
a_misaligned_catalog_is_refused(void **state)
{
	static _Alignas(64) uint8_t octets[65536];
	struct catalog c;

	(void)state;
	for (size_t shift = 0; shift < 128; shift++) {
		memcpy(octets + shift, made.octets, made.size);
		assert_int_equal(catalog_open(&c, octets + shift, made.size),
				 shift % 64 == 0 ? 0 : -1);
	}
}

/* ---- Sections --------------------------------------------------------- */

enum { SECTIONS = 5 + 2 * CATALOG_QUESTIONS };

static const char *const section_names[] = {
	"pool", "entries", "groups", "policy", "filter",
};

/* A section of a header, the size of its records and its alignment. */
static struct catalog_section *
section(struct catalog_header *h, unsigned i, uint64_t *record,
	uint64_t *align)
{
	const size_t records[] = {
		1, sizeof(struct catalog_entry), sizeof(struct catalog_group),
		sizeof(struct catalog_policy), sizeof(uint64_t),
	};
	struct catalog_section *first[] = {
		&h->pool, &h->entries, &h->groups, &h->policy, &h->filter,
	};

	*align = 8;
	if (i < 5) {
		*record = records[i];
		return first[i];
	}
	if (i % 2 == 0) {
		*record = sizeof(uint32_t);
		return &h->index[(i - 5) / 2].order;
	}
	*record = *align = sizeof(struct catalog_bucket);
	return &h->index[(i - 5) / 2].buckets;
}

static bool
needs_power_of_two(unsigned i)
{
	return i == 4 || (i > 4 && i % 2 == 1);
}

static void
assert_section(unsigned i, uint64_t off, uint64_t count, bool good)
{
	struct catalog_header h = good_header();
	uint64_t record, align;

	*section(&h, i, &record, &align) =
		(struct catalog_section){ off, count };
	if (opens_with(&h) != good)
		fail_msg("section %u (%s) at %llu, %llu records", i,
			 i < 5 ? section_names[i] : "index",
			 (unsigned long long)off, (unsigned long long)count);
}

static void
a_section_lies_inside(void **state)
{
	const uint64_t size = made.size;

	(void)state;
	for (unsigned i = 0; i < SECTIONS; i++) {
		struct catalog_header h = good_header();
		uint64_t record, align;
		struct catalog_section s = *section(&h, i, &record, &align);
		uint64_t most = (size - s.off) / record;

		assert_section(i, s.off, s.count, true);
		assert_section(i, s.off, 0, true);
		assert_section(i, size, 0, true);
		assert_section(i, size, 1, false);
		assert_section(i, size + align, 0, false);
		assert_section(i, 0 - align, 1, false);
		assert_section(i, 0 - align, 0, false);
		for (uint64_t by = 1; by < align; by *= 2)
			assert_section(i, s.off + by, 0, false);
		assert_section(i, s.off, UINT64_MAX, false);
		/* Its size overflows to something small. */
		assert_section(i, s.off, UINT64_MAX / record, false);
		if (record > 1)
			assert_section(i, s.off, UINT64_MAX / record + 1,
				       false);
		if (!needs_power_of_two(i))
			assert_section(i, s.off, most, true);
		assert_section(i, s.off, most + 1, false);
	}
}

static void
a_table_has_a_power_of_two(void **state)
{
	(void)state;
	for (unsigned i = 4; i < SECTIONS; i++) {
		if (!needs_power_of_two(i))
			continue;
		for (uint64_t count = 0; count < 20; count++)
			assert_section(i, 0, count,
				       (count & (count - 1)) == 0);
	}
}

/* What is left of a product's 64 bits are those of the filter's words. */
static void
a_filter_is_as_long_as_its_shift_says(void **state)
{
	uint64_t size = UINT64_C(1) << 40;
	union {
		_Alignas(64) struct catalog_header header;
		uint8_t octets[512];
	} u = { .header = good_header() };
	struct catalog c;

	(void)state;
	u.header.size = size;
	for (unsigned power = 0; power < 37; power++) {
		u.header.filter = (struct catalog_section){
			sizeof(u), UINT64_C(1) << power };
		assert_int_equal(catalog_open(&c, &u, (size_t)size),
				 power < 32 ? 0 : -1);
		for (unsigned i = 0; power < 32 && i < 64; i++)
			assert_int_equal(catalog_filter_bit(UINT64_MAX >> i,
							    c.filter_shift) /
					 64 >> power, 0);
	}
}

/* Positions in an order are of 32 bits. */
static void
an_order_is_no_longer_than_a_position_says(void **state)
{
	_Alignas(64) struct catalog_header header = good_header();
	struct catalog_section *order = &header.index[CATALOG_BY_NAME].order;
	struct catalog c;

	(void)state;
	header.size = UINT64_C(1) << 40;
	*order = (struct catalog_section){ 512, UINT32_MAX - 1 };
	assert_int_equal(catalog_open(&c, &header, (size_t)header.size), 0);
	order->count++;
	assert_int_equal(catalog_open(&c, &header, (size_t)header.size), -1);
}

/* Opening a list of any length reads its header alone. */
static void
opening_reads_the_header_alone(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = 64 * page;
	uint8_t *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct catalog_header h = good_header();
	struct catalog c;

	(void)state;
	assert_true(p != MAP_FAILED);
	h.size = size;
	h.entries = (struct catalog_section){
		page, (size - page) / sizeof(struct catalog_entry) };
	memcpy(p, &h, sizeof(h));
	assert_int_equal(mprotect(p + page, size - page, PROT_NONE), 0);
	assert_int_equal(catalog_open(&c, p, size), 0);
	munmap(p, size);
}

/* ---- Records ---------------------------------------------------------- */

static void
there_is_nothing_behind_the_last_record(void **state)
{
	const struct catalog *c = &made.catalog;

	(void)state;
	assert_int_equal(catalog_entries(c), 4);
	assert_int_equal(catalog_groups(c), 1);
	assert_non_null(catalog_entry(c, 3));
	assert_null(catalog_entry(c, 4));
	assert_null(catalog_entry(c, UINT32_MAX));
	assert_non_null(catalog_group(c, 0));
	assert_null(catalog_group(c, 1));
	assert_non_null(catalog_policy(c, 0));
	assert_null(catalog_policy(c, 1));
	assert_int_equal(catalog_at(c, CATALOG_BY_SERIAL, 1000), UINT32_MAX);
}

static void
a_span_outside_is_empty(void **state)
{
	const struct catalog *c = &made.catalog;
	const uint32_t pool = (uint32_t)c->header->pool.count;
	const struct {
		uint32_t off, len;
		size_t n;
	} spans[] = {
		{ 0, 0, 0 }, { 0, 5, 0 }, { 8, 0, 0 }, { 8, 5, 5 },
		{ pool - 5, 5, 5 }, { pool - 5, 6, 0 }, { pool, 0, 0 },
		{ pool, 1, 0 }, { pool + 1, 0, 0 }, { UINT32_MAX, 1, 0 },
		{ 8, UINT32_MAX, 0 }, { UINT32_MAX, UINT32_MAX, 0 },
		{ 8, UINT32_MAX - 7, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		struct bytes b = catalog_bytes(c, (struct catalog_span){
			spans[i].off, spans[i].len });

		assert_non_null(b.p);
		assert_int_equal(b.n, spans[i].n);
		touch(b);
	}
	assert_int_equal(catalog_fixed(c, 0, CATALOG_SHA1).n, 0);
	assert_int_equal(catalog_fixed(c, pool - 19, CATALOG_SHA1).n, 0);
	assert_int_equal(catalog_fixed(c, pool - 20, CATALOG_SHA1).n, 20);
}

/* ---- Damage ----------------------------------------------------------- */

static unsigned opened;

static void
try_damaged(struct bytes copy)
{
	struct catalog c;

	if (catalog_open(&c, copy.p, copy.n) == 0) {
		opened++;
		read_everything(&c);
	}
}

static void
any_bit_may_flip(void **state)
{
	struct bytes copy = guard_end(&guard, (struct bytes){
		made.octets, made.size });
	uint8_t *octets = guard.start + guard.size - made.size;

	(void)state;
	opened = 0;
	random_seed(10);
	for (size_t at = 0; at < made.size; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			octets[at] ^= (uint8_t)(1u << bit);
			try_damaged(copy);
			octets[at] ^= (uint8_t)(1u << bit);
		}
	}
	assert_true(opened > made.size * 4);
}

/* Cut off, as it is and with a header that agrees. */
static void
it_may_end_anywhere(void **state)
{
	struct catalog_header h = good_header();
	struct catalog c;

	(void)state;
	opened = 0;
	random_seed(11);
	for (size_t n = 0; n < made.size; n++) {
		size_t room = (n + 63) / 64 * 64;
		uint8_t *p = guard.start + guard.size - room;

		memcpy(p, made.octets, n);
		assert_int_equal(catalog_open(&c, p, n), -1);
		if (n < sizeof(h))
			continue;
		h.size = n;
		memcpy(p, &h, sizeof(h));
		try_damaged((struct bytes){ p, n });
	}
	/* All but what fills up the last cache line must be there. */
	assert_true(opened < 64);
}

/* Several words at once become what hurts most. */
static void
any_words_may_be_anything(void **state)
{
	const uint32_t words[] = {
		0, 1, 2, 7, 8, UINT32_MAX, UINT32_MAX - 1, 0x80000000u,
		0x7fffffffu, (uint32_t)made.size, (uint32_t)made.size - 8,
		(uint32_t)made.catalog.header->pool.count,
	};
	const uint32_t *good = (const void *)made.octets;
	const size_t count = made.size / sizeof(*good);
	const size_t header = sizeof(struct catalog_header) / sizeof(*good);
	struct bytes copy = guard_end(&guard, (struct bytes){
		made.octets, made.size });
	uint32_t *damaged = (void *)(guard.start + guard.size - made.size);
	size_t at[8];

	(void)state;
	opened = 0;
	random_seed(12);
	for (unsigned i = 0; i < 15000; i++) {
		unsigned n = 1 + random_below(8);

		for (unsigned j = 0; j < n; j++) {
			at[j] = random_once_in(8) ?
				random_below((unsigned)header) :
				header + random_below((unsigned)
						      (count - header));
			damaged[at[j]] = random_once_in(4) ?
				(uint32_t)random_next() :
				words[random_below(sizeof(words) /
						   sizeof(words[0]))];
		}
		try_damaged(copy);
		while (n-- > 0)
			damaged[at[n]] = good[at[n]];
	}
	assert_true(opened > 5000);
}

/* ---- The built-in list ------------------------------------------------ */

static void
the_built_in_list_opens(void **state)
{
	struct catalog c;

	(void)state;
	assert_int_equal(catalog_open(&c, builtin_catalog,
				      builtin_catalog_size), 0);
	assert_true(catalog_entries(&c) > 100);
	for (uint32_t i = 0; i < catalog_entries(&c); i++) {
		const struct catalog_entry *e = catalog_entry(&c, i);

		touch_entry(&c, e);
		assert_non_null(catalog_group(&c, e->group));
		assert_int_equal(catalog_fixed(&c, e->id, CATALOG_ID).n,
				 CATALOG_ID);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_catalog_opens),
		cmocka_unit_test(a_foreign_header_is_refused),
		cmocka_unit_test(another_format_is_refused),
		cmocka_unit_test(another_size_is_refused),
		cmocka_unit_test(a_misaligned_catalog_is_refused),
		cmocka_unit_test(a_section_lies_inside),
		cmocka_unit_test(a_table_has_a_power_of_two),
		cmocka_unit_test(a_filter_is_as_long_as_its_shift_says),
		cmocka_unit_test(an_order_is_no_longer_than_a_position_says),
		cmocka_unit_test(opening_reads_the_header_alone),
		cmocka_unit_test(there_is_nothing_behind_the_last_record),
		cmocka_unit_test(a_span_outside_is_empty),
		cmocka_unit_test(any_bit_may_flip),
		cmocka_unit_test(it_may_end_anywhere),
		cmocka_unit_test(any_words_may_be_anything),
		cmocka_unit_test(the_built_in_list_opens),
	};

	return cmocka_run_group_tests_name("catalog", tests, make_catalog,
					   free_catalog);
}
