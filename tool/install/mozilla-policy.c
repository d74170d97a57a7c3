/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The family of Firefox for a whole machine: the module in policies.json,
 * among whatever else an administrator decided there, and a preference for
 * all that keeps the module where it is asked.  It knows policies; profiles
 * are mozilla-profile.c's.
 */

#include "install/mozilla.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/tree.h"
#include "base/words.h"
#include "install/nss-modules.h"
#include "install/nss-protect.h"
#include "install/system.h"

/* ---- Places ----------------------------------------------------------- */

/* Where the program is, as far as it is here at all; NULL if it is not. */
static const char *
installed(const struct mozilla *m)
{
	return system_first(m->installed);
}

static bool
policies_path(const struct mozilla *m, char out[static PATHS_MAX])
{
	char name[PATHS_MAX];

	return m->etc != NULL && paths_join(name, m->etc, "policies/policies"
					    ".json") &&
	       paths_join(out, "/etc", name);
}

/* The program reads the preferences of this folder before the user's own,
 * and believes their locks. */
static bool
prefs_path(const struct mozilla *m, char out[static PATHS_MAX])
{
	char name[PATHS_MAX];

	return m->etc != NULL &&
	       paths_join(name, m->etc, "defaults/pref/p11-distrust.js") &&
	       paths_join(out, "/etc", name);
}

int
mozilla_find_policies(const struct target *target,
		      const struct target_options *options,
		      struct buffer *places, struct fault *fault)
{
	const struct mozilla *m = target->kind;
	char path[PATHS_MAX], title[TARGET_TEXT];

	(void)options;
	if (!policies_path(m, path) ||
	    (installed(m) == NULL && !paths_is_there(path)))
		return 0;
	snprintf(title, sizeof(title), _("%s, policy for the machine"),
		 target->title);
	return target_found(places, target, TARGET_SYSTEM, path, title,
			    fault) != NULL ? 0 : -1;
}

/* ---- policies.json ---------------------------------------------------- */

/* A file of policies, NULL with a fault where it is none.  One that is not
 * there reads as one that decides nothing. */
static json_t *
parse(const char *path, const struct buffer *text, struct fault *fault)
{
	json_error_t error;
	json_t *root, *policies;

	if (text->n == 0)
		return json_pack("{s:{}}", "policies");
	root = json_loadb(text->p, text->n, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL) {
		fault_at(fault, path, (unsigned)error.line, "%s; JSON",
			 error.text);
		return NULL;
	}
	policies = json_object_get(root, "policies");
	if (json_is_object(policies))
		return root;
	fault_at(fault, path, 0, "no object 'policies'; Firefox's policies");
	json_decref(root);
	return NULL;
}

/* The object that names modules: SecurityDevices.Add or, where somebody uses
 * the older form, SecurityDevices itself.  NULL if there is none. */
static json_t *
devices(json_t *root)
{
	json_t *d = json_object_get(json_object_get(root, "policies"),
				    "SecurityDevices");

	if (json_object_get(d, "Add") != NULL ||
	    json_object_get(d, "Delete") != NULL)
		return json_object_get(d, "Add");
	return d;
}

/* Without ours, and without what would then be empty. */
static void
take_ours_out(json_t *root)
{
	json_t *policies = json_object_get(root, "policies");
	json_t *d = json_object_get(policies, "SecurityDevices");

	json_object_del(devices(root), NSS_MODULES_NAME);
	if (json_is_object(json_object_get(d, "Add")) &&
	    json_object_size(json_object_get(d, "Add")) == 0)
		json_object_del(d, "Add");
	if (json_is_object(d) && json_object_size(d) == 0)
		json_object_del(policies, "SecurityDevices");
}

/* 0, or -1 with a fault where somebody's words leave no room for ours. */
static int
put_ours_in(const char *path, json_t *root, const char *module,
	    struct fault *fault)
{
	json_t *policies = json_object_get(root, "policies"), *d, *add;

