/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Cryptoki calls by a grammar: each octet of the input chooses a function,
 * the ones that follow its arguments, from those of a good caller to those
 * of a hostile one.  Pointers lead to as much memory as their length says or
 * are NULL; nothing else could be survived.  A model of the sessions says
 * what each call must answer, word for word; a search of the same template
 * beside the session's, what it must find; the objects, what their
 * attributes must read.  The lists are the built-in one and a user's.
 */

#define _GNU_SOURCE

#include "../unit/folder.h"
#include "../unit/people.h"
#include "../unit/plain.h"
#include "cryptoki.h"
#include "fuzz.h"
#include "library.h"
#include "search.h"

enum { SESSIONS = 4, OBJECTS = 8, CALLS = 64, SLOT = 1, FILLER = 0xee };

unsigned fuzz_deep;

/* A session as it must be. */
struct model {
	CK_SESSION_HANDLE handle;
	bool is_open;
	bool is_searching;
	struct search search;		/* the same, beside the session's */
};

static struct model sessions[SESSIONS];
static CK_OBJECT_HANDLE objects[OBJECTS];

/* ---- Arguments --------------------------------------------------------- */

/* A session that was opened here, closed or not, or any number. */
static CK_SESSION_HANDLE
session_from(struct bytes *in)
{
	uint8_t choice = fuzz_octet(in);

	if (choice < 240)
		return sessions[choice % SESSIONS].handle;
	return choice < 250 ? sessions[0].handle + choice : fuzz_number(in);
}

/* NULL: no such session is open. */
static struct model *
model_of(CK_SESSION_HANDLE handle)
{
	for (unsigned i = 0; i < SESSIONS; i++) {
		if (sessions[i].is_open && sessions[i].handle == handle)
			return &sessions[i];
	}
	return NULL;
}

/* What a call on a session says, if there is one. */
static CK_RV
in_session(CK_SESSION_HANDLE handle, CK_RV rv)
{
	return model_of(handle) != NULL ? rv : CKR_SESSION_HANDLE_INVALID;
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
	uint8_t choice = fuzz_octet(in);

	return choice < 250 ? asked_types[choice % ASKED_TYPES] :
			      fuzz_number(in);
}

/* What an object has, of any list and kind. */
static struct bytes
listed(struct bytes *in, CK_ATTRIBUTE_TYPE type,
       uint8_t scratch[static OBJECT_SCRATCH])
{
	const struct lists *lists = library_lists();
	uint8_t choice = fuzz_octet(in);
	struct bytes value = { NULL, 0 };
	struct object o;

	if (object_of(lists, (enum kind)(choice / 2 % KINDS),
		      choice % lists->count, fuzz_octet(in), &o))
		value = object_value(&o, object_column(type), scratch);
	return value;
}

/* A value for a search, in memory of its own: listed, listed and altered,
 * or any octets. */
static void
ask_for(CK_ATTRIBUTE *a, struct bytes *in)
{
	uint8_t choice = fuzz_octet(in), scratch[OBJECT_SCRATCH], at;
	struct bytes value = choice < 192 ? listed(in, a->type, scratch) :
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
		memset(a->pValue, FILLER, a->ulValueLen);
	if (choice == 255)
		a->ulValueLen = CK_UNAVAILABLE_INFORMATION;
}

/* An attribute without a value, now and then; illegal to search for unless
 * its length is nothing. */
static void
spoil(CK_ATTRIBUTE *a, struct bytes *in)
{
	free(a->pValue);
	a->pValue = NULL;
	a->ulValueLen = fuzz_octet(in) & 1 ? CK_UNAVAILABLE_INFORMATION :
					     fuzz_number(in);
}

/* In a block of exactly so many attributes. */
struct arguments {
	CK_ATTRIBUTE *attributes;
	CK_ULONG count;
	bool is_illegal;
};

