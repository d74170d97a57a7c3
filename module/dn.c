/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Comparing distinguished names.  It knows the shape of a Name and the ASN.1
 * string types; it must not know catalogs or rules.
 *
 * A value of a string type is read as code points, whatever the type, with
 * ASCII letters in lower case, white space around it dropped and runs of it
 * within made one SPACE (RFC 4518 2.2, 2.6.1, without the tables for other
 * scripts: an authority that changes more of its name has changed its name).
 * Any other value is compared by its tag and octets.
 */

#include "dn.h"

#include "der.h"

enum {
	UTF8_STRING = 0x0c,
	NUMERIC_STRING = 0x12,
	PRINTABLE_STRING = 0x13,
	TELETEX_STRING = 0x14,
	IA5_STRING = 0x16,
	VISIBLE_STRING = 0x1a,
	UNIVERSAL_STRING = 0x1c,
	BMP_STRING = 0x1e,
};

#define END UINT32_MAX
#define SPACE 0x20u

/* ---- Attributes ------------------------------------------------------- */

struct attribute {
	struct bytes type;	/* OID, content octets */
	uint8_t tag;
	struct bytes value;	/* content octets */
};

/*@ predicate attribute_readable(struct attribute a) =
  @	readable(a.type) && readable(a.value);
  @*/

/* Walks the attributes of a name, whatever RDN they stand in. */
struct walk {
	struct bytes rdns;
	struct bytes rdn;
	unsigned count;
	bool malformed;
};

/*@ predicate walking(struct walk w) = readable(w.rdns) && readable(w.rdn);
  @ // What there is still to walk through: less with each attribute.
  @ logic integer walk_left(struct walk w) = w.rdns.n + w.rdn.n;
  @*/

/*@ requires \valid(w) && readable(name);
  @ requires \separated(w, name.p + (0 .. name.n - 1));
  @ assigns *w;
  @ ensures \initialized(w) && walking(*w);
  @*/
static bool
walk_begin(struct walk *w, struct bytes name)
{
	struct bytes rdns;

	if (!der_take(&name, DER_SEQUENCE, &rdns) || name.n != 0) {
		*w = (struct walk){ .malformed = true };
		return false;
	}
	*w = (struct walk){ .rdns = rdns };
	return true;
}

/* Takes the attribute at the front of an RDN. */
/*@ requires \valid(rdn) && \initialized(rdn) && readable(*rdn);
  @ requires \valid(a);
  @ requires \separated(rdn, a, rdn->p + (0 .. rdn->n - 1));
  @ assigns *rdn, *a;
  @ ensures \result ==> \initialized(rdn) && readable(*rdn) &&
  @	rdn->n < \old(rdn->n);
  @ ensures \result ==> \initialized(a) && attribute_readable(*a);
  @*/
static bool
take_attribute(struct bytes *rdn, struct attribute *a)
{
	struct bytes pair, type, value;
	uint8_t tag;

	if (!der_take(rdn, DER_SEQUENCE, &pair) ||
	    !der_take(&pair, DER_OID, &type) ||
	    !der_take_any(&pair, &tag, &value) || pair.n != 0)
		return false;
	*a = (struct attribute){ type, tag, value };
	return true;
}

/* The next attribute; false at the end, or at what is not an attribute. */
/*@ requires \valid(w) && \initialized(w) && walking(*w) && \valid(a);
  @ requires \separated(w, a, w->rdns.p + (0 .. w->rdns.n - 1));
  @ requires \separated(w, a, w->rdn.p + (0 .. w->rdn.n - 1));
  @ assigns *w, *a;
  @ ensures \initialized(&w->malformed) && \initialized(&w->count);
  @ ensures \result ==> \initialized(w);
  @ ensures \result ==> walking(*w);
  @ ensures \result ==> walk_left(*w) < \old(walk_left(*w));
  @ ensures \result ==> \initialized(a) && attribute_readable(*a);
  @*/
static bool
walk_next(struct walk *w, struct attribute *a)
{
	struct bytes rdns = w->rdns, rdn = w->rdn;

	if (rdn.n == 0 && rdns.n == 0)
		return false;
	w->malformed = true;
	if (rdn.n == 0 && !der_take(&rdns, DER_SET, &rdn))
		return false;
	if (!take_attribute(&rdn, a) || w->count++ == DN_ATTRIBUTES)
		return false;
	/* Member by member: so provers see that no octet is written. */
	//@ assert readable(rdns);
	w->rdns.p = rdns.p;
	w->rdns.n = rdns.n;
	w->rdn.p = rdn.p;
	w->rdn.n = rdn.n;
	w->malformed = false;
	//@ assert readable_octets(w->rdns.p, w->rdns.n);
	//@ assert readable_octets(w->rdn.p, w->rdn.n);
	return true;
}

