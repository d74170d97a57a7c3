/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Who the module says that it is.  Three versions are kept apart: of the
 * list (CK_INFO.libraryVersion, from the built-in catalog), of this program
 * and of the catalog format (the token's hardware and firmware versions).
 */

#ifndef IDENTITY_H
#define IDENTITY_H

#define IDENTITY_VERSION_MAJOR 0
#define IDENTITY_VERSION_MINOR 1

/* GnuTLS believes the distrust of no module whose manufacturer does not
 * begin with "PKCS#11 Kit" (lib/pkcs11.c, find_cert_cb()), and drops a module
 * whose CK_INFO is another's: hence the description. */
#define IDENTITY_MANUFACTURER "PKCS#11 Kit compatible"
#define IDENTITY_LIBRARY "p11-distrust"

#define IDENTITY_SLOT "Distrusted certificate authorities"
#define IDENTITY_TOKEN "Distrust"
#define IDENTITY_TOKEN_MANUFACTURER "p11-distrust"
#define IDENTITY_MODEL "p11-distrust"
#define IDENTITY_SERIAL "1"

/* Not zero: some callers take 0 for "no slot". */
#define IDENTITY_SLOT_ID 1UL

#endif
