/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Entries as objects: which attributes each kind has, with which values, as
 * a table; what usages, dates and missing facts change; handles; and what
 * the built-in list must never show.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "builtin.h"
#include "cryptoki.h"
#include "flags.h"
#include "lists.h"
#include "made.h"
#include "object.h"
#include "random.h"

/* ---- Entries ---------------------------------------------------------- */

enum who {
	ROOT,		/* known in full, by all rules, for all usages */
	FORMER,		/* known in full, certificate alone, no authority */
	SERVERS,	/* for servers alone */
	MAILS,		/* for mail alone */
	LATER,		/* if issued after a day */
	MAILS_LATER,
	IDENTITY,	/* issuer, serial and hashes */
	SHA1_ALONE,	/* issuer, serial and SHA-1 */
	BARE,		/* issuer and serial */
	BARE_NAME,	/* a subject, for its name rule */
	BARE_KEY,	/* a key's hash */
	OFF,		/* its group is off */
	EVERYBODY
};

static const char after[] = "190401000000Z";

static const struct {
	const char *cn;
	uint32_t flags;
	const char *after;
	bool whole, hashes;
} people[EVERYBODY] = {
	[ROOT] = { "Root", CERTIFICATE | NAME | KEY | ALL | CA, NULL, true,
		   true },
	[FORMER] = { "Former", CERTIFICATE | ALL, NULL, true, true },
	[SERVERS] = { "Servers", CERTIFICATE | NAME | SERVER | CA, NULL, true,
		      true },
	[MAILS] = { "Mails", CERTIFICATE | NAME | EMAIL | CA, NULL, true,
		    true },
	[LATER] = { "Later", CERTIFICATE | NAME | ALL | CA, after, true,
		    true },
	[MAILS_LATER] = { "Mails later", CERTIFICATE | EMAIL | CA, after,
			  true, true },
	[IDENTITY] = { "Identity", CERTIFICATE | ALL, NULL, false, true },
	[SHA1_ALONE] = { "SHA-1", CERTIFICATE | ALL, NULL, false, true },
	[BARE] = { "Bare", CERTIFICATE | ALL, NULL, false, false },
	[BARE_NAME] = { "Bare name", NAME | ALL, NULL, false, false },
	[BARE_KEY] = { "K", KEY | ALL, NULL, false, false },
	[OFF] = { "Off", CERTIFICATE | NAME | KEY | ALL, NULL, true, true },
};

static struct made made;
static struct lists lists;

static void
add(enum who who, uint32_t group)
{
	static struct encoded name, serial, key, der;
	struct made_entry e = {
		.label = people[who].cn, .flags = people[who].flags,
		.after = people[who].after, .group = group,
		.hashes = people[who].hashes,
	};

	made_name(&name, 0x0c, people[who].cn);
	made_integer(&serial, made_text(people[who].cn));
	made_key(&key, people[who].cn);
	if (people[who].whole) {
		e.certificate = made_certificate(
			&der, encoded_bytes(&name), encoded_bytes(&serial),
			encoded_bytes(&name), encoded_bytes(&key));
	} else if (who == BARE_NAME) {
		e.subject = encoded_bytes(&name);
	} else if (who == BARE_KEY) {
		e.spki = encoded_bytes(&key);
	} else {
		e.issuer = encoded_bytes(&name);
		e.serial = encoded_bytes(&serial);
	}
	made_add(&made, e);
}

static int
make_lists(void **state)
{
	uint32_t on, off;

	(void)state;
	made_begin(&made);
	on = made_group(&made, "on", true);
	off = made_group(&made, "off", false);
	for (enum who who = 0; who < EVERYBODY; who++)
		add(who, who == OFF ? off : on);
	records_entry(&made.records, SHA1_ALONE)->sha256 = 0;
	made_end(&made);
	lists_add(&lists, &made.catalog);
	return 0;
}

static int
free_lists(void **state)
{
	(void)state;
	made_free(&made);
	return 0;
}

/* ---- Values by name --------------------------------------------------- */

