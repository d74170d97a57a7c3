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
/*@ requires list_opened(list);
  @ requires readable(octets);
  @ requires q < CATALOG_QUESTIONS;
  @ assigns \nothing;
  @ ensures \result.from <= \result.to;
  @*/
struct catalog_run find_octets(const struct list *list,
			       enum catalog_question q, struct bytes octets);

/* The entries that may have this serial number, given as DER INTEGER or as
 * content octets, whoever issued them; of such a run, those of one issuer; or
 * both at once.  The caller compares the serial numbers
 * (catalog_serial_key()). */
/*@ requires list_opened(list) && readable(serial);
  @ assigns \nothing;
  @*/
static inline bool find_may_have_serial(const struct list *list,
					struct bytes serial);
/*@ requires list_opened(list) && readable(serial);
  @ assigns \nothing;
  @ ensures \result.from <= \result.to;
  @*/
struct catalog_run find_serial(const struct list *list, struct bytes serial);
/*@ requires list_opened(list) && readable(issuer) && run.from <= run.to;
  @ assigns \nothing;
  @ ensures \result.from <= \result.to;
  @*/
struct catalog_run find_of_issuer(const struct list *list, struct bytes issuer,
				  struct catalog_run run);
/*@ requires list_opened(list) && readable(issuer) && readable(serial);
  @ assigns \nothing;
  @ ensures \result.from <= \result.to;
  @*/
struct catalog_run find_issuer_serial(const struct list *list,
				      struct bytes issuer,
				      struct bytes serial);

/*
 * What the lists' filters show of an issuer and a serial number, in few
 * instructions: that no list has an entry with both and no name entry can hit
 * the issuer, which is the usual case; that an entry may have the serial
 * number, but no name entry can hit; that one may; or nothing, since the
 * serial number is short or the name unusual.
 */
enum find_trace {
	FIND_NO_TRACE,
	FIND_TRACE_OF_SERIAL,
	FIND_TRACE_OF_NAME,
	FIND_UNTRACED,
};
/*@ requires lists_opened(lists) && readable(issuer) && readable(serial);
  @ assigns \nothing;
  @*/
static inline enum find_trace find_trace(const struct lists *lists,
					 struct bytes issuer,
					 struct bytes serial);

/* The first name entry in force whose subject is this name, octet by octet,
 * or else equals it in the sense of dn_equal(); or FIND_NONE.  `edge` is
 * dn_edge(name): one look serves all lists, and shows of nearly all names that
 * there is none. */
/*@ requires list_opened(list) && readable(name);
  @ assigns \nothing;
  @*/
uint32_t find_name(const struct list *list, struct bytes name, uint32_t edge);
/*@ requires list_opened(list);
  @ assigns \nothing;
  @*/
static inline bool find_may_have_name(const struct list *list, uint32_t edge);

/* The first key entry in force with this SubjectPublicKeyInfo, or
 * FIND_NONE. */
/*@ requires list_opened(list) && readable(spki);
  @ assigns \nothing;
  @*/
uint32_t find_key(const struct list *list, struct bytes spki);

/* The entry whose name or key rule hits a certificate: by its key, its
 * subject or its issuer, in this order; or FIND_NONE. */
/*@ requires list_opened(list);
  @ requires \valid_read(certificate) && \initialized(certificate);
  @ requires readable(certificate->issuer) &&
  @	readable(certificate->subject) && readable(certificate->spki);
  @ assigns \nothing;
  @*/
uint32_t find_rule(const struct list *list,
		   const struct der_certificate *certificate);

/* ---- Inlined: nearly every question ends here -------------------------- */

/* Short serial numbers have no tail. */
static inline bool
find_may_have_serial(const struct list *list, struct bytes serial)
{
	return serial.n < CATALOG_TAIL ||
	       catalog_may_have(&list->catalog, catalog_tail(serial));
}

static inline bool
find_may_have_name(const struct list *list, uint32_t edge)
{
	return list->catalog.has_names &&
	       (edge == DN_ANY || catalog_may_have(&list->catalog, edge));
}

/* Unusual names have no edge. */
static inline __attribute__((always_inline)) enum find_trace
find_trace(const struct lists *lists, struct bytes issuer,
	   struct bytes serial)
{
	const struct list *l = lists->list;
	unsigned count = lists->count;
	enum find_trace trace = FIND_NO_TRACE;
	uint32_t edge;
	uint64_t tail;

	if (serial.n < CATALOG_TAIL)
		return FIND_UNTRACED;
	tail = catalog_tail(serial);
	edge = dn_edge(issuer);
	if (edge == DN_ANY)
		return FIND_UNTRACED;
	/*@ loop invariant count <= lists->count;
	  @ loop invariant l == &lists->list[lists->count - count];
	  @ loop assigns l, count, trace;
	  @ loop variant count;
	  @*/
	for (; count > 0; l++, count--) {
		if (find_may_have_name(l, edge))
			return FIND_TRACE_OF_NAME;
		if (catalog_may_have(&l->catalog, tail))
			trace = FIND_TRACE_OF_SERIAL;
	}
	return trace;
}

#endif
