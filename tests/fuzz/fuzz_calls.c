/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Cryptoki calls by a grammar: each octet of the input chooses a function,
 * the ones that follow its arguments, from those of a good caller to those
 * of a hostile one.  Pointers lead to as much memory as their length says or
 * are NULL; nothing else could be survived.  Legal calls may not fail, what
 * a search finds can be opened, and is found once.
 */

#define _POSIX_C_SOURCE 200809L

#include "builtin.h"
#include "cryptoki.h"
#include "fuzz.h"
#include "surface.h"

enum { SESSIONS = 4, OBJECTS = 8, ATTRIBUTES = 12, CALLS = 64 };

static CK_SESSION_HANDLE sessions[SESSIONS];
static CK_OBJECT_HANDLE objects[OBJECTS];
static struct catalog list;

/* ---- Arguments --------------------------------------------------------- */

static CK_SESSION_HANDLE
session_from(struct bytes *in)
{
	uint8_t choice = fuzz_octet(in);

	if (choice < 240)
		return sessions[choice % SESSIONS];
	return choice < 250 ? sessions[0] + choice : fuzz_number(in);
}

static CK_OBJECT_HANDLE
object_from(struct bytes *in)
{
	uint8_t choice = fuzz_octet(in);

	if (choice < 200)
		return objects[choice % OBJECTS];
	return choice < 250 ? choice - 200ul : fuzz_number(in);
}

static CK_ATTRIBUTE_TYPE
type_from(struct bytes *in)
{
	static const CK_ATTRIBUTE_TYPE types[] = {
		CKA_CLASS, CKA_ISSUER, CKA_SERIAL_NUMBER, CKA_SUBJECT,
		CKA_VALUE, CKA_ID, CKA_LABEL, CKA_TOKEN, CKA_PRIVATE,
		P11KIT_CKA_DISTRUSTED, NSS_CKA_CERT_SHA1_HASH,
		NSS_CKA_CERT_MD5_HASH, P11_CKA_HASH_OF_CERTIFICATE,
		P11_CKA_NAME_HASH_ALGORITHM, CKA_PUBLIC_KEY_INFO,
		CKA_CERTIFICATE_TYPE, CKA_TRUSTED, CKA_CERTIFICATE_CATEGORY,
		CKA_START_DATE, CKA_END_DATE, CKA_CHECK_VALUE,
		NSS_CKA_TRUST_SERVER_AUTH, P11_CKA_TRUST_SERVER_AUTH,
		NSS_CKA_MOZILLA_CA_POLICY, NSS_CKA_SERVER_DISTRUST_AFTER,
		P11_CKA_UNIQUE_ID, P11_CKA_PROFILE_ID,
	};
	uint8_t choice = fuzz_octet(in);

	return choice < 250 ? types[choice % (sizeof(types) / sizeof(*types))]
			    : fuzz_number(in);
}

/* What an entry of the list would answer to. */
static struct bytes
listed(CK_ATTRIBUTE_TYPE type, uint8_t entry)
{
	static const CK_OBJECT_CLASS classes[] = {
		CKO_CERTIFICATE, NSS_CKO_TRUST, P11_CKO_TRUST,
		P11_CKO_PROFILE, CKO_DATA,
	};
	static const CK_BBOOL booleans[] = { CK_TRUE, CK_FALSE };
	const struct catalog_entry *e =
		catalog_entry(&list, entry % catalog_entries(&list));

	switch (type) {
	case CKA_CLASS:
		return (struct bytes){ (const uint8_t *)&classes[entry % 5],
				       sizeof(classes[0]) };
	case CKA_ISSUER: return catalog_bytes(&list, e->issuer);
	case CKA_SERIAL_NUMBER: return catalog_bytes(&list, e->serial);
	case CKA_SUBJECT: return catalog_bytes(&list, e->subject);
	case CKA_VALUE: return catalog_bytes(&list, e->value);
	case CKA_ID: return catalog_fixed(&list, e->id, CATALOG_ID);
	case CKA_LABEL: return catalog_bytes(&list, e->label);
	case CKA_PUBLIC_KEY_INFO: return catalog_bytes(&list, e->spki);
	case NSS_CKA_CERT_SHA1_HASH:
		return catalog_fixed(&list, e->sha1, CATALOG_SHA1);
	case P11_CKA_HASH_OF_CERTIFICATE:
		return catalog_fixed(&list, e->sha256, CATALOG_SHA256);
	default:
		return (struct bytes){ &booleans[entry % 2], 1 };
	}
}