/* ---- Values as code points -------------------------------------------- */

/* Octets a character; 0 where the tag is of no string type.  UTF-8 counts
 * as 1: it is decoded by itself. */
/*@ predicate is_string(integer tag) = tag == UTF8_STRING ||
  @	tag == NUMERIC_STRING || tag == PRINTABLE_STRING ||
  @	tag == TELETEX_STRING || tag == IA5_STRING ||
  @	tag == VISIBLE_STRING || tag == BMP_STRING || tag == UNIVERSAL_STRING;
  @*/

/*@ assigns \nothing;
  @ ensures \result != 0 <==> is_string(tag);
  @*/
static unsigned
width(uint8_t tag)
{
	switch (tag) {
	case UTF8_STRING:
	case NUMERIC_STRING:
	case PRINTABLE_STRING:
	case TELETEX_STRING:	/* read as Latin-1, as everybody writes it */
	case IA5_STRING:
	case VISIBLE_STRING:
		return 1;
	case BMP_STRING:
		return 2;
	case UNIVERSAL_STRING:
		return 4;
	default:
		return 0;
	}
}

/* How many octets follow a UTF-8 lead octet, and its bits of the character.
 * What is not UTF-8 is read as Latin-1, octet by octet. */
/*@ requires \valid(bits);
  @ assigns *bits;
  @ ensures \initialized(bits) && \result <= 3;
  @*/
static unsigned
utf8_lead(uint8_t octet, uint32_t *bits)
{
	if (octet >= 0xf0 && octet < 0xf8) {
		*bits = octet & 0x07u;
		return 3;
	}
	if (octet >= 0xe0 && octet < 0xf0) {
		*bits = octet & 0x0fu;
		return 2;
	}
	if (octet >= 0xc2 && octet < 0xe0) {
		*bits = octet & 0x1fu;
		return 1;
	}
	*bits = octet;
	return 0;
}

/*@ requires \valid(in) && \initialized(in) && readable(*in) && in->n > 0;
  @ requires \separated(in, in->p + (0 .. in->n - 1));
  @ assigns *in;
  @ ensures \initialized(in) && readable(*in) && in->n < \old(in->n);
  @ ensures in->p == \old(in->p) + (\old(in->n) - in->n);
  @*/
static uint32_t
take_utf8(struct bytes *in)
{
	uint32_t c;
	unsigned follow = utf8_lead(in->p[0], &c);

	if (follow >= in->n) {
		follow = 0;
		c = in->p[0];
	}
	/*@ loop invariant 1 <= i <= follow + 1 <= 4 && follow < in->n;
	  @ loop assigns i, c, follow;
	  @ loop variant follow + 1 - i;
	  @*/
	for (unsigned i = 1; i <= follow; i++) {
		if ((in->p[i] & 0xc0) != 0x80) {
			follow = 0;
			c = in->p[0];
			break;
		}
		c = c << 6 | (in->p[i] & 0x3fu);
	}
	in->p += 1 + follow;
	in->n -= 1 + follow;
	return c;
}

/* Takes one character.  *in holds at least one octet; a last character that
 * is cut off is read as what there is of it. */
/*@ requires \valid(in) && \initialized(in) && readable(*in) && in->n > 0;
  @ requires \separated(in, in->p + (0 .. in->n - 1)) && is_string(tag);
  @ assigns *in;
  @ ensures \initialized(in) && readable(*in) && in->n < \old(in->n);
  @ ensures in->p == \old(in->p) + (\old(in->n) - in->n);
  @*/
static uint32_t
take_character(uint8_t tag, struct bytes *in)
{
	uint32_t c = 0;

	if (tag == UTF8_STRING)
		return take_utf8(in);
	/*@ loop invariant \initialized(in) && readable(*in);
	  @ loop invariant \separated(in, in->p + (0 .. in->n - 1));
	  @ loop invariant in->n <= \at(in->n, Pre) &&
	  @	in->p == \at(in->p, Pre) + (\at(in->n, Pre) - in->n);
	  @ loop invariant i > 0 || in->n < \at(in->n, Pre);
	  @ loop assigns i, c, *in;
	  @ loop variant i;
	  @*/
	for (unsigned i = width(tag); i > 0 && in->n > 0; i--) {
		c = c << 8 | *in->p++;
		in->n--;
	}
	return c;
}