	d = json_object_get(policies, "SecurityDevices");
	if (d == NULL) {
		d = json_object();
		json_object_set_new(policies, "SecurityDevices", d);
	}
	if (devices(root) == NULL || json_object_size(d) == 0)
		json_object_set_new(d, "Add", json_object());
	add = devices(root);
	if (!json_is_object(add))
		return fault_at(fault, path, 0, "SecurityDevices is no object; "
				"names of modules and their paths");
	json_object_set_new(add, NSS_MODULES_NAME, json_string(module));
	return 0;
}

static int
dump(json_t *root, struct buffer *out, struct fault *fault)
{
	char *text = json_dumps(root, JSON_INDENT(2));
	int rv = text != NULL && buffer_add(out, text, strlen(text)) == 0 &&
		 buffer_add(out, "\n", 1) == 0 ? 0 : fault_memory(fault);

	free(text);
	return rv;
}

/* ---- Changing --------------------------------------------------------- */

/*
 * What the file says, or shall say in place of one that is not there: a
 * program that finds policies below /etc no longer looks for those that came
 * with it.
 */
static int
read_policies(const struct mozilla *m, const char *path, struct buffer *text,
	      bool *is_there, struct fault *fault)
{
	const char *program = installed(m);
	char own[PATHS_MAX];
	bool has_own;

	if (tree_peek(path, text, is_there, fault) != 0)
		return -1;
	if (*is_there || program == NULL ||
	    !paths_join(own, program, "distribution/policies.json"))
		return 0;
	return tree_peek(own, text, &has_own, fault);
}

/* The text less our decision: the same octets where it has none of ours, p
 * NULL where nothing else is decided. */
static int
make_bare(const char *path, const struct buffer *text, struct buffer *out,
	  struct bytes *bare, struct fault *fault)
{
	json_t *root = parse(path, text, fault), *old;
	int rv = 0;

	if (root == NULL)
		return -1;
	*bare = (struct bytes){ text->p, text->n };
	old = json_deep_copy(root);
	take_ours_out(root);
	if (json_object_size(json_object_get(root, "policies")) == 0 &&
	    !json_equal(old, root)) {
		*bare = (struct bytes){ NULL, 0 };
	} else if (!json_equal(old, root)) {
		rv = dump(root, out, fault);
		*bare = (struct bytes){ out->p, out->n };
	}
	json_decref(old);
	json_decref(root);
	return rv;
}

/* The text with our decision: the same octets where that stands there. */
static int
make_full(const char *path, const struct buffer *text, const char *module,
	  struct buffer *out, struct bytes *full, struct fault *fault)
{
	json_t *root = parse(path, text, fault), *old;
	int rv;

	if (root == NULL)
		return -1;
	old = json_deep_copy(root);
	*full = (struct bytes){ text->p, text->n };
	rv = put_ours_in(path, root, module, fault);
	if (rv == 0 && !json_equal(old, root)) {
		rv = dump(root, out, fault);
		*full = (struct bytes){ out->p, out->n };
	}
	json_decref(old);
	json_decref(root);
	return rv;
}

static int
plan_policies(const struct mozilla *m, const char *path, const char *module,
	      struct plan *plan, struct fault *fault)
{
	struct buffer text = { 0 }, without = { 0 }, with = { 0 };
	struct bytes bare = { NULL, 0 }, full = { NULL, 0 };
	bool is_there = false;
	int rv = read_policies(m, path, &text, &is_there, fault);

	if (rv == 0)
		rv = make_bare(path, &text, &without, &bare, fault);
	if (rv == 0 && plan->purpose == PLAN_INSTALL)
		rv = make_full(path, &text, module, &with, &full, fault);
	if (!is_there)
		bare = (struct bytes){ NULL, 0 };
	if (rv == 0)
		rv = plan_write(plan, path, bare, full,
				plan->purpose == PLAN_INSTALL ?
				"have the program load the module" :
				"no longer load the module", fault);
	buffer_free(&text);
	buffer_free(&without);
	buffer_free(&with);
	return rv;
}

