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
/*@ requires \valid(in) && \valid(content) && \separated(in, content);
  @ requires readable(*in);
  @ assigns *in, *content;
  @ ensures taken: \result ==> \old(in->n) >= in->n + 2 + content->n &&
  @	in->p == \old(in->p) + (\old(in->n) - in->n) &&
  @	content->p + content->n == in->p;
  @ ensures left: !\result ==> *in == \old(*in);
  @ ensures readable(*in);
  @ ensures \result ==> readable(*content);
  @*/
bool der_take(struct bytes *in, uint8_t tag, struct bytes *content);

/* The same for any one-octet tag, which goes to *tag. */
/*@ requires \valid(in) && \valid(content) && \separated(in, content);
  @ requires \valid(tag) && \separated(tag, in, content);
  @ requires readable(*in);
  @ assigns *in, *tag, *content;
  @ ensures taken: \result ==> \old(in->n) >= in->n + 2 + content->n &&
  @	in->p == \old(in->p) + (\old(in->n) - in->n) &&
  @	content->p + content->n == in->p;
  @ ensures left: !\result ==> *in == \old(*in);
  @ ensures readable(*in);
  @ ensures \result ==> readable(*content);
  @*/
bool der_take_any(struct bytes *in, uint8_t *tag, struct bytes *content);

/* The same as der_take(), but *whole is tag, length and content. */
/*@ requires \valid(in) && \valid(whole) && \separated(in, whole);
  @ requires readable(*in);
  @ assigns *in, *whole;
  @ ensures taken: \result ==> \old(in->n) == in->n + whole->n &&
  @	whole->p == \old(in->p) && in->p == whole->p + whole->n &&
  @	whole->n >= 2;
  @ ensures left: !\result ==> *in == \old(*in);
  @ ensures readable(*in);
  @ ensures \result ==> readable(*whole);
  @*/
bool der_take_whole(struct bytes *in, uint8_t tag, struct bytes *whole);

/* The content octets of `der` if it is one INTEGER and nothing more. */
/*@ requires readable(der) && \valid(content);
  @ assigns *content;
  @ ensures \result ==> readable(*content) && 0 < content->n <= der.n - 2;
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
  @ assigns *certificate;
  @ ensures \result ==> readable(certificate->issuer) &&
  @	readable(certificate->subject) && readable(certificate->spki);
  @*/
bool der_certificate(struct bytes der, struct der_certificate *certificate);

#endif
