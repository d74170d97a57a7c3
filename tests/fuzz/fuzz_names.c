/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Any octets as DER: the cursor stays inside, a certificate's parts lie in
 * it; and as two names: equal ones hash alike and show an edge that was
 * announced.  A name that is well-formed is also respelled (order, string
 * types, case, white space) and must equal its respelling.
 */

#include "../unit/encode.h"
#include "der.h"
#include "dn.h"
#include "fuzz.h"

unsigned fuzz_deep;

/* ---- The cursor -------------------------------------------------------- */

static bool
is_within(struct bytes part, struct bytes whole)
{
	return part.p >= whole.p && part.n <= whole.n &&
	       (size_t)(part.p - whole.p) <= whole.n - part.n;
}

static void
try_cursor(struct bytes der)
{
	struct bytes rest = der, before, content, whole;
	uint8_t tag;

	while (before = rest, der_take_any(&rest, &tag, &content)) {
		FUZZ_MUST(is_within(content, before));
		FUZZ_MUST(rest.n < before.n && is_within(rest, before));
		FUZZ_MUST(der_take_whole(&before, tag, &whole));
		FUZZ_MUST(whole.p + whole.n == rest.p);
		fuzz_read(content);
	}
	FUZZ_MUST(rest.p == before.p && rest.n == before.n);
}

static void
try_certificate(struct bytes der)
{
	struct der_certificate c;

	if (!der_certificate(der, &c))
		return;
	FUZZ_MUST(is_within(c.issuer, der) && is_within(c.subject, der) &&
		  is_within(c.spki, der));
	FUZZ_MUST(fuzz_read(c.spki) > 0);
}

/* A serial number is filed by its content and asked for as either. */
static void
try_serial(struct bytes serial)
{
	struct bytes key = catalog_serial_key(serial), content;

	FUZZ_MUST(is_within(key, serial));
	if (serial.n >= CATALOG_TAIL)
		FUZZ_MUST(catalog_tail(serial) == catalog_tail_of_key(key));
	if (der_integer(serial, &content) && content.n < 0x80)
		FUZZ_MUST(bytes_equal(catalog_serial_key(content), key));
}

/* ---- Names ------------------------------------------------------------- */

struct edges {
	uint32_t wanted;
	bool found;
};

static void
visit_edge(void *arg, uint32_t edge)
{
	struct edges *edges = arg;

	edges->found |= edge == edges->wanted;
}

/* What the first name says that all its equals show, the second does. */
static void
try_sketch(struct bytes a, struct bytes b)
{
	uint64_t sketch, shown = dn_sketch(b);

	if (dn_sketch_of(a, &sketch))
		FUZZ_MUST(shown == DN_UNUSUAL || shown == sketch);
	else
		FUZZ_MUST(shown == DN_UNUSUAL);
}

static void
try_equal(struct bytes a, struct bytes b)
{
	struct edges edges = { .wanted = dn_edge(b) };
	uint64_t ha, hb;

	dn_sketch(a);
	FUZZ_MUST(dn_equal(b, a) == dn_equal(a, b));
	if (!dn_equal(a, b))
		return;
	FUZZ_MUST(dn_hash(a, &ha) && dn_hash(b, &hb) && ha == hb);
	FUZZ_MUST(dn_edges(a, visit_edge, &edges));
	FUZZ_MUST(edges.wanted == DN_ANY || edges.found);
	try_sketch(a, b);
}

/* ---- Respelling -------------------------------------------------------- */

enum { UTF8 = 0x0c, BMP = 0x1e };

static bool
is_ascii(struct bytes b)
{
	for (size_t i = 0; i < b.n; i++) {
		if (b.p[i] >= 0x80)
			return false;
	}
	return true;
}

static bool
is_plain(uint8_t tag)
{
	return tag < 0x20 && DN_PLAIN_TAGS >> tag & 1;
}

static uint8_t
other_case(uint8_t c)
{
	bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

	return letter ? c ^ 0x20 : c;
}

/* An ASCII value in another string type, another case, with white space. */
static void
put_value(struct encoded *e, struct bytes value, struct bytes *choices)
{
	static const uint8_t tags[] = { 0x0c, 0x13, 0x14, 0x16, 0x1a, BMP };
	uint8_t choice = fuzz_octet(choices);
	uint8_t tag = tags[choice % sizeof(tags)];
	size_t from = e->n;

	for (size_t i = 0; i < value.n; i++) {
		uint8_t c = value.p[i];

		if (tag == BMP)
			encode_octet(e, 0);
		encode_octet(e, choice & 0x80 ? other_case(c) : c);
		if (c == ' ' && choice & 0x40 && tag != BMP)
			encode_octet(e, ' ');
	}
	encode_wrap(e, from, tag);
}

static void
put_attribute(struct encoded *e, struct bytes type, uint8_t tag,
	      struct bytes value, struct bytes *choices)
{
	size_t from = e->n;

	encode_element(e, DER_OID, type.p, type.n);
	if (is_plain(tag) && is_ascii(value))
		put_value(e, value, choices);
	else
		encode_element(e, tag, value.p, value.n);
	encode_wrap(e, from, DER_SEQUENCE);
	encode_wrap(e, from, DER_SET);
}

/* Puts it in front of the others or behind them. */
static void
place(struct encoded *e, size_t from, bool front)
{
	static uint8_t moved[sizeof(e->p)];
	size_t n = e->n - from;

	if (!front)
		return;
	memcpy(moved, e->p + from, n);
	memmove(e->p + n, e->p, from);
	memcpy(e->p, moved, n);
}

/* Each attribute in an RDN of its own, in an order of choice. */
static void
respell(struct bytes name, struct bytes choices, struct encoded *e)
{
	struct bytes rdns, rdn, pair, type, value;
	size_t from;
	uint8_t tag;

	e->n = 0;
	FUZZ_MUST(der_take(&name, DER_SEQUENCE, &rdns));
	while (der_take(&rdns, DER_SET, &rdn)) {
		while (der_take(&rdn, DER_SEQUENCE, &pair)) {
			from = e->n;
			FUZZ_MUST(der_take(&pair, DER_OID, &type) &&
				  der_take_any(&pair, &tag, &value));
			put_attribute(e, type, tag, value, &choices);
			place(e, from, fuzz_octet(&choices) & 1);
		}
	}
	encode_wrap(e, 0, DER_SEQUENCE);
}

static void
try_respelled(struct bytes name, struct bytes choices)
{
	static struct encoded e;
	uint64_t hash;
	uint8_t *copy;
	struct bytes b;

	if (name.n > 1024 || !dn_hash(name, &hash))
		return;
	fuzz_deep++;
	respell(name, choices, &e);
	b.n = e.n;
	b.p = copy = fuzz_copy(encoded_bytes(&e));
	FUZZ_MUST(dn_equal(name, b));
	try_equal(name, b);
	try_equal(b, name);
	free(copy);
}

/* ---- The target -------------------------------------------------------- */

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bytes in = { p, n }, a, b;
	uint8_t *first, *second;

	try_cursor(in);
	try_certificate(in);
	try_serial(in);
	/* The first octet says how long the first name is. */
	a.n = fuzz_octet(&in);
	a = fuzz_take(&in, a.n);
	b = in;
	a.p = first = fuzz_copy(a);
	b.p = second = fuzz_copy(b);
	try_certificate(a);
	try_serial(a);
	try_equal(a, b);
	try_respelled(a, b);
	try_respelled(b, a);
	free(first);
	free(second);
	return 0;
}
