/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * NSS's certdata.txt: objects one after another, an attribute a line, octets
 * in octal.  What a trust object says NOT_TRUSTED of is distrusted for that
 * use; an authority that is distrusted from a day on says so in its
 * certificate object.
 */

#include "exchange/import.h"

#include <string.h>

#include "base/words.h"
#include "der.h"

/* One object.  Its octets are views into the decoded ones. */
struct object {
	struct buffer octets;		/* decoded */
	size_t value[2], issuer[2], serial[2], sha1[2];	/* from, length */
	char label[STATED_LABEL + 1];
	enum { OTHER, CERTIFICATE, TRUST } kind;
	uint32_t distrusted;		/* usages */
	uint32_t after[2];		/* for servers, for mail */
};

/* A certificate that a trust object may speak of, by its identity. */
struct known {
	size_t issuer[2], serial[2], value[2];	/* in all */
	char label[STATED_LABEL + 1];
};

struct certdata {
	struct import *im;
	const char *path;
	struct bytes rest;
	unsigned line;
	struct object object;
	struct buffer all;		/* certificates' octets */
	struct buffer known;		/* struct known */
};

/* ---- Lines ------------------------------------------------------------- */

static struct bytes
take_line(struct certdata *c)
{
	const uint8_t *end = memchr(c->rest.p, '\n', c->rest.n);
	size_t n = end != NULL ? (size_t)(end - c->rest.p) : c->rest.n;
	struct bytes line = { c->rest.p, n };

	n += end != NULL;
	c->rest.p += n;
	c->rest.n -= n;
	c->line++;
	while (line.n > 0 && (line.p[line.n - 1] == '\r' ||
			      line.p[line.n - 1] == ' '))
		line.n--;
	return line;
}

static struct bytes
take_word(struct bytes *line)
{
	const uint8_t *end = memchr(line->p, ' ', line->n);
	size_t n = end != NULL ? (size_t)(end - line->p) : line->n;
	struct bytes word = { line->p, n };

	while (n < line->n && line->p[n] == ' ')
		n++;
	line->p += n;
	line->n -= n;
	return word;
}

static bool
is(struct bytes word, const char *text)
{
	return word.n == strlen(text) && memcmp(word.p, text, word.n) == 0;
}

static int
refuse(struct certdata *c, const char *what)
{
	return fault_at(import_fault(c->im), c->path, c->line, "%s",
			_(what));
}

/* Lines of \ooo up to END, appended. */
static int
take_octal(struct certdata *c, size_t span[2])
{
	struct buffer *out = &c->object.octets;

	span[0] = out->n;
	while (c->rest.n > 0) {
		struct bytes line = take_line(c);

		if (is(line, "END")) {
			span[1] = out->n - span[0];
			return 0;
		}
		for (size_t i = 0; i < line.n; i += 4) {
			const uint8_t *p = line.p + i;
			uint8_t octet;

			if (line.n - i < 4 || p[0] != '\\' || p[1] > '3' ||
			    p[1] < '0' || p[2] > '7' || p[2] < '0' ||
			    p[3] > '7' || p[3] < '0')
				return refuse(c, "bad octal; \\ooo");
			octet = (uint8_t)((p[1] - '0') << 6 |
					  (p[2] - '0') << 3 | (p[3] - '0'));
			if (buffer_add(out, &octet, 1) != 0)
				return fault_memory(import_fault(c->im));
		}
	}
	return refuse(c, "MULTILINE_OCTAL without an END; END");
}

/* ---- Objects ----------------------------------------------------------- */

static struct bytes
view(const struct buffer *b, const size_t span[2])
{
	return (struct bytes){ span[1] > 0 ? (const uint8_t *)b->p + span[0] :
			       (const uint8_t *)"", span[1] };
}

static const struct known *
find_known(const struct certdata *c)
{
	const struct known *k = c->known.p;
	struct bytes issuer = view(&c->object.octets, c->object.issuer);
	struct bytes serial = view(&c->object.octets, c->object.serial);

	for (size_t i = 0; i < c->known.n / sizeof(*k); i++) {
		if (bytes_equal(issuer, view(&c->all, k[i].issuer)) &&
		    bytes_equal(serial, view(&c->all, k[i].serial)))
			return &k[i];
	}
	return NULL;
}

static int
keep(struct certdata *c, struct bytes from, size_t span[2])
{
	span[0] = c->all.n;
	span[1] = from.n;
	return buffer_add(&c->all, from.p, from.n);
}

/* NSS holds a distrust-after date for servers and for mail. */
static int
add_after(struct certdata *c)
{
	const struct object *o = &c->object;
	struct stated s = {
		.der = view(&o->octets, o->value),
		.flags = CATALOG_MATCH_CERTIFICATE,
	};
	const uint32_t after = o->after[0] != 0 ? o->after[0] : o->after[1];

	if (after == 0 || s.der.n == 0)
		return 0;
	s.after = after;
	s.flags |= o->after[0] == after ? CATALOG_USAGE_SERVER : 0;
	s.flags |= o->after[1] == after ? CATALOG_USAGE_EMAIL : 0;
	memcpy(s.label, o->label, sizeof(s.label));
	if (o->after[1] != 0 && o->after[1] != after &&
	    import_leave(c->im, "a second day for mail") != 0)
		return -1;
	return import_add(c->im, &s);
}

static int
end_certificate(struct certdata *c)
{
	struct known known;
	struct bytes value = view(&c->object.octets, c->object.value);

	memcpy(known.label, c->object.label, sizeof(known.label));
	if (keep(c, view(&c->object.octets, c->object.issuer),
		 known.issuer) != 0 ||
	    keep(c, view(&c->object.octets, c->object.serial),
		 known.serial) != 0 || keep(c, value, known.value) != 0 ||
	    buffer_add(&c->known, &known, sizeof(known)) != 0)
		return fault_memory(import_fault(c->im));
	return add_after(c);
}

