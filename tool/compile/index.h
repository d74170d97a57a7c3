/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * One index of a catalog: entries filed by key into runs, and the buckets
 * that find a run (catalog.h).  It knows the layout of an index and takes
 * the keys from filing.h; it must not know what they mean.
 */

#ifndef INDEX_H
#define INDEX_H

#include "compile/records.h"

struct index {
	struct catalog_bucket *buckets;
	uint64_t buckets_count;
	struct buffer order;	/* uint32_t */
};

/* Memory that one build leaves to the next. */
struct index_work {
	struct buffer filed;
	struct buffer runs;
};

/* File all entries that question q can find.  0, or -1 with a fault. */
int index_build(struct index *x, const struct records *r,
		enum catalog_question q, struct index_work *work);
void index_work_free(struct index_work *work);

void index_free(struct index *x);

#endif
