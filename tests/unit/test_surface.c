/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The Cryptoki surface as a caller meets it: the built module, opened with
 * dlopen().  One table has a row for each call with its arguments and the
 * answer that is due; one walk goes through every place of the function
 * lists of 2.40, 3.0 and 3.2.  It knows PKCS#11 and design.md section 5; it
 * must not know the module's parts, nor what is in its list.
 */

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cryptoki.h"
#include "tap.h"

static CK_FUNCTION_LIST *f;			/* of 2.40 */
static const struct p11_function_list *f3;	/* of 3.2 */
static const struct p11_function_list *f3_0;

/* ---- Answers by name -------------------------------------------------- */

static const struct {
	CK_RV rv;
	const char *name;
} answers[] = {
	{ CKR_OK, "OK" },
	{ CKR_HOST_MEMORY, "HOST_MEMORY" },
	{ CKR_SLOT_ID_INVALID, "SLOT_ID_INVALID" },
	{ CKR_GENERAL_ERROR, "GENERAL_ERROR" },
	{ CKR_FUNCTION_FAILED, "FUNCTION_FAILED" },
	{ CKR_ARGUMENTS_BAD, "ARGUMENTS_BAD" },
	{ CKR_NO_EVENT, "NO_EVENT" },
	{ CKR_ATTRIBUTE_SENSITIVE, "ATTRIBUTE_SENSITIVE" },
	{ CKR_ATTRIBUTE_TYPE_INVALID, "ATTRIBUTE_TYPE_INVALID" },
	{ CKR_FUNCTION_NOT_PARALLEL, "FUNCTION_NOT_PARALLEL" },
	{ CKR_FUNCTION_NOT_SUPPORTED, "FUNCTION_NOT_SUPPORTED" },
	{ CKR_MECHANISM_INVALID, "MECHANISM_INVALID" },
	{ CKR_OBJECT_HANDLE_INVALID, "OBJECT_HANDLE_INVALID" },
	{ CKR_OPERATION_ACTIVE, "OPERATION_ACTIVE" },
	{ CKR_OPERATION_NOT_INITIALIZED, "OPERATION_NOT_INITIALIZED" },
	{ CKR_SESSION_HANDLE_INVALID, "SESSION_HANDLE_INVALID" },
	{ CKR_SESSION_PARALLEL_NOT_SUPPORTED,
	  "SESSION_PARALLEL_NOT_SUPPORTED" },
	{ CKR_SESSION_READ_ONLY_EXISTS, "SESSION_READ_ONLY_EXISTS" },
	{ CKR_TOKEN_WRITE_PROTECTED, "TOKEN_WRITE_PROTECTED" },
	{ CKR_USER_NOT_LOGGED_IN, "USER_NOT_LOGGED_IN" },
	{ CKR_USER_PIN_NOT_INITIALIZED, "USER_PIN_NOT_INITIALIZED" },
	{ CKR_USER_TYPE_INVALID, "USER_TYPE_INVALID" },
	{ CKR_BUFFER_TOO_SMALL, "BUFFER_TOO_SMALL" },
	{ CKR_CRYPTOKI_NOT_INITIALIZED, "CRYPTOKI_NOT_INITIALIZED" },
	{ CKR_CRYPTOKI_ALREADY_INITIALIZED, "CRYPTOKI_ALREADY_INITIALIZED" },
};

static const char *
answer_name(CK_RV rv)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (answers[i].rv == rv)
			return answers[i].name;
	}
	return "another answer";
}

/* ---- What rows name --------------------------------------------------- */

/* The state before a row's call. */
enum when {
	BEFORE,		/* nobody has called C_Initialize yet */
	AFTER,		/* C_Initialize, then C_Finalize */
	READY,
	SEARCHING,	/* for all objects, in session OPEN */
	AT_END,		/* the same, all objects taken */
	SEARCHED,	/* a search was finished */
	REFUSED,	/* a search was begun with a template that is none */
	TWO,		/* READY, for a second caller too */
	TWO_LESS_ONE,	/* and one of them has finalised */
};

/* Slots and sessions, what a call is made on. */
enum on {
	SLOT, SLOT_0, SLOT_2, SLOT_MAX,
	OPEN,		/* with a search, where `when` says so */
	OTHER,		/* open too, never searching */
	CLOSED,
	CLOSED_ALL,	/* by C_CloseAllSessions */
	ENDED,		/* by C_Finalize */
	SESSION_0, STRANGE, SESSION_MAX,
	ONS
};
static CK_ULONG on[ONS] = {
	[SLOT] = 1, [SLOT_0] = 0, [SLOT_2] = 2, [SLOT_MAX] = ~0UL,
	[OPEN] = 1, [OTHER] = 2, [CLOSED] = 3, [CLOSED_ALL] = 4, [ENDED] = 5,
	[SESSION_0] = 0, [STRANGE] = 0x5a5a5a5a5aUL, [SESSION_MAX] = ~0UL,
};

enum object {
	CERTIFICATE, NSS_TRUST, TRUST, PROFILE,
	OBJECT_0, OBJECT_STRANGE, OBJECT_KIND, OBJECT_MAX,
	OBJECTS
};
static CK_OBJECT_HANDLE objects[OBJECTS] = {
	[CERTIFICATE] = 1, [NSS_TRUST] = 2, [TRUST] = 3, [PROFILE] = 4,
	[OBJECT_0] = CK_INVALID_HANDLE, [OBJECT_STRANGE] = 0x5a5a5a5a5aUL,
	[OBJECT_KIND] = 0xffffffffUL, [OBJECT_MAX] = ~0UL,
};

/* Where calls write to.  Filled with FILLER before each. */
enum { FILLER = 0x5a };
static union {
	CK_INFO info;
	CK_SLOT_INFO slot;
	CK_TOKEN_INFO token;
	CK_SESSION_INFO session;
	CK_MECHANISM_INFO mechanism;
	CK_FUNCTION_LIST *list;
	CK_INTERFACE *interface;
	CK_INTERFACE interfaces[4];
	CK_ULONG numbers[4];
	CK_BYTE octets[512];
} out;
static CK_ULONG count;