/* Where the value that is due comes from. */
enum due {
	NONE,		/* the object does not have it */
	EMPTY,
	TRUE_, FALSE_,
	CLASS_CERTIFICATE, CLASS_NSS_TRUST, CLASS_TRUST, CLASS_PROFILE,
	ZERO, AUTHORITY,
	VALUE, ISSUER, SERIAL, SUBJECT, SPKI, LABEL, ID,
	SHA1, SHA1_3, MD5, SHA256, BEGINS, ENDS,
	ALWAYS, AFTER_DAY,
	NSS_NOT_TRUSTED, NSS_UNKNOWN, P11_NOT_TRUSTED,
	BY_SHA1, BY_SHA256,
	PROFILE_BASE, SOMETHING,
};

static struct bytes
ulong_of(CK_ULONG value)
{
	static CK_ULONG kept;

	kept = value;
	return (struct bytes){ (const uint8_t *)&kept, sizeof(kept) };
}

static struct bytes
due_number(enum due due)
{
	switch (due) {
	case CLASS_CERTIFICATE: return ulong_of(1);
	case CLASS_NSS_TRUST: return ulong_of(0xce534353);
	case CLASS_TRUST: return ulong_of(0x0b);
	case CLASS_PROFILE: return ulong_of(9);
	case AUTHORITY: return ulong_of(2);
	case NSS_NOT_TRUSTED: return ulong_of(0xce53435a);
	case NSS_UNKNOWN: return ulong_of(0xce534355);
	case P11_NOT_TRUSTED: return ulong_of(3);
	case BY_SHA1: return ulong_of(0x220);
	case BY_SHA256: return ulong_of(0x250);
	case PROFILE_BASE: return ulong_of(1);
	default: return ulong_of(0);
	}
}

static struct bytes
first(struct bytes b, size_t from, size_t n)
{
	return (struct bytes){ b.p + from, n };
}

static struct bytes
due_octets(const struct catalog_entry *e, enum due due)
{
	const struct catalog *c = &made.catalog;

	switch (due) {
	case EMPTY: return made_text("");
	case TRUE_: return first(made_text("\1"), 0, 1);
	case FALSE_: return (struct bytes){ (const uint8_t *)"\0", 1 };
	case VALUE: return catalog_bytes(c, e->value);
	case ISSUER: return catalog_bytes(c, e->issuer);
	case SERIAL: return catalog_bytes(c, e->serial);
	case SUBJECT: return catalog_bytes(c, e->subject);
	case SPKI: return catalog_bytes(c, e->spki);
	case LABEL: return catalog_bytes(c, e->label);
	case ID: return catalog_fixed(c, e->id, 20);
	case SHA1: return catalog_fixed(c, e->sha1, 20);
	case SHA1_3: return catalog_fixed(c, e->sha1, 3);
	case MD5: return catalog_fixed(c, e->md5, 16);
	case SHA256: return catalog_fixed(c, e->sha256, 32);
	case BEGINS: return made_text("20200101");
	case ENDS: return made_text("20400101");
	case ALWAYS: return made_text("000101000000Z");
	case AFTER_DAY: return made_text(after);
	default: return due_number(due);
	}
}

static void
assert_attribute(const struct object *o, CK_ATTRIBUTE_TYPE type, enum due due)
{
	uint8_t scratch[OBJECT_SCRATCH];
	struct bytes value = object_value(o, object_column(type), scratch);
	bool good;

	if (due == NONE)
		good = value.p == NULL;
	else if (due == SOMETHING)
		good = value.p != NULL && value.n > 0;
	else
		good = value.p != NULL &&
		       bytes_equal(value, due_octets(o->entry, due));
	if (!good)
		fail_msg("%s, kind %d, attribute 0x%lx",
			 o->entry != NULL ? people[o->index].cn : "profile",
			 o->kind, type);
}

/* ---- What each kind has ----------------------------------------------- */

/* Of the entry that has everything; in this order of kinds: */
static const enum kind kinds[] = {
	KIND_CERTIFICATE, KIND_RULE_CERTIFICATE, KIND_NSS_TRUST,
	KIND_RULE_NSS_TRUST, KIND_TRUST, KIND_RULE_TRUST, KIND_PROFILE,
};

