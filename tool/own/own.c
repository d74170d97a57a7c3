/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Where the tree is, whose, and what entries it has.  Its files change in
 * own-changes.c; what they say is compiled in own-apply.c. */

#define _XOPEN_SOURCE 700	/* realpath() */
#define _DEFAULT_SOURCE		/* flock() */

#include "own/own.h"

#include <errno.h>
#include <getopt.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/tree.h"
#include "base/words.h"
#include "compile/source-entry.h"
#include "file.h"

_Static_assert((int)FILE_PATH == (int)PATHS_MAX, "one length for all paths");

/* ---- Whose ------------------------------------------------------------- */

void
own_usage(FILE *to)
{
	fputs(_("  --system          for this machine (root's default)\n"
		"  --user            for this user alone\n"
		"  --root DIR        for the machine whose files are below DIR\n"
		"  --json            tell a program\n"), to);
}

bool
own_take_option(struct own_scope *scope, int option, const char *arg)
{
	switch (option) {
	case 'U': scope->is_user = true; return true;
	case 'S': scope->is_system = true; return true;
	case 'R': scope->root = arg; return true;
	default: return false;
	}
}

int
own_read_options(struct own_scope *scope, bool *json, int argc, char **argv)
{
	static const struct option longs[] = {
		OWN_OPTIONS,
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (option == 'j')
			*json = true;
		else if (!own_take_option(scope, option, optarg))
			return option;
	}
	return -1;
}

static int
too_long(struct own *own, const char *path)
{
	return fault_at(own->fault, path, 0, "path too long; a shorter one");
}

static int
find_users(struct own *own)
{
	char config[PATHS_MAX];

	paths_user(config, PATHS_CONFIG);
	if (config[0] == '\0' || file_user_path(own->catalog) == NULL)
		return fault_at(own->fault, "distrust", 0,
				"no home folder; HOME in the environment");
	return paths_join(own->sources, config, "p11-distrust") ? 0 :
		too_long(own, config);
}

static int
find_systems(struct own *own)
{
	if (!paths_join(own->sources, own->root, "etc/p11-distrust") ||
	    !paths_join(own->catalog, own->root, file_system_path() + 1))
		return too_long(own, own->root);
	return 0;
}

static int
find_root(struct own *own, const char *root)
{
	char *real = realpath(root, NULL);
	bool fits = real != NULL && strlen(real) < sizeof(own->root);

	if (real == NULL)
		return fault_errno(own->fault, root, "a folder");
	own->is_elsewhere = strcmp(real, "/") != 0;
	if (own->is_elsewhere && fits)
		memcpy(own->root, real, strlen(real) + 1);
	free(real);
	return fits ? 0 : too_long(own, root);
}

static int
find_places(struct own *own, const struct own_scope *scope)
{
	if (scope->is_user && (scope->is_system || scope->root != NULL))
		return fault_at(own->fault, "--user", 0,
				"with --system or --root; one of them");
	own->is_user = scope->is_user ||
		(!scope->is_system && scope->root == NULL && geteuid() != 0);
	if (own->is_user)
		return find_users(own);
	if (scope->root != NULL && find_root(own, scope->root) != 0)
		return -1;
	return find_systems(own);
}

int
own_begin(struct own *own, const struct own_scope *scope, bool writes,
	  struct fault *fault)
{
	*own = (struct own){ .fault = fault, .lock = -1 };
	if (find_places(own, scope) != 0)
		return -1;
	/* The module believes no file that a group may write. */
	umask(umask(077) | 022);
	if (writes && paths_make(own->sources, fault) != 0)
		return -1;
	own->lock = open(own->sources, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (own->lock < 0 && errno == ENOENT)
		return 0;
	if (own->lock < 0 || flock(own->lock, LOCK_EX) != 0)
		return fault_errno(fault, own->sources, "a folder of sources");
	return own_recover(own);
}

/* ---- The end ----------------------------------------------------------- */

void
own_end(struct own *own, bool keep)
{
	own_settle(own, keep);
	if (own->lock >= 0)
		close(own->lock);
	own->lock = -1;
}

/* ---- Entries ----------------------------------------------------------- */

struct visit {
	const char *group;
	own_take *take;
	void *arg;
};

static int
visit_section(void *arg, const struct section *section)
{
	const struct visit *v = arg;

	if (strcmp(section->kind->word, "incident") == 0)
		return 0;
	return v->take(v->arg, v->group, section);
}

static int
visit_group(struct own *own, struct visit *v)
{
	struct buffer content = { 0 };
	char name[PATHS_MAX], path[PATHS_MAX];
	bool is_there;
	int rv = -1;

	if (!paths_join(name, v->group, "incident.ini") ||
	    !paths_join(path, own->sources, name))
		return too_long(own, v->group);
	if (own_read(own, name, &content, &is_there) == 0)
		rv = sections_read(path, (struct bytes){ content.p, content.n },
				   source_own_kinds, SOURCE_INCIDENT_KINDS,
				   visit_section, v, own->fault);
	buffer_free(&content);
	return rv;
}

int
own_visit(struct own *own, own_take *take, void *arg)
{
	struct visit v = { .take = take, .arg = arg };
	struct tree tree = { .fault = own->fault };
	struct tree_names names;
	char path[PATHS_MAX];
	int rv = 0;

	if (own->lock < 0)
		return 0;
	if (tree_list(&tree, own->sources, &names) != 0)
		return -1;
	for (size_t i = 0; i < tree_count(&names) && rv == 0; i++) {
		v.group = tree_at(&names, i)->name;
		if (!paths_join(path, own->sources, v.group))
			rv = too_long(own, v.group);
		else if (paths_is_folder(path))
			rv = visit_group(own, &v);
	}
	tree_names_free(&names);
	tree_free(&tree);
	return rv;
}
