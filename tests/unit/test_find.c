/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The finder: each index gives the entries that have what was asked for and
 * no others; serial numbers in both spellings; name and key rules, and the
 * groups that switch them off.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "find.h"
#include "flags.h"
#include "made.h"
#include "random.h"

static struct list
list_of(const struct made *m)
{
	struct lists lists = { 0 };

	lists_add(&lists, &m->catalog);
	return lists.list[0];
}

static void
write_certificate(struct encoded *der, const char *issuer, const char *serial,
		  const char *subject, const char *key)
{
	static struct encoded i, n, s, k;

	made_certificate(der, made_name(&i, UTF8, issuer),
			 made_integer(&n, made_text(serial)),
			 made_name(&s, UTF8, subject), made_key(&k, key));
}

/* Its index. */
static uint32_t
add_certificate(struct made *m, const char *cn, const char *serial,
		const char *key, uint32_t flags, uint32_t group)
{
	static struct encoded der;

	write_certificate(&der, cn, serial, cn, key);
	return made_add(m, (struct made_entry){
		.certificate = encoded_bytes(&der), .label = cn,
		.flags = flags | ALL, .group = group });
}

/* ---- Each index ------------------------------------------------------- */

/* The octets by which a question finds an entry; none where it cannot. */
static struct bytes
key_of(const struct catalog *c, const struct catalog_entry *e,
       enum catalog_question q)
{
	switch (q) {
	case CATALOG_BY_SUBJECT: return catalog_bytes(c, e->subject);
	case CATALOG_BY_VALUE: return catalog_bytes(c, e->value);
	case CATALOG_BY_ID: return catalog_fixed(c, e->id, CATALOG_ID);
	case CATALOG_BY_LABEL: return catalog_bytes(c, e->label);
	case CATALOG_BY_SHA1: return catalog_fixed(c, e->sha1, CATALOG_SHA1);
	case CATALOG_BY_SHA256:
		return catalog_fixed(c, e->sha256, CATALOG_SHA256);
	case CATALOG_BY_SPKI: return catalog_bytes(c, e->spki);
	case CATALOG_BY_SPKI_SHA256:
		if (e->spki.len > 0 || !(e->flags & KEY))
			break;
		return catalog_fixed(c, e->spki_sha256, CATALOG_SHA256);
	default:
		break;
	}
	return (struct bytes){ (const uint8_t *)"", 0 };
}

/* A run holds the entries with these octets, and all of them. */
static void
assert_run(const struct list *list, enum catalog_question q,
	   struct bytes octets)
{
	const struct catalog *c = &list->catalog;
	struct catalog_run run = find_octets(list, q, octets);
	uint32_t due = 0;

	for (uint32_t i = 0; i < catalog_entries(c); i++)
		due += bytes_equal(key_of(c, catalog_entry(c, i), q), octets);
	assert_int_equal(run.to - run.from, due);
	for (; run.from < run.to; run.from++) {
		const struct catalog_entry *e =
			catalog_entry(c, catalog_at(c, q, run.from));

		assert_non_null(e);
		assert_true(bytes_equal(key_of(c, e, q), octets));
	}
}

/* Names, serial numbers, labels and keys that several share. */
static void
make_many(struct made *m, unsigned count)
{
	static struct encoded issuer, serial, key;
	char cn[32], number[32];

	made_begin(m);
	made_group(m, "group", true);
	for (unsigned i = 0; i < count; i++) {
		snprintf(cn, sizeof(cn), "Name %u", i / 3);
		snprintf(number, sizeof(number), "serial %u", i / 2);
		if (i % 4 != 0) {
			add_certificate(m, cn, number, cn, CERTIFICATE, 0);
			continue;
		}
		made_add(m, (struct made_entry){
			.issuer = made_name(&issuer, UTF8, cn),
			.subject = encoded_bytes(&issuer),
			.serial = made_integer(&serial, made_text(number)),
			.spki = made_key(&key, cn), .label = number,
			.flags = CERTIFICATE | KEY | ALL, .hashes = true });
	}
	made_end(m);
}

static void
each_index_finds_what_was_filed(void **state)
{
	struct made m;
	struct list list;

	(void)state;
	make_many(&m, 600);
	list = list_of(&m);
	for (enum catalog_question q = 0; q < CATALOG_QUESTIONS; q++) {
		if (q == CATALOG_BY_SERIAL || q == CATALOG_BY_NAME)
			continue;
		for (uint32_t i = 0; i < catalog_entries(&m.catalog); i++) {
			struct bytes key = key_of(
				&m.catalog, catalog_entry(&m.catalog, i), q);

			if (key.n > 0)
				assert_run(&list, q, key);
		}
		assert_run(&list, q, made_text("what nobody has"));
		assert_int_equal(find_octets(&list, q, made_text("")).to, 0);
	}
	made_free(&m);
}

