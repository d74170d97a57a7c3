/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * roots MODULE trusted|distrusted: what a PKCS#11 module with NSS trust
 * objects (libnssckbi, p11-kit-trust) says of authorities, as PEM.  It knows
 * NSS's trust objects; it must not know what the answer is for.
 */

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "cryptoki.h"

#define NSS_CKT_TRUSTED_DELEGATOR 0xce534352UL

enum { OBJECTS = 4096, SLOTS = 16, OCTETS = 65536 };

static CK_FUNCTION_LIST *f;

static void
must(CK_RV rv, const char *call)
{
	if (rv == CKR_OK)
		return;
	fprintf(stderr, "roots: %s: 0x%lx\n", call, rv);
	exit(EXIT_FAILURE);
}

static void
load(const char *path)
{
	union {
		void *object;
		CK_C_GetFunctionList function;
	} symbol;
	void *library = dlopen(path, RTLD_NOW);

	symbol.object = library == NULL ? NULL
					: dlsym(library, "C_GetFunctionList");
	if (symbol.object == NULL) {
		fprintf(stderr, "roots: %s\n", dlerror());
		exit(EXIT_FAILURE);
	}
	must(symbol.function(&f), "C_GetFunctionList");
	must(f->C_Initialize(NULL), "C_Initialize");
}

/* All that a template finds, up to OBJECTS. */
static CK_ULONG
find(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count,
     CK_OBJECT_HANDLE objects[static OBJECTS])
{
	CK_ULONG found;

	must(f->C_FindObjectsInit(session, template, count),
	     "C_FindObjectsInit");
	must(f->C_FindObjects(session, objects, OBJECTS, &found),
	     "C_FindObjects");
	must(f->C_FindObjectsFinal(session), "C_FindObjectsFinal");
	return found;
}

/* Whether one of the three uses of an authority has this trust. */
static bool
has_trust(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE trust, CK_ULONG wanted)
{
	static const CK_ATTRIBUTE_TYPE uses[] = {
		NSS_CKA_TRUST_SERVER_AUTH, NSS_CKA_TRUST_EMAIL_PROTECTION,
		NSS_CKA_TRUST_CODE_SIGNING,
	};

	for (size_t i = 0; i < sizeof(uses) / sizeof(*uses); i++) {
		CK_ULONG value = 0;
		CK_ATTRIBUTE a = { uses[i], &value, sizeof(value) };

		if (f->C_GetAttributeValue(session, trust, &a, 1) == CKR_OK &&
		    value == wanted)
			return true;
	}
	return false;
}

static void
print_pem(const unsigned char *der, size_t n)
{
	static unsigned char text[OCTETS / 3 * 4 + 8];
	int length = EVP_EncodeBlock(text, der, (int)n);

	puts("-----BEGIN CERTIFICATE-----");
	for (int i = 0; i < length; i += 64)
		printf("%.64s\n", (const char *)text + i);
	puts("-----END CERTIFICATE-----");
}

/* The certificates with this trust object's issuer and serial number. */
static void
print_certificates(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE trust)
{
	static CK_OBJECT_HANDLE objects[OBJECTS];
	static unsigned char issuer[4096], serial[64], value[OCTETS];
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	CK_ATTRIBUTE wanted[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_ISSUER, issuer, sizeof(issuer) },
		{ CKA_SERIAL_NUMBER, serial, sizeof(serial) },
	};
	CK_ULONG found;

	must(f->C_GetAttributeValue(session, trust, wanted + 1, 2),
	     "C_GetAttributeValue");
	found = find(session, wanted, 3, objects);
	for (CK_ULONG i = 0; i < found; i++) {
		CK_ATTRIBUTE a = { CKA_VALUE, value, sizeof(value) };

		must(f->C_GetAttributeValue(session, objects[i], &a, 1),
		     "C_GetAttributeValue");
		print_pem(value, a.ulValueLen);
	}
}

static void
print_slot(CK_SLOT_ID slot, CK_ULONG wanted)
{
	static CK_OBJECT_HANDLE trusts[OBJECTS];
	CK_OBJECT_CLASS class = NSS_CKO_TRUST;
	CK_ATTRIBUTE template = { CKA_CLASS, &class, sizeof(class) };
	CK_SESSION_HANDLE session;
	CK_ULONG found;

	must(f->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session),
	     "C_OpenSession");
	found = find(session, &template, 1, trusts);
	for (CK_ULONG i = 0; i < found; i++) {
		if (has_trust(session, trusts[i], wanted))
			print_certificates(session, trusts[i]);
	}
	must(f->C_CloseSession(session), "C_CloseSession");
}

int
main(int argc, char **argv)
{
	CK_SLOT_ID slots[SLOTS];
	CK_ULONG count = SLOTS;
	bool trusted = argc == 3 && strcmp(argv[2], "trusted") == 0;

	if (argc != 3 || (!trusted && strcmp(argv[2], "distrusted") != 0)) {
		fputs("usage: roots MODULE trusted|distrusted\n", stderr);
		return EXIT_FAILURE;
	}
	load(argv[1]);
	must(f->C_GetSlotList(CK_TRUE, slots, &count), "C_GetSlotList");
	for (CK_ULONG i = 0; i < count; i++)
		print_slot(slots[i], trusted ? NSS_CKT_TRUSTED_DELEGATOR
					     : NSS_CKT_NOT_TRUSTED);
	return EXIT_SUCCESS;
}
