/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The DER cursor.  It knows tags and lengths and the outline of a
 * certificate; it must not know what a field means.
 */

#include "der.h"

/*
 * The length octets at the front of p[0..n): the number of content octets in
 * *length, and how many octets said so.  0 where they are not DER: the
 * indefinite form, more than four octets, or not the shortest form.
 */
/*@ requires \valid_read(p + (0 .. n - 1)) && \initialized(p + (0 .. n - 1));
  @ requires \valid(length) && \separated(length, p + (0 .. n - 1));
  @ assigns *length;
  @ ensures \result != 0 ==> \initialized(length);
  @ ensures \result <= n;
  @*/
static size_t
read_length(const uint8_t *p, size_t n, size_t *length)
{
	size_t octets, value = 0;

	if (n == 0)
		return 0;
	if (p[0] < 0x80) {
		*length = p[0];
		return 1;
	}
	octets = p[0] & 0x7fu;
	if (octets == 0 || octets > 4 || octets >= n || p[1] == 0)
		return 0;
	/*@ loop invariant 1 <= i <= octets + 1;
	  @ loop assigns i, value;
	  @ loop variant octets + 1 - i;
	  @*/
	for (size_t i = 1; i <= octets; i++)
		value = value << 8 | p[i];
	if (value < 0x80)
		return 0;
	*length = value;
	return 1 + octets;
}

/* The first element of *in: how many octets come before its content, and
 * its content.  0 where there is none. */
/*@ requires \valid_read(in) && \initialized(in) && readable(*in);
  @ requires \valid(content);
  @ requires \separated(in, content, in->p + (0 .. in->n - 1));
  @ assigns *content;
  @ ensures \result != 0 ==> \initialized(content) && 2 <= \result &&
  @	content->n <= in->n - \result && content->p == in->p + \result;
  @*/
static size_t
peek(const struct bytes *in, struct bytes *content)
{
	size_t octets, length;

	if (in->n < 2 || (in->p[0] & 0x1f) == 0x1f)
		return 0;
	octets = read_length(in->p + 1, in->n - 1, &length);
	if (octets == 0 || length > in->n - 1 - octets)
		return 0;
	*content = (struct bytes){ in->p + 1 + octets, length };
	return 1 + octets;
}

bool
der_take_any(struct bytes *in, uint8_t *tag, struct bytes *content)
{
	size_t header = peek(in, content);

	if (header == 0)
		return false;
	*tag = in->p[0];
	in->p += header + content->n;
	in->n -= header + content->n;
	return true;
}

bool
der_take(struct bytes *in, uint8_t tag, struct bytes *content)
{
	uint8_t found;

	return in->n > 0 && in->p[0] == tag &&
	       der_take_any(in, &found, content);
}

bool
der_take_whole(struct bytes *in, uint8_t tag, struct bytes *whole)
{
	const uint8_t *start = in->p;
	struct bytes content;

	if (!der_take(in, tag, &content))
		return false;
	*whole = (struct bytes){ start, (size_t)(in->p - start) };
	return true;
}

bool
der_integer(struct bytes der, struct bytes *content)
{
	return der_take(&der, DER_INTEGER, content) && der.n == 0 &&
	       content->n > 0;
}

bool
der_integer_is(struct bytes der, struct bytes content)
{
	struct bytes own;

	return der_integer(der, &own) && bytes_equal(own, content);
}

/* The fields of TBSCertificate up to the key, in their order. */
/*@ requires readable(tbs) && \valid(c);
  @ requires \separated(c, tbs.p + (0 .. tbs.n - 1));
  @ assigns *c;
  @ ensures \result ==> \initialized(c) && readable(c->issuer) &&
  @	readable(c->subject) && readable(c->spki);
  @*/
static bool
take_fields(struct bytes tbs, struct der_certificate *c)
{
	struct bytes skipped, issuer, subject, spki;

	der_take(&tbs, DER_CONTEXT_0, &skipped);	/* version, optional */
	if (!der_take(&tbs, DER_INTEGER, &skipped) ||	/* serialNumber */
	    !der_take(&tbs, DER_SEQUENCE, &skipped) ||	/* signature */
	    !der_take_whole(&tbs, DER_SEQUENCE, &issuer) ||
	    !der_take(&tbs, DER_SEQUENCE, &skipped) ||	/* validity */
	    !der_take_whole(&tbs, DER_SEQUENCE, &subject) ||
	    !der_take_whole(&tbs, DER_SEQUENCE, &spki))
		return false;
	*c = (struct der_certificate){ issuer, subject, spki };
	return true;
}

bool
der_certificate(struct bytes der, struct der_certificate *certificate)
{
	struct bytes outer, tbs, skipped;

	return der_take(&der, DER_SEQUENCE, &outer) && der.n == 0 &&
	       der_take(&outer, DER_SEQUENCE, &tbs) &&
	       der_take(&outer, DER_SEQUENCE, &skipped) &&
	       der_take(&outer, DER_BIT_STRING, &skipped) && outer.n == 0 &&
	       take_fields(tbs, certificate);
}
