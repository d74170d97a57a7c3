/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Text that the reader of sources takes back as it was meant.  What that one
 * refuses in a text (control characters, what looks like a comment) becomes
 * something else here: it came from outside.
 */

#include "certificates/stated.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/text.h"

enum { COLUMNS = 80 };		/* octets of a line and of a word, at most */

static int
put(struct buffer *out, const char *text)
{
	return buffer_add(out, text, strlen(text));
}

/* ---- Octets ------------------------------------------------------------ */

int
stated_hex(struct buffer *out, struct bytes octets)
{
	static const char digits[] = "0123456789abcdef";
	char *text = buffer_room(out, 2 * octets.n + 1);

	if (text == NULL)
		return -1;
	for (size_t i = 0; i < octets.n; i++) {
		text[2 * i] = digits[octets.p[i] >> 4];
		text[2 * i + 1] = digits[octets.p[i] & 15];
	}
	out->n += 2 * octets.n;
	return 0;
}

int
stated_base64(struct buffer *out, struct bytes octets)
{
	unsigned char *text;

	if (octets.n > INT32_MAX / 2)
		return -1;
	text = buffer_room(out, (octets.n + 2) / 3 * 4 + 1);
	if (text == NULL)
		return -1;
	out->n += (size_t)EVP_EncodeBlock(text, octets.p, (int)octets.n);
	return 0;
}

/* "KEY = " and the text, continued by nothing. */
static int
put_octets(struct buffer *ini, const char *key, struct bytes octets,
	   int (*encode)(struct buffer *, struct bytes))
{
	struct buffer text = { 0 };
	int rv = 0;

	if (octets.n == 0)
		return 0;
	if (encode(&text, octets) != 0)
		rv = -1;
	rv |= put(ini, key) | put(ini, " =");
	for (size_t i = 0; i < text.n && rv == 0; i += COLUMNS) {
		size_t n = text.n - i < COLUMNS ? text.n - i : COLUMNS;

		rv = put(ini, i == 0 ? " " : "\t") |
		     buffer_add(ini, (const char *)text.p + i, n) |
		     put(ini, "\n");
	}
	buffer_free(&text);
	return rv;
}

/* ---- Texts ------------------------------------------------------------- */

/* Octets of the character at p; 0 where it is none that a source may hold. */
static size_t
character(const uint8_t *p, size_t n)
{
	if (text_has_control(p, 1) || *p == '\t' || *p == ';')
		return 0;
	for (size_t length = 1; length <= 4 && length <= n; length++) {
		if (text_is_utf8(p, length))
			return length;
	}
	return 0;
}

/* The next word, cleaned, in `word`; its length, 0 at the end. */
static size_t
take_word(struct bytes *text, char word[static COLUMNS])
{
	size_t n = 0;

	while (text->n > 0) {
		size_t length = character(text->p, text->n);
		bool is_blank = *text->p == ' ' || *text->p == '\t' ||
				*text->p == '\n';

		if (n + (length > 0 ? length : 1) > COLUMNS)
			return n;
		if (length > 0 && !is_blank) {
			memcpy(word + n, text->p, length);
			n += length;
		} else if (!is_blank) {
			word[n++] = *text->p == ';' ? ',' : '?';
		}
		text->p += length > 0 ? length : 1;
		text->n -= length > 0 ? length : 1;
		if (is_blank && n > 0)
			return n;
	}
	return n;
}

int
stated_text(struct buffer *ini, const char *key, struct bytes value)
{
	char word[COLUMNS];
	size_t column = 0, n;
	int rv = 0;

	for (n = take_word(&value, word); n > 0 && rv == 0;
	     n = take_word(&value, word)) {
		const bool breaks = column > 0 && column + n > COLUMNS;

		if (column == 0)
			rv = put(ini, key) | put(ini, " = ");
		else
			rv = put(ini, breaks ? "\n\t" : " ");
		if (breaks && word[0] == '#')
			word[0] = '?';	/* no comment */
		column = breaks ? n : column + n + 1;
		rv |= buffer_add(ini, word, n);
	}
	return rv == 0 && column > 0 ? put(ini, "\n") : rv;
}

void
stated_label(char label[static STATED_LABEL + 1], struct bytes text)
{
	size_t n = 0, length;

	for (; text.n > 0; text.p += length, text.n -= length) {
		length = character(text.p, text.n);
		if (n + (length > 0 ? length : 1) > STATED_LABEL)
			break;
		if (length > 0)
			memcpy(label + n, text.p, length);
		else
			label[n] = *text.p == ';' ? ',' : '?';
		length = length > 0 ? length : 1;
		n += length;
	}
	while (n > 0 && label[n - 1] == ' ')
		n--;
	label[n] = '\0';
}

