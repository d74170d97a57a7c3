/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What a search must find, found by hand: every object is held against the
 * template, every rule against the certificate that it is about.  It knows
 * objects and the rules of find.h, and uses no index, no filter and no
 * search of the module; only so can it judge them.
 */

#ifndef PLAIN_H
#define PLAIN_H

#include "cryptoki.h"
#include "dn.h"
#include "lists.h"
#include "made.h"
#include "object.h"

enum { TEMPLATE = 12, FOUND = 256 };

struct template {
	CK_ULONG n;
	CK_ATTRIBUTE attribute[TEMPLATE];
};

struct found {
	unsigned n;			/* of which FOUND are kept */
	CK_OBJECT_HANDLE handle[FOUND];
};

/* What a template may name. */
static const CK_ATTRIBUTE_TYPE asked_types[] = {
	CKA_CLASS, CKA_TOKEN, CKA_PRIVATE, CKA_MODIFIABLE, CKA_COPYABLE,
	CKA_DESTROYABLE, CKA_CERTIFICATE_TYPE, CKA_TRUSTED, CKA_ISSUER,
	CKA_SERIAL_NUMBER, CKA_SUBJECT, CKA_VALUE, CKA_ID, CKA_LABEL,
	P11_CKA_UNIQUE_ID, P11KIT_CKA_DISTRUSTED, CKA_CERTIFICATE_CATEGORY,
	CKA_PUBLIC_KEY_INFO, CKA_CHECK_VALUE, CKA_START_DATE, CKA_END_DATE,
	NSS_CKA_MOZILLA_CA_POLICY, NSS_CKA_SERVER_DISTRUST_AFTER,
	NSS_CKA_EMAIL_DISTRUST_AFTER, NSS_CKA_CERT_SHA1_HASH,
	NSS_CKA_CERT_MD5_HASH, P11_CKA_HASH_OF_CERTIFICATE,
	P11_CKA_NAME_HASH_ALGORITHM, NSS_CKA_TRUST_SERVER_AUTH,
	NSS_CKA_TRUST_CLIENT_AUTH, NSS_CKA_TRUST_EMAIL_PROTECTION,
	NSS_CKA_TRUST_CODE_SIGNING, NSS_CKA_TRUST_TIME_STAMPING,
	NSS_CKA_TRUST_STEP_UP_APPROVED, P11_CKA_TRUST_SERVER_AUTH,
	P11_CKA_TRUST_CLIENT_AUTH, P11_CKA_TRUST_EMAIL_PROTECTION,
	P11_CKA_TRUST_CODE_SIGNING, P11_CKA_TRUST_OCSP_SIGNING,
	P11_CKA_PROFILE_ID, CKA_MODULUS,
};

enum { ASKED_TYPES = sizeof(asked_types) / sizeof(asked_types[0]) };

/* ---- Every object held against the template --------------------------- */

static inline bool
names(const struct template *t, CK_ATTRIBUTE_TYPE type)
{
	for (CK_ULONG i = 0; i < t->n; i++) {
		if (t->attribute[i].type == type)
			return true;
	}
	return false;
}

static inline struct bytes
asked(const struct template *t, CK_ATTRIBUTE_TYPE type)
{
	struct bytes value = { NULL, 0 };

	for (CK_ULONG i = 0; i < t->n; i++) {
		if (t->attribute[i].type == type)
			value = (struct bytes){ t->attribute[i].pValue,
						t->attribute[i].ulValueLen };
	}
	return value;
}

/* An attribute has the value, or, for a serial number, is the INTEGER of
 * which the value is the content. */
static inline bool
agrees(const struct object *o, const CK_ATTRIBUTE *a)
{
	uint8_t scratch[OBJECT_SCRATCH];
	struct bytes own = object_value(o, object_column(a->type), scratch);
	struct bytes value = { a->pValue, a->ulValueLen };

	if (own.p == NULL)
		return false;
	if (own.n == value.n &&
	    (own.n == 0 || memcmp(own.p, value.p, own.n) == 0))
		return true;
	return a->type == CKA_SERIAL_NUMBER && own.n == value.n + 2 &&
	       own.p[0] == 2 && own.p[1] == value.n &&
	       memcmp(own.p + 2, value.p, value.n) == 0;
}

/* Of a rule nobody can ask what certificates it hits; the rest must agree. */
static inline bool
is_of_the_certificate(CK_ATTRIBUTE_TYPE type)
{
	return type == CKA_ISSUER || type == CKA_SERIAL_NUMBER ||
	       type == CKA_SUBJECT || type == CKA_VALUE;
}