static struct arguments
arguments_from(struct bytes *in, void (*fill)(CK_ATTRIBUTE *, struct bytes *))
{
	struct arguments t = { .count = fuzz_octet(in) % TEMPLATE };

	t.attributes = malloc(t.count * sizeof(*t.attributes));
	for (CK_ULONG i = 0; i < t.count; i++) {
		CK_ATTRIBUTE *a = &t.attributes[i];

		a->type = type_from(in);
		fill(a, in);
		if (fuzz_octet(in) == 255)
			spoil(a, in);
		t.is_illegal |= a->pValue == NULL && a->ulValueLen != 0;
	}
	return t;
}

static void
arguments_free(struct arguments *t)
{
	for (CK_ULONG i = 0; i < t->count; i++)
		free(t->attributes[i].pValue);
	free(t->attributes);
}

/* ---- Searching --------------------------------------------------------- */

static void
call_init(struct bytes *in)
{
	CK_SESSION_HANDLE session = session_from(in);
	struct model *m = model_of(session);
	struct arguments t = arguments_from(in, ask_for);
	CK_RV rv = in_session(session, CKR_OK);

	if (m != NULL && m->is_searching)
		rv = CKR_OPERATION_ACTIVE;
	else if (m != NULL && t.is_illegal)
		rv = CKR_ARGUMENTS_BAD;
	FUZZ_MUST(C_FindObjectsInit(session, t.attributes, t.count) == rv);
	if (rv == CKR_OK) {
		m->is_searching = true;
		FUZZ_MUST(search_begin(&m->search, library_lists(),
				       t.attributes, t.count) == CKR_OK);
	}
	arguments_free(&t);
}

/* What was found is what the other search finds, and can be opened. */
static void
check_found(struct model *m, const CK_OBJECT_HANDLE *found, CK_ULONG n,
	    CK_ULONG max)
{
	CK_ULONG size;

	for (CK_ULONG i = 0; i < n; i++) {
		FUZZ_MUST(search_next(&m->search, library_lists()) ==
			  found[i]);
		FUZZ_MUST(C_GetObjectSize(m->handle, found[i], &size) ==
			  CKR_OK);
		objects[i % OBJECTS] = found[i];
		fuzz_deep++;
	}
	if (n < max)
		FUZZ_MUST(search_next(&m->search, library_lists()) ==
			  CK_INVALID_HANDLE);
}

static void
call_find(struct bytes *in)
{
	CK_SESSION_HANDLE session = session_from(in);
	struct model *m = model_of(session);
	CK_ULONG max = fuzz_octet(in) % 64, n = FILLER;
	CK_OBJECT_HANDLE *found = calloc(max, sizeof(*found));
	CK_RV rv = in_session(session, CKR_OPERATION_NOT_INITIALIZED);

	if (m != NULL && m->is_searching)
		rv = CKR_OK;
	FUZZ_MUST(C_FindObjects(session, found, max, &n) == rv);
	if (rv == CKR_OK) {
		FUZZ_MUST(n <= max);
		check_found(m, found, n, max);
	} else {
		FUZZ_MUST(n == FILLER);
	}
	free(found);
}

static void
call_final(struct bytes *in)
{
	CK_SESSION_HANDLE session = session_from(in);
	struct model *m = model_of(session);
	CK_RV rv = in_session(session, CKR_OPERATION_NOT_INITIALIZED);

	if (m != NULL && m->is_searching)
		rv = CKR_OK;
	FUZZ_MUST(C_FindObjectsFinal(session) == rv);
	if (m != NULL)
		m->is_searching = false;
}

static void
call_cancel(struct bytes *in)
{
	CK_SESSION_HANDLE session = session_from(in);
	struct model *m = model_of(session);
	CK_FLAGS flags = fuzz_octet(in);

	FUZZ_MUST(C_SessionCancel(session, flags) ==
		  in_session(session, CKR_OK));
	if (m != NULL && (flags & P11_CKF_FIND_OBJECTS))
		m->is_searching = false;
}

/* ---- Reading ----------------------------------------------------------- */