static const struct {
	CK_ATTRIBUTE_TYPE type;
	enum due due[KINDS];
} attributes[] = {
	{ CKA_CLASS, { CLASS_CERTIFICATE, CLASS_CERTIFICATE, CLASS_NSS_TRUST,
		       CLASS_NSS_TRUST, CLASS_TRUST, CLASS_TRUST,
		       CLASS_PROFILE } },
	{ CKA_TOKEN, { TRUE_, TRUE_, TRUE_, TRUE_, TRUE_, TRUE_, TRUE_ } },
	{ CKA_PRIVATE,
	  { FALSE_, FALSE_, FALSE_, FALSE_, FALSE_, FALSE_, FALSE_ } },
	{ CKA_MODIFIABLE,
	  { FALSE_, FALSE_, FALSE_, FALSE_, FALSE_, FALSE_, FALSE_ } },
	{ CKA_COPYABLE,
	  { FALSE_, FALSE_, FALSE_, FALSE_, FALSE_, FALSE_, FALSE_ } },
	{ CKA_DESTROYABLE,
	  { FALSE_, FALSE_, FALSE_, FALSE_, FALSE_, FALSE_, FALSE_ } },
	{ P11_CKA_UNIQUE_ID, { SOMETHING, SOMETHING, SOMETHING, SOMETHING,
			       SOMETHING, SOMETHING, SOMETHING } },
	{ CKA_LABEL, { LABEL, LABEL, LABEL, LABEL, LABEL, LABEL } },
	{ CKA_CERTIFICATE_TYPE, { ZERO, ZERO } },
	{ CKA_TRUSTED, { FALSE_, FALSE_ } },
	{ P11KIT_CKA_DISTRUSTED, { TRUE_, TRUE_ } },
	{ CKA_CERTIFICATE_CATEGORY, { AUTHORITY } },
	{ CKA_VALUE, { VALUE } },
	{ CKA_ISSUER, { ISSUER, NONE, ISSUER, NONE, ISSUER } },
	{ CKA_SERIAL_NUMBER, { SERIAL, NONE, SERIAL, NONE, SERIAL } },
	{ CKA_SUBJECT, { SUBJECT } },
	{ CKA_ID, { ID } },
	{ CKA_PUBLIC_KEY_INFO, { SPKI } },
	{ CKA_CHECK_VALUE, { SHA1_3 } },
	{ CKA_START_DATE, { BEGINS } },
	{ CKA_END_DATE, { ENDS } },
	/* Its name is refused: Firefox needs no day */
	{ NSS_CKA_MOZILLA_CA_POLICY, { NONE, TRUE_ } },
	{ NSS_CKA_SERVER_DISTRUST_AFTER, { ALWAYS, ALWAYS } },
	{ NSS_CKA_EMAIL_DISTRUST_AFTER, { ALWAYS, ALWAYS } },
	/* A rule's trust object has them, but empty: NSS asks once more for
	 * what is missing, and drops all trust where a hash is another's. */
	{ NSS_CKA_CERT_SHA1_HASH, { SHA1, NONE, SHA1, EMPTY } },
	{ NSS_CKA_CERT_MD5_HASH, { MD5, NONE, MD5, EMPTY } },
	{ P11_CKA_HASH_OF_CERTIFICATE,
	  { SHA256, NONE, NONE, NONE, SHA256, EMPTY } },
	{ P11_CKA_NAME_HASH_ALGORITHM,
	  { BY_SHA256, NONE, NONE, NONE, BY_SHA256, BY_SHA1 } },
	{ NSS_CKA_TRUST_STEP_UP_APPROVED, { NONE, NONE, FALSE_, FALSE_ } },
	{ NSS_CKA_TRUST_SERVER_AUTH,
	  { NONE, NONE, NSS_NOT_TRUSTED, NSS_NOT_TRUSTED } },
	{ NSS_CKA_TRUST_CLIENT_AUTH,
	  { NONE, NONE, NSS_NOT_TRUSTED, NSS_NOT_TRUSTED } },
	{ NSS_CKA_TRUST_EMAIL_PROTECTION,
	  { NONE, NONE, NSS_NOT_TRUSTED, NSS_NOT_TRUSTED } },
	{ NSS_CKA_TRUST_CODE_SIGNING,
	  { NONE, NONE, NSS_NOT_TRUSTED, NSS_NOT_TRUSTED } },
	{ NSS_CKA_TRUST_IPSEC_END_SYSTEM,
	  { NONE, NONE, NSS_NOT_TRUSTED, NSS_NOT_TRUSTED } },
	{ NSS_CKA_TRUST_IPSEC_TUNNEL,
	  { NONE, NONE, NSS_NOT_TRUSTED, NSS_NOT_TRUSTED } },
	{ NSS_CKA_TRUST_IPSEC_USER,
	  { NONE, NONE, NSS_NOT_TRUSTED, NSS_NOT_TRUSTED } },
	{ NSS_CKA_TRUST_TIME_STAMPING,
	  { NONE, NONE, NSS_NOT_TRUSTED, NSS_NOT_TRUSTED } },
	{ P11_CKA_TRUST_SERVER_AUTH,
	  { NONE, NONE, NONE, NONE, P11_NOT_TRUSTED, P11_NOT_TRUSTED } },
	{ P11_CKA_TRUST_CLIENT_AUTH,
	  { NONE, NONE, NONE, NONE, P11_NOT_TRUSTED, P11_NOT_TRUSTED } },
	{ P11_CKA_TRUST_EMAIL_PROTECTION,
	  { NONE, NONE, NONE, NONE, P11_NOT_TRUSTED, P11_NOT_TRUSTED } },
	{ P11_CKA_TRUST_CODE_SIGNING,
	  { NONE, NONE, NONE, NONE, P11_NOT_TRUSTED, P11_NOT_TRUSTED } },
	{ P11_CKA_TRUST_IPSEC_IKE,
	  { NONE, NONE, NONE, NONE, P11_NOT_TRUSTED, P11_NOT_TRUSTED } },
	{ P11_CKA_TRUST_TIME_STAMPING,
	  { NONE, NONE, NONE, NONE, P11_NOT_TRUSTED, P11_NOT_TRUSTED } },
	{ P11_CKA_TRUST_OCSP_SIGNING,
	  { NONE, NONE, NONE, NONE, P11_NOT_TRUSTED, P11_NOT_TRUSTED } },
	{ P11_CKA_PROFILE_ID,
	  { NONE, NONE, NONE, NONE, NONE, NONE, PROFILE_BASE } },
	{ CKA_MODULUS, { NONE } },
	{ CKA_OWNER, { NONE } },
	{ CKA_APPLICATION, { NONE } },
	{ CKA_ALLOWED_MECHANISMS, { NONE } },
	{ 0xdeadbeefUL, { NONE } },
	{ ~0UL, { NONE } },
};
enum { ATTRIBUTES = sizeof(attributes) / sizeof(attributes[0]) };

