/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Certificates, through OpenSSL: PEM to DER, and the facts of a certificate
 * that a catalog holds.  It knows X.509, and neither lists nor files.
 * Pure functions; any thread.
 */

#ifndef X509_H
#define X509_H

#include <stdbool.h>

#include "base/buffer.h"
#include "catalog.h"

struct x509_facts {
	struct bytes issuer;	/* views into the DER, as in a catalog entry */
	struct bytes serial;
	struct bytes subject;
	struct bytes spki;
	uint8_t md5[CATALOG_MD5];
	uint8_t sha1[CATALOG_SHA1];
	uint8_t sha256[CATALOG_SHA256];
	uint8_t spki_sha256[CATALOG_SHA256];
	uint8_t spki_sha1[CATALOG_SHA1];
	uint8_t dates[CATALOG_DATES];
	bool is_ca;
};

/* All of them, for a DER that is one certificate and nothing more.  NULL, or
 * what is wrong with it: "what; what was expected". */
const char *x509_read(struct bytes der, struct x509_facts *facts);

/* The DER of the one certificate that a PEM file's content is, and nothing
 * beside it, appended to *der.  NULL or what is wrong. */
const char *x509_from_pem(struct bytes pem, struct buffer *der);

/* Whether the octets are one DER Name. */
bool x509_is_name(struct bytes der);

/* The serial number (tag and length too) of what der_certificate() takes for
 * a certificate; false, and nothing, where there is none. */
bool x509_serial(struct bytes der, struct bytes *serial);

/* Append a DER Name as text (RFC 2253, UTF-8); nothing if it is none.  0, or
 * -1: out of memory. */
int x509_name_text(struct bytes der, struct buffer *text);

/* Digests.  0, or -1 where OpenSSL cannot. */
int x509_md5(struct bytes b, uint8_t digest[CATALOG_MD5]);
int x509_sha1(struct bytes b, uint8_t digest[CATALOG_SHA1]);
int x509_sha256(struct bytes b, uint8_t digest[CATALOG_SHA256]);

#endif
