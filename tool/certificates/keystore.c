/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Reading keystores.  JKS is what java.io.DataOutputStream writes: big-endian
 * numbers, and text with its length in two octets.
 */

#include "certificates/keystore.h"

#include <limits.h>
#include <string.h>

#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#define JKS 0xfeedfeedu
#define JCEKS 0xcecececeu

/* ---- JKS: a cursor that advances or fails ------------------------------ */

static bool
take_number(struct bytes *in, size_t octets, uint32_t *number)
{
	if (in->n < octets)
		return false;
	*number = 0;
	for (size_t i = 0; i < octets; i++)
		*number = *number << 8 | in->p[i];
	in->p += octets;
	in->n -= octets;
	return true;
}

/* Octets whose length stands before them. */
static bool
take_octets(struct bytes *in, size_t octets, struct bytes *out)
{
	uint32_t n;

	if (!take_number(in, octets, &n) || n > in->n)
		return false;
	*out = (struct bytes){ in->p, n };
	in->p += n;
	in->n -= n;
	return true;
}

/* Version 2 says of each certificate what it is: "X.509". */
static bool
take_certificate(struct bytes *in, uint32_t version, struct bytes *der)
{
	return (version < 2 || take_octets(in, 2, der)) &&
	       take_octets(in, 4, der);
}

/* A private key and its chain, which nobody trusts for being there. */
static bool
skip_key(struct bytes *in, uint32_t version)
{
	struct bytes skipped;
	uint32_t count;

	if (!take_octets(in, 4, &skipped) || !take_number(in, 4, &count))
		return false;
	while (count-- > 0) {
		if (!take_certificate(in, version, &skipped))
			return false;
	}
	return true;
}

static int
refuse(const char *path, struct fault *fault)
{
	return fault_at(fault, path, 0, "cannot be read; a Java keystore with "
			"the password \"changeit\" or none");
}

static int
read_jks(const char *path, struct bytes in, keystore_take *take, void *arg,
	 struct fault *fault)
{
	enum { KEY = 1, TRUSTED = 2 };
	struct bytes alias, der;
	uint32_t magic, version, count, kind, date;
	int rv = 0;

	if (!take_number(&in, 4, &magic) || !take_number(&in, 4, &version) ||
	    !take_number(&in, 4, &count))
		return refuse(path, fault);
	while (rv == 0 && count-- > 0) {
		if (!take_number(&in, 4, &kind) ||
		    !take_octets(&in, 2, &alias) ||
		    !take_number(&in, 4, &date) ||
		    !take_number(&in, 4, &date))
			return refuse(path, fault);
		if (kind == TRUSTED && take_certificate(&in, version, &der))
			rv = take(arg, der, alias);
		else if (kind != KEY || !skip_key(&in, version))
			return refuse(path, fault);
	}
	return rv;
}

/* ---- PKCS #12 ---------------------------------------------------------- */

static int
take_bag(const PKCS12_SAFEBAG *bag, keystore_take *take, void *arg)
{
	static const uint8_t nothing[1];
	X509 *x = NULL;
	unsigned char *der = NULL;
	char *alias = PKCS12_get_friendlyname((PKCS12_SAFEBAG *)(uintptr_t)bag);
	struct bytes name = { nothing, 0 };
	int n, rv = 0;

	if (alias != NULL)
		name = (struct bytes){ (const uint8_t *)alias, strlen(alias) };

	if (PKCS12_SAFEBAG_get_nid(bag) == NID_certBag)
		x = PKCS12_SAFEBAG_get1_cert(bag);
	n = x == NULL ? 0 : i2d_X509(x, &der);
	if (n > 0)
		rv = take(arg, (struct bytes){ der, (size_t)n }, name);
	OPENSSL_free(der);
	OPENSSL_free(alias);
	X509_free(x);
	return rv;
}

/* What a part of the file holds, encrypted or not; NULL where the password is
 * another one. */
static STACK_OF(PKCS12_SAFEBAG) *
open_safe(PKCS7 *safe)
{
	static const char *const passwords[] = { "changeit", "", NULL };
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;

	if (PKCS7_type_is_data(safe))
		return PKCS12_unpack_p7data(safe);
	if (!PKCS7_type_is_encrypted(safe))
		return NULL;
	for (size_t i = 0; bags == NULL && i < 3; i++)
		bags = PKCS12_unpack_p7encdata(safe, passwords[i],
			passwords[i] == NULL ? 0 : (int)strlen(passwords[i]));
	return bags;
}

static int
read_safe(const char *path, PKCS7 *safe, keystore_take *take, void *arg,
	  struct fault *fault)
{
	STACK_OF(PKCS12_SAFEBAG) *bags = open_safe(safe);
	int rv = 0;

	if (bags == NULL)
		return refuse(path, fault);
	for (int i = 0; rv == 0 && i < sk_PKCS12_SAFEBAG_num(bags); i++)
		rv = take_bag(sk_PKCS12_SAFEBAG_value(bags, i), take, arg);
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	return rv;
}

static int
read_pkcs12(const char *path, struct bytes in, keystore_take *take, void *arg,
	    struct fault *fault)
{
	const unsigned char *p = in.p;
	PKCS12 *store = in.n > LONG_MAX ? NULL :
			d2i_PKCS12(NULL, &p, (long)in.n);
	STACK_OF(PKCS7) *safes = store == NULL ? NULL :
				 PKCS12_unpack_authsafes(store);
	int rv = safes == NULL ? refuse(path, fault) : 0;

	for (int i = 0; rv == 0 && i < sk_PKCS7_num(safes); i++)
		rv = read_safe(path, sk_PKCS7_value(safes, i), take, arg,
			       fault);
	sk_PKCS7_pop_free(safes, PKCS7_free);
	PKCS12_free(store);
	return rv;
}

int
keystore_read(const char *path, struct bytes content, keystore_take *take,
	      void *arg, struct fault *fault)
{
	struct bytes in = content;
	uint32_t magic;

	if (take_number(&in, 4, &magic) && (magic == JKS || magic == JCEKS))
		return read_jks(path, content, take, arg, fault);
	return read_pkcs12(path, content, take, arg, fault);
}
