/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * All certificates that stand in a file or below a folder, in whatever form
 * stores have.  A folder "blocklist" is passed over.  It knows forms of
 * stores; it must not know where they are, nor what a certificate is looked
 * at for.
 */

#ifndef WALK_H
#define WALK_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "catalog.h"

/* Callbacks return 0 to go on, and anything else to end the walk with it.
 * Whoever declares one sets the first three and frees it. */
struct walk {
	void *arg;		/* for the callbacks */
	/* A certificate, in the file `path`, and its alias there or an empty
	 * one. */
	int (*certificate)(void *arg, const char *path, struct bytes der,
			   struct bytes alias);
	/* What cannot be read; NULL: it holds nothing. */
	int (*trouble)(void *arg, const struct fault *fault);
	bool is_p11kits;	/* no one else reads it: what an object there
				 * says is distrusted is passed over */
	struct buffer seen;	/* files that were read: each is, once */
};

/* Walk through a file, or through all files in a folder and below.  0, -1
 * when memory ran out, or what a callback returned. */
int walk_files(struct walk *w, const char *path);

/* The same through a Java keystore. */
int walk_keystore(struct walk *w, const char *path);

void walk_free(struct walk *w);

#endif