static const char prefs[] =
	"// p11-distrust: modules that are moved into a process of their own\n"
	"// are not asked which certificates to distrust.\n"
	"pref(\"" MOZILLA_UTILITY "\", false, locked);\n";

bool
mozilla_keeps_modules(const struct mozilla *m)
{
	const struct bytes text = { (const uint8_t *)prefs,
				    sizeof(prefs) - 1 };
	char path[PATHS_MAX];

	return prefs_path(m, path) && system_says(path, text);
}

int
mozilla_plan_policies(const struct target_place *place,
		      const struct target_options *options,
		      struct plan *plan, struct fault *fault)
{
	const struct mozilla *m = place->target->kind;
	const struct bytes text = { (const uint8_t *)prefs,
				    sizeof(prefs) - 1 };
	char path[PATHS_MAX];

	if (plan_policies(m, place->path, options->module, plan, fault) != 0)
		return -1;
	if (!prefs_path(m, path))
		return 0;
	return system_plan_file(plan, path, text,
				plan->purpose == PLAN_INSTALL ?
				"keep the module where it is asked" :
				"no longer keep the module where it was",
				fault);
}

/* ---- Proving ---------------------------------------------------------- */

/* The modules of a profile that has none of its own, after the program has
 * read its policies. */
static int
modules_by_policy(json_t *root, struct buffer *modules)
{
	const char *path = json_string_value(json_object_get(devices(root),
						NSS_MODULES_NAME));

	if (nss_modules_internal(modules) != 0)
		return -1;
	if (path == NULL)
		return 0;
	return buffer_add(modules, "library=", 8) == 0 &&
	       buffer_add(modules, path, strlen(path)) == 0 &&
	       buffer_add(modules, "\nname=" NSS_MODULES_NAME "\n\n",
			  strlen("\nname=" NSS_MODULES_NAME "\n\n")) == 0 ?
		0 : -1;
}

/* Whether somebody wants our module deleted. */
static bool
is_deleted(json_t *root)
{
	json_t *d = json_object_get(json_object_get(root, "policies"),
				    "SecurityDevices");
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(d, "Delete"), i, name) {
		if (strcmp(json_string_value(name) != NULL ?
			   json_string_value(name) : "",
			   NSS_MODULES_NAME) == 0)
			return true;
	}
	return false;
}

static int
prove_modules(const struct mozilla *m, json_t *root,
	      const struct target_options *options,
	      struct target_verdict *verdict, struct fault *fault)
{
	struct nss_place nss = { .module = options->module };
	const char *program = installed(m);
	struct buffer modules = { 0 };
	char library[PATHS_MAX];
	int rv;

	if (program != NULL && paths_join(library, program, "libnss3.so") &&
	    paths_is_there(library))
		nss.program = program;
	if (modules_by_policy(root, &modules) != 0)
		rv = fault_memory(fault);
	else
		rv = nss_prove_modules(&nss, (struct bytes){ modules.p,
							     modules.n },
				       verdict, fault);
	buffer_free(&modules);
	return rv;
}

int
mozilla_prove_policies(const struct target_place *place,
		       const struct target_options *options,
		       struct target_verdict *verdict, struct fault *fault)
{
	struct buffer text = { 0 };
	json_t *root = NULL;
	bool is_there;
	int rv = tree_peek(place->path, &text, &is_there, fault);

	if (rv == 0)
		root = parse(place->path, &text, fault);
	if (root == NULL)
		rv = -1;
	else if (is_deleted(root))
		rv = target_verdict(verdict, TARGET_EXPOSED,
				    "SecurityDevices.Delete names the module.");
	else
		rv = prove_modules(place->target->kind, root, options, verdict,
				   fault);
	if (rv == 0 && verdict->state == TARGET_PROTECTED)
		target_say(verdict, "A root with a distrusted key under a new "
			   "name is refused only in profiles where "
			   "'distrust install' was run.");
	json_decref(root);
	buffer_free(&text);
	return rv;
}
