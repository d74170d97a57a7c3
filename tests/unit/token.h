/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Using the module as a caller does, in few words: sessions, and searches by
 * issuer and serial number.  It knows Cryptoki and nothing of the module.
 * Any thread; what must not fail aborts.
 */

#ifndef TOKEN_H
#define TOKEN_H

#include <stdlib.h>

#include "catalog.h"
#include "cryptoki.h"

#define TOKEN_SLOT 1UL

static inline void
token_must(CK_RV rv)
{
	if (rv != CKR_OK)
		abort();
}

static inline CK_SESSION_HANDLE
token_open(void)
{
	CK_SESSION_HANDLE session = CK_INVALID_HANDLE;

	token_must(C_OpenSession(TOKEN_SLOT, CKF_SERIAL_SESSION, NULL, NULL,
				 &session));
	return session;
}

static inline CK_ATTRIBUTE
token_attribute(CK_ATTRIBUTE_TYPE type, struct bytes b)
{
	/* Nobody writes to a template that is searched for. */
	return (CK_ATTRIBUTE){ type, (void *)(uintptr_t)b.p, b.n };
}

/* How many objects a template finds, and the first of them. */
static inline CK_ULONG
token_find(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG n,
	   CK_OBJECT_HANDLE *objects, CK_ULONG max)
{
	CK_ULONG found = 0;

	token_must(C_FindObjectsInit(session, template, n));
	token_must(C_FindObjects(session, objects, max, &found));
	token_must(C_FindObjectsFinal(session));
	return found;
}

/* NSS's question about a certificate. */
static inline CK_OBJECT_HANDLE
token_trust(CK_SESSION_HANDLE session, struct bytes issuer,
	    struct bytes serial)
{
	CK_OBJECT_CLASS class = NSS_CKO_TRUST;
	CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		token_attribute(CKA_ISSUER, issuer),
		token_attribute(CKA_SERIAL_NUMBER, serial),
	};

	token_find(session, template, 3, &object, 1);
	return object;
}

#endif
