/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Searches: what real programs ask and what they must get, as a table; and
 * random templates, whose answer must be what one gets by holding every
 * object against the template.  The lists are small and hold an entry of
 * every sort.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "cryptoki.h"
#include "object.h"
#include "people.h"
#include "plain.h"
#include "random.h"
#include "search.h"

/* ---- Searching -------------------------------------------------------- */

static void
ask(struct template *t, CK_ATTRIBUTE_TYPE type, struct bytes value)
{
	made_must(t->n < TEMPLATE);
	t->attribute[t->n++] = (CK_ATTRIBUTE){
		/* Nobody writes to a template that is searched for. */
		type, (void *)(uintptr_t)value.p, value.n,
	};
}

static struct found
search(const struct template *t)
{
	struct found found = { 0 };
	struct search s;
	CK_OBJECT_HANDLE handle;

	assert_int_equal(search_begin(&s, &both, t->attribute, t->n),
			 CKR_OK);
	while ((handle = search_next(&s, &both)) != CK_INVALID_HANDLE) {
		assert_true(found.n < FOUND);
		found.handle[found.n++] = handle;
	}
	assert_true(search_is_over(&s));
	assert_true(search_next(&s, &both) == CK_INVALID_HANDLE);
	return found;
}

/* A letter for each kind: certificates, NSS trust, trust, profiles; small
 * where a rule answers. */
static const char letters[KINDS] = {
	[KIND_CERTIFICATE] = 'C', [KIND_RULE_CERTIFICATE] = 'c',
	[KIND_NSS_TRUST] = 'N', [KIND_RULE_NSS_TRUST] = 'n',
	[KIND_TRUST] = 'T', [KIND_RULE_TRUST] = 't', [KIND_PROFILE] = 'P',
};

/* ---- What programs ask ------------------------------------------------ */

/* Attributes by letter; a template is a word of them.  What they are about
 * is one certificate. */
static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static const CK_ULONG x509 = 0, authority = P11_CATEGORY_AUTHORITY;
static const CK_OBJECT_CLASS
	class_certificate = CKO_CERTIFICATE, class_nss_trust = NSS_CKO_TRUST,
	class_trust = P11_CKO_TRUST, class_profile = P11_CKO_PROFILE,
	class_crl = NSS_CKO_CRL, class_roots = NSS_CKO_BUILTIN_ROOT_LIST,
	class_validation = 0x0aUL, class_assertion = 0xd8444764UL,
	class_extension = 0xd84447c8UL;

static struct bytes
ulong(const CK_ULONG *value)
{
	return (struct bytes){ (const uint8_t *)value, sizeof(*value) };
}

static struct bytes
boolean(const CK_BBOOL *value)
{
	return (struct bytes){ value, sizeof(*value) };
}

static void
ask_class(struct template *t, char letter)
{
	const CK_ULONG *class = letter == 'C' ? &class_certificate :
				letter == 'N' ? &class_nss_trust :
				letter == 'T' ? &class_trust :
				letter == 'P' ? &class_profile :
				letter == 'L' ? &class_crl :
				letter == 'R' ? &class_roots :
				letter == 'V' ? &class_validation :
				letter == 'A' ? &class_assertion :
						&class_extension;

	ask(t, CKA_CLASS, ulong(class));
}

static void
ask_letter(struct template *t, char letter, const struct facts *f)
{
	const struct bytes sha1 = { f->sha1, sizeof(f->sha1) };

	switch (letter) {
	case 't': ask(t, CKA_TOKEN, boolean(&yes)); break;
	case 'x': ask(t, P11KIT_CKA_DISTRUSTED, boolean(&yes)); break;
	case 'u': ask(t, CKA_TRUSTED, boolean(&yes)); break;
	case 'f': ask(t, CKA_TRUSTED, boolean(&no)); break;
	case '9': ask(t, CKA_CERTIFICATE_TYPE, ulong(&x509)); break;
	case 'c': ask(t, CKA_CERTIFICATE_CATEGORY, ulong(&authority)); break;
	case 'i': ask(t, CKA_ISSUER, encoded_bytes(&f->issuer)); break;
	case 'd': ask(t, CKA_SERIAL_NUMBER, encoded_bytes(&f->serial)); break;
	case 'r': ask(t, CKA_SERIAL_NUMBER, encoded_bytes(&f->raw)); break;
	case 's': ask(t, CKA_SUBJECT, encoded_bytes(&f->subject)); break;
	case 'v': ask(t, CKA_VALUE, encoded_bytes(&f->der)); break;
	case 'k': ask(t, CKA_PUBLIC_KEY_INFO, encoded_bytes(&f->key)); break;
	case 'h': ask(t, NSS_CKA_CERT_SHA1_HASH, sha1); break;
	case 'H': ask(t, P11_CKA_HASH_OF_CERTIFICATE, sha1); break;
	case 'y': ask(t, 0xd8444701UL, ulong(&x509)); break;
	default: ask_class(t, letter); break;
	}
}

