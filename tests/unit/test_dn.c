/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Distinguished names: whatever spelling of a name somebody makes up, it is
 * the same name, and shows an edge that the compiler knows of; whatever else
 * changes, it is another name.  Names are made from a model, code points
 * without an encoding, so that the test decides what is equal without
 * reading DER.
 */

#define _DEFAULT_SOURCE

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "builtin.h"
#include "catalog.h"
#include "dn.h"
#include "encode.h"
#include "guard.h"
#include "random.h"

enum {
	UTF8 = 0x0c, NUMERIC = 0x12, PRINTABLE = 0x13, TELETEX = 0x14,
	IA5 = 0x16, VISIBLE = 0x1a, UNIVERSAL = 0x1c, BMP = 0x1e,
	OCTETS = 0x04, BITS = 0x03,
};

static const uint8_t string_types[] = {
	UTF8, NUMERIC, PRINTABLE, TELETEX, IA5, VISIBLE, UNIVERSAL, BMP,
};

/* ---- Models of names -------------------------------------------------- */

enum { PARTS = 34, POINTS = 12 };

struct part {
	unsigned oid;
	uint8_t raw;			/* the tag of what is no string, or 0 */
	unsigned n;
	uint32_t point[POINTS];		/* no white space but single SPACEs
					 * between others; octets, if raw */
};

struct model {
	unsigned count;
	struct part part[PARTS];
};

static const struct {
	uint8_t n;
	uint8_t octets[11];
} oids[] = {
	{ 3, { 0x55, 0x04, 0x03 } },	/* CN */
	{ 3, { 0x55, 0x04, 0x06 } },	/* C */
	{ 3, { 0x55, 0x04, 0x0a } },	/* O */
	{ 3, { 0x55, 0x04, 0x0b } },	/* OU */
	{ 3, { 0x55, 0x04, 0x07 } },	/* L */
	{ 3, { 0x55, 0x08, 0x03 } },	/* ends as CN does */
	{ 1, { 0x2a } },
	{ 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01 } },
	{ 10, { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01,
		0x19 } },		/* DC */
};
enum { OIDS = sizeof(oids) / sizeof(oids[0]) };

/* Letters; and what has the low octet of a letter, a space or a control
 * character where a BMPString or UniversalString says it. */
static const uint32_t odd_points[] = {
	0xc5, 0xe9, 0xdf, 0xff, 0xd7, 0x141, 0x161, 0x120, 0x17e, 0x0409,
	0x0420, 0x0430, 0x0a0d, 0x2041, 0x4e41, 0x4e5a, 0x20ac, 0xfffd,
	0x1f641, 0x10ff41, 0x10ffff, 0x7f, 0x01, 0x00,
};

static uint32_t
random_point(void)
{
	static const char plain[] = "ABYZabyz019.'-@[`{~!";

	if (random_once_in(4))
		return odd_points[random_below(sizeof(odd_points) /
					       sizeof(odd_points[0]))];
	return (uint32_t)plain[random_below(sizeof(plain) - 1)];
}

static struct part
random_part(void)
{
	struct part p = { .oid = random_below(OIDS) };

	if (random_once_in(16))
		p.raw = random_once_in(2) ? OCTETS : BITS;
	p.n = random_once_in(12) ? 0 : 1 + random_below(POINTS);
	for (unsigned i = 0; i < p.n; i++) {
		p.point[i] = random_point();
		if (p.raw)
			p.point[i] &= 0xff;
		else if (i > 0 && i + 1 < p.n && p.point[i - 1] != ' ' &&
			 random_once_in(6))
			p.point[i] = ' ';
	}
	return p;
}

static struct model
random_model(void)
{
	struct model m = { .count = 1 + random_below(6) };

	if (random_once_in(100))
		m.count = 30 + random_below(3);
	for (unsigned i = 0; i < m.count; i++)
		m.part[i] = i > 0 && random_once_in(8) ?
				    m.part[random_below(i)] : random_part();
	return m;
}

/* ---- Spellings -------------------------------------------------------- */

