/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * forge DIR OUT: for each entry of a tree of sources what is needed to ask a
 * client about it, written to OUT, and tables that say what to ask:
 *
 *   known      the certificate itself, where there is one (as nss.c reads it)
 *   forged     where only an identity is known, a chain that has its octets:
 *              the same issuer and serial number, a key of our own; for a name
 *              rule, the authority issued anew (as nss.c reads it)
 *   keys       for a key rule, its key under another name.  Nobody can sign
 *              with it: a question by value is all that can be asked
 *   hashes     entries of which no more than hashes are known
 *
 * It knows X.509 and what an entry means; it must not know which client asks.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "audit/audit.h"
#include "der.h"

enum { FILE_NAME = 64, PATH = 1024 };

/* All that is made is valid for a long time, and asked about on one day.
 * (NSS itself refuses what names StartCom or WoSign and begins after 21
 * October 2016.) */
#define NOT_BEFORE "20160101000000Z"
#define NOT_AFTER "20491231235959Z"
#define DAY "01-Jun-2024 00:00:00"

static const char *out;
static FILE *known, *forged, *keys, *hashes;

static void
die(const char *what)
{
	fprintf(stderr, "forge: %s\n", what);
	exit(EXIT_FAILURE);
}

static void *
must(void *p)
{
	if (p == NULL)
		die("OpenSSL or memory failed");
	return p;
}

static void
check(bool holds)
{
	if (!holds)
		die("OpenSSL or memory failed");
}

/* ---- Making certificates ----------------------------------------------- */

/* What a certificate is to say; serial is a DER INTEGER. */
struct wish {
	struct bytes subject;
	struct bytes serial;
	EVP_PKEY *key;
	bool is_authority;
	X509 *issuer;		/* NULL: itself */
	EVP_PKEY *signer;
};

static EVP_PKEY *
new_key(void)
{
	return must(EVP_EC_gen("P-256"));
}

static X509_NAME *
read_name(struct bytes der)
{
	const unsigned char *p = der.p;

	return must(d2i_X509_NAME(NULL, &p, (long)der.n));
}

/* DER that OpenSSL would write otherwise, or not at all, is of no use here:
 * what counts is the octets. */
static bool
is_serial(struct bytes der)
{
	const unsigned char *p = der.p;
	ASN1_INTEGER *n = d2i_ASN1_INTEGER(NULL, &p, (long)der.n);
	bool is = n != NULL;

	ASN1_INTEGER_free(n);
	return is;
}

static void
set_names(X509 *x, const struct wish *w)
{
	X509_NAME *subject = read_name(w->subject);

	check(X509_set_subject_name(x, subject) == 1);
	check(X509_set_issuer_name(x, w->issuer == NULL ? subject :
				   X509_get_subject_name(w->issuer)) == 1);
	X509_NAME_free(subject);
}

static void
set_serial(X509 *x, struct bytes der)
{
	const unsigned char *p = der.p;
	ASN1_INTEGER *n = must(d2i_ASN1_INTEGER(NULL, &p, (long)der.n));

	check(X509_set_serialNumber(x, n) == 1);
	ASN1_INTEGER_free(n);
}

static void
add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *e;
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, x, NULL, NULL, 0);
	e = must(X509V3_EXT_conf_nid(NULL, &context, nid, value));
	check(X509_add_ext(x, e, -1) == 1);
	X509_EXTENSION_free(e);
}

static X509 *
make(const struct wish *w)
{
	X509 *x = must(X509_new());
	X509 *issuer = w->issuer == NULL ? x : w->issuer;

	check(X509_set_version(x, X509_VERSION_3) == 1);
	set_names(x, w);
	set_serial(x, w->serial);
	check(ASN1_TIME_set_string(X509_getm_notBefore(x), NOT_BEFORE) == 1 &&
	      ASN1_TIME_set_string(X509_getm_notAfter(x), NOT_AFTER) == 1 &&
	      X509_set_pubkey(x, w->key) == 1);
	add_extension(x, issuer, NID_basic_constraints,
		      w->is_authority ? "critical,CA:TRUE"
				      : "critical,CA:FALSE");
	add_extension(x, issuer, NID_subject_key_identifier, "hash");
	add_extension(x, issuer, NID_authority_key_identifier, "keyid");
	check(X509_sign(x, w->signer, EVP_sha256()) > 0);
	return x;
}

/* Serial numbers that no entry has. */
static struct bytes
new_serial(void)
{
	static uint8_t der[2 + 16];

	der[0] = 0x02;
	der[1] = sizeof(der) - 2;
	check(RAND_bytes(der + 2, sizeof(der) - 2) == 1);
	der[2] = 0x5a;
	return (struct bytes){ der, sizeof(der) };
}