static const struct {
	const char *program;
	const char *template;
	enum who about;
	const char *kinds;
} questions[] = {
	/* nss-firefox-chromium.md 1.2, client-matrix.md 9 */
	{ "NSS 3.125, trust", "tTid", ROOT, "t" },
	{ "NSS 3.125, trust, raw serial", "tTir", ROOT, "t" },
	{ "NSS 3.125, trust", "tTid", FORMER, "T2" },
	{ "NSS 3.125, trust, raw serial", "tTir", LEAKED, "T" },
	{ "NSS 3.125, trust", "tTid", IDENTITY, "T" },
	{ "NSS 3.125, trust, raw serial", "tTir", BARE, "T" },
	{ "NSS 3.125, trust of a re-issue", "tTid", REISSUED, "t" },
	{ "NSS 3.125, trust of a re-issue, raw serial", "tTir", RESPELLED,
	  "t" },
	{ "NSS 3.125, trust of what the root issued", "tTid", BELOW, "t" },
	{ "NSS 3.125, trust", "tTid", OTHER_LIST, "t" },
	{ "NSS 3.125, trust", "tTid", NAME_ONLY, "t" },
	{ "NSS 3.125, trust", "tTid", LATER, "" },
	{ "NSS 3.125, trust", "tTid", SWITCHED_OFF, "" },
	{ "NSS 3.125, trust", "tTid", HEALTHY, "" },
	{ "NSS 3.125, trust", "tTid", FORMERS_SITE, "" },
	{ "NSS 3.125, trust", "tTid", NEW_NAME, "" },
	{ "NSS 3.87, trust", "tNid", ROOT, "n" },
	{ "NSS 3.87, trust, raw serial", "tNir", ROOT, "n" },
	{ "NSS 3.87, trust", "tNid", FORMER, "N2" },
	{ "NSS 3.87, trust", "tNir", SAME_SERIAL, "N" },
	{ "NSS 3.87, trust", "tNid", SERVER_ONLY, "N" },
	{ "NSS 3.87, trust", "tNid", EMAIL_ONLY, "N" },
	{ "NSS 3.87, trust", "tNid", IDENTITY, "N" },
	{ "NSS 3.87, trust of a re-issue", "tNir", REISSUED, "n" },
	{ "NSS 3.87, trust of a re-issue", "tNid", RESPELLED, "n" },
	{ "NSS 3.87, trust", "tNid", LATER, "" },
	{ "NSS 3.87, trust", "tNid", HEALTHY, "" },
	{ "NSS, certificate", "tCid", ROOT, "C" },
	{ "NSS, certificate, raw serial", "tCir", ROOT, "C" },
	{ "NSS, certificate", "tCid", LATER, "C" },
	{ "NSS, certificate", "tCid", REISSUED, "" },
	{ "NSS, certificate", "tCid", IDENTITY, "" },
	{ "NSS, certificate", "tCid", SWITCHED_OFF, "" },
	{ "NSS, issuers", "tCs", ROOT, "C" },
	{ "NSS, issuers", "tCs", FORMER, "C3" },
	{ "NSS, issuers", "tCs", RESPELLED, "" },
	{ "NSS, issuers", "tCs", IDENTITY, "" },
	{ "NSS, issuers", "tCs", HEALTHY, "" },
	/* Firefox would revoke it, and not distrust what it looks for */
	{ "NSS, issuers, one of them in OneCRL", "tCs", REVOKED, "" },
	{ "NSS, certificate in OneCRL", "tCid", REVOKED, "C" },
	{ "NSS 3.87, trust of what OneCRL has", "tNid", REVOKED, "n" },
	{ "NSS, CRL", "Ls", ROOT, "" },
	{ "NSS, start", "tP", HEALTHY, "P2" },
	{ "NSS, start", "R", HEALTHY, "" },
	{ "NSS, start of 3.2", "V", HEALTHY, "" },
	{ "NSS 3.113, trust by hash", "Nh", ROOT, "N" },
	{ "NSS 3.113, trust by hash", "Nh", FORMER, "N2" },
	{ "NSS 3.113, trust by hash", "Nh", HEALTHY, "" },
	{ "NSS, all certificates", "tC", HEALTHY, "C15" },
	{ "NSS, trust of a slot with a cache", "tN", HEALTHY, "N16" },
	/* Firefox looks up the root of every chain so (7.4) */
	{ "Firefox, root by value", "v", ROOT, "C" },
	{ "Firefox, root by value", "tCv", ROOT, "C" },
	{ "Firefox, root by value", "tCv", FORMER, "C2" },
	/* no second error beside that of the name (rules_by_value()) */
	{ "Firefox, re-issued root by value", "tCv", REISSUED, "" },
	{ "Firefox, re-issued root by value", "v", RESPELLED, "" },
	{ "Firefox, the same with a distrusted key", "tCv", BOTH, "" },
	{ "Firefox, key for all, name for mail", "tCv", MAIL_NAME, "c" },
	{ "Firefox, name in another list", "tCv", OTHERS_NAME, "" },
	{ "Firefox, name from a day on", "tCv", LATER_NAME, "c" },
	{ "by value, distrusted", "xv", REISSUED, "c" },
	{ "Firefox, distrusted key by value", "tCv", NEW_NAME, "c" },
	{ "Firefox, distrusted key by value", "v", KEY_ONLY, "c" },
	{ "Firefox, distrusted name by value", "tCv", NAME_ONLY, "" },
	{ "Firefox, below a distrusted name", "tCv", SUB, "c" },
	{ "Firefox, distrusted issuer by value", "tCv", BELOW, "C" },
	{ "Firefox, healthy root by value", "tCv", HEALTHY, "" },
	{ "Firefox, a site of a former CA by value", "tCv", FORMERS_SITE,
	  "" },
	{ "Firefox, group switched off, by value", "v", SWITCHED_OFF, "" },
	{ "Firefox, nameless certificate by value", "v", NAMELESS_SITE, "" },
	{ "Firefox, by value what OneCRL has", "tCv", REVOKED, "C" },
	{ "Chromium, by value", "vC", ROOT, "C" },
	{ "Chromium, by value", "vC", REISSUED, "" },
	{ "Chromium, by value", "vC", NEW_NAME, "c" },
	{ "Chromium, all trust", "N", HEALTHY, "N16" },
	/* p11kit-gnutls-openssl.md 5 */
	{ "GnuTLS, distrusted", "Cxdi", ROOT, "C" },
	{ "GnuTLS, distrusted", "Cxdi", FORMER, "C2" },
	{ "GnuTLS, distrusted", "Cxdi", IDENTITY, "C" },
	{ "GnuTLS, distrusted", "Cxdi", BARE, "C" },
	{ "GnuTLS, distrusted", "Cxdi", REISSUED, "c" },
	{ "GnuTLS, distrusted", "Cxdi", RESPELLED, "c" },
	{ "GnuTLS, distrusted", "Cxdi", NAME_ONLY, "c" },
	{ "GnuTLS, distrusted", "Cxdi", HEALTHY, "" },
	{ "GnuTLS, distrusted", "Cxdi", FORMERS_SITE, "" },
	{ "GnuTLS, distrusted for mail", "Cxdi", EMAIL_ONLY, "" },
	{ "GnuTLS, distrusted later", "Cxdi", LATER, "" },
	{ "GnuTLS, last resort", "Cxs", ROOT, "C" },
	{ "GnuTLS, last resort", "Cxs", RESPELLED, "c" },
	{ "GnuTLS, last resort", "Cxs", NAME_ONLY, "c" },
	{ "GnuTLS, last resort", "Cxs", OTHER_LIST, "C" },
	{ "GnuTLS, last resort", "Cxs", REVOKED, "C" },
	{ "GnuTLS, last resort", "Cxs", FORMER, "" },
	{ "GnuTLS, last resort", "Cxs", LEAKED, "" },
	{ "GnuTLS, last resort", "Cxs", HEALTHY, "" },
	{ "GnuTLS, last resort, an empty subject", "Cxs", NAMELESS, "" },
	{ "GnuTLS, anchors", "C9uc", HEALTHY, "" },
	{ "GnuTLS, untrusted", "Cf", ROOT, "C15" },
	/* p11kit-gnutls-openssl.md 2 */
	{ "p11-kit, blocklist", "x", HEALTHY, "C15" },
	{ "p11-kit, ca-anchors", "Cc9", HEALTHY, "C11" },
	{ "p11-kit, certificates", "C9", HEALTHY, "C15" },
	{ "p11-kit, everything", "", HEALTHY,
	  "C15N16T16P2" },
	{ "p11-kit, extensions", "Ek", ROOT, "" },
	{ "p11-kit, by key", "k", LEAKED, "C" },
	{ "p11-kit, by key, no key rule", "k", FORMER, "" },
	{ "gcr, assertions", "Ayid", ROOT, "" },
	{ "by hash", "TH", ROOT, "" },
};

