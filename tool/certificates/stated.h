/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * An entry on its way into a source, whoever states it: a person on the
 * command line or another list.  It knows the grammar of certs/README.md as
 * a writer must; it must not know where entries come from.
 */

#ifndef STATED_H
#define STATED_H

#include "base/buffer.h"
#include "catalog.h"
#include "compile/x509.h"

enum { STATED_LABEL = 64, STATED_NAME = 36 };

/* Octets are not owned; empty (n is 0) where not known.  With `der`, only
 * that, flags, after and the texts count. */
struct stated {
	struct bytes der;		/* the certificate */
	struct bytes issuer;		/* DER Name */
	struct bytes serial;		/* content octets */
	struct bytes subject;		/* DER Name */
	struct bytes sha1;
	struct bytes sha256;
	struct bytes spki_sha256;
	uint32_t not_before;		/* YYYYMMDD, both or none */
	uint32_t not_after;
	uint32_t after;			/* YYYYMMDD */
	uint32_t flags;			/* CATALOG_MATCH_*, CATALOG_USAGE_*,
					 * CATALOG_IN_ONECRL */
	char label[STATED_LABEL + 1];
	const char *confirmed;		/* or NULL; one line, any octets */
	const char *note;
};

/* Make a label of the facts where there is none.  0; 1: `der` is no
 * certificate that a list can hold; -1: out of memory. */
int stated_complete(struct stated *s);

/* The NAME of an entry: the same facts give the same one, others another. */
void stated_name(const struct stated *s, char name[static STATED_NAME]);

/* Append the section of a complete entry and, if there is a `der`, the
 * content of its file, NAME.pem.  0, or -1: out of memory. */
int stated_put(const struct stated *s, const char *name, struct buffer *ini,
	       struct buffer *pem);

/* Append "KEY = VALUE", its octets made into text that the grammar allows,
 * over as many lines as it takes.  Nothing if there is no text.  0 or -1. */
int stated_text(struct buffer *ini, const char *key, struct bytes value);

/* Cut a text to a label: UTF-8, at most 64 octets. */
void stated_label(char label[static STATED_LABEL + 1], struct bytes text);

/* Append octets as hex; as base64.  0 or -1. */
int stated_hex(struct buffer *out, struct bytes octets);
int stated_base64(struct buffer *out, struct bytes octets);

#endif
