/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * p11-kit's registry of modules.  Registered there, ours is asked by `trust`
 * and, where the distribution had it so built, by GnuTLS.  A file of a package
 * is left as it is; what is chosen otherwise stands beside it.
 */

#include <stdio.h>
#include <string.h>

#include "install/carried.h"
#include "base/tree.h"
#include "base/words.h"
#include "install/p11kit.h"
#include "install/system.h"
#include "install/target.h"

#define REGISTERED "/etc/pkcs11/modules/p11-distrust.module"
#define PACKAGED MODULE_CONFIGS "/p11-distrust.module"

static int
find(const struct target *target, const struct target_options *options,
     struct buffer *places, struct fault *fault)
{
	if (options->profile != NULL || !paths_is_folder(MODULE_CONFIGS))
		return 0;
	return target_found(places, target, TARGET_SYSTEM, REGISTERED,
			    target->title, fault) == NULL ? -1 : 0;
}

static bool
says(const char *path, const char *word)
{
	struct fault unread = { "" };
	struct buffer content = { 0 };
	bool is_there, found;

	found = tree_peek(path, &content, &is_there, &unread) == 0 &&
		buffer_add(&content, "", 1) == 0 &&
		strstr(content.p, word) != NULL;
	buffer_free(&content);
	return found;
}

/* ---- Who loads p11-kit-proxy ------------------------------------------- */

#define HIDES "disable-in: p11-kit-proxy"

/* Whether NSS finds modules through p11-kit here, as Fedora and RHEL have it:
 * then ours must be seen there. */
static bool
nss_asks_proxy(void)
{
	return says("/etc/crypto-policies/back-ends/nss.config",
		    "p11-kit-proxy") ||
	       says("/etc/pki/nssdb/pkcs11.txt", "p11-kit-proxy");
}

/* What was chosen once stays until something else is chosen. */
static bool
shall_hide(const struct target_options *options)
{
	if (options->proxy != TARGET_PROXY_USUAL)
		return options->proxy == TARGET_PROXY_NO;
	if (says(REGISTERED, "disable-in:"))
		return says(REGISTERED, HIDES);
	return !paths_is_there(REGISTERED) && !nss_asks_proxy();
}

/* ---- The file ---------------------------------------------------------- */

/* Without its path where that is the usual one, so that one file serves every
 * architecture. */
static int
write_registration(const struct target_options *options, struct buffer *out,
		   struct fault *fault)
{
	static const char key[] = "module:";
	char line[PATHS_MAX + sizeof(key) + 1];
	struct buffer text = { 0 };
	int rv;

	snprintf(line, sizeof(line), "%s %s", key,
		 strcmp(options->module, MODULE_PATH) == 0 ?
		 strrchr(options->module, '/') + 1 : options->module);
	rv = system_replace_line(carried_p11_distrust_module, key, line, &text,
				 fault);
	if (rv == 0 && buffer_add(&text, "", 1) != 0)
		rv = fault_memory(fault);
	if (rv == 0)
		rv = system_replace_line(text.p, shall_hide(options) ? NULL :
					 "disable-in:", NULL, out, fault);
	buffer_free(&text);
	return rv;
}

/* Of two files of the same name p11-kit takes each key from the one in /etc
 * first: one line there says otherwise than a package. */
static int
write_difference(const struct target_options *options, struct buffer *out,
		 struct fault *fault)
{
	bool hides = shall_hide(options);
	const char *line = hides ? HIDES "\n" : "disable-in:\n";

	if (!paths_is_there(REGISTERED) && hides == says(PACKAGED, HIDES))
		return 0;
	return buffer_add(out, line, strlen(line)) == 0 ? 0 :
		fault_memory(fault);
}

static int
plan_registration(const struct target_place *place,
		  const struct target_options *options, struct plan *p,
		  struct fault *fault)
{
	bool installs = p->purpose == PLAN_INSTALL;
	bool differs = installs && paths_is_there(PACKAGED);
	struct buffer content = { 0 };
	int rv = differs ? write_difference(options, &content, fault) :
			   write_registration(options, &content, fault);

	if (rv == 0 && content.n > 0)
		rv = system_plan_file(p, place->path,
			(struct bytes){ content.p, content.n },
			!installs ? "have p11-kit no longer ask the module" :
			differs ? "choose whether p11-kit-proxy shows it" :
			"have p11-kit ask the module", fault);
	buffer_free(&content);
	return rv;
}

static int
plan(const struct target_place *place, const struct target_options *options,
     struct plan *p, struct fault *fault)
{
	if (plan_registration(place, options, p, fault) != 0)
		return -1;
	return p11kit_plan_update(p, fault);
}

/* ---- Proving ----------------------------------------------------------- */

static int
prove(const struct target_place *place, const struct target_options *options,
      struct target_verdict *verdict, struct fault *fault)
{
	(void)options;
	if (!paths_is_there(place->path) && !paths_is_there(PACKAGED))
		return target_verdict(verdict, TARGET_EXPOSED,
				      "The module is not registered there.");
	return p11kit_ask_modules(verdict, fault);
}

const struct target target_p11kit = {
	.name = "p11-kit", .title = N_("p11-kit, and GnuTLS where it asks p11-kit"),
	.scopes = TARGET_SYSTEM,
	.find = find, .plan = plan, .prove = prove,
};
