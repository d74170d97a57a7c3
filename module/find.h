/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What does a list say of a certificate, a name or a key?  It knows the
 * rules (certificate, name, key) and which index answers what; it must not
 * know PKCS#11, sessions or templates.  The module and the tool both ask
 * here, so that `distrust check` and the browser agree.
 *
 * No function allocates, locks, or makes a system call.  Any thread.
 */

#ifndef FIND_H
#define FIND_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog.h"
#include "der.h"
#include "dn.h"
#include "hash.h"
#include "lists.h"

#define FIND_NONE UINT32_MAX

/* The entries, in force or not, that an index files under exactly these
 * octets.  Not for CATALOG_BY_SERIAL and CATALOG_BY_NAME. */
struct catalog_run find_octets(const struct list *list,
			       enum catalog_question q, struct bytes octets);

/* The entries that may have this serial number, given as DER INTEGER or as
 * content octets, whoever issued them; or those of one issuer.  The caller
 * compares the serial numbers (catalog_serial_key()). */
struct catalog_run find_serial(const struct list *list, struct bytes serial);
struct catalog_run find_issuer_serial(const struct list *list,
				      struct bytes issuer,
				      struct bytes serial);

/* Whether no list has an entry with this issuer and serial number, and no
 * name entry can hit the issuer.  The usual case, in few instructions; false
 * means that one has to look. */
static inline bool find_nothing(const struct lists *lists,
				struct bytes issuer, struct bytes serial);

/* The same, with a closer look at the name: for what is left then. */
bool find_nothing_closely(const struct lists *lists, struct bytes issuer,
			  struct bytes serial);

/* The first name entry in force whose subject is this name, octet by octet,
 * or else equals it in the sense of dn_equal(); or FIND_NONE.  `edge` is dn_edge(name): one look serves all
 * lists. */
uint32_t find_name(const struct list *list, struct bytes name, uint32_t edge);

/* The first key entry in force with this SubjectPublicKeyInfo, or
 * FIND_NONE. */
uint32_t find_key(const struct list *list, struct bytes spki);

/* The entry whose name or key rule hits a certificate: by its key, its
 * subject or its issuer, in this order; or FIND_NONE. */
uint32_t find_rule(const struct list *list,
		   const struct der_certificate *certificate);

/* ---- Inlined: nearly every question ends here -------------------------- */

/* Short serial numbers have no tail, and unusual names no edge. */
static inline bool
find_nothing(const struct lists *lists, struct bytes issuer,
	     struct bytes serial)
{
	const struct list *l = lists->list;
	unsigned count = lists->count;
	uint32_t edge;
	uint64_t tail;

	if (serial.n < CATALOG_TAIL)
		return false;
	edge = dn_edge(issuer);
	if (edge == DN_ANY)
		return false;
	tail = catalog_tail(serial);
	for (; count > 0; l++, count--) {
		if (catalog_may_have(&l->catalog, edge) ||
		    catalog_may_have(&l->catalog, tail))
			return false;
	}
	return true;
}

#endif
