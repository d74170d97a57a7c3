/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The floor: a PKCS#11 module that has one empty token, checks nothing and
 * finds nothing.  No module that speaks Cryptoki can cost less than the calls
 * themselves do here.  It knows only what the benchmarks and NSS call.
 */

#include <string.h>

#include "cryptoki.h"

static CK_RV
initialize(void *args)
{
	(void)args;
	return CKR_OK;
}

static CK_RV
finalize(void *reserved)
{
	(void)reserved;
	return CKR_OK;
}

static CK_RV
get_info(CK_INFO *info)
{
	memset(info, ' ', sizeof(*info));
	return CKR_OK;
}

static CK_RV
get_slot_list(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count)
{
	(void)present;
	*count = 1;
	if (slots != NULL)
		slots[0] = 1;
	return CKR_OK;
}

static CK_RV
get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
	(void)slot;
	memset(info, ' ', sizeof(*info));
	info->flags = CKF_TOKEN_PRESENT;
	return CKR_OK;
}

static CK_RV
get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	(void)slot;
	memset(info, ' ', sizeof(*info));
	info->flags = CKF_TOKEN_INITIALIZED | CKF_WRITE_PROTECTED;
	return CKR_OK;
}

static CK_RV
get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE *mechanisms,
		   CK_ULONG *count)
{
	(void)slot;
	(void)mechanisms;
	*count = 0;
	return CKR_OK;
}

static CK_RV
open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *application,
	     CK_NOTIFY notify, CK_SESSION_HANDLE *session)
{
	(void)slot;
	(void)flags;
	(void)application;
	(void)notify;
	*session = 1;
	return CKR_OK;
}

static CK_RV
close_session(CK_SESSION_HANDLE session)
{
	(void)session;
	return CKR_OK;
}

static CK_RV
get_session_info(CK_SESSION_HANDLE session, CK_SESSION_INFO *info)
{
	(void)session;
	*info = (CK_SESSION_INFO){ .slotID = 1, .flags = CKF_SERIAL_SESSION };
	return CKR_OK;
}

static CK_RV
close_all_sessions(CK_SLOT_ID slot)
{
	(void)slot;
	return CKR_OK;
}

static CK_RV
find_objects_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template,
		  CK_ULONG count)
{
	(void)session;
	(void)template;
	(void)count;
	return CKR_OK;
}

static CK_RV
find_objects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects,
	     CK_ULONG max, CK_ULONG *count)
{
	(void)session;
	(void)objects;
	(void)max;
	*count = 0;
	return CKR_OK;
}

static CK_RV
find_objects_final(CK_SESSION_HANDLE session)
{
	(void)session;
	return CKR_OK;
}

static CK_FUNCTION_LIST functions = {
	.version = { 2, 40 },
	.C_Initialize = initialize,
	.C_Finalize = finalize,
	.C_GetInfo = get_info,
	.C_GetSlotList = get_slot_list,
	.C_GetSlotInfo = get_slot_info,
	.C_GetTokenInfo = get_token_info,
	.C_GetMechanismList = get_mechanism_list,
	.C_OpenSession = open_session,
	.C_CloseSession = close_session,
	.C_CloseAllSessions = close_all_sessions,
	.C_GetSessionInfo = get_session_info,
	.C_FindObjectsInit = find_objects_init,
	.C_FindObjects = find_objects,
	.C_FindObjectsFinal = find_objects_final,
};

__attribute__((visibility("default"))) CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	*list = &functions;
	return CKR_OK;
}