/* ---- Buckets ---------------------------------------------------------- */

static unsigned
spilled(const struct catalog *c, enum catalog_question q)
{
	const struct catalog_section *s = &c->header->index[q].buckets;
	const struct catalog_bucket *b = (const void *)(c->base + s->off);
	unsigned n = 0;

	for (uint64_t i = 0; i < s->count; i++)
		n += (b[i].ref[0] & CATALOG_SPILLED) != 0;
	return n;
}

/* In its first bucket or in its second; in the second only if the first says
 * so. */
static void
assert_placed(const struct catalog *c, enum catalog_question q, uint64_t hash)
{
	const struct catalog_section *s = &c->header->index[q].buckets;
	const struct catalog_bucket *b = (const void *)(c->base + s->off);
	uint32_t tag = catalog_tag(hash);
	uint64_t first = catalog_first(hash, s->count);
	uint64_t second = catalog_second(first, tag, s->count);

	for (unsigned i = 0; i < CATALOG_SLOTS; i++) {
		if (b[first].tag[i] == tag)
			return;
	}
	assert_true(b[first].ref[0] & CATALOG_SPILLED);
	for (unsigned i = 0; i < CATALOG_SLOTS; i++) {
		if (b[second].tag[i] == tag)
			return;
	}
	fail();
}

/* The writer leaves room enough that few buckets spill: it takes a list of
 * some size to see one. */
static void
what_spilled_is_found(void **state)
{
	struct made m;
	struct list list;

	(void)state;
	make_many(&m, 40000);
	list = list_of(&m);
	assert_true(spilled(&m.catalog, CATALOG_BY_ID) > 0);
	for (uint32_t i = 0; i < catalog_entries(&m.catalog); i++) {
		struct bytes id = key_of(&m.catalog,
					 catalog_entry(&m.catalog, i),
					 CATALOG_BY_ID);
		struct catalog_run run = find_octets(&list, CATALOG_BY_ID, id);

		assert_placed(&m.catalog, CATALOG_BY_ID, catalog_hash(id));
		while (run.from < run.to &&
		       catalog_at(&m.catalog, CATALOG_BY_ID, run.from) != i)
			run.from++;
		assert_true(run.from < run.to);
	}
	made_free(&m);
}

/* ---- Serial numbers --------------------------------------------------- */

/* Entries with this issuer and serial number, in both spellings of it. */
static void
assert_found(const struct list *list, struct bytes issuer,
	     struct bytes content, unsigned count)
{
	static struct encoded der;
	const struct catalog *c = &list->catalog;
	struct bytes spellings[2];
	struct lists lists = { .count = 1, .list = { *list } };

	spellings[0] = content;
	spellings[1] = made_integer(&der, content);
	for (unsigned i = 0; i < 2; i++) {
		struct catalog_run run = find_issuer_serial(list, issuer,
							    spellings[i]);

		assert_int_equal(run.to - run.from, count);
		assert_true(count == 0 ||
			    find_trace(&lists, issuer, spellings[i]) !=
			    FIND_NO_TRACE);
		for (; run.from < run.to; run.from++) {
			const struct catalog_entry *e = catalog_entry(
				c, catalog_at(c, CATALOG_BY_SERIAL, run.from));

			assert_true(bytes_equal(catalog_bytes(c, e->issuer),
						issuer));
		}
	}
}

enum { ISSUERS = 1000 };

/* Issuers of all lengths, so that a run is sorted by more than octets. */
static const char *
issuer_name(unsigned i)
{
	static char cn[64];

	snprintf(cn, sizeof(cn), "%.*s%u", (int)(i * 7 % 40),
		 "........................................", i);
	return cn;
}

