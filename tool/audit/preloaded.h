/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Firefox's list of preloaded intermediates (security-state/intermediates.json
 * in its omni.ja): certificates that it fetches when it needs them, known
 * here by their digests.  It knows the form of that file, nothing else.
 */

#ifndef PRELOADED_H
#define PRELOADED_H

#include <stddef.h>

#include "base/fault.h"
#include "catalog.h"

/* Older records hold the first alone; the others are empty then. */
struct preloaded {
	struct bytes sha256;		/* of the certificate */
	struct bytes spki_sha256;
	struct bytes subject;		/* DER Name */
};

/* Called with each record, whose octets are good until it returns. */
typedef void preloaded_take(void *arg, const struct preloaded *record);

/* How many there are in *count.  0, or -1 with a fault: also for none. */
int preloaded_read(const char *path, preloaded_take *take, void *arg,
		   size_t *count, struct fault *fault);

#endif
