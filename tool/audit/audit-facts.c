/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Facts, three times: as they are stated, as they were compiled, and as
 * OpenSSL reads them off the certificate itself, by its own functions and not
 * by ours (x509.h).  Where a tree holds no certificate but its identity, one
 * that somebody else on this machine holds will do.
 */

#include "audit/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/text.h"

/* ---- The facts --------------------------------------------------------- */

enum fact {
	FACT_ISSUER, FACT_SERIAL, FACT_SUBJECT, FACT_SHA1, FACT_SHA256,
	FACT_SPKI_SHA256, FACT_NOT_BEFORE, FACT_NOT_AFTER, FACTS
};

static const char *const keys[FACTS] = {
	"issuer", "serial", "subject", "sha1", "sha256", "spki-sha256",
	"not-before", "not-after",
};

/* Octets of each fact: names in DER, content octets of the serial number,
 * days as YYYYMMDD.  None where it is not known. */
struct facts {
	struct buffer of[FACTS];
};

static void
free_facts(struct facts *f)
{
	for (size_t i = 0; i < FACTS; i++)
		buffer_free(&f->of[i]);
}

static struct bytes
fact(const struct facts *f, enum fact which)
{
	static const uint8_t none[1];
	const struct buffer *b = &f->of[which];

	return (struct bytes){ b->n > 0 ? b->p : none, b->n };
}

/* ---- As stated --------------------------------------------------------- */

static int
stated_day(const char *text, struct buffer *day)
{
	char digits[16];

	snprintf(digits, sizeof(digits), "%08u", (unsigned)text_date(text));
	return buffer_add(day, digits, 8);
}

static int
stated_fact(enum fact which, const char *text, struct buffer *octets)
{
	switch (which) {
	case FACT_ISSUER:
	case FACT_SUBJECT:
		return text_base64(text, octets);
	case FACT_NOT_BEFORE:
	case FACT_NOT_AFTER:
		return stated_day(text, octets);
	default:
		return text_hex(text, octets);
	}
}

static int
read_stated(const struct section *s, struct facts *f)
{
	for (unsigned i = 0; i < FACTS; i++) {
		const struct section_value *v = section_find(s, keys[i]);

		if (v != NULL &&
		    stated_fact(i, section_text(s, v), &f->of[i]) != 0)
			return -1;
	}
	return 0;
}

/* ---- As compiled ------------------------------------------------------- */

static struct bytes
without_header(struct bytes der)
{
	if (der.n >= 2 && der.p[1] < 0x80) {
		der.p += 2;
		der.n -= 2;
	}
	return der;
}

static struct bytes
half(struct bytes dates, bool second)
{
	if (dates.n == CATALOG_DATES)
		dates = (struct bytes){
			dates.p + (second ? CATALOG_DATES / 2 : 0),
			CATALOG_DATES / 2
		};
	return dates;
}

static struct bytes
compiled_fact(const struct audit *a, const struct catalog_entry *e,
	      enum fact which)
{
	switch (which) {
	case FACT_ISSUER:
		return audit_span(a, e->issuer);
	case FACT_SERIAL:
		return without_header(audit_span(a, e->serial));
	case FACT_SUBJECT:
		return audit_span(a, e->subject);
	case FACT_SHA1:
		return audit_fixed(a, e->sha1, CATALOG_SHA1);
	case FACT_SHA256:
		return audit_fixed(a, e->sha256, CATALOG_SHA256);
	case FACT_SPKI_SHA256:
		return audit_fixed(a, e->spki_sha256, CATALOG_SHA256);
	default:
		return half(audit_fixed(a, e->dates, CATALOG_DATES),
			    which == FACT_NOT_AFTER);
	}
}

/* ---- As OpenSSL reads them --------------------------------------------- */

/* Take what an i2d function gave. */
static int
take_der(int n, unsigned char *der, struct buffer *octets)
{
	int rv = n <= 0 ? -1 : buffer_add(octets, der, (size_t)n);

	OPENSSL_free(der);
	return rv;
}

static int
derive_name(const X509_NAME *name, struct buffer *octets)
{
	unsigned char *der = NULL;
	int n = i2d_X509_NAME(name, &der);

	return take_der(n, der, octets);
}

