/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* The command line and report of install, uninstall and status. */

#define _XOPEN_SOURCE 700	/* realpath() */

#include "install/protect.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/paths.h"
#include "base/told.h"
#include "base/words.h"
#include "tool.h"

_Static_assert((int)TARGET_PATH == (int)PATHS_MAX, "one length for all paths");

static char module_path[PATHS_MAX], profile_path[PATHS_MAX];

/* ---- The command line ------------------------------------------------- */

/* A target that is one program needs no explanation. */
static bool
explains_itself(const struct target *t)
{
	return strchr(t->title, ',') == NULL;
}

static void
usage_targets(FILE *to)
{
	const struct target *t;
	const char *separator = "  ";

	fputs(_("\nTargets, all of them unless some are named:\n"), to);
	for (size_t i = 0; (t = target_at(i)) != NULL; i++) {
		if (!explains_itself(t))
			continue;
		fprintf(to, "%s%s%s", separator, t->name,
			t->on_request ? _(" (only if named)") : "");
		separator = ", ";
	}
	fputc('\n', to);
	for (size_t i = 0; (t = target_at(i)) != NULL; i++) {
		if (!explains_itself(t))
			fprintf(to, "  %-12s %s\n", t->name,
				_(t->title));
	}
}

static int
usage(FILE *to, const char *command, unsigned allowed, const char *help)
{
	fprintf(to, _("usage: distrust %s [OPTION]... [TARGET]...\n\n%s\n"),
		command, _(help));
	fputs(_("  --user           what is the user's own\n"
	      "  --system         what is the machine's\n"
	      "  --profile DIR    this profile or NSS database alone\n"
	      "  --module FILE    where the module is\n"
	      "  --json           tell a program\n"), to);
	if (allowed & PROTECT_CHANGES)
		fputs(_("  --dry-run        change nothing, say what would be\n"),
		      to);
	if (allowed & PROTECT_STRICT)
		fputs(_("  --strict         with --system: nobody may click "
		      "through Chromium's warnings\n"
		      "  --proxy yes|no   with --system: whether p11-kit-proxy "
		      "shows the module\n"), to);
	usage_targets(to);
	return to == stdout ? TOOL_FINE : TOOL_FAILED;
}

static int
complain(const char *command, const char *what, const char *about)
{
	fprintf(stderr, "distrust %s: %s%s\n", command, _(what), about);
	return TOOL_FAILED;
}

static int
check_names(const struct protect *p, const char *command)
{
	for (size_t i = 0; i < p->options.names_count; i++) {
		if (target_named(p->options.names[i]) == NULL)
			return complain(command, "no such target: ",
					p->options.names[i]);
	}
	return -1;
}

/* An absolute path of something that is there: it is written into files that
 * are read from elsewhere.  One that is absolute stays as it is, since links
 * may be what keeps it true (NixOS). */
static const char *
resolve(const char *path, char out[static PATHS_MAX])
{
	char *real = realpath(path, NULL);
	int n = -1;

	if (path != NULL && real != NULL)
		n = snprintf(out, PATHS_MAX, "%s",
			     path[0] == '/' ? path : real);
	free(real);
	return n >= 0 && n < PATHS_MAX ? out : NULL;
}

static int
resolve_paths(struct protect *p, const char *command, bool needs_module)
{
	const char *asked = p->options.module;

	p->options.module = resolve(asked, module_path);
	if (p->options.module == NULL && needs_module)
		return complain(command, "the module is not there: ", asked);
	if (p->options.module == NULL)
		p->options.module = asked;
	if (p->options.profile == NULL)
		return -1;
	asked = p->options.profile;
	p->options.profile = resolve(asked, profile_path);
	if (p->options.profile == NULL || !paths_is_folder(profile_path))
		return complain(command, "no such folder: ", asked);
	return -1;
}

/* Whether a sub-command has an option. */
static bool
is_allowed(int option, unsigned allowed)
{
	if (option == 'n')
		return allowed & PROTECT_CHANGES;
	return (option != 'x' && option != 'P') || (allowed & PROTECT_STRICT);
}

