/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Between source.c and source-entry.c: what is known while a tree is read,
 * and what both need for reading a section.  Others may take from here which
 * sections an incident.ini has.
 */

#ifndef SOURCE_ENTRY_H
#define SOURCE_ENTRY_H

#include "compile/sections.h"
#include "compile/source.h"

struct source {
	const char *root;
	enum source_kind kind;
	struct tree *tree;
	struct records *records;
	struct fault *fault;
	bool has_list, has_policy, has_incident;
	const char *folder;		/* the group's name */
	const char *folder_path;
	struct tree_names names;	/* in the folder */
	struct buffer scratch;		/* octets of one value at a time */
	struct buffer origins;		/* struct origin, one an entry */
	struct buffer entry_names;	/* char: all NAMEs, each with its NUL */
	struct table by_sha256;
	struct table by_serial;
};

#define SOURCE_CERTIFICATE_KEYS 9
#define SOURCE_IDENTITY_KEYS 15
extern const struct section_key
	source_certificate_keys[SOURCE_CERTIFICATE_KEYS];
extern const struct section_key source_identity_keys[SOURCE_IDENTITY_KEYS];

/* The sections of an incident.ini, and of one among own decisions. */
#define SOURCE_INCIDENT_KINDS 3
extern const struct section_kind
	source_incident_kinds[SOURCE_INCIDENT_KINDS],
	source_own_kinds[SOURCE_INCIDENT_KINDS];

/* Read [certificate NAME] or [identity NAME] into an entry.  Functions here
 * return 0, or -1 with a fault. */
int source_take_entry(struct source *s, const struct section *section);

/* Put all entries in order of group and NAME, once all are read. */
int source_sort(struct source *s);

void source_entry_free(struct source *s);

/* folder/name; only folder if name is empty. */
int source_path(struct source *s, char *out, size_t size, const char *folder,
		const char *name);

/* -1, with a fault at a value's line, or the section's if v is NULL. */
int source_refuse(struct source *s, const struct section *section,
		  const struct section_value *v, const char *what);

/* A key's date as decimal YYYYMMDD, 0 if it is not there; its text, empty if
 * not there; its values joined by line feeds, appended. */
int source_date(struct source *s, const struct section *section,
		const char *key, uint32_t *date);
int source_text(struct source *s, const struct section *section,
		const char *key, struct catalog_span *span);
int source_lines(struct source *s, const struct section *section,
		 const char *key, struct buffer *lines);
int source_put_lines(struct source *s, const struct buffer *lines,
		     struct catalog_span *span);

#endif
