/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Which entries each question finds, and under which key. */

#include "compile/filing.h"

#include "dn.h"
#include "hash.h"

struct bytes
filing_bytes(struct bytes pool, struct catalog_span span)
{
	if (span.off == 0 || span.off > pool.n || span.len > pool.n - span.off)
		return (struct bytes){ pool.p, 0 };
	return (struct bytes){ pool.p + span.off, span.len };
}

static struct bytes
fixed(struct bytes pool, uint32_t off, uint32_t len)
{
	return filing_bytes(pool, (struct catalog_span){ off, len });
}

/* A serial number without an issuer is nobody's. */
static struct bytes
serial_key(struct bytes pool, const struct catalog_entry *e)
{
	if (filing_bytes(pool, e->issuer).n == 0)
		return (struct bytes){ pool.p, 0 };
	return catalog_serial_key(filing_bytes(pool, e->serial));
}

/* Where the key's octets are known, BY_SPKI finds it. */
static struct bytes
spki_sha256_key(struct bytes pool, const struct catalog_entry *e)
{
	if ((e->flags & CATALOG_MATCH_KEY) == 0 || e->spki.len != 0)
		return (struct bytes){ pool.p, 0 };
	return fixed(pool, e->spki_sha256, CATALOG_SHA256);
}

static struct bytes
key_octets(struct bytes pool, const struct catalog_entry *e,
	   enum catalog_question q)
{
	switch (q) {
	case CATALOG_BY_SERIAL:
		return serial_key(pool, e);
	case CATALOG_BY_SUBJECT:
		return filing_bytes(pool, e->subject);
	case CATALOG_BY_VALUE:
		return filing_bytes(pool, e->value);
	case CATALOG_BY_ID:
		return fixed(pool, e->id, CATALOG_ID);
	case CATALOG_BY_LABEL:
		return filing_bytes(pool, e->label);
	case CATALOG_BY_SHA1:
		return fixed(pool, e->sha1, CATALOG_SHA1);
	case CATALOG_BY_SHA256:
		return fixed(pool, e->sha256, CATALOG_SHA256);
	case CATALOG_BY_SPKI:
		return filing_bytes(pool, e->spki);
	case CATALOG_BY_SPKI_SHA256:
		return spki_sha256_key(pool, e);
	case CATALOG_BY_NAME:
	case CATALOG_QUESTIONS:
		break;
	}
	return (struct bytes){ pool.p, 0 };
}

bool
filing_key(struct bytes pool, const struct catalog_entry *entry,
	   enum catalog_question q, uint64_t *hash)
{
	struct bytes key;

	if (q == CATALOG_BY_NAME)
		return (entry->flags & CATALOG_MATCH_NAME) != 0 &&
		       dn_hash(filing_bytes(pool, entry->subject), hash);
	key = key_octets(pool, entry, q);
	if (key.n == 0)
		return false;
	*hash = catalog_hash(key);
	return true;
}

bool
filing_tail(struct bytes pool, const struct catalog_entry *entry,
	    uint64_t *tail)
{
	struct bytes key = serial_key(pool, entry);

	if (key.n == 0)
		return false;
	*tail = catalog_tail_of_key(key);
	return true;
}

struct bytes
filing_order(struct bytes pool, const struct catalog_entry *entry,
	     enum catalog_question q)
{
	if (q != CATALOG_BY_SERIAL)
		return (struct bytes){ pool.p, 0 };
	return filing_bytes(pool, entry->issuer);
}