/* A value for a search, in memory of its own: listed, listed and altered,
 * or any octets. */
static void
ask_for(CK_ATTRIBUTE *a, struct bytes *in)
{
	uint8_t choice = fuzz_octet(in), at;
	struct bytes value = choice < 192 ? listed(a->type, fuzz_octet(in)) :
					    fuzz_take(in, fuzz_octet(in));
	uint8_t *copy = fuzz_copy(value);

	a->pValue = copy;
	a->ulValueLen = value.n;
	if (choice % 4 != 3 || value.n == 0)
		return;
	at = fuzz_octet(in);
	if (choice & 4)
		copy[at % value.n] = fuzz_octet(in);
	else
		a->ulValueLen = at % value.n;
}

/* Room for an answer: none, as much as there is, or a length that lies where
 * there is no memory that could be written to. */
static void
make_room(CK_ATTRIBUTE *a, struct bytes *in)
{
	uint8_t choice = fuzz_octet(in);

	a->pValue = NULL;
	a->ulValueLen = choice;
	if (choice % 4 == 0)
		return;
	a->ulValueLen = choice % 4 == 3 ? 4096 : fuzz_octet(in);
	a->pValue = malloc(a->ulValueLen);
	if (a->pValue != NULL && a->ulValueLen > 0)
		memset(a->pValue, 0xee, a->ulValueLen);
	if (choice == 255)
		a->ulValueLen = CK_UNAVAILABLE_INFORMATION;
}

/* An illegal attribute now and then. */
static void
spoil(CK_ATTRIBUTE *a, struct bytes *in)
{
	free(a->pValue);
	a->pValue = NULL;
	a->ulValueLen = fuzz_octet(in) & 1 ? CK_UNAVAILABLE_INFORMATION :
					     fuzz_number(in);
}

struct template {
	CK_ATTRIBUTE *attributes;	/* a block of exactly this many */
	CK_ULONG count;
	bool is_spoilt;
};

static struct template
template_from(struct bytes *in, void (*fill)(CK_ATTRIBUTE *, struct bytes *))
{
	struct template t = { .count = fuzz_octet(in) % ATTRIBUTES };

	t.attributes = malloc(t.count * sizeof(*t.attributes));
	for (CK_ULONG i = 0; i < t.count; i++) {
		t.attributes[i].type = type_from(in);
		fill(&t.attributes[i], in);
		if (fuzz_octet(in) == 255) {
			spoil(&t.attributes[i], in);
			t.is_spoilt = true;
		}
	}
	return t;
}

static void
template_free(struct template *t)
{
	for (CK_ULONG i = 0; i < t->count; i++)
		free(t->attributes[i].pValue);
	free(t->attributes);
}

/* ---- Calls ------------------------------------------------------------- */

static bool
is_session(CK_SESSION_HANDLE session)
{
	CK_SESSION_INFO info;

	return C_GetSessionInfo(session, &info) == CKR_OK;
}

/* What was found is there, once. */
static void
check_found(CK_SESSION_HANDLE session, const CK_OBJECT_HANDLE *found,
	    CK_ULONG n)
{
	CK_ULONG size;

	for (CK_ULONG i = 0; i < n; i++) {
		FUZZ_MUST(C_GetObjectSize(session, found[i], &size) == CKR_OK);
		for (CK_ULONG k = 0; k < i; k++)
			FUZZ_MUST(found[k] != found[i]);
		objects[i % OBJECTS] = found[i];
	}
}

