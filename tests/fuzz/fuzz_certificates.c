/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Files of certificates: PEM, DER, PKCS #7, bundles, Java's keystores.  The
 * pieces of a bundle are the bundle; what is said to be a certificate is one
 * for OpenSSL, and then the module's cursor sees the same parts.
 */

#include "certificates/bundle.h"
#include "certificates/certificates.h"
#include "certificates/keystore.h"
#include "compile/x509.h"
#include "der.h"
#include "fuzz.h"

unsigned fuzz_deep;

static bool
is_same(struct bytes a, struct bytes b)
{
	return a.p == b.p && a.n == b.n;
}

static void
try_one(struct bytes der)
{
	struct der_certificate c;
	struct x509_facts facts;

	if (x509_read(der, &facts) != NULL)
		return;
	fuzz_deep++;
	FUZZ_MUST(der_certificate(der, &c));
	FUZZ_MUST(is_same(c.issuer, facts.issuer) &&
		  is_same(c.subject, facts.subject) &&
		  is_same(c.spki, facts.spki));
}

static void
try_bundle(struct bytes in)
{
	struct bundle bundle = { .rest = in, .line = 1 };
	struct bundle_piece piece;
	const uint8_t *at = in.p;

	while (bundle_next(&bundle, &piece) > 0) {
		FUZZ_MUST(piece.octets.p == at && piece.octets.n > 0);
		at += piece.octets.n;
		if (piece.kind == BUNDLE_CERTIFICATE ||
		    piece.kind == BUNDLE_TRUSTED)
			try_one(piece.der);
	}
	FUZZ_MUST(at == in.p + in.n);
	bundle_free(&bundle);
}

static void
try_certificates(struct bytes in)
{
	struct certificates c = { .octets = { 0 } };
	struct fault fault = { "" };

	if (certificates_take(&c, in, "input", &fault) == 0) {
		FUZZ_MUST(certificates_count(&c) > 0);
		for (size_t i = 0; i < certificates_count(&c); i++)
			try_one(certificates_at(&c, i));
	} else {
		FUZZ_MUST(fault.text[0] != '\0');
	}
	certificates_free(&c);
}

static int
take(void *arg, struct bytes der, struct bytes alias)
{
	(void)arg;
	fuzz_read(der);
	fuzz_read(alias);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bytes in = { p, n };
	struct fault fault = { "" };

	if (n == 0)
		return 0;
	try_one(in);
	try_bundle(in);
	try_certificates(in);
	keystore_read("input", in, take, NULL, &fault);
	return 0;
}
