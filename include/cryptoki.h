/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The Cryptoki types, and what PKCS#11 3.x, NSS and p11-kit add to them.
 *
 * The types come from p11-kit's header.  The added numbers have names of our
 * own: the published names changed their meaning between versions
 * (CKA_TRUST_SERVER_AUTH was NSS's and is now the standard's), so that the
 * same source would mean different things with different headers.
 */

#ifndef CRYPTOKI_H
#define CRYPTOKI_H

#include <p11-kit/pkcs11.h>

/* PKCS#11 3.0 and 3.2 */
#define P11_CKO_PROFILE			0x09UL
#define P11_CKO_TRUST			0x0bUL
#define P11_CKA_UNIQUE_ID		0x04UL
#define P11_CKA_NAME_HASH_ALGORITHM	0x8cUL
#define P11_CKA_PROFILE_ID		0x601UL
#define P11_CKA_TRUST_SERVER_AUTH	0x62cUL
#define P11_CKA_TRUST_CLIENT_AUTH	0x62dUL
#define P11_CKA_TRUST_CODE_SIGNING	0x62eUL
#define P11_CKA_TRUST_EMAIL_PROTECTION	0x62fUL
#define P11_CKA_TRUST_IPSEC_IKE		0x630UL
#define P11_CKA_TRUST_TIME_STAMPING	0x631UL
#define P11_CKA_TRUST_OCSP_SIGNING	0x632UL
#define P11_CKA_HASH_OF_CERTIFICATE	0x635UL
#define P11_CKT_TRUST_UNKNOWN		0UL
#define P11_CKT_NOT_TRUSTED		3UL
#define P11_CKP_BASELINE_PROVIDER	1UL
#define P11_CKP_PUBLIC_CERTIFICATES_TOKEN 4UL
#define P11_CKM_SHA_1			0x220UL
#define P11_CKM_SHA256			0x250UL
#define P11_CATEGORY_UNSPECIFIED	0UL
#define P11_CATEGORY_AUTHORITY		2UL
#define P11_CKF_INTERFACE_FORK_SAFE	1UL
#define P11_CKF_FIND_OBJECTS		0x40UL

/* NSS (lib/util/pkcs11n.h) */
#define NSS_CKO_CRL			0xce534351UL
#define NSS_CKO_TRUST			0xce534353UL
#define NSS_CKO_BUILTIN_ROOT_LIST	0xce534354UL
#define NSS_CKA_MOZILLA_CA_POLICY	0xce534372UL
#define NSS_CKA_SERVER_DISTRUST_AFTER	0xce534373UL
#define NSS_CKA_EMAIL_DISTRUST_AFTER	0xce534374UL
#define NSS_CKA_TRUST			0xce536350UL
#define NSS_CKA_TRUST_SERVER_AUTH	0xce536358UL
#define NSS_CKA_TRUST_CLIENT_AUTH	0xce536359UL
#define NSS_CKA_TRUST_CODE_SIGNING	0xce53635aUL
#define NSS_CKA_TRUST_EMAIL_PROTECTION	0xce53635bUL
#define NSS_CKA_TRUST_IPSEC_END_SYSTEM	0xce53635cUL
#define NSS_CKA_TRUST_IPSEC_TUNNEL	0xce53635dUL
#define NSS_CKA_TRUST_IPSEC_USER	0xce53635eUL
#define NSS_CKA_TRUST_TIME_STAMPING	0xce53635fUL
#define NSS_CKA_TRUST_STEP_UP_APPROVED	0xce536360UL
#define NSS_CKA_CERT_SHA1_HASH		0xce5363b4UL
#define NSS_CKA_CERT_MD5_HASH		0xce5363b5UL
#define NSS_CKT_NOT_TRUSTED		0xce53435aUL
#define NSS_CKT_TRUST_UNKNOWN		0xce534355UL

/* p11-kit (common/pkcs11x.h) */
#define P11KIT_CKA_DISTRUSTED		0xd8444764UL	/* CKA_X_DISTRUSTED */

/* ---- PKCS#11 3.x: interfaces and their function lists ------------------ */

/* p11-kit 0.25 brought these; before, its header is of 2.40. */
#if CRYPTOKI_VERSION_MAJOR < 3
typedef struct ck_interface {
	CK_UTF8CHAR *pInterfaceName;
	void *pFunctionList;
	CK_FLAGS flags;
} CK_INTERFACE;

CK_RV C_GetInterfaceList(CK_INTERFACE *list, CK_ULONG *count);
CK_RV C_GetInterface(CK_UTF8CHAR *name, CK_VERSION *version,
		     CK_INTERFACE **interface, CK_FLAGS flags);
CK_RV C_LoginUser(CK_SESSION_HANDLE session, CK_USER_TYPE user,
		  CK_UTF8CHAR *pin, CK_ULONG length, CK_UTF8CHAR *name,
		  CK_ULONG name_length);
CK_RV C_SessionCancel(CK_SESSION_HANDLE session, CK_FLAGS flags);
#endif

/* What the functions of 3.x take that those of 2.40 do not. */
typedef CK_RV (*p11_session)(CK_SESSION_HANDLE);
typedef CK_RV (*p11_parameter)(CK_SESSION_HANDLE, void *, CK_ULONG);
typedef CK_RV (*p11_message)(CK_SESSION_HANDLE, void *, CK_ULONG, CK_BYTE *,
			     CK_ULONG, CK_BYTE *, CK_ULONG, CK_BYTE *,
			     CK_ULONG *);