/* An attribute of a template, and what its ulValueLen is after the call.
 * ANY: whatever the entry that the list begins with has. */
struct asked {
	CK_ATTRIBUTE_TYPE type;
	void *value;
	CK_ULONG length;
	CK_ULONG becomes;
};
#define ANY 0x7fffffffUL
#define NO_LENGTH CK_UNAVAILABLE_INFORMATION
enum { TEMPLATE_MAX = 4 };
static CK_ATTRIBUTE template[TEMPLATE_MAX];

/* Nobody looks at it: only its address is used. */
static char somewhere[8];

struct row {
	const char *text;
	CK_RV (*call)(const struct row *);
	enum when when;
	enum on on;
	enum object object;
	CK_ULONG number;		/* flags, user, mechanism, ... */
	CK_ULONG n;			/* how many; the first *count */
	const struct asked *asked;	/* a template of n */
	const CK_C_INITIALIZE_ARGS *args;
	const CK_VERSION *version;
	void *in;
	void *out;
	CK_ULONG *count;
	CK_RV rv;
	bool writes;			/* though it fails */
	bool (*check)(void);		/* what the call left behind */
};

/* ---- Calls ------------------------------------------------------------ */

/* An entry's type has no const, but the template is ours to change. */
static CK_ATTRIBUTE *
template_of(const struct row *r)
{
	if (r->asked == NULL)
		return NULL;
	for (CK_ULONG i = 0; i < r->n; i++)
		template[i] = (CK_ATTRIBUTE){ r->asked[i].type,
					      r->asked[i].value,
					      r->asked[i].length };
	return template;
}

static CK_RV
initialize(const struct row *r)
{
	CK_C_INITIALIZE_ARGS copy;

	if (r->args == NULL)
		return f->C_Initialize(NULL);
	copy = *r->args;
	return f->C_Initialize(&copy);
}

static CK_RV
finalize(const struct row *r)
{
	return f->C_Finalize(r->in);
}

static CK_RV
get_info(const struct row *r)
{
	return f->C_GetInfo(r->out);
}

static CK_RV
get_function_list(const struct row *r)
{
	return f->C_GetFunctionList(r->out);
}

static CK_RV
get_interface_list(const struct row *r)
{
	return f3->C_GetInterfaceList(r->out, r->count);
}

static CK_RV
get_interface(const struct row *r)
{
	CK_VERSION copy;

	if (r->version == NULL)
		return f3->C_GetInterface(r->in, NULL, r->out, r->number);
	copy = *r->version;
	return f3->C_GetInterface(r->in, &copy, r->out, r->number);
}

static CK_RV
get_info_3_0(const struct row *r)
{
	return f3_0->v2_40.C_GetInfo(r->out);
}

static CK_RV
get_info_3_2(const struct row *r)
{
	return f3->v2_40.C_GetInfo(r->out);
}

static CK_RV
get_slot_list(const struct row *r)
{
	return f->C_GetSlotList((CK_BBOOL)r->number, r->out, r->count);
}

static CK_RV
get_slot_info(const struct row *r)
{
	return f->C_GetSlotInfo(on[r->on], r->out);
}

static CK_RV
get_token_info(const struct row *r)
{
	return f->C_GetTokenInfo(on[r->on], r->out);
}

static CK_RV
wait_for_slot_event(const struct row *r)
{
	return f->C_WaitForSlotEvent(r->number, r->out, r->in);
}

static CK_RV
get_mechanism_list(const struct row *r)
{
	return f->C_GetMechanismList(on[r->on], r->out, r->count);
}

static CK_RV
get_mechanism_info(const struct row *r)
{
	return f->C_GetMechanismInfo(on[r->on], r->number, r->out);
}

static CK_RV
init_token(const struct row *r)
{
	return f->C_InitToken(on[r->on], r->in, r->n, r->out);
}

static CK_RV
init_pin(const struct row *r)
{
	return f->C_InitPIN(on[r->on], r->in, r->n);
}

/* in: the new PIN; out: the old one. */
static CK_RV
set_pin(const struct row *r)
{
	return f->C_SetPIN(on[r->on], r->out, r->number, r->in, r->n);
}

static CK_RV
open_session(const struct row *r)
{
	return f->C_OpenSession(on[r->on], r->number, r->in, NULL, r->out);
}

static CK_RV
close_session(const struct row *r)
{
	return f->C_CloseSession(on[r->on]);
}

static CK_RV
close_all_sessions(const struct row *r)
{
	return f->C_CloseAllSessions(on[r->on]);
}

static CK_RV
get_session_info(const struct row *r)
{
	return f->C_GetSessionInfo(on[r->on], r->out);
}

static CK_RV
login(const struct row *r)
{
	return f->C_Login(on[r->on], r->number, r->in, r->n);
}

static CK_RV
logout(const struct row *r)
{
	return f->C_Logout(on[r->on]);
}

/* in, n: the PIN; out, *count: the name. */
static CK_RV
login_user(const struct row *r)
{
	return f3->C_LoginUser(on[r->on], r->number, r->in, r->n, r->out,
			       r->count == NULL ? 0 : *r->count);
}

static CK_RV
session_cancel(const struct row *r)
{
	return f3->C_SessionCancel(on[r->on], r->number);
}

static CK_RV
create_object(const struct row *r)
{
	return f->C_CreateObject(on[r->on], template_of(r), r->n, r->out);
}

static CK_RV
copy_object(const struct row *r)
{
	return f->C_CopyObject(on[r->on], objects[r->object], template_of(r),
			       r->n, r->out);
}

static CK_RV
destroy_object(const struct row *r)
{
	return f->C_DestroyObject(on[r->on], objects[r->object]);
}

static CK_RV
get_object_size(const struct row *r)
{
	return f->C_GetObjectSize(on[r->on], objects[r->object], r->out);
}

