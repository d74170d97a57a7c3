/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What `distrust scan` looks at and what it finds: stores of certificates
 * that somebody trusts, and in them those that are distrusted.  Between the
 * files of this folder alone.
 */

#ifndef SCAN_H
#define SCAN_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/paths.h"
#include "certificates/judge.h"
#include "certificates/walk.h"
#include "install/target.h"

enum scan_kind {
	SCAN_FILES,	/* a bundle or certificate, or a folder of such */
	SCAN_LINKS,	/* a folder with links named by hash */
	SCAN_JAVA,	/* a keystore */
	SCAN_NSS,	/* folder of a database */
};

/* One store. */
struct scan_store {
	enum scan_kind kind;
	unsigned scope;		/* TARGET_USER or TARGET_SYSTEM */
	char path[PATHS_MAX];
	char title[TARGET_TEXT];
	char home[PATHS_MAX];	/* of its user; empty: the machine's */
	const char *target;	/* of `distrust install`, which protects those
				 * who read it; NULL: nothing does */
	const char *maker;	/* the program that makes others of it, or
				 * made it; NULL: none */
	bool is_made;		/* made of other stores by that program */
	bool is_p11kits;	/* nobody reads it but p11-kit */
};

struct scan_finding {
	size_t store;
	char path[PATHS_MAX];	/* the file or folder */
	char name[256];		/* its nickname or alias there, or empty */
	struct buffer der;
	uint8_t sha256[CATALOG_SHA256];
	struct judgement why;
};

/* A path that could not be read is counted, and told by `troubled`. */
struct scan {
	struct judge judge;
	struct buffer stores;	/* struct scan_store */
	struct buffer findings;	/* struct scan_finding */
	struct walk walk;	/* through all stores: each file once */
	void (*troubled)(const struct scan *scan, const char *text);
	bool json;
	unsigned long troubles;
};

/* Functions return 0, or -1: out of memory, or a fault where they have
 * one. */

/* Every store there is: the machine's, and this user's or, for root, each
 * user's (stores.c). */
int scan_stores(struct scan *scan, struct fault *fault);

/* Look into one (look.c). */
int scan_look(struct scan *scan, size_t store);

/* The command that takes a finding away, for a person (remove.c). */
int scan_command(const struct scan *scan, const struct scan_finding *finding,
		 struct buffer *text);

/* Take it away; the file as it was stands below `backup` then. */
int scan_remove(struct scan *scan, const struct scan_finding *finding,
		const char *backup, struct fault *fault);

/* Have what was made of a store, and of a folder's links, made anew. */
int scan_make_anew(const char *maker, struct fault *fault);

size_t scan_store_count(const struct scan *scan);
const struct scan_store *scan_store_at(const struct scan *scan, size_t i);
size_t scan_count(const struct scan *scan);
const struct scan_finding *scan_at(const struct scan *scan, size_t i);
void scan_free(struct scan *scan);

#endif
