/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Distinguished names: when are two of them the same?
 *
 * RFC 5280 7.1 compares attributes, not octets: another string type, another
 * case of ASCII letters or more white space make no other name.  Here the
 * order of the RDNs makes none either, since the same Kazakh authority is on
 * record in two orders.  Everything takes a DER Name from anywhere, reads no
 * octet outside of it, does not allocate, and takes time linear in it.
 * Pure functions; any thread.
 */

#ifndef DN_H
#define DN_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog.h"

/* More attributes than this and a name equals no other. */
#define DN_ATTRIBUTES 32u

/* The same for all names that dn_equal() calls equal.  False where the DER
 * is no Name, is empty, or has more than DN_ATTRIBUTES attributes. */
bool dn_hash(struct bytes name, uint64_t *hash);

/* Whether both are well-formed, not empty, and hold the same attributes. */
bool dn_equal(struct bytes a, struct bytes b);

/*
 * A cheap look at a name's two ends, in a few instructions whatever its
 * length: what nearly all names fail before anybody hashes them.  DN_ANY
 * where the ends are unusual and tell nothing.
 */
#define DN_ANY UINT32_MAX
uint32_t dn_edge(struct bytes name);

/* All edges that a name equal to this one can show (not counting DN_ANY):
 * for the compiler.  Calls visit for each, some of them more than once.
 * False where dn_hash() is. */
bool dn_edges(struct bytes name, void (*visit)(void *, uint32_t), void *arg);

#endif