/* The name /CN=text, of at most 64 octets. */
static struct buffer
plain_name(const char *text)
{
	X509_NAME *name = must(X509_NAME_new());
	struct buffer der = { 0 };
	unsigned char *p = NULL;
	int n;

	check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
					 (const unsigned char *)text,
					 (int)strnlen(text, 64), -1, 0) == 1);
	n = i2d_X509_NAME(name, &p);
	check(n > 0 && buffer_add(&der, p, (size_t)n) == 0);
	OPENSSL_free(p);
	X509_NAME_free(name);
	return der;
}

static struct bytes
view(const struct buffer *b)
{
	return (struct bytes){ b->p, b->n };
}

/* ---- Writing ----------------------------------------------------------- */

/* Files are numbered. */
static void
write_octets(struct bytes octets, char name[static FILE_NAME])
{
	static unsigned number;
	char path[PATH];
	FILE *f;

	snprintf(name, FILE_NAME, "%u.der", ++number);
	snprintf(path, sizeof(path), "%s/%s", out, name);
	f = must(fopen(path, "wb"));
	check(fwrite(octets.p, 1, octets.n, f) == octets.n);
	check(fclose(f) == 0);
}

static void
write_certificate(X509 *x, char name[static FILE_NAME])
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);

	check(n > 0);
	write_octets((struct bytes){ der, (size_t)n }, name);
	OPENSSL_free(der);
}

static FILE *
open_table(const char *name)
{
	char path[PATH];

	snprintf(path, sizeof(path), "%s/%s", out, name);
	return must(fopen(path, "w"));
}

/* ---- One entry --------------------------------------------------------- */

struct entry {
	const struct audit *a;
	const struct audit_item *item;
	const struct catalog_entry *e;
	bool is_on;
};

/* A case, named so: on or off, the rule, the entry. */
static void
write_case(FILE *table, const struct entry *n, const char *rule,
	   const char *fields)
{
	fprintf(table, "%s %s %s|%s\n", n->is_on ? "on" : "off", rule,
		n->item->id, fields);
}

static const char *
usage_of(const struct entry *n)
{
	return n->e->flags & CATALOG_USAGE_SERVER ? "server" : "email";
}

/* The day after a certificate begins, as NSS reads it. */
static void
day_after(X509 *x, char day[static 32])
{
	static const char *const months[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
		"Oct", "Nov", "Dec"
	};
	struct tm tm;

	check(ASN1_TIME_to_tm(X509_get0_notBefore(x), &tm) == 1 &&
	      OPENSSL_gmtime_adj(&tm, 1, 0) == 1);
	snprintf(day, 32, "%02d-%s-%04d 00:00:00", tm.tm_mday,
		 months[tm.tm_mon], tm.tm_year + 1900);
}

/* What can be asked about a certificate without a chain below it.  (NSS
 * refuses MD5 before it looks at trust.) */
static const char *
question_of(const struct entry *n, const X509 *x)
{
	struct bytes subject = audit_span(n->a, n->e->subject);

	if ((n->e->flags & CATALOG_IS_CA) == 0)
		return "peer";
	return X509_get_signature_nid(x) != NID_md5WithRSAEncryption &&
	       bytes_equal(subject, audit_span(n->a, n->e->issuer))
	       ? "root" : "authority";
}

/* A certificate that is known: imported, it is trusted by itself. */
static void
itself(const struct entry *n)
{
	struct bytes value = audit_span(n->a, n->e->value);
	const unsigned char *p = value.p;
	X509 *x = must(d2i_X509(NULL, &p, (long)value.n));
	bool is_authority = n->e->flags & CATALOG_IS_CA;
	char file[FILE_NAME], day[32], fields[256];

	write_octets(value, file);
	day_after(x, day);
	snprintf(fields, sizeof(fields), "%s|%s|%s||%s|%s", file,
		 is_authority ? "CT,C,C" : "P,P,P", file, question_of(n, x),
		 day);
	write_case(known, n, "certificate", fields);
	X509_free(x);
}

/* A site below an authority of ours: what a user would meet. */
static void
write_chain(const struct entry *n, const char *rule, X509 *trusted, X509 *sent,
	    EVP_PKEY *signer)
{
	struct buffer name = plain_name("localhost");
	EVP_PKEY *key = new_key();
	X509 *site = make(&(struct wish){
		.subject = view(&name), .serial = new_serial(), .key = key,
		.issuer = sent != NULL ? sent : trusted, .signer = signer,
	});
	char root[FILE_NAME], middle[FILE_NAME] = "", leaf[FILE_NAME];
	char fields[256];

	write_certificate(trusted, root);
	if (sent != NULL)
		write_certificate(sent, middle);
	write_certificate(site, leaf);
	snprintf(fields, sizeof(fields), "%s|CT,C,C|%s|%s|%s|" DAY, root, leaf,
		 middle, usage_of(n));
	write_case(forged, n, rule, fields);
	X509_free(site);
	EVP_PKEY_free(key);
	buffer_free(&name);
}