static bool
take_proxy(struct protect *p, const char *word)
{
	p->options.proxy = strcmp(word, "yes") == 0 ? TARGET_PROXY_YES :
						      TARGET_PROXY_NO;
	return strcmp(word, "yes") == 0 || strcmp(word, "no") == 0;
}

static bool
take(struct protect *p, int option)
{
	switch (option) {
	case 'u': p->options.scope |= TARGET_USER; return true;
	case 's': p->options.scope |= TARGET_SYSTEM; return true;
	case 'x': p->options.is_strict = true; return true;
	case 'P': return take_proxy(p, optarg);
	case 'p': p->options.profile = optarg; return true;
	case 'm': p->options.module = optarg; return true;
	case 'n': p->is_dry = true; return true;
	case 'j': p->is_json = true; return true;
	default: return false;
	}
}

int
protect_begin(struct protect *p, int argc, char **argv, unsigned allowed,
	      unsigned scope, const char *help)
{
	static const struct option longs[] = {
		{ "user", no_argument, NULL, 'u' },
		{ "system", no_argument, NULL, 's' },
		{ "strict", no_argument, NULL, 'x' },
		{ "proxy", required_argument, NULL, 'P' },
		{ "profile", required_argument, NULL, 'p' },
		{ "module", required_argument, NULL, 'm' },
		{ "dry-run", no_argument, NULL, 'n' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option, rv;

	memset(p, 0, sizeof(*p));
	p->options.module = MODULE_PATH;
	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (!is_allowed(option, allowed) || !take(p, option))
			return usage(option == 'h' ? stdout : stderr, argv[0],
				     allowed, help);
	}
	p->options.names = (const char *const *)argv + optind;
	p->options.names_count = (size_t)(argc - optind);
	if (p->options.scope == 0)
		p->options.scope = p->options.profile != NULL ? TARGET_USER :
								scope;
	rv = check_names(p, argv[0]);
	if (rv < 0)
		rv = resolve_paths(p, argv[0], allowed & PROTECT_STRICT);
	if (rv < 0 && (p->report = json_array()) == NULL)
		rv = complain(argv[0], "out of memory", "");
	return rv;
}

/* ---- Places ----------------------------------------------------------- */

static int
visit_scope(struct protect *p, unsigned scope, protect_visit *visit,
	    struct fault *fault)
{
	const unsigned scopes = p->options.scope;
	struct buffer places = { 0 };
	const struct target_place *place;
	int rv;

	p->options.scope = scope;
	rv = target_places(&p->options, &places, fault);
	place = places.p;
	for (size_t i = 0; rv == 0 && i < places.n / sizeof(*place); i++)
		rv = visit(p, &place[i]);
	p->options.scope = scopes;
	buffer_free(&places);
	return rv;
}

int
protect_places(struct protect *p, protect_visit *visit, struct fault *fault)
{
	static const unsigned scopes[] = { TARGET_USER, TARGET_SYSTEM };

	for (size_t i = 0; i < sizeof(scopes) / sizeof(*scopes); i++) {
		if ((p->options.scope & scopes[i]) != 0 &&
		    visit_scope(p, scopes[i], visit, fault) != 0)
			return -1;
	}
	return 0;
}

const char *
protect_scope(unsigned scope)
{
	return scope == TARGET_SYSTEM ? "system" : "user";
}

void
protect_kept(char out[static TARGET_PATH], unsigned scope)
{
	char data[PATHS_MAX];

	if (scope == TARGET_SYSTEM) {
		snprintf(out, TARGET_PATH, "/var/lib/p11-distrust/undo");
		return;
	}
	paths_user(data, PATHS_DATA);
	if (data[0] == '\0' || !paths_join(out, data, "p11-distrust/undo"))
		out[0] = '\0';
}

/* ---- The report -------------------------------------------------------- */

json_t *
protect_report(struct protect *p, const struct target_place *place)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:s}",
				   "target", place->target->name,
				   "scope", protect_scope(place->scope),
				   "title", place->title,
				   "path", place->path);

	p->wrong |= json_array_append_new(p->report, object);
	return object;
}

void
protect_end(struct protect *p)
{
	if (p->is_json)
		told_json(stdout, p->report, p->wrong, JSON_INDENT(2));
	else
		json_decref(p->report);
	p->report = NULL;
}
