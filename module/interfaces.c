/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * How a caller gets at the functions: the list of 2.40 that every caller
 * asks for, and the interfaces of 3.x.  It knows names and versions; it must
 * not know what a function does.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "surface.h"

/* ---- The lists -------------------------------------------------------- */

/* All 104 functions in 3.2's order, for a list of some version.  C_GetInfo
 * says which one its caller has (3.6). */
#define FUNCTIONS(major, minor, get_info) { \
	.v2_40 = { \
		.version = { major, minor }, \
		.C_Initialize = C_Initialize, \
		.C_Finalize = C_Finalize, \
		.C_GetInfo = get_info, \
		.C_GetFunctionList = C_GetFunctionList, \
		.C_GetSlotList = C_GetSlotList, \
		.C_GetSlotInfo = C_GetSlotInfo, \
		.C_GetTokenInfo = C_GetTokenInfo, \
		.C_GetMechanismList = C_GetMechanismList, \
		.C_GetMechanismInfo = C_GetMechanismInfo, \
		.C_InitToken = C_InitToken, \
		.C_InitPIN = C_InitPIN, \
		.C_SetPIN = C_SetPIN, \
		.C_OpenSession = C_OpenSession, \
		.C_CloseSession = C_CloseSession, \
		.C_CloseAllSessions = C_CloseAllSessions, \
		.C_GetSessionInfo = C_GetSessionInfo, \
		.C_GetOperationState = stub_out, \
		.C_SetOperationState = stub_state, \
		.C_Login = C_Login, \
		.C_Logout = C_Logout, \
		.C_CreateObject = C_CreateObject, \
		.C_CopyObject = C_CopyObject, \
		.C_DestroyObject = C_DestroyObject, \
		.C_GetObjectSize = C_GetObjectSize, \
		.C_GetAttributeValue = C_GetAttributeValue, \
		.C_SetAttributeValue = C_SetAttributeValue, \
		.C_FindObjectsInit = C_FindObjectsInit, \
		.C_FindObjects = C_FindObjects, \
		.C_FindObjectsFinal = C_FindObjectsFinal, \
		.C_EncryptInit = stub_mechanism_key, \
		.C_Encrypt = stub_in_out, \
		.C_EncryptUpdate = stub_in_out, \
		.C_EncryptFinal = stub_out, \
		.C_DecryptInit = stub_mechanism_key, \
		.C_Decrypt = stub_in_out, \
		.C_DecryptUpdate = stub_in_out, \
		.C_DecryptFinal = stub_out, \
		.C_DigestInit = stub_mechanism, \
		.C_Digest = stub_in_out, \
		.C_DigestUpdate = stub_in, \
		.C_DigestKey = stub_key, \
		.C_DigestFinal = stub_out, \
		.C_SignInit = stub_mechanism_key, \
		.C_Sign = stub_in_out, \
		.C_SignUpdate = stub_in, \
		.C_SignFinal = stub_out, \
		.C_SignRecoverInit = stub_mechanism_key, \
		.C_SignRecover = stub_in_out, \
		.C_VerifyInit = stub_mechanism_key, \
		.C_Verify = stub_in_in, \
		.C_VerifyUpdate = stub_in, \
		.C_VerifyFinal = stub_in, \
		.C_VerifyRecoverInit = stub_mechanism_key, \
		.C_VerifyRecover = stub_in_out, \
		.C_DigestEncryptUpdate = stub_in_out, \
		.C_DecryptDigestUpdate = stub_in_out, \
		.C_SignEncryptUpdate = stub_in_out, \
		.C_DecryptVerifyUpdate = stub_in_out, \
		.C_GenerateKey = stub_generate, \
		.C_GenerateKeyPair = stub_generate_pair, \
		.C_WrapKey = stub_wrap, \
		.C_UnwrapKey = stub_unwrap, \
		.C_DeriveKey = stub_derive, \
		.C_SeedRandom = stub_in, \
		.C_GenerateRandom = stub_in, \
		.C_GetFunctionStatus = C_GetFunctionStatus, \
		.C_CancelFunction = C_CancelFunction, \
		.C_WaitForSlotEvent = C_WaitForSlotEvent, \
	}, \
	.C_GetInterfaceList = C_GetInterfaceList, \
	.C_GetInterface = C_GetInterface, \
	.C_LoginUser = C_LoginUser, \
	.C_SessionCancel = C_SessionCancel, \
	.C_MessageEncryptInit = stub_mechanism_key, \
	.C_EncryptMessage = stub_message, \
	.C_EncryptMessageBegin = stub_message_begin, \
	.C_EncryptMessageNext = stub_message_next, \
	.C_MessageEncryptFinal = stub_session, \
	.C_MessageDecryptInit = stub_mechanism_key, \
	.C_DecryptMessage = stub_message, \
	.C_DecryptMessageBegin = stub_message_begin, \
	.C_DecryptMessageNext = stub_message_next, \
	.C_MessageDecryptFinal = stub_session, \
	.C_MessageSignInit = stub_mechanism_key, \
	.C_SignMessage = stub_message_sign, \
	.C_SignMessageBegin = stub_parameter, \
	.C_SignMessageNext = stub_message_sign, \
	.C_MessageSignFinal = stub_session, \
	.C_MessageVerifyInit = stub_mechanism_key, \
	.C_VerifyMessage = stub_message_verify, \
	.C_VerifyMessageBegin = stub_parameter, \
	.C_VerifyMessageNext = stub_message_verify, \
	.C_MessageVerifyFinal = stub_session, \
	.C_EncapsulateKey = stub_encapsulate, \
	.C_DecapsulateKey = stub_decapsulate, \
	.C_VerifySignatureInit = stub_mechanism_key_in, \
	.C_VerifySignature = stub_in, \
	.C_VerifySignatureUpdate = stub_in, \
	.C_VerifySignatureFinal = stub_session, \
	.C_GetSessionValidationFlags = stub_validation, \
	.C_AsyncComplete = stub_async, \
	.C_AsyncGetID = stub_out, \
	.C_AsyncJoin = stub_in_in, \
	.C_WrapKeyAuthenticated = stub_wrap_authenticated, \
	.C_UnwrapKeyAuthenticated = stub_unwrap_authenticated, \
}

