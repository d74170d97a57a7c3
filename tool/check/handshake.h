/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The certificates that a TLS server sends, believed in nothing: old
 * protocols and short keys are no obstacle, since somebody has to look at
 * such a server too.  It must not know what is thought of them.
 */

#ifndef HANDSHAKE_H
#define HANDSHAKE_H

#include "certificates/certificates.h"
#include "check/peer.h"

/*
 * Shake hands over a connection and append what the server sent, its own
 * certificate first.  `name` is for SNI; NULL: none.  A server that breaks
 * off after it has sent them is fine.  0, or -1 with a fault.
 */
int handshake(struct peer *peer, const char *name,
	      struct certificates *certificates);

#endif
