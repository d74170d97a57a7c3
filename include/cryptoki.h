/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The Cryptoki types, and the numbers that PKCS#11 3.x, NSS and p11-kit add.
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

/* NSS (lib/util/pkcs11n.h) */
#define NSS_CKO_CRL			0xce534351UL
#define NSS_CKO_TRUST			0xce534353UL
#define NSS_CKO_BUILTIN_ROOT_LIST	0xce534354UL
#define NSS_CKA_MOZILLA_CA_POLICY	0xce534372UL
#define NSS_CKA_SERVER_DISTRUST_AFTER	0xce534373UL
#define NSS_CKA_EMAIL_DISTRUST_AFTER	0xce534374UL
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

#endif
