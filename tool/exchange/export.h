/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Between export.c and the writers of other forms (export-*.c): a writer
 * gets one entry after another and says how much of it the form could carry.
 * It must not know which entries these are.
 */

#ifndef EXPORT_H
#define EXPORT_H

#include <stdio.h>

#include "catalog.h"

/* What a form can say, beside the CATALOG_MATCH_* that an entry's writer
 * returns. */
enum {
	EXPORT_USAGE = 1u << 0,		/* for some uses only */
	EXPORT_AFTER = 1u << 1,		/* from a day on */
	EXPORT_SERVER = 1u << 2,	/* only servers, and for all entries */
};

struct export {
	FILE *out;
	const struct catalog *catalog;	/* of the entry */
	unsigned long count;		/* entries written so far */
};

struct export_form {
	const char *name;
	const char *help;
	unsigned can;
	/* Which rules of the entry were written: CATALOG_MATCH_*; 0: it was
	 * left out.  NULL where a form has nothing for entries. */
	uint32_t (*entry)(struct export *x, const struct catalog_entry *e);
	void (*begin)(struct export *x);	/* or NULL */
	void (*end)(struct export *x);		/* or NULL */
};

extern const struct export_form export_p11kit, export_pem, export_openssl,
	export_certdata, export_jdk, export_digests, export_chromium,
	export_firefox, export_onecrl, export_macos, export_windows;

/* For writers: an entry's octets, its serial number's content, its label
 * without anything that could end a line; base64 and hex on a stream. */
struct bytes export_bytes(const struct export *x, struct catalog_span span);
struct bytes export_serial(const struct export *x,
			   const struct catalog_entry *e);
void export_label(const struct export *x, const struct catalog_entry *e);
void export_base64(FILE *out, struct bytes octets, const char *indent);
void export_hex(FILE *out, struct bytes octets, const char *form);

#endif
