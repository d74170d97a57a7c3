/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Changing and judging one NSS database. */

#include "install/nss-protect.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "base/paths.h"
#include "base/tree.h"
#include "base/words.h"
#include "builtin.h"
#include "install/nss-ask.h"
#include "install/nss-modules.h"

/* ---- Changing --------------------------------------------------------- */

/* An empty file is not the same as none. */
static struct bytes
octets_of(const struct buffer *b)
{
	if (b->n == 0)
		return (struct bytes){ (const uint8_t *)"", 0 };
	return (struct bytes){ b->p, b->n };
}

int
nss_plan_modules(const char *folder, const char *module, bool root,
		 struct plan *plan, struct fault *fault)
{
	struct buffer is = { 0 }, without = { 0 }, with = { 0 };
	struct bytes bare = { NULL, 0 };
	char path[PATHS_MAX];
	bool is_there;
	int rv = -1;

	if (!paths_join(path, folder, "pkcs11.txt"))
		return fault_at(fault, folder, 0, "too long; a shorter path");
	if (tree_peek(path, &is, &is_there, fault) != 0)
		goto out;
	if (nss_modules_without((struct bytes){ is.p, is.n }, &without) != 0) {
		fault_memory(fault);
		goto out;
	}
	if (is_there)
		bare = octets_of(&without);
	if (nss_modules_with(bare, module, root, &with) != 0) {
		fault_memory(fault);
		goto out;
	}
	rv = plan_write(plan, path, bare, octets_of(&with),
			plan->purpose == PLAN_INSTALL ? N_("load the module") :
			N_("no longer load the module"), fault);
out:
	buffer_free(&is);
	buffer_free(&without);
	buffer_free(&with);
	return rv;
}

/* ---- Judging: what a file can tell -------------------------------------- */

/* Our stanza, or anybody's that names our module; false if there is none. */
static bool
find_ours(struct bytes modules, struct nss_module *module)
{
	size_t at = 0;

	while (nss_modules_next(modules, &at, module)) {
		if (nss_module_is_ours(module) || nss_module_is_alike(module))
			return true;
	}
	return false;
}

/* What is wrong with the file as a library for this machine; NULL: nothing
 * that a look at its head would tell. */
static const char *
library_fault(const char *path)
{
	unsigned char own[20] = { 0 }, its[20] = { 0 };
	FILE *file = fopen(path, "rb");
	size_t n;

	if (file == NULL)
		return _("is not there");
	n = fread(its, 1, sizeof(its), file);
	fclose(file);
	if (n < sizeof(its) || memcmp(its, ELFMAG, SELFMAG) != 0)
		return _("is not a library");
	file = fopen("/proc/self/exe", "rb");
	n = file != NULL ? fread(own, 1, sizeof(own), file) : 0;
	if (file != NULL)
		fclose(file);
	/* Class, byte order, and e_machine in octets 18 and 19. */
	if (n == sizeof(own) && (own[EI_CLASS] != its[EI_CLASS] ||
				 own[EI_DATA] != its[EI_DATA] ||
				 memcmp(own + 18, its + 18, 2) != 0))
		return _("was built for another kind of processor");
	return NULL;
}

static int
judge_not_loaded(const struct nss_module *module,
		 struct target_verdict *verdict)
{
	char path[PATHS_MAX];
	const char *what = NULL;

	if (module->library.n < sizeof(path)) {
		memcpy(path, module->library.p, module->library.n);
		path[module->library.n] = '\0';
		what = library_fault(path);
	}
	if (what != NULL)
		return target_verdict(verdict, TARGET_EXPOSED,
				      "The module %s %s.", path, what);
	return target_verdict(verdict, TARGET_EXPOSED,
			      "NSS does not load the module %.*s.",
			      (int)module->library.n,
			      (const char *)module->library.p);
}

/* ---- Judging: what NSS says --------------------------------------------- */

static uint32_t
own_version(void)
{
	struct catalog builtin;

	if (catalog_open(&builtin, builtin_catalog,
			 builtin_catalog_size) != 0)
		return 0;
	return builtin.header->version;
}

/* It refuses what a distrusted name has issued, since nobody else speaks of
 * that; but of a root itself the user does. */
static int
judge_order(const struct nss_answer *a, struct target_verdict *verdict)
{
	return target_verdict(verdict, TARGET_EXPOSED,
			      "The module's trustOrder is %ld: from %d on, "
			      "what the user imported counts more.", a->order,
			      NSS_MODULES_ORDER);
}

/* Refused, but is that all? */
static int
judge_refused(const struct nss_place *place, const struct nss_answer *a,
	      struct target_verdict *verdict)
{
	if (a->order >= NSS_MODULES_ORDER)
		return judge_order(a, verdict);
	if (place->minds_roots && a->has_roots)
		return target_verdict(verdict, TARGET_EXPOSED,
				      "The module is loaded with rootFlags: "
				      "Chromium skips such a module.");
	if (a->other[0] != '\0')
		return target_verdict(verdict, TARGET_EXPOSED,
				      "Behind a module that holds root "
				      "authorities stands '%s', whose trust "
				      "counts more than our distrust.",
				      a->other);
	if (a->version < own_version())
		return target_verdict(verdict, TARGET_EXPOSED,
				      "The module's list, %u.%u, is older than "
				      "this program's, %u.%u.",
				      a->version >> 8, a->version & 0xff,
				      own_version() >> 8,
				      own_version() & 0xff);
	if (place->wants_roots && !a->has_roots)
		return target_verdict(verdict, TARGET_EXPOSED,
				      "The module is loaded without rootFlags: "
				      "what is imported while the program runs "
				      "is accepted until it is closed.");
	return target_verdict(verdict, TARGET_PROTECTED, "NSS refuses a site "
			      "under a distrusted name (%s).", a->error);
}

int
nss_prove_modules(const struct nss_place *place, struct bytes modules,
		  struct target_verdict *verdict, struct fault *fault)
{
	struct nss_question question = { place->folder, modules,
					 place->program };
	struct nss_answer answer;
	struct nss_module module;

	if (!find_ours(modules, &module))
		return target_verdict(verdict, TARGET_EXPOSED,
				      "The module is not installed here.");
	if (nss_ask(&question, &answer, fault) != 0)
		return -1;
	if (!answer.is_loaded)
		return judge_not_loaded(&module, verdict);
	if (!answer.refuses)
		return target_verdict(verdict, TARGET_EXPOSED,
				      "NSS loads the module, but accepts a "
				      "site under a distrusted name.");
	return judge_refused(place, &answer, verdict);
}

int
nss_prove(const struct nss_place *place, struct target_verdict *verdict,
	  struct fault *fault)
{
	struct buffer content = { 0 };
	char path[PATHS_MAX];
	bool is_there;
	int rv = -1;

	if (!paths_join(path, place->folder, "pkcs11.txt"))
		return fault_at(fault, place->folder, 0,
				"too long; a shorter path");
	if (tree_peek(path, &content, &is_there, fault) == 0)
		rv = nss_prove_modules(place, octets_of(&content), verdict,
				       fault);
	buffer_free(&content);
	return rv;
}