/* The five cases of 5.7 C_GetAttributeValue; `before` is what was asked. */
static CK_RV
check_attribute(const struct object *o, const CK_ATTRIBUTE *before,
		const CK_ATTRIBUTE *after)
{
	uint8_t scratch[OBJECT_SCRATCH];
	struct bytes due = object_value(o, object_column(before->type),
					scratch);
	const uint8_t *p = after->pValue;

	FUZZ_MUST(after->type == before->type && p == before->pValue);
	if (due.p == NULL || (p != NULL && before->ulValueLen < due.n) ||
	    (p != NULL && before->ulValueLen == CK_UNAVAILABLE_INFORMATION)) {
		FUZZ_MUST(after->ulValueLen == CK_UNAVAILABLE_INFORMATION);
		return due.p == NULL ? CKR_ATTRIBUTE_TYPE_INVALID :
				       CKR_BUFFER_TOO_SMALL;
	}
	FUZZ_MUST(after->ulValueLen == due.n);
	if (p == NULL)
		return CKR_OK;
	FUZZ_MUST(due.n == 0 || memcmp(p, due.p, due.n) == 0);
	for (CK_ULONG i = due.n; i < before->ulValueLen; i++)
		FUZZ_MUST(p[i] == FILLER);
	return CKR_OK;
}

static void
call_get(struct bytes *in)
{
	CK_SESSION_HANDLE session = session_from(in);
	CK_OBJECT_HANDLE handle = object_from(in);
	struct arguments t = arguments_from(in, make_room);
	CK_ATTRIBUTE before[TEMPLATE];
	CK_RV due = in_session(session, CKR_OK), rv;
	struct object o = { 0 };

	/* Here a NULL pointer is a question, and only that: nothing is
	 * written to what is spoilt. */
	if (t.count > 0)
		memcpy(before, t.attributes, t.count * sizeof(before[0]));
	rv = C_GetAttributeValue(session, handle, t.attributes, t.count);
	if (due == CKR_OK && !object_open(library_lists(), handle, &o))
		due = CKR_OBJECT_HANDLE_INVALID;
	for (CK_ULONG i = 0; i < t.count && due != CKR_OBJECT_HANDLE_INVALID &&
			     due != CKR_SESSION_HANDLE_INVALID; i++) {
		CK_RV one = check_attribute(&o, &before[i], &t.attributes[i]);

		if (due == CKR_OK)
			due = one;
	}
	FUZZ_MUST(rv == due);
	arguments_free(&t);
}

static void
call_change(struct bytes *in)
{
	CK_SESSION_HANDLE session = session_from(in);
	CK_OBJECT_HANDLE object = object_from(in), copy = 0;
	struct arguments t = arguments_from(in, ask_for);
	struct object o;
	CK_RV one = object_open(library_lists(), object, &o) ?
		CKR_TOKEN_WRITE_PROTECTED : CKR_OBJECT_HANDLE_INVALID;

	FUZZ_MUST(C_CreateObject(session, t.attributes, t.count, &copy) ==
		  in_session(session, t.is_illegal ? CKR_ARGUMENTS_BAD :
			     CKR_TOKEN_WRITE_PROTECTED));
	FUZZ_MUST(C_CopyObject(session, object, t.attributes, t.count,
			       &copy) ==
		  in_session(session, t.is_illegal ? CKR_ARGUMENTS_BAD : one));
	FUZZ_MUST(C_SetAttributeValue(session, object, t.attributes,
				      t.count) ==
		  in_session(session, t.is_illegal ? CKR_ARGUMENTS_BAD : one));
	FUZZ_MUST(C_DestroyObject(session, object) ==
		  in_session(session, one));
	FUZZ_MUST(copy == 0);
	arguments_free(&t);
}

/* ---- Sessions ---------------------------------------------------------- */

