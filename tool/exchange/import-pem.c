/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Files of certificates: all that stands there is meant.  In OpenSSL's own
 * form ("TRUSTED CERTIFICATE") it says for which uses it is rejected; one
 * that is rejected for none is not distrusted.  And lists of digests.
 */

#include "exchange/import.h"

#include <limits.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "base/text.h"
#include "certificates/bundle.h"
#include "certificates/certificates.h"

/* ---- OpenSSL's settings ------------------------------------------------ */

static uint32_t
usage_of(const ASN1_OBJECT *object)
{
	switch (OBJ_obj2nid(object)) {
	case NID_server_auth: return CATALOG_USAGE_SERVER;
	case NID_client_auth: return CATALOG_USAGE_CLIENT;
	case NID_email_protect: return CATALOG_USAGE_EMAIL;
	case NID_code_sign: return CATALOG_USAGE_CODE;
	case NID_anyExtendedKeyUsage: return CATALOG_USAGE_ALL;
	default: return 0;
	}
}

/* For which uses a block says that it is rejected. */
static uint32_t
rejected_for(struct bytes block)
{
	const unsigned char *p = block.p;
	X509 *x = block.n > LONG_MAX ? NULL :
		d2i_X509_AUX(NULL, &p, (long)block.n);
	STACK_OF(ASN1_OBJECT) *rejects = x == NULL ? NULL :
		X509_get0_reject_objects(x);
	uint32_t usages = 0;

	for (int i = 0; i < sk_ASN1_OBJECT_num(rejects); i++)
		usages |= usage_of(sk_ASN1_OBJECT_value(rejects, i));
	X509_free(x);
	return usages;
}

/* ---- Certificates ------------------------------------------------------ */

static int
add_piece(struct import *im, const struct bundle_piece *piece,
	  const char *path)
{
	struct stated s = {
		.der = piece->der,
		.flags = CATALOG_MATCH_CERTIFICATE | CATALOG_USAGE_ALL,
	};

	if (piece->kind == BUNDLE_DAMAGED)
		return fault_at(import_fault(im), path, piece->line,
				"a damaged certificate; all of it");
	if (piece->kind == BUNDLE_TRUSTED) {
		s.flags = CATALOG_MATCH_CERTIFICATE |
			  rejected_for(piece->block);
		if ((s.flags & CATALOG_USAGE_ALL) == 0)
			return import_leave(im, "certificates that OpenSSL is "
					    "told to trust");
	}
	return import_add(im, &s);
}

static int
add_pkcs7(struct import *im, struct bytes content, const char *path)
{
	struct certificates c = { 0 };
	int rv = certificates_take(&c, content, path, import_fault(im));

	for (size_t i = 0; rv == 0 && i < certificates_count(&c); i++) {
		struct stated s = {
			.der = certificates_at(&c, i),
			.flags = CATALOG_MATCH_CERTIFICATE |
				 CATALOG_USAGE_ALL,
		};

		rv = import_add(im, &s);
	}
	certificates_free(&c);
	return rv;
}

int
import_pem(struct import *im, struct bytes content, const char *path)
{
	struct bundle b = { .rest = content, .line = 1 };
	struct bundle_piece piece;
	bool any = false;
	int more, rv = 0;

	while (rv == 0 && (more = bundle_next(&b, &piece)) != 0) {
		if (more < 0)
			rv = fault_memory(import_fault(im));
		else if (piece.kind != BUNDLE_TEXT)
			rv = add_piece(im, &piece, path);
		any |= more > 0 && piece.kind != BUNDLE_TEXT;
	}
	bundle_free(&b);
	return rv != 0 || any ? rv : add_pkcs7(im, content, path);
}

/* ---- Digests ----------------------------------------------------------- */

static int
add_digest(struct import *im, struct bytes digest, bool is_key)
{
	struct stated s = { .flags = CATALOG_USAGE_ALL };

	if (is_key) {
		s.spki_sha256 = digest;
		s.flags |= CATALOG_MATCH_KEY;
	} else {
		s.sha256 = digest;
		s.flags |= CATALOG_MATCH_CERTIFICATE;
	}
	return import_add(im, &s);
}

/* A word of the list: sha256/BASE64 and BASE64 are keys (as in RFC 7469), hex
 * is a certificate unless --by-key says otherwise.  1: no digest. */
