/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Writing DER for tests: octets are appended, then what was appended since
 * some place is wrapped in a tag and length.  Written apart from the module,
 * which only reads.
 */

#ifndef ENCODE_H
#define ENCODE_H

#include <stdlib.h>
#include <string.h>

#include "catalog.h"

struct encoded {
	size_t n;
	uint8_t p[16384];
};

static inline struct bytes
encoded_bytes(const struct encoded *e)
{
	return (struct bytes){ e->p, e->n };
}

static inline void
encode_octets(struct encoded *e, const void *p, size_t n)
{
	if (n > sizeof(e->p) - e->n)
		abort();
	if (n > 0)
		memcpy(e->p + e->n, p, n);
	e->n += n;
}

static inline void
encode_octet(struct encoded *e, uint8_t octet)
{
	encode_octets(e, &octet, 1);
}

/* All from octet `from` on becomes the content of one element. */
static inline void
encode_wrap(struct encoded *e, size_t from, uint8_t tag)
{
	size_t length = e->n - from, header = 2;
	uint8_t front[6] = { tag, (uint8_t)length };

	if (length >= 0x80) {
		unsigned octets = length > 0xff ? 2 : 1;

		front[1] = (uint8_t)(0x80 | octets);
		for (unsigned i = 0; i < octets; i++)
			front[2 + i] = (uint8_t)(length >>
						 8 * (octets - 1 - i));
		header += octets;
	}
	if (header > sizeof(e->p) - e->n)
		abort();
	memmove(e->p + from + header, e->p + from, length);
	memcpy(e->p + from, front, header);
	e->n += header;
}

static inline void
encode_element(struct encoded *e, uint8_t tag, const void *p, size_t n)
{
	size_t from = e->n;

	encode_octets(e, p, n);
	encode_wrap(e, from, tag);
}

/* AttributeTypeAndValue; the type's OID as content octets. */
static inline void
encode_attribute(struct encoded *e, struct bytes oid, uint8_t tag,
		 const void *value, size_t n)
{
	size_t from = e->n;

	encode_element(e, 0x06, oid.p, oid.n);
	encode_element(e, tag, value, n);
	encode_wrap(e, from, 0x30);
}

#endif
