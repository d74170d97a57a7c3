/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The DER cursor and the outline of a certificate: every form of a length,
 * real certificates whole, cut short, altered and with something behind
 * them, always against the end of memory.  What it finds is what OpenSSL
 * finds.
 */

#define _DEFAULT_SOURCE

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/x509.h>

#include "certificates.h"
#include "der.h"
#include "encode.h"
#include "guard.h"
#include "random.h"

static struct guard guard;

/* ---- Lengths ---------------------------------------------------------- */

enum { REFUSED = -1 };

static const struct {
	const char *what;
	size_t n;		/* octets that are there, the first of them: */
	uint8_t octets[8];	/* the others are 0 */
	int content;		/* how many octets of content, or REFUSED */
	size_t header;
} lengths[] = {
	{ "nothing", 0, { 0 }, REFUSED, 0 },
	{ "a tag alone", 1, { 4 }, REFUSED, 0 },
	{ "no content", 2, { 4, 0 }, 0, 2 },
	{ "one octet", 3, { 4, 1 }, 1, 2 },
	{ "one octet that is not there", 2, { 4, 1 }, REFUSED, 0 },
	{ "one octet and more behind it", 9, { 4, 1 }, 1, 2 },
	{ "127 octets", 129, { 4, 0x7f }, 127, 2 },
	{ "127 octets less one", 128, { 4, 0x7f }, REFUSED, 0 },
	{ "the indefinite form", 9, { 4, 0x80 }, REFUSED, 0 },
	{ "a long form without octets", 2, { 4, 0x81 }, REFUSED, 0 },
	{ "a long form for 0", 4, { 4, 0x81, 0 }, REFUSED, 0 },
	{ "a long form for 127", 130, { 4, 0x81, 0x7f }, REFUSED, 0 },
	{ "128 octets", 131, { 4, 0x81, 0x80 }, 128, 3 },
	{ "128 octets less one", 130, { 4, 0x81, 0x80 }, REFUSED, 0 },
	{ "255 octets", 258, { 4, 0x81, 0xff }, 255, 3 },
	{ "255 octets in two", 259, { 4, 0x82, 0, 0xff }, REFUSED, 0 },
	{ "256 octets", 260, { 4, 0x82, 1, 0 }, 256, 4 },
	{ "256 octets less one", 259, { 4, 0x82, 1, 0 }, REFUSED, 0 },
	{ "two octets of which one is there", 3, { 4, 0x82, 1 }, REFUSED,
	  0 },
	{ "256 octets in three", 261, { 4, 0x83, 0, 1, 0 }, REFUSED, 0 },
	{ "256 octets in four", 262, { 4, 0x84, 0, 0, 1, 0 }, REFUSED, 0 },
	{ "65536 octets", 65541, { 4, 0x83, 1, 0, 0 }, 65536, 5 },
	{ "2^32 - 1 octets", 300, { 4, 0x84, 0xff, 0xff, 0xff, 0xff },
	  REFUSED, 0 },
	{ "five octets", 300, { 4, 0x85, 0, 0, 0, 1, 0 }, REFUSED, 0 },
	{ "five octets, full", 300, { 4, 0x85, 1, 0, 0, 0, 0 }, REFUSED, 0 },
	{ "the reserved form", 300, { 4, 0xff, 1 }, REFUSED, 0 },
	{ "a tag of many octets", 5, { 0x1f, 0x21, 1 }, REFUSED, 0 },
	{ "a constructed tag of many octets", 5, { 0xbf, 0x21, 1 }, REFUSED,
	  0 },
};

static void
a_length_is_der_or_nothing(void **state)
{
	static uint8_t octets[70000];

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct bytes in, before, content = { NULL, 0 };
		uint8_t tag = 0;
		bool good;

		memset(octets, 0, sizeof(octets));
		memcpy(octets, lengths[i].octets, sizeof(lengths[i].octets));
		in = before = guard_end(&guard, (struct bytes){
			octets, lengths[i].n });
		good = der_take_any(&in, &tag, &content);
		if (good != (lengths[i].content != REFUSED))
			fail_msg("%s", lengths[i].what);
		if (!good) {	/* and all is as it was */
			assert_ptr_equal(in.p, before.p);
			assert_int_equal(in.n, before.n);
			continue;
		}
		assert_int_equal(tag, 4);
		assert_int_equal(content.n, lengths[i].content);
		assert_ptr_equal(content.p, before.p + lengths[i].header);
		assert_ptr_equal(in.p, content.p + content.n);
		assert_int_equal(in.n, before.n - lengths[i].header -
				       content.n);
	}
}

