/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The certificates that an NSS database holds, read by NSS itself in a
 * process of its own from a private copy; and one of them taken out, in the
 * place itself.  It must not know what is looked for.
 */

#ifndef NSS_LIST_H
#define NSS_LIST_H

#include "base/fault.h"
#include "catalog.h"

/* Called with the DER of each, and the name by which certutil knows it; 0 to
 * go on. */
typedef int nss_list_take(void *arg, struct bytes der, struct bytes nickname);

/* Hand over all.  0; what take returned; or -1 with a fault. */
int nss_list(const char *folder, nss_list_take *take, void *arg,
	     struct fault *fault);

/* Delete the certificate with this digest from the database in a folder.  0,
 * or -1 with a fault. */
int nss_delete(const char *folder, const uint8_t sha256[CATALOG_SHA256],
	       struct fault *fault);

#endif