static inline bool
agrees_with_all(const struct object *o, const struct template *t, bool rule)
{
	for (CK_ULONG i = 0; i < t->n; i++) {
		if (rule && is_of_the_certificate(t->attribute[i].type))
			continue;
		if (!agrees(o, &t->attribute[i]))
			return false;
	}
	return true;
}

/* By a subject, and by nothing that tells certificates of one apart. */
static inline bool
is_by_subject(const struct template *t)
{
	return names(t, CKA_SUBJECT) && !names(t, CKA_SERIAL_NUMBER) &&
	       !names(t, CKA_VALUE) && !names(t, NSS_CKA_CERT_SHA1_HASH) &&
	       !names(t, P11_CKA_HASH_OF_CERTIFICATE) && !names(t, CKA_ID) &&
	       !names(t, CKA_PUBLIC_KEY_INFO);
}

/* What design.md section 5 hides: identities, unless CKA_X_DISTRUSTED is
 * asked for; from those who ask for distrust by a subject whatever is no name
 * entry; and from those who look for issuers what OneCRL has. */
static inline bool
is_shown(const struct object *o, const struct template *t)
{
	bool distrusted = names(t, P11KIT_CKA_DISTRUSTED);

	if (o->kind != KIND_CERTIFICATE)
		return true;
	if (o->entry->value.len == 0 && !distrusted)
		return false;
	if (!is_by_subject(t))
		return true;
	return distrusted ? (o->entry->flags & CATALOG_MATCH_NAME) != 0 :
			    !(o->entry->flags & CATALOG_IN_ONECRL);
}

static inline void
note(struct found *found, const struct object *o)
{
	if (found->n < FOUND)
		found->handle[found->n] = object_handle(o);
	found->n++;
}

static inline void
find_stored(struct found *found, const struct lists *lists,
	    const struct template *t, enum kind kind)
{
	struct object o;

	for (unsigned l = 0; l < lists->count; l++) {
		uint32_t n = kind == KIND_PROFILE ? OBJECT_PROFILES :
			catalog_entries(&lists->list[l].catalog);

		for (uint32_t i = 0; i < n; i++) {
			if (object_of(lists, kind, l, i, &o) &&
			    is_shown(&o, t) && agrees_with_all(&o, t, false))
				note(found, &o);
		}
	}
}

/* The first entry in force whose name rule hits a name: in these octets, or
 * else in any spelling. */
static inline uint32_t
name_rule(const struct list *list, struct bytes name)
{
	for (unsigned exact = 2; exact-- > 0;) {
		for (uint32_t i = 0; i < catalog_entries(&list->catalog);
		     i++) {
			const struct catalog_entry *e =
				catalog_entry(&list->catalog, i);
			struct bytes own = catalog_bytes(&list->catalog,
							 e->subject);

			if (list_is_on(list, e) &&
			    (e->flags & CATALOG_MATCH_NAME) &&
			    (exact ? bytes_equal(own, name) :
				     dn_equal(own, name)))
				return i;
		}
	}
	return UINT32_MAX;
}

/* The same for a key: known in full, or by its hash. */
static inline uint32_t
key_rule(const struct list *list, struct bytes spki)
{
	uint8_t hash[CATALOG_SHA256];

	made_must(x509_sha256(spki, hash) == 0);
	for (unsigned known = 2; known-- > 0;) {
		for (uint32_t i = 0; i < catalog_entries(&list->catalog);
		     i++) {
			const struct catalog_entry *e =
				catalog_entry(&list->catalog, i);
			struct bytes own = catalog_fixed(
				&list->catalog, e->spki_sha256,
				CATALOG_SHA256);

			if ((e->spki.len > 0) == known &&
			    list_is_on(list, e) &&
			    (e->flags & CATALOG_MATCH_KEY) && own.n > 0 &&
			    memcmp(own.p, hash, own.n) == 0)
				return i;
		}
	}
	return UINT32_MAX;
}

static inline uint32_t
certificate_rule(const struct list *list, struct bytes der)
{
	struct der_certificate c;
	uint32_t i;

	if (!der_certificate(der, &c))
		return UINT32_MAX;
	i = key_rule(list, c.spki);
	if (i == UINT32_MAX)
		i = name_rule(list, c.subject);
	return i != UINT32_MAX ? i : name_rule(list, c.issuer);
}

/* How many of the attributes that tell a certificate it names. */
static inline unsigned
count_of_the_certificate(const struct template *t)
{
	unsigned n = 0;

	for (CK_ULONG i = 0; i < t->n; i++)
		n += is_of_the_certificate(t->attribute[i].type);
	return n;
}

/* Whether a template asks about one certificate in a way that rules of a
 * kind answer. */
