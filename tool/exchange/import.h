/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Between import.c and the readers of other lists (import-*.c): a reader
 * hands over what its list distrusts, and says what it had to leave out.  A
 * reader knows one form; it must not know what becomes of the entries.
 */

#ifndef IMPORT_H
#define IMPORT_H

#include <stdbool.h>

#include "base/fault.h"
#include "certificates/stated.h"

struct import;

/* What the command line says to all readers. */
struct import_options {
	bool by_key;		/* digests are of keys; so are records that
				 * mean a key under one name only */
	uint32_t usage;		/* CATALOG_USAGE_*; 0: what the list means */
};
const struct import_options *import_options(const struct import *im);

/* Functions return 0, or -1 with a fault. */

/* Something distrusted; its octets and texts are copied.  What is there
 * already is passed over. */
int import_add(struct import *im, const struct stated *stated);

/* Something that cannot be taken: "records by subject and key".  One line is
 * said for all of the same words, which must live on. */
int import_leave(struct import *im, const char *what);

struct fault *import_fault(struct import *im);

/* Readers, each of a whole file. */
typedef int import_reader(struct import *im, struct bytes content,
			  const char *path);
import_reader import_onecrl, import_policy, import_crlset, import_certdata,
	import_p11kit, import_digests, import_pem;

/* A file of an archive that is stored without compression, as in Firefox's
 * omni.ja; false if there is none. */
bool import_stored(struct bytes archive, const char *name,
		   struct bytes *content);

#endif
