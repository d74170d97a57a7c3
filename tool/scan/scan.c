/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust scan: which stores of certificates on this machine hold what is
 * distrusted, and whether those who read them are protected all the same.
 * It reads; with --remove it asks, and takes out.
 */

#include "scan/scan.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/told.h"
#include "base/words.h"
#include "check/tell.h"
#include "install/protect.h"
#include "tool.h"

struct options {
	bool json;
	bool removes;
	bool is_sure;		/* --yes */
	const char *module;
};

/* ---- Protection --------------------------------------------------------- */

static const char *const states[] = {
	[TARGET_PROTECTED] = N_("protected"),
	[TARGET_EXPOSED] = N_("not protected"),
	[TARGET_BEYOND] = N_("beyond reach"),
	[TARGET_UNKNOWN] = N_("unknown"),
};

/* Asks the program that reads the place, as status does. */
static void
prove(const struct target_place *place, const struct target_options *options,
      struct target_verdict *verdict)
{
	struct fault fault = { "" };

	if (place->beyond[0] != '\0')
		target_verdict(verdict, TARGET_BEYOND, "%s", place->beyond);
	else if (place->target->prove(place, options, verdict, &fault) != 0)
		target_verdict(verdict, TARGET_UNKNOWN, "It could not be "
			       "asked: %s", fault.text);
}

/* A database is a place of its own; other stores are read through what their
 * target protects as a whole: the worst of its places counts. */
static void
ask_places(const struct scan_store *s, const struct target_options *options,
	   const struct buffer *places, struct target_verdict *verdict)
{
	const struct target_place *place = places->p;
	struct target_verdict one;
	bool any = false;

	for (size_t i = 0; i < places->n / sizeof(*place); i++) {
		if (s->kind == SCAN_NSS && strcmp(place[i].path, s->path) != 0)
			continue;
		prove(&place[i], options, &one);
		if (!any || one.state > verdict->state)
			*verdict = one;
		any = true;
	}
}

static void
protection(const struct scan_store *s, const char *module,
	   struct target_verdict *verdict)
{
	struct target_options options = {
		.scope = s->scope, .module = module, .names = &s->target,
		.names_count = 1,
	};
	struct buffer places = { 0 };
	struct fault fault = { "" };

	target_verdict(verdict, TARGET_EXPOSED,
		       "Nothing protects those who read it.");
	if (s->target == NULL)
		return;
	if (s->home[0] != '\0')
		setenv("HOME", s->home, 1);
	if (target_places(&options, &places, &fault) != 0)
		target_verdict(verdict, TARGET_UNKNOWN, "%s", fault.text);
	else
		ask_places(s, &options, &places, verdict);
	buffer_free(&places);
}

/* ---- Telling ------------------------------------------------------------ */

static void
tell_person(const struct scan *scan, const struct scan_finding *f,
	    const struct target_verdict *verdict, const char *command)
{
	const struct scan_store *s = scan_store_at(scan, f->store);

	printf("%s (%s%s%s)\n", f->path, _(s->title), f->name[0] ? ": " : "",
	       f->name);
	tell_finding(stdout, (struct bytes){ f->der.p, f->der.n },
		     _(judge_rule_text(f->why.rule)), &f->why);
	printf(_("  %s: %s\n  To remove it: %s\n"),
	       _(states[verdict->state]), verdict->why, command);
}

static void
tell_program(const struct scan *scan, const struct scan_finding *f,
	     const struct target_verdict *verdict, const char *command)
{
	const struct scan_store *s = scan_store_at(scan, f->store);
	json_t *object = tell_json((struct bytes){ f->der.p, f->der.n },
				   judge_rule_text(f->why.rule), &f->why);

	int rv;

	rv = json_object_set_new(object, "store", json_string(s->title)) |
	     json_object_set_new(object, "path", json_string(f->path));
	if (f->name[0] != '\0')
		rv |= json_object_set_new(object, "name",
					  json_string(f->name));
	rv |= json_object_set_new(object, "protection",
				  json_string(states[verdict->state])) |
	      json_object_set_new(object, "why", json_string(verdict->why)) |
	      json_object_set_new(object, "remove", json_string(command));
	told_json(stdout, object, rv, JSON_COMPACT);
}

static int
tell(const struct scan *scan, const struct options *options)
{
	struct target_verdict verdict = { TARGET_UNKNOWN, "" };
	size_t asked = SIZE_MAX;

	for (size_t i = 0; i < scan_count(scan); i++) {
		const struct scan_finding *f = scan_at(scan, i);
		struct buffer command = { 0 };

		if (f->store != asked)
			protection(scan_store_at(scan, f->store),
				   options->module, &verdict);
		asked = f->store;
		if (scan_command(scan, f, &command) != 0 ||
		    buffer_add(&command, "", 1) != 0) {
			buffer_free(&command);
			return -1;
		}
		(options->json ? tell_program : tell_person)
			(scan, f, &verdict, command.p);
		buffer_free(&command);
	}
	return 0;
}

static void
tell_trouble(const struct scan *scan, const char *text)
{
	if (scan->json)
		told_json(stdout, json_pack("{s:s}", "error", text), 0,
			  JSON_COMPACT);
	else
		fprintf(stderr, "distrust scan: %s\n", text);
}

/* ---- Removing ------------------------------------------------------------ */

static bool
is_wanted(const struct scan_finding *f, const struct options *options)
{
	char answer[8] = "";

	if (options->is_sure)
		return true;
	printf(_("Remove it from %s? [y/N] "), f->path);
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	       (answer[0] == 'y' || answer[0] == 'Y');
}

