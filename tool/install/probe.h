/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What proves a consumer: two chains made a moment ago, their keys known to
 * nobody.  One root bears a name that we distrust (re-issued: another key,
 * another serial number, so that no list can know it), the other one a name
 * that nobody does.  A consumer that has been told to trust both is protected
 * if it refuses the first and accepts the second.  It knows certificates; it
 * must not know consumers.
 */

#ifndef PROBE_H
#define PROBE_H

#include "base/buffer.h"
#include "base/fault.h"

/* A root and a site, "localhost", that it has issued.  DER; the key, of the
 * site, PKCS #8. */
struct probe_chain {
	struct buffer root;
	struct buffer site;
	struct buffer key;
};

struct probe {
	struct probe_chain distrusted;
	struct probe_chain healthy;
};

/* Make both, valid for a day.  The name is one of those in force by the
 * built-in list and the system's policy.  0, or -1 with a fault. */
int probe_make(struct probe *probe, struct fault *fault);

/* The same octets as PEM, appended: "CERTIFICATE" or "PRIVATE KEY". */
int probe_pem(struct buffer *pem, const struct buffer *der, const char *type,
	      struct fault *fault);

void probe_free(struct probe *probe);

#endif