static struct object
object(enum kind kind, uint32_t index)
{
	struct object o;

	assert_true(object_of(&lists, kind, 0, index, &o));
	return o;
}

static void
each_kind_has_its_attributes(void **state)
{
	(void)state;
	for (unsigned k = 0; k < KINDS; k++) {
		struct object o = object(kinds[k], ROOT);

		for (unsigned i = 0; i < ATTRIBUTES; i++)
			assert_attribute(&o, attributes[i].type,
					 attributes[i].due[k]);
	}
}

/* ---- What changes them ------------------------------------------------ */

static const struct {
	enum who who;
	enum kind kind;
	CK_ATTRIBUTE_TYPE type;
	enum due due;
} variants[] = {
	{ FORMER, KIND_CERTIFICATE, CKA_PUBLIC_KEY_INFO, NONE },
	{ FORMER, KIND_CERTIFICATE, CKA_CERTIFICATE_CATEGORY, ZERO },
	{ FORMER, KIND_CERTIFICATE, CKA_SUBJECT, SUBJECT },
	{ FORMER, KIND_CERTIFICATE, NSS_CKA_MOZILLA_CA_POLICY, TRUE_ },
	{ LATER, KIND_CERTIFICATE, NSS_CKA_MOZILLA_CA_POLICY, TRUE_ },
	{ BARE_KEY, KIND_RULE_CERTIFICATE, NSS_CKA_MOZILLA_CA_POLICY, TRUE_ },
	{ SERVERS, KIND_CERTIFICATE, P11KIT_CKA_DISTRUSTED, TRUE_ },
	{ SERVERS, KIND_CERTIFICATE, NSS_CKA_SERVER_DISTRUST_AFTER, ALWAYS },
	{ SERVERS, KIND_CERTIFICATE, NSS_CKA_EMAIL_DISTRUST_AFTER, FALSE_ },
	{ SERVERS, KIND_NSS_TRUST, NSS_CKA_TRUST_SERVER_AUTH,
	  NSS_NOT_TRUSTED },
	{ SERVERS, KIND_NSS_TRUST, NSS_CKA_TRUST_CLIENT_AUTH, NSS_UNKNOWN },
	{ SERVERS, KIND_NSS_TRUST, NSS_CKA_TRUST_EMAIL_PROTECTION,
	  NSS_UNKNOWN },
	{ SERVERS, KIND_NSS_TRUST, NSS_CKA_TRUST_CODE_SIGNING, NSS_UNKNOWN },
	{ SERVERS, KIND_NSS_TRUST, NSS_CKA_TRUST_IPSEC_USER, NSS_UNKNOWN },
	{ SERVERS, KIND_RULE_NSS_TRUST, NSS_CKA_TRUST_SERVER_AUTH,
	  NSS_NOT_TRUSTED },
	{ SERVERS, KIND_RULE_NSS_TRUST, NSS_CKA_TRUST_EMAIL_PROTECTION,
	  NSS_UNKNOWN },
	{ SERVERS, KIND_TRUST, P11_CKA_TRUST_SERVER_AUTH, P11_NOT_TRUSTED },
	{ SERVERS, KIND_TRUST, P11_CKA_TRUST_CLIENT_AUTH, ZERO },
	{ SERVERS, KIND_TRUST, P11_CKA_TRUST_OCSP_SIGNING, ZERO },
	{ SERVERS, KIND_RULE_TRUST, P11_CKA_TRUST_SERVER_AUTH,
	  P11_NOT_TRUSTED },
	{ SERVERS, KIND_RULE_TRUST, P11_CKA_TRUST_CODE_SIGNING, ZERO },
	{ MAILS, KIND_CERTIFICATE, P11KIT_CKA_DISTRUSTED, NONE },
	{ MAILS, KIND_RULE_CERTIFICATE, P11KIT_CKA_DISTRUSTED, NONE },
	{ MAILS, KIND_CERTIFICATE, NSS_CKA_SERVER_DISTRUST_AFTER, FALSE_ },
	{ MAILS, KIND_CERTIFICATE, NSS_CKA_EMAIL_DISTRUST_AFTER, ALWAYS },
	{ MAILS, KIND_NSS_TRUST, NSS_CKA_TRUST_SERVER_AUTH, NSS_UNKNOWN },
	{ MAILS, KIND_NSS_TRUST, NSS_CKA_TRUST_EMAIL_PROTECTION,
	  NSS_NOT_TRUSTED },
	{ MAILS, KIND_TRUST, P11_CKA_TRUST_EMAIL_PROTECTION,
	  P11_NOT_TRUSTED },
	{ LATER, KIND_CERTIFICATE, P11KIT_CKA_DISTRUSTED, NONE },
	{ LATER, KIND_CERTIFICATE, CKA_TRUSTED, FALSE_ },
	{ LATER, KIND_CERTIFICATE, NSS_CKA_SERVER_DISTRUST_AFTER,
	  AFTER_DAY },
	{ LATER, KIND_CERTIFICATE, NSS_CKA_EMAIL_DISTRUST_AFTER, AFTER_DAY },
	{ LATER, KIND_RULE_CERTIFICATE, NSS_CKA_SERVER_DISTRUST_AFTER,
	  AFTER_DAY },
	{ MAILS_LATER, KIND_CERTIFICATE, NSS_CKA_SERVER_DISTRUST_AFTER,
	  FALSE_ },
	{ MAILS_LATER, KIND_CERTIFICATE, NSS_CKA_EMAIL_DISTRUST_AFTER,
	  AFTER_DAY },
	{ IDENTITY, KIND_CERTIFICATE, CKA_VALUE, NONE },
	{ IDENTITY, KIND_CERTIFICATE, CKA_SUBJECT, NONE },
	{ IDENTITY, KIND_CERTIFICATE, CKA_ISSUER, ISSUER },
	{ IDENTITY, KIND_CERTIFICATE, CKA_SERIAL_NUMBER, SERIAL },
	{ IDENTITY, KIND_CERTIFICATE, CKA_START_DATE, NONE },
	{ IDENTITY, KIND_CERTIFICATE, CKA_END_DATE, NONE },
	{ IDENTITY, KIND_CERTIFICATE, P11KIT_CKA_DISTRUSTED, TRUE_ },
	/* NSS drops all trust where a hash does not match, and these are not
	 * of our making. */
	{ IDENTITY, KIND_NSS_TRUST, NSS_CKA_CERT_SHA1_HASH, EMPTY },
	{ IDENTITY, KIND_NSS_TRUST, NSS_CKA_CERT_MD5_HASH, EMPTY },
	{ IDENTITY, KIND_TRUST, P11_CKA_HASH_OF_CERTIFICATE, EMPTY },
	{ IDENTITY, KIND_CERTIFICATE, P11_CKA_HASH_OF_CERTIFICATE, SHA256 },
	{ SHA1_ALONE, KIND_TRUST, P11_CKA_HASH_OF_CERTIFICATE, EMPTY },
	{ SHA1_ALONE, KIND_TRUST, P11_CKA_NAME_HASH_ALGORITHM, BY_SHA1 },
	{ SHA1_ALONE, KIND_CERTIFICATE, P11_CKA_HASH_OF_CERTIFICATE, SHA1 },
	{ BARE, KIND_NSS_TRUST, NSS_CKA_CERT_SHA1_HASH, EMPTY },
	{ BARE, KIND_NSS_TRUST, NSS_CKA_CERT_MD5_HASH, EMPTY },
	{ BARE, KIND_TRUST, P11_CKA_HASH_OF_CERTIFICATE, EMPTY },
	{ BARE, KIND_CERTIFICATE, NSS_CKA_CERT_SHA1_HASH, NONE },
	{ BARE, KIND_CERTIFICATE, P11_CKA_HASH_OF_CERTIFICATE, NONE },
	{ BARE, KIND_CERTIFICATE, P11_CKA_NAME_HASH_ALGORITHM, NONE },
	{ BARE, KIND_CERTIFICATE, CKA_CHECK_VALUE, NONE },
	{ BARE, KIND_CERTIFICATE, CKA_ID, ID },
	{ BARE_NAME, KIND_RULE_CERTIFICATE, CKA_LABEL, LABEL },
	{ BARE_NAME, KIND_RULE_CERTIFICATE, CKA_SUBJECT, NONE },
	{ BARE_NAME, KIND_RULE_NSS_TRUST, NSS_CKA_TRUST_SERVER_AUTH,
	  NSS_NOT_TRUSTED },
	{ BARE_KEY, KIND_RULE_CERTIFICATE, P11KIT_CKA_DISTRUSTED, TRUE_ },
	{ BARE_KEY, KIND_RULE_CERTIFICATE, CKA_PUBLIC_KEY_INFO, NONE },
	{ BARE_KEY, KIND_RULE_CERTIFICATE, CKA_LABEL, LABEL },	/* "K" */
};