static void
call_find(struct bytes *in)
{
	CK_SESSION_HANDLE session = session_from(in);
	CK_ULONG max = fuzz_octet(in) % 64, n = 0;
	CK_OBJECT_HANDLE *found = calloc(max, sizeof(*found));
	CK_RV rv = C_FindObjects(session, found, max, &n);

	FUZZ_MUST(rv == CKR_OK || rv == CKR_SESSION_HANDLE_INVALID ||
		  rv == CKR_OPERATION_NOT_INITIALIZED ||
		  rv == CKR_ARGUMENTS_BAD);
	FUZZ_MUST(n <= max);
	check_found(session, found, n);
	free(found);
}

static void
call_init(struct bytes *in)
{
	CK_SESSION_HANDLE session = session_from(in);
	struct template t = template_from(in, ask_for);
	CK_RV rv = C_FindObjectsInit(session, t.attributes, t.count);

	FUZZ_MUST(rv == CKR_OK || rv == CKR_SESSION_HANDLE_INVALID ||
		  rv == CKR_OPERATION_ACTIVE ||
		  (rv == CKR_ARGUMENTS_BAD && t.is_spoilt));
	template_free(&t);
}

static void
call_get(struct bytes *in)
{
	CK_SESSION_HANDLE session = session_from(in);
	CK_OBJECT_HANDLE object = object_from(in);
	struct template t = template_from(in, make_room);
	CK_RV rv;

	/* Here a NULL pointer is a question, and only that: nothing is
	 * written to what is spoilt. */
	rv = C_GetAttributeValue(session, object, t.attributes, t.count);
	FUZZ_MUST(rv == CKR_OK || rv == CKR_ATTRIBUTE_TYPE_INVALID ||
		  rv == CKR_BUFFER_TOO_SMALL ||
		  rv == CKR_SESSION_HANDLE_INVALID ||
		  rv == CKR_OBJECT_HANDLE_INVALID);
	template_free(&t);
}

static void
call_change(struct bytes *in)
{
	CK_SESSION_HANDLE session = session_from(in);
	CK_OBJECT_HANDLE object = object_from(in), copy = 0;
	struct template t = template_from(in, ask_for);

	FUZZ_MUST(C_CreateObject(session, t.attributes, t.count, &copy) !=
		  CKR_OK);
	FUZZ_MUST(C_CopyObject(session, object, t.attributes, t.count,
			       &copy) != CKR_OK);
	FUZZ_MUST(C_SetAttributeValue(session, object, t.attributes,
				      t.count) != CKR_OK);
	FUZZ_MUST(C_DestroyObject(session, object) != CKR_OK);
	FUZZ_MUST(copy == 0);
	template_free(&t);
}

static void
call_session(struct bytes *in)
{
	uint8_t choice = fuzz_octet(in), which = fuzz_octet(in) % SESSIONS;
	CK_SESSION_HANDLE session = session_from(in);
	CK_RV rv;

	switch (choice % 4) {
	case 0:
		if (!is_session(sessions[which]))
			FUZZ_MUST(C_OpenSession(1, CKF_SERIAL_SESSION, NULL,
						NULL, &sessions[which]) ==
				  CKR_OK);
		break;
	case 1:
		rv = C_CloseSession(session);
		FUZZ_MUST(rv == CKR_OK || rv == CKR_SESSION_HANDLE_INVALID);
		FUZZ_MUST(!is_session(session));
		break;
	case 2:
		FUZZ_MUST(C_OpenSession(fuzz_octet(in), fuzz_octet(in), NULL,
					NULL, NULL) != CKR_OK);
		break;
	default:
		C_CloseAllSessions(choice > 250 ? 1 : fuzz_octet(in));
	}
}

static void
call_login(struct bytes *in)
{
	CK_SESSION_HANDLE session = session_from(in);
	struct bytes pin = fuzz_take(in, fuzz_octet(in) % 16);
	uint8_t *copy = fuzz_copy(pin), label[32] = { 0 };

	FUZZ_MUST(C_Login(session, fuzz_octet(in), copy, pin.n) != CKR_OK);
	FUZZ_MUST(C_Logout(session) != CKR_OK);
	FUZZ_MUST(C_InitPIN(session, copy, pin.n) != CKR_OK);
	FUZZ_MUST(C_SetPIN(session, copy, pin.n, NULL, 0) != CKR_OK);
	FUZZ_MUST(C_InitToken(1, copy, pin.n, label) != CKR_OK);
	free(copy);
}