typedef CK_RV (*p11_message_begin)(CK_SESSION_HANDLE, void *, CK_ULONG,
				   CK_BYTE *, CK_ULONG);
typedef CK_RV (*p11_message_next)(CK_SESSION_HANDLE, void *, CK_ULONG,
				  CK_BYTE *, CK_ULONG, CK_BYTE *, CK_ULONG *,
				  CK_FLAGS);
typedef CK_RV (*p11_message_sign)(CK_SESSION_HANDLE, void *, CK_ULONG,
				  CK_BYTE *, CK_ULONG, CK_BYTE *, CK_ULONG *);
typedef CK_RV (*p11_message_verify)(CK_SESSION_HANDLE, void *, CK_ULONG,
				    CK_BYTE *, CK_ULONG, CK_BYTE *, CK_ULONG);

/*
 * The list of 3.2.  It begins with that of 3.0, which begins with that of
 * 2.40, so that it serves as either, and nobody who takes one for the next
 * reads past its end.
 */
struct p11_function_list {
	CK_FUNCTION_LIST v2_40;

	/* 3.0 */
	CK_RV (*C_GetInterfaceList)(CK_INTERFACE *, CK_ULONG *);
	CK_RV (*C_GetInterface)(CK_UTF8CHAR *, CK_VERSION *, CK_INTERFACE **,
				CK_FLAGS);
	CK_RV (*C_LoginUser)(CK_SESSION_HANDLE, CK_USER_TYPE, CK_UTF8CHAR *,
			     CK_ULONG, CK_UTF8CHAR *, CK_ULONG);
	CK_RV (*C_SessionCancel)(CK_SESSION_HANDLE, CK_FLAGS);
	CK_C_EncryptInit C_MessageEncryptInit;
	p11_message C_EncryptMessage;
	p11_message_begin C_EncryptMessageBegin;
	p11_message_next C_EncryptMessageNext;
	p11_session C_MessageEncryptFinal;
	CK_C_DecryptInit C_MessageDecryptInit;
	p11_message C_DecryptMessage;
	p11_message_begin C_DecryptMessageBegin;
	p11_message_next C_DecryptMessageNext;
	p11_session C_MessageDecryptFinal;
	CK_C_SignInit C_MessageSignInit;
	p11_message_sign C_SignMessage;
	p11_parameter C_SignMessageBegin;
	p11_message_sign C_SignMessageNext;
	p11_session C_MessageSignFinal;
	CK_C_VerifyInit C_MessageVerifyInit;
	p11_message_verify C_VerifyMessage;
	p11_parameter C_VerifyMessageBegin;
	p11_message_verify C_VerifyMessageNext;
	p11_session C_MessageVerifyFinal;

	/* 3.2 */
	CK_RV (*C_EncapsulateKey)(CK_SESSION_HANDLE, CK_MECHANISM *,
				  CK_OBJECT_HANDLE, CK_ATTRIBUTE *, CK_ULONG,
				  CK_BYTE *, CK_ULONG *, CK_OBJECT_HANDLE *);
	CK_RV (*C_DecapsulateKey)(CK_SESSION_HANDLE, CK_MECHANISM *,
				  CK_OBJECT_HANDLE, CK_ATTRIBUTE *, CK_ULONG,
				  CK_BYTE *, CK_ULONG, CK_OBJECT_HANDLE *);
	CK_RV (*C_VerifySignatureInit)(CK_SESSION_HANDLE, CK_MECHANISM *,
				       CK_OBJECT_HANDLE, CK_BYTE *, CK_ULONG);
	CK_C_VerifyUpdate C_VerifySignature;
	CK_C_VerifyUpdate C_VerifySignatureUpdate;
	p11_session C_VerifySignatureFinal;
	CK_RV (*C_GetSessionValidationFlags)(CK_SESSION_HANDLE, CK_ULONG,
					     CK_FLAGS *);
	CK_RV (*C_AsyncComplete)(CK_SESSION_HANDLE, CK_UTF8CHAR *, void *);
	CK_RV (*C_AsyncGetID)(CK_SESSION_HANDLE, CK_UTF8CHAR *, CK_ULONG *);
	CK_RV (*C_AsyncJoin)(CK_SESSION_HANDLE, CK_UTF8CHAR *, CK_ULONG,
			     CK_BYTE *, CK_ULONG);
	CK_RV (*C_WrapKeyAuthenticated)(CK_SESSION_HANDLE, CK_MECHANISM *,
					CK_OBJECT_HANDLE, CK_OBJECT_HANDLE,
					CK_BYTE *, CK_ULONG, CK_BYTE *,
					CK_ULONG *);
	CK_RV (*C_UnwrapKeyAuthenticated)(CK_SESSION_HANDLE, CK_MECHANISM *,
					  CK_OBJECT_HANDLE, CK_BYTE *,
					  CK_ULONG, CK_ATTRIBUTE *, CK_ULONG,
					  CK_BYTE *, CK_ULONG,
					  CK_OBJECT_HANDLE *);
};

#endif