static CK_RV
get_attribute_value(const struct row *r)
{
	return f->C_GetAttributeValue(on[r->on], objects[r->object],
				      template_of(r), r->n);
}

static CK_RV
set_attribute_value(const struct row *r)
{
	return f->C_SetAttributeValue(on[r->on], objects[r->object],
				      template_of(r), r->n);
}

static CK_RV
find_objects_init(const struct row *r)
{
	return f->C_FindObjectsInit(on[r->on], template_of(r), r->n);
}

static CK_RV
find_objects(const struct row *r)
{
	return f->C_FindObjects(on[r->on], r->out, r->n, r->count);
}

static CK_RV
find_objects_final(const struct row *r)
{
	return f->C_FindObjectsFinal(on[r->on]);
}

static CK_RV
get_function_status(const struct row *r)
{
	return f->C_GetFunctionStatus(on[r->on]);
}

static CK_RV
cancel_function(const struct row *r)
{
	return f->C_CancelFunction(on[r->on]);
}

/* ---- What calls leave behind ------------------------------------------ */

/* Text in a fixed field: as given, then blanks, and no NUL. */
static bool
is_padded(const CK_UTF8CHAR *field, size_t size, const char *begins)
{
	size_t n = strlen(begins);

	return memcmp(field, begins, n) == 0 &&
	       memchr(field, '\0', size) == NULL && field[size - 1] == ' ';
}

static bool
is_info_of(unsigned major, unsigned minor)
{
	const CK_INFO *i = &out.info;

	return i->cryptokiVersion.major == major &&
	       i->cryptokiVersion.minor == minor && i->flags == 0 &&
	       /* GnuTLS believes nobody else (client-matrix.md 4.2). */
	       is_padded(i->manufacturerID, sizeof(i->manufacturerID),
			 "PKCS#11 Kit") &&
	       is_padded(i->libraryDescription, sizeof(i->libraryDescription),
			 "p11-distrust");
}

static bool
is_our_info(void)
{
	return is_info_of(2, 40);
}

static bool
is_info_3_0(void)
{
	return is_info_of(3, 0);
}

static bool
is_info_3_2(void)
{
	return is_info_of(3, 2);
}

static bool
is_interface(const CK_INTERFACE *i, const void *list)
{
	return strcmp((const char *)i->pInterfaceName, "PKCS 11") == 0 &&
	       i->pFunctionList == list &&
	       i->flags == P11_CKF_INTERFACE_FORK_SAFE;
}

static bool
is_interface_2_40(void)
{
	return is_interface(out.interface, f);
}

static bool
is_interface_3_0(void)
{
	return is_interface(out.interface, f3_0);
}

static bool
is_interface_3_2(void)
{
	return is_interface(out.interface, f3);
}

/* All, and no octet behind them. */
static bool
are_interfaces(void)
{
	return count == 3 && is_interface(&out.interfaces[0], f3) &&
	       is_interface(&out.interfaces[1], f3_0) &&
	       is_interface(&out.interfaces[2], f) &&
	       out.octets[sizeof(out.interfaces[0]) * 3] == FILLER;
}

static bool
is_our_list(void)
{
	return out.list == f && f->version.major == 2 &&
	       f->version.minor == 40;
}

static bool
is_our_slot_info(void)
{
	const CK_SLOT_INFO *i = &out.slot;

	return i->flags == CKF_TOKEN_PRESENT &&
	       is_padded(i->slotDescription, sizeof(i->slotDescription), "") &&
	       is_padded(i->manufacturerID, sizeof(i->manufacturerID), "");
}

static bool
is_our_token_info(void)
{
	const CK_TOKEN_INFO *i = &out.token;

	return i->flags == (CKF_TOKEN_INITIALIZED | CKF_WRITE_PROTECTED) &&
	       i->ulMaxSessionCount == CK_EFFECTIVELY_INFINITE &&
	       is_padded(i->label, sizeof(i->label), "") &&
	       is_padded(i->manufacturerID, sizeof(i->manufacturerID), "") &&
	       is_padded(i->model, sizeof(i->model), "") &&
	       is_padded(i->serialNumber, sizeof(i->serialNumber), "") &&
	       is_padded(i->utcTime, sizeof(i->utcTime), "");
}

static bool
is_our_session_info(void)
{
	const CK_SESSION_INFO *i = &out.session;

	return i->slotID == on[SLOT] && i->state == CKS_RO_PUBLIC_SESSION &&
	       i->flags == CKF_SERIAL_SESSION && i->ulDeviceError == 0;
}

static bool
is_one_slot(void)
{
	return count == 1 && out.numbers[0] == on[SLOT] && on[SLOT] != 0;
}

static bool
is_count_1(void)
{
	return count == 1;
}

static bool
is_count_3(void)
{
	return count == 3;
}

/* And no interface written. */
static bool
is_count_3_alone(void)
{
	return count == 3 && out.octets[0] == FILLER;
}

static bool
is_count_0(void)
{
	return count == 0;
}

static bool
is_count_4(void)
{
	return count == 4 && out.numbers[0] != CK_INVALID_HANDLE &&
	       out.numbers[0] != out.numbers[1];
}

static bool
is_size(void)
{
	return out.numbers[0] > 0 && out.numbers[0] < 1ul << 20;
}

static bool
is_new_session(void)
{
	CK_SESSION_INFO info;

	return out.numbers[0] != CK_INVALID_HANDLE &&
	       out.numbers[0] != on[OPEN] && out.numbers[0] != on[OTHER] &&
	       f->C_GetSessionInfo(out.numbers[0], &info) == CKR_OK;
}

static bool
is_open_alive(void)
{
	CK_SESSION_INFO info;

	return f->C_GetSessionInfo(on[OPEN], &info) == CKR_OK;
}

static bool
is_open_dead(void)
{
	CK_SESSION_INFO info;

	return f->C_GetSessionInfo(on[OPEN], &info) ==
	       CKR_SESSION_HANDLE_INVALID;
}

