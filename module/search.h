/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A search: from a template to the objects that match, one at a time.  It
 * knows which index and which rules answer which template; it must not know
 * sessions or the Cryptoki surface.
 *
 * Nothing of the template is kept.  The first match is found when the search
 * begins; what comes later need only agree with it in the attributes that
 * the template named.  So a search is a few words, and never allocates.
 */

#ifndef SEARCH_H
#define SEARCH_H

#include <stdint.h>

#include "catalog.h"
#include "cryptoki.h"
#include "find.h"
#include "lists.h"
#include "object.h"

/* A plain value: it may be copied, and an arbitrary one is harmless (the
 * objects that it names are looked up and checked like any other). */
struct search {
	uint16_t kinds;		/* still to go through; 0: the end */
	uint8_t index;		/* enum catalog_question, or all entries */
	uint8_t list;		/* where the next candidate is looked for: */
	uint32_t position;	/* in this list, at this position of its run */
	uint64_t columns;	/* in which all answers agree with the first */
	CK_OBJECT_HANDLE first;	/* the first answer, until it is given out */
	CK_OBJECT_HANDLE model;	/* the first answer */
	struct catalog_run run[LISTS_MAX];
	uint32_t rule[LISTS_MAX];	/* entry whose rule answers */
	uint32_t serial_length;	/* as it was asked for, DER or content */
};

/* CKR_OK, or CKR_ARGUMENTS_BAD where the template is none (a NULL value with
 * a length, or a length of CK_UNAVAILABLE_INFORMATION). */
CK_RV search_begin(struct search *search, const struct lists *lists,
		   const CK_ATTRIBUTE *template, CK_ULONG count);

/*
 * What is left of it where a glance (glance.h) at the template has settled
 * nothing.  The usual template has one answer or none, CK_INVALID_HANDLE, and
 * needs no search; or SEARCH_MORE where there are more, or it is not so usual
 * after all.  Any other begins a search.
 */
#define SEARCH_MORE (~(CK_OBJECT_HANDLE)0)
CK_OBJECT_HANDLE search_usual(const struct lists *lists,
			      const CK_ATTRIBUTE *template,
			      enum find_trace trace);
void search_begin_closely(struct search *search, const struct lists *lists,
			  const CK_ATTRIBUTE *template, CK_ULONG count);

/* Whether there is nothing (more) to come. */
static inline bool
search_is_over(const struct search *search)
{
	return search->kinds == 0 && search->first == CK_INVALID_HANDLE;
}

/* The next matches, max of them at most; returns how many there were. */
CK_ULONG search_take(struct search *search, const struct lists *lists,
		     CK_OBJECT_HANDLE *handles, CK_ULONG max);

/* The next match, or CK_INVALID_HANDLE at the end. */
static inline CK_OBJECT_HANDLE
search_next(struct search *search, const struct lists *lists)
{
	CK_OBJECT_HANDLE handle;

	return search_take(search, lists, &handle, 1) == 1 ? handle :
							     CK_INVALID_HANDLE;
}

#endif
