/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The Cryptoki functions that this token has something to say to.  They
 * check what the caller gave, in the order that PKCS#11 5.1 ranks the
 * answers: is the module initialised, is there such a slot or session, are
 * the pointers good; then they ask.  Nothing here knows the lists.
 *
 * After C_Initialize no legal call fails: one error here would make
 * `trust extract` and p11-kit-proxy fail for the whole machine.
 */

#include "surface.h"

#include <stdalign.h>
#include <stdbool.h>

#include "glance.h"
#include "identity.h"
#include "library.h"
#include "object.h"
#include "search.h"
#include "session.h"

/* ---- Checks ----------------------------------------------------------- */

static CK_RV
check_slot(CK_SLOT_ID slot)
{
	if (library_lists() == NULL)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	return slot == IDENTITY_SLOT_ID ? CKR_OK : CKR_SLOT_ID_INVALID;
}

static inline __attribute__((always_inline)) CK_RV
check_session(CK_SESSION_HANDLE handle, const struct lists **lists,
	      struct session **session)
{
	*lists = library_lists();
	if (*lists == NULL)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	*session = session_find(handle);
	return *session != NULL ? CKR_OK : CKR_SESSION_HANDLE_INVALID;
}

/* Why a session was not found. */
static __attribute__((noinline)) CK_RV
no_session(void)
{
	return library_lists() == NULL ? CKR_CRYPTOKI_NOT_INITIALIZED :
					 CKR_SESSION_HANDLE_INVALID;
}

/* Whether there are n octets, or other things, at p. */
static bool
are_there(const void *p, CK_ULONG n)
{
	return p != NULL || n == 0;
}

static bool
is_template(const CK_ATTRIBUTE *template, CK_ULONG count)
{
	if (!are_there(template, count))
		return false;
	for (CK_ULONG i = 0; i < count; i++) {
		const CK_ATTRIBUTE *a = &template[i];

		if (a->ulValueLen == CK_UNAVAILABLE_INFORMATION ||
		    !are_there(a->pValue, a->ulValueLen))
			return false;
	}
	return true;
}

/* For the calls that would change the token. */
static CK_RV
check_change(CK_SESSION_HANDLE handle, bool are_pointers_good)
{
	const struct lists *lists;
	struct session *session;
	CK_RV rv = check_session(handle, &lists, &session);

	if (rv != CKR_OK)
		return rv;
	return are_pointers_good ? CKR_TOKEN_WRITE_PROTECTED :
				   CKR_ARGUMENTS_BAD;
}

/* The same, for those that would change one object. */
static CK_RV
check_change_object(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object,
		    bool are_pointers_good)
{
	const struct lists *lists;
	struct session *session;
	struct object o;
	CK_RV rv = check_session(handle, &lists, &session);

	if (rv != CKR_OK)
		return rv;
	if (!are_pointers_good)
		return CKR_ARGUMENTS_BAD;
	return object_open(lists, object, &o) ? CKR_TOKEN_WRITE_PROTECTED :
						CKR_OBJECT_HANDLE_INVALID;
}

/* ---- General (5.4) ---------------------------------------------------- */

/* Text as Cryptoki has it: padded with blanks, without a NUL. */
static void
pad(unsigned char *field, size_t size, const char *text)
{
	for (size_t i = 0; i < size; i++)
		field[i] = *text != '\0' ? (unsigned char)*text++ : ' ';
}

CK_RV
C_Initialize(void *args)
{
	return library_initialize(args);
}

CK_RV
C_Finalize(void *reserved)
{
	if (library_lists() == NULL)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	return reserved != NULL ? CKR_ARGUMENTS_BAD : library_finalize();
}

static CK_RV
get_info(CK_INFO *info, CK_BYTE major, CK_BYTE minor)
{
	const struct lists *lists = library_lists();
	uint32_t version = 0;

	if (lists == NULL)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (info == NULL)
		return CKR_ARGUMENTS_BAD;
	if (lists->count > 0)
		version = lists->list[0].catalog.header->version;
	*info = (CK_INFO){
		.cryptokiVersion = { major, minor },
		.libraryVersion = { (CK_BYTE)(version >> 8),
				    (CK_BYTE)version },
	};
	pad(info->manufacturerID, sizeof(info->manufacturerID),
	    IDENTITY_MANUFACTURER);
	pad(info->libraryDescription, sizeof(info->libraryDescription),
	    IDENTITY_LIBRARY);
	return CKR_OK;
}