static bool
is_dead(void)
{
	CK_INFO info;

	return f->C_GetInfo(&info) == CKR_CRYPTOKI_NOT_INITIALIZED;
}

static bool
is_not_searching(void)
{
	return f->C_FindObjectsFinal(on[OPEN]) ==
	       CKR_OPERATION_NOT_INITIALIZED;
}

static bool
is_searching(void)
{
	return f->C_FindObjectsFinal(on[OPEN]) == CKR_OK;
}

/* The search found nothing. */
static bool
is_searching_empty(void)
{
	return f->C_FindObjects(on[OPEN], &out.numbers[0], 1, &count) ==
	       CKR_OK && count == 0 && is_searching();
}

/* The search found something. */
static bool
is_searching_some(void)
{
	return f->C_FindObjects(on[OPEN], &out.numbers[0], 1, &count) ==
	       CKR_OK && count == 1 && is_searching();
}

/* CKA_CLASS is the first that was asked for. */
static bool
is_class_certificate(void)
{
	return out.numbers[0] == CKO_CERTIFICATE;
}

static bool
is_octets_kept(void)
{
	return out.octets[0] == FILLER && out.octets[7] == FILLER;
}

/* ---- Arguments -------------------------------------------------------- */

static CK_RV
create_mutex(void **mutex)
{
	*mutex = NULL;
	return CKR_OK;
}

static CK_RV
use_mutex(void *mutex)
{
	(void)mutex;
	return CKR_OK;
}

#define ALL_MUTEXES .CreateMutex = create_mutex, .DestroyMutex = use_mutex, \
		    .LockMutex = use_mutex, .UnlockMutex = use_mutex

static const CK_C_INITIALIZE_ARGS
	no_args = { .flags = 0 },
	os_locking = { .flags = CKF_OS_LOCKING_OK },
	no_threads = { .flags = CKF_LIBRARY_CANT_CREATE_OS_THREADS },
	both_flags = { .flags = CKF_OS_LOCKING_OK |
				CKF_LIBRARY_CANT_CREATE_OS_THREADS },
	mutexes = { ALL_MUTEXES },
	like_nss = { ALL_MUTEXES, .flags = 3 },
	like_p11_kit = { ALL_MUTEXES, .flags = CKF_OS_LOCKING_OK },
	with_text = { .flags = 3, .pReserved = somewhere },
	with_junk = { .flags = CKF_OS_LOCKING_OK, .pReserved = (void *)1 },
	only_create = { .CreateMutex = create_mutex },
	only_destroy = { .DestroyMutex = use_mutex },
	only_lock = { .LockMutex = use_mutex },
	only_unlock = { .UnlockMutex = use_mutex, .flags = 2 },
	no_create = { .DestroyMutex = use_mutex, .LockMutex = use_mutex,
		      .UnlockMutex = use_mutex },
	no_destroy = { .CreateMutex = create_mutex, .LockMutex = use_mutex,
		       .UnlockMutex = use_mutex },
	no_lock = { .CreateMutex = create_mutex, .DestroyMutex = use_mutex,
		    .UnlockMutex = use_mutex },
	no_unlock = { .CreateMutex = create_mutex, .DestroyMutex = use_mutex,
		      .LockMutex = use_mutex, .flags = 2 };

static const CK_VERSION v2_40 = { 2, 40 }, v2_20 = { 2, 20 }, v3_0 = { 3, 0 },
	v3_1 = { 3, 1 }, v3_2 = { 3, 2 }, v0_0 = { 0, 0 };
static char pkcs_11[] = "PKCS 11", pkcs[] = "PKCS", pkcs_11_more[] = "PKCS 11 ",
	nss_fips[] = "Vendor NSS FIPS Interface", nothing[] = "",
	nss_module[] = "Vendor NSS Module Interface";
#define FORK_SAFE P11_CKF_INTERFACE_FORK_SAFE

static CK_OBJECT_CLASS certificates = CKO_CERTIFICATE;
static CK_OBJECT_CLASS keys = CKO_PRIVATE_KEY;
static CK_BBOOL yes = CK_TRUE;

#define SIZE(type, becomes) { type, NULL, 0, becomes }
#define INTO(type, offset, length, becomes) \
	{ type, &out.octets[offset], length, becomes }

/* For C_GetAttributeValue */
static const struct asked
	class_size[] = { SIZE(CKA_CLASS, sizeof(CK_ULONG)) },
	class_size_and_length[] = {
		{ CKA_CLASS, NULL, 3, sizeof(CK_ULONG) } },
	class_exact[] = {
		INTO(CKA_CLASS, 0, sizeof(CK_ULONG), sizeof(CK_ULONG)) },
	class_longer[] = { INTO(CKA_CLASS, 0, 64, sizeof(CK_ULONG)) },
	class_short[] = { INTO(CKA_CLASS, 0, 7, NO_LENGTH) },
	class_into_0[] = { INTO(CKA_CLASS, 0, 0, NO_LENGTH) },
	class_into_max[] = { INTO(CKA_CLASS, 0, ~0UL, NO_LENGTH) },
	bool_short[] = { INTO(CKA_TOKEN, 0, 0, NO_LENGTH) },
	bool_long[] = { INTO(CKA_TOKEN, 0, 8, 1) },
	value_short[] = { INTO(CKA_VALUE, 0, 5, NO_LENGTH) },
	unknown[] = { SIZE(0x80001234UL, NO_LENGTH) },
	unknown_into[] = { INTO(0x80001234UL, 0, 16, NO_LENGTH) },
	modulus[] = { SIZE(CKA_MODULUS, NO_LENGTH) },
	value_size[] = { SIZE(CKA_VALUE, ANY) },
	value_none[] = { SIZE(CKA_VALUE, NO_LENGTH) },
	sha1_none[] = { SIZE(NSS_CKA_CERT_SHA1_HASH, NO_LENGTH) },
	profile[] = { INTO(P11_CKA_PROFILE_ID, 0, 8, sizeof(CK_ULONG)) },
	profile_none[] = { SIZE(P11_CKA_PROFILE_ID, NO_LENGTH) },
	nss_server[] = { SIZE(NSS_CKA_TRUST_SERVER_AUTH, sizeof(CK_ULONG)) },
	nss_server_none[] = { SIZE(NSS_CKA_TRUST_SERVER_AUTH, NO_LENGTH) },
	p11_server[] = { SIZE(P11_CKA_TRUST_SERVER_AUTH, sizeof(CK_ULONG)) },
	p11_server_none[] = { SIZE(P11_CKA_TRUST_SERVER_AUTH, NO_LENGTH) },
	known_and_unknown[] = {
		INTO(CKA_CLASS, 0, 8, sizeof(CK_ULONG)),
		SIZE(0x80001234UL, NO_LENGTH),
		INTO(CKA_TOKEN, 16, 1, 1) },
	unknown_and_known[] = {
		SIZE(0x80001234UL, NO_LENGTH),
		INTO(CKA_CLASS, 0, 8, sizeof(CK_ULONG)) },
	short_and_good[] = {
		INTO(CKA_TOKEN, 16, 0, NO_LENGTH),
		INTO(CKA_CLASS, 0, 8, sizeof(CK_ULONG)) },
	twice[] = {
		INTO(CKA_CLASS, 0, 8, sizeof(CK_ULONG)),
		INTO(CKA_CLASS, 8, 8, sizeof(CK_ULONG)),
		SIZE(CKA_CLASS, sizeof(CK_ULONG)) };

