/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Asking NSS whether a database protects.  The database is copied to a
 * private folder, two throwaway roots are imported there as trusted
 * (probe.h), and NSS verifies a site under each: first without our module,
 * when it must accept both, then with all modules that the database names.
 * It runs in a process of its own, with the NSS of the program in question
 * where that brings its own.
 */

#ifndef NSS_ASK_H
#define NSS_ASK_H

#include <stdbool.h>

#include "base/fault.h"
#include "catalog.h"

struct nss_question {
	const char *folder;	/* the database, left alone; NULL: a new one */
	struct bytes modules;	/* what its pkcs11.txt says */
	const char *program;	/* folder of the program's own libnss3.so, or
				 * NULL: the system's */
};

struct nss_answer {
	bool refuses;		/* the site under the distrusted name */
	bool is_loaded;		/* a module of ours */
	bool has_roots;		/* it is one that may hold root authorities */
	long order;		/* its trustOrder */
	unsigned version;	/* of its list: major << 8 | minor */
	char error[64];		/* NSS's word for the refusal */
	char other[64];		/* a root module and one with trust of its own
				 * behind it, which can undo ours; or empty */
};

/* 0, or -1 with a fault: NSS could not be asked. */
int nss_ask(const struct nss_question *question, struct nss_answer *answer,
	    struct fault *fault);

#endif
