/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The certificates that a Java keystore trusts: JKS and JCEKS, whose
 * certificates are plain, and PKCS #12 with the password that Java's own
 * store has, or none.  It knows these forms and changes nothing.
 */

#ifndef KEYSTORE_H
#define KEYSTORE_H

#include "base/fault.h"
#include "catalog.h"

/* Called with the DER of each, and the name by which keytool knows it; 0 to
 * go on. */
typedef int keystore_take(void *arg, struct bytes der, struct bytes alias);

/* Hand over all that the octets of a keystore hold.  `path` is for messages.
 * 0; what take returned; or -1 with a fault where they are no keystore, or
 * one of another password. */
int keystore_read(const char *path, struct bytes content, keystore_take *take,
		  void *arg, struct fault *fault);

#endif