/* For C_FindObjectsInit and those that would change objects */
static const struct asked
	by_class[] = { { CKA_CLASS, &certificates, sizeof(certificates), 0 } },
	by_class_unknown[] = { { CKA_CLASS, &keys, sizeof(keys), 0 } },
	by_class_short[] = { { CKA_CLASS, &certificates, 4, 0 } },
	by_class_empty[] = { { CKA_CLASS, NULL, 0, 0 } },
	by_token[] = { { CKA_TOKEN, &yes, sizeof(yes), 0 } },
	by_unknown[] = { { 0x80001234UL, &yes, sizeof(yes), 0 } },
	by_two[] = { { CKA_CLASS, &certificates, sizeof(certificates), 0 },
		     { CKA_TOKEN, &yes, sizeof(yes), 0 } },
	null_with_length[] = { { CKA_CLASS, NULL, 8, 0 } },
	length_max[] = { { CKA_CLASS, &certificates, ~0UL, 0 } },
	null_and_max[] = { { CKA_SUBJECT, NULL, ~0UL, 0 } },
	second_null[] = { { CKA_CLASS, &certificates, sizeof(certificates), 0 },
			  { CKA_ISSUER, NULL, 12, 0 } },
	unknown_null[] = { { 0x80001234UL, NULL, 12, 0 } };

#define NOT_INITIALIZED CKR_CRYPTOKI_NOT_INITIALIZED
#define BAD_SLOT CKR_SLOT_ID_INVALID
#define BAD_SESSION CKR_SESSION_HANDLE_INVALID
#define BAD_OBJECT CKR_OBJECT_HANDLE_INVALID
#define BAD CKR_ARGUMENTS_BAD
#define PROTECTED CKR_TOKEN_WRITE_PROTECTED
#define NO_SEARCH CKR_OPERATION_NOT_INITIALIZED

#include "surface-rows.h"

/* ---- The state before a call ------------------------------------------ */

static const CK_C_INITIALIZE_ARGS second_caller = {
	ALL_MUTEXES, .flags = 2, .pReserved = &count,
};

static void
must(bool done, const char *what)
{
	if (!done)
		tap_bail_out(what);
}

static CK_SESSION_HANDLE
new_session(void)
{
	CK_SESSION_HANDLE session = 0;

	must(f->C_OpenSession(on[SLOT], CKF_SERIAL_SESSION, NULL, NULL,
			      &session) == CKR_OK, "C_OpenSession");
	return session;
}

static void
begin_search(const struct asked *asked, CK_ULONG n, CK_RV rv)
{
	struct row r = { .asked = asked, .n = n };

	must(f->C_FindObjectsInit(on[OPEN], template_of(&r), n) == rv,
	     "C_FindObjectsInit");
}

/* The first object of a class, in a session of its own. */
static CK_OBJECT_HANDLE
first_of(CK_OBJECT_CLASS class)
{
	struct asked by = { CKA_CLASS, &class, sizeof(class), 0 };
	CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
	CK_ULONG n = 0;

	begin_search(&by, 1, CKR_OK);
	must(f->C_FindObjects(on[OPEN], &object, 1, &n) == CKR_OK && n == 1,
	     "C_FindObjects");
	must(f->C_FindObjectsFinal(on[OPEN]) == CKR_OK, "C_FindObjectsFinal");
	return object;
}

static void
take_all(void)
{
	CK_OBJECT_HANDLE some[256];
	CK_ULONG n = 1;

	while (n > 0)
		must(f->C_FindObjects(on[OPEN], some, 256, &n) == CKR_OK,
		     "C_FindObjects");
}

static void
end_all(void)
{
	while (f->C_Finalize(NULL) == CKR_OK)
		continue;
}

/* The module initialised, sessions and objects for the rows to name. */
static void
make_ready(void)
{
	must(f->C_Initialize(NULL) == CKR_OK, "C_Initialize");
	on[CLOSED_ALL] = new_session();
	must(f->C_CloseAllSessions(on[SLOT]) == CKR_OK, "C_CloseAllSessions");
	on[CLOSED] = new_session();
	on[OPEN] = new_session();
	on[OTHER] = new_session();
	must(f->C_CloseSession(on[CLOSED]) == CKR_OK, "C_CloseSession");
	objects[CERTIFICATE] = first_of(CKO_CERTIFICATE);
	objects[NSS_TRUST] = first_of(NSS_CKO_TRUST);
	objects[TRUST] = first_of(P11_CKO_TRUST);
	objects[PROFILE] = first_of(P11_CKO_PROFILE);
}

