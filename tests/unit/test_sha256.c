/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* SHA-256: the examples of its standard, and every way in which a message
 * can fill its last block, against OpenSSL. */

#define _DEFAULT_SOURCE

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "guard.h"
#include "random.h"
#include "sha256.h"

static struct guard guard;

static void
assert_digest(struct bytes message, const uint8_t due[CATALOG_SHA256])
{
	uint8_t digest[CATALOG_SHA256];

	sha256(message, digest);
	assert_memory_equal(digest, due, sizeof(digest));
}

/* NIST's "Examples with intermediate values" for FIPS 180. */
static const struct {
	const char *message;
	uint8_t digest[CATALOG_SHA256];
} examples[] = {
	{ "",
	  { 0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
	    0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
	    0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55 } },
	{ "abc",
	  { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
	    0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
	    0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad } },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  { 0x24, 0x8d, 0x6a, 0x61, 0xd2, 0x06, 0x38, 0xb8, 0xe5, 0xc0, 0x26,
	    0x93, 0x0c, 0x3e, 0x60, 0x39, 0xa3, 0x3c, 0xe4, 0x59, 0x64, 0xff,
	    0x21, 0x67, 0xf6, 0xec, 0xed, 0xd4, 0x19, 0xdb, 0x06, 0xc1 } },
};

static void
it_gives_the_examples_of_its_standard(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		assert_digest((struct bytes){
			(const uint8_t *)examples[i].message,
			strlen(examples[i].message) }, examples[i].digest);
}

static void
it_gives_the_example_of_a_million_octets(void **state)
{
	static const uint8_t due[CATALOG_SHA256] = {
		0xcd, 0xc7, 0x6e, 0x5c, 0x99, 0x14, 0xfb, 0x92, 0x81, 0xa1,
		0xc7, 0xe2, 0x84, 0xd7, 0x3e, 0x67, 0xf1, 0x80, 0x9a, 0x48,
		0xa4, 0x97, 0x20, 0x0e, 0x04, 0x6d, 0x39, 0xcc, 0xc7, 0x11,
		0x2c, 0xd0,
	};
	static uint8_t message[1000000];

	(void)state;
	memset(message, 'a', sizeof(message));
	assert_digest((struct bytes){ message, sizeof(message) }, due);
}

static void
it_agrees_with_openssl(void **state)
{
	uint8_t message[600] = { 0 }, due[CATALOG_SHA256];

	(void)state;
	random_seed(8);
	for (size_t n = 0; n <= sizeof(message); n++) {
		for (size_t i = 0; i < n; i++)
			message[i] = (uint8_t)random_next();
		SHA256(message, n, due);
		assert_digest(guard_end(&guard, (struct bytes){ message, n }),
			      due);
		assert_digest(guard_start(&guard,
					  (struct bytes){ message, n }), due);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_gives_the_examples_of_its_standard),
		cmocka_unit_test(it_gives_the_example_of_a_million_octets),
		cmocka_unit_test(it_agrees_with_openssl),
	};

	guard = guard_new(4096);
	return cmocka_run_group_tests_name("sha256", tests, NULL, NULL);
}