/*@ assigns \nothing;
  @*/
static bool
is_space(uint32_t c)
{
	return c == SPACE || (c >= 0x09 && c <= 0x0d) || c == 0x85 ||
	       c == 0xa0;
}

/*@ assigns \nothing;
  @*/
static uint32_t
fold(uint32_t c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* A value as its normal form, a code point at a time. */
struct text {
	struct bytes rest;
	uint8_t tag;
	bool begun;	/* a code point other than white space came out */
	uint32_t held;	/* the one after a space that came out, or END */
};

/*@ predicate text_readable(struct text t) =
  @	readable(t.rest) && is_string(t.tag);
  @ // What there is still to come out: less with each code point.
  @ logic integer text_left(struct text t) =
  @	2 * t.rest.n + (t.held != END ? 1 : 0);
  @*/

/*@ requires \valid_read(a) && \initialized(a);
  @ assigns \nothing;
  @ ensures \result.rest == a->value && \result.tag == a->tag;
  @*/
static struct text
text_of(const struct attribute *a)
{
	return (struct text){ a->value, a->tag, false, END };
}

/* The next code point that is not white space, END at the end; says whether
 * white space came before it. */
/*@ requires \valid(t) && \initialized(t) && text_readable(*t);
  @ requires \valid(spaces);
  @ requires \separated(t, spaces, t->rest.p + (0 .. t->rest.n - 1));
  @ assigns t->rest, *spaces;
  @ ensures \initialized(t) && \initialized(spaces);
  @ ensures text_readable(*t) && t->rest.n <= \old(t->rest.n);
  @ ensures \result != END ==> t->rest.n < \old(t->rest.n);
  @*/
static uint32_t
skip_spaces(struct text *t, bool *spaces)
{
	*spaces = false;
	/*@ loop invariant \initialized(t) && \initialized(spaces);
	  @ loop invariant text_readable(*t);
	  @ loop invariant \separated(t, spaces, t->rest.p + (0 .. t->rest.n - 1));
	  @ loop invariant t->rest.n <= \at(t->rest.n, Pre);
	  @ loop assigns t->rest, *spaces;
	  @ loop variant t->rest.n;
	  @*/
	while (t->rest.n > 0) {
		uint32_t c = take_character(t->tag, &t->rest);

		if (!is_space(c))
			return fold(c) & 0x7fffffffu;
		*spaces = true;
	}
	return END;
}

/*@ requires \valid(t) && \initialized(t) && text_readable(*t);
  @ requires \separated(t, t->rest.p + (0 .. t->rest.n - 1));
  @ assigns *t;
  @ ensures \initialized(t) && text_readable(*t);
  @ ensures \result != END ==> text_left(*t) < \old(text_left(*t));
  @*/
static uint32_t
text_next(struct text *t)
{
	uint32_t c = t->held;
	bool spaces;

	if (c != END) {
		t->held = END;
		return c;
	}
	c = skip_spaces(t, &spaces);
	if (c == END)
		return END;
	if (spaces && t->begun) {
		t->held = c;
		return SPACE;
	}
	t->begun = true;
	return c;
}

/* ---- Hash and comparison ---------------------------------------------- */

/*@ assigns \nothing;
  @*/
static uint64_t
mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9fb21c651e98df25);
	return h ^ h >> 32;
}

/*@ requires readable(b);
  @ assigns \nothing;
  @*/
static uint64_t
mix_octets(uint64_t h, struct bytes b)
{
	/*@ loop invariant i <= b.n;
	  @ loop assigns i, h;
	  @ loop variant b.n - i;
	  @*/
	for (size_t i = 0; i < b.n; i++)
		h = mix(h, b.p[i]);
	return mix(h, b.n);
}

/*@ requires \valid_read(a) && \initialized(a) && attribute_readable(*a);
  @ assigns \nothing;
  @*/
static uint64_t
attribute_hash(const struct attribute *a)
{
	uint64_t h = mix_octets(1, a->type);
	struct text t;
	uint32_t c;

	if (width(a->tag) == 0)
		return mix_octets(mix(h, a->tag), a->value);
	t = text_of(a);
	/*@ loop invariant \initialized(&t) && text_readable(t);
	  @ loop assigns c, h, t;
	  @ loop variant text_left(t);
	  @*/
	while ((c = text_next(&t)) != END)
		h = mix(h, c);
	return mix(h, END);
}