static void
prepare(enum when when)
{
	CK_C_INITIALIZE_ARGS args = second_caller;

	end_all();
	make_ready();
	on[ENDED] = on[OTHER];
	end_all();
	if (when == AFTER)
		return;
	make_ready();
	if (when == SEARCHING || when == AT_END || when == SEARCHED)
		begin_search(NULL, 0, CKR_OK);
	if (when == AT_END)
		take_all();
	if (when == SEARCHED)
		f->C_FindObjectsFinal(on[OPEN]);
	if (when == REFUSED)
		begin_search(null_with_length, 1, BAD);
	if (when == TWO || when == TWO_LESS_ONE)
		must(f->C_Initialize(&args) == CKR_OK, "C_Initialize, second");
	if (when == TWO_LESS_ONE)
		must(f->C_Finalize(NULL) == CKR_OK, "C_Finalize, first");
}

/* ---- Judging ---------------------------------------------------------- */

/* Whether a call that failed left what it would have written alone. */
static bool
is_untouched(const struct row *r)
{
	for (size_t i = 0; i < sizeof(out.octets); i++) {
		if (out.octets[i] != FILLER)
			return false;
	}
	return r->count == NULL || count == r->n;
}

static bool
are_lengths_right(const struct row *r)
{
	for (CK_ULONG i = 0; i < r->n; i++) {
		CK_ULONG length = template[i].ulValueLen;
		CK_ULONG due = r->asked[i].becomes;

		if (due == ANY ? length == 0 || length > ANY : length != due)
			return false;
	}
	return true;
}

static void
judge(const struct row *r)
{
	CK_RV rv;
	bool good;

	if (r->when != BEFORE)
		prepare(r->when);
	memset(&out, FILLER, sizeof(out));
	count = r->n;
	rv = r->call(r);
	good = rv == r->rv;
	if (rv != CKR_OK && !r->writes)
		good = good && is_untouched(r);
	if (r->call == get_attribute_value && r->asked != NULL &&
	    rv != BAD_OBJECT && rv != BAD_SESSION && rv != NOT_INITIALIZED)
		good = good && are_lengths_right(r);
	if (r->check != NULL)
		good = good && r->check();
	if (!tap_ok(good, "%s: %s", r->text, answer_name(r->rv)))
		printf("# answered %s (0x%lx), or left the wrong thing\n",
		       answer_name(rv), rv);
}

/* ---- Every place of the list ------------------------------------------ */

/* The functions that the token has nothing to say to, by what they take. */
enum shape {
	MECHANISM, MECHANISM_KEY, KEY, IN, OUT, IN_IN, IN_OUT, STATE,
	GENERATE, GENERATE_PAIR, WRAP, UNWRAP, DERIVE,
	SESSION, PARAMETER, MESSAGE, MESSAGE_BEGIN, MESSAGE_NEXT,
	MESSAGE_SIGN, MESSAGE_VERIFY, ENCAPSULATE, DECAPSULATE,
	MECHANISM_KEY_IN, VALIDATION, ASYNC, WRAP_AUTHENTICATED,
	UNWRAP_AUTHENTICATED,
};

#define PLACE(name) #name, offsetof(CK_FUNCTION_LIST, name)
#define PLACE_3(name) #name, offsetof(struct p11_function_list, name)

static const struct unsupported {
	const char *name;
	size_t offset;
	enum shape shape;
} unsupported[] = {
	{ PLACE(C_GetOperationState), OUT },
	{ PLACE(C_SetOperationState), STATE },
	{ PLACE(C_EncryptInit), MECHANISM_KEY },
	{ PLACE(C_Encrypt), IN_OUT },
	{ PLACE(C_EncryptUpdate), IN_OUT },
	{ PLACE(C_EncryptFinal), OUT },
	{ PLACE(C_DecryptInit), MECHANISM_KEY },
	{ PLACE(C_Decrypt), IN_OUT },
	{ PLACE(C_DecryptUpdate), IN_OUT },
	{ PLACE(C_DecryptFinal), OUT },
	{ PLACE(C_DigestInit), MECHANISM },
	{ PLACE(C_Digest), IN_OUT },
	{ PLACE(C_DigestUpdate), IN },
	{ PLACE(C_DigestKey), KEY },
	{ PLACE(C_DigestFinal), OUT },
	{ PLACE(C_SignInit), MECHANISM_KEY },
	{ PLACE(C_Sign), IN_OUT },
	{ PLACE(C_SignUpdate), IN },
	{ PLACE(C_SignFinal), OUT },
	{ PLACE(C_SignRecoverInit), MECHANISM_KEY },
	{ PLACE(C_SignRecover), IN_OUT },
	{ PLACE(C_VerifyInit), MECHANISM_KEY },
	{ PLACE(C_Verify), IN_IN },
	{ PLACE(C_VerifyUpdate), IN },
	{ PLACE(C_VerifyFinal), IN },
	{ PLACE(C_VerifyRecoverInit), MECHANISM_KEY },
	{ PLACE(C_VerifyRecover), IN_OUT },
	{ PLACE(C_DigestEncryptUpdate), IN_OUT },
	{ PLACE(C_DecryptDigestUpdate), IN_OUT },
	{ PLACE(C_SignEncryptUpdate), IN_OUT },
	{ PLACE(C_DecryptVerifyUpdate), IN_OUT },
	{ PLACE(C_GenerateKey), GENERATE },
	{ PLACE(C_GenerateKeyPair), GENERATE_PAIR },
	{ PLACE(C_WrapKey), WRAP },
	{ PLACE(C_UnwrapKey), UNWRAP },
	{ PLACE(C_DeriveKey), DERIVE },
	{ PLACE(C_SeedRandom), IN },
	{ PLACE(C_GenerateRandom), IN },
	{ PLACE_3(C_MessageEncryptInit), MECHANISM_KEY },
	{ PLACE_3(C_EncryptMessage), MESSAGE },
	{ PLACE_3(C_EncryptMessageBegin), MESSAGE_BEGIN },
	{ PLACE_3(C_EncryptMessageNext), MESSAGE_NEXT },
	{ PLACE_3(C_MessageEncryptFinal), SESSION },
	{ PLACE_3(C_MessageDecryptInit), MECHANISM_KEY },
	{ PLACE_3(C_DecryptMessage), MESSAGE },
	{ PLACE_3(C_DecryptMessageBegin), MESSAGE_BEGIN },
	{ PLACE_3(C_DecryptMessageNext), MESSAGE_NEXT },
	{ PLACE_3(C_MessageDecryptFinal), SESSION },
	{ PLACE_3(C_MessageSignInit), MECHANISM_KEY },
	{ PLACE_3(C_SignMessage), MESSAGE_SIGN },
	{ PLACE_3(C_SignMessageBegin), PARAMETER },
	{ PLACE_3(C_SignMessageNext), MESSAGE_SIGN },
	{ PLACE_3(C_MessageSignFinal), SESSION },
	{ PLACE_3(C_MessageVerifyInit), MECHANISM_KEY },
	{ PLACE_3(C_VerifyMessage), MESSAGE_VERIFY },
	{ PLACE_3(C_VerifyMessageBegin), PARAMETER },
	{ PLACE_3(C_VerifyMessageNext), MESSAGE_VERIFY },
	{ PLACE_3(C_MessageVerifyFinal), SESSION },
	{ PLACE_3(C_EncapsulateKey), ENCAPSULATE },
	{ PLACE_3(C_DecapsulateKey), DECAPSULATE },
	{ PLACE_3(C_VerifySignatureInit), MECHANISM_KEY_IN },
	{ PLACE_3(C_VerifySignature), IN },
	{ PLACE_3(C_VerifySignatureUpdate), IN },
	{ PLACE_3(C_VerifySignatureFinal), SESSION },
	{ PLACE_3(C_GetSessionValidationFlags), VALIDATION },
	{ PLACE_3(C_AsyncComplete), ASYNC },
	{ PLACE_3(C_AsyncGetID), OUT },
	{ PLACE_3(C_AsyncJoin), IN_IN },
	{ PLACE_3(C_WrapKeyAuthenticated), WRAP_AUTHENTICATED },
	{ PLACE_3(C_UnwrapKeyAuthenticated), UNWRAP_AUTHENTICATED },
};

