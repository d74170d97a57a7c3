/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The hash under which catalogs file octets: XXH3, 64 bits, inlined so that
 * the module needs no library.  Not against an adversary: the compiler sees
 * to it that no key of a catalog takes a long probe, and a query that hits a
 * key's hash by intent only costs its sender a comparison.
 */

#ifndef HASH_H
#define HASH_H

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "catalog.h"

/*@ requires readable(key);
  @ assigns \nothing;
  @*/
static inline uint64_t
catalog_hash(struct bytes key)
{
	return XXH3_64bits(key.p, key.n);
}

#endif
