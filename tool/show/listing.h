/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The list as `distrust list` and `distrust show` look at it: which catalog,
 * its entries by incident, and what a search hits.  It knows what can be
 * searched for; it must not know how anything is printed.
 */

#ifndef LISTING_H
#define LISTING_H

#include <stdbool.h>

#include "verify/loaded.h"

struct listing {
	struct loaded file;
	bool is_file;
	struct catalog catalog;
	uint32_t *entries;	/* indices of all, by group */
	uint32_t *starts;	/* where each group begins there, and an end */
};

/* The catalog of a file, or the built-in one if path is NULL.  0, or -1 with
 * a fault. */
int listing_open(struct listing *l, const char *path, struct fault *fault);
void listing_close(struct listing *l);

/* What is looked for: all terms at once, in one country if that is not NULL. */
struct listing_search {
	char **terms;
	int count;
	const char *country;
};

/*
 * Whether an entry, seen as part of its group, has all that is looked for,
 * in a label, a name, a title, or as the beginning of a fingerprint or serial
 * number; letters in either case.  Whether the group alone has it.
 */
bool listing_has_entry(const struct listing *l, uint32_t entry,
		       const struct listing_search *search);
bool listing_has_group(const struct listing *l, uint32_t group,
		       const struct listing_search *search);

/* The hit entries of a group (all of them if it is hit itself), in hits,
 * which has room for all entries.  How many; 0 if there is no hit. */
uint32_t listing_hits(const struct listing *l, uint32_t group,
		      const struct listing_search *search, uint32_t *hits);

#endif