static void
usages_dates_and_missing_facts_change_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		struct object o = object(variants[i].kind, variants[i].who);

		assert_attribute(&o, variants[i].type, variants[i].due);
	}
}

/* ---- Which kinds there are -------------------------------------------- */

/* A letter a kind: Certificate, NSS trust, Trust; small for a rule's. */
static const char letters[KINDS + 1] = {
	[KIND_CERTIFICATE] = 'C', [KIND_RULE_CERTIFICATE] = 'c',
	[KIND_RULE_NSS_TRUST] = 'n', [KIND_NSS_TRUST] = 'N',
	[KIND_RULE_TRUST] = 't', [KIND_TRUST] = 'T', [KIND_PROFILE] = 'P',
};

static const char *const kinds_of[EVERYBODY] = {
	[ROOT] = "CcnNtT", [FORMER] = "CNT", [SERVERS] = "CcnNtT",
	[MAILS] = "CcnNtT", [LATER] = "Cc", [MAILS_LATER] = "C",
	[IDENTITY] = "CNT", [SHA1_ALONE] = "CNT", [BARE] = "CNT",
	[BARE_NAME] = "cnt", [BARE_KEY] = "c", [OFF] = "",
};

static void
an_entry_has_the_kinds_that_it_can_fill(void **state)
{
	(void)state;
	for (enum who who = 0; who < EVERYBODY; who++) {
		char found[KINDS + 1] = "";
		size_t n = 0;
		struct object o;

		for (enum kind kind = 0; kind < KIND_PROFILE; kind++) {
			if (object_of(&lists, kind, 0, who, &o))
				found[n++] = letters[kind];
		}
		assert_string_equal(found, kinds_of[who]);
	}
}

