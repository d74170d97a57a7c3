/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What install, uninstall and status share: their command line, and a report
 * that grows place by place and is said to a person or as JSON.  It knows
 * nothing of what is done at a place.
 */

#ifndef PROTECT_H
#define PROTECT_H

#include <jansson.h>

#include "install/target.h"

struct protect {
	struct target_options options;
	bool is_dry;
	bool is_json;
	json_t *report;		/* array of objects, one a place */
	int wrong;		/* not 0: memory ran out for some of it */
};

/* Which options a sub-command has besides those of all. */
enum { PROTECT_CHANGES = 1u << 0, PROTECT_STRICT = 1u << 1 };

/*
 * Read a command line.  `scope` is what holds where no option says it.
 * Returns -1 to go on; otherwise what to exit with, after the usage or what
 * is wrong has been printed.
 */
int protect_begin(struct protect *p, int argc, char **argv, unsigned allowed,
		  unsigned scope, const char *help);

/* Call visit with each place; its options are of the place's scope.  0, or
 * -1 with a fault. */
typedef int protect_visit(struct protect *p, const struct target_place *place);
int protect_places(struct protect *p, protect_visit *visit,
		   struct fault *fault);

/* A new object in the report, with what is known of the place. */
json_t *protect_report(struct protect *p, const struct target_place *place);

/* Print the report as JSON, if that was asked for, and free it. */
void protect_end(struct protect *p);

const char *protect_scope(unsigned scope);

/* Folder of what a scope's changes keep; empty where there is none. */
void protect_kept(char out[static TARGET_PATH], unsigned scope);

#endif
