/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust status: which programs refuse what is distrusted, each of them
 * asked.  It believes no file: a place is protected if it proved it.
 */

#include <stdio.h>
#include <unistd.h>

#include "install/protect.h"
#include "base/words.h"
#include "tool.h"

static const char *const words[] = {
	[TARGET_PROTECTED] = N_("protected"),
	[TARGET_EXPOSED] = N_("not protected"),
	[TARGET_BEYOND] = N_("beyond reach"),
	[TARGET_UNKNOWN] = N_("unknown"),
};

static const char *const colours[] = {
	[TARGET_PROTECTED] = "\033[32m",
	[TARGET_EXPOSED] = "\033[31m",
	[TARGET_BEYOND] = "\033[31m",
	[TARGET_UNKNOWN] = "\033[33m",
};

static size_t counts[sizeof(words) / sizeof(words[0])];

static void
judge(struct protect *p, const struct target_place *place,
      struct target_verdict *verdict)
{
	struct fault fault = { "" };

	if (place->beyond[0] != '\0')
		target_verdict(verdict, TARGET_BEYOND, "%s", place->beyond);
	else if (place->target->prove(place, &p->options, verdict,
				      &fault) != 0)
		target_verdict(verdict, TARGET_UNKNOWN, "It could not be "
			       "asked: %s", fault.text);
}

static int
visit(struct protect *p, const struct target_place *place)
{
	struct target_verdict verdict = { TARGET_UNKNOWN, "" };
	bool colourful = isatty(STDOUT_FILENO) != 0;
	json_t *object;

	judge(p, place, &verdict);
	counts[verdict.state]++;
	if (p->is_json) {
		object = protect_report(p, place);
		p->wrong |= json_object_set_new(object, "state",
					json_string(words[verdict.state])) |
			    json_object_set_new(object, "why",
					json_string(verdict.why));
		return 0;
	}
	printf("%s: %s%s%s\n    %s\n    %s\n", place->title,
	       colourful ? colours[verdict.state] : "",
	       _(words[verdict.state]),
	       colourful ? "\033[0m" : "", place->path, verdict.why);
	return 0;
}

int
tool_status(int argc, char **argv)
{
	struct fault fault = { "" };
	struct protect p;
	int rv = protect_begin(&p, argc, argv, 0, TARGET_USER | TARGET_SYSTEM,
			       N_("Says of each program that decides on "
			       "certificates whether it refuses what\nis "
			       "distrusted, and why not.  Each is asked about "
			       "a site under a name\nthat is distrusted and "
			       "a certificate made for the question.\n"));

	if (rv >= 0)
		return rv;
	if (protect_places(&p, visit, &fault) != 0) {
		fprintf(stderr, "%s\n", fault.text);
		counts[TARGET_UNKNOWN]++;
	}
	protect_end(&p);
	if (counts[TARGET_UNKNOWN] > 0)
		return TOOL_FAILED;
	return counts[TARGET_EXPOSED] + counts[TARGET_BEYOND] > 0 ?
		TOOL_FOUND : TOOL_FINE;
}
