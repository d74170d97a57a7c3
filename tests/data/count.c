/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A plain search, for tools.sh: `count MODULE` prints how many certificates
 * and how many objects the first token of a module has, and the version of
 * the function list that was used.  It takes the default interface where
 * there is one, as NSS and p11-kit 0.25 do, and with a second argument what
 * C_GetFunctionList gives, as all others do.  It knows nothing of ours.
 */

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cryptoki.h"

static CK_FUNCTION_LIST *f;

static void
must(bool done, const char *what)
{
	if (!done) {
		fprintf(stderr, "count: %s\n", what);
		exit(EXIT_FAILURE);
	}
}

static void
load(const char *path, bool plain)
{
	void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL), *symbol;
	CK_RV (*get_interface)(CK_UTF8CHAR *, CK_VERSION *, CK_INTERFACE **,
			       CK_FLAGS);
	CK_C_GetFunctionList get;
	CK_INTERFACE *interface;

	must(module != NULL, path);
	symbol = plain ? NULL : dlsym(module, "C_GetInterface");
	if (symbol != NULL) {
		memcpy(&get_interface, &symbol, sizeof(symbol));
		must(get_interface(NULL, NULL, &interface, 0) == CKR_OK,
		     "C_GetInterface");
		f = interface->pFunctionList;
		return;
	}
	symbol = dlsym(module, "C_GetFunctionList");
	must(symbol != NULL, "no function list");
	memcpy(&get, &symbol, sizeof(symbol));
	must(get(&f) == CKR_OK, "C_GetFunctionList");
}

static unsigned long
count(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG length)
{
	CK_OBJECT_HANDLE some[16];
	unsigned long sum = 0;
	CK_ULONG n = 0;

	must(f->C_FindObjectsInit(session, template, length) == CKR_OK,
	     "C_FindObjectsInit");
	do {
		must(f->C_FindObjects(session, some, 16, &n) == CKR_OK,
		     "C_FindObjects");
		sum += n;
	} while (n > 0);
	must(f->C_FindObjectsFinal(session) == CKR_OK, "C_FindObjectsFinal");
	return sum;
}

int
main(int argc, char **argv)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	CK_ATTRIBUTE by_class = { CKA_CLASS, &class, sizeof(class) };
	CK_SESSION_HANDLE session;
	unsigned long certificates;
	CK_SLOT_ID slots[8];
	CK_ULONG n = 8;

	must(argc > 1, "which module?");
	load(argv[1], argc > 2);
	must(f->C_Initialize(&args) == CKR_OK, "C_Initialize");
	must(f->C_GetSlotList(1, slots, &n) == CKR_OK && n > 0,
	     "C_GetSlotList");
	must(f->C_OpenSession(slots[0], CKF_SERIAL_SESSION, NULL, NULL,
			      &session) == CKR_OK, "C_OpenSession");
	certificates = count(session, &by_class, 1);
	printf("%lu certificates, %lu objects, %u.%u\n", certificates,
	       count(session, NULL, 0), f->version.major, f->version.minor);
	must(f->C_Finalize(NULL) == CKR_OK, "C_Finalize");
	return EXIT_SUCCESS;
}