/* Any function of a shape: the list's types for it are one C type. */
union function {
	CK_C_DigestInit mechanism;
	CK_C_EncryptInit mechanism_key;
	CK_C_DigestKey key;
	CK_C_SignUpdate in;
	CK_C_SignFinal out;
	CK_C_Verify in_in;
	CK_C_Encrypt in_out;
	CK_C_SetOperationState state;
	CK_C_GenerateKey generate;
	CK_C_GenerateKeyPair generate_pair;
	CK_C_WrapKey wrap;
	CK_C_UnwrapKey unwrap;
	CK_C_DeriveKey derive;
	p11_session session;
	p11_parameter parameter;
	p11_message message;
	p11_message_begin message_begin;
	p11_message_next message_next;
	p11_message_sign message_sign;
	p11_message_verify message_verify;
};

/* A place of a list, whatever is in it. */
static union function
function_at(const void *list, size_t offset)
{
	union function x;

	memcpy(&x, (const char *)list + offset, sizeof(x));
	return x;
}

/* What calls are made with: pointers to our octets, or NULL. */
struct arguments {
	CK_SESSION_HANDLE s;
	CK_MECHANISM *m;
	CK_BYTE *p;
	CK_ULONG n;
	CK_ULONG *q;
	CK_ATTRIBUTE *a;
	CK_OBJECT_HANDLE *o;
};

static CK_RV
call_2_40(union function x, enum shape shape, const struct arguments *g)
{
	switch (shape) {
	case MECHANISM: return x.mechanism(g->s, g->m);
	case MECHANISM_KEY: return x.mechanism_key(g->s, g->m, 1);
	case KEY: return x.key(g->s, 1);
	case IN: return x.in(g->s, g->p, g->n);
	case OUT: return x.out(g->s, g->p, g->q);
	case IN_IN: return x.in_in(g->s, g->p, g->n, g->p, g->n);
	case IN_OUT: return x.in_out(g->s, g->p, g->n, g->p, g->q);
	case STATE: return x.state(g->s, g->p, g->n, 1, 2);
	case GENERATE: return x.generate(g->s, g->m, g->a, 1, g->o);
	case GENERATE_PAIR:
		return x.generate_pair(g->s, g->m, g->a, 1, g->a, 1, g->o,
				       g->o);
	case WRAP: return x.wrap(g->s, g->m, 1, 2, g->p, g->q);
	case UNWRAP:
		return x.unwrap(g->s, g->m, 1, g->p, g->n, g->a, 1, g->o);
	case DERIVE: return x.derive(g->s, g->m, 1, g->a, 1, g->o);
	default: return CKR_GENERAL_ERROR;
	}
}

static CK_RV
call_messages(union function x, enum shape shape, const struct arguments *g)
{
	switch (shape) {
	case SESSION: return x.session(g->s);
	case PARAMETER: return x.parameter(g->s, g->p, g->n);
	case MESSAGE:
		return x.message(g->s, g->p, g->n, g->p, g->n, g->p, g->n,
				 g->p, g->q);
	case MESSAGE_BEGIN:
		return x.message_begin(g->s, g->p, g->n, g->p, g->n);
	case MESSAGE_NEXT:
		return x.message_next(g->s, g->p, g->n, g->p, g->n, g->p,
				      g->q, 1);
	case MESSAGE_SIGN:
		return x.message_sign(g->s, g->p, g->n, g->p, g->n, g->p,
				      g->q);
	case MESSAGE_VERIFY:
		return x.message_verify(g->s, g->p, g->n, g->p, g->n, g->p,
					g->n);
	default: return CKR_GENERAL_ERROR;
	}
}