static void
one_serial_number_of_a_thousand_issuers(void **state)
{
	static struct encoded name;
	const struct bytes serial = made_text("same");
	struct catalog_run run;
	struct made m;
	struct list list;

	(void)state;
	made_begin(&m);
	made_group(&m, "group", true);
	for (unsigned i = 0; i < ISSUERS; i++)
		add_certificate(&m, issuer_name(i * 611 % ISSUERS), "same",
				"key", CERTIFICATE, 0);
	made_end(&m);
	list = list_of(&m);
	run = find_serial(&list, serial);
	assert_int_equal(run.to - run.from, ISSUERS);
	for (unsigned i = 0; i < ISSUERS; i++) {
		made_name(&name, UTF8, issuer_name(i));
		assert_found(&list, encoded_bytes(&name), serial, 1);
		assert_found(&list, encoded_bytes(&name), made_text("samf"),
			     0);
		made_name(&name, PRINTABLE, issuer_name(i));
		assert_found(&list, encoded_bytes(&name), serial, 0);
	}
	assert_found(&list, made_text(""), serial, 0);
	assert_found(&list, made_name(&name, UTF8, "zzz"), serial, 0);
	made_free(&m);
}

/* Content octets that read as an INTEGER: the finder gives the caller all
 * that may be meant. */
static void
a_serial_number_may_read_as_der(void **state)
{
	static struct encoded name;
	struct made m;
	struct list list;
	struct bytes issuer;

	(void)state;
	made_begin(&m);
	made_group(&m, "group", true);
	add_certificate(&m, "Odd", "\x35", "key 1", CERTIFICATE, 0);
	add_certificate(&m, "Odd", "\x02\x01\x35", "key 2", CERTIFICATE, 0);
	add_certificate(&m, "Odd", "\x02\x03\x02\x01\x35", "key 3",
			CERTIFICATE, 0);
	add_certificate(&m, "Odd", "\x02\x02\x35", "key 4", CERTIFICATE, 0);
	made_end(&m);
	list = list_of(&m);
	issuer = made_name(&name, UTF8, "Odd");
	assert_found(&list, issuer, made_text("\x35"), 3);
	assert_found(&list, issuer, made_text("\x02\x01\x35"), 3);
	assert_found(&list, issuer, made_text("\x02\x02\x35"), 1);
	assert_found(&list, issuer, made_text("\x02"), 0);
	assert_found(&list, issuer, made_text("\x02\x01"), 0);
	assert_found(&list, issuer, made_text(""), 0);
	made_free(&m);
}

/* 20 octets, the most that RFC 5280 allows, and beyond. */
static void
a_serial_number_has_any_length(void **state)
{
	static struct encoded name;
	static char digits[301];
	const unsigned lengths[] = { 1, 2, 19, 20, 21, 127 };
	struct made m;
	struct list list;
	struct bytes issuer;

	(void)state;
	memset(digits, '7', sizeof(digits) - 1);
	made_begin(&m);
	made_group(&m, "group", true);
	for (unsigned i = 0; i < 6; i++)
		add_certificate(&m, "Long",
				digits + sizeof(digits) - 1 - lengths[i],
				"key", CERTIFICATE, 0);
	made_end(&m);
	list = list_of(&m);
	issuer = made_name(&name, UTF8, "Long");
	for (unsigned n = 0; n <= 130; n++) {
		bool there = n == 1 || n == 2 || n == 127 ||
			     (n >= 19 && n <= 21);

		if (n < 128)
			assert_found(&list, issuer,
				     made_text(digits + sizeof(digits) - 1 -
					       n), there);
	}
	made_free(&m);
}

/* ---- Names ------------------------------------------------------------ */

static uint32_t
named(const struct list *list, struct bytes name)
{
	return find_name(list, name, dn_edge(name));
}

static void
a_name_rule_hits_every_spelling(void **state)
{
	static struct encoded name;
	struct made m;
	struct list list;

	(void)state;
	made_begin(&m);
	made_group(&m, "group", true);
	add_certificate(&m, "Other", "1", "key 0", CERTIFICATE, 0);
	add_certificate(&m, "Qaznet", "2", "key 1", CERTIFICATE | NAME, 0);
	made_end(&m);
	list = list_of(&m);
	assert_int_equal(named(&list, made_name(&name, UTF8, "Qaznet")), 1);
	assert_int_equal(named(&list, made_name(&name, PRINTABLE,
						"QAZNET")), 1);
	assert_int_equal(named(&list, made_name(&name, UTF8, " qaznet ")),
			 1);
	assert_int_equal(named(&list, made_name(&name, UTF8, "Qaznet2")),
			 FIND_NONE);
	assert_int_equal(named(&list, made_name(&name, UTF8, "Other")),
			 FIND_NONE);
	assert_int_equal(named(&list, made_name(&name, UTF8, "")),
			 FIND_NONE);
	name.n = 0;
	assert_int_equal(named(&list, encoded_bytes(&name)), FIND_NONE);
	encode_wrap(&name, 0, 0x30);
	assert_int_equal(named(&list, encoded_bytes(&name)), FIND_NONE);
	made_free(&m);
}