static const struct p11_function_list
	functions_2_40 = FUNCTIONS(2, 40, C_GetInfo),
	functions_3_0 = FUNCTIONS(3, 0, surface_info_3_0),
	functions_3_2 = FUNCTIONS(3, 2, surface_info_3_2);

/* ---- The interfaces (5.4) --------------------------------------------- */

/* The default first: the newest.  A forked child goes on with sessions and
 * searches of its own. */
#define NAME "PKCS 11"
#define INTERFACE(list) { (CK_UTF8CHAR *)(uintptr_t)NAME, \
	(void *)(uintptr_t)&list, P11_CKF_INTERFACE_FORK_SAFE }

static const CK_INTERFACE interfaces[] = {
	INTERFACE(functions_3_2),
	INTERFACE(functions_3_0),
	INTERFACE(functions_2_40),
};
enum { INTERFACES = sizeof(interfaces) / sizeof(interfaces[0]) };

EXPORT CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	if (list == NULL)
		return CKR_ARGUMENTS_BAD;
	/* The type lacks a const, but 5.4: the caller may not write to it. */
	*list = (CK_FUNCTION_LIST *)(uintptr_t)&functions_2_40.v2_40;
	return CKR_OK;
}

EXPORT CK_RV
C_GetInterfaceList(CK_INTERFACE *list, CK_ULONG *count)
{
	bool fits;

	if (count == NULL)
		return CKR_ARGUMENTS_BAD;
	fits = list == NULL || *count >= INTERFACES;
	*count = INTERFACES;
	if (!fits)
		return CKR_BUFFER_TOO_SMALL;
	if (list != NULL)
		memcpy(list, interfaces, sizeof(interfaces));
	return CKR_OK;
}

static bool
is_version(const CK_INTERFACE *interface, const CK_VERSION *wanted)
{
	const CK_VERSION *version = interface->pFunctionList;

	return version->major == wanted->major &&
	       version->minor == wanted->minor;
}

/*
 * Whatever is NULL or zero, any will do (5.4).  NSS asks for its own "Vendor
 * NSS FIPS Interface" too, and takes CKR_OK for one: of what there is none,
 * CKR_ARGUMENTS_BAD, as softoken says.
 */
EXPORT CK_RV
C_GetInterface(CK_UTF8CHAR *name, CK_VERSION *version,
	       CK_INTERFACE **interface, CK_FLAGS flags)
{
	if (interface == NULL ||
	    (name != NULL && strcmp((const char *)name, NAME) != 0))
		return CKR_ARGUMENTS_BAD;
	for (unsigned i = 0; i < INTERFACES; i++) {
		if ((version != NULL && !is_version(&interfaces[i], version)) ||
		    (flags & ~interfaces[i].flags) != 0)
			continue;
		*interface = (CK_INTERFACE *)(uintptr_t)&interfaces[i];
		return CKR_OK;
	}
	return CKR_ARGUMENTS_BAD;
}