/* Kind after kind, and how many where it is not one. */
static const char *
kinds_of(const struct found *found)
{
	static char kinds[8 * KINDS];
	size_t n = 0;
	unsigned end;

	kinds[0] = '\0';
	for (unsigned i = 0; i < found->n; i = end) {
		enum kind kind = found_kind(&both, found->handle[i]);

		for (end = i + 1; end < found->n; end++) {
			if (found_kind(&both, found->handle[end]) != kind)
				break;
		}
		kinds[n++] = letters[kind];
		kinds[n] = '\0';
		if (end - i > 1)
			n += (size_t)snprintf(kinds + n, sizeof(kinds) - n,
					      "%u", end - i);
		assert_true(n + 8 < sizeof(kinds));
	}
	return kinds;
}

static void
programs_get_what_they_need(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]);
	     i++) {
		struct template t = { 0 };
		struct found found;

		for (const char *p = questions[i].template; *p != '\0'; p++)
			ask_letter(&t, *p, &facts[questions[i].about]);
		found = search(&t);
		if (strcmp(kinds_of(&found), questions[i].kinds) != 0)
			fail_msg("%s {%s} about %s %s: %s, not %s",
				 questions[i].program, questions[i].template,
				 people[questions[i].about].issuer,
				 people[questions[i].about].serial,
				 kinds_of(&found), questions[i].kinds);
	}
}