/* A folder for each run, so that no copy takes another one's place. */
static bool
backup_folder(char out[static PATHS_MAX])
{
	char data[PATHS_MAX] = "/var/lib", name[64];
	time_t now = time(NULL);
	struct tm utc;

	if (geteuid() != 0)
		paths_user(data, PATHS_DATA);
	return data[0] != '\0' && gmtime_r(&now, &utc) != NULL &&
	       strftime(name, sizeof(name),
			"p11-distrust/removed/%Y-%m-%dT%H%M%SZ", &utc) > 0 &&
	       paths_join(out, data, name);
}

static bool
is_pending(const char *const *makers, size_t count, const char *maker)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(makers[i], maker) == 0)
			return true;
	}
	return false;
}

static int
make_anew(const char *const *makers, size_t count)
{
	struct fault fault = { "" };
	int rv = 0;

	for (size_t i = 0; i < count; i++) {
		if (scan_make_anew(makers[i], &fault) != 0) {
			fprintf(stderr, "distrust scan: %s\n", fault.text);
			rv = -1;
		}
	}
	return rv;
}

/* How many are left. */
static size_t
remove_all(struct scan *scan, const struct options *options)
{
	enum { MAKERS = 4 };
	const char *makers[MAKERS];
	char backup[PATHS_MAX];
	size_t left = 0, pending = 0;

	if (!backup_folder(backup))
		return scan_count(scan);
	for (size_t i = 0; i < scan_count(scan); i++) {
		const struct scan_finding *f = scan_at(scan, i);
		const char *maker = scan_store_at(scan, f->store)->maker;
		struct fault fault = { "" };

		if (!is_wanted(f, options)) {
			left++;
			continue;
		}
		if (scan_remove(scan, f, backup, &fault) != 0) {
			fprintf(stderr, "distrust scan: %s\n", fault.text);
			left++;
			continue;
		}
		if (maker != NULL && pending < MAKERS &&
		    !is_pending(makers, pending, maker))
			makers[pending++] = maker;
	}
	if (make_anew(makers, pending) != 0)
		left++;
	if (left < scan_count(scan) && !options->json)
		printf(_("What was changed stands as it was in %s.\n"),
		       backup);
	return left;
}

/* ---- The command --------------------------------------------------------- */

static int
usage(FILE *to)
{
	fputs(_("usage: distrust scan [OPTION]...\n\n"
	      "Looks for distrusted certificates in every store of this "
	      "machine: p11-kit,\nCA bundles and folders, profiles of "
	      "browsers and mail programs, keystores of\nJava, and what "
	      "SSL_CERT_FILE and its like name.  Root looks at the profiles "
	      "of\nall users.\n\n"
	      "  --remove       take them out, after asking for each; keeps "
	      "what was there\n"
	      "  --yes          with --remove: ask nothing\n"
	      "  --module FILE  where the module is\n"
	      "  --json         a line of JSON for each certificate\n\n"
	      "Exit status: 0 there is none, 1 there is one, 2 a store could "
	      "not be read.\n"), to);
	return to == stdout ? TOOL_FINE : TOOL_FAILED;
}

/* -1 to go on. */
static int
read_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "remove", no_argument, NULL, 'r' },
		{ "yes", no_argument, NULL, 'y' },
		{ "module", required_argument, NULL, 'm' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	o->module = MODULE_PATH;
	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (option) {
		case 'r': o->removes = true; break;
		case 'y': o->is_sure = true; break;
		case 'm': o->module = optarg; break;
		case 'j': o->json = true; break;
		default: return usage(option == 'h' ? stdout : stderr);
		}
	}
	return optind < argc ? usage(stderr) : -1;
}

static void
draw_bar(const struct scan *scan, size_t done)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, done < scan_store_count(scan) ?
			"\r%zu of %zu stores" : "\r\033[K",
			done + 1, scan_store_count(scan));
}

static int
look_everywhere(struct scan *scan, struct fault *fault)
{
	if (scan_stores(scan, fault) != 0)
		return -1;
	for (size_t i = 0; i < scan_store_count(scan); i++) {
		draw_bar(scan, i);
		if (scan_look(scan, i) != 0)
			return fault_memory(fault);
	}
	draw_bar(scan, scan_store_count(scan));
	return 0;
}

int
tool_scan(int argc, char **argv)
{
	struct options options = { .json = false };
	struct scan scan = { .troubled = tell_trouble };
	struct fault fault = { "" };
	size_t left;
	int rv = read_options(&options, argc, argv);

	if (rv >= 0)
		return rv;
	scan.json = options.json;
	if (judge_begin_user(&scan.judge, CATALOG_USAGE_ALL, &fault) != 0) {
		scan.troubles++;
		tell_trouble(&scan, fault.text);
		fault.text[0] = '\0';
	}
	rv = look_everywhere(&scan, &fault);
	if (rv == 0 && tell(&scan, &options) != 0)
		rv = fault_memory(&fault);
	if (rv != 0)
		fprintf(stderr, "distrust scan: %s\n", fault.text);
	left = scan_count(&scan);
	if (rv == 0 && options.removes)
		left = remove_all(&scan, &options);
	else if (rv == 0 && left == 0 && scan.troubles == 0 && !options.json)
		printf(_("%zu stores, nothing distrusted in them.\n"),
		       scan_store_count(&scan));
	if (rv != 0 || scan.troubles > 0)
		rv = TOOL_FAILED;
	else
		rv = left > 0 ? TOOL_FOUND : TOOL_FINE;
	scan_free(&scan);
	judge_end(&scan.judge);
	return rv;
}