CK_RV
C_GetInfo(CK_INFO *info)
{
	return get_info(info, 2, 40);
}

CK_RV
surface_info_3_0(CK_INFO *info)
{
	return get_info(info, 3, 0);
}

CK_RV
surface_info_3_2(CK_INFO *info)
{
	return get_info(info, 3, 2);
}

/* ---- Slot and token (5.5) --------------------------------------------- */

CK_RV
C_GetSlotList(CK_BBOOL token_present, CK_SLOT_ID *slots, CK_ULONG *count)
{
	bool fits;

	(void)token_present;	/* it always is */
	if (library_lists() == NULL)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (count == NULL)
		return CKR_ARGUMENTS_BAD;
	fits = slots == NULL || *count >= 1;
	*count = 1;
	if (!fits)
		return CKR_BUFFER_TOO_SMALL;
	if (slots != NULL)
		slots[0] = IDENTITY_SLOT_ID;
	return CKR_OK;
}

CK_RV
C_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
	CK_RV rv = check_slot(slot);

	if (rv != CKR_OK)
		return rv;
	if (info == NULL)
		return CKR_ARGUMENTS_BAD;
	/* Never CKF_HW_SLOT: NSS would keep objects in a cache in which it
	 * finds no trust object again.  Never CKF_REMOVABLE_DEVICE: it would
	 * poll. */
	*info = (CK_SLOT_INFO){
		.flags = CKF_TOKEN_PRESENT,
		.hardwareVersion = { IDENTITY_VERSION_MAJOR,
				     IDENTITY_VERSION_MINOR },
		.firmwareVersion = { CATALOG_FORMAT, 0 },
	};
	pad(info->slotDescription, sizeof(info->slotDescription),
	    IDENTITY_SLOT);
	pad(info->manufacturerID, sizeof(info->manufacturerID),
	    IDENTITY_TOKEN_MANUFACTURER);
	return CKR_OK;
}

CK_RV
C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV rv = check_slot(slot);

	if (rv != CKR_OK)
		return rv;
	if (info == NULL)
		return CKR_ARGUMENTS_BAD;
	*info = (CK_TOKEN_INFO){
		.flags = CKF_TOKEN_INITIALIZED | CKF_WRITE_PROTECTED,
		.ulMaxSessionCount = CK_EFFECTIVELY_INFINITE,
		.ulSessionCount = CK_UNAVAILABLE_INFORMATION,
		.ulMaxRwSessionCount = 0,
		.ulRwSessionCount = 0,
		.ulTotalPublicMemory = CK_UNAVAILABLE_INFORMATION,
		.ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION,
		.ulTotalPrivateMemory = CK_UNAVAILABLE_INFORMATION,
		.ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION,
		.hardwareVersion = { IDENTITY_VERSION_MAJOR,
				     IDENTITY_VERSION_MINOR },
		.firmwareVersion = { CATALOG_FORMAT, 0 },
	};
	pad(info->label, sizeof(info->label), IDENTITY_TOKEN);
	pad(info->manufacturerID, sizeof(info->manufacturerID),
	    IDENTITY_TOKEN_MANUFACTURER);
	pad(info->model, sizeof(info->model), IDENTITY_MODEL);
	pad(info->serialNumber, sizeof(info->serialNumber), IDENTITY_SERIAL);
	pad(info->utcTime, sizeof(info->utcTime), "");
	return CKR_OK;
}