static void
open_session(struct model *m)
{
	CK_SESSION_HANDLE handle = CK_INVALID_HANDLE;

	FUZZ_MUST(C_OpenSession(SLOT, CKF_SERIAL_SESSION, NULL, NULL,
				&handle) == CKR_OK);
	FUZZ_MUST(handle != CK_INVALID_HANDLE && model_of(handle) == NULL);
	*m = (struct model){ .handle = handle, .is_open = true };
}

static void
close_models(void)
{
	for (unsigned i = 0; i < SESSIONS; i++)
		sessions[i].is_open = false;
}

/* What nobody is given. */
static void
open_wrongly(struct bytes *in)
{
	CK_SLOT_ID slot = fuzz_octet(in);
	CK_FLAGS flags = fuzz_octet(in);
	CK_SESSION_HANDLE handle = FILLER;
	CK_RV rv = !(flags & CKF_SERIAL_SESSION) ?
		CKR_SESSION_PARALLEL_NOT_SUPPORTED : CKR_TOKEN_WRITE_PROTECTED;

	FUZZ_MUST(C_OpenSession(slot, flags, NULL, NULL, NULL) ==
		  (slot == SLOT ? CKR_ARGUMENTS_BAD : CKR_SLOT_ID_INVALID));
	flags |= flags & CKF_SERIAL_SESSION ? CKF_RW_SESSION : 0;
	FUZZ_MUST(C_OpenSession(slot, flags, NULL, NULL, &handle) ==
		  (slot == SLOT ? rv : CKR_SLOT_ID_INVALID));
	FUZZ_MUST(handle == FILLER);
}

static void
call_session(struct bytes *in)
{
	uint8_t choice = fuzz_octet(in), which = fuzz_octet(in) % SESSIONS;
	CK_SESSION_HANDLE session = session_from(in);
	struct model *m = model_of(session);
	CK_SESSION_INFO info;
	CK_SLOT_ID slot;

	FUZZ_MUST(C_GetSessionInfo(session, &info) ==
		  in_session(session, CKR_OK));
	switch (choice % 4) {
	case 0:
		if (!sessions[which].is_open)
			open_session(&sessions[which]);
		break;
	case 1:
		FUZZ_MUST(C_CloseSession(session) ==
			  in_session(session, CKR_OK));
		if (m != NULL)
			m->is_open = false;
		break;
	case 2:
		open_wrongly(in);
		break;
	default:
		slot = choice > 250 ? SLOT : fuzz_octet(in);
		FUZZ_MUST(C_CloseAllSessions(slot) ==
			  (slot == SLOT ? CKR_OK : CKR_SLOT_ID_INVALID));
		if (slot == SLOT)
			close_models();
	}
}

/* Who comes to log in, and is told that there is nobody to log in as. */
static CK_RV
login_answer(CK_USER_TYPE user)
{
	return user == CKU_SO ? CKR_SESSION_READ_ONLY_EXISTS :
	       user == CKU_USER ? CKR_USER_PIN_NOT_INITIALIZED :
	       user == CKU_CONTEXT_SPECIFIC ? CKR_OPERATION_NOT_INITIALIZED :
					      CKR_USER_TYPE_INVALID;
}

static void
call_login(struct bytes *in)
{
	CK_SESSION_HANDLE session = session_from(in);
	CK_USER_TYPE user = fuzz_octet(in);
	struct bytes pin = fuzz_take(in, fuzz_octet(in) % 16);
	uint8_t *copy = fuzz_copy(pin), label[32] = { 0 };
	CK_RV rv = in_session(session, login_answer(user)),
	      no = in_session(session, CKR_TOKEN_WRITE_PROTECTED);

	FUZZ_MUST(C_Login(session, user, copy, pin.n) == rv);
	FUZZ_MUST(C_LoginUser(session, user, copy, pin.n, copy, pin.n) == rv);
	FUZZ_MUST(C_LoginUser(session, user, copy, pin.n, NULL, 1) ==
		  in_session(session, CKR_ARGUMENTS_BAD));
	FUZZ_MUST(C_Logout(session) ==
		  in_session(session, CKR_USER_NOT_LOGGED_IN));
	FUZZ_MUST(C_InitPIN(session, copy, pin.n) == no);
	FUZZ_MUST(C_SetPIN(session, copy, pin.n, NULL, 0) == no);
	FUZZ_MUST(C_InitToken(SLOT, copy, pin.n, label) ==
		  CKR_TOKEN_WRITE_PROTECTED);
	free(copy);
}

