/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * From records to the octets of a catalog (catalog.h).  It knows the format;
 * it must not know sources or files.  The same records give the same octets.
 */

#ifndef WRITER_H
#define WRITER_H

#include "compile/index.h"
#include "compile/records.h"

/* Where a section's octets are until they are written. */
struct writer_part {
	const void *p;
	size_t n;
	uint64_t off;		/* in the catalog; zeros fill what is between */
};

#define WRITER_PARTS (5 + 2 * CATALOG_QUESTIONS)

/* A whole catalog, in pieces: a list of ten million is not copied. */
struct image {
	struct catalog_header header;
	struct writer_part parts[WRITER_PARTS];
	struct buffer filter;	/* uint64_t */
	struct index indexes[CATALOG_QUESTIONS];
};

/* Make one.  Its parts point into the records, which must stay as they are.
 * 0, or -1 with a fault in the records'. */
int writer_make(struct image *image, const struct records *r);

void writer_free(struct image *image);

/* Hand over all octets in order, in calls of any size.  Stops at the first
 * call that does not return 0, and returns what it did. */
typedef int writer_take(void *arg, const void *p, size_t n);
int writer_octets(const struct image *image, writer_take *take, void *arg);

#endif
