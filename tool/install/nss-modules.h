/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The modules of an NSS database: pkcs11.txt, as text.  It knows the form in
 * which NSS keeps it (lib/util/utilmod.c: stanzas of key=value lines, parted
 * by empty lines); it must not know whose database it is.
 */

#ifndef NSS_MODULES_H
#define NSS_MODULES_H

#include <stdbool.h>

#include "base/buffer.h"
#include "catalog.h"

/* Our stanza's name: under it a program shows the module. */
#define NSS_MODULES_NAME "p11-distrust"

enum { NSS_MODULES_ORDER = 75 };	/* trustOrder of a user's database */

/* One stanza: views into the text, p NULL where a key is missing. */
struct nss_module {
	struct bytes all;	/* with the empty lines after it */
	struct bytes library;
	struct bytes name;
	struct bytes nss;	/* the value of NSS= */
};

/* The stanza at *at, which moves behind it; false after the last. */
bool nss_modules_next(struct bytes text, size_t *at,
		      struct nss_module *module);

/* Whether it is ours; whether it is NSS's own softoken. */
bool nss_module_is_ours(const struct nss_module *module);
bool nss_module_is_internal(const struct nss_module *module);

/* Whether its library's file has our module's name, whoever added it. */
bool nss_module_is_alike(const struct nss_module *module);

/* Its trustOrder, NSS's default where none is given; whether it sets
 * hasRootCerts. */
long nss_module_order(const struct nss_module *module);
bool nss_module_has_roots(const struct nss_module *module);

/* What NSS writes into a new database: softoken alone, appended. */
int nss_modules_internal(struct buffer *out);

/* The text less our stanza, appended.  0, or -1: out of memory. */
int nss_modules_without(struct bytes text, struct buffer *out);

/*
 * A text that has no stanza of ours (p NULL: there is no file), and ours,
 * appended: behind softoken, before anybody else's, since of two equal
 * trustOrders the first counts.  A `root` is one that Firefox consults for
 * distrust-after dates; Chromium would skip it.  0, or -1.
 */
int nss_modules_with(struct bytes text, const char *library, bool root,
		     struct buffer *out);

#endif
