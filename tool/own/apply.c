/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust apply: what a person or a program wrote among the own sources
 * takes effect.  It knows its command line; own.h does the work.
 */

#include <getopt.h>
#include <stdio.h>

#include "own/own.h"
#include "base/words.h"
#include "tool.h"

static int
usage(FILE *to)
{
	fputs(_("usage: distrust apply [OPTION]...\n"
	      "\n"
	      "Compiles the own decisions, /etc/p11-distrust or the user's\n"
	      "$XDG_CONFIG_HOME/p11-distrust, into the catalog that the "
	      "module reads.\nPrograms see it when they start next.\n"
	      "\n"), to);
	own_usage(to);
	return to == stdout ? TOOL_FINE : TOOL_FAILED;
}

static int
apply(const struct own_scope *scope, bool json)
{
	struct fault fault = { "" };
	struct own_made made;
	struct own own;
	int rv = own_begin(&own, scope, false, &fault);

	if (rv == 0)
		rv = own_apply(&own, &made);
	if (rv == 0)
		own_say(&own, &made, json);
	else
		fprintf(stderr, "%s\n", fault.text);
	own_end(&own, true);
	return rv == 0 ? TOOL_FINE : TOOL_FAILED;
}

int
tool_apply(int argc, char **argv)
{
	struct own_scope scope = { .root = NULL };
	bool json = false;
	int option = own_read_options(&scope, &json, argc, argv);

	if (option != -1)
		return usage(option == 'h' ? stdout : stderr);
	return optind == argc ? apply(&scope, json) : usage(stderr);
}
