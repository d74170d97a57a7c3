/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Between the files of `distrust audit` alone: a tree of sources as it is
 * stated and as it was compiled, what others trust and refuse, and the
 * findings.  Each check is a function that prints what it has looked at.
 */

#ifndef AUDIT_H
#define AUDIT_H

#include "base/buffer.h"
#include "base/fault.h"
#include "catalog.h"
#include "certificates/harvest.h"
#include "compile/sections.h"
#include "lists.h"

/* A section of an incident.ini, as it is stated. */
struct audit_item {
	char *id;			/* FOLDER, or FOLDER/NAME */
	char *path;			/* of its incident.ini */
	struct section stated;
};

/* What somebody else lists of ours; one bit each in audit.listed. */
enum audit_list {
	AUDIT_ONECRL,
	AUDIT_CHROMIUM,
	AUDIT_NSS,
	AUDIT_P11KIT,
	AUDIT_JDK,
	AUDIT_LISTS
};

/* Certificates that somebody trusts or, for an enum audit_list, refuses. */
struct audit_source {
	const char *name;
	const char *path;
	struct harvest harvest;
};

struct audit {
	const char *root;		/* the tree */
	struct fault *fault;		/* what stops the audit */
	struct catalog catalog;
	void *octets;			/* the catalog's */
	struct lists lists;		/* it alone, by its own defaults */
	struct buffer incidents;	/* struct audit_item, one a group */
	struct buffer entries;		/* struct audit_item, one an entry */
	struct buffer exceptions;	/* struct audit_exception */
	struct buffer trusted;		/* struct audit_source */
	const char *intermediates;	/* path, or NULL: Firefox's */
	const char *onecrl;
	const char *jdk;
	struct audit_source refused[AUDIT_LISTS];	/* path NULL: unknown */
	uint8_t *listed;		/* a bit an enum audit_list, an entry */
	unsigned findings;		/* that nothing explains */
};

/* ---- Checks: 0, or -1 with a fault.  What they find is counted. -------- */

int audit_texts(struct audit *a);
int audit_facts(struct audit *a);
int audit_authorities(struct audit *a);
int audit_lists(struct audit *a);
int audit_coverage(struct audit *a);

/* ---- The tree ---------------------------------------------------------- */

/* Compile the tree, and read what it states.  0, or -1 with a fault. */
int audit_open(struct audit *a);
void audit_close(struct audit *a);

/* What was compiled; any index that the catalog counts. */
const struct catalog_entry *audit_compiled(const struct audit *a,
					   uint32_t entry);
const struct catalog_group *audit_group(const struct audit *a, uint32_t group);

/* What its files say of it. */
const struct audit_item *audit_incident(const struct audit *a, uint32_t group);
const struct audit_item *audit_entry(const struct audit *a, uint32_t entry);
bool audit_is_on(const struct audit *a, uint32_t entry);

/* Octets of the catalog: a span's, or n of them at an offset. */
struct bytes audit_span(const struct audit *a, struct catalog_span span);
struct bytes audit_fixed(const struct audit *a, uint32_t off, size_t n);

/* Whether an entry states that this list confirms it: a `confirmed-by` that
 * begins so. */
bool audit_is_claimed(const struct audit_item *item, const char *list);

/* ---- Findings ---------------------------------------------------------- */

/* Read the exceptions that are meant.  0, or -1 with a fault. */
int audit_read_exceptions(struct audit *a, const char *path);
void audit_free_exceptions(struct audit *a);

/*
 * Something is not as it should be, at an item's line: print it.  It counts
 * unless an exception for this check, item and source (which may be NULL)
 * gives a reason.
 */
void audit_find(struct audit *a, const struct audit_item *item,
		const char *check, const char *source,
		const char *format, ...) FAULT_PRINTF(5, 6);

/* Something that no exception can explain and no item is to blame for. */
void audit_find_beside(struct audit *a, const char *format, ...)
	FAULT_PRINTF(2, 3);

/* Say which exceptions explained nothing here. */
void audit_unused_exceptions(const struct audit *a);

/* Take an item's or exception's section for good: a copy. */
int audit_copy_section(struct section *to, const struct section *from);
void audit_free_section(struct section *s);

/* Octets as hex, good until the next call but three. */
const char *audit_hex(struct bytes b);

#endif