bool
dn_hash(struct bytes name, uint64_t *hash)
{
	struct attribute a;
	struct walk w;

	if (!walk_begin(&w, name))
		return false;
	*hash = 0;
	/*@ loop invariant \initialized(&w) && walking(w);
	  @ loop invariant \initialized(hash);
	  @ loop assigns w, a, *hash;
	  @ loop variant walk_left(w);
	  @*/
	while (walk_next(&w, &a))	/* a sum: their order does not matter */
		*hash += attribute_hash(&a);
	*hash = mix(*hash, w.count);
	return !w.malformed && w.count > 0;
}

/*@ requires \valid_read(a) && \initialized(a) && attribute_readable(*a);
  @ requires \valid_read(b) && \initialized(b) && attribute_readable(*b);
  @ assigns \nothing;
  @*/
static bool
attribute_equal(const struct attribute *a, const struct attribute *b)
{
	struct text s, t;
	uint32_t c;

	if (!bytes_equal(a->type, b->type))
		return false;
	if (width(a->tag) == 0 || width(b->tag) == 0)
		return a->tag == b->tag && bytes_equal(a->value, b->value);
	s = text_of(a);
	t = text_of(b);
	/*@ loop invariant \initialized(&s) && text_readable(s);
	  @ loop invariant \initialized(&t) && text_readable(t);
	  @ loop assigns c, s, t;
	  @ loop variant text_left(s);
	  @*/
	do {
		c = text_next(&s);
		if (c != text_next(&t))
			return false;
	} while (c != END);
	return true;
}

/* Finds a's equal among the attributes of a name that are not yet taken. */
/*@ requires readable(name) && \valid_read(a) && \initialized(a);
  @ requires attribute_readable(*a);
  @ requires \valid(taken) && \initialized(taken) && \separated(taken, a);
  @ assigns *taken;
  @ ensures \initialized(taken);
  @*/
static bool
take_equal(struct bytes name, const struct attribute *a, uint32_t *taken)
{
	struct attribute b;
	struct walk w;

	walk_begin(&w, name);
	/*@ loop invariant \initialized(&w) && walking(w);
	  @ loop assigns w, b, bit;
	  @ loop variant walk_left(w);
	  @*/
	for (uint32_t bit = 1; walk_next(&w, &b); bit <<= 1) {
		if (!(*taken & bit) && attribute_equal(a, &b)) {
			*taken |= bit;
			return true;
		}
	}
	return false;
}

bool
dn_equal(struct bytes a, struct bytes b)
{
	struct attribute attribute;
	uint64_t ha, hb;
	uint32_t taken = 0;
	struct walk w;

	/* The hashes also say that both are well-formed and of one length. */
	if (!dn_hash(a, &ha) || !dn_hash(b, &hb) || ha != hb)
		return false;
	walk_begin(&w, a);
	/*@ loop invariant \initialized(&w) && walking(w);
	  @ loop invariant \initialized(&taken);
	  @ loop assigns w, attribute, taken;
	  @ loop variant walk_left(w);
	  @*/
	while (walk_next(&w, &attribute)) {
		if (!take_equal(b, &attribute, &taken))
			return false;
	}
	return true;
}

/* ---- Edges ------------------------------------------------------------ */

/* The first and last code point of a value's normal form; END, END where it
 * is empty or not a string. */
/*@ requires \valid_read(a) && \initialized(a) && attribute_readable(*a);
  @ requires \valid(first) && \valid(last) && \separated(first, last, a);
  @ assigns *first, *last;
  @ ensures \initialized(first) && \initialized(last);
  @*/
static void
text_ends(const struct attribute *a, uint32_t *first, uint32_t *last)
{
	struct text t = text_of(a);
	uint32_t c;

	*first = *last = END;
	if (width(a->tag) == 0)
		return;
	/*@ loop invariant \initialized(&t) && text_readable(t);
	  @ loop invariant \initialized(first) && \initialized(last);
	  @ loop assigns c, t, *first, *last;
	  @ loop variant text_left(t);
	  @*/
	while ((c = text_next(&t)) != END) {
		if (*first == END)
			*first = c;
		*last = c;
	}
}

/* The last octet that a name can have where this attribute is its last and
 * the octet is graphic: then it is ASCII, or half of a BMPString's
 * character. */
