/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Own decisions: a tree of sources that an administrator or a user keeps
 * (certs/README.md), and the catalog that is made of it.  Files of the tree
 * change here and nowhere else; either all changes of a command are made and
 * the catalog with them, or none.  It knows where the tree and the catalog
 * are; it must not know what stands in the files.
 */

#ifndef OWN_H
#define OWN_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/paths.h"
#include "catalog.h"
#include "compile/records.h"

/* ---- Whose ------------------------------------------------------------- */

struct own_scope {
	bool is_user;
	bool is_system;
	const char *root;	/* another machine's "/", or NULL */
};

/* Rows for getopt_long(), and what takes them: whether the option is one. */
#define OWN_OPTIONS \
	{ "user", no_argument, NULL, 'U' }, \
	{ "system", no_argument, NULL, 'S' }, \
	{ "root", required_argument, NULL, 'R' }
bool own_take_option(struct own_scope *scope, int option, const char *arg);

/* Read a command line that has these, --json and --help alone.  -1 to go on;
 * 'h' where help was asked for; else '?'.  optind is behind them. */
int own_read_options(struct own_scope *scope, bool *json, int argc,
		     char **argv);

/* Their lines of a usage, and that of --json. */
void own_usage(FILE *to);

/* ---- A change ---------------------------------------------------------- */

struct own {
	bool is_user;
	bool is_elsewhere;		/* below another root */
	char root[PATHS_MAX];		/* "" or a folder */
	char sources[PATHS_MAX];
	char catalog[PATHS_MAX];
	struct fault *fault;
	int lock;			/* on the sources; -1: there are none */
	struct buffer changes;		/* what can be undone */
};

/* What was made of the sources. */
struct own_made {
	uint32_t entries;
	uint32_t groups;
	uint32_t policies;
};

/* Functions return 0, or -1 with a fault. */

/* Lock a scope's sources; make their folder first if `writes`. */
int own_begin(struct own *own, const struct own_scope *scope, bool writes,
	      struct fault *fault);

/* Let go: keep what was changed, or put everything back. */
void own_end(struct own *own, bool keep);

/* A file of the sources: its octets, appended; a new content; its removal.
 * `name` is below the sources, at most one folder deep.  The folder of a
 * file comes and goes with it. */
int own_read(struct own *own, const char *name, struct buffer *content,
	     bool *is_there);
int own_write(struct own *own, const char *name, struct bytes content);
int own_remove(struct own *own, const char *name);

/* For own_begin(): put back what a run that was killed has changed.  For
 * own_end(): keep what was changed, or put everything back. */
int own_recover(struct own *own);
void own_settle(struct own *own, bool keep);

/* Call take with each entry of the sources, and the folder that it is in; 0
 * to go on, or -1 with a fault. */
struct section;
typedef int own_take(void *arg, const char *group,
		     const struct section *section);
int own_visit(struct own *own, own_take *take, void *arg);

/* Make the catalog of the sources as they are now and put it in its place;
 * without sources, none. */
int own_apply(struct own *own, struct own_made *made);

/* Say in one line what own_apply() has made, or as JSON. */
void own_say(const struct own *own, const struct own_made *made, bool json);

#endif
