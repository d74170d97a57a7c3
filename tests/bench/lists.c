/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A long list, to see what grows with it: `lists COUNT` prints an
 * incident.ini of so many certificates, known by issuer and serial number,
 * of one authority in a hundred.  The same numbers give the same list.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

enum { EACH = 100, NAME = 64, SERIAL = 16 };

/* O=Authority NNNNNNN, as base64 of a DER Name. */
static void
print_issuer(unsigned long number)
{
	static const unsigned char head[] = {
		0x30, 0, 0x31, 0, 0x30, 0, 0x06, 0x03, 0x55, 0x04, 0x0a, 0x0c,
		0,
	};
	unsigned char der[sizeof(head) + NAME];
	unsigned char text[2 * sizeof(der)];
	int n;

	memcpy(der, head, sizeof(head));
	n = snprintf((char *)der + sizeof(head), NAME, "Authority %07lu",
		     number);
	der[12] = (unsigned char)n;
	der[5] = (unsigned char)(n + 7);
	der[3] = (unsigned char)(n + 9);
	der[1] = (unsigned char)(n + 11);
	EVP_EncodeBlock(text, der, (int)sizeof(head) + n);
	printf("issuer = %s\n", (const char *)text);
}

static void
print_serial(uint64_t *state)
{
	printf("serial = 4");
	for (unsigned i = 1; i < 2 * SERIAL; i++) {
		*state = *state * UINT64_C(6364136223846793005) + 1;
		printf("%x", (unsigned)(*state >> 60));
	}
	printf("\n");
}

int
main(int argc, char *argv[])
{
	unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	uint64_t state = 1;

	printf("[incident]\ntitle = A long list\nreason = removed-ca\n");
	for (unsigned long i = 0; i < count; i++) {
		printf("\n[identity n%lu]\nlabel = Certificate %lu\n"
		       "match = certificate\n", i, i);
		print_issuer(i / EACH);
		print_serial(&state);
	}
	return count == 0;
}