/* Whatever its ends: no look at them may say that it is not there. */
static void
a_name_without_edges_is_found(void **state)
{
	static const char *const cns[] = {
		"\xd0\x9a\xd0\x97", "\xc3\xa9t\xc3\xa9", "Z\xc3\xbcrich",
		" ", "\xc2\xa0", "A", "-", "\x7f",
	};
	static struct encoded name;

	(void)state;
	for (size_t i = 0; i < sizeof(cns) / sizeof(cns[0]); i++) {
		struct made m;
		struct list list;

		made_begin(&m);
		made_group(&m, "group", true);
		add_certificate(&m, cns[i], "2", "key", NAME, 0);
		made_end(&m);
		list = list_of(&m);
		assert_int_equal(named(&list, made_name(&name, UTF8,
							cns[i])), 0);
		assert_int_equal(named(&list, made_name(&name, UTF8,
							"Other")),
				 FIND_NONE);
		made_free(&m);
	}
}

/* Of several with one name the first that is in force; none if all are
 * off. */
static void
a_name_rule_is_in_force_or_not(void **state)
{
	static struct encoded name;
	struct bytes asked = made_name(&name, UTF8, "Same");
	struct made m;
	struct list list;
	uint32_t on, off;

	(void)state;
	made_begin(&m);
	on = made_group(&m, "on", true);
	off = made_group(&m, "off", false);
	add_certificate(&m, "Same", "1", "key", CERTIFICATE | NAME, off);
	add_certificate(&m, "Same", "2", "key", CERTIFICATE, on);
	add_certificate(&m, "Same", "3", "key", CERTIFICATE | NAME, on);
	add_certificate(&m, "Same", "4", "key", CERTIFICATE | NAME, on);
	add_certificate(&m, "Off", "5", "key", CERTIFICATE | NAME, off);
	made_end(&m);
	list = list_of(&m);
	assert_int_equal(named(&list, asked), 2);
	asked = made_name(&name, UTF8, "Off");
	assert_int_equal(named(&list, asked), FIND_NONE);
	list.off[0] = 0;
	assert_int_equal(named(&list, asked), 4);
	asked = made_name(&name, UTF8, "Same");
	assert_int_equal(named(&list, asked), 0);
	list.off[0] = 3;
	assert_int_equal(named(&list, asked), FIND_NONE);
	made_free(&m);
}

/* ---- Keys ------------------------------------------------------------- */

static void
a_key_rule_knows_the_key_or_its_hash(void **state)
{
	static struct encoded key;
	struct made m;
	struct list list;
	uint32_t on, off;

	(void)state;
	made_begin(&m);
	on = made_group(&m, "on", true);
	off = made_group(&m, "off", false);
	add_certificate(&m, "A", "1", "known", CERTIFICATE | KEY, on);
	add_certificate(&m, "B", "2", "no rule", CERTIFICATE, on);
	add_certificate(&m, "C", "3", "off", CERTIFICATE | KEY, off);
	made_add(&m, (struct made_entry){
		.spki = made_key(&key, "hash"), .flags = KEY | ALL,
		.group = on });
	made_add(&m, (struct made_entry){
		.spki = made_key(&key, "hash off"), .flags = KEY | ALL,
		.group = off });
	add_certificate(&m, "D", "4", "twice", CERTIFICATE | KEY, off);
	made_add(&m, (struct made_entry){
		.spki = made_key(&key, "twice"), .flags = KEY | ALL,
		.group = on });
	made_end(&m);
	list = list_of(&m);
	assert_int_equal(find_key(&list, made_key(&key, "known")), 0);
	assert_int_equal(find_key(&list, made_key(&key, "no rule")),
			 FIND_NONE);
	assert_int_equal(find_key(&list, made_key(&key, "off")), FIND_NONE);
	assert_int_equal(find_key(&list, made_key(&key, "hash")), 3);
	assert_int_equal(find_key(&list, made_key(&key, "hash off")),
			 FIND_NONE);
	assert_int_equal(find_key(&list, made_key(&key, "twice")), 6);
	assert_int_equal(find_key(&list, made_key(&key, "another")),
			 FIND_NONE);
	assert_int_equal(find_key(&list, made_text("")), FIND_NONE);
	made_free(&m);
}

/* ---- Certificates ----------------------------------------------------- */

static uint32_t
ruled(const struct list *list, const char *issuer, const char *subject,
      const char *key)
{
	static struct encoded der;
	struct der_certificate c;

	write_certificate(&der, issuer, "any", subject, key);
	assert_true(der_certificate(encoded_bytes(&der), &c));
	return find_rule(list, &c);
}

