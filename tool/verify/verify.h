/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Whether an opened catalog is one that `distrust compile` could have
 * written: everything that the module, which must open ten million entries
 * as fast as ten, does not look at.  Functions return 0, or -1 with a fault.
 */

#ifndef VERIFY_H
#define VERIFY_H

#include <stdbool.h>

#include "base/fault.h"
#include "catalog.h"

struct verify {
	const struct catalog *catalog;
	struct bytes pool;
	const char *path;
	struct fault *fault;
};

/* All of it. */
int verify_catalog(const struct catalog *catalog, const char *path,
		   struct fault *fault);

/* Its parts: each entry by itself, and that each can be found. */
int verify_entries(const struct verify *v);
int verify_indexes(const struct verify *v);

/* Whether a span is the empty one, or inside of the pool. */
bool verify_is_span(const struct verify *v, struct catalog_span span);

/* Whether octets are text; in more than one line if `lines`. */
bool verify_is_text(const struct verify *v, struct catalog_span span,
		    bool lines);

/* Whether eight octets are a day of the calendar, YYYYMMDD. */
bool verify_is_day(const uint8_t day[8]);

#endif