/* ---- Handles ---------------------------------------------------------- */

static void
a_handle_is_one_object(void **state)
{
	struct object o, again;

	(void)state;
	for (enum kind kind = 0; kind < KINDS; kind++) {
		for (uint32_t i = 0; i < EVERYBODY + 2; i++) {
			bool there = object_of(&lists, kind, 0, i, &o);
			CK_OBJECT_HANDLE handle = object_handle(&o);

			assert_true(handle != CK_INVALID_HANDLE);
			assert_true(object_open(&lists, handle, &again) ==
				    there);
			if (!there)
				continue;
			assert_int_equal(again.kind, kind);
			assert_int_equal(again.index, i);
			assert_ptr_equal(again.entry, o.entry);
			assert_true(object_handle(&again) == handle);
		}
	}
}

static void
any_other_handle_is_none(void **state)
{
	struct object o;

	(void)state;
	random_seed(14);
	assert_false(object_open(&lists, CK_INVALID_HANDLE, &o));
	assert_false(object_open(&lists, ~0UL, &o));
	for (unsigned i = 0; i < 1000000; i++) {
		CK_OBJECT_HANDLE handle = random_next();

		if (random_once_in(2))
			handle &= 0xffff;
		if (object_open(&lists, handle, &o))
			assert_true(object_handle(&o) == handle);
	}
}

