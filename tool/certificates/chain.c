/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Names lead from a certificate to its issuer, and the signature says whether
 * it is one. */

#include "certificates/chain.h"

#include <limits.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/words.h"
#include "compile/x509.h"
#include "der.h"

enum { CHAIN_MAX = 32 };	/* of more certificates, the first are looked at
				 * for another way */

size_t
chain_count(const struct chain_verdict *v)
{
	return v->findings.n / sizeof(struct chain_finding);
}

const struct chain_finding *
chain_at(const struct chain_verdict *v, size_t i)
{
	return (const struct chain_finding *)v->findings.p + i;
}

const char *
chain_text(const struct chain_finding *finding)
{
	return finding->is_above ? N_("was issued by a listed authority") :
		judge_rule_text(finding->why.rule);
}

void
chain_free(struct chain_verdict *v)
{
	buffer_free(&v->findings);
}

/* ---- Signatures -------------------------------------------------------- */

/* Whether it was for want of memory that OpenSSL failed.  Reading says why it
 * failed, unless it had no memory for that either. */
static bool
is_out_of_memory(bool is_read)
{
	unsigned long error = ERR_get_error();
	bool is_silent = error == 0 && !is_read;

	for (; error != 0; error = ERR_get_error()) {
		if (ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE)
			return true;
	}
	return is_silent;
}

/* 1 or 0; or -1: out of memory, which must not pass for a no. */
static int
has_signed(struct bytes spki, struct bytes der)
{
	const unsigned char *key = spki.p, *certificate = der.p;
	EVP_PKEY *pkey = NULL;
	X509 *x = NULL;
	bool is_read;
	int good;

	if (spki.n > LONG_MAX || der.n > LONG_MAX)
		return 0;
	ERR_clear_error();
	pkey = d2i_PUBKEY(NULL, &key, (long)spki.n);
	x = d2i_X509(NULL, &certificate, (long)der.n);
	is_read = pkey != NULL && x != NULL;
	good = is_read && X509_verify(x, pkey) == 1;
	X509_free(x);
	EVP_PKEY_free(pkey);
	if (good == 0 && is_out_of_memory(is_read))
		good = -1;
	ERR_clear_error();
	return good;
}

/* ---- What is distrusted ------------------------------------------------ */

/* When a certificate's entry spares what was issued up to a day: whether this
 * one was issued later.  A certificate by itself has issued nothing yet. */
static bool
is_spared(const struct judgement *why, const uint8_t *issued)
{
	struct bytes after = catalog_fixed(why->catalog, why->entry->after,
					   CATALOG_AFTER);
	char day[9];

	if (after.n == 0 || issued == NULL)
		return false;
	memcpy(day, after.p[0] < '5' ? "20" : "19", 2);
	memcpy(day + 2, after.p, 6);
	return memcmp(issued, day, 8) <= 0;
}

static int
add(struct chain_verdict *v, const struct chain_finding *finding,
    struct fault *fault)
{
	return buffer_add(&v->findings, finding, sizeof(*finding)) == 0 ? 0 :
		fault_memory(fault);
}

/* An entry in force whose certificate has signed this one, in one list; NULL
 * if there is none, and has_signed()'s word on the last that was asked. */
static const struct catalog_entry *
find_above(const struct judge *judge, const struct list *list,
	   struct bytes der, struct bytes issuer, int *signs)
{
	struct catalog_run run = find_octets(list, CATALOG_BY_SUBJECT, issuer);

	for (*signs = 0; run.from < run.to && *signs >= 0; run.from++) {
		const struct catalog_entry *e = catalog_entry(&list->catalog,
			catalog_at(&list->catalog, CATALOG_BY_SUBJECT,
				   run.from));

		if (!list_is_on(list, e) || e->value.len == 0 ||
		    (e->flags & judge->usages) == 0)
			continue;
		*signs = has_signed(catalog_bytes(&list->catalog, e->spki),
				    der);
		if (*signs == 1)
			return e;
	}
	return NULL;
}