/* ---- Entries ----------------------------------------------------------- */

/* The facts that tell an entry from all others, in one digest. */
static int
identify(const struct stated *s, uint8_t digest[CATALOG_SHA256])
{
	const struct bytes facts[] = { s->der, s->issuer, s->serial,
		s->subject, s->sha256, s->spki_sha256 };
	struct buffer all = { 0 };
	int rv = 0;

	if (s->der.n > 0)
		return x509_sha256(s->der, digest);
	for (size_t i = 1; i < sizeof(facts) / sizeof(*facts); i++) {
		char length[16];

		snprintf(length, sizeof(length), "%zu ", facts[i].n);
		rv |= put(&all, length) |
		      buffer_add(&all, facts[i].p, facts[i].n);
	}
	if (rv == 0)
		rv = x509_sha256((struct bytes){ all.p, all.n }, digest);
	buffer_free(&all);
	return rv;
}

/* What a person may read in a NAME: letters and digits of the label. */
static size_t
put_words(char *out, size_t size, const char *label)
{
	size_t n = 0;

	for (const char *p = label; *p != '\0' && n + 1 < size; p++) {
		char c = *p;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			out[n++] = c;
		else if (n > 0 && out[n - 1] != '-')
			out[n++] = '-';
	}
	if (n > 0 && out[n - 1] != '-')
		out[n++] = '-';
	return n;
}

void
stated_name(const struct stated *s, char name[static STATED_NAME])
{
	static const size_t digits = 12;
	uint8_t digest[CATALOG_SHA256] = { 0 };
	size_t n = put_words(name, STATED_NAME - digits - 1, s->label);

	identify(s, digest);
	for (size_t i = 0; i < digits / 2; i++)
		snprintf(name + n + 2 * i, 3, "%02x", digest[i]);
}

static int
put_date(struct buffer *ini, const char *key, uint32_t date)
{
	char line[64];

	if (date == 0)
		return 0;
	snprintf(line, sizeof(line), "%s = %04u-%02u-%02u\n", key,
		 (unsigned)date / 10000, (unsigned)date / 100 % 100,
		 (unsigned)date % 100);
	return put(ini, line);
}

struct word {
	uint32_t flag;
	const char *word;
};

static int
put_words_of(struct buffer *ini, const char *key, uint32_t flags,
	     const struct word *words, size_t count)
{
	int rv = put(ini, key) | put(ini, " =");

	for (size_t i = 0; i < count; i++) {
		if (flags & words[i].flag)
			rv |= put(ini, " ") | put(ini, words[i].word);
	}
	return rv | put(ini, "\n");
}

static int
put_flags(struct buffer *ini, uint32_t flags)
{
	static const struct word matches[] = {
		{ CATALOG_MATCH_CERTIFICATE, "certificate" },
		{ CATALOG_MATCH_NAME, "name" },
		{ CATALOG_MATCH_KEY, "key" },
	};
	static const struct word usages[] = {
		{ CATALOG_USAGE_SERVER, "server" },
		{ CATALOG_USAGE_CLIENT, "client" },
		{ CATALOG_USAGE_EMAIL, "email" },
		{ CATALOG_USAGE_CODE, "code" },
	};
	int rv = put_words_of(ini, "match", flags, matches,
			      sizeof(matches) / sizeof(*matches));

	if ((flags & CATALOG_USAGE_ALL) != CATALOG_USAGE_ALL)
		rv |= put_words_of(ini, "usage", flags, usages,
				   sizeof(usages) / sizeof(*usages));
	if (flags & CATALOG_IN_ONECRL)
		rv |= put(ini, "blocked-by = onecrl\n");
	return rv;
}

static struct bytes
bytes_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

/* The common name in a name's text, or all of it. */
static struct bytes
common_name(struct bytes text)
{
	struct bytes rest = text;

	while (rest.n > 3) {
		const uint8_t *end = memchr(rest.p, ',', rest.n);

		while (end != NULL && end[-1] == '\\')
			end = memchr(end + 1, ',', rest.n -
				     (size_t)(end + 1 - rest.p));
		if (memcmp(rest.p, "CN=", 3) == 0) {
			rest.n = end != NULL ? (size_t)(end - rest.p) : rest.n;
			return (struct bytes){ rest.p + 3, rest.n - 3 };
		}
		if (end == NULL || (size_t)(end - rest.p) + 2 > rest.n)
			break;
		rest.n -= (size_t)(end - rest.p) + 2;
		rest.p = end + 2;
	}
	return text;
}