CK_RV
C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID *slot, void *reserved)
{
	if (library_lists() == NULL)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (slot == NULL || reserved != NULL ||
	    (flags & ~(CK_FLAGS)CKF_DONT_BLOCK) != 0)
		return CKR_ARGUMENTS_BAD;
	/* Nothing ever happens to the slot; 5.5 lets us refuse to wait. */
	return flags & CKF_DONT_BLOCK ? CKR_NO_EVENT :
					CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
C_GetMechanismList(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count)
{
	CK_RV rv = check_slot(slot);

	(void)list;
	if (rv != CKR_OK)
		return rv;
	if (count == NULL)
		return CKR_ARGUMENTS_BAD;
	*count = 0;
	return CKR_OK;
}

CK_RV
C_GetMechanismInfo(CK_SLOT_ID slot, CK_MECHANISM_TYPE type,
		   CK_MECHANISM_INFO *info)
{
	CK_RV rv = check_slot(slot);

	(void)type;
	if (rv != CKR_OK)
		return rv;
	return info == NULL ? CKR_ARGUMENTS_BAD : CKR_MECHANISM_INVALID;
}

CK_RV
C_InitToken(CK_SLOT_ID slot, unsigned char *pin, CK_ULONG length,
	    unsigned char *label)
{
	CK_RV rv = check_slot(slot);

	if (rv != CKR_OK)
		return rv;
	return are_there(pin, length) && label != NULL ?
		       CKR_TOKEN_WRITE_PROTECTED : CKR_ARGUMENTS_BAD;
}

CK_RV
C_InitPIN(CK_SESSION_HANDLE session, unsigned char *pin, CK_ULONG length)
{
	return check_change(session, are_there(pin, length));
}

CK_RV
C_SetPIN(CK_SESSION_HANDLE session, unsigned char *old_pin,
	 CK_ULONG old_length, unsigned char *new_pin, CK_ULONG new_length)
{
	return check_change(session, are_there(old_pin, old_length) &&
				     are_there(new_pin, new_length));
}

/* ---- Sessions (5.6) --------------------------------------------------- */

CK_RV
C_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void *application,
	      CK_NOTIFY notify, CK_SESSION_HANDLE *session)
{
	CK_RV rv = check_slot(slot);

	(void)application;
	(void)notify;
	if (rv != CKR_OK)
		return rv;
	if (session == NULL)
		return CKR_ARGUMENTS_BAD;
	if (!(flags & CKF_SERIAL_SESSION))
		return CKR_SESSION_PARALLEL_NOT_SUPPORTED;
	if (flags & CKF_RW_SESSION)
		return CKR_TOKEN_WRITE_PROTECTED;
	return session_open(session);
}

CK_RV
C_CloseSession(CK_SESSION_HANDLE session)
{
	if (library_lists() == NULL)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	return session_close(session) ? CKR_OK : CKR_SESSION_HANDLE_INVALID;
}

CK_RV
C_CloseAllSessions(CK_SLOT_ID slot)
{
	CK_RV rv = check_slot(slot);

	if (rv == CKR_OK)
		sessions_close_all();
	return rv;
}

CK_RV
C_GetSessionInfo(CK_SESSION_HANDLE handle, CK_SESSION_INFO *info)
{
	const struct lists *lists;
	struct session *session;
	CK_RV rv = check_session(handle, &lists, &session);

	if (rv != CKR_OK)
		return rv;
	if (info == NULL)
		return CKR_ARGUMENTS_BAD;
	*info = (CK_SESSION_INFO){
		.slotID = IDENTITY_SLOT_ID,
		.state = CKS_RO_PUBLIC_SESSION,
		.flags = CKF_SERIAL_SESSION,
	};
	return CKR_OK;
}

/* The operations that a mechanism's flags name; a search is the only one
 * there can be.  What is not active is passed over (5.6). */
CK_RV
C_SessionCancel(CK_SESSION_HANDLE handle, CK_FLAGS flags)
{
	const struct lists *lists;
	struct session *session;
	CK_RV rv = check_session(handle, &lists, &session);

	if (rv == CKR_OK && (flags & P11_CKF_FIND_OBJECTS))
		session_set_state(session, SESSION_IDLE);
	return rv;
}

/* There is nobody to log in as: the token has no PIN at all. */
static CK_RV
log_in(CK_SESSION_HANDLE handle, CK_USER_TYPE user, bool are_pointers_good)
{
	const struct lists *lists;
	struct session *session;
	CK_RV rv = check_session(handle, &lists, &session);

	if (rv != CKR_OK)
		return rv;
	if (!are_pointers_good)
		return CKR_ARGUMENTS_BAD;
	switch (user) {
	case CKU_SO:	/* all sessions are read-only */
		return CKR_SESSION_READ_ONLY_EXISTS;
	case CKU_USER:
		return CKR_USER_PIN_NOT_INITIALIZED;
	case CKU_CONTEXT_SPECIFIC:	/* no operation asks for it */
		return CKR_OPERATION_NOT_INITIALIZED;
	default:
		return CKR_USER_TYPE_INVALID;
	}
}

