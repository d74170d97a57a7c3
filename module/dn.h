/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Distinguished names: when are two of them the same?
 *
 * RFC 5280 7.1 compares attributes, not octets: another string type, another
 * case of ASCII letters or more white space make no other name.  Here the
 * order of the RDNs makes none either, since the same Kazakh authority is on
 * record in two orders.  Everything takes a DER Name from anywhere, reads no
 * octet outside of it, does not allocate, and takes time linear in it.
 * Pure functions; any thread.
 */

#ifndef DN_H
#define DN_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog.h"

/* More attributes than this and a name equals no other. */
#define DN_ATTRIBUTES 32u

/* The same for all names that dn_equal() calls equal.  False where the DER
 * is no Name, is empty, or has more than DN_ATTRIBUTES attributes. */
/*@ requires readable(name) && \valid(hash);
  @ requires \separated(hash, name.p + (0 .. name.n - 1));
  @ assigns *hash;
  @ ensures \result ==> \initialized(hash);
  @*/
bool dn_hash(struct bytes name, uint64_t *hash);

/* Whether both are well-formed, not empty, and hold the same attributes. */
/*@ requires readable(a) && readable(b);
  @ assigns \nothing;
  @*/
bool dn_equal(struct bytes a, struct bytes b);

/*
 * A cheap look at a name's two ends, in a few instructions whatever its
 * length: what nearly all names fail before anybody hashes them.  DN_ANY
 * where the ends are unusual and tell nothing.
 */
#define DN_ANY UINT32_MAX
/*@ requires readable(name);
  @ assigns \nothing;
  @*/
static inline uint32_t dn_edge(struct bytes name);

/*
 * A closer look, at both ends of each attribute: what nearly all names fail
 * that have an edge in common with one on a list.  DN_UNUSUAL where some
 * attribute tells nothing.  dn_sketch_of() says what all names equal to this
 * one show, unless they are unusual; false where all of them are.
 */
#define DN_UNUSUAL UINT64_MAX
/*@ requires readable(name);
  @ assigns \nothing;
  @*/
uint64_t dn_sketch(struct bytes name);
/*@ requires readable(name) && \valid(sketch);
  @ requires \separated(sketch, name.p + (0 .. name.n - 1));
  @ assigns *sketch;
  @ ensures \result ==> \initialized(sketch);
  @*/
bool dn_sketch_of(struct bytes name, uint64_t *sketch);

/* All edges that a name equal to this one can show (not counting DN_ANY):
 * for the compiler.  Calls visit for each, some of them more than once.
 * False where dn_hash() is. */
bool dn_edges(struct bytes name, void (*visit)(void *, uint32_t), void *arg);

/* ---- Inlined: every question goes through it --------------------------- */

/* ASN.1 string types whose characters are octets or UTF-8: UTF8String,
 * NumericString, PrintableString, TeletexString, IA5String, VisibleString. */
#define DN_PLAIN_TAGS (1u << 0x0c | 1u << 0x12 | 1u << 0x13 | 1u << 0x14 | \
		       1u << 0x16 | 1u << 0x1a)

/*@ assigns \nothing;
  @*/
static inline bool
dn_is_graphic(uint32_t c)
{
	return c - 0x21 < 0x7f - 0x21;
}

/* Letters in one case, and a few signs with others: it is a filter. */
/*@ assigns \nothing;
  @*/
static inline uint32_t
dn_make_edge(uint8_t type, uint32_t first, uint32_t end)
{
	return (uint32_t)type << 16 | ((first << 8 | end) | 0x2020u);
}

/*
 * The last octet of the first attribute's type, the first character of its
 * value, and the last octet of the name.  In a well-formed name the first
 * RDN begins after the outer tag and length, and SET, SEQUENCE and OID have
 * one octet of length each, or else the SET's is long; in any other name all
 * is well as long as nothing outside of it is read.
 */
static inline uint32_t
dn_edge(struct bytes name)
{
	const uint8_t *set = name.p, *value;
	size_t at = 8;		/* of the value, if the type were empty */

	if (name.n < 13)
		return DN_ANY;
	if (name.p[1] >= 0x80)
		at += name.p[1] & 3u;
	set += at - 6;
	at += set[5];
	if (set[1] >= 0x80 || at + 2 >= name.n)
		return DN_ANY;
	value = name.p + at;
	if (value[0] > 0x1f || !(DN_PLAIN_TAGS >> value[0] & 1) ||
	    value[1] == 0 || !dn_is_graphic(value[2]) ||
	    !dn_is_graphic(name.p[name.n - 1]))
		return DN_ANY;
	return dn_make_edge(value[-1], value[2], name.p[name.n - 1]);
}

#endif
