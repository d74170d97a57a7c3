/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The list in p11-kit's own store: what p11-kit-trust distrusts without our
 * module.  That reaches programs that see it alone, as those in a Flatpak do,
 * and takes roots out of `trust extract` that a name or a key rule hits.
 */

#include <stdio.h>
#include <string.h>

#include "install/dropin.h"
#include "base/words.h"
#include "install/p11kit.h"
#include "install/system.h"
#include "install/target.h"

static int
find(const struct target *target, const struct target_options *options,
     struct buffer *places, struct fault *fault)
{
	static const char *const folders[] = {
		"/etc/pki/ca-trust/source/blocklist",	/* Fedora, RHEL */
		"/etc/ca-certificates/trust-source/blocklist",	/* Arch */
		"/etc/pki/trust/blocklist",		/* openSUSE */
		"/etc/ssl/trust-source/blocklist",	/* NixOS */
	};
	char path[PATHS_MAX];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (options->profile == NULL && paths_is_folder(folders[i]) &&
		    paths_join(path, folders[i], "p11-distrust.p11-kit") &&
		    target_found(places, target, TARGET_SYSTEM, path,
				 target->title, fault) == NULL)
			return -1;
	}
	return 0;
}

static int
write_list(struct buffer *out, struct fault *fault)
{
	struct judge judge;
	struct fault doubt = { "" };
	struct findings findings = { .judge = &judge };
	int rv;

	judge_begin(&judge, &doubt);
	rv = findings_look_everywhere(&findings);
	if (rv == 0)
		rv = dropin_write(&judge, &findings, out);
	findings_free(&findings);
	judge_end(&judge);
	return rv == 0 ? 0 : fault_memory(fault);
}

static int
plan(const struct target_place *place, const struct target_options *options,
     struct plan *p, struct fault *fault)
{
	struct buffer content = { 0 };
	int rv = write_list(&content, fault);

	(void)options;
	if (rv == 0)
		rv = system_plan_file(p, place->path,
			(struct bytes){ content.p, content.n },
			p->purpose == PLAN_INSTALL ?
			"put the list into p11-kit's store" :
			"take the list out of p11-kit's store", fault);
	buffer_free(&content);
	return rv == 0 ? p11kit_plan_update(p, fault) : -1;
}

/* Whether p11-kit was built to read the store that a list is put into. */
static bool
is_read(const char *list)
{
	for (const char *at = TRUST_PATHS; *at != '\0'; at += *at == ':') {
		size_t n = strcspn(at, ":");

		if (strncmp(list, at, n) == 0 && list[n] == '/')
			return true;
		at += n;
	}
	return false;
}

static int
prove(const struct target_place *place, const struct target_options *options,
      struct target_verdict *verdict, struct fault *fault)
{
	struct buffer list = { 0 };
	struct bytes octets;
	int rv = write_list(&list, fault);

	(void)options;
	octets = (struct bytes){ list.p, list.n };
	if (rv == 0 && !paths_is_there(place->path))
		target_verdict(verdict, TARGET_EXPOSED,
			       "The list is not in p11-kit's store.");
	else if (rv == 0 && !system_says(place->path, octets))
		target_verdict(verdict, TARGET_EXPOSED, "The list in p11-kit's "
			       "store is older than what is distrusted, or "
			       "than what this machine trusts.");
	else if (rv == 0)
		rv = p11kit_ask_store(octets, verdict, fault);
	if (rv == 0 && verdict->state == TARGET_PROTECTED &&
	    !is_read(place->path))
		rv = target_verdict(verdict, TARGET_UNKNOWN, "The list would "
				    "be heeded, but p11-kit was built to read "
				    "another store here (%s).", TRUST_PATHS);
	buffer_free(&list);
	return rv;
}

const struct target target_blocklist = {
	.name = "blocklist", .title = N_("p11-kit's own store, and Flatpak"),
	.scopes = TARGET_SYSTEM,
	.find = find, .plan = plan, .prove = prove,
};
