/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A bounded cursor over DER (X.690), and the one structure that the module
 * reads with it: a certificate that a caller hands in.  The cursor advances
 * or fails; it never looks at an octet outside of what it was given.
 * Pure functions; any thread.
 */

#ifndef DER_H
#define DER_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog.h"

enum {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OID = 0x06,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT_0 = 0xa0,
};

/*
 * Take one element of this tag off the front of *in: its content octets go
 * to *content.  False, with *in as it was, where the next element has
 * another tag, is longer than *in, or has a length that is not DER.
 */
/*@ requires \valid(in) && \initialized(in) && readable(*in);
  @ requires \valid(content);
  @ requires \separated(in, content, in->p + (0 .. in->n - 1));
  @ assigns *in, *content;
  @ ensures taken: \result ==> \old(in->n) >= in->n + 2 + content->n &&
  @	in->p == \old(in->p) + (\old(in->n) - in->n) &&
  @	content->p + content->n == in->p;
  @ ensures left: !\result ==> *in == \old(*in);
  @ ensures \initialized(in) && readable(*in);
  @ ensures \result ==> \initialized(content) && readable(*content);
  @*/
bool der_take(struct bytes *in, uint8_t tag, struct bytes *content);

/* The same for any one-octet tag, which goes to *tag. */
/*@ requires \valid(in) && \initialized(in) && readable(*in);
  @ requires \valid(content);
  @ requires \separated(in, content, in->p + (0 .. in->n - 1));
  @ requires \valid(tag);
  @ requires \separated(tag, in, content, in->p + (0 .. in->n - 1));
  @ assigns *in, *tag, *content;
  @ ensures taken: \result ==> \old(in->n) >= in->n + 2 + content->n &&
  @	in->p == \old(in->p) + (\old(in->n) - in->n) &&
  @	content->p + content->n == in->p;
  @ ensures left: !\result ==> *in == \old(*in);
  @ ensures \initialized(in) && readable(*in);
  @ ensures \result ==> \initialized(tag) && \initialized(content) &&
  @	readable(*content);
  @*/
bool der_take_any(struct bytes *in, uint8_t *tag, struct bytes *content);

/* The same as der_take(), but *whole is tag, length and content. */
/*@ requires \valid(in) && \initialized(in) && readable(*in);
  @ requires \valid(whole);
  @ requires \separated(in, whole, in->p + (0 .. in->n - 1));
  @ assigns *in, *whole;
  @ ensures taken: \result ==> \old(in->n) == in->n + whole->n &&
  @	whole->p == \old(in->p) && in->p == whole->p + whole->n &&
  @	whole->n >= 2;
  @ ensures left: !\result ==> *in == \old(*in);
  @ ensures \initialized(in) && readable(*in);
  @ ensures \result ==> \initialized(whole) && readable(*whole);
  @*/
bool der_take_whole(struct bytes *in, uint8_t tag, struct bytes *whole);

/* The content octets of `der` if it is one INTEGER and nothing more. */
/*@ requires readable(der) && \valid(content);
  @ requires \separated(content, der.p + (0 .. der.n - 1));
  @ assigns *content;
  @ ensures \result ==> \initialized(content) && readable(*content) &&
  @	0 < content->n <= der.n - 2;
  @*/
bool der_integer(struct bytes der, struct bytes *content);

/* Whether `der` is one INTEGER, and nothing more, of these content octets. */
/*@ requires readable(der) && readable(content);
  @ assigns \nothing;
  @*/
bool der_integer_is(struct bytes der, struct bytes content);

/* What rules look at in a certificate (RFC 5280 4.1). */
struct der_certificate {
	struct bytes issuer;	/* whole Name */
	struct bytes subject;	/* whole Name */
	struct bytes spki;	/* whole SubjectPublicKeyInfo */
};

/* Whether `der` is one certificate and nothing more; views into it. */
/*@ requires readable(der) && \valid(certificate);
  @ requires \separated(certificate, der.p + (0 .. der.n - 1));
  @ assigns *certificate;
  @ ensures \result ==> \initialized(certificate) &&
  @	readable(certificate->issuer) &&
  @	readable(certificate->subject) && readable(certificate->spki);
  @*/
bool der_certificate(struct bytes der, struct der_certificate *certificate);

#endif
