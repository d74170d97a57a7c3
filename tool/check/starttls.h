/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What must be said before TLS begins, in protocols that begin without it:
 * up to the point where both sides expect a ClientHello.  It knows each
 * protocol's beginning and nothing of TLS.
 */

#ifndef STARTTLS_H
#define STARTTLS_H

#include "check/peer.h"

struct starttls;

/* A protocol by its name; by the port that it is usually found on; NULL: there
 * is none.  The i-th name, NULL after the last. */
const struct starttls *starttls_named(const char *name);
const struct starttls *starttls_at_port(const char *port);
const char *starttls_name(size_t i);

/* Talk.  0, or -1 with a fault. */
int starttls_begin(const struct starttls *protocol, struct peer *peer,
		   const char *host);

#endif