static int
label_of_name(struct bytes name, char label[static STATED_LABEL + 1])
{
	struct buffer text = { 0 };
	int rv = x509_name_text(name, &text);

	if (rv == 0)
		stated_label(label, common_name((struct bytes){ text.p,
								text.n }));
	buffer_free(&text);
	return rv;
}

/* What else there is to call an entry by. */
static int
label_of_facts(const struct stated *s, char label[static STATED_LABEL + 1])
{
	struct bytes digest = s->sha256.n > 0 ? s->sha256 :
		s->spki_sha256.n > 0 ? s->spki_sha256 : s->sha1;
	struct buffer text = { 0 };
	int rv;

	if (s->serial.n > 0)
		rv = put(&text, "No. ") | stated_hex(&text, s->serial) |
		     put(&text, " of ") | x509_name_text(s->issuer, &text);
	else
		rv = stated_hex(&text, digest);
	if (rv == 0)
		stated_label(label, (struct bytes){ text.p, text.n });
	buffer_free(&text);
	return rv;
}

int
stated_complete(struct stated *s)
{
	struct bytes subject = s->subject;
	struct x509_facts facts;
	int rv = 0;

	if (s->der.n > 0) {
		if (x509_read(s->der, &facts) != NULL)
			return 1;
		subject = facts.subject;
	}
	if (s->label[0] == '\0' && subject.n > 2)
		rv = label_of_name(subject, s->label);
	if (s->label[0] == '\0' && rv == 0)
		rv = label_of_facts(s, s->label);
	if (s->label[0] == '\0')
		memcpy(s->label, "nameless", sizeof("nameless"));
	return rv;
}

static int
put_common(struct buffer *ini, const struct stated *s)
{
	if (stated_text(ini, "label", bytes_of(s->label)) != 0 ||
	    put_flags(ini, s->flags) != 0 ||
	    put_date(ini, "after", s->after) != 0)
		return -1;
	if (s->confirmed != NULL &&
	    stated_text(ini, "confirmed-by", bytes_of(s->confirmed)) != 0)
		return -1;
	return s->note == NULL ? 0 :
		stated_text(ini, "note", bytes_of(s->note));
}

static int
put_heading(struct buffer *ini, const char *kind, const char *name)
{
	return put(ini, "\n[") | put(ini, kind) | put(ini, " ") |
	       put(ini, name) | put(ini, "]\n");
}

static int
put_pem(struct buffer *pem, struct bytes der)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long n;
	int rv = -1;

	if (bio != NULL &&
	    PEM_write_bio(bio, PEM_STRING_X509, "", der.p, (long)der.n) > 0) {
		n = BIO_get_mem_data(bio, &text);
		rv = buffer_add(pem, text, (size_t)n);
	}
	BIO_free(bio);
	return rv;
}

static int
put_certificate(const struct stated *s, const char *name, struct buffer *ini,
		struct buffer *pem)
{
	uint8_t digest[CATALOG_SHA256];
	struct bytes sha256 = { digest, sizeof(digest) };

	if (x509_sha256(s->der, digest) != 0 ||
	    put_heading(ini, "certificate", name) != 0 ||
	    (put(ini, "file = ") | put(ini, name) | put(ini, ".pem\n")) != 0 ||
	    put_octets(ini, "sha256", sha256, stated_hex) != 0 ||
	    put_common(ini, s) != 0)
		return -1;
	return put_pem(pem, s->der);
}

static int
put_identity(const struct stated *s, const char *name, struct buffer *ini)
{
	const bool has_dates = s->not_before != 0 && s->not_after != 0;

	if (put_heading(ini, "identity", name) != 0 ||
	    put_octets(ini, "issuer", s->issuer, stated_base64) != 0 ||
	    put_octets(ini, "serial", s->serial, stated_hex) != 0 ||
	    put_octets(ini, "subject", s->subject, stated_base64) != 0 ||
	    put_octets(ini, "sha1", s->sha1, stated_hex) != 0 ||
	    put_octets(ini, "sha256", s->sha256, stated_hex) != 0 ||
	    put_octets(ini, "spki-sha256", s->spki_sha256, stated_hex) != 0)
		return -1;
	if (has_dates && (put_date(ini, "not-before", s->not_before) != 0 ||
			  put_date(ini, "not-after", s->not_after) != 0))
		return -1;
	return put_common(ini, s);
}

int
stated_put(const struct stated *s, const char *name, struct buffer *ini,
	   struct buffer *pem)
{
	return s->der.n > 0 ? put_certificate(s, name, ini, pem) :
			      put_identity(s, name, ini);
}
