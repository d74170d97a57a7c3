/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What the token cannot do, and the list of all functions.  PKCS#11 wants a
 * function behind every entry of the list; these 13 serve 38 of them.
 */

#include "surface.h"

#include "library.h"

static CK_RV
unsupported(void)
{
	return library_lists() == NULL ? CKR_CRYPTOKI_NOT_INITIALIZED :
					 CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
stub_mechanism(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism)
{
	(void)session;
	(void)mechanism;
	return unsupported();
}

CK_RV
stub_mechanism_key(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
		   CK_OBJECT_HANDLE key)
{
	(void)session;
	(void)mechanism;
	(void)key;
	return unsupported();
}

CK_RV
stub_key(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
	(void)session;
	(void)key;
	return unsupported();
}

CK_RV
stub_in(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length)
{
	(void)session;
	(void)data;
	(void)length;
	return unsupported();
}

CK_RV
stub_out(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG *count)
{
	(void)session;
	(void)data;
	(void)count;
	return unsupported();
}

CK_RV
stub_in_in(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length,
	   CK_BYTE *more, CK_ULONG size)
{
	(void)session;
	(void)data;
	(void)length;
	(void)more;
	(void)size;
	return unsupported();
}

CK_RV
stub_in_out(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length,
	    CK_BYTE *more, CK_ULONG *count)
{
	(void)session;
	(void)data;
	(void)length;
	(void)more;
	(void)count;
	return unsupported();
}

CK_RV
stub_state(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length,
	   CK_OBJECT_HANDLE key, CK_OBJECT_HANDLE other)
{
	(void)session;
	(void)data;
	(void)length;
	(void)key;
	(void)other;
	return unsupported();
}

CK_RV
stub_generate(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
	      CK_ATTRIBUTE *attributes, CK_ULONG length,
	      CK_OBJECT_HANDLE *object)
{
	(void)session;
	(void)mechanism;
	(void)attributes;
	(void)length;
	(void)object;
	return unsupported();
}

CK_RV
stub_generate_pair(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
		   CK_ATTRIBUTE *attributes, CK_ULONG length,
		   CK_ATTRIBUTE *others, CK_ULONG size,
		   CK_OBJECT_HANDLE *object, CK_OBJECT_HANDLE *private)
{
	(void)session;
	(void)mechanism;
	(void)attributes;
	(void)length;
	(void)others;
	(void)size;
	(void)object;
	(void)private;
	return unsupported();
}

CK_RV
stub_wrap(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
	  CK_OBJECT_HANDLE key, CK_OBJECT_HANDLE other, CK_BYTE *data,
	  CK_ULONG *count)
{
	(void)session;
	(void)mechanism;
	(void)key;
	(void)other;
	(void)data;
	(void)count;
	return unsupported();
}

CK_RV
stub_unwrap(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
	    CK_OBJECT_HANDLE key, CK_BYTE *data, CK_ULONG length,
	    CK_ATTRIBUTE *attributes, CK_ULONG size, CK_OBJECT_HANDLE *object)
{
	(void)session;
	(void)mechanism;
	(void)key;
	(void)data;
	(void)length;
	(void)attributes;
	(void)size;
	(void)object;
	return unsupported();
}

CK_RV
stub_derive(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
	    CK_OBJECT_HANDLE key, CK_ATTRIBUTE *attributes, CK_ULONG length,
	    CK_OBJECT_HANDLE *object)
{
	(void)session;
	(void)mechanism;
	(void)key;
	(void)attributes;
	(void)length;
	(void)object;
	return unsupported();
}

const CK_FUNCTION_LIST surface_functions = {
	.version = { 2, 40 },
	.C_Initialize = C_Initialize,
	.C_Finalize = C_Finalize,
	.C_GetInfo = C_GetInfo,
	.C_GetFunctionList = C_GetFunctionList,
	.C_GetSlotList = C_GetSlotList,
	.C_GetSlotInfo = C_GetSlotInfo,
	.C_GetTokenInfo = C_GetTokenInfo,
	.C_GetMechanismList = C_GetMechanismList,
	.C_GetMechanismInfo = C_GetMechanismInfo,
	.C_InitToken = C_InitToken,
	.C_InitPIN = C_InitPIN,
	.C_SetPIN = C_SetPIN,
	.C_OpenSession = C_OpenSession,
	.C_CloseSession = C_CloseSession,
	.C_CloseAllSessions = C_CloseAllSessions,
	.C_GetSessionInfo = C_GetSessionInfo,
	.C_GetOperationState = stub_out,
	.C_SetOperationState = stub_state,
	.C_Login = C_Login,
	.C_Logout = C_Logout,
	.C_CreateObject = C_CreateObject,
	.C_CopyObject = C_CopyObject,
	.C_DestroyObject = C_DestroyObject,
	.C_GetObjectSize = C_GetObjectSize,
	.C_GetAttributeValue = C_GetAttributeValue,
	.C_SetAttributeValue = C_SetAttributeValue,
	.C_FindObjectsInit = C_FindObjectsInit,
	.C_FindObjects = C_FindObjects,
	.C_FindObjectsFinal = C_FindObjectsFinal,
	.C_EncryptInit = stub_mechanism_key,
	.C_Encrypt = stub_in_out,
	.C_EncryptUpdate = stub_in_out,
	.C_EncryptFinal = stub_out,
	.C_DecryptInit = stub_mechanism_key,
	.C_Decrypt = stub_in_out,
	.C_DecryptUpdate = stub_in_out,
	.C_DecryptFinal = stub_out,
	.C_DigestInit = stub_mechanism,
	.C_Digest = stub_in_out,
	.C_DigestUpdate = stub_in,
	.C_DigestKey = stub_key,
	.C_DigestFinal = stub_out,
	.C_SignInit = stub_mechanism_key,
	.C_Sign = stub_in_out,
	.C_SignUpdate = stub_in,
	.C_SignFinal = stub_out,
	.C_SignRecoverInit = stub_mechanism_key,
	.C_SignRecover = stub_in_out,
	.C_VerifyInit = stub_mechanism_key,
	.C_Verify = stub_in_in,
	.C_VerifyUpdate = stub_in,
	.C_VerifyFinal = stub_in,
	.C_VerifyRecoverInit = stub_mechanism_key,
	.C_VerifyRecover = stub_in_out,
	.C_DigestEncryptUpdate = stub_in_out,
	.C_DecryptDigestUpdate = stub_in_out,
	.C_SignEncryptUpdate = stub_in_out,
	.C_DecryptVerifyUpdate = stub_in_out,
	.C_GenerateKey = stub_generate,
	.C_GenerateKeyPair = stub_generate_pair,
	.C_WrapKey = stub_wrap,
	.C_UnwrapKey = stub_unwrap,
	.C_DeriveKey = stub_derive,
	.C_SeedRandom = stub_in,
	.C_GenerateRandom = stub_in,
	.C_GetFunctionStatus = C_GetFunctionStatus,
	.C_CancelFunction = C_CancelFunction,
	.C_WaitForSlotEvent = C_WaitForSlotEvent,
};
