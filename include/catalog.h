/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The compiled catalog: its bytes, and how to read them.
 *
 * This is the one format that the compiler (tool/) writes and the module and
 * the tool read, whether the bytes are built in or mapped from a file.  It
 * knows nothing of PKCS#11, of files, or of how a question is asked.
 *
 * A catalog is position independent and holds no pointer: every place in it
 * is an offset.  The reader trusts no byte of it.  Opening checks the header
 * and the bounds of the sections and costs the same for ten entries and ten
 * million; each later access checks what it touches, so that a damaged or
 * hostile catalog gives wrong answers at worst, never an access outside of
 * its bytes.  The comments that begin with an at-sign are contracts (ACSL):
 * `make prove` shows that the reader keeps them whatever the octets are.
 */

#ifndef CATALOG_H
#define CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ---- The format ------------------------------------------------------- */

#define CATALOG_MAGIC "p11dstr"		/* eight octets with the NUL */
#define CATALOG_ENDIAN 0x01020304u	/* reads so in the writer's order */
#define CATALOG_FORMAT 2u		/* any other number is refused */

/* Octets in the pool.  Pool offset 0 is never used: it means "unknown". */
struct catalog_span {
	uint32_t off;
	uint32_t len;
};

/* Equal records in the file: where they begin (octets from the start of the
 * file, a multiple of 8; 64 for buckets) and how many there are. */
struct catalog_section {
	uint64_t off;
	uint64_t count;
};

/* Sizes of what is stored by offset alone. */
enum {
	CATALOG_MD5 = 16,
	CATALOG_SHA1 = 20,
	CATALOG_SHA256 = 32,
	CATALOG_ID = 20,
	CATALOG_DATES = 16,	/* YYYYMMDDYYYYMMDD: notBefore, notAfter */
	CATALOG_AFTER = 13,	/* UTCTime, YYMMDDHHMMSSZ */
};

/* catalog_entry.flags: what the entry matches, for which usages. */
enum {
	CATALOG_MATCH_CERTIFICATE = 1u << 0,	/* exactly this certificate */
	CATALOG_MATCH_NAME = 1u << 1,	/* whatever its subject has issued */
	CATALOG_MATCH_KEY = 1u << 2,	/* whatever holds its public key */
	CATALOG_USAGE_SERVER = 1u << 8,
	CATALOG_USAGE_CLIENT = 1u << 9,
	CATALOG_USAGE_EMAIL = 1u << 10,
	CATALOG_USAGE_CODE = 1u << 11,
	CATALOG_USAGE_ALL = 0xfu << 8,
	CATALOG_IS_CA = 1u << 16,
	CATALOG_IN_ONECRL = 1u << 17,	/* Firefox blocks it by itself */
};

/*
 * One distrusted certificate, key or name.  `value` is empty where only the
 * identity is known; then issuer and serial, or one of the hashes, or the
 * subject stand alone.  issuer, serial, subject and spki of a certificate
 * that is known in full point into its value.
 */
struct catalog_entry {
	struct catalog_span value;	/* DER Certificate */
	struct catalog_span issuer;	/* DER Name */
	struct catalog_span serial;	/* DER INTEGER, tag and length too */
	struct catalog_span subject;	/* DER Name */
	struct catalog_span spki;	/* DER SubjectPublicKeyInfo */
	struct catalog_span label;	/* UTF-8, at most 64 octets */
	struct catalog_span evidence;	/* UTF-8, a source a line */
	uint32_t md5;		/* of the certificate; pool offsets from here */
	uint32_t sha1;
	uint32_t sha256;
	uint32_t spki_sha256;
	uint32_t id;		/* CKA_ID; always known, never all zero */
	uint32_t dates;
	uint32_t after;		/* distrusted if issued later; 0: always */
	uint32_t group;		/* index of its group */
	uint32_t flags;
};

/* catalog_group.flags */
enum {
	CATALOG_GROUP_ON = 1u << 0,	/* in force unless switched off */
};

/* One incident: why its entries are here.  Text is UTF-8; dates are decimal
 * YYYYMMDD, 0 where unknown. */