/* ---- The built-in list ------------------------------------------------ */

static struct lists builtin;

static const struct lists *
built_in(void)
{
	struct catalog c;

	if (builtin.count == 0) {
		assert_int_equal(catalog_open(&c, builtin_catalog,
					      builtin_catalog_size), 0);
		lists_add(&builtin, &c);
		memset(builtin.list[0].off, 0, sizeof(builtin.list[0].off));
	}
	return &builtin;
}

struct unique {
	char id[OBJECT_SCRATCH + 1];
};

static int
compare_unique(const void *a, const void *b)
{
	return strcmp(((const struct unique *)a)->id,
		      ((const struct unique *)b)->id);
}

static void
no_two_objects_share_a_unique_id(void **state)
{
	static struct unique ids[65536];
	const struct lists *l = built_in();
	uint8_t scratch[OBJECT_SCRATCH];
	size_t n = 0;

	(void)state;
	for (enum kind kind = 0; kind < KINDS; kind++) {
		for (uint32_t i = 0;
		     i < catalog_entries(&l->list[0].catalog); i++) {
			struct object o;
			struct bytes id;

			if (!object_of(l, kind, 0, i, &o))
				continue;
			id = object_value(&o, COLUMN_UNIQUE_ID, scratch);
			assert_true(id.n > 0 && n < 65536);
			memcpy(ids[n++].id, id.p, id.n);
		}
	}
	assert_true(n > 500);
	qsort(ids, n, sizeof(ids[0]), compare_unique);
	for (size_t i = 1; i < n; i++)
		assert_string_not_equal(ids[i - 1].id, ids[i].id);
}

/* NSS up to 3.113 takes a root whose CKA_ID is zero for a trusted one; the
 * class of a root list would put us behind the user's own trust. */
static void
nothing_turns_the_distrust_off(void **state)
{
	static const uint8_t zero[CATALOG_ID];
	const struct lists *l = built_in();
	uint8_t scratch[OBJECT_SCRATCH];
	CK_OBJECT_CLASS class;

	(void)state;
	for (enum kind kind = 0; kind < KINDS; kind++) {
		for (uint32_t i = 0;
		     i < catalog_entries(&l->list[0].catalog); i++) {
			struct object o;
			struct bytes b;

			if (!object_of(l, kind, 0, i, &o))
				continue;
			b = object_value(&o, COLUMN_CLASS, scratch);
			assert_int_equal(b.n, sizeof(class));
			memcpy(&class, b.p, sizeof(class));
			assert_true(class != NSS_CKO_BUILTIN_ROOT_LIST);
			b = object_value(&o, COLUMN_ID, scratch);
			if (kind == KIND_CERTIFICATE)
				assert_true(b.n == CATALOG_ID &&
					    memcmp(b.p, zero, b.n) != 0);
			b = object_value(&o, COLUMN_LABEL, scratch);
			if (kind != KIND_PROFILE)
				assert_true(b.n > 0 && b.n <= 64);
		}
	}
}

