/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* The layout of a catalog.  It knows where each section goes, and leaves the
 * indexes' content to index.c. */

#include "compile/writer.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "compile/filing.h"
#include "dn.h"

/* Bits for each value in the filter: one question in sixty shows one by
 * accident at most. */
#define BITS_PER_VALUE 64u

/* ---- Filter ----------------------------------------------------------- */

struct values {
	struct buffer list;	/* uint64_t */
	bool out_of_memory;
};

static void
note_value(struct values *v, uint64_t value)
{
	if (buffer_add(&v->list, &value, sizeof(value)) != 0)
		v->out_of_memory = true;
}

static void
note_edge(void *arg, uint32_t edge)
{
	note_value(arg, edge);
}

/* All that a question about what this name entry matches can show. */
static void
note_name(struct values *v, struct bytes name)
{
	uint64_t sketch;

	dn_edges(name, note_edge, v);
	if (dn_sketch_of(name, &sketch))
		note_value(v, sketch);
}

static int
compare_values(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

/* Each once: the size must not depend on how often one is visited. */
static void
drop_repeated(struct buffer *list)
{
	uint64_t *value = list->p;
	size_t count = list->n / sizeof(*value), kept = 0;

	if (count == 0)
		return;
	qsort(value, count, sizeof(*value), compare_values);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || value[i] != value[kept - 1])
			value[kept++] = value[i];
	}
	list->n = kept * sizeof(*value);
}

static int
set_bits(const struct buffer *list, struct buffer *bits)
{
	const uint64_t *value = list->p;
	size_t count = list->n / sizeof(*value);
	size_t words = 1;
	uint64_t *word;

	while (words * 64 < count * BITS_PER_VALUE)
		words *= 2;
	word = buffer_grow(bits, words * sizeof(*word));
	if (word == NULL)
		return -1;
	for (size_t i = 0; i < count; i++) {
		uint64_t bit = catalog_filter_bit(value[i],
						  catalog_filter_shift(words));

		word[bit / 64] |= UINT64_C(1) << bit % 64;
	}
	return 0;
}

static int
make_filter(struct image *image, const struct records *r)
{
	struct values values = { .out_of_memory = false };
	struct bytes pool = records_pool(r);
	uint64_t tail;
	int rv = 0;

	for (uint32_t i = 0; i < records_entries(r); i++) {
		const struct catalog_entry *e = records_entry(r, i);

		if ((e->flags & CATALOG_MATCH_NAME) != 0)
			note_name(&values, records_bytes(r, e->subject));
		if (filing_tail(pool, e, &tail))
			note_value(&values, tail);
	}
	drop_repeated(&values.list);
	if (values.out_of_memory ||
	    (values.list.n > 0 &&
	     set_bits(&values.list, &image->filter) != 0))
		rv = fault_memory(r->fault);
	buffer_free(&values.list);
	return rv;
}

/* ---- Layout ----------------------------------------------------------- */

struct layout {
	struct image *image;
	size_t part;		/* the next one */
	uint64_t end;
};

static void
lay(struct layout *l, struct catalog_section *section, const void *p,
    uint64_t count, size_t record, uint64_t align)
{
	struct writer_part *part = &l->image->parts[l->part++];

	l->end = (l->end + align - 1) / align * align;
	*part = (struct writer_part){ p, (size_t)(count * record), l->end };
	*section = (struct catalog_section){ l->end, count };
	l->end += part->n;
}

static void
lay_buffer(struct layout *l, struct catalog_section *section,
	   const struct buffer *b, size_t record)
{
	lay(l, section, b->p, b->n / record, record, 8);
}

/*
 * What is read when the catalog is opened comes first, then what questions
 * read, then what few of them reach: a small catalog is asked within two
 * windows of 64 KiB, which is what the kernel maps at a time.
 */
static void
lay_all(struct image *image, const struct records *r)
{
	struct catalog_header *h = &image->header;
	struct layout l = { image, 0, sizeof(*h) };

	lay_buffer(&l, &h->groups, &r->groups, sizeof(struct catalog_group));
	lay_buffer(&l, &h->policy, &r->policy, sizeof(struct catalog_policy));
	lay_buffer(&l, &h->filter, &image->filter, sizeof(uint64_t));
	lay_buffer(&l, &h->entries, &r->entries, sizeof(struct catalog_entry));
	for (size_t q = 0; q < CATALOG_QUESTIONS; q++) {
		const struct index *x = &image->indexes[q];

		lay(&l, &h->index[q].buckets, x->buckets, x->buckets_count,
		    sizeof(*x->buckets), 64);
		lay_buffer(&l, &h->index[q].order, &x->order,
			   sizeof(uint32_t));
	}
	lay_buffer(&l, &h->pool, &r->pool, 1);
	h->size = (l.end + 7) / 8 * 8;
}

/* ---- Octets ----------------------------------------------------------- */

static int
take_zeros(writer_take *take, void *arg, uint64_t n)
{
	static const uint8_t zeros[64];

	return n > 0 ? take(arg, zeros, (size_t)n) : 0;
}

/* All that follows the header. */
static int
take_parts(const struct image *image, writer_take *take, void *arg)
{
	uint64_t at = sizeof(image->header);

	for (size_t i = 0; i < WRITER_PARTS; i++) {
		const struct writer_part *part = &image->parts[i];
		int rv = take_zeros(take, arg, part->off - at);

		if (rv == 0 && part->n > 0)
			rv = take(arg, part->p, part->n);
		if (rv != 0)
			return rv;
		at = part->off + part->n;
	}
	return take_zeros(take, arg, image->header.size - at);
}

int
writer_octets(const struct image *image, writer_take *take, void *arg)
{
	int rv = take(arg, &image->header, sizeof(image->header));

	return rv != 0 ? rv : take_parts(image, take, arg);
}

static int
take_digest(void *arg, const void *p, size_t n)
{
	return EVP_DigestUpdate(arg, p, n) == 1 ? 0 : -1;
}

static int
make_digest(struct image *image)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	int rv = -1;

	if (md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 &&
	    take_parts(image, take_digest, md) == 0 &&
	    EVP_DigestFinal_ex(md, image->header.digest, NULL) == 1)
		rv = 0;
	EVP_MD_CTX_free(md);
	return rv;
}

/* ---- The whole -------------------------------------------------------- */

static int
make_indexes(struct image *image, const struct records *r)
{
	struct index_work work = { .filed = { .n = 0 } };
	int rv = 0;

	for (unsigned q = 0; q < CATALOG_QUESTIONS && rv == 0; q++)
		rv = index_build(&image->indexes[q], r,
				 (enum catalog_question)q, &work);
	index_work_free(&work);
	return rv;
}

int
writer_make(struct image *image, const struct records *r)
{
	*image = (struct image){
		.header = {
			.magic = CATALOG_MAGIC,
			.endian = CATALOG_ENDIAN,
			.format = CATALOG_FORMAT,
			.version = r->version,
			.date = r->date,
		},
	};
	if (make_filter(image, r) != 0 || make_indexes(image, r) != 0)
		return -1;
	lay_all(image, r);
	if (make_digest(image) != 0)
		return fault_at(r->fault, "list", 0,
				"no digest; SHA-256 from OpenSSL");
	return 0;
}

void
writer_free(struct image *image)
{
	buffer_free(&image->filter);
	for (size_t q = 0; q < CATALOG_QUESTIONS; q++)
		index_free(&image->indexes[q]);
}