static int
end_trust(struct certdata *c)
{
	const struct object *o = &c->object;
	const struct known *known;
	struct bytes serial = view(&o->octets, o->serial);
	struct stated s = {
		.issuer = view(&o->octets, o->issuer),
		.sha1 = view(&o->octets, o->sha1),
		.flags = CATALOG_MATCH_CERTIFICATE | o->distrusted,
	};

	if (o->distrusted == 0)
		return 0;
	if (!der_integer(serial, &s.serial) || s.issuer.n == 0)
		return import_leave(c->im, "without an issuer and serial "
				    "number");
	known = find_known(c);
	if (known != NULL)
		s.der = view(&c->all, known->value);
	memcpy(s.label, o->label, sizeof(s.label));
	return import_add(c->im, &s);
}

static int
end_object(struct certdata *c)
{
	struct buffer octets = c->object.octets;
	int rv = c->object.kind == CERTIFICATE ? end_certificate(c) :
		 c->object.kind == TRUST ? end_trust(c) : 0;

	buffer_clear(&octets);
	c->object = (struct object){ .octets = octets };
	return rv;
}

/* ---- Attributes -------------------------------------------------------- */

static unsigned
hex_digit(uint8_t c)
{
	return c <= '9' ? (unsigned)(c - '0') : (c | 0x20u) - 'a' + 10;
}

/* "..." with \xHH for what is not plain. */
static void
take_label(struct certdata *c, struct bytes text)
{
	uint8_t plain[4 * STATED_LABEL];
	size_t n = 0;

	if (text.n < 2 || text.p[0] != '"')
		return;
	for (size_t i = 1; i + 1 < text.n && n < sizeof(plain); i++) {
		const uint8_t *p = text.p + i;

		plain[n] = *p;
		if (i + 4 < text.n && p[0] == '\\' && p[1] == 'x') {
			plain[n] = (uint8_t)(hex_digit(p[2]) << 4 |
					     (hex_digit(p[3]) & 15));
			i += 3;
		}
		n++;
	}
	stated_label(c->object.label, (struct bytes){ plain, n });
}

/* UTCTime to YYYYMMDD. */
static uint32_t
day_of(struct bytes time)
{
	uint32_t day = 0;

	if (time.n != CATALOG_AFTER || time.p[CATALOG_AFTER - 1] != 'Z')
		return 0;
	for (size_t i = 0; i < 6; i++) {
		if (time.p[i] < '0' || time.p[i] > '9')
			return 0;
		day = day * 10 + (uint32_t)(time.p[i] - '0');
	}
	return day + (time.p[0] < '5' ? 20000000 : 19000000);
}

static int
take_octets(struct certdata *c, struct bytes name)
{
	struct object *o = &c->object;
	size_t other[2] = { 0, 0 };
	size_t *span = is(name, "CKA_VALUE") ? o->value :
		is(name, "CKA_ISSUER") ? o->issuer :
		is(name, "CKA_SERIAL_NUMBER") ? o->serial :
		is(name, "CKA_CERT_SHA1_HASH") ? o->sha1 : other;

	if (take_octal(c, span) != 0)
		return -1;
	if (span == o->sha1 && span[1] != 0 && span[1] != CATALOG_SHA1)
		return refuse(c, "bad CKA_CERT_SHA1_HASH; 20 octets");
	if (is(name, "CKA_NSS_SERVER_DISTRUST_AFTER"))
		o->after[0] = day_of(view(&o->octets, other));
	if (is(name, "CKA_NSS_EMAIL_DISTRUST_AFTER"))
		o->after[1] = day_of(view(&o->octets, other));
	return 0;
}

static uint32_t
usage_of(struct bytes name)
{
	return is(name, "CKA_TRUST_SERVER_AUTH") ? CATALOG_USAGE_SERVER :
		is(name, "CKA_TRUST_CLIENT_AUTH") ? CATALOG_USAGE_CLIENT :
		is(name, "CKA_TRUST_EMAIL_PROTECTION") ? CATALOG_USAGE_EMAIL :
		is(name, "CKA_TRUST_CODE_SIGNING") ? CATALOG_USAGE_CODE : 0;
}

static int
take_attribute(struct certdata *c, struct bytes line)
{
	struct object *o = &c->object;
	struct bytes name = take_word(&line), type = take_word(&line);

	if (is(name, "CKA_CLASS")) {
		if (end_object(c) != 0)
			return -1;
		o->kind = is(line, "CKO_CERTIFICATE") ? CERTIFICATE :
			is(line, "CKO_NSS_TRUST") ||
			is(line, "CKO_NETSCAPE_TRUST") ? TRUST : OTHER;
	} else if (is(type, "MULTILINE_OCTAL")) {
		return take_octets(c, name);
	} else if (is(name, "CKA_LABEL")) {
		take_label(c, line);
	} else if (is(line, "CKT_NSS_NOT_TRUSTED") ||
		   is(line, "CKT_NETSCAPE_UNTRUSTED")) {
		o->distrusted |= usage_of(name);
	}
	return 0;
}

int
import_certdata(struct import *im, struct bytes content, const char *path)
{
	struct certdata c = { .im = im, .path = path, .rest = content };
	int rv = 0;

	while (rv == 0 && c.rest.n > 0) {
		struct bytes line = take_line(&c);

		if (line.n > 4 && memcmp(line.p, "CKA_", 4) == 0)
			rv = take_attribute(&c, line);
	}
	if (rv == 0)
		rv = end_object(&c);
	buffer_free(&c.object.octets);
	buffer_free(&c.all);
	buffer_free(&c.known);
	return rv;
}