struct catalog_group {
	struct catalog_span name;	/* the folder's name */
	struct catalog_span title;
	struct catalog_span country;	/* ISO 3166-1 alpha-2, or empty */
	struct catalog_span reason;	/* a word of certs/README.md */
	struct catalog_span actor;	/* who ordered, made or leaked it */
	struct catalog_span story;
	struct catalog_span argument;	/* for its default */
	struct catalog_span references;	/* an address a line */
	uint32_t began;
	uint32_t blocked;
	uint32_t flags;
};

/* An administrator's or user's word on a group of any catalog. */
struct catalog_policy {
	struct catalog_span group;	/* its name */
	uint32_t on;			/* 1 or 0 */
};

/* One index for each question that a consumer asks. */
enum catalog_question {
	CATALOG_BY_SERIAL,	/* key: catalog_serial_key(); entries with an
				 * issuer; a run is sorted by the issuers'
				 * lengths, then octets */
	CATALOG_BY_SUBJECT,
	CATALOG_BY_VALUE,
	CATALOG_BY_ID,
	CATALOG_BY_LABEL,
	CATALOG_BY_SHA1,
	CATALOG_BY_SHA256,
	CATALOG_BY_SPKI,
	CATALOG_BY_SPKI_SHA256,	/* key entries whose SPKI is not known */
	CATALOG_BY_NAME,	/* name entries; key: dn_hash() of subject */
	CATALOG_QUESTIONS
};

/*
 * A bucket is one cache line.  A key is in its first bucket or, where that
 * one says so (CATALOG_SPILLED), in its second: a question reads at most two
 * lines, whatever is asked.  The compiler doubles the table until every key
 * fits and no two keys that share a bucket share a tag.
 *
 * ref is a position in the index's order section, where a run stands: its
 * length, then that many entry indices, all filed under the same key.
 */
#define CATALOG_SLOTS 8u
#define CATALOG_SPILLED (1u << 31)	/* in ref[0] of the first bucket */

struct catalog_bucket {
	uint32_t tag[CATALOG_SLOTS];	/* 0: the slot is empty */
	uint32_t ref[CATALOG_SLOTS];
};

struct catalog_index {
	struct catalog_section buckets;	/* a power of two of them, or none */
	struct catalog_section order;	/* uint32_t: runs, one after another */
};

struct catalog_header {
	uint8_t magic[8];
	uint32_t endian;
	uint32_t format;
	uint64_t size;			/* of the whole catalog, octets */
	uint32_t version;		/* of the list: major << 8 | minor */
	uint32_t date;			/* of the list: YYYYMMDD */
	uint8_t digest[CATALOG_SHA256];	/* of all that follows the header */
	struct catalog_section pool;	/* octets */
	struct catalog_section entries;
	struct catalog_section groups;
	struct catalog_section policy;
	struct catalog_section filter;	/* uint64_t, a power of two or none;
					 * catalog_may_have() */
	struct catalog_index index[CATALOG_QUESTIONS];
};

/* ---- The reader ------------------------------------------------------- */

/* Octets somewhere else.  Owned by whoever owns those. */
struct bytes {
	const uint8_t *p;
	size_t n;
};

/*@ // \initialized(p + (0 .. n - 1)), as provers find it of parts of these.
  @ predicate initialized_octets(uint8_t *p, integer n) =
  @	\forall uint8_t *q; \base_addr(q) == \base_addr(p) &&
  @	0 <= q - p < n ==> \initialized(q);
  @
  @ predicate readable_octets(uint8_t *p, integer n) =
  @	\valid_read(p + (0 .. n - 1)) && initialized_octets(p, n);
  @
  @ predicate readable(struct bytes b) = readable_octets(b.p, b.n);
  @*/

/*@ requires readable(a) && readable(b);
  @ assigns \nothing;
  @*/
