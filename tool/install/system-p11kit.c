/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * p11-kit's registry of modules.  Registered there, ours is asked by `trust`
 * and, where the distribution had it so built, by GnuTLS.  A file of a package
 * is left as it is.
 */

#include <stdio.h>
#include <string.h>

#include "install/carried.h"
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

	found = plan_read(path, &content, &is_there, &unread) == 0 &&
		buffer_add(&content, "", 1) == 0 &&
		strstr(content.p, word) != NULL;
	buffer_free(&content);
	return found;
}

/* Whether NSS finds modules through p11-kit here, as Fedora and RHEL have it:
 * then ours must be seen there. */
static bool
nss_asks_proxy(void)
{
	return says("/etc/crypto-policies/back-ends/nss.config",
		    "p11-kit-proxy") ||
	       says("/etc/pki/nssdb/pkcs11.txt", "p11-kit-proxy");
}

/* Without its path where that is the usual one, so that one file serves every
 * architecture. */
static int
write_registration(const char *module, struct buffer *out,
		   struct fault *fault)
{
	static const char key[] = "module:";
	char line[PATHS_MAX + sizeof(key) + 1];
	struct buffer text = { 0 };
	int rv;

	snprintf(line, sizeof(line), "%s %s", key,
		 strcmp(module, MODULE_PATH) == 0 ?
		 strrchr(module, '/') + 1 : module);
	rv = system_replace_line(carried_p11_distrust_module, key, line, &text,
				 fault);
	if (rv == 0 && buffer_add(&text, "", 1) != 0)
		rv = fault_memory(fault);
	if (rv == 0)
		rv = system_replace_line(text.p, nss_asks_proxy() ?
					 "disable-in:" : NULL, NULL, out,
					 fault);
	buffer_free(&text);
	return rv;
}

static int
plan(const struct target_place *place, const struct target_options *options,
     struct plan *p, struct fault *fault)
{
	struct buffer content = { 0 };
	int rv;

	if (p->purpose == PLAN_INSTALL && paths_is_there(PACKAGED))
		return 0;
	rv = write_registration(options->module, &content, fault);
	if (rv == 0)
		rv = system_plan_file(p, place->path,
			(struct bytes){ content.p, content.n },
			p->purpose == PLAN_INSTALL ?
			"have p11-kit ask the module" :
			"have p11-kit no longer ask the module", fault);
	buffer_free(&content);
	return rv == 0 ? p11kit_plan_update(p, fault) : -1;
}

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
	.name = "p11-kit", .title = "p11-kit, and GnuTLS where it asks p11-kit",
	.scopes = TARGET_SYSTEM,
	.find = find, .plan = plan, .prove = prove,
};
