/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Under which key an entry stands in each index of a catalog: the one place
 * that says it, for the writer that files and for `distrust verify`.  It
 * knows what each question is; it must not know how an index is laid out.
 */

#ifndef FILING_H
#define FILING_H

#include <stdbool.h>

#include "catalog.h"

/* Whether this question can find the entry, and the hash of its key there.
 * Spans are into pool. */
bool filing_key(struct bytes pool, const struct catalog_entry *entry,
		enum catalog_question q, uint64_t *hash);

/* Whether it is filed by a serial number, and the value of the filter that
 * stands for that. */
bool filing_tail(struct bytes pool, const struct catalog_entry *entry,
		 uint64_t *tail);

/* What orders a run before the entries' indices do: the issuer by serial
 * number, nothing elsewhere.  Shorter ones first, then by octets. */
struct bytes filing_order(struct bytes pool, const struct catalog_entry *entry,
			  enum catalog_question q);

/* Octets of a span or, at an offset, of the pool; empty if not inside. */
struct bytes filing_bytes(struct bytes pool, struct catalog_span span);

#endif
