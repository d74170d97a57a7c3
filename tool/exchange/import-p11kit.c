/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * p11-kit's persistence files: sections of "name: value" lines and PEM
 * blocks.  Of these, certificates that are distrusted, or are from a day on;
 * p11-kit distrusts a certificate that stands there in full together with
 * its key.
 */

#include "exchange/import.h"

#include <limits.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "der.h"

struct object {
	bool is_there;
	bool is_certificate;
	bool is_distrusted;
	struct buffer label, issuer, serial, subject, spki, value;
	struct buffer server_after, email_after;
	struct buffer pem;	/* lines that are no attributes */
};

struct reader {
	struct import *im;
	const char *path;
	unsigned line;
	bool is_blocklist;	/* all in it is distrusted */
	struct object object;
};

static struct bytes
view(const struct buffer *b)
{
	return (struct bytes){ b->n > 0 ? b->p : (const void *)"", b->n };
}

static bool
is(struct bytes word, const char *text)
{
	return word.n == strlen(text) && memcmp(word.p, text, word.n) == 0;
}

/* ---- PEM --------------------------------------------------------------- */

static int
take_block(struct object *o, const char *name, struct bytes octets)
{
	struct buffer *to = strcmp(name, PEM_STRING_PUBLIC) == 0 ? &o->spki :
		strcmp(name, PEM_STRING_X509) == 0 ||
		strcmp(name, PEM_STRING_X509_TRUSTED) == 0 ? &o->value : NULL;
	struct bytes rest = octets;

	if (to == NULL)
		return 0;
	if (to == &o->value)
		o->is_certificate = true;
	buffer_clear(to);
	/* What follows the certificate are OpenSSL's settings. */
	if (to == &o->value && der_take_whole(&rest, DER_SEQUENCE, &rest))
		octets.n = rest.n;
	return buffer_add(to, octets.p, octets.n);
}

static int
take_blocks(struct reader *r, BIO *bio)
{
	char *name, *header;
	unsigned char *data;
	long n;
	int rv = 0;

	while (rv == 0 &&
	       PEM_read_bio(bio, &name, &header, &data, &n) == 1) {
		if (take_block(&r->object, name, (struct bytes){
				data, (size_t)n }) != 0)
			rv = fault_memory(import_fault(r->im));
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(data);
	}
	ERR_clear_error();
	return rv;
}

static int
read_pem(struct reader *r)
{
	struct bytes pem = view(&r->object.pem);
	BIO *bio;
	int rv;

	if (pem.n == 0 || pem.n > INT_MAX)
		return 0;
	bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	if (bio == NULL)
		return fault_memory(import_fault(r->im));
	rv = take_blocks(r, bio);
	BIO_free(bio);
	return rv;
}

/* ---- Objects ----------------------------------------------------------- */

/* UTCTime to YYYYMMDD; 0 if it is none. */
static uint32_t
day_of(const struct buffer *time)
{
	const uint8_t *p = time->p;
	uint32_t day = 0;

	if (time->n != CATALOG_AFTER)
		return 0;
	for (size_t i = 0; i < 6; i++) {
		if (p[i] < '0' || p[i] > '9')
			return 0;
		day = day * 10 + (uint32_t)(p[i] - '0');
	}
	return day + (p[0] < '5' ? 20000000 : 19000000);
}

static int
add_after(struct reader *r)
{
	const struct object *o = &r->object;
	uint32_t server = day_of(&o->server_after);
	uint32_t email = day_of(&o->email_after);
	struct stated s = {
		.der = view(&o->value),
		.flags = CATALOG_MATCH_CERTIFICATE,
		.after = server != 0 ? server : email,
	};

	if (s.after == 0 || s.der.n == 0)
		return import_leave(r->im, "objects that are not distrusted");
	s.flags |= server == s.after ? CATALOG_USAGE_SERVER : 0;
	s.flags |= email == s.after ? CATALOG_USAGE_EMAIL : 0;
	if (email != 0 && email != s.after &&
	    import_leave(r->im, "a second day for mail") != 0)
		return -1;
	stated_label(s.label, view(&o->label));
	return import_add(r->im, &s);
}

static int
add_distrusted(struct reader *r)
{
	const struct object *o = &r->object;
	uint8_t digest[CATALOG_SHA256];
	struct stated s = {
		.der = view(&o->value),
		.issuer = view(&o->issuer),
		.subject = view(&o->subject),
		.flags = CATALOG_USAGE_ALL,
	};

	if (!der_integer(view(&o->serial), &s.serial))
		s.serial = view(&o->serial);
	stated_label(s.label, view(&o->label));
	if (o->spki.n > 0 && x509_sha256(view(&o->spki), digest) == 0)
		s.spki_sha256 = (struct bytes){ digest, sizeof(digest) };
	if (s.der.n > 0 || (s.issuer.n > 0 && s.serial.n > 0))
		s.flags |= CATALOG_MATCH_CERTIFICATE;
	if (s.der.n > 0 || s.spki_sha256.n > 0)
		s.flags |= CATALOG_MATCH_KEY;
	if ((s.flags & (CATALOG_MATCH_CERTIFICATE | CATALOG_MATCH_KEY)) == 0)
		return import_leave(r->im, "objects without a certificate, "
				    "key, or issuer and serial number");
	return import_add(r->im, &s);
}