CK_RV
C_Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *pin,
	CK_ULONG length)
{
	return log_in(session, user, are_there(pin, length));
}

CK_RV
C_LoginUser(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin,
	    CK_ULONG length, CK_UTF8CHAR *name, CK_ULONG name_length)
{
	return log_in(session, user, are_there(pin, length) &&
				     are_there(name, name_length));
}

CK_RV
C_Logout(CK_SESSION_HANDLE handle)
{
	const struct lists *lists;
	struct session *session;
	CK_RV rv = check_session(handle, &lists, &session);

	return rv != CKR_OK ? rv : CKR_USER_NOT_LOGGED_IN;
}

/* ---- Objects (5.7) ---------------------------------------------------- */

CK_RV
C_CreateObject(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template,
	       CK_ULONG count, CK_OBJECT_HANDLE *object)
{
	return check_change(session, is_template(template, count) &&
				     object != NULL);
}

CK_RV
C_CopyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
	     CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *copy)
{
	return check_change_object(session, object,
				   is_template(template, count) &&
				   copy != NULL);
}

CK_RV
C_DestroyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
	return check_change_object(session, object, true);
}

CK_RV
C_SetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
		    CK_ATTRIBUTE *template, CK_ULONG count)
{
	return check_change_object(session, object,
				   is_template(template, count));
}

CK_RV
C_GetObjectSize(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object,
		CK_ULONG *size)
{
	alignas(8) uint8_t scratch[OBJECT_SCRATCH];
	const struct lists *lists;
	struct session *session;
	struct object o;
	CK_RV rv = check_session(handle, &lists, &session);

	if (rv != CKR_OK)
		return rv;
	if (size == NULL)
		return CKR_ARGUMENTS_BAD;
	if (!object_open(lists, object, &o))
		return CKR_OBJECT_HANDLE_INVALID;
	*size = 0;
	for (enum column c = 0; c < COLUMNS; c++)
		*size += object_value(&o, c, scratch).n;
	return CKR_OK;
}

CK_RV
C_GetAttributeValue(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object,
		    CK_ATTRIBUTE *template, CK_ULONG count)
{
	const struct lists *lists;
	struct session *session;
	struct object o;
	CK_RV rv = check_session(handle, &lists, &session);

	if (rv != CKR_OK)
		return rv;
	if (template == NULL && count > 0)
		return CKR_ARGUMENTS_BAD;
	if (!object_open(lists, object, &o))
		return CKR_OBJECT_HANDLE_INVALID;
	return object_read(&o, template, count);
}

/* What came of a search so far.  Its end need not be kept. */
static inline void
keep_search(struct session *session, const struct search *search)
{
	if (search_is_over(search)) {
		session_set_state(session, SESSION_SEARCHED);
		return;
	}
	session_store(session, search);
	session_set_state(session, SESSION_SEARCHING);
}

/*
 * The three calls of a search look for the session first: where the module is
 * not initialised, none is open.  What is seldom is out of line, and its
 * frame with it: the usual search needs none.
 */
static __attribute__((noinline)) CK_RV
begin_search(struct session *session, const struct lists *lists,
	     const CK_ATTRIBUTE *template, CK_ULONG count)
{
	struct search search;

	search_begin_closely(&search, lists, template, count);
	keep_search(session, &search);
	return CKR_OK;
}

static __attribute__((noinline)) CK_RV
begin_about(struct session *session, const struct lists *lists,
	    const CK_ATTRIBUTE *template, CK_ULONG count,
	    const CK_ATTRIBUTE *issuer, const CK_ATTRIBUTE *serial)
{
	if (glance_trace(lists, issuer, serial) != FIND_NO_TRACE)
		return begin_search(session, lists, template, count);
	session_set_state(session, SESSION_SEARCHED);
	return CKR_OK;
}

