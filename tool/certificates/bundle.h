/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A CA bundle in pieces: PEM certificates, and the text around them as it
 * stands.  It takes for a certificate whatever OpenSSL, GnuTLS or Java would
 * (a block that begins in the middle of a line, stray characters in the
 * base64): what a consumer finds must not be hidden from us.  It knows PEM;
 * it must not know which certificates are wanted.
 */

#ifndef BUNDLE_H
#define BUNDLE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "catalog.h"

enum bundle_kind {
	BUNDLE_TEXT,		/* between blocks, or a block of another kind */
	BUNDLE_CERTIFICATE,
	BUNDLE_TRUSTED,		/* OpenSSL's: a certificate and its settings */
	BUNDLE_DAMAGED,		/* says that it is a certificate, and is none */
};

struct bundle_piece {
	enum bundle_kind kind;
	unsigned line;		/* on which it begins */
	struct bytes octets;	/* as they stand in the file */
	struct bytes der;	/* the Certificate */
	struct bytes block;	/* all that the base64 said: DER and settings */
};

/* Set rest to the file's content, line to 1 and all else to zero. */
struct bundle {
	struct bytes rest;	/* not owned */
	unsigned line;
	struct buffer decoded;
};

/* The next piece; its octets, all pieces together, are the file.  A file that
 * is one certificate in DER is one piece.  1; 0 at the end; -1 where memory
 * ran out.  der and block are good until the next call. */
int bundle_next(struct bundle *b, struct bundle_piece *piece);

void bundle_free(struct bundle *b);

#endif
