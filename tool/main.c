/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust: which sub-commands there are.  The table is both the dispatch
 * and the help; it must not know what any of them does.  A folder beside it
 * holds sub-commands of one subject and what only they need:
 *
 *   compile/   sources -> catalog; also all of build/bootstrap
 *   verify/    what is in a catalog file, and is it sound
 *   show/      list, show, --version: the list in words and JSON
 *   check/     chains and hosts judged, with their TLS handshakes
 *   scan/      where distrusted certificates are installed, and their removal
 *   own/       add, remove, enable, disable, apply: own decisions
 *   exchange/  import, export: lists in the forms of others
 *   filter/    a CA bundle or folder without what is distrusted
 *   install/   install, uninstall, status: each consumer on this machine
 *   audit/     certs/ held against what this machine's packages say
 *
 * and two that serve them: certificates/ reads and judges certificates in
 * every container, base/ knows nothing of certificates.
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/told.h"
#include "base/words.h"
#include "tool.h"

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

static const struct command commands[] = {
	{ "compile", tool_compile, N_("make a catalog from a folder of sources") },
	{ "check", tool_check, N_("is a certificate or host distrusted, and why") },
	{ "scan", tool_scan, N_("find what is distrusted in this machine's stores") },
	{ "add", tool_add, N_("distrust a certificate, key or name of your own") },
	{ "remove", tool_remove, N_("take such a decision back") },
	{ "enable", tool_enable, N_("refuse what an opt-in group lists") },
	{ "disable", tool_disable, N_("refuse no more what a group lists") },
	{ "apply", tool_apply, N_("make own decisions take effect") },
	{ "import", tool_import, N_("make own decisions of another list") },
	{ "export", tool_export, N_("write the list in the form of others") },
	{ "filter", tool_filter, N_("take distrusted certificates out of a bundle") },
	{ "list", tool_list, N_("list the incidents, or search them") },
	{ "show", tool_show, N_("tell what is known of an incident") },
	{ "install", tool_install, N_("make programs refuse what is distrusted") },
	{ "uninstall", tool_uninstall, N_("take back what install did") },
	{ "status", tool_status, N_("prove which programs refuse it") },
	{ "verify", tool_verify, N_("check all of a catalog file") },
	{ "audit", tool_audit, N_("check what a folder of sources says") },
	{ "nss-ask", tool_nss_ask, NULL },	/* a process of status */
};

static int
usage(FILE *to)
{
	fputs(_("usage: distrust COMMAND [ARGUMENT]...\n\n"), to);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (commands[i].help != NULL)
			fprintf(to, "  %-10s %s\n", commands[i].name,
				_(commands[i].help));
	}
	fputs(_("\n'distrust COMMAND --help' says more about each, "
	      "'distrust --version' which list\nthis is.  "
	      "Exit status: 0 fine, 1 found or distrusted, 2 could not do "
	      "it.\n"), to);
	return to == stdout ? TOOL_FINE : TOOL_FAILED;
}

/* What programs read is English. */
static bool
is_for_a_person(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			return false;
	}
	return argc < 2 || strcmp(argv[1], "nss-ask") != 0;
}

int
main(int argc, char **argv)
{
	if (is_for_a_person(argc, argv))
		words_begin();
	if (argc < 2)
		return usage(stderr);
	if (strcmp(argv[1], "--help") == 0)
		return told_all(usage(stdout));
	if (strcmp(argv[1], "--version") == 0)
		return told_all(tool_version(argc - 1, argv + 1));
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(argv[1], commands[i].name) == 0)
			return told_all(commands[i].run(argc - 1, argv + 1));
	}
	fprintf(stderr, _("distrust: unknown command '%s'\n\n"), argv[1]);
	return usage(stderr);
}
