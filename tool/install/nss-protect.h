/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * An NSS database as a place of some target: what its pkcs11.txt shall say,
 * and whether NSS, asked, refuses.  It knows what stops a module from being
 * heard; it must not know which programs there are.
 */

#ifndef NSS_PROTECT_H
#define NSS_PROTECT_H

#include "install/target.h"

struct nss_place {
	const char *folder;
	const char *program;	/* folder of its own libnss3.so, or NULL */
	const char *module;	/* the path that install would write */
	bool wants_roots;	/* Firefox: distrust-after of a root module */
	bool minds_roots;	/* Chromium: skips what a root module says */
};

/* Functions return 0, or -1 with a fault. */

/* Plan the stanza in pkcs11.txt, or its removal. */
int nss_plan_modules(const char *folder, const char *module, bool root,
		     struct plan *plan, struct fault *fault);

/* Ask, and say in words what is wrong. */
int nss_prove(const struct nss_place *place, struct target_verdict *verdict,
	      struct fault *fault);

/* The same where the modules are not those of a file. */
int nss_prove_modules(const struct nss_place *place, struct bytes modules,
		      struct target_verdict *verdict, struct fault *fault);

#endif