/* ---- As p11-kit reads an object --------------------------------------- */

enum { TYPES = 230 };

/* All that we have, and numbers that nobody has. */
static void
fill_types(CK_ATTRIBUTE *template)
{
	for (CK_ULONG i = 0; i < TYPES; i++)
		template[i] = (CK_ATTRIBUTE){
			i < ATTRIBUTES ? attributes[i].type : 0x40000000 + i,
			NULL, 0 };
}

static CK_SESSION_HANDLE
new_session(void)
{
	CK_SESSION_HANDLE session;

	assert_int_equal(C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL,
				       &session), CKR_OK);
	return session;
}

static CK_ULONG
all_objects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects,
	    CK_ULONG max)
{
	CK_ULONG n = 0;

	assert_int_equal(C_FindObjectsInit(session, NULL, 0), CKR_OK);
	assert_int_equal(C_FindObjects(session, objects, max, &n), CKR_OK);
	assert_int_equal(C_FindObjectsFinal(session), CKR_OK);
	return n;
}

/* The sizes, then the values, then each with an octet too few, then each by
 * itself: always the same story. */
static void
assert_long_template(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
	static CK_ATTRIBUTE template[TYPES], single;
	static uint8_t values[TYPES][8192], alone[8192];
	CK_ULONG sizes[TYPES];

	fill_types(template);
	assert_int_equal(C_GetAttributeValue(session, object, template,
					     TYPES),
			 CKR_ATTRIBUTE_TYPE_INVALID);
	for (unsigned i = 0; i < TYPES; i++) {
		sizes[i] = template[i].ulValueLen;
		assert_true(sizes[i] <= sizeof(alone) ||
			    sizes[i] == CK_UNAVAILABLE_INFORMATION);
		template[i].pValue = values[i];
		template[i].ulValueLen = sizeof(values[i]);
	}
	assert_int_equal(C_GetAttributeValue(session, object, template,
					     TYPES),
			 CKR_ATTRIBUTE_TYPE_INVALID);
	for (unsigned i = 0; i < TYPES; i++) {
		assert_true(template[i].ulValueLen == sizes[i]);
		single = (CK_ATTRIBUTE){ template[i].type, alone,
					 sizeof(alone) };
		assert_int_equal(
			C_GetAttributeValue(session, object, &single, 1),
			sizes[i] == CK_UNAVAILABLE_INFORMATION ?
			CKR_ATTRIBUTE_TYPE_INVALID : CKR_OK);
		assert_true(single.ulValueLen == sizes[i]);
		if (sizes[i] == CK_UNAVAILABLE_INFORMATION || sizes[i] == 0)
			continue;
		assert_memory_equal(alone, values[i], sizes[i]);
		single.ulValueLen = sizes[i] - 1;
		assert_int_equal(
			C_GetAttributeValue(session, object, &single, 1),
			CKR_BUFFER_TOO_SMALL);
		assert_true(single.ulValueLen == CK_UNAVAILABLE_INFORMATION);
	}
}

static void
a_long_template_is_answered_in_part(void **state)
{
	static CK_OBJECT_HANDLE objects[65536];
	CK_SESSION_HANDLE session;
	CK_ULONG n;

	(void)state;
	assert_int_equal(C_Initialize(NULL), CKR_OK);
	session = new_session();
	n = all_objects(session, objects, 65536);
	assert_true(n > 100 && n < 65536);
	for (CK_ULONG i = 0; i < n; i += 1 + n / 200)
		assert_long_template(session, objects[i]);
	assert_long_template(session, objects[n - 1]);
	assert_int_equal(C_Finalize(NULL), CKR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_has_its_attributes),
		cmocka_unit_test(usages_dates_and_missing_facts_change_them),
		cmocka_unit_test(an_entry_has_the_kinds_that_it_can_fill),
		cmocka_unit_test(a_handle_is_one_object),
		cmocka_unit_test(any_other_handle_is_none),
		cmocka_unit_test(no_two_objects_share_a_unique_id),
		cmocka_unit_test(nothing_turns_the_distrust_off),
		cmocka_unit_test(a_long_template_is_answered_in_part),
	};

	setenv("XDG_DATA_HOME", "/nonexistent", 1);
	return cmocka_run_group_tests_name("object", tests, make_lists,
					   free_lists);
}
