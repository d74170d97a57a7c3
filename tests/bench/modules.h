/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The modules that a benchmark compares: which there are, and how to get
 * from a path to an open session.  It must not know what is asked of them.
 * Whatever goes wrong ends the program: half a comparison is none.
 */

#ifndef MODULES_H
#define MODULES_H

#include "cryptoki.h"

enum { MODULES_MAX = 8 };

struct module {
	char name[32];
	char path[512];
	char parameters[512];	/* for C_Initialize; empty: none */
	CK_FUNCTION_LIST *functions;
	CK_SLOT_ID slot;	/* the one with the most objects */
	CK_SESSION_HANDLE session;
};

/* Read a table: name, path and parameters, parted by tabs, a line each.
 * Returns how many there are. */
unsigned modules_read(struct module modules[MODULES_MAX], const char *path);

void module_load(struct module *m);	/* as far as C_GetFunctionList */
void module_start(struct module *m);	/* to an open session */
CK_SESSION_HANDLE module_session(const struct module *m);	/* one more */

#endif
