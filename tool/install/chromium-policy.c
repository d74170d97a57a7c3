/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Chromium's family for a whole machine, by policy.  It distrusts the keys of
 * certificates that are named in full: the rule that no module can tell it
 * (it asks a module about a certificate's name and serial number alone).
 * A file of our own among others' says so.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/evp.h>

#include "certificates/judge.h"
#include "base/words.h"
#include "install/system.h"
#include "install/target.h"

static const char list_policy[] = "CADistrustedCertificates";
static const char strict_policy[] = "SSLErrorOverrideAllowed";
static const char file_name[] = "p11-distrust.json";

/* ---- Places ----------------------------------------------------------- */

static const struct {
	const char *title;
	const char *folder;
	const char *const *programs;	/* any of them: it is installed */
} browsers[] = {
	{ "Chromium", "/etc/chromium/policies/managed",
	  (const char *const[]){ "chromium", "chromium-browser", NULL } },
	{ "Chrome", "/etc/opt/chrome/policies/managed",
	  (const char *const[]){ "google-chrome", "google-chrome-stable",
				 NULL } },
	{ "Edge", "/etc/opt/edge/policies/managed",
	  (const char *const[]){ "microsoft-edge", "microsoft-edge-stable",
				 NULL } },
	{ "Brave", "/etc/brave/policies/managed",
	  (const char *const[]){ "brave-browser", "brave", NULL } },
};

static bool
is_installed(const char *const *programs)
{
	char path[PATHS_MAX];

	for (; *programs != NULL; programs++) {
		if (paths_program(path, *programs))
			return true;
	}
	return false;
}

static int
find(const struct target *target, const struct target_options *options,
     struct buffer *places, struct fault *fault)
{
	char path[PATHS_MAX], title[TARGET_TEXT];

	(void)options;
	for (size_t i = 0; i < sizeof(browsers) / sizeof(*browsers); i++) {
		if (!paths_join(path, browsers[i].folder, file_name) ||
		    (!is_installed(browsers[i].programs) &&
		     !paths_is_folder(browsers[i].folder)))
			continue;
		snprintf(title, sizeof(title), _("%s, policy for the machine"),
			 browsers[i].title);
		if (target_found(places, target, TARGET_SYSTEM, path, title,
				 fault) == NULL)
			return -1;
	}
	return 0;
}

/* ---- What the file says ------------------------------------------------ */

static int
add_certificate(json_t *list, struct bytes der)
{
	unsigned char *text = malloc(4 * (der.n / 3 + 1) + 1);
	int rv = -1;

	if (text != NULL) {
		EVP_EncodeBlock(text, der.p, (int)der.n);
		rv = json_array_append_new(list,
					   json_string((const char *)text));
	}
	free(text);
	return rv;
}

/* Chromium compares keys.  An entry that is for its certificate alone may
 * share that with innocent ones. */
static int
visit(void *arg, const struct catalog *catalog,
      const struct catalog_entry *entry)
{
	struct bytes der = catalog_bytes(catalog, entry->value);

	if (!(entry->flags & CATALOG_MATCH_KEY) || der.n == 0)
		return 0;
	return add_certificate(arg, der);
}

static json_t *
make_policies(bool is_strict, struct fault *fault)
{
	struct judge judge;
	json_t *list = json_array(), *policies = NULL;

	if (judge_begin(&judge, fault) == 0) {
		if (judge_each(&judge, visit, list) == 0)
			policies = json_pack("{s:O}", list_policy, list);
		if (policies == NULL)
			fault_memory(fault);
	}
	judge_end(&judge);
	json_decref(list);
	if (policies != NULL && is_strict)
		json_object_set_new(policies, strict_policy, json_false());
	return policies;
}

/* Whether another file of the folder decides the same: of two, Chromium takes
 * one and forgets the other. */
static bool
decides(const char *path, const char *policy)
{
	json_error_t error;
	json_t *root = json_load_file(path, 0, &error);
	bool does = json_object_get(root, policy) != NULL;

	json_decref(root);
	return does;
}

static bool
is_contested(const char *path, const char *policy, char by[static PATHS_MAX])
{
	char folder[PATHS_MAX], *end;
	const struct dirent *d;
	bool found = false;
	DIR *files;

	if (!paths_join(folder, "/", path) ||
	    (end = strrchr(folder, '/')) == NULL)
		return false;
	*end = '\0';
	files = opendir(folder);
	while (!found && files != NULL && (d = readdir(files)) != NULL)
		found = d->d_name[0] != '.' &&
			strcmp(d->d_name, file_name) != 0 &&
			paths_join(by, folder, d->d_name) &&
			decides(by, policy);
	if (files != NULL)
		closedir(files);
	return found;
}

/* ---- Changing --------------------------------------------------------- */

static int
plan(const struct target_place *place, const struct target_options *options,
     struct plan *p, struct fault *fault)
{
	char by[PATHS_MAX];
	json_t *policies;
	char *text;
	int rv = -1;

	if (p->purpose == PLAN_INSTALL &&
	    is_contested(place->path, list_policy, by))
		return fault_at(fault, by, 0, "it sets %s, and of two files "
				"Chromium would forget one; no other file "
				"that does", list_policy);
	policies = make_policies(options->is_strict, fault);
	if (policies == NULL)
		return -1;
	text = json_dumps(policies, JSON_INDENT(2));
	if (text == NULL)
		fault_memory(fault);
	else
		rv = system_plan_file(p, place->path,
				      (struct bytes){ (uint8_t *)text,
						      strlen(text) },
				      p->purpose == PLAN_INSTALL ?
				      "distrust all that have a listed key" :
				      "no longer distrust by key", fault);
	free(text);
	json_decref(policies);
	return rv;
}

/* ---- Judging ---------------------------------------------------------- */

/* Nobody who could be asked here has a distrusted key: the browser must be
 * believed, and the file must be whole. */
static int
prove(const struct target_place *place, const struct target_options *options,
      struct target_verdict *verdict, struct fault *fault)
{
	json_t *is, *shall;
	json_error_t error;
	char by[PATHS_MAX];
	bool same;

	(void)options;
	if (is_contested(place->path, list_policy, by))
		return target_verdict(verdict, TARGET_EXPOSED,
				      "%s sets the same policy: Chromium "
				      "forgets one of the two files.", by);
	if (!paths_is_there(place->path))
		return target_verdict(verdict, TARGET_EXPOSED,
				      "The policy is not installed here.");
	is = json_load_file(place->path, 0, &error);
	shall = make_policies(false, fault);
	if (shall == NULL) {
		json_decref(is);
		return -1;
	}
	same = json_equal(json_object_get(is, list_policy),
			  json_object_get(shall, list_policy)) != 0;
	json_decref(is);
	json_decref(shall);
	if (!same)
		return target_verdict(verdict, TARGET_EXPOSED,
				      "The policy names other certificates "
				      "than the list: install it anew.");
	return target_verdict(verdict, TARGET_PROTECTED, "The policy names all "
			      "certificates of the list (it cannot be tried: "
			      "their keys are others'). The browser obeys it "
			      "from its next start on.");
}

const struct target target_chromium = {
	.name = "chromium", .title = N_("Chromium, Chrome, Edge and Brave, by policy"),
	.scopes = TARGET_SYSTEM,
	.find = find, .plan = plan, .prove = prove,
};
