/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The list in memory, between whoever reads sources and the writer: the
 * records of the catalog's format, their spans pointing into a pool that
 * still grows.  It knows nothing of where records come from, nor of indexes.
 */

#ifndef RECORDS_H
#define RECORDS_H

#include "base/buffer.h"
#include "base/fault.h"
#include "base/table.h"
#include "catalog.h"

struct records {
	struct fault *fault;	/* where a failure is noted; not owned */
	struct buffer pool;
	struct buffer entries;	/* struct catalog_entry */
	struct buffer groups;	/* struct catalog_group */
	struct buffer policy;	/* struct catalog_policy */
	uint32_t version;	/* of the list: major << 8 | minor */
	uint32_t date;
	struct buffer spans;	/* struct catalog_span: what is interned */
	struct table interned;	/* finds them */
};

/* Empty records.  0, or -1 with a fault: as all that follow. */
int records_begin(struct records *r, struct fault *fault);
void records_end(struct records *r);

/* Copy octets into the pool; `intern` looks for equal ones first.  No octets
 * give the empty span. */
int records_put(struct records *r, struct bytes b, struct catalog_span *span);
int records_intern(struct records *r, struct bytes b,
		   struct catalog_span *span);
int records_put_fixed(struct records *r, const uint8_t *p, size_t n,
		      uint32_t *off);

int records_add_entry(struct records *r, const struct catalog_entry *entry);
int records_add_group(struct records *r, const struct catalog_group *group);
int records_add_policy(struct records *r, const struct catalog_policy *policy);

uint32_t records_entries(const struct records *r);
uint32_t records_groups(const struct records *r);
struct catalog_entry *records_entry(const struct records *r, uint32_t i);

/* The pool as it is now: good until something is put into it. */
struct bytes records_pool(const struct records *r);
struct bytes records_bytes(const struct records *r, struct catalog_span span);

#endif