static void
clear(struct object *o)
{
	struct buffer *const buffers[] = { &o->label, &o->issuer, &o->serial,
		&o->subject, &o->spki, &o->value, &o->server_after,
		&o->email_after, &o->pem };

	for (size_t i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++)
		buffer_free(buffers[i]);
	*o = (struct object){ .is_there = false };
}

static int
end_object(struct reader *r)
{
	struct object *o = &r->object;
	int rv = 0;

	if (o->is_there)
		rv = read_pem(r);
	if (rv == 0 && o->is_there && o->is_certificate)
		rv = o->is_distrusted || r->is_blocklist ?
			add_distrusted(r) : add_after(r);
	clear(o);
	return rv;
}

/* ---- Attributes -------------------------------------------------------- */

static unsigned
hex_digit(uint8_t c)
{
	return (c <= '9' ? (unsigned)(c - '0') : (c | 0x20u) - 'a' + 10) &
	       15u;
}

/* A value in quotes, %XX for an octet. */
static int
take_octets(struct reader *r, struct bytes value, struct buffer *to)
{
	buffer_clear(to);
	if (value.n < 2 || value.p[0] != '"' || value.p[value.n - 1] != '"')
		return fault_at(import_fault(r->im), r->path, r->line,
				"a value without quotes; \"...\"");
	for (size_t i = 1; i + 1 < value.n; i++) {
		uint8_t octet = value.p[i];

		if (octet == '%' && i + 3 < value.n) {
			octet = (uint8_t)(hex_digit(value.p[i + 1]) << 4 |
					  hex_digit(value.p[i + 2]));
			i += 2;
		}
		if (buffer_add(to, &octet, 1) != 0)
			return fault_memory(import_fault(r->im));
	}
	return 0;
}

static int
take_attribute(struct reader *r, struct bytes name, struct bytes value)
{
	struct object *o = &r->object;
	const struct {
		const char *name;
		struct buffer *to;
	} octets[] = {
		{ "label", &o->label },
		{ "issuer", &o->issuer },
		{ "serial-number", &o->serial },
		{ "subject", &o->subject },
		{ "public-key-info", &o->spki },
		{ "value", &o->value },
		{ "nss-server-distrust-after", &o->server_after },
		{ "nss-email-distrust-after", &o->email_after },
	};

	if (is(name, "class"))
		o->is_certificate = is(value, "certificate");
	if (is(name, "x-distrusted"))
		o->is_distrusted = is(value, "true");
	for (size_t i = 0; i < sizeof(octets) / sizeof(*octets); i++) {
		if (is(name, octets[i].name))
			return take_octets(r, value, octets[i].to);
	}
	return 0;
}

static struct bytes
trimmed(struct bytes text)
{
	while (text.n > 0 && (text.p[0] == ' ' || text.p[0] == '\t')) {
		text.p++;
		text.n--;
	}
	while (text.n > 0 && (text.p[text.n - 1] == ' ' ||
			      text.p[text.n - 1] == '\r' ||
			      text.p[text.n - 1] == '\t'))
		text.n--;
	return text;
}

/* PEM has no colons, but for headers that certificates do not have. */
static int
take_line(struct reader *r, struct bytes line)
{
	static const char begin[] = "[p11-kit-object-v1]";
	const uint8_t *colon;
	struct object *o = &r->object;

	line = trimmed(line);
	if (is(line, begin)) {
		if (end_object(r) != 0)
			return -1;
		o->is_there = true;
		return 0;
	}
	if (line.n == 0 || line.p[0] == '#')
		return 0;
	colon = memchr(line.p, ':', line.n);
	if (colon == NULL)
		return buffer_add(&o->pem, line.p, line.n) |
		       buffer_add(&o->pem, "\n", 1);
	return take_attribute(r, (struct bytes){ line.p,
				(size_t)(colon - line.p) },
			      trimmed((struct bytes){ colon + 1, line.n -
				(size_t)(colon + 1 - line.p) }));
}

int
import_p11kit(struct import *im, struct bytes content, const char *path)
{
	struct reader r = {
		.im = im,
		.path = path,
		.is_blocklist = strstr(path, "/blocklist/") != NULL ||
				strstr(path, "/blacklist/") != NULL,
	};
	int rv = 0;

	while (rv == 0 && content.n > 0) {
		const uint8_t *end = memchr(content.p, '\n', content.n);
		size_t n = end != NULL ? (size_t)(end - content.p) : content.n;

		r.line++;
		rv = take_line(&r, (struct bytes){ content.p, n });
		n += end != NULL;
		content.p += n;
		content.n -= n;
	}
	if (rv == 0)
		rv = end_object(&r);
	clear(&r.object);
	return rv;
}