/* ---- Taking ----------------------------------------------------------- */

static void
another_tag_is_left_alone(void **state)
{
	const uint8_t octets[] = { 0x30, 2, 5, 0, 0x04, 0 };
	struct bytes in = guard_end(&guard, (struct bytes){
		octets, sizeof(octets) });
	struct bytes whole, content;

	(void)state;
	assert_false(der_take(&in, DER_SET, &content));
	assert_false(der_take_whole(&in, DER_SET, &content));
	assert_int_equal(in.n, sizeof(octets));
	assert_true(der_take_whole(&in, DER_SEQUENCE, &whole));
	assert_int_equal(whole.n, 4);
	assert_memory_equal(whole.p, octets, 4);
	assert_false(der_take(&in, DER_SEQUENCE, &content));
	assert_true(der_take(&in, 4, &content));
	assert_int_equal(content.n, 0);
	assert_int_equal(in.n, 0);
	assert_false(der_take(&in, 4, &content));
}

static const struct {
	const char *what;
	size_t n;
	uint8_t octets[8];
	size_t content;		/* 0: refused */
} integers[] = {
	{ "nothing", 0, { 0 }, 0 },
	{ "zero", 3, { 2, 1, 0 }, 1 },
	{ "no content", 2, { 2, 0 }, 0 },
	{ "three octets", 5, { 2, 3, 1, 2, 3 }, 3 },
	{ "a leading zero", 5, { 2, 3, 0, 0, 3 }, 3 },
	{ "an octet behind it", 4, { 2, 1, 5, 0 }, 0 },
	{ "an octet too few", 3, { 2, 2, 5 }, 0 },
	{ "an OCTET STRING", 3, { 4, 1, 5 }, 0 },
	{ "two INTEGERs", 6, { 2, 1, 5, 2, 1, 5 }, 0 },
	{ "a long form", 4, { 2, 0x81, 1, 5 }, 0 },
};

static void
an_integer_is_one_and_nothing_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++) {
		struct bytes content = { NULL, 0 };
		struct bytes in = guard_end(&guard, (struct bytes){
			integers[i].octets, integers[i].n });
		bool good = der_integer(in, &content);

		if (good != (integers[i].content > 0) ||
		    (good && (content.n != integers[i].content ||
			      content.p != in.p + 2)))
			fail_msg("%s", integers[i].what);
		assert_int_equal(der_integer_is(in, content), good);
		content.n--;
		assert_false(der_integer_is(in, content));
	}
}

/* ---- Real certificates ------------------------------------------------ */

static bool
lies_in(struct bytes part, struct bytes whole)
{
	return part.p >= whole.p && part.n <= whole.n &&
	       (size_t)(part.p - whole.p) <= whole.n - part.n;
}

/* Whether it is one; then all its parts lie inside. */
static bool
is_certificate(struct bytes der)
{
	struct der_certificate c;

	if (!der_certificate(der, &c))
		return false;
	assert_true(lies_in(c.issuer, der));
	assert_true(lies_in(c.subject, der));
	assert_true(lies_in(c.spki, der));
	return true;
}

static void
assert_octets(struct bytes found, unsigned char *due, int n)
{
	assert_true(n > 0);
	assert_int_equal(found.n, n);
	assert_memory_equal(found.p, due, found.n);
	OPENSSL_free(due);
}

static void
compare_with_openssl(struct bytes der)
{
	const unsigned char *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);
	unsigned char *issuer = NULL, *subject = NULL, *key = NULL;
	struct der_certificate c;
	int n;

	assert_non_null(x);
	assert_true(der_certificate(guard_end(&guard, der), &c));
	n = i2d_X509_NAME(X509_get_issuer_name(x), &issuer);
	assert_octets(c.issuer, issuer, n);
	n = i2d_X509_NAME(X509_get_subject_name(x), &subject);
	assert_octets(c.subject, subject, n);
	n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &key);
	assert_octets(c.spki, key, n);
	X509_free(x);
}

static void
real_certificates_are_read_as_openssl_does(void **state)
{
	(void)state;
	assert_true(certificates_visit(compare_with_openssl) > 30);
}

