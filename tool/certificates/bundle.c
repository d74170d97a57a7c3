/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Cutting a bundle.  Consumers differ in what they forgive; this forgives
 * what any of them does, since it only decides what is looked at.
 */

#include "certificates/bundle.h"

#include <string.h>

#include <openssl/x509.h>

#include "der.h"

#define DASHES "-----"
#define BEGIN DASHES "BEGIN "

/* Where text begins in b, or b.n. */
static size_t
position(struct bytes b, const char *text)
{
	const uint8_t *p = b.p;
	size_t n = strlen(text), left = b.n;

	while (left >= n) {
		const uint8_t *hit = memchr(p, text[0], left - n + 1);

		if (hit == NULL)
			break;
		if (memcmp(hit, text, n) == 0)
			return (size_t)(hit - b.p);
		left -= (size_t)(hit + 1 - p);
		p = hit + 1;
	}
	return b.n;
}

static struct bytes
after(struct bytes b, size_t n)
{
	return (struct bytes){ b.p + n, b.n - n };
}

/* ---- Base64 ----------------------------------------------------------- */

static int
digit(uint8_t c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

/* Whatever digits there are, up to the padding. */
static int
decode(struct bytes text, struct buffer *octets)
{
	uint8_t *out = buffer_room(octets, text.n / 4 * 3 + 3);
	uint32_t bits = 0;
	unsigned held = 0;

	if (out == NULL)
		return -1;
	for (size_t i = 0; i < text.n && text.p[i] != '='; i++) {
		int value = digit(text.p[i]);

		if (value < 0)
			continue;
		bits = bits << 6 | (uint32_t)value;
		held += 6;
		if (held >= 8) {
			held -= 8;
			*out++ = (uint8_t)(bits >> held);
			octets->n++;
		}
	}
	return 0;
}

/* What follows the headers of RFC 1421 and the empty line after them, where
 * there are any: only they hold colons. */
static struct bytes
without_headers(struct bytes body)
{
	size_t colon = position(body, ":");
	struct bytes rest;
	size_t empty;

	if (colon == body.n)
		return body;
	rest = after(body, colon);
	empty = position(rest, "\n\n");
	if (empty == rest.n)
		empty = position(rest, "\n\r\n");
	return empty == rest.n ? body : after(rest, empty);
}

/* ---- Blocks ----------------------------------------------------------- */

static enum bundle_kind
kind_of(struct bytes label)
{
	static const struct {
		const char *label;
		enum bundle_kind kind;
	} kinds[] = {
		{ "CERTIFICATE", BUNDLE_CERTIFICATE },
		{ "X509 CERTIFICATE", BUNDLE_CERTIFICATE },
		{ "TRUSTED CERTIFICATE", BUNDLE_TRUSTED },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct bytes known = { (const uint8_t *)kinds[i].label,
				       strlen(kinds[i].label) };

		if (bytes_equal(label, known))
			return kinds[i].kind;
	}
	return BUNDLE_TEXT;
}

/*
 * OpenSSL also reads what is BER and not DER, which der_certificate() does
 * not: such a certificate is written anew, in DER.
 */
static int
as_openssl_reads(struct bundle *b, struct bundle_piece *piece)
{
	const unsigned char *p = piece->block.p;
	X509 *x = d2i_X509(NULL, &p, (long)piece->block.n);
	size_t used = b->decoded.n;
	unsigned char *der = NULL;
	int n = x == NULL ? -1 : i2d_X509(x, &der);
	int rv = 0;

	X509_free(x);
	if (n <= 0) {
		piece->kind = BUNDLE_DAMAGED;
		return 0;
	}
	rv = buffer_add(&b->decoded, der, (size_t)n);
	OPENSSL_free(der);
	piece->block = (struct bytes){ b->decoded.p, used };
	piece->der = after((struct bytes){ b->decoded.p, b->decoded.n }, used);
	return rv;
}

/* Sets der from block, whose first element it is. */
static int
find_certificate(struct bundle *b, struct bundle_piece *piece)
{
	struct bytes rest = piece->block;
	struct der_certificate fields;

	if (der_take_whole(&rest, DER_SEQUENCE, &piece->der) &&
	    der_certificate(piece->der, &fields))
		return 0;
	return as_openssl_reads(b, piece);
}

static int
read_block(struct bundle *b, struct bundle_piece *piece, struct bytes body)
{
	buffer_clear(&b->decoded);
	if (decode(without_headers(body), &b->decoded) != 0)
		return -1;
	piece->block = (struct bytes){ b->decoded.p, b->decoded.n };
	return find_certificate(b, piece);
}

/* The end of the line on which an offset is, its line feed included. */
static size_t
line_end(struct bytes b, size_t from)
{
	size_t feed = position(after(b, from), "\n");

	return feed == b.n - from ? b.n : from + feed + 1;
}

/* A block at the front of the rest.  Where no dashes end its label or its
 * body, the rest is text: nobody finds a certificate there. */
static int
take_block(struct bundle *b, struct bundle_piece *piece)
{
	struct bytes label = after(b->rest, strlen(BEGIN)), body;
	size_t n = position(label, DASHES);
	size_t end;

	piece->octets = b->rest;
	if (n == label.n)
		return 0;
	body = after(label, n + strlen(DASHES));
	label.n = n;
	end = position(body, DASHES);
	piece->kind = kind_of(label);
	if (end == body.n && piece->kind == BUNDLE_TEXT)
		return 0;
	if (end < body.n && position(after(body, end), BEGIN) != 0)
		piece->octets.n = line_end(b->rest,
			(size_t)(body.p + end - b->rest.p));
	else
		piece->octets.n = (size_t)(body.p + end - b->rest.p);
	body.n = end;
	return piece->kind == BUNDLE_TEXT ? 0 : read_block(b, piece, body);
}

static unsigned
lines_in(struct bytes b)
{
	unsigned lines = 0;

	for (size_t i = 0; i < b.n; i++)
		lines += b.p[i] == '\n';
	return lines;
}

/* Whether the whole file is a certificate in DER. */
static bool
take_der(struct bundle *b, struct bundle_piece *piece)
{
	struct der_certificate fields;

	if (b->line != 1 || !der_certificate(b->rest, &fields))
		return false;
	piece->kind = BUNDLE_CERTIFICATE;
	piece->octets = piece->der = piece->block = b->rest;
	return true;
}

int
bundle_next(struct bundle *b, struct bundle_piece *piece)
{
	size_t begin = position(b->rest, BEGIN);
	int rv = 0;

	*piece = (struct bundle_piece){ .line = b->line, .octets = b->rest };
	if (b->rest.n == 0)
		return 0;
	if (!take_der(b, piece)) {
		if (begin > 0)
			piece->octets.n = begin;
		else
			rv = take_block(b, piece);
	}
	b->line += lines_in(piece->octets);
	b->rest = after(b->rest, piece->octets.n);
	return rv == 0 ? 1 : -1;
}

void
bundle_free(struct bundle *b)
{
	buffer_free(&b->decoded);
}