static void
call_information(struct bytes *in)
{
	CK_SLOT_ID slot = fuzz_octet(in), first = 0;
	CK_ULONG count = fuzz_octet(in) % 2;
	CK_MECHANISM_INFO mechanism;
	CK_TOKEN_INFO token;
	CK_SLOT_INFO info;

	FUZZ_MUST((C_GetSlotInfo(slot, &info) == CKR_OK) == (slot == 1));
	FUZZ_MUST((C_GetTokenInfo(slot, &token) == CKR_OK) == (slot == 1));
	FUZZ_MUST(C_GetMechanismInfo(slot, fuzz_number(in), &mechanism) !=
		  CKR_OK);
	FUZZ_MUST((C_GetSlotList(0, &first, &count) == CKR_OK) ==
		  (first == 1));
	FUZZ_MUST(C_WaitForSlotEvent(fuzz_octet(in), &first, NULL) != CKR_OK);
}

/* The functions that the token does not have, with what they might trip
 * over. */
static void
call_stub(struct bytes *in)
{
	CK_SESSION_HANDLE session = session_from(in);
	CK_ULONG n = fuzz_octet(in);
	CK_FUNCTION_LIST *f = NULL;

	FUZZ_MUST(C_GetFunctionList(&f) == CKR_OK);
	FUZZ_MUST(f->C_SignInit(session, NULL, fuzz_octet(in)) != CKR_OK);
	FUZZ_MUST(f->C_Digest(session, NULL, n, NULL, NULL) != CKR_OK);
	FUZZ_MUST(f->C_UnwrapKey(session, NULL, 0, NULL, n, NULL, n, NULL) !=
		  CKR_OK);
	FUZZ_MUST(f->C_GenerateRandom(session, NULL, n) != CKR_OK);
	FUZZ_MUST(f->C_GetFunctionStatus(session) != CKR_OK);
}

/* A second caller comes and goes: the first stays initialised. */
static void
call_initialize(struct bytes *in)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	CK_RV rv = C_Initialize(fuzz_octet(in) & 1 ? &args : NULL);

	if (rv == CKR_OK)
		FUZZ_MUST(C_Finalize(NULL) == CKR_OK);
	else
		FUZZ_MUST(rv == CKR_CRYPTOKI_ALREADY_INITIALIZED);
	FUZZ_MUST(C_Finalize(&args) == CKR_ARGUMENTS_BAD);
}

static void
call(struct bytes *in)
{
	uint8_t choice = fuzz_octet(in);

	switch (choice % 16) {
	case 0: case 1: case 2: case 3: call_init(in); break;
	case 4: case 5: call_find(in); break;
	case 6: C_FindObjectsFinal(session_from(in)); break;
	case 7: case 8: call_get(in); break;
	case 9: call_session(in); break;
	case 10: call_change(in); break;
	case 11: call_login(in); break;
	case 12: call_information(in); break;
	case 13: call_stub(in); break;
	case 14: call_initialize(in); break;
	default: C_FindObjectsFinal(sessions[0]); call_init(in); break;
	}
}

/* ---- The target -------------------------------------------------------- */

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bytes in = { p, n };

	setenv("XDG_DATA_HOME", "/nowhere", 1);
	FUZZ_MUST(catalog_open(&list, builtin_catalog,
			       builtin_catalog_size) == 0);
	FUZZ_MUST(C_Initialize(NULL) == CKR_OK);
	for (unsigned i = 0; i < SESSIONS; i++)
		FUZZ_MUST(C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL,
					&sessions[i]) == CKR_OK);
	memset(objects, 0, sizeof(objects));
	for (unsigned i = 0; i < CALLS && in.n > 0; i++)
		call(&in);
	FUZZ_MUST(C_Finalize(NULL) == CKR_OK);
	return 0;
}
