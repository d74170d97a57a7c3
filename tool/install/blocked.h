/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A Java's list of blocked certificates (lib/security/blocked.certs): a
 * SHA-256 a line, ours between two marks.  There stand the certificates that
 * the lists know and, for names and keys, those that this Java and this
 * machine have been told to trust.  It knows that file; it changes nothing.
 */

#ifndef BLOCKED_H
#define BLOCKED_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/paths.h"
#include "catalog.h"

struct blocked {
	char path[PATHS_MAX];
	struct buffer is;	/* what it says */
	struct buffer bare;	/* the same without us */
	struct buffer shall;	/* what it is to say */
};

/* Where the Java in a folder keeps its list; false: it is none. */
bool blocked_find(const char *home, char path[static PATHS_MAX]);

/* Read a Java's list and write what it shall be, in memory; with one more
 * certificate, if there is a SHA-256.  0, or -1 with a fault and nothing to
 * free. */
int blocked_make(struct blocked *b, const char *home, const uint8_t *sha256,
		 struct fault *fault);

void blocked_free(struct blocked *b);

/* A buffer's octets; p is not NULL even where there are none. */
struct bytes blocked_octets(const struct buffer *b);

#endif