/*@ requires \valid_read(a) && \initialized(a) && attribute_readable(*a);
  @ assigns \nothing;
  @*/
static uint32_t
last_octet(const struct attribute *a)
{
	uint32_t first, last;

	if (width(a->tag) == 0)
		return a->value.n > 0 ? a->value.p[a->value.n - 1] : 0;
	text_ends(a, &first, &last);
	return last == END ? 0 : last & 0xff;
}

/* What stands before a value: its type's last octet, or no type's length. */
/*@ requires \valid_read(a) && \initialized(a) && attribute_readable(*a);
  @ assigns \nothing;
  @*/
static uint8_t
type_octet(const struct attribute *a)
{
	return a->type.n > 0 ? a->type.p[a->type.n - 1] : 0;
}

/* The edges of all spellings in which this attribute is the first. */
static void
edges_from(struct bytes name, unsigned position, const struct attribute *a,
	   void (*visit)(void *, uint32_t), void *arg)
{
	uint32_t first, last, end;
	struct attribute b;
	struct walk w;

	text_ends(a, &first, &last);
	if (!dn_is_graphic(first))
		return;
	walk_begin(&w, name);
	for (unsigned i = 0; walk_next(&w, &b); i++) {
		end = last_octet(&b);
		/* It can be the last one too only where it is alone. */
		if (dn_is_graphic(end) && (i != position || w.rdns.n == 0))
			visit(arg, dn_make_edge(type_octet(a), first, end));
	}
}

bool
dn_edges(struct bytes name, void (*visit)(void *, uint32_t), void *arg)
{
	struct attribute a;
	struct walk w;
	uint64_t hash;

	if (!dn_hash(name, &hash))
		return false;
	walk_begin(&w, name);
	for (unsigned i = 0; walk_next(&w, &a); i++)
		edges_from(name, i, &a, visit, arg);
	return true;
}

/* ---- Sketches --------------------------------------------------------- */

/* A sum, since the order does not matter, that no edge is equal to. */
#define SKETCH (UINT64_C(1) << 32)

/* What an attribute in an RDN of its own, in p[0..n), adds to the sketch; 0
 * where it is unusual.  As in dn_edge(), what is no RDN may add anything. */
/*@ requires n >= 10 && readable_octets(p, n);
  @ assigns \nothing;
  @*/
static uint32_t
sketch_rdn(const uint8_t *p, size_t n)
{
	size_t at = 6u + p[5];	/* of the value */

	if (p[3] != n - 4 || at + 2 >= n || p[at + 1] != n - at - 2 ||
	    p[at] > 0x1f || !(DN_PLAIN_TAGS >> p[at] & 1) ||
	    !dn_is_graphic(p[at + 2]) || !dn_is_graphic(p[n - 1]))
		return 0;
	return dn_make_edge(p[at - 1], p[at + 2], p[n - 1]);
}

uint64_t
dn_sketch(struct bytes name)
{
	uint64_t sketch = SKETCH;
	size_t at = 2;

	if (name.n < 13)
		return DN_UNUSUAL;
	if (name.p[1] >= 0x80)
		at += name.p[1] & 3u;
	/*@ loop invariant at <= name.n;
	  @ loop assigns at, sketch;
	  @ loop variant name.n - at;
	  @*/
	while (at < name.n) {
		const uint8_t *p = name.p + at;
		size_t n = name.n - at;
		uint32_t part;

		if (n < 10 || p[1] >= 0x80 || p[1] < 8 || p[1] > n - 2)
			return DN_UNUSUAL;
		part = sketch_rdn(p, p[1] + 2u);
		if (part == 0)
			return DN_UNUSUAL;
		sketch += part;
		at += p[1] + 2u;
	}
	return sketch;
}

bool
dn_sketch_of(struct bytes name, uint64_t *sketch)
{
	struct attribute a;
	uint32_t first, last;
	uint64_t hash;
	struct walk w;

	if (!dn_hash(name, &hash))
		return false;
	*sketch = SKETCH;
	walk_begin(&w, name);
	/*@ loop invariant \initialized(&w) && walking(w);
	  @ loop invariant \initialized(sketch);
	  @ loop assigns w, a, first, last, *sketch;
	  @ loop variant walk_left(w);
	  @*/
	while (walk_next(&w, &a)) {
		text_ends(&a, &first, &last);
		if (!dn_is_graphic(first) || !dn_is_graphic(last))
			return false;
		*sketch += dn_make_edge(type_octet(&a), first, last);
	}
	return true;
}