/* ---- Everything else --------------------------------------------------- */

static void
call_information(struct bytes *in)
{
	CK_SLOT_ID slot = fuzz_octet(in), first = 0;
	CK_ULONG count = fuzz_octet(in) % 2, none = FILLER;
	CK_FLAGS flags = fuzz_octet(in);
	CK_MECHANISM_INFO mechanism;
	CK_TOKEN_INFO token;
	CK_SLOT_INFO info;
	CK_INFO library;

	FUZZ_MUST(C_GetInfo(&library) == CKR_OK);
	FUZZ_MUST((C_GetSlotInfo(slot, &info) == CKR_OK) == (slot == SLOT));
	FUZZ_MUST((C_GetTokenInfo(slot, &token) == CKR_OK) == (slot == SLOT));
	FUZZ_MUST((C_GetMechanismList(slot, NULL, &none) == CKR_OK) ==
		  (slot == SLOT) && none == (slot == SLOT ? 0 : FILLER));
	FUZZ_MUST(C_GetMechanismInfo(slot, fuzz_number(in), &mechanism) !=
		  CKR_OK);
	FUZZ_MUST((C_GetSlotList(0, &first, &count) == CKR_OK) ==
		  (first == SLOT));
	FUZZ_MUST(C_WaitForSlotEvent(flags, &first, NULL) ==
		  (flags > CKF_DONT_BLOCK ? CKR_ARGUMENTS_BAD :
		   flags != 0 ? CKR_NO_EVENT : CKR_FUNCTION_NOT_SUPPORTED));
}

/* An interface by name, version and flags is one of the list, or none. */
static void
call_interface(struct bytes *in)
{
	uint8_t choice = fuzz_octet(in);
	CK_VERSION version = { fuzz_octet(in) % 5, fuzz_octet(in) };
	char name[16] = "PKCS 11";
	CK_INTERFACE all[8], *one = NULL;
	CK_ULONG n = 8, i = 0;
	CK_RV rv;

	if (choice & 1)
		name[fuzz_octet(in) % 8] = (char)fuzz_octet(in);
	rv = C_GetInterface(choice & 2 ? (CK_UTF8CHAR *)name : NULL,
			    choice & 4 ? &version : NULL, &one,
			    choice & 8 ? fuzz_octet(in) : 0);
	FUZZ_MUST((rv == CKR_OK) == (one != NULL));
	FUZZ_MUST(C_GetInterfaceList(all, &n) == CKR_OK && n == 3);
	while (one != NULL && i < n &&
	       all[i].pFunctionList != one->pFunctionList)
		i++;
	FUZZ_MUST(i < n);
	if (one != NULL && choice & 4)
		FUZZ_MUST(memcmp(one->pFunctionList, &version,
				 sizeof(version)) == 0);
}

/* The functions that the token does not have, with what they might trip
 * over. */
