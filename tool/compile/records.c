/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* The list in memory.  It knows that offset 0 means "unknown" and that an
 * offset has 32 bits; it must not know what the octets are. */

#include "compile/records.h"
#include "hash.h"

#include <string.h>

/* Pool octets before the first span; a multiple of 8. */
#define POOL_START 8u

int
records_begin(struct records *r, struct fault *fault)
{
	*r = (struct records){ .fault = fault };
	if (buffer_grow(&r->pool, POOL_START) == NULL)
		return fault_memory(fault);
	return 0;
}

void
records_end(struct records *r)
{
	buffer_free(&r->pool);
	buffer_free(&r->entries);
	buffer_free(&r->groups);
	buffer_free(&r->policy);
	buffer_free(&r->spans);
	table_free(&r->interned);
}

int
records_put(struct records *r, struct bytes b, struct catalog_span *span)
{
	if (b.n == 0) {
		*span = (struct catalog_span){ 0, 0 };
		return 0;
	}
	if (b.n > UINT32_MAX - r->pool.n)
		return fault_at(r->fault, "list", 0,
				"too large; at most 4 GiB of names, "
				"certificates and text");
	*span = (struct catalog_span){ (uint32_t)r->pool.n, (uint32_t)b.n };
	if (buffer_add(&r->pool, b.p, b.n) != 0)
		return fault_memory(r->fault);
	return 0;
}

int
records_intern(struct records *r, struct bytes b, struct catalog_span *span)
{
	const struct catalog_span *spans = r->spans.p;
	uint64_t hash = catalog_hash(b);
	size_t cursor = 0;
	uint32_t i;

	if (b.n == 0)
		return records_put(r, b, span);
	while ((i = table_next(&r->interned, hash, &cursor)) != TABLE_NONE) {
		struct bytes known = records_bytes(r, spans[i]);

		if (known.n == b.n && memcmp(known.p, b.p, b.n) == 0) {
			*span = spans[i];
			return 0;
		}
	}
	if (records_put(r, b, span) != 0)
		return -1;
	i = (uint32_t)(r->spans.n / sizeof(*span));
	if (buffer_add(&r->spans, span, sizeof(*span)) != 0 ||
	    table_add(&r->interned, hash, i) != 0)
		return fault_memory(r->fault);
	return 0;
}

int
records_put_fixed(struct records *r, const uint8_t *p, size_t n, uint32_t *off)
{
	struct catalog_span span = { 0, 0 };

	if (records_put(r, (struct bytes){ p, n }, &span) != 0)
		return -1;
	*off = span.off;
	return 0;
}

/* Indices have 32 bits, and an order position 31 (catalog.h). */
static int
add_record(struct records *r, struct buffer *to, const void *record,
	   size_t size)
{
	if (to->n / size >= INT32_MAX / 2)
		return fault_at(r->fault, "list", 0,
				"too many records; at most %d", INT32_MAX / 2);
	if (buffer_add(to, record, size) != 0)
		return fault_memory(r->fault);
	return 0;
}

int
records_add_entry(struct records *r, const struct catalog_entry *entry)
{
	return add_record(r, &r->entries, entry, sizeof(*entry));
}

int
records_add_group(struct records *r, const struct catalog_group *group)
{
	return add_record(r, &r->groups, group, sizeof(*group));
}

int
records_add_policy(struct records *r, const struct catalog_policy *policy)
{
	return add_record(r, &r->policy, policy, sizeof(*policy));
}

uint32_t
records_entries(const struct records *r)
{
	return (uint32_t)(r->entries.n / sizeof(struct catalog_entry));
}

uint32_t
records_groups(const struct records *r)
{
	return (uint32_t)(r->groups.n / sizeof(struct catalog_group));
}

struct catalog_entry *
records_entry(const struct records *r, uint32_t i)
{
	return (struct catalog_entry *)r->entries.p + i;
}

struct bytes
records_pool(const struct records *r)
{
	return (struct bytes){ r->pool.p, r->pool.n };
}

struct bytes
records_bytes(const struct records *r, struct catalog_span span)
{
	return (struct bytes){ (const uint8_t *)r->pool.p + span.off,
			       span.len };
}