static inline bool
bytes_equal(struct bytes a, struct bytes b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

/* An opened catalog: a view, valid as long as the bytes are. */
struct catalog {
	const uint8_t *base;
	const struct catalog_header *header;
	const uint64_t *filter;		/* one word, of no bits, if there is
					 * none in the file */
	unsigned filter_shift;		/* what is left are its bits */
	bool has_names;			/* whether any entry matches names */
};

/*@ predicate lies_within(struct catalog_section s, integer record,
  @			integer size) =
  @	s.off <= size && s.off + s.count * record <= size;
  @
  @ predicate sections_lie_within(struct catalog_header *h, integer size) =
  @	lies_within(h->pool, 1, size) &&
  @	lies_within(h->entries, sizeof(struct catalog_entry), size) &&
  @	lies_within(h->groups, sizeof(struct catalog_group), size) &&
  @	lies_within(h->policy, sizeof(struct catalog_policy), size) &&
  @	lies_within(h->filter, sizeof(uint64_t), size) &&
  @	h->filter.count < UINT32_MAX;
  @
  @ predicate index_lies_within(struct catalog_header *h, integer size,
  @			      integer q) =
  @	lies_within(h->index[q].buckets, sizeof(struct catalog_bucket),
  @		    size) &&
  @	lies_within(h->index[q].order, sizeof(uint32_t), size) &&
  @	h->index[q].order.count < UINT32_MAX;
  @
  @ predicate indexes_lie_within(struct catalog_header *h, integer size,
  @			       integer questions) =
  @	\forall integer q; 0 <= q < questions ==>
  @	index_lies_within(h, size, q);
  @
  @ predicate readable_words(uint64_t *p, integer n) =
  @	\valid_read(p + (0 .. n - 1)) &&
  @	\forall uint64_t *w; \base_addr(w) == \base_addr(p) &&
  @	0 <= w - p < n ==> \initialized(w);
  @
  @ predicate is_filter(uint64_t *p, integer shift) = 27 <= shift <= 58 &&
  @	readable_words(p, 1 << (58 - shift));
  @
  @ // What catalog_open() establishes, and all that others may rely on.
  @ predicate opened(struct catalog c) =
  @	\valid_read(c.header) && \initialized(c.header) &&
  @	readable_octets(c.base, c.header->size) &&
  @	sections_lie_within(c.header, c.header->size) &&
  @	indexes_lie_within(c.header, c.header->size, CATALOG_QUESTIONS) &&
  @	is_filter(c.filter, c.filter_shift);
  @
  @ predicate catalog_opened(struct catalog *c) =
  @	\valid_read(c) && \initialized(c) && opened(*c);
  @*/

/*
 * Look at size octets at base, aligned to 64, as a catalog.  0, or -1 where
 * they are not one: short, foreign, of another format or byte order, or with
 * a section that does not lie inside.  Touches the header alone.
 */
/*@ requires \valid(c) && readable_octets((uint8_t *)base, size);
  @ requires \separated(c, (const uint8_t *)base + (0 .. size - 1));
  @ assigns *c;
  @ ensures \result == 0 || \result == -1;
  @ ensures \result == 0 ==> catalog_opened(c) && c->header->size == size;
  @*/
int catalog_open(struct catalog *c, const void *base, size_t size);

/* How many there are; indices run from 0. */
/*@ requires catalog_opened(c);
  @ assigns \nothing;
  @*/
uint32_t catalog_entries(const struct catalog *c);
/*@ requires catalog_opened(c);
  @ assigns \nothing;
  @*/
uint32_t catalog_groups(const struct catalog *c);

/* The record, or NULL where there is no such index. */
/*@ requires catalog_opened(c);
  @ assigns \nothing;
  @ ensures \result == \null ||
  @	\valid_read(\result) && \initialized(\result);
  @*/
static inline const struct catalog_entry *catalog_entry(
	const struct catalog *c, uint32_t i);
/*@ requires catalog_opened(c);
  @ assigns \nothing;
  @ ensures \result == \null ||
  @	\valid_read(\result) && \initialized(\result);
  @*/
const struct catalog_group *catalog_group(const struct catalog *c, uint32_t i);
/*@ requires catalog_opened(c);
  @ assigns \nothing;
  @ ensures \result == \null ||
  @	\valid_read(\result) && \initialized(\result);
  @*/
const struct catalog_policy *catalog_policy(const struct catalog *c,
					    uint32_t i);

/* The octets of a span, or of len octets at an offset of the pool.  Empty
 * (p not NULL, n 0) where unknown or not inside of the pool. */
/*@ requires catalog_opened(c);
  @ assigns \nothing;
  @ ensures readable(\result);
  @*/
static inline struct bytes catalog_bytes(const struct catalog *c,
					 struct catalog_span s);
/*@ requires catalog_opened(c);
  @ assigns \nothing;
  @ ensures readable(\result);
  @*/
static inline struct bytes catalog_fixed(const struct catalog *c, uint32_t off,
					 size_t len);

/* Entries that share a key: positions [from, to) of the index's order.
 * Empty where from == to. */
struct catalog_run {
	uint32_t from;
	uint32_t to;
};

/*
 * The octets under which a serial number is filed, whether it is given as
 * DER INTEGER or as content octets alone, as NSS and Firefox both do: what is
 * left when no more tag and length can be taken off.  Content octets can read
 * as DER by chance (02 01 05), so that serials which differ may share a key.
 */
/*@ requires readable(serial);
  @ assigns \nothing;
  @ ensures readable(\result);
  @*/
static inline struct bytes catalog_serial_key(struct bytes serial);

/* Which tag and buckets belong to a hash, in a table of `buckets` (a power of
 * two) buckets.  The second bucket follows from the first and the tag. */
/*@ assigns \nothing;
  @*/
static inline uint32_t catalog_tag(uint64_t hash);
/*@ requires buckets > 0;
  @ assigns \nothing;
  @ ensures \result < buckets;
  @*/
static inline uint64_t catalog_first(uint64_t hash, uint64_t buckets);
/*@ requires buckets > 0;
  @ assigns \nothing;
  @ ensures \result < buckets;
  @*/
static inline uint64_t catalog_second(uint64_t first, uint32_t tag,
				      uint64_t buckets);

/* The entries filed under a hash: candidates, since hashes collide; the
 * caller compares.  Reads at most two buckets and the run's length. */
/*@ requires catalog_opened(c) && q < CATALOG_QUESTIONS;
  @ assigns \nothing;
  @ ensures \result.from <= \result.to <= c->header->index[q].order.count;
  @*/
struct catalog_run catalog_find(const struct catalog *c,
				enum catalog_question q, uint64_t hash);

/* The entry at a position of an index's order; UINT32_MAX if there is none. */
/*@ requires catalog_opened(c) && q < CATALOG_QUESTIONS;
  @ assigns \nothing;
  @*/
static inline uint32_t catalog_at(const struct catalog *c,
				  enum catalog_question q, uint32_t position);

/*
 * The filter: one bit for each value that a question about an issuer and a
 * serial number can show where the catalog has an answer.  These values are
 * the dn_edge()s and dn_sketch()es of what name entries match (module/dn.h),
 * and the tails of the serial numbers that are filed.  Most questions show
 * neither edge nor tail, and end after two bits, wherever in the file their
 * index may be.
 */
/*@ requires catalog_opened(c);
  @ assigns \nothing;
  @*/
static inline bool catalog_may_have(const struct catalog *c, uint64_t value);
/*@ requires 27 <= shift <= 58;
  @ assigns \nothing;
  @ ensures \result / 64 <= (1 << (58 - shift)) - 1;
  @*/
static inline uint64_t catalog_filter_bit(uint64_t value, unsigned shift);

/* How far a product is shifted so that its bits count those of `words`
 * 64-bit words, a power of two. */
/*@ requires 0 < words < UINT32_MAX && (words & (words - 1)) == 0;
  @ assigns \nothing;
  @ ensures 27 <= \result <= 58 && words == 1 << (58 - \result);
  @*/
static inline unsigned catalog_filter_shift(uint64_t words);

/*
 * The last CATALOG_TAIL octets of any spelling, of at least so many octets,
 * of a serial number that is filed under this key: DER or not, the tag and
 * length that catalog_serial_key() takes off are the same ones.
 */
enum { CATALOG_TAIL = 8 };
/*@ requires readable(key);
  @ assigns \nothing;
  @*/
uint64_t catalog_tail_of_key(struct bytes key);
/*@ requires readable(serial) && serial.n >= CATALOG_TAIL;
  @ assigns \nothing;
  @*/
static inline uint64_t catalog_tail(struct bytes serial);

/* ---- Inlined: what every question goes through ------------------------- */

/* The octets of record i of a section; all records are got at here. */
/*@ requires catalog_opened(c) && i < s.count;
  @ requires size == 4 || size == 12 || size == 64 || size == 76 || size == 92;
  @ requires lies_within(s, size, c->header->size);
  @ assigns \nothing;
  @ ensures readable_octets(\result, size);
  @*/
static inline const uint8_t *
catalog_record(const struct catalog *c, struct catalog_section s, uint64_t i,
	       size_t size)
{
	return c->base + (s.off + i * size);
}

static inline const struct catalog_entry *
catalog_entry(const struct catalog *c, uint32_t i)
{
	const struct catalog_section *s = &c->header->entries;

	if (i >= s->count)
		return NULL;
	return (const void *)catalog_record(c, *s, i,
					    sizeof(struct catalog_entry));
}

static inline uint32_t
catalog_at(const struct catalog *c, enum catalog_question q, uint32_t position)
{
	const struct catalog_section *s = &c->header->index[q].order;
	const void *element;

	if (position >= s->count)
		return UINT32_MAX;
	//@ assert index_lies_within(c->header, c->header->size, q);
	element = catalog_record(c, *s, position, sizeof(uint32_t));
	return *(const uint32_t *)element;
}

static inline struct bytes
catalog_bytes(const struct catalog *c, struct catalog_span s)
{
	static const uint8_t nothing[1];
	const struct catalog_section *pool = &c->header->pool;

	if (s.off == 0 || s.off > pool->count || s.len > pool->count - s.off)
		return (struct bytes){ nothing, 0 };
	return (struct bytes){ c->base + pool->off + s.off, s.len };
}

static inline struct bytes
catalog_fixed(const struct catalog *c, uint32_t off, size_t len)
{
	return catalog_bytes(c, (struct catalog_span){ off, (uint32_t)len });
}

/* ---- Inlined: what settles nearly every question (find_nothing()) ------ */

/* No INTEGER of interest has a long-form length: serials are short. */
static inline struct bytes
catalog_serial_key(struct bytes serial)
{
	/*@ loop invariant \initialized(&serial) && readable(serial);
	  @ loop assigns serial;
	  @ loop variant serial.n;
	  @*/
	while (serial.n > 2 && serial.p[0] == 0x02 &&
	       serial.p[1] == serial.n - 2 && serial.p[1] < 0x80) {
		serial.p += 2;
		serial.n -= 2;
	}
	return serial;
}

static inline uint32_t
catalog_tag(uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash >> 32);

	return tag != 0 ? tag : 1;
}