static void
call_stub(struct bytes *in)
{
	CK_SESSION_HANDLE session = session_from(in);
	const struct p11_function_list *f;
	CK_ULONG n = fuzz_octet(in);
	CK_INTERFACE *newest = NULL;

	FUZZ_MUST(C_GetInterface(NULL, NULL, &newest, 0) == CKR_OK);
	f = newest->pFunctionList;
	FUZZ_MUST(f->v2_40.C_SignInit(session, NULL, n) ==
		  CKR_FUNCTION_NOT_SUPPORTED);
	FUZZ_MUST(f->v2_40.C_Digest(session, NULL, n, NULL, NULL) ==
		  CKR_FUNCTION_NOT_SUPPORTED);
	FUZZ_MUST(f->v2_40.C_UnwrapKey(session, NULL, 0, NULL, n, NULL, n,
				       NULL) == CKR_FUNCTION_NOT_SUPPORTED);
	FUZZ_MUST(f->v2_40.C_GenerateRandom(session, NULL, n) ==
		  CKR_FUNCTION_NOT_SUPPORTED);
	FUZZ_MUST(f->C_EncryptMessageBegin(session, NULL, n, NULL, n) ==
		  CKR_FUNCTION_NOT_SUPPORTED);
	FUZZ_MUST(f->C_MessageVerifyFinal(session) ==
		  CKR_FUNCTION_NOT_SUPPORTED);
	FUZZ_MUST(f->v2_40.C_GetFunctionStatus(session) ==
		  in_session(session, CKR_FUNCTION_NOT_PARALLEL));
}

/* Everybody leaves, and one comes again: all sessions are closed. */
static void
restart(void)
{
	CK_ULONG n = FILLER;

	FUZZ_MUST(C_Finalize(NULL) == CKR_OK);
	FUZZ_MUST(C_Finalize(NULL) == CKR_CRYPTOKI_NOT_INITIALIZED);
	for (unsigned i = 0; i < SESSIONS; i++)
		FUZZ_MUST(C_FindObjects(sessions[i].handle, NULL, 0, &n) ==
			  CKR_CRYPTOKI_NOT_INITIALIZED);
	FUZZ_MUST(C_GetSlotList(1, NULL, &n) == CKR_CRYPTOKI_NOT_INITIALIZED);
	FUZZ_MUST(C_Initialize(NULL) == CKR_OK);
	close_models();
}

/* A second caller comes and goes: the first stays initialised. */
static void
call_initialize(struct bytes *in)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	uint8_t choice = fuzz_octet(in);

	FUZZ_MUST(C_Finalize(&args) == CKR_ARGUMENTS_BAD);
	if (choice & 1) {
		FUZZ_MUST(C_Initialize(&args) == CKR_OK);
		FUZZ_MUST(C_Finalize(NULL) == CKR_OK);
	}
	if (choice & 2)
		restart();
}

static void
call(struct bytes *in)
{
	uint8_t choice = fuzz_octet(in);

	switch (choice % 18) {
	case 0: case 1: case 2: case 3: call_init(in); break;
	case 4: case 5: case 6: call_find(in); break;
	case 7: call_final(in); break;
	case 8: case 9: call_get(in); break;
	case 10: call_session(in); break;
	case 11: call_change(in); break;
	case 12: call_login(in); break;
	case 13: call_information(in); break;
	case 14: call_stub(in); break;
	case 15: call_initialize(in); break;
	case 16: call_interface(in); break;
	default: call_cancel(in); break;
	}
}

/* ---- The target -------------------------------------------------------- */

/* A user's list, beside the built-in one. */
static void
make_user(void)
{
	char path[256];

	folder_make();
	atexit(folder_remove);
	FUZZ_MUST(setenv("XDG_DATA_HOME", folder, 1) == 0);
	FUZZ_MUST(mkdir(folder_path("p11-distrust"), 0700) == 0);
	make_lists();
	snprintf(path, sizeof(path), "%s/p11-distrust/user.catalog", folder);
	folder_write(path, (struct bytes){ made[0].octets, made[0].size },
		     0600);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bytes in = { p, n };

	if (folder[0] == '\0')
		make_user();
	FUZZ_MUST(C_Initialize(NULL) == CKR_OK);
	FUZZ_MUST(library_lists()->count >= 2);
	for (unsigned i = 0; i < SESSIONS; i++)
		open_session(&sessions[i]);
	memset(objects, 0, sizeof(objects));
	for (unsigned i = 0; i < CALLS && in.n > 0; i++)
		call(&in);
	FUZZ_MUST(C_Finalize(NULL) == CKR_OK);
	close_models();
	return 0;
}
