/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Files of certificates, through bundle.h and OpenSSL. */

#include "certificates/certificates.h"

#include <limits.h>

#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include "base/input.h"
#include "base/words.h"
#include "certificates/bundle.h"

static const char expected[] = "certificates in PEM, DER or PKCS #7";

size_t
certificates_count(const struct certificates *c)
{
	return c->ends.n / sizeof(size_t);
}

struct bytes
certificates_at(const struct certificates *c, size_t i)
{
	const size_t *ends = c->ends.p;
	size_t from = i == 0 ? 0 : ends[i - 1];

	return (struct bytes){ (const uint8_t *)c->octets.p + from,
			       ends[i] - from };
}

int
certificates_add(struct certificates *c, struct bytes der, struct fault *fault)
{
	size_t end = c->octets.n + der.n;

	if (buffer_add(&c->octets, der.p, der.n) != 0 ||
	    buffer_add(&c->ends, &end, sizeof(end)) != 0)
		return fault_memory(fault);
	return 0;
}

void
certificates_free(struct certificates *c)
{
	buffer_free(&c->octets);
	buffer_free(&c->ends);
}

/* ---- PKCS #7 ----------------------------------------------------------- */

static int
add_x509(struct certificates *c, X509 *x, struct fault *fault)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	int rv = n <= 0 ? fault_memory(fault) :
		certificates_add(c, (struct bytes){ der, (size_t)n }, fault);

	OPENSSL_free(der);
	return rv;
}

static int
add_all(struct certificates *c, PKCS7 *p7, struct fault *fault)
{
	STACK_OF(X509) *stack = NULL;

	if (PKCS7_type_is_signed(p7) && p7->d.sign != NULL)
		stack = p7->d.sign->cert;
	else if (PKCS7_type_is_signedAndEnveloped(p7) &&
		 p7->d.signed_and_enveloped != NULL)
		stack = p7->d.signed_and_enveloped->cert;
	for (int i = 0; i < sk_X509_num(stack); i++) {
		if (add_x509(c, sk_X509_value(stack, i), fault) != 0)
			return -1;
	}
	return 0;
}

/* OpenSSL takes "CMS" and "PKCS #7 SIGNED DATA" for the label too. */
static PKCS7 *
read_pkcs7(struct bytes content)
{
	const unsigned char *p = content.p;
	PKCS7 *p7;
	BIO *bio;

	if (content.n > INT_MAX)
		return NULL;
	p7 = d2i_PKCS7(NULL, &p, (long)content.n);
	if (p7 != NULL)
		return p7;
	bio = BIO_new_mem_buf(content.p, (int)content.n);
	if (bio != NULL)
		p7 = PEM_read_bio_PKCS7(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return p7;
}

static int
take_pkcs7(struct certificates *c, struct bytes content, struct fault *fault)
{
	PKCS7 *p7 = read_pkcs7(content);
	int rv = p7 != NULL ? add_all(c, p7, fault) : 0;

	PKCS7_free(p7);
	return rv;
}

/* ---- Files ------------------------------------------------------------- */

static int
take_pieces(struct certificates *c, struct bytes content, const char *path,
	    struct fault *fault)
{
	struct bundle bundle = { .rest = content, .line = 1 };
	struct bundle_piece piece;
	int more, rv = 0;

	while (rv == 0 && (more = bundle_next(&bundle, &piece)) != 0) {
		if (more < 0)
			rv = fault_memory(fault);
		else if (piece.kind == BUNDLE_DAMAGED)
			rv = fault_at(fault, path, piece.line,
				      "a damaged certificate; %s", _(expected));
		else if (piece.kind != BUNDLE_TEXT)
			rv = certificates_add(c, piece.der, fault);
	}
	bundle_free(&bundle);
	return rv;
}

int
certificates_take(struct certificates *c, struct bytes content,
		  const char *path, struct fault *fault)
{
	const size_t were = certificates_count(c);

	if (take_pieces(c, content, path, fault) != 0)
		return -1;
	if (certificates_count(c) == were &&
	    take_pkcs7(c, content, fault) != 0)
		return -1;
	if (certificates_count(c) > were)
		return 0;
	return fault_at(fault, path, 0, "no certificate; %s", _(expected));
}

int
certificates_read(struct certificates *c, const char *path,
		  struct fault *fault)
{
	struct buffer content = { 0 };
	int rv = input_read(path, &content, expected, fault);

	if (rv == 0)
		rv = certificates_take(c, (struct bytes){ content.p,
				       content.n }, path, fault);
	buffer_free(&content);
	return rv;
}