static inline uint64_t
catalog_first(uint64_t hash, uint64_t buckets)
{
	return hash & (buckets - 1);
}

static inline uint64_t
catalog_second(uint64_t first, uint32_t tag, uint64_t buckets)
{
	return (first ^ (tag * UINT64_C(0x9e3779b97f4a7c15) >> 20)) &
	       (buckets - 1);
}

static inline uint64_t
catalog_tail(struct bytes serial)
{
	const uint8_t *p = serial.p + serial.n - CATALOG_TAIL;

	return (uint64_t)p[7] << 56 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[5] << 40 | (uint64_t)p[4] << 32 |
	       (uint64_t)p[3] << 24 | (uint64_t)p[2] << 16 |
	       (uint64_t)p[1] << 8 | (uint64_t)p[0];
}

static inline unsigned
catalog_filter_shift(uint64_t words)
{
	return 58 - (unsigned)__builtin_ctzll(words);
}

/* The product's highest bits: they depend on the whole value. */
static inline uint64_t
catalog_filter_bit(uint64_t value, unsigned shift)
{
	return value * UINT64_C(0x9e3779b97f4a7c15) >> shift;
}

static inline bool
catalog_may_have(const struct catalog *c, uint64_t value)
{
	uint64_t bit = catalog_filter_bit(value, c->filter_shift);

	//@ assert is_filter(c->filter, c->filter_shift);
	return c->filter[bit / 64] >> (bit % 64) & 1;
}

#endif
