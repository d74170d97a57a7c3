/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Certificates through OpenSSL.  Where a field stands comes from the DER
 * itself; OpenSSL, which must accept the whole, says what it means.
 */

#include "compile/x509.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/words.h"
#include "der.h"

/* ---- Digests ---------------------------------------------------------- */

/* "-fips": MD5 and SHA-1 are names here, not security, so that a build on a
 * machine in FIPS mode gives the same catalog. */
static int
digest_as(const char *name, struct bytes b, uint8_t *digest)
{
	return EVP_Q_digest(NULL, name, "-fips", b.p, b.n, digest, NULL) == 1
	       ? 0 : -1;
}

int
x509_md5(struct bytes b, uint8_t digest[CATALOG_MD5])
{
	return digest_as("MD5", b, digest);
}

int
x509_sha1(struct bytes b, uint8_t digest[CATALOG_SHA1])
{
	return digest_as("SHA1", b, digest);
}

int
x509_sha256(struct bytes b, uint8_t digest[CATALOG_SHA256])
{
	return digest_as("SHA256", b, digest);
}

/* ---- PEM -------------------------------------------------------------- */

#define PEM_BEGIN "-----BEGIN CERTIFICATE-----"
#define PEM_END "-----END CERTIFICATE-----"

/* Where text begins in b at or after `from`; b.n if nowhere. */
static size_t
position(struct bytes b, size_t from, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = from; n <= b.n && i <= b.n - n; i++) {
		if (memcmp(b.p + i, text, n) == 0)
			return i;
	}
	return b.n;
}

static const char *
pem_outline(struct bytes pem)
{
	size_t begin = position(pem, 0, PEM_BEGIN);
	size_t end = position(pem, 0, PEM_END);
	size_t after = end + strlen(PEM_END);

	if (begin == pem.n || end == pem.n)
		return N_("no certificate; one in PEM");
	if (position(pem, begin + 1, PEM_BEGIN) < pem.n)
		return N_("more than one certificate; exactly one");
	if (begin != 0)
		return N_("text before the certificate; the PEM block alone");
	if (after + 1 != pem.n || pem.p[after] != '\n')
		return N_("text after the certificate; the PEM block alone");
	return NULL;
}

static const char *
pem_decode(BIO *bio, struct buffer *der)
{
	const char *wrong = N_("bad PEM; base64 between the two lines");
	char *name = NULL, *header = NULL;
	unsigned char *data = NULL;
	long n = 0;

	if (PEM_read_bio(bio, &name, &header, &data, &n) != 1)
		return wrong;
	if (header[0] == '\0')
		wrong = buffer_add(der, data, (size_t)n) == 0
			? NULL : N_("out of memory; a smaller file");
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(data);
	return wrong;
}

const char *
x509_from_pem(struct bytes pem, struct buffer *der)
{
	const char *wrong = pem_outline(pem);
	BIO *bio;

	if (wrong != NULL)
		return wrong;
	if (pem.n > INT_MAX)
		return N_("too large; a certificate");
	bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	if (bio == NULL)
		return N_("out of memory; a smaller file");
	wrong = pem_decode(bio, der);
	BIO_free(bio);
	return wrong;
}

/* ---- Certificates ----------------------------------------------------- */

/* AttributeTypeAndValue: an OID and any value. */
static bool
is_attribute(struct bytes content)
{
	struct bytes part;
	uint8_t tag;

	return der_take(&content, DER_OID, &part) && part.n > 0 &&
	       der_take_any(&content, &tag, &part) && content.n == 0;
}

bool
x509_is_name(struct bytes der)
{
	struct bytes rdns, rdn, attribute;

	if (!der_take(&der, DER_SEQUENCE, &rdns) || der.n != 0)
		return false;
	while (rdns.n > 0) {
		if (!der_take(&rdns, DER_SET, &rdn) || rdn.n == 0)
			return false;
		while (rdn.n > 0) {
			if (!der_take(&rdn, DER_SEQUENCE, &attribute) ||
			    !is_attribute(attribute))
				return false;
		}
	}
	return true;
}