static __attribute__((noinline)) CK_RV
begin_any(struct session *session, const struct lists *lists,
	  const CK_ATTRIBUTE *template, CK_ULONG count)
{
	const CK_ATTRIBUTE *issuer, *serial;

	switch (glance_any(template, count, &issuer, &serial)) {
	case GLANCE_ILLEGAL:
		return CKR_ARGUMENTS_BAD;
	case GLANCE_NOTHING:
		session_set_state(session, SESSION_SEARCHED);
		return CKR_OK;
	case GLANCE_MORE:
		break;
	}
	if (issuer != NULL && serial != NULL)
		return begin_about(session, lists, template, count, issuer,
				   serial);
	return begin_search(session, lists, template, count);
}

static __attribute__((noinline)) CK_RV
begin_traced(struct session *session, const struct lists *lists,
	     const CK_ATTRIBUTE *template, enum find_trace trace)
{
	CK_OBJECT_HANDLE answer = search_usual(lists, template, trace);

	if (answer == SEARCH_MORE)
		return begin_search(session, lists, template, GLANCE_COUNT);
	if (answer != CK_INVALID_HANDLE)
		session_set_answer(session, answer);
	else
		session_set_state(session, SESSION_SEARCHED);
	return CKR_OK;
}

static __attribute__((noinline)) CK_RV
begin_usual(struct session *session, const struct lists *lists,
	    const CK_ATTRIBUTE *template)
{
	enum find_trace trace = glance_usual(lists, template);

	if (trace != FIND_NO_TRACE)
		return begin_traced(session, lists, template, trace);
	session_set_state(session, SESSION_SEARCHED);
	return CKR_OK;
}

static __attribute__((noinline)) CK_RV
continue_search(struct session *session, CK_OBJECT_HANDLE *objects,
		CK_ULONG max, CK_ULONG *count)
{
	const struct lists *lists = library_lists();
	struct search search;

	if (lists == NULL)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	session_load(session, &search);
	*count = search_take(&search, lists, objects, max);
	keep_search(session, &search);
	return CKR_OK;
}

CK_RV
C_FindObjectsInit(CK_SESSION_HANDLE handle, CK_ATTRIBUTE *template,
		  CK_ULONG count)
{
	struct session *session = session_find(handle);
	const struct lists *lists = library_lists();

	if (session == NULL || lists == NULL)
		return no_session();
	if (template == NULL && count > 0)
		return CKR_ARGUMENTS_BAD;
	if (session_state(session) != SESSION_IDLE)
		return CKR_OPERATION_ACTIVE;
	if (!glance_is_usual(template, count))
		return begin_any(session, lists, template, count);
	return begin_usual(session, lists, template);
}

CK_RV
C_FindObjects(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE *objects,
	      CK_ULONG max, CK_ULONG *count)
{
	struct session *session = session_find(handle);

	if (session == NULL)
		return no_session();
	if (count == NULL || (objects == NULL && max > 0))
		return CKR_ARGUMENTS_BAD;
	switch (session_state(session)) {
	case SESSION_IDLE:
		return CKR_OPERATION_NOT_INITIALIZED;
	case SESSION_SEARCHED:
		*count = 0;
		return CKR_OK;
	case SESSION_ANSWERED:
		*count = 0;
		if (max == 0)
			return CKR_OK;
		*count = 1;
		objects[0] = session_answer(session);
		session_set_state(session, SESSION_SEARCHED);
		return CKR_OK;
	case SESSION_SEARCHING:
		break;
	}
	return continue_search(session, objects, max, count);
}

CK_RV
C_FindObjectsFinal(CK_SESSION_HANDLE handle)
{
	struct session *session = session_find(handle);

	if (session == NULL)
		return no_session();
	if (session_state(session) == SESSION_IDLE)
		return CKR_OPERATION_NOT_INITIALIZED;
	session_set_state(session, SESSION_IDLE);
	return CKR_OK;
}

/* ---- Parallel functions (5.20): legacy, never in parallel ------------- */

CK_RV
C_GetFunctionStatus(CK_SESSION_HANDLE handle)
{
	const struct lists *lists;
	struct session *session;
	CK_RV rv = check_session(handle, &lists, &session);

	return rv != CKR_OK ? rv : CKR_FUNCTION_NOT_PARALLEL;
}

CK_RV
C_CancelFunction(CK_SESSION_HANDLE handle)
{
	return C_GetFunctionStatus(handle);
}