/* ---- Random templates ------------------------------------------------- */

/* The values of one template; those that objects write down are gone when
 * the next is asked for. */
static uint8_t arena[65536];
static size_t arena_used;

static struct bytes
kept(struct bytes b)
{
	uint8_t *p = arena + arena_used;

	made_must(b.n + 1 <= sizeof(arena) - arena_used);
	if (b.n > 0)
		memcpy(p, b.p, b.n);
	arena_used += b.n + 1;
	return (struct bytes){ p, b.n };
}

/* Any object of the token, rules' objects too. */
static struct object
random_object(void)
{
	struct object o;

	do {
		unsigned list = random_below(both.count);
		enum kind kind = (enum kind)random_below(KINDS);
		uint32_t i = random_below(catalog_entries(
			&both.list[list].catalog));

		(void)object_of(&both, kind, list, i, &o);
	} while (!object_open(&both, object_handle(&o), &o));
	return o;
}

/* What an object has, now and then a bit off or nothing. */
static void
ask_of_object(struct template *t, const struct object *o,
	      CK_ATTRIBUTE_TYPE type)
{
	uint8_t scratch[OBJECT_SCRATCH];
	struct bytes value = object_value(o, object_column(type), scratch);

	if (value.p == NULL && !random_once_in(20))
		return;
	/* Two serial numbers in one template: nobody can say what it means. */
	if (type == CKA_SERIAL_NUMBER && names(t, type))
		return;
	value = kept(value);
	if (random_once_in(40) && value.n > 0)
		arena[(size_t)(value.p - arena) +
		      random_below((unsigned)value.n)] ^= 1;
	if (random_once_in(60))
		value.n = random_once_in(2) ? 0 : value.n / 2;
	if (type == CKA_SERIAL_NUMBER && random_once_in(2) && value.n > 2) {
		value.p += 2;
		value.n -= 2;
	}
	ask(t, type, value);
}

/* About some certificate, what programs ask or nearly so. */
static void
ask_about(struct template *t)
{
	static const char *const asks[] = {
		"id", "ir", "v", "s", "i", "d", "r", "k", "h", "H", "sx",
		"idx", "irx", "vx", "ids", "irv", "vs", "is", "six", "isx",
	};
	const struct facts *f = &facts[random_below(EVERYBODY)];

	for (const char *p = asks[random_below(sizeof(asks) /
					       sizeof(asks[0]))];
	     *p != '\0'; p++)
		ask_letter(t, *p, f);
	if (random_once_in(2))
		ask_letter(t, "CNTP"[random_below(4)], f);
}