static void
cut_short(struct bytes der)
{
	for (size_t n = 0; n < der.n; n++)
		assert_false(is_certificate(guard_end(&guard,
			(struct bytes){ der.p, n })));
	assert_true(is_certificate(guard_end(&guard, der)));
}

static void
a_certificate_cut_short_is_none(void **state)
{
	(void)state;
	certificates_visit(cut_short);
}

static void
add_octets(struct bytes der)
{
	static struct encoded e;

	e.n = 0;
	encode_octets(&e, der.p, der.n);
	for (unsigned i = 0; i < 256; i += 5) {
		encode_octet(&e, (uint8_t)i);
		assert_false(is_certificate(guard_end(&guard,
						      encoded_bytes(&e))));
	}
}

static void
a_certificate_has_nothing_behind_it(void **state)
{
	(void)state;
	certificates_visit(add_octets);
}

/* The headers are in the front: there each octet takes each value. */
static void
alter_octets(struct bytes der)
{
	struct bytes copy = guard_end(&guard, der);
	uint8_t *octets = guard.start + guard.size - der.n;

	for (size_t at = 0; at < der.n; at++) {
		for (unsigned v = 0; v < (at < 40 ? 256u : 6u); v++) {
			octets[at] = at < 40 ? (uint8_t)v :
					       (uint8_t)random_next();
			(void)is_certificate(copy);
		}
		octets[at] = der.p[at];
	}
}

static void
any_octet_may_be_anything(void **state)
{
	(void)state;
	random_seed(9);
	certificates_visit(alter_octets);
}

/* ---- Outlines that are nearly right ----------------------------------- */

/* The elements of a certificate, one a letter: v version, i INTEGER, s
 * SEQUENCE, b BIT STRING, n NULL; those of the TBSCertificate, a bar, those
 * behind it. */
static struct bytes
write_outline(struct encoded *e, const char *fields)
{
	static const uint8_t octet[] = { 0 }, version[] = { 2, 1, 2 };

	e->n = 0;
	for (const char *p = fields; *p != '\0'; p++) {
		switch (*p) {
		case 'v': encode_element(e, 0xa0, version, 3); break;
		case 'i': encode_element(e, 2, octet, 1); break;
		case 's': encode_element(e, 0x30, octet, 0); break;
		case 'b': encode_element(e, 3, octet, 1); break;
		case 'n': encode_element(e, 5, octet, 0); break;
		default: encode_wrap(e, 0, 0x30); break;
		}
	}
	encode_wrap(e, 0, 0x30);
	return encoded_bytes(e);
}

static const struct {
	const char *fields;
	bool good;
} outlines[] = {
	{ "vissssss|sb", true },
	{ "isssss|sb", true },		/* version 1 */
	{ "visssss|sb", true },		/* without extensions */
	{ "vissssssssnn|sb", true },	/* what follows the key is not read */
	{ "vvisssss|sb", false },
	{ "vsssss|sb", false },		/* no serial number */
	{ "vissss|sb", false },		/* no key */
	{ "vissssn|sb", false },
	{ "vinssss|sb", false },
	{ "visssss|s", false },		/* no signature */
	{ "visssss|b", false },
	{ "visssss|sbn", false },	/* something behind it */
	{ "visssss|sbb", false },
	{ "visssss|ss", false },
	{ "|sb", false },
	{ "", false },
};

static void
a_certificate_has_its_outline(void **state)
{
	static struct encoded e;

	(void)state;
	for (size_t i = 0; i < sizeof(outlines) / sizeof(outlines[0]); i++) {
		struct bytes der = write_outline(&e, outlines[i].fields);

		if (is_certificate(guard_end(&guard, der)) !=
		    outlines[i].good)
			fail_msg("%s", outlines[i].fields);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_length_is_der_or_nothing),
		cmocka_unit_test(another_tag_is_left_alone),
		cmocka_unit_test(an_integer_is_one_and_nothing_more),
		cmocka_unit_test(real_certificates_are_read_as_openssl_does),
		cmocka_unit_test(a_certificate_cut_short_is_none),
		cmocka_unit_test(a_certificate_has_nothing_behind_it),
		cmocka_unit_test(any_octet_may_be_anything),
		cmocka_unit_test(a_certificate_has_its_outline),
	};

	guard = guard_new(70000);
	return cmocka_run_group_tests_name("der", tests, NULL, NULL);
}