static int
derive_serial(const X509 *x, struct buffer *octets)
{
	struct buffer whole = { 0 };
	unsigned char *der = NULL;
	int n = i2d_ASN1_INTEGER(X509_get0_serialNumber(x), &der);
	int rv = take_der(n, der, &whole);
	struct bytes content;

	if (rv == 0) {
		content = without_header((struct bytes){ whole.p, whole.n });
		rv = buffer_add(octets, content.p, content.n);
	}
	buffer_free(&whole);
	return rv;
}

static int
derive_digest(const X509 *x, const EVP_MD *md, struct buffer *octets)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n;

	if (X509_digest(x, md, digest, &n) != 1)
		return -1;
	return buffer_add(octets, digest, n);
}

static int
derive_key(const X509 *x, struct buffer *octets)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned char *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	unsigned size = 0;
	int ok = n > 0 && EVP_Digest(der, (size_t)n, digest, &size,
				     EVP_sha256(), NULL) == 1;

	OPENSSL_free(der);
	return ok ? buffer_add(octets, digest, size) : -1;
}

static int
derive_day(const ASN1_TIME *time, struct buffer *octets)
{
	ASN1_GENERALIZEDTIME *t = ASN1_TIME_to_generalizedtime(time, NULL);
	int rv = -1;

	if (t != NULL && ASN1_STRING_length(t) >= 8)
		rv = buffer_add(octets, ASN1_STRING_get0_data(t), 8);
	ASN1_GENERALIZEDTIME_free(t);
	return rv;
}

static int
derive(const X509 *x, struct facts *f)
{
	if (derive_name(X509_get_issuer_name(x), &f->of[FACT_ISSUER]) != 0 ||
	    derive_serial(x, &f->of[FACT_SERIAL]) != 0 ||
	    derive_name(X509_get_subject_name(x), &f->of[FACT_SUBJECT]) != 0 ||
	    derive_digest(x, EVP_sha1(), &f->of[FACT_SHA1]) != 0 ||
	    derive_digest(x, EVP_sha256(), &f->of[FACT_SHA256]) != 0 ||
	    derive_key(x, &f->of[FACT_SPKI_SHA256]) != 0 ||
	    derive_day(X509_get0_notBefore(x), &f->of[FACT_NOT_BEFORE]) != 0)
		return -1;
	return derive_day(X509_get0_notAfter(x), &f->of[FACT_NOT_AFTER]);
}

/* ---- Comparing --------------------------------------------------------- */

/* What an entry is looked at by. */
struct look {
	struct audit *a;
	const struct audit_item *item;
	const struct catalog_entry *entry;
	struct facts stated;
	struct facts derived;
	unsigned *compared;
};

static void
compare(struct look *k, const char *what, struct bytes is, struct bytes due)
{
	++*k->compared;
	if (!bytes_equal(is, due))
		audit_find(k->a, k->item, "facts", NULL, "%s is %s; %s", what,
			   audit_hex(is), audit_hex(due));
}

/* What is stated was compiled so. */
static void
compare_compiled(struct look *k)
{
	for (unsigned i = 0; i < FACTS; i++) {
		struct bytes stated = fact(&k->stated, i);

		if (stated.n > 0)
			compare(k, keys[i],
				compiled_fact(k->a, k->entry, i), stated);
	}
}

/* What is stated is what the certificate says. */
static void
compare_stated(struct look *k)
{
	for (unsigned i = 0; i < FACTS; i++) {
		struct bytes stated = fact(&k->stated, i);

		if (stated.n > 0)
			compare(k, keys[i], stated, fact(&k->derived, i));
	}
}

/* ---- [certificate] ----------------------------------------------------- */

/* RFC 5280 4.2.1.9, and version 1, which had no extensions. */
static bool
is_authority(X509 *x)
{
	int says = X509_check_ca(x);

	return says == 1 || says == 3;
}

static int
compare_certificate(struct look *k, X509 *x)
{
	struct bytes value = audit_span(k->a, k->entry->value);
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);

	if (n <= 0)
		return -1;
	compare(k, "the certificate", value,
		(struct bytes){ der, (size_t)n });
	OPENSSL_free(der);
	for (unsigned i = 0; i < FACTS; i++)
		compare(k, keys[i], compiled_fact(k->a, k->entry, i),
			fact(&k->derived, i));
	++*k->compared;
	if (is_authority(x) != ((k->entry->flags & CATALOG_IS_CA) != 0))
		audit_find(k->a, k->item, "facts", NULL,
			   "compiled as %san authority; what it says itself",
			   is_authority(x) ? "not " : "");
	return 0;
}