/* A root of this name, with a key of ours. */
static void
root_of(const struct entry *n, const char *rule, struct bytes name,
	struct bytes serial)
{
	EVP_PKEY *key = new_key();
	X509 *root = make(&(struct wish){
		.subject = name, .serial = serial, .key = key,
		.is_authority = true, .signer = key,
	});

	write_chain(n, rule, root, NULL, key);
	X509_free(root);
	EVP_PKEY_free(key);
}

/* An intermediate with the identity's issuer and serial number, and above it
 * a root of the issuer's name. */
static void
below_issuer(const struct entry *n)
{
	struct bytes subject = audit_span(n->a, n->e->subject);
	struct buffer name = plain_name(n->item->id);
	EVP_PKEY *root_key = new_key(), *key = new_key();
	X509 *root = make(&(struct wish){
		.subject = audit_span(n->a, n->e->issuer),
		.serial = new_serial(), .key = root_key,
		.is_authority = true, .signer = root_key,
	});
	X509 *middle = make(&(struct wish){
		.subject = subject.n > 0 ? subject : view(&name),
		.serial = audit_span(n->a, n->e->serial), .key = key,
		.is_authority = true, .issuer = root, .signer = root_key,
	});

	write_chain(n, "certificate", root, middle, key);
	X509_free(middle);
	X509_free(root);
	EVP_PKEY_free(key);
	EVP_PKEY_free(root_key);
	buffer_free(&name);
}

/* Somebody of another name holds this key: nothing but a look at the whole
 * certificate shows it. */
static void
same_key(const struct entry *n)
{
	struct bytes spki = audit_span(n->a, n->e->spki);
	const unsigned char *p = spki.p;
	EVP_PKEY *key = must(d2i_PUBKEY(NULL, &p, (long)spki.n));
	EVP_PKEY *signer = new_key();
	struct buffer name = plain_name("Somebody Else");
	X509 *x = make(&(struct wish){
		.subject = view(&name), .serial = new_serial(), .key = key,
		.is_authority = true, .signer = signer,
	});
	char file[FILE_NAME];

	write_certificate(x, file);
	fprintf(keys, "%s|%s|%s\n", n->is_on ? "on" : "off", n->item->id, file);
	X509_free(x);
	EVP_PKEY_free(signer);
	EVP_PKEY_free(key);
	buffer_free(&name);
}

static void
forge(const struct entry *n)
{
	struct bytes issuer = audit_span(n->a, n->e->issuer);
	struct bytes serial = audit_span(n->a, n->e->serial);
	struct bytes subject = audit_span(n->a, n->e->subject);
	bool is_shown = true;

	if (n->e->value.len > 0)
		itself(n);
	else if (serial.n > 0 && is_serial(serial) &&
		 bytes_equal(issuer, subject))
		root_of(n, "certificate", subject, serial);
	else if (serial.n > 0 && is_serial(serial))
		below_issuer(n);
	else
		is_shown = false;
	if (n->e->flags & CATALOG_MATCH_NAME)
		root_of(n, "name", subject, new_serial());
	if ((n->e->flags & CATALOG_MATCH_KEY) != 0 && n->e->spki.len > 0)
		same_key(n);
	if (!is_shown && (n->e->flags & CATALOG_MATCH_NAME) == 0)
		fprintf(hashes, "%s|%s\n", n->is_on ? "on" : "off",
			n->item->id);
}

int
main(int argc, char **argv)
{
	struct fault fault = { "" };
	struct audit a = { .fault = &fault };

	if (argc != 3)
		die("usage: forge DIR OUT");
	a.root = argv[1];
	out = argv[2];
	if (audit_open(&a) != 0)
		die(fault.text);
	known = open_table("known");
	forged = open_table("forged");
	keys = open_table("keys");
	hashes = open_table("hashes");
	for (uint32_t i = 0; i < catalog_entries(&a.catalog); i++)
		forge(&(struct entry){
			&a, audit_entry(&a, i), catalog_entry(&a.catalog, i),
			audit_is_on(&a, i)
		});
	check(fclose(known) == 0 && fclose(forged) == 0 &&
	      fclose(keys) == 0 && fclose(hashes) == 0);
	audit_close(&a);
	return EXIT_SUCCESS;
}