/* 1 or 0; or -1: out of memory. */
static int
is_above(const struct judge *judge, struct bytes der, struct judgement *why)
{
	struct der_certificate fields;
	int signs = 0;

	if (!der_certificate(der, &fields) ||
	    bytes_equal(fields.issuer, fields.subject))
		return 0;
	for (unsigned l = 0; l < judge->lists.count && signs == 0; l++) {
		const struct list *list = &judge->lists.list[l];

		why->rule = JUDGE_CERTIFICATE;
		why->catalog = &list->catalog;
		why->entry = find_above(judge, list, der, fields.issuer,
					&signs);
	}
	return signs;
}

static int
judge_one(const struct chain_question *q, const struct certificates *c,
	  size_t i, const uint8_t *issued, struct chain_verdict *v,
	  struct fault *fault)
{
	struct chain_finding finding = { .index = i };
	struct bytes der = certificates_at(c, i);
	int above;

	if (judge_is_distrusted(q->judge, der, &finding.why))
		return is_spared(&finding.why, issued) ? 0 :
			add(v, &finding, fault);
	above = is_above(q->judge, der, &finding.why);
	if (above < 0)
		return fault_memory(fault);
	finding.is_above = above == 1;
	if (!finding.is_above || is_spared(&finding.why, issued))
		return 0;
	return add(v, &finding, fault);
}

/* ---- Another way ------------------------------------------------------- */

struct way {
	const struct chain_question *question;
	const struct certificates *certificates;
	size_t count;
	bool is_closed[CHAIN_MAX];	/* distrusted, or tried already */
};

static bool
reaches_authority(const struct way *w, struct bytes der,
		  const struct der_certificate *fields)
{
	const struct harvest *h = w->question->authorities;

	for (size_t i = 0; i < harvest_count(h); i++) {
		const struct harvested *a = harvest_at(h, i);
		struct judgement why;

		if (bytes_equal(a->subject, fields->issuer) &&
		    has_signed(a->spki, der) == 1 &&
		    !judge_is_distrusted(w->question->judge,
					 (struct bytes){ a->der, a->size },
					 &why))
			return true;
	}
	return false;
}

/* Those that can be reached from the first, one after another: each is
 * looked at once. */
static bool
finds_way(struct way *w)
{
	size_t queue[CHAIN_MAX] = { 0 }, queued = 1;

	if (w->is_closed[0])
		return false;
	w->is_closed[0] = true;
	for (size_t next = 0; next < queued; next++) {
		struct bytes der = certificates_at(w->certificates,
						   queue[next]);
		struct der_certificate fields, above;

		if (!der_certificate(der, &fields))
			continue;
		if (reaches_authority(w, der, &fields))
			return true;
		for (size_t i = 0; i < w->count; i++) {
			if (w->is_closed[i] || !der_certificate(
				certificates_at(w->certificates, i), &above) ||
			    !bytes_equal(above.subject, fields.issuer) ||
			    has_signed(above.spki, der) != 1)
				continue;
			w->is_closed[i] = true;
			queue[queued++] = i;
		}
	}
	return false;
}

/* What merely has a listed issuer may have another one. */
static bool
has_way_round(const struct chain_question *q, const struct certificates *c,
	      const struct chain_verdict *v)
{
	struct way way = { .question = q, .certificates = c };
	size_t count = certificates_count(c);

	way.count = count < CHAIN_MAX ? count : CHAIN_MAX;
	for (size_t i = 0; i < chain_count(v); i++) {
		const struct chain_finding *f = chain_at(v, i);

		if (f->index < CHAIN_MAX && !f->is_above)
			way.is_closed[f->index] = true;
	}
	return finds_way(&way);
}

/* ---- The whole --------------------------------------------------------- */

int
chain_judge(const struct chain_question *q, const struct certificates *c,
	    struct chain_verdict *v, struct fault *fault)
{
	const bool is_server = q->authorities != NULL;
	struct x509_facts leaf;
	const uint8_t *issued = NULL;

	*v = (struct chain_verdict){ .is_distrusted = false };
	if (is_server && certificates_count(c) > 0 &&
	    x509_read(certificates_at(c, 0), &leaf) == NULL)
		issued = leaf.dates;
	for (size_t i = 0; i < certificates_count(c); i++) {
		if (judge_one(q, c, i, issued, v, fault) != 0)
			return -1;
	}
	v->is_distrusted = chain_count(v) > 0 &&
			   !(is_server && has_way_round(q, c, v));
	return 0;
}