static int
take_word(struct import *im, const char *word, struct buffer *octets)
{
	static const char pin[] = "sha256/";
	bool is_key = import_options(im)->by_key;
	char hex[2 * CATALOG_SHA256 + 1];
	size_t n = 0;

	buffer_clear(octets);
	for (const char *p = word; *p != '\0' && n < sizeof(hex); p++) {
		if (*p != ':')
			hex[n++] = *p;
	}
	if (n == sizeof(hex) - 1) {
		hex[n] = '\0';
		if (text_hex(hex, octets) == 0)
			return add_digest(im, (struct bytes){ octets->p,
					  octets->n }, is_key);
	}
	if (strncmp(word, pin, sizeof(pin) - 1) == 0)
		word += sizeof(pin) - 1;
	if (text_base64(word, octets) != 0 || octets->n != CATALOG_SHA256)
		return 1;
	return add_digest(im, (struct bytes){ octets->p, octets->n }, true);
}

/* The octets of a C array, as in Chromium's source: always of a key.  Sets
 * *rest behind it; 1: there is none here. */
static int
take_array(struct import *im, const char **rest, struct buffer *octets)
{
	const char *p = *rest;

	buffer_clear(octets);
	for (;;) {
		char hex[3] = { '0', '0', '\0' };
		size_t n;

		p += strspn(p, "{ \t\r\n,");
		if (strncmp(p, "0x", 2) != 0)
			break;
		p += 2;
		n = strspn(p, "0123456789abcdefABCDEF");
		if (n == 0 || n > 2)
			return 1;
		memcpy(hex + 2 - n, p, n);
		if (text_hex(hex, octets) != 0)
			return fault_memory(import_fault(im));
		p += n;
		if (octets->n == CATALOG_SHA256 && *p == '}')
			break;
	}
	if (octets->n != CATALOG_SHA256)
		return 1;
	*rest = p;
	return add_digest(im, (struct bytes){ octets->p, octets->n }, true);
}

static int
take_words(struct import *im, char *text, const char *path)
{
	struct buffer octets = { 0 };
	char *save = NULL;
	unsigned words = 0;
	int rv = 0;

	for (char *line = strtok_r(text, "\r\n", &save);
	     line != NULL && rv == 0; line = strtok_r(NULL, "\r\n", &save)) {
		line += strspn(line, " \t\"");
		line[strcspn(line, " \t\",;#")] = '\0';
		if (line[0] == '\0' || strncmp(line, "//", 2) == 0 ||
		    strncmp(line, "Algorithm=", 10) == 0)
			continue;
		rv = take_word(im, line, &octets);
		if (rv > 0)
			rv = fault_at(import_fault(im), path, 0,
				      "'%.70s' is no digest; SHA-256 in hex "
				      "or sha256/BASE64", line);
		words++;
	}
	buffer_free(&octets);
	return rv != 0 || words > 0 ? rv :
		fault_at(import_fault(im), path, 0, "nothing in it; a list");
}

/* Whether a line begins with one: behind a digest, a comment may say
 * anything. */
static bool
has_array(const char *text)
{
	for (const char *p = text; p != NULL; p = strchr(p, '\n')) {
		p += strspn(p, " \t\r\n");
		if (*p == '{' && strncmp(p + strspn(p, "{ \t"), "0x", 2) == 0)
			return true;
	}
	return false;
}

static int
take_arrays(struct import *im, const char *text)
{
	struct buffer octets = { 0 };
	int rv = 0;

	while (rv >= 0 && (text = strchr(text, '{')) != NULL) {
		rv = take_array(im, &text, &octets);
		text++;
	}
	buffer_free(&octets);
	return rv < 0 ? -1 : 0;
}

int
import_digests(struct import *im, struct bytes content, const char *path)
{
	struct buffer text = { 0 };
	int rv;

	if (memchr(content.p, '\0', content.n) != NULL)
		return fault_at(import_fault(im), path, 0,
				"no list that is known; one of those in "
				"`distrust import --help`");
	if (buffer_add(&text, content.p, content.n) != 0 ||
	    buffer_add(&text, "", 1) != 0)
		rv = fault_memory(import_fault(im));
	else if (has_array(text.p))
		rv = take_arrays(im, text.p);
	else
		rv = take_words(im, text.p, path);
	buffer_free(&text);
	return rv;
}
