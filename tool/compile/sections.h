/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * An INI file, through inih, as sections of known keys with the line of each.
 * inih truncates, drops and joins where certs/README.md refuses; this reads
 * each raw line before inih does and stops at what it would not report.  It
 * knows the grammar's shape; it must not know what a value means.
 */

#ifndef SECTIONS_H
#define SECTIONS_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "catalog.h"

/* A key's flags. */
enum {
	KEY_REQUIRED = 1u << 0,
	KEY_REPEATED = 1u << 1,	/* may stand more than once */
	KEY_OCTETS = 1u << 2,	/* continued by nothing, not by a space */
};

struct section_key {
	const char *name;
	unsigned flags;
};

/* A kind of section: [word], or [word NAME].  Without keys, any NAME is one. */
struct section_kind {
	const char *word;
	bool is_named;
	const struct section_key *keys;
	size_t count;
};

struct section_value {
	const struct section_key *key;	/* NULL in a kind without keys */
	unsigned line;
	size_t name;		/* where in the section's text: see below */
	size_t text;
};

struct section {
	const char *path;
	unsigned line;
	const struct section_kind *kind;
	char name[64];		/* NAME, or empty */
	struct buffer values;	/* struct section_value, in their order */
	struct buffer text;	/* char */
};

/* Called with each complete section; 0 to go on, or -1 with a fault. */
typedef int section_take(void *arg, const struct section *section);

/* Read a file's content.  0, or -1 with a fault. */
int sections_read(const char *path, struct bytes content,
		  const struct section_kind *kinds, size_t count,
		  section_take *take, void *arg, struct fault *fault);

/* How many values, the i-th, and the first of a key or NULL. */
size_t section_count(const struct section *s);
const struct section_value *section_at(const struct section *s, size_t i);
const struct section_value *section_find(const struct section *s,
					 const char *key);

/* A value's key and text, good as long as the section. */
const char *section_key(const struct section *s,
			const struct section_value *v);
const char *section_text(const struct section *s,
			 const struct section_value *v);

#endif