static bool
is_letter(uint32_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* X.680 41.4 */
static bool
is_printable(uint32_t c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == ' ' ||
	       (c != 0 && c < 0x80 && strchr("'()+,-./:=?", (int)c) != NULL);
}

/* Whether a string type has the character. */
static bool
can_write(uint8_t tag, uint32_t c)
{
	switch (tag) {
	case NUMERIC: return c == ' ' || (c >= '0' && c <= '9');
	case PRINTABLE: return is_printable(c);
	case VISIBLE: return c >= 0x20 && c < 0x7f;
	case IA5: return c < 0x80;
	case TELETEX: return c < 0x100;
	case BMP: return c < 0x10000;
	default: return true;
	}
}

static bool
can_write_all(uint8_t tag, const struct part *p)
{
	for (unsigned i = 0; i < p->n; i++) {
		if (!can_write(tag, p->point[i]))
			return false;
	}
	return true;
}

static void
write_utf8(struct encoded *e, uint32_t c)
{
	if (c < 0x80) {
		encode_octet(e, (uint8_t)c);
	} else if (c < 0x800) {
		encode_octet(e, (uint8_t)(0xc0 | c >> 6));
		encode_octet(e, (uint8_t)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		encode_octet(e, (uint8_t)(0xe0 | c >> 12));
		encode_octet(e, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		encode_octet(e, (uint8_t)(0x80 | (c & 0x3f)));
	} else {
		encode_octet(e, (uint8_t)(0xf0 | c >> 18));
		encode_octet(e, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		encode_octet(e, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		encode_octet(e, (uint8_t)(0x80 | (c & 0x3f)));
	}
}

static void
write_point(struct encoded *e, uint8_t tag, uint32_t c)
{
	unsigned octets = tag == BMP ? 2 : tag == UNIVERSAL ? 4 : 1;

	if (tag == UTF8) {
		write_utf8(e, c);
		return;
	}
	while (octets-- > 0)
		encode_octet(e, (uint8_t)(c >> 8 * octets));
}

/* Any white space that the type has, so many of them. */
static void
write_spaces(struct encoded *e, uint8_t tag, unsigned n)
{
	static const uint32_t spaces[] = {
		' ', ' ', ' ', '\t', '\n', '\v', '\f', '\r', 0x85, 0xa0,
	};

	while (n > 0) {
		uint32_t c = spaces[random_below(10)];

		if (!can_write(tag, c))
			continue;
		write_point(e, tag, c);
		n--;
	}
}

static unsigned
few(void)
{
	return random_once_in(4) ? 1 + random_below(2) : 0;
}

static uint32_t
other_case(uint32_t c)
{
	return is_letter(c) && random_once_in(2) ? c ^ 0x20 : c;
}

static void
write_text(struct encoded *e, const struct part *p)
{
	uint8_t tag;

	do {
		tag = string_types[random_below(sizeof(string_types))];
	} while (!can_write_all(tag, p));
	write_spaces(e, tag, few());
	for (unsigned i = 0; i < p->n; i++) {
		if (p->point[i] == ' ')
			write_spaces(e, tag, 1 + few());
		else
			write_point(e, tag, other_case(p->point[i]));
	}
	write_spaces(e, tag, few());
	encode_wrap(e, 0, tag);
}

static void
write_value(struct encoded *e, const struct part *p)
{
	if (p->raw == 0) {
		write_text(e, p);
		return;
	}
	for (unsigned i = 0; i < p->n; i++)
		encode_octet(e, (uint8_t)p->point[i]);
	encode_wrap(e, 0, p->raw);
}

static void
write_part(struct encoded *e, const struct part *p)
{
	static struct encoded value;
	size_t from = e->n;

	value.n = 0;
	write_value(&value, p);
	encode_element(e, 0x06, oids[p->oid].octets, oids[p->oid].n);
	encode_octets(e, value.p, value.n);
	encode_wrap(e, from, 0x30);
}

static void
shuffle(unsigned *order, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		order[i] = i;
	for (unsigned i = n; i > 1; i--) {
		unsigned j = random_below(i), kept = order[i - 1];

		order[i - 1] = order[j];
		order[j] = kept;
	}
}

/* The name in some order, some grouping, some string types, ... */
static struct bytes
spell(struct encoded *e, const struct model *m)
{
	unsigned order[PARTS];
	size_t rdn = 0;

	shuffle(order, m->count);
	e->n = 0;
	for (unsigned i = 0; i < m->count; i++) {
		write_part(e, &m->part[order[i]]);
		if (i + 1 < m->count && random_once_in(4))
			continue;	/* the next one joins it */
		encode_wrap(e, rdn, 0x31);
		rdn = e->n;
	}
	encode_wrap(e, 0, 0x30);
	return encoded_bytes(e);
}

/* ---- Edges ------------------------------------------------------------ */

struct edges {
	unsigned n;
	uint32_t edge[PARTS * PARTS];
};

static void
note_edge(void *arg, uint32_t edge)
{
	struct edges *edges = arg;

	assert_true(edges->n < PARTS * PARTS);
	edges->edge[edges->n++] = edge;
}

static struct edges
edges_of(struct bytes name)
{
	struct edges edges = { 0 };

	assert_true(dn_edges(name, note_edge, &edges));
	return edges;
}

static bool
has_edge(const struct edges *edges, uint32_t edge)
{
	for (unsigned i = 0; i < edges->n; i++) {
		if (edges->edge[i] == edge)
			return true;
	}
	return edge == DN_ANY;
}

static unsigned exact_edges;	/* that were not DN_ANY */
static unsigned exact_sketches;	/* that were not DN_UNUSUAL */

static void
assert_edge(struct bytes name, struct bytes spelling)
{
	struct edges edges = edges_of(name);
	uint32_t edge = dn_edge(spelling);

	exact_edges += edge != DN_ANY;
	assert_true(has_edge(&edges, edge));
}

static void
assert_sketch(struct bytes name, struct bytes spelling)
{
	uint64_t expected, sketch = dn_sketch(spelling);

	exact_sketches += sketch != DN_UNUSUAL;
	assert_true(sketch == DN_UNUSUAL ||
		    (dn_sketch_of(name, &expected) && sketch == expected));
}

/* ---- Every spelling is the same name ---------------------------------- */

static struct guard guard_a, guard_b;

static void
assert_same(struct bytes a, struct bytes b)
{
	uint64_t ha, hb;

	assert_true(dn_equal(a, b));
	assert_true(dn_equal(b, a));
	assert_true(dn_hash(a, &ha));
	assert_true(dn_hash(b, &hb));
	assert_true(ha == hb);
	assert_edge(a, b);
	assert_edge(b, a);
	assert_sketch(a, b);
	assert_sketch(b, a);
}

static void
every_spelling_is_the_same_name(void **state)
{
	static struct encoded a, b;

	(void)state;
	random_seed(1);
	exact_edges = 0;
	exact_sketches = 0;
	for (unsigned i = 0; i < 40000; i++) {
		struct model m = random_model();
		struct bytes name = guard_end(&guard_a, spell(&a, &m));

		for (unsigned j = 0; j < 3; j++)
			assert_same(name, guard_end(&guard_b, spell(&b, &m)));
	}
	assert_true(exact_edges > 20000);	/* the test does not idle */
	assert_true(exact_sketches > 5000);
}

/* ---- Every other name is another -------------------------------------- */

static uint32_t
lower(uint32_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool
are_parts_equal(const struct part *a, const struct part *b)
{
	if (a->oid != b->oid || a->raw != b->raw || a->n != b->n)
		return false;
	for (unsigned i = 0; i < a->n; i++) {
		if (a->raw ? a->point[i] != b->point[i] :
			     lower(a->point[i]) != lower(b->point[i]))
			return false;
	}
	return true;
}

static unsigned
count_equal(const struct model *m, const struct part *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < m->count; i++)
		n += are_parts_equal(&m->part[i], p);
	return n;
}

/* The same attributes, each as often. */
static bool
are_models_equal(const struct model *a, const struct model *b)
{
	if (a->count != b->count)
		return false;
	for (unsigned i = 0; i < a->count; i++) {
		if (count_equal(a, &a->part[i]) != count_equal(b, &a->part[i]))
			return false;
	}
	return true;
}

/* Something small is changed; it may come out the same. */
static struct model
altered(struct model m)
{
	struct part *p = &m.part[random_below(m.count)];

	switch (random_below(7)) {
	case 0:
		p->oid = random_below(OIDS);
		break;
	case 1:
		*p = random_part();
		break;
	case 2:
		m.part[m.count++] = random_part();
		break;
	case 3:
		if (m.count > 1)
			*p = m.part[--m.count];
		break;
	case 4:		/* one attribute twice in place of another */
		*p = m.part[random_below(m.count)];
		break;
	case 5:
		if (p->n > 0)
			p->n--;
		while (p->n > 0 && p->point[p->n - 1] == ' ')
			p->n--;
		break;
	default:
		if (p->n > 0)
			p->point[random_below(p->n)] = p->raw ? 'x' : 0x3a9;
	}
	return m;
}

static void
every_other_name_is_another(void **state)
{
	static struct encoded a, b;
	unsigned others = 0;

	(void)state;
	random_seed(2);
	for (unsigned i = 0; i < 100000; i++) {
		struct model m = random_model(), other = altered(m);
		bool equal = are_models_equal(&m, &other);
		struct bytes x = guard_end(&guard_a, spell(&a, &m));
		struct bytes y = guard_end(&guard_b, spell(&b, &other));

		if (m.count > DN_ATTRIBUTES || other.count > DN_ATTRIBUTES)
			equal = false;
		assert_true(dn_equal(x, y) == equal);
		assert_true(dn_equal(y, x) == equal);
		others += !equal;
	}
	assert_true(others > 50000);
}

/* ---- Names from an adversary ------------------------------------------ */

/* Octets of any kind under any tag: characters that are cut off, overlong
 * or no UTF-8 at all, code points beyond Unicode. */
static void
write_anything(struct encoded *e)
{
	static const uint8_t octets[] = {
		0x00, 0x00, 0x09, 0x20, 0x41, 0x41, 0x61, 0x61, 0x7f, 0x80,
		0x81, 0x85, 0xa0, 0xc1, 0xc2, 0xc3, 0xc5, 0xe0, 0xf0, 0xff,
	};
	static const uint8_t tags[] = {
		UTF8, UTF8, PRINTABLE, TELETEX, IA5, UNIVERSAL, BMP, BMP,
		OCTETS, 0xa0,
	};
	unsigned n = random_below(6);
	size_t from = e->n;

	while (n-- > 0)
		encode_octet(e, octets[random_below(sizeof(octets))]);
	encode_wrap(e, from, tags[random_below(sizeof(tags))]);
}

static struct bytes
write_hostile_name(struct encoded *e)
{
	unsigned n = 1 + random_below(2);
	size_t rdn, pair;

	e->n = 0;
	for (unsigned i = 0; i < n; i++) {
		const unsigned oid = random_below(2);

		rdn = pair = e->n;
		encode_element(e, 0x06, oids[oid].octets, oids[oid].n);
		write_anything(e);
		encode_wrap(e, pair, 0x30);
		encode_wrap(e, rdn, 0x31);
	}
	encode_wrap(e, 0, 0x30);
	return encoded_bytes(e);
}

enum { POOL = 700, HOSTILE = 64 };

/* Names that are equal by accident, in a pool of short ones: they have one
 * hash and each other's edges; and what equals one of them equals all. */
static void
equality_holds_for_hostile_names(void **state)
{
	static uint8_t octets[POOL][HOSTILE];
	static struct bytes pool[POOL];
	static struct encoded e;
	unsigned pairs = 0;

	(void)state;
	random_seed(3);
	for (unsigned i = 0; i < POOL; i++) {
		struct bytes b = write_hostile_name(&e);

		assert_true(b.n <= HOSTILE);
		memcpy(octets[i], b.p, b.n);
		pool[i] = (struct bytes){ octets[i], b.n };
	}
	for (unsigned i = 0; i < POOL; i++) {
		unsigned first = i;

		for (unsigned j = i; j-- > 0;) {
			if (!dn_equal(pool[i], pool[j]))
				continue;
			assert_same(pool[i], pool[j]);
			first = j;
			pairs++;
		}
		for (unsigned j = 0; j < i; j++)
			assert_true(dn_equal(pool[i], pool[j]) ==
				    dn_equal(pool[first], pool[j]));
	}
	assert_true(pairs > 500);
}

/* ---- Malformed names -------------------------------------------------- */

static struct model
fixed_model(unsigned count)
{
	struct model m = { .count = count };

	for (unsigned i = 0; i < count; i++) {
		m.part[i].oid = i % OIDS;
		m.part[i].n = 3;
		m.part[i].point[0] = 'K';
		m.part[i].point[1] = 0x430;
		m.part[i].point[2] = 'Z';
	}
	return m;
}

/* Asks everything; no answer but the walk's end matters. */
static bool
ask_all(struct bytes name, struct bytes other)
{
	struct edges edges = { 0 };
	uint64_t hash;
	bool good = dn_hash(name, &hash);

	dn_edge(name);
	dn_sketch(name);
	assert_true(dn_edges(name, note_edge, &edges) == good);
	assert_true(dn_equal(name, name) == good);
	dn_equal(name, other);
	dn_equal(other, name);
	return good;
}

static void
a_name_cut_short_is_none(void **state)
{
	static struct encoded e;
	struct model m = fixed_model(5);

	(void)state;
	random_seed(4);
	for (unsigned i = 0; i < 200; i++) {
		struct bytes name = spell(&e, &m);

		for (size_t n = 0; n < name.n; n++)
			assert_false(ask_all(
				guard_end(&guard_a,
					  (struct bytes){ name.p, n }),
				name));
	}
}

static void
any_octet_may_be_anything(void **state)
{
	static struct encoded e;
	struct model m = fixed_model(3);
	struct bytes name, whole;
	uint8_t *octets;

	(void)state;
	random_seed(5);
	for (unsigned i = 0; i < 8; i++) {
		name = spell(&e, &m);
		whole = guard_end(&guard_a, name);
		octets = guard_a.start + guard_a.size - name.n;
		for (size_t at = 0; at < name.n; at++) {
			for (unsigned v = 0; v < 256; v++) {
				octets[at] = (uint8_t)v;
				ask_all(whole, name);
			}
			octets[at] = name.p[at];
		}
	}
}

struct malformed {
	const char *what;
	size_t n;
	uint8_t octets[24];
};

static const struct malformed malformed[] = {
	{ "nothing", 0, { 0 } },
	{ "no attributes", 2, { 0x30, 0 } },
	{ "an empty RDN", 4, { 0x30, 2, 0x31, 0 } },
	{ "a SET", 2, { 0x31, 0 } },
	{ "an octet behind the name", 3, { 0x30, 0, 0 } },
	{ "an RDN that is a SEQUENCE", 13,
	  { 0x30, 11, 0x30, 9, 0x30, 7, 6, 1, 0x2a, 0x13, 2, 'K', 'Z' } },
	{ "an attribute that is a SET", 13,
	  { 0x30, 11, 0x31, 9, 0x31, 7, 6, 1, 0x2a, 0x13, 2, 'K', 'Z' } },
	{ "a type that is no OID", 13,
	  { 0x30, 11, 0x31, 9, 0x30, 7, 4, 1, 0x2a, 0x13, 2, 'K', 'Z' } },
	{ "no value", 9, { 0x30, 7, 0x31, 5, 0x30, 3, 6, 1, 0x2a } },
	{ "two values", 15,
	  { 0x30, 13, 0x31, 11, 0x30, 9, 6, 1, 0x2a, 0x13, 1, 'K', 0x13, 1,
	    'Z' } },
	{ "an indefinite length", 15,
	  { 0x30, 0x80, 0x31, 9, 0x30, 7, 6, 1, 0x2a, 0x13, 2, 'K', 'Z', 0,
	    0 } },
	{ "a length in too many octets", 14,
	  { 0x30, 0x81, 11, 0x31, 9, 0x30, 7, 6, 1, 0x2a, 0x13, 2, 'K',
	    'Z' } },
	{ "a good RDN, then an empty one", 15,
	  { 0x30, 13, 0x31, 9, 0x30, 7, 6, 1, 0x2a, 0x13, 2, 'K', 'Z', 0x31,
	    0 } },
	{ "a good RDN, then a NULL", 15,
	  { 0x30, 13, 0x31, 9, 0x30, 7, 6, 1, 0x2a, 0x13, 2, 'K', 'Z', 5,
	    0 } },
};

static void
a_malformed_name_equals_none(void **state)
{
	static struct encoded e;
	struct model m = fixed_model(1);

	(void)state;
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		struct bytes name = guard_end(&guard_a, (struct bytes){
			malformed[i].octets, malformed[i].n });

		if (ask_all(name, spell(&e, &m)))
			fail_msg("%s made a name", malformed[i].what);
	}
}

/* ---- How many attributes ---------------------------------------------- */

static void
a_name_has_at_most_so_many_attributes(void **state)
{
	static struct encoded a, b;
	struct model most = fixed_model(DN_ATTRIBUTES);
	struct model more = fixed_model(DN_ATTRIBUTES + 1);
	uint64_t hash;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		assert_same(spell(&a, &most), spell(&b, &most));
		assert_false(dn_equal(spell(&a, &more), spell(&b, &more)));
		assert_false(dn_equal(spell(&a, &most), spell(&b, &more)));
		assert_false(dn_hash(spell(&a, &more), &hash));
	}
}

/* ---- Names as people write them --------------------------------------- */

struct written {
	uint8_t oid;		/* under 2.5.4 */
	uint8_t tag;
	const char *value;
	size_t n;
};

#define TEXT(oid, tag, text) { oid, tag, text, sizeof(text) - 1 }
enum { CN = 3, C = 6, L = 7, ST = 8, O = 10 };

static struct bytes
write_name(struct encoded *e, const struct written *w, size_t n)
{
	e->n = 0;
	for (size_t i = 0; i < n; i++) {
		const uint8_t oid[] = { 0x55, 4, w[i].oid };
		size_t rdn = e->n;

		encode_attribute(e, (struct bytes){ oid, sizeof(oid) },
				 w[i].tag, w[i].value, w[i].n);
		encode_wrap(e, rdn, 0x31);
	}
	encode_wrap(e, 0, 0x30);
	return encoded_bytes(e);
}

static const struct {
	const char *why;
	bool equal;
	struct written a[3], b[3];
	size_t na, nb;
} pairs[] = {
	{ "the string type", true,
	  { TEXT(CN, UTF8, "Qaznet Trust Network") },
	  { TEXT(CN, PRINTABLE, "Qaznet Trust Network") }, 1, 1 },
	{ "the case (RFC 5280 7.1, RFC 4518 2.2)", true,
	  { TEXT(CN, PRINTABLE, "Example CA") },
	  { TEXT(CN, PRINTABLE, "EXAMPLE ca") }, 1, 1 },
	{ "white space around and within (RFC 4518 2.6.1)", true,
	  { TEXT(CN, PRINTABLE, "Example CA") },
	  { TEXT(CN, PRINTABLE, "  Example    CA ") }, 1, 1 },
	{ "two octets a character", true,
	  { TEXT(CN, UTF8, "KZ") },
	  { TEXT(CN, BMP, "\0K\0Z") }, 1, 1 },
	{ "four octets a character", true,
	  { TEXT(CN, UTF8, "KZ") },
	  { TEXT(CN, UNIVERSAL, "\0\0\0k\0\0\0z") }, 1, 1 },
	{ "the same letter, not ASCII", true,
	  { TEXT(CN, UTF8, "\xc3\xa9") }, { TEXT(CN, TELETEX, "\xe9") },
	  1, 1 },
	{ "what is no UTF-8, read as Latin-1", true,
	  { TEXT(CN, UTF8, "\xe9t\xe9") },
	  { TEXT(CN, TELETEX, "\xe9t\xe9") }, 1, 1 },
	{ "octets that begin no character", true,
	  { TEXT(CN, UTF8, "\xc1\x81\xff\x81\x9f\x81") },
	  { TEXT(CN, TELETEX, "\xc1\x81\xff\x81\x9f\x81") }, 1, 1 },
	{ "a character that is cut off", true,
	  { TEXT(CN, UTF8, "K\xf0\x9f\x99") },
	  { TEXT(CN, TELETEX, "K\xf0\x9f\x99") }, 1, 1 },
	{ "the order, as on record for Kazakhstan", true,
	  { TEXT(C, PRINTABLE, "KZ"), TEXT(O, UTF8, "ISCA"),
	    TEXT(CN, UTF8, "Information Security Certification Authority") },
	  { TEXT(CN, UTF8, "Information Security Certification Authority"),
	    TEXT(O, UTF8, "ISCA"), TEXT(C, PRINTABLE, "KZ") }, 3, 3 },
	{ "a space is a space", false,
	  { TEXT(CN, UTF8, "Example CA") }, { TEXT(CN, UTF8, "ExampleCA") },
	  1, 1 },
	{ "another type", false,
	  { TEXT(O, UTF8, "ISCA") }, { TEXT(CN, UTF8, "ISCA") }, 1, 1 },
	{ "one attribute more", false,
	  { TEXT(C, UTF8, "KZ"), TEXT(O, UTF8, "ISCA") },
	  { TEXT(C, UTF8, "KZ") }, 2, 1 },
	{ "one attribute twice", false,
	  { TEXT(C, UTF8, "KZ"), TEXT(C, UTF8, "KZ"), TEXT(L, UTF8, "A") },
	  { TEXT(C, UTF8, "KZ"), TEXT(L, UTF8, "A"), TEXT(L, UTF8, "A") },
	  3, 3 },
	{ "values that changed places", false,
	  { TEXT(L, UTF8, "Almaty"), TEXT(ST, UTF8, "Astana") },
	  { TEXT(L, UTF8, "Astana"), TEXT(ST, UTF8, "Almaty") }, 2, 2 },
	{ "letters that only look the same", false,
	  { TEXT(CN, UTF8, "KZ") }, { TEXT(CN, UTF8, "\xd0\x9aZ") }, 1, 1 },
	{ "a string and its octets", false,
	  { TEXT(CN, UTF8, "KZ") }, { TEXT(CN, OCTETS, "KZ") }, 1, 1 },
	{ "a NUL within", false,
	  { TEXT(CN, UTF8, "KZ") }, { TEXT(CN, UTF8, "KZ\0") }, 1, 1 },
	{ "an empty value and none", false,
	  { TEXT(C, UTF8, "KZ"), TEXT(CN, UTF8, "") },
	  { TEXT(C, UTF8, "KZ") }, 2, 1 },
	{ "an empty value and white space", true,
	  { TEXT(C, UTF8, "KZ"), TEXT(CN, UTF8, "") },
	  { TEXT(C, UTF8, "KZ"), TEXT(CN, BMP, "\0 \0\t") }, 2, 2 },
};

static void
names_are_compared_as_rfc_5280_says(void **state)
{
	static struct encoded a, b;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct bytes x = write_name(&a, pairs[i].a, pairs[i].na);
		struct bytes y = write_name(&b, pairs[i].b, pairs[i].nb);

		if (dn_equal(x, y) != pairs[i].equal)
			fail_msg("%s", pairs[i].why);
		if (pairs[i].equal)
			assert_same(x, y);
	}
}

/* ---- The names of the list -------------------------------------------- */

/* Nearly all real names have an edge, or the look would save nothing. */
static void
real_names_have_edges(void **state)
{
	unsigned names = 0, exact = 0;
	struct catalog c;

	(void)state;
	assert_int_equal(catalog_open(&c, builtin_catalog,
				      builtin_catalog_size), 0);
	for (uint32_t i = 0; i < catalog_entries(&c); i++) {
		struct bytes name = catalog_bytes(
			&c, catalog_entry(&c, i)->subject);

		if (name.n == 0)
			continue;
		assert_same(name, guard_end(&guard_a, name));
		names++;
		exact += dn_edge(name) != DN_ANY &&
			 dn_sketch(name) != DN_UNUSUAL;
	}
	assert_true(names > 100);
	assert_true(exact > names / 10 * 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_is_the_same_name),
		cmocka_unit_test(every_other_name_is_another),
		cmocka_unit_test(equality_holds_for_hostile_names),
		cmocka_unit_test(a_name_cut_short_is_none),
		cmocka_unit_test(any_octet_may_be_anything),
		cmocka_unit_test(a_malformed_name_equals_none),
		cmocka_unit_test(a_name_has_at_most_so_many_attributes),
		cmocka_unit_test(names_are_compared_as_rfc_5280_says),
		cmocka_unit_test(real_names_have_edges),
	};

	guard_a = guard_new(sizeof(((struct encoded *)0)->p));
	guard_b = guard_new(sizeof(((struct encoded *)0)->p));
	return cmocka_run_group_tests_name("dn", tests, NULL, NULL);
}