/* The file beside an incident.ini. */
static X509 *
read_file(const struct audit_item *item)
{
	const struct section *s = &item->stated;
	const char *file = section_text(s, section_find(s, "file"));
	size_t folder = (size_t)(strrchr(item->path, '/') - item->path);
	size_t size = folder + strlen(file) + 2;
	char *path = malloc(size);
	FILE *f = NULL;
	X509 *x = NULL;

	if (path != NULL) {
		snprintf(path, size, "%.*s/%s", (int)folder, item->path, file);
		f = fopen(path, "r");
	}
	if (f != NULL) {
		x = PEM_read_X509(f, NULL, NULL, NULL);
		fclose(f);
	}
	free(path);
	return x;
}

static int
audit_certificate(struct look *k)
{
	X509 *x = read_file(k->item);
	int rv = -1;

	if (x != NULL && derive(x, &k->derived) == 0) {
		compare_stated(k);
		rv = compare_certificate(k, x);
	}
	X509_free(x);
	return rv;
}

/* ---- [identity] -------------------------------------------------------- */

static bool
is_of(const struct look *k, const struct harvested *x)
{
	struct bytes sha256 = fact(&k->stated, FACT_SHA256);
	struct bytes serial = fact(&k->stated, FACT_SERIAL);

	if (sha256.n > 0)
		return bytes_equal(sha256, (struct bytes){
				x->sha256, sizeof(x->sha256) });
	return serial.n > 0 &&
	       bytes_equal(serial, without_header(x->serial)) &&
	       bytes_equal(fact(&k->stated, FACT_ISSUER), x->issuer);
}

static const struct harvested *
find_in(const struct look *k, const struct audit_source *source)
{
	for (size_t i = 0; i < harvest_count(&source->harvest); i++) {
		if (is_of(k, harvest_at(&source->harvest, i)))
			return harvest_at(&source->harvest, i);
	}
	return NULL;
}

/* Its certificate, if anybody on this machine has it. */
static const struct harvested *
find_at_hand(const struct look *k)
{
	const struct audit_source *trusted = k->a->trusted.p;
	const struct harvested *found = NULL;

	for (size_t i = 0; i < k->a->trusted.n / sizeof(*trusted) &&
	     found == NULL; i++)
		found = find_in(k, &trusted[i]);
	for (size_t i = 0; i < AUDIT_LISTS && found == NULL; i++)
		found = find_in(k, &k->a->refused[i]);
	return found;
}

/* True in *is_at_hand where the facts could be derived. */
static int
audit_identity(struct look *k, bool *is_at_hand)
{
	const struct harvested *c = find_at_hand(k);
	const unsigned char *p;
	X509 *x;
	int rv;

	*is_at_hand = c != NULL;
	if (c == NULL)
		return 0;
	p = c->der;
	x = d2i_X509(NULL, &p, (long)c->size);
	rv = x == NULL ? -1 : derive(x, &k->derived);
	if (rv == 0)
		compare_stated(k);
	X509_free(x);
	return rv;
}

/* ---- The whole --------------------------------------------------------- */

struct tally {
	unsigned certificates, identities, at_hand, compared;
};

static int
audit_one(struct audit *a, uint32_t i, struct tally *t)
{
	struct look k = {
		.a = a,
		.item = audit_entry(a, i),
		.entry = audit_compiled(a, i),
		.compared = &t->compared,
	};
	bool at_hand = false;
	int rv = read_stated(&k.item->stated, &k.stated);

	if (rv == 0) {
		compare_compiled(&k);
		rv = k.entry->value.len > 0 ? audit_certificate(&k)
					    : audit_identity(&k, &at_hand);
	}
	t->certificates += k.entry->value.len > 0;
	t->identities += k.entry->value.len == 0;
	t->at_hand += at_hand;
	free_facts(&k.stated);
	free_facts(&k.derived);
	return rv == 0 ? 0 : fault_at(a->fault, k.item->path,
				      k.item->stated.line,
				      "cannot be read anew; a certificate "
				      "that OpenSSL reads");
}

int
audit_facts(struct audit *a)
{
	struct tally t = { 0 };

	puts("\nFacts");
	for (uint32_t i = 0; i < catalog_entries(&a->catalog); i++) {
		if (audit_one(a, i, &t) != 0)
			return -1;
	}
	printf("  compared: %u facts of %u certificates and %u identities\n"
	       "  identities whose certificate somebody here holds: %u\n",
	       t.compared, t.certificates, t.identities, t.at_hand);
	return 0;
}
