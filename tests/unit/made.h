/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Small catalogs, made in memory by the compiler's own writer, and the
 * certificates and names to put into them.  It knows records and the format;
 * it must not know what is asked of a catalog.  Whatever goes wrong aborts:
 * a test has no use for half a catalog.
 */

#ifndef MADE_H
#define MADE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "compile/records.h"
#include "compile/writer.h"
#include "compile/x509.h"
#include "der.h"
#include "encode.h"

struct made {
	struct fault fault;
	struct records records;
	struct catalog catalog;		/* after made_end() */
	uint8_t *octets;		/* its bytes, aligned to 64 */
	size_t size;
};

static inline void
made_must(bool done)
{
	if (!done)
		abort();
}

/* ---- Names and certificates ------------------------------------------- */

static inline struct bytes
made_text(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

/* One RDN of one attribute under 2.5.4. */
static inline void
made_rdn(struct encoded *e, uint8_t type, uint8_t tag, const char *value)
{
	const uint8_t oid[] = { 0x55, 4, type };
	size_t from = e->n;

	encode_attribute(e, (struct bytes){ oid, sizeof(oid) }, tag, value,
			 strlen(value));
	encode_wrap(e, from, 0x31);
}

/* C=KZ, CN=..., the latter with a string tag. */
static inline struct bytes
made_name(struct encoded *e, uint8_t tag, const char *cn)
{
	e->n = 0;
	made_rdn(e, 6, 0x13, "KZ");
	made_rdn(e, 3, tag, cn);
	encode_wrap(e, 0, 0x30);
	return encoded_bytes(e);
}

static inline struct bytes
made_integer(struct encoded *e, struct bytes content)
{
	e->n = 0;
	encode_element(e, 0x02, content.p, content.n);
	return encoded_bytes(e);
}

/* SubjectPublicKeyInfo of an algorithm and a key that nobody has. */
static inline struct bytes
made_key(struct encoded *e, const char *key)
{
	static const uint8_t algorithm[] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };

	e->n = 0;
	encode_element(e, 0x30, algorithm, sizeof(algorithm));
	encode_element(e, 0x03, key, strlen(key));
	encode_wrap(e, 0, 0x30);
	return encoded_bytes(e);
}

/* A certificate's outline: nobody checks its signature.  The serial number
 * is a DER INTEGER. */
static inline struct bytes
made_certificate(struct encoded *e, struct bytes issuer, struct bytes serial,
		 struct bytes subject, struct bytes key)
{
	static const uint8_t version[] = { 0x02, 1, 2 };
	static const uint8_t algorithm[] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };
	static const char dates[] = "\x17\x0d" "200101000000Z"
				    "\x17\x0d" "400101000000Z";

	e->n = 0;
	encode_element(e, 0xa0, version, sizeof(version));
	encode_octets(e, serial.p, serial.n);
	encode_element(e, 0x30, algorithm, sizeof(algorithm));
	encode_octets(e, issuer.p, issuer.n);
	encode_element(e, 0x30, dates, sizeof(dates) - 1);
	encode_octets(e, subject.p, subject.n);
	encode_octets(e, key.p, key.n);
	encode_wrap(e, 0, 0x30);
	encode_element(e, 0x30, algorithm, sizeof(algorithm));
	encode_element(e, 0x03, "\0signature", 10);
	encode_wrap(e, 0, 0x30);
	return encoded_bytes(e);
}

/* ---- The catalog ------------------------------------------------------ */

static inline void
made_begin(struct made *m)
{
	*m = (struct made){ .octets = NULL };
	made_must(records_begin(&m->records, &m->fault) == 0);
	m->records.version = 0x0102;
	m->records.date = 20260101;
}

static inline struct catalog_span
made_span(struct made *m, struct bytes b)
{
	struct catalog_span span;

	made_must(records_intern(&m->records, b, &span) == 0);
	return span;
}

static inline uint32_t
made_fixed(struct made *m, const void *p, size_t n)
{
	uint32_t off = 0;

	made_must(records_put_fixed(&m->records, p, n, &off) == 0);
	return off;
}

/* Its index. */
static inline uint32_t
made_group(struct made *m, const char *name, bool on)
{
	struct catalog_group group = {
		.name = made_span(m, made_text(name)),
		.title = made_span(m, made_text(name)),
		.flags = on ? CATALOG_GROUP_ON : 0,
	};

	made_must(records_add_group(&m->records, &group) == 0);
	return records_groups(&m->records) - 1;
}

static inline void
made_policy(struct made *m, const char *group, bool on)
{
	struct catalog_policy policy = {
		.group = made_span(m, made_text(group)), .on = on,
	};

	made_must(records_add_policy(&m->records, &policy) == 0);
}