/* What OpenSSL prints of a name, of which it makes no octets of its own. */
static int
print_name(BIO *bio, const X509_NAME *name, struct buffer *text)
{
	static const unsigned long form =
		(XN_FLAG_RFC2253 & ~(unsigned long)XN_FLAG_SEP_MASK &
		 ~(unsigned long)ASN1_STRFLGS_ESC_MSB) | XN_FLAG_SEP_CPLUS_SPC;
	char *printed;
	long n;

	if (X509_NAME_print_ex(bio, name, 0, form) < 0)
		return 0;
	n = BIO_get_mem_data(bio, &printed);
	return n > 0 ? buffer_add(text, printed, (size_t)n) : 0;
}

int
x509_name_text(struct bytes der, struct buffer *text)
{
	const unsigned char *p = der.p;
	BIO *bio;
	X509_NAME *name;
	int rv = 0;

	if (der.n > LONG_MAX)
		return 0;
	bio = BIO_new(BIO_s_mem());
	if (bio == NULL)
		return -1;
	name = d2i_X509_NAME(NULL, &p, (long)der.n);
	if (name != NULL)
		rv = print_name(bio, name, text);
	X509_NAME_free(name);
	BIO_free(bio);
	return rv;
}

bool
x509_serial(struct bytes der, struct bytes *serial)
{
	struct bytes outer, tbs, version;

	*serial = (struct bytes){ der.p, 0 };
	if (!der_take(&der, DER_SEQUENCE, &outer) ||
	    !der_take(&outer, DER_SEQUENCE, &tbs))
		return false;
	der_take(&tbs, DER_CONTEXT_0, &version);
	return der_take_whole(&tbs, DER_INTEGER, serial);
}

static bool
find_fields(struct bytes der, struct x509_facts *f)
{
	struct der_certificate fields;

	if (!der_certificate(der, &fields) || !x509_serial(der, &f->serial))
		return false;
	f->issuer = fields.issuer;
	f->subject = fields.subject;
	f->spki = fields.spki;
	return true;
}

static int
write_day(const ASN1_TIME *time, uint8_t day[CATALOG_DATES / 2])
{
	char text[32];
	struct tm tm;

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return -1;
	snprintf(text, sizeof(text), "%04d%02d%02d", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday);
	memcpy(day, text, CATALOG_DATES / 2);
	return 0;
}

/* RFC 5280 4.2.1.9; and old self-issued roots, which have no extensions. */
static bool
is_authority(X509 *x)
{
	uint32_t flags = X509_get_extension_flags(x);

	return (flags & EXFLAG_CA) != 0 ||
	       ((flags & EXFLAG_V1) != 0 && (flags & EXFLAG_SI) != 0);
}

static const char *
read_meaning(struct bytes der, struct x509_facts *f)
{
	const unsigned char *p = der.p;
	const char *wrong = NULL;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);

	if (x == NULL || p != der.p + der.n)
		wrong = N_("not a certificate; one DER Certificate");
	else if (write_day(X509_get0_notBefore(x), f->dates) != 0 ||
		 write_day(X509_get0_notAfter(x),
			   f->dates + CATALOG_DATES / 2) != 0)
		wrong = N_("bad validity; two dates");
	else
		f->is_ca = is_authority(x);
	X509_free(x);
	return wrong;
}

const char *
x509_read(struct bytes der, struct x509_facts *facts)
{
	const char *wrong;
	struct bytes serial;

	*facts = (struct x509_facts){ 0 };
	if (der.n > INT_MAX || !find_fields(der, facts))
		return N_("not a certificate; one DER Certificate");
	if (!der_integer(facts->serial, &serial) || serial.n > 20)
		return N_("bad serial number; 1 to 20 octets");
	wrong = read_meaning(der, facts);
	if (wrong != NULL)
		return wrong;
	if (x509_md5(der, facts->md5) != 0 ||
	    x509_sha1(der, facts->sha1) != 0 ||
	    x509_sha256(der, facts->sha256) != 0 ||
	    x509_sha256(facts->spki, facts->spki_sha256) != 0 ||
	    x509_sha1(facts->spki, facts->spki_sha1) != 0)
		return N_("no digest; MD5, SHA-1 and SHA-256 from OpenSSL");
	return NULL;
}
