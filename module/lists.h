/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The lists in force: the built-in catalog, the system's and the user's,
 * and which of their groups are switched off.  It knows where catalogs come
 * from and the policy; it must not know what is asked of them.
 */

#ifndef LISTS_H
#define LISTS_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog.h"

enum {
	LISTS_MAX = 3,
	LISTS_GROUPS = 1024,	/* the compiler refuses more in a catalog */
};

struct list {
	struct catalog catalog;
	uint64_t off[LISTS_GROUPS / 64];	/* a bit a group */
};

/*@ predicate list_opened(struct list *l) =
  @	\valid_read(l) && \initialized(l) && opened(l->catalog);
  @*/

/* Never changed once it is built, so that any thread may read it. */
struct lists {
	unsigned count;
	struct list list[LISTS_MAX];
};

/*@ predicate lists_opened(struct lists *s) =
  @	\valid_read(s) && \initialized(&s->count) && s->count <= LISTS_MAX &&
  @	\forall integer i; 0 <= i < s->count ==>
  @	\initialized(&s->list[i]) && opened(s->list[i].catalog);
  @*/

/* The lists of one catalog, with its groups' own defaults. */
void lists_add(struct lists *lists, const struct catalog *catalog);

/* Switch the groups of all lists as one catalog's policy says.  Of the
 * catalogs on disk only the system's may rule: a user can only add. */
void lists_rule(struct lists *lists, const struct catalog *policy);

/* Switch on alone, as a user's policy may.  What the system's says of the
 * same groups comes after it. */
void lists_enable(struct lists *lists, const struct catalog *policy);

/* Whether an entry of this list is in force.  False for NULL. */
/*@ requires list_opened(list);
  @ requires entry == \null || \valid_read(entry) && \initialized(entry);
  @ assigns \nothing;
  @ ensures \result ==> entry != \null;
  @*/
static inline bool list_is_on(const struct list *list,
			      const struct catalog_entry *entry);

/* ---- Inlined: every candidate goes through it -------------------------- */

static inline bool
list_is_on(const struct list *list, const struct catalog_entry *entry)
{
	return entry != NULL && entry->group < LISTS_GROUPS &&
	       !(list->off[entry->group / 64] >> (entry->group % 64) & 1);
}

#endif