/* Shapes that one function has. */
static CK_RV
call_3_2(const struct p11_function_list *l, enum shape shape,
	 const struct arguments *g)
{
	switch (shape) {
	case ENCAPSULATE:
		return l->C_EncapsulateKey(g->s, g->m, 1, g->a, 1, g->p, g->q,
					   g->o);
	case DECAPSULATE:
		return l->C_DecapsulateKey(g->s, g->m, 1, g->a, 1, g->p, g->n,
					   g->o);
	case MECHANISM_KEY_IN:
		return l->C_VerifySignatureInit(g->s, g->m, 1, g->p, g->n);
	case VALIDATION:
		return l->C_GetSessionValidationFlags(g->s, 1, g->q);
	case ASYNC: return l->C_AsyncComplete(g->s, g->p, g->o);
	case WRAP_AUTHENTICATED:
		return l->C_WrapKeyAuthenticated(g->s, g->m, 1, 2, g->p, g->n,
						 g->p, g->q);
	case UNWRAP_AUTHENTICATED:
		return l->C_UnwrapKeyAuthenticated(g->s, g->m, 1, g->p, g->n,
						   g->a, 1, g->p, g->n, g->o);
	default: return CKR_GENERAL_ERROR;
	}
}

static CK_RV
call_unsupported(const void *list, const struct unsupported *u,
		 CK_SESSION_HANDLE s, bool nulls)
{
	CK_MECHANISM mechanism = { CKM_SHA_1, NULL, 0 };
	const struct arguments some = { s, &mechanism, out.octets,
					sizeof(out.octets), &count, template,
					out.numbers },
			       none = { .s = s, .n = 7 };
	const struct arguments *g = nulls ? &none : &some;

	if (u->shape <= DERIVE)
		return call_2_40(function_at(list, u->offset), u->shape, g);
	if (u->shape <= MESSAGE_VERIFY)
		return call_messages(function_at(list, u->offset), u->shape,
				     g);
	return call_3_2(list, u->shape, g);
}

static void
walk_unsupported(const void *list, const char *when, CK_RV rv)
{
	size_t end = list == f ? sizeof(*f) : sizeof(*f3);
	const CK_VERSION *v = list;

	for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]);
	     i++) {
		const struct unsupported *u = &unsupported[i];

		if (u->offset >= end)
			continue;
		tap_ok(call_unsupported(list, u, on[OPEN], false) == rv &&
		       call_unsupported(list, u, on[SESSION_0], true) == rv,
		       "%u.%u %s %s: %s", v->major, v->minor, u->name, when,
		       answer_name(rv));
	}
}

static void
walk_all_unsupported(const char *when, CK_RV rv)
{
	walk_unsupported(f, when, rv);
	walk_unsupported(f3_0, when, rv);
	walk_unsupported(f3, when, rv);
}

/* Every pointer after the version is one of a function, none is NULL, and
 * all lists have the same ones, but for C_GetInfo. */
static void
walk_list(const void *list, size_t size)
{
	const size_t first = offsetof(CK_FUNCTION_LIST, C_Initialize);
	const size_t places = (size - first) / sizeof(CK_C_Initialize);
	const CK_VERSION *v = list;
	size_t filled = 0, same = 0;

	for (size_t i = 0; i < places; i++) {
		size_t at = first + i * sizeof(CK_C_Initialize);
		union function a = function_at(list, at),
			       b = function_at(f3, at);

		filled += a.session != NULL;
		same += a.session == b.session;
	}
	tap_ok(filled == places && same >= places - 1,
	       "all %zu places of the list of %u.%u are filled", places,
	       v->major, v->minor);
}

/* ---- The whole -------------------------------------------------------- */

/* POSIX: how a function's address leaves dlsym(). */
static void
symbol_of(void *module, const char *name, void *function, size_t size)
{
	void *symbol = dlsym(module, name);

	must(symbol != NULL, name);
	memcpy(function, &symbol, size);
}

static const void *
list_of(void *module, CK_BYTE major, CK_BYTE minor)
{
	CK_RV (*get)(CK_UTF8CHAR *, CK_VERSION *, CK_INTERFACE **, CK_FLAGS);
	CK_VERSION version = { major, minor };
	CK_INTERFACE *interface = NULL;
	const CK_VERSION *v;

	symbol_of(module, "C_GetInterface", &get, sizeof(get));
	must(get(NULL, &version, &interface, 0) == CKR_OK, "C_GetInterface");
	v = interface->pFunctionList;
	must(v->major == major && v->minor == minor, "the list's version");
	return v;
}

static void
open_module(const char *path)
{
	void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	CK_C_GetFunctionList get = NULL;

	if (module == NULL)
		tap_bail_out(dlerror());
	symbol_of(module, "C_GetFunctionList", &get, sizeof(get));
	must(get(&f) == CKR_OK && f != NULL, "C_GetFunctionList");
	f3_0 = list_of(module, 3, 0);
	f3 = list_of(module, 3, 2);
}

static const char *
module_path(int argc, char **argv)
{
	const char *path = getenv("P11_DISTRUST_MODULE");

	if (argc > 1)
		return argv[1];
	return path != NULL ? path : "build/p11-distrust.so";
}

int
main(int argc, char **argv)
{
	/* No catalog of the user who runs this. */
	setenv("XDG_DATA_HOME", "/nonexistent", 1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	open_module(module_path(argc, argv));
	walk_list(f, sizeof(*f));
	walk_list(f3_0, offsetof(struct p11_function_list, C_EncapsulateKey));
	walk_list(f3, sizeof(*f3));
	walk_all_unsupported("before C_Initialize", NOT_INITIALIZED);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		judge(&rows[i]);
	prepare(READY);
	walk_all_unsupported("after C_Initialize", CKR_FUNCTION_NOT_SUPPORTED);
	prepare(AFTER);
	walk_all_unsupported("after C_Finalize", NOT_INITIALIZED);
	return tap_end();
}
