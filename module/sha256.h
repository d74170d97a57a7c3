/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * SHA-256 (FIPS 180-4), for the keys and certificates of which a list knows
 * no more than this hash.  The module links libc alone, so it brings its own.
 * A pure function; any thread.
 */

#ifndef SHA256_H
#define SHA256_H

#include "catalog.h"

/*@ requires readable(message) && \valid(digest + (0 .. CATALOG_SHA256 - 1));
  @ requires \separated(message.p + (0 .. message.n - 1),
  @		       digest + (0 .. CATALOG_SHA256 - 1));
  @ assigns digest[0 .. CATALOG_SHA256 - 1];
  @ ensures initialized_octets(digest, CATALOG_SHA256);
  @*/
void sha256(struct bytes message, uint8_t digest[static CATALOG_SHA256]);

#endif