/* What an entry is made of; octets that are not there are unknown. */
struct made_entry {
	struct bytes certificate;	/* or: */
	struct bytes issuer;
	struct bytes serial;		/* DER */
	struct bytes subject;
	struct bytes spki;
	const char *label;
	const char *after;		/* UTCTime */
	uint32_t flags;
	uint32_t group;
	bool hashes;			/* of an identity: its hashes known */
};

/* A span of octets that lie in a certificate that was put as a whole. */
static inline struct catalog_span
made_part(struct catalog_span whole, struct bytes all, struct bytes part)
{
	return (struct catalog_span){ whole.off + (uint32_t)(part.p - all.p),
				      (uint32_t)part.n };
}

static inline void
made_fields(struct made *m, struct catalog_entry *e, struct bytes der)
{
	struct der_certificate c;
	struct bytes rest = der, outer, tbs, version, serial;

	made_must(der_certificate(der, &c) &&
		  der_take(&rest, DER_SEQUENCE, &outer) &&
		  der_take(&outer, DER_SEQUENCE, &tbs));
	der_take(&tbs, DER_CONTEXT_0, &version);
	made_must(der_take_whole(&tbs, DER_INTEGER, &serial));
	e->value = made_span(m, der);
	e->issuer = made_part(e->value, der, c.issuer);
	e->serial = made_part(e->value, der, serial);
	e->subject = made_part(e->value, der, c.subject);
	e->spki = made_part(e->value, der, c.spki);
	e->dates = made_fixed(m, "2020010120400101", CATALOG_DATES);
}

static inline void
made_hashes(struct made *m, struct catalog_entry *e, struct bytes of)
{
	uint8_t md5[CATALOG_MD5], sha1[CATALOG_SHA1], sha256[CATALOG_SHA256];

	made_must(x509_md5(of, md5) == 0 && x509_sha1(of, sha1) == 0 &&
		  x509_sha256(of, sha256) == 0);
	e->md5 = made_fixed(m, md5, sizeof(md5));
	e->sha1 = made_fixed(m, sha1, sizeof(sha1));
	e->sha256 = made_fixed(m, sha256, sizeof(sha256));
}

static inline void
made_spki_hash(struct made *m, struct catalog_entry *e, struct bytes spki)
{
	uint8_t sha256[CATALOG_SHA256];

	made_must(x509_sha256(spki, sha256) == 0);
	e->spki_sha256 = made_fixed(m, sha256, sizeof(sha256));
}

/* Like the compiler's: of what is most of its own. */
static inline void
made_id(struct made *m, struct catalog_entry *e, const struct made_entry *from)
{
	static struct encoded of;
	uint8_t id[CATALOG_ID];

	of.n = 0;
	encode_octets(&of, from->certificate.p, from->certificate.n);
	encode_octets(&of, from->issuer.p, from->issuer.n);
	encode_octets(&of, from->serial.p, from->serial.n);
	encode_octets(&of, from->subject.p, from->subject.n);
	encode_octets(&of, from->spki.p, from->spki.n);
	made_must(x509_sha1(encoded_bytes(&of), id) == 0);
	e->id = made_fixed(m, id, sizeof(id));
}

/* Its index.  An identity's key is known by its hash alone. */
static inline uint32_t
made_add(struct made *m, struct made_entry from)
{
	struct catalog_entry e = {
		.label = made_span(m, made_text(from.label != NULL ?
						from.label : "label")),
		.flags = from.flags, .group = from.group,
	};

	if (from.certificate.n > 0) {
		made_fields(m, &e, from.certificate);
		made_hashes(m, &e, from.certificate);
		made_spki_hash(m, &e, records_bytes(&m->records, e.spki));
	} else {
		e.issuer = made_span(m, from.issuer);
		e.serial = made_span(m, from.serial);
		e.subject = made_span(m, from.subject);
		if (from.spki.n > 0)
			made_spki_hash(m, &e, from.spki);
		if (from.hashes)
			made_hashes(m, &e, from.serial);
	}
	if (from.after != NULL)
		e.after = made_fixed(m, from.after, CATALOG_AFTER);
	made_id(m, &e, &from);
	made_must(records_add_entry(&m->records, &e) == 0);
	return records_entries(&m->records) - 1;
}

static inline int
made_take(void *arg, const void *p, size_t n)
{
	struct made *m = arg;

	memcpy(m->octets + m->size, p, n);
	m->size += n;
	return 0;
}

/* Compile what was added, and open it. */
static inline void
made_end(struct made *m)
{
	static struct image image;

	made_must(writer_make(&image, &m->records) == 0);
	m->octets = aligned_alloc(64, (image.header.size + 63) / 64 * 64);
	made_must(m->octets != NULL);
	made_must(writer_octets(&image, made_take, m) == 0);
	writer_free(&image);
	records_end(&m->records);
	made_must(catalog_open(&m->catalog, m->octets, m->size) == 0);
}

static inline void
made_free(struct made *m)
{
	free(m->octets);
	*m = (struct made){ .octets = NULL };
}

#endif
