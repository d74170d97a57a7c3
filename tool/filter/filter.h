/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Taking distrusted certificates out of what OpenSSL and those like it read:
 * bundles, and folders with links named by hash.  Nothing else changes: text,
 * order, other blocks, mode and owner.  What was taken out is said on stderr.
 */

#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "certificates/judge.h"

/* Whoever declares one calls judge_begin() and judge_end() on its judge. */
struct filter {
	struct judge judge;
	struct fault *fault;
	bool is_quiet;
	unsigned long taken;	/* certificates, so far */
};

struct filter_count {
	unsigned long taken;
	unsigned long left;
};

/* Functions return 0, or -1 with a fault. */

/* Append a bundle's octets to *out without what is distrusted.  `name` is
 * for messages; NULL: none. */
int filter_octets(struct filter *f, const char *name, struct bytes in,
		  struct buffer *out, struct filter_count *count);

/* Put octets in a file's place, in one step for whoever reads it.  Mode and
 * owner stay. */
int filter_replace(const char *path, const struct buffer *content,
		   struct fault *fault);

/* Do so for all files in a folder (filter-folder.c): take out what holds
 * nothing else, rewrite what does, and let the links of equal hash stay
 * numbered without a gap, at each moment.  The names of files that are gone,
 * but not of such links, go to stdout. */
int filter_folder(struct filter *f, const char *path);

/* Copy a folder's files and links, not its folders, into a new one. */
int filter_copy_folder(const char *from, const char *to, struct fault *fault);

#endif
