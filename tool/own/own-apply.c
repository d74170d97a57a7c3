/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* From the tree to its catalog, and whether the module will take that. */

#include "own/own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "base/output.h"
#include "base/told.h"
#include "base/words.h"
#include "certificates/trusted.h"
#include "compile/source.h"
#include "compile/writer.h"
#include "file.h"

struct making {
	struct own *own;
	struct tree tree;
	struct records records;
	struct image image;
};

/* ---- Whom to believe --------------------------------------------------- */

/* The system's sources decide for everybody: nobody but root, or who builds
 * a machine elsewhere, may have a hand in them.  A user's group is often his
 * alone. */
static int
check_mode(struct making *m, const char *path)
{
	const mode_t others = m->own->is_user ? S_IWOTH : S_IWOTH | S_IWGRP;
	struct stat st;

	if (stat(path, &st) != 0)
		return fault_errno(m->own->fault, path, "a file");
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return fault_at(m->own->fault, path, 0,
				"belongs to somebody else; a file of %s",
				m->own->is_user ? _("this user") : "root");
	if ((st.st_mode & others) != 0)
		return fault_at(m->own->fault, path, 0,
				"others may write it; chmod %s",
				m->own->is_user ? "o-w" : "go-w");
	return 0;
}

static int
check_modes(struct making *m)
{
	const char *paths = m->tree.paths.p;

	for (size_t i = 0; i < m->tree.paths.n; i += strlen(paths + i) + 1) {
		if (check_mode(m, paths + i) != 0)
			return -1;
	}
	return 0;
}

/* ---- Policy ------------------------------------------------------------ */

/* A policy on a group of the same tree becomes its default: the module asks
 * the policies for other lists alone, and a user's only for what is on. */
static void
fold(struct making *m, const struct catalog_policy *p)
{
	struct catalog_group *groups = m->records.groups.p;
	struct bytes name = records_bytes(&m->records, p->group);

	for (uint32_t i = 0; i < records_groups(&m->records); i++) {
		if (!bytes_equal(records_bytes(&m->records, groups[i].name),
				 name))
			continue;
		groups[i].flags &= ~(uint32_t)CATALOG_GROUP_ON;
		if (p->on != 0)
			groups[i].flags |= CATALOG_GROUP_ON;
	}
}

static void
fold_policy(struct making *m)
{
	const struct catalog_policy *policy = m->records.policy.p;

	for (size_t i = 0; i < m->records.policy.n / sizeof(*policy); i++)
		fold(m, &policy[i]);
}

/* ---- The catalog ------------------------------------------------------- */

static int
take_octets(void *arg, const void *p, size_t n)
{
	return fwrite(p, 1, n, arg) == n ? 0 : -1;
}

static int
write_catalog(struct making *m)
{
	struct own *own = m->own;
	struct output output;
	char folder[PATHS_MAX];

	memcpy(folder, own->catalog, sizeof(folder));
	*strrchr(folder, '/') = '\0';
	if (paths_make(folder, own->fault) != 0 ||
	    output_begin(&output, own->catalog, own->fault) != 0)
		return -1;
	writer_octets(&m->image, take_octets, output.file);
	return output_commit(&output, own->fault);
}

/* What the module is going to do with it. */
static int
check_taken(const struct own *own)
{
	struct catalog catalog;
	struct file file;
	bool good;

	if (own->is_elsewhere)
		return 0;
	good = file_take(&file, own->catalog, own->is_user) &&
	       catalog_open(&catalog, file.base, file.size) == 0;
	file_release(&file);
	return good ? 0 : fault_at(own->fault, own->catalog, 0,
				   "the module would not take it; a file of "
				   "%s", own->is_user ? _("this user") : "root");
}

static int
make(struct making *m)
{
	if (source_read(m->own->sources, SOURCE_LOCAL, &m->tree, &m->records,
			m->own->fault) != 0 ||
	    check_modes(m) != 0 ||
	    trusted_check(&m->records, m->own->root, m->own->fault) != 0)
		return -1;
	fold_policy(m);
	if (writer_make(&m->image, &m->records) != 0)
		return -1;
	return write_catalog(m) == 0 ? check_taken(m->own) : -1;
}

static int
remove_catalog(struct own *own)
{
	if (unlink(own->catalog) == 0 || errno == ENOENT)
		return 0;
	return fault_errno(own->fault, own->catalog, "a file to remove");
}

int
own_apply(struct own *own, struct own_made *made)
{
	struct making m = { .own = own, .tree = { .fault = own->fault } };
	int rv = -1;

	*made = (struct own_made){ 0 };
	if (own->lock < 0)
		return remove_catalog(own);
	if (records_begin(&m.records, own->fault) == 0)
		rv = make(&m);
	made->entries = records_entries(&m.records);
	made->groups = records_groups(&m.records);
	made->policies = (uint32_t)(m.records.policy.n /
				    sizeof(struct catalog_policy));
	writer_free(&m.image);
	records_end(&m.records);
	tree_free(&m.tree);
	return rv;
}

/* ---- Telling ----------------------------------------------------------- */

/* The module reads the catalog itself; files that were made of the list have
 * to be made anew. */
static void
say_who_follows(const struct own *own)
{
	if (own->is_user || own->is_elsewhere ||
	    !paths_is_there("/etc/ca-certificates/update.d/distrust"))
		return;
	puts(_("Who reads files instead (OpenSSL, Java) follows: run "
	       "update-ca-certificates\nand distrust install --system."));
}

void
own_say(const struct own *own, const struct own_made *made, bool json)
{
	if (!json) {
		printf("%s: ", own->catalog);
		printf(ngettext("%u entry", "%u entries", made->entries),
		       (unsigned)made->entries);
		printf(ngettext(", %u group", ", %u groups", made->groups),
		       (unsigned)made->groups);
		printf(ngettext(", %u switch\n", ", %u switches\n",
				made->policies), (unsigned)made->policies);
		say_who_follows(own);
		return;
	}
	told_json(stdout, json_pack("{s:s, s:s, s:s, s:i, s:i, s:i}",
			   "scope", own->is_user ? "user" : "system",
			   "sources", own->sources, "catalog", own->catalog,
			   "entries", (int)made->entries,
			   "groups", (int)made->groups,
			   "policies", (int)made->policies), 0, JSON_COMPACT);
}
