/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Throwaway chains, through OpenSSL. */

#include "install/probe.h"

#include <stdint.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/words.h"
#include "certificates/judge.h"

static int
refuse(struct fault *fault, const char *what)
{
	return fault_at(fault, "probe", 0, "%s", _(what));
}

/* ---- The distrusted name ---------------------------------------------- */

static int
take_name(void *arg, const struct catalog *catalog,
	  const struct catalog_entry *entry)
{
	struct bytes subject = catalog_bytes(catalog, entry->subject);
	X509_NAME **name = arg;

	if (entry->flags & CATALOG_MATCH_NAME)
		*name = d2i_X509_NAME(NULL, &subject.p, (long)subject.n);
	return *name != NULL;
}

/* A name by which the module, as it is set up on this machine, refuses. */
static X509_NAME *
distrusted_name(void)
{
	struct fault unused = { "" };	/* the built-in list does */
	struct judge judge;
	X509_NAME *name = NULL;

	judge_begin(&judge, &unused);
	judge_each(&judge, take_name, &name);
	judge_end(&judge);
	return name;
}

static X509_NAME *
healthy_name(void)
{
	static const unsigned char text[] = "p11-distrust probe";
	X509_NAME *name = X509_NAME_new();

	if (name != NULL &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1,
				       -1, 0) == 1)
		return name;
	X509_NAME_free(name);
	return NULL;
}

/* ---- Certificates ----------------------------------------------------- */

static bool
set_serial(X509 *x)
{
	BIGNUM *number = BN_new();
	bool done = number != NULL &&
		    BN_rand(number, 120, BN_RAND_TOP_ONE,
			    BN_RAND_BOTTOM_ANY) == 1 &&
		    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)) != NULL;

	BN_free(number);
	return done;
}

static bool
set_days(X509 *x)
{
	const long day = 24L * 60 * 60;

	return X509_gmtime_adj(X509_getm_notBefore(x), -day) != NULL &&
	       X509_gmtime_adj(X509_getm_notAfter(x), day) != NULL;
}

static bool
add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	bool done = e != NULL && X509_add_ext(x, e, -1) == 1;

	X509_EXTENSION_free(e);
	return done;
}

static bool
set_uses(X509 *x, bool is_root)
{
	if (is_root)
		return add_extension(x, NID_basic_constraints,
				     "critical,CA:TRUE") &&
		       add_extension(x, NID_key_usage,
				     "critical,keyCertSign,cRLSign");
	return add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(x, NID_ext_key_usage, "serverAuth") &&
	       add_extension(x, NID_subject_alt_name, "DNS:localhost");
}

/* A root where subject and issuer are the same name. */
static X509 *
certify(X509_NAME *subject, EVP_PKEY *key, X509_NAME *issuer, EVP_PKEY *signer)
{
	X509 *x = X509_new();

	if (x != NULL && X509_set_version(x, X509_VERSION_3) == 1 &&
	    set_serial(x) && set_days(x) &&
	    X509_set_subject_name(x, subject) == 1 &&
	    X509_set_issuer_name(x, issuer) == 1 &&
	    X509_set_pubkey(x, key) == 1 && set_uses(x, subject == issuer) &&
	    X509_sign(x, signer, EVP_sha256()) > 0)
		return x;
	X509_free(x);
	return NULL;
}

static bool
put_certificate(struct buffer *b, X509 *x)
{
	unsigned char *der = NULL;
	int n = x != NULL ? i2d_X509(x, &der) : -1;
	bool done = n > 0 && buffer_add(b, der, (size_t)n) == 0;

	OPENSSL_free(der);
	X509_free(x);
	return done;
}

static bool
put_key(struct buffer *b, EVP_PKEY *key)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	unsigned char *der = NULL;
	int n = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;
	bool done = n > 0 && buffer_add(b, der, (size_t)n) == 0;

	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(info);
	return done;
}

/* Takes the root's name. */
static bool
make_chain(struct probe_chain *chain, X509_NAME *root)
{
	EVP_PKEY *root_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
	X509_NAME *site = X509_NAME_new();
	bool done = root != NULL && root_key != NULL && key != NULL &&
		    site != NULL &&
		    X509_NAME_add_entry_by_txt(site, "CN", MBSTRING_ASC,
				(const unsigned char *)"localhost", -1, -1,
				0) == 1 &&
		    put_certificate(&chain->root, certify(root, root_key, root,
							  root_key)) &&
		    put_certificate(&chain->site, certify(site, key, root,
							  root_key)) &&
		    put_key(&chain->key, key);

	X509_NAME_free(site);
	X509_NAME_free(root);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(key);
	return done;
}

/* ---- Both ------------------------------------------------------------- */

int
probe_make(struct probe *probe, struct fault *fault)
{
	X509_NAME *name = distrusted_name();

	memset(probe, 0, sizeof(*probe));
	if (name == NULL)
		return refuse(fault, "no name is distrusted here; a list with "
				     "one that is on");
	if (make_chain(&probe->distrusted, name) &&
	    make_chain(&probe->healthy, healthy_name()))
		return 0;
	probe_free(probe);
	return refuse(fault, "no throwaway certificates; OpenSSL with P-256");
}

int
probe_pem(struct buffer *pem, const struct buffer *der, const char *type,
	  struct fault *fault)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *text;
	long n;
	int rv = -1;

	if (out != NULL && PEM_write_bio(out, type, "", der->p,
					 (long)der->n) > 0) {
		n = BIO_get_mem_data(out, &text);
		rv = buffer_add(pem, text, (size_t)n);
	}
	BIO_free(out);
	return rv == 0 ? 0 : fault_memory(fault);
}

static void
free_chain(struct probe_chain *chain)
{
	buffer_free(&chain->root);
	buffer_free(&chain->site);
	buffer_free(&chain->key);
}

void
probe_free(struct probe *probe)
{
	free_chain(&probe->distrusted);
	free_chain(&probe->healthy);
}
