/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Authorities that a machine and its browsers trust, and whether records
 * would hit them by more than was meant.  It knows where such authorities
 * are kept; it must not know where records come from.
 */

#ifndef TRUSTED_H
#define TRUSTED_H

#include "certificates/harvest.h"
#include "compile/records.h"

/*
 * Whether a name entry hits an authority that is trusted below `root` (empty:
 * on this machine).  Two kinds do not count: the one that the entry itself is
 * about, if it was an administrator who added it; and what the built-in list
 * distrusts by certificate or key.  0, or -1 with a fault.
 */
int trusted_check(const struct records *records, const char *root,
		  struct fault *fault);

/* The authorities of the bundles that OpenSSL and others read below `root`,
 * appended.  0, or -1 with a fault and some of them. */
int trusted_bundles(struct harvest *harvest, const char *root,
		    struct fault *fault);

#endif