static struct template
random_template(void)
{
	struct template t = { 0 };
	struct object o = random_object();
	unsigned more = random_below(5);

	arena_used = 0;
	if (random_once_in(2))
		ask_about(&t);
	if (random_once_in(3))
		more = 0;
	while (more-- > 0) {
		if (random_once_in(12))
			o = random_object();
		ask_of_object(&t, &o, asked_types[random_below(ASKED_TYPES)]);
	}
	if (random_once_in(4) && t.n > 1) {	/* in another order */
		CK_ATTRIBUTE first = t.attribute[0];

		t.attribute[0] = t.attribute[t.n - 1];
		t.attribute[t.n - 1] = first;
	}
	return t;
}

static void
describe(const struct template *t)
{
	for (CK_ULONG i = 0; i < t->n; i++) {
		const CK_ATTRIBUTE *a = &t->attribute[i];
		const uint8_t *p = a->pValue;

		print_message("# 0x%lx =", a->type);
		for (CK_ULONG j = 0; j < a->ulValueLen && j < 40; j++)
			print_message(" %02x", p[j]);
		print_message("\n");
	}
}

enum { TEMPLATES = 200000 };

static void
every_template_gets_what_agrees(void **state)
{
	unsigned with_answer = 0, by_rule = 0;

	(void)state;
	random_seed(6);
	for (unsigned i = 0; i < TEMPLATES; i++) {
		struct template t = random_template();
		struct found due = search_by_hand(&both, &t), found = search(&t);

		with_answer += due.n > 0;
		by_rule += due.n > 0 && strpbrk(kinds_of(&due), "cnt");
		if (!is_same_answer(&both, &found, &due)) {
			describe(&t);
			print_message("# got %s", kinds_of(&found));
			fail_msg("not %s", kinds_of(&due));
		}
	}
	/* The test does not idle. */
	assert_true(with_answer > TEMPLATES / 4);
	assert_true(by_rule > TEMPLATES / 100);
}

/* ---- A search is a plain value ---------------------------------------- */

/* Two threads on one session leave words of two searches, and perhaps other
 * lists have come into force meanwhile. */
static void
a_mixture_of_searches_is_harmless(void **state)
{
	enum { WORDS = sizeof(struct search) / sizeof(uint64_t) };
	uint64_t words[WORDS], others[WORDS];
	struct search s = { 0 };

	(void)state;
	random_seed(7);
	for (unsigned i = 0; i < 100000; i++) {
		struct template t = random_template();

		memcpy(others, &s, sizeof(others));
		search_begin(&s, &both, t.attribute, t.n);
		for (unsigned n = random_below(4); n > 0; n--)
			(void)search_next(&s, &both);
		memcpy(words, &s, sizeof(words));
		for (unsigned w = 0; w < WORDS; w++) {
			if (random_once_in(2))
				words[w] = others[w];
		}
		memcpy(&s, words, sizeof(s));
		both.count = random_once_in(8) ? 1 : 2;
		for (unsigned n = 0; n < 60; n++)
			(void)search_next(&s, &both);
		both.count = 2;
	}
}

/* ---- Templates that are none ------------------------------------------ */

static void
a_template_that_is_none_is_refused(void **state)
{
	static uint8_t octet;
	const struct {
		void *p;
		CK_ULONG n;
	} bad[] = {
		{ NULL, 1 }, { NULL, 4096 },
		{ NULL, CK_UNAVAILABLE_INFORMATION },
		{ &octet, CK_UNAVAILABLE_INFORMATION },
	};

	(void)state;
	for (unsigned type = 0; type < ASKED_TYPES; type++) {
		for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			struct template t = { 0 };
			struct search s;

			if (type % 2 == 0)
				ask_letter(&t, 'C', &facts[0]);
			t.attribute[t.n++] = (CK_ATTRIBUTE){
				asked_types[type], bad[i].p, bad[i].n };
			assert_int_equal(search_begin(&s, &both, t.attribute,
						      t.n),
					 CKR_ARGUMENTS_BAD);
			assert_true(search_is_over(&s));
		}
	}
}

static int
begin(void **state)
{
	(void)state;
	make_lists();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	free_lists();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_get_what_they_need),
		cmocka_unit_test(every_template_gets_what_agrees),
		cmocka_unit_test(a_mixture_of_searches_is_harmless),
		cmocka_unit_test(a_template_that_is_none_is_refused),
	};

	return cmocka_run_group_tests_name("search", tests, begin, end);
}