static void
key_then_subject_then_issuer_are_judged(void **state)
{
	struct made m;
	struct list list;

	(void)state;
	made_begin(&m);
	made_group(&m, "group", true);
	add_certificate(&m, "Issuer", "1", "key 0", NAME, 0);
	add_certificate(&m, "Subject", "2", "key 1", NAME, 0);
	add_certificate(&m, "Holder", "3", "key 2", KEY, 0);
	add_certificate(&m, "Exact", "4", "key 3", CERTIFICATE, 0);
	made_end(&m);
	list = list_of(&m);
	assert_int_equal(ruled(&list, "Issuer", "Subject", "key 2"), 2);
	assert_int_equal(ruled(&list, "Issuer", "Subject", "new"), 1);
	assert_int_equal(ruled(&list, "Issuer", "Other", "new"), 0);
	assert_int_equal(ruled(&list, "Other", "Subject", "new"), 1);
	assert_int_equal(ruled(&list, "Other", "Other", "key 2"), 2);
	assert_int_equal(ruled(&list, "Other", "Other", "new"), FIND_NONE);
	assert_int_equal(ruled(&list, "Holder", "Holder", "new"), FIND_NONE);
	assert_int_equal(ruled(&list, "Exact", "Exact", "key 3"), FIND_NONE);
	assert_int_equal(ruled(&list, "Other", "Other", "key 0"), FIND_NONE);
	made_free(&m);
}

/* ---- A glance --------------------------------------------------------- */

/* It never hides anything, and it does settle what nobody has. */
static void
a_glance_agrees_with_a_look(void **state)
{
	static struct encoded issuer;
	unsigned settled = 0;
	struct made m;
	struct lists lists = { 0 };

	(void)state;
	random_seed(13);
	make_many(&m, 300);
	lists_add(&lists, &m.catalog);
	for (unsigned i = 0; i < 20000; i++) {
		char cn[32], number[32];
		struct bytes serial;
		struct catalog_run run;

		snprintf(cn, sizeof(cn), "Name %u", random_below(150));
		snprintf(number, sizeof(number), "serial %u",
			 random_below(300));
		serial = made_text(number);
		made_name(&issuer, UTF8, cn);
		run = find_issuer_serial(&lists.list[0],
					 encoded_bytes(&issuer), serial);
		if (find_trace(&lists, encoded_bytes(&issuer), serial) !=
		    FIND_NO_TRACE)
			continue;
		assert_int_equal(run.from, run.to);
		settled++;
	}
	assert_true(settled > 5000);
	made_free(&m);
}

/* However often a serial number is given as DER of itself, and however short
 * it is: where its spelling is long enough to have a tail, it is the key's. */
static void
all_spellings_have_one_tail(void **state)
{
	static struct encoded buffers[2];
	unsigned compared = 0;

	(void)state;
	random_seed(17);
	for (unsigned i = 0; i < 20000; i++) {
		uint8_t content[20];
		struct bytes serial = { content, 1 + random_below(20) };
		uint64_t tail;

		for (size_t k = 0; k < serial.n; k++)
			content[k] = (uint8_t)random_below(k < 2 ? 4 : 256);
		tail = catalog_tail_of_key(catalog_serial_key(serial));
		for (unsigned times = 0; times < 6; times++) {
			if (serial.n >= CATALOG_TAIL) {
				assert_true(catalog_tail(serial) == tail);
				compared++;
			}
			serial = made_integer(&buffers[times % 2], serial);
		}
	}
	assert_true(compared > 50000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_index_finds_what_was_filed),
		cmocka_unit_test(what_spilled_is_found),
		cmocka_unit_test(one_serial_number_of_a_thousand_issuers),
		cmocka_unit_test(a_serial_number_may_read_as_der),
		cmocka_unit_test(a_serial_number_has_any_length),
		cmocka_unit_test(a_name_rule_hits_every_spelling),
		cmocka_unit_test(a_name_without_edges_is_found),
		cmocka_unit_test(a_name_rule_is_in_force_or_not),
		cmocka_unit_test(a_key_rule_knows_the_key_or_its_hash),
		cmocka_unit_test(key_then_subject_then_issuer_are_judged),
		cmocka_unit_test(a_glance_agrees_with_a_look),
		cmocka_unit_test(all_spellings_have_one_tail),
	};

	return cmocka_run_group_tests_name("find", tests, NULL, NULL);
}