static inline bool
is_for_rules(const struct template *t, enum kind kind)
{
	unsigned about = (unsigned)names(t, CKA_ISSUER) |
			 (unsigned)names(t, CKA_SERIAL_NUMBER) << 1 |
			 (unsigned)names(t, CKA_SUBJECT) << 2 |
			 (unsigned)names(t, CKA_VALUE) << 3;
	bool distrusted = names(t, P11KIT_CKA_DISTRUSTED);

	if (count_of_the_certificate(t) > (about == 3 ? 2u : 1u))
		return false;	/* a certificate has one issuer */
	if (kind != KIND_RULE_CERTIFICATE)
		return about == 3;
	return about == 8 || (distrusted && (about == 3 || about == 4));
}

/* Whether the first list that has a trust object for the subject's name
 * refuses by it all that a rule refuses. */
static inline bool
is_by_name_anyway(const struct lists *lists, struct bytes der,
		  const struct catalog_entry *rule)
{
	struct der_certificate c;
	struct object o;

	made_must(der_certificate(der, &c));
	for (unsigned l = 0; l < lists->count; l++) {
		if (object_of(lists, KIND_RULE_NSS_TRUST, l,
			      name_rule(&lists->list[l], c.subject), &o))
			return (rule->flags & CATALOG_USAGE_ALL &
				~o.entry->flags) == 0;
	}
	return false;
}

static inline uint32_t
rule_for(const struct lists *lists, const struct template *t,
	 const struct list *list)
{
	if (names(t, CKA_VALUE)) {
		struct bytes der = asked(t, CKA_VALUE);
		uint32_t i = certificate_rule(list, der);

		return i != UINT32_MAX && !names(t, P11KIT_CKA_DISTRUSTED) &&
		       is_by_name_anyway(lists, der,
					 catalog_entry(&list->catalog, i)) ?
			       UINT32_MAX : i;
	}
	return name_rule(list, asked(t, names(t, CKA_ISSUER) ? CKA_ISSUER :
							       CKA_SUBJECT));
}

static inline void
find_ruled(struct found *found, const struct lists *lists,
	   const struct template *t, enum kind kind)
{
	struct object o;

	if (!is_for_rules(t, kind))
		return;
	for (unsigned l = 0; l < lists->count; l++) {
		if (object_of(lists, kind, l,
			      rule_for(lists, t, &lists->list[l]), &o) &&
		    agrees_with_all(&o, t, true))
			note(found, &o);
	}
}

/* One after another, the second only where the first has no answer. */
static inline void
find_either(struct found *found, const struct lists *lists,
	    const struct template *t, enum kind kind, enum kind otherwise)
{
	unsigned before = found->n;

	for (unsigned i = 0; i < 2 && found->n == before; i++) {
		enum kind k = i == 0 ? kind : otherwise;

		if (k == KIND_RULE_CERTIFICATE || k == KIND_RULE_NSS_TRUST ||
		    k == KIND_RULE_TRUST)
			find_ruled(found, lists, t, k);
		else
			find_stored(found, lists, t, k);
	}
}

static inline struct found
search_by_hand(const struct lists *lists, const struct template *t)
{
	struct found found = { 0 };

	find_either(&found, lists, t, KIND_CERTIFICATE,
		    KIND_RULE_CERTIFICATE);
	find_either(&found, lists, t, KIND_RULE_NSS_TRUST, KIND_NSS_TRUST);
	find_either(&found, lists, t, KIND_RULE_TRUST, KIND_TRUST);
	find_stored(&found, lists, t, KIND_PROFILE);
	return found;
}

/* ---- Comparing -------------------------------------------------------- */

static inline bool
found_has(const struct found *found, CK_OBJECT_HANDLE handle)
{
	for (unsigned i = 0; i < found->n; i++) {
		if (found->handle[i] == handle)
			return true;
	}
	return false;
}

static inline enum kind
found_kind(const struct lists *lists, CK_OBJECT_HANDLE handle)
{
	struct object o = { 0 };

	made_must(object_open(lists, handle, &o));
	return o.kind;
}

/* The same objects, each once, kind after kind. */
static inline bool
is_same_answer(const struct lists *lists, const struct found *found,
	       const struct found *due)
{
	for (unsigned i = 0; i < found->n; i++) {
		if (!found_has(due, found->handle[i]))
			return false;
		if (i > 0 && found_kind(lists, found->handle[i]) <
			     found_kind(lists, found->handle[i - 1]))
			return false;
	}
	for (unsigned i = 0; i < due->n; i++) {
		if (!found_has(found, due->handle[i]))
			return false;
	}
	return found->n == due->n;
}

#endif
