/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust export: what is in force, in the form of others, for what no
 * module reaches.  Whatever a form cannot say is counted and told: a list
 * must not look complete where it is not.
 */

#include "exchange/export.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/output.h"
#include "base/words.h"
#include "certificates/judge.h"
#include "der.h"
#include "show/describe.h"
#include "tool.h"
#include "verify/loaded.h"

static const struct export_form *const forms[] = {
	&export_p11kit, &export_pem, &export_openssl, &export_certdata,
	&export_jdk, &export_digests, &export_chromium, &export_firefox,
	&export_onecrl, &export_macos, &export_windows,
};

enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

/* ---- For writers ------------------------------------------------------- */

struct bytes
export_bytes(const struct export *x, struct catalog_span span)
{
	return catalog_bytes(x->catalog, span);
}

struct bytes
export_serial(const struct export *x, const struct catalog_entry *e)
{
	struct bytes der = export_bytes(x, e->serial), serial;

	return der_integer(der, &serial) ? serial :
		(struct bytes){ der.p, 0 };
}

void
export_label(const struct export *x, const struct catalog_entry *e)
{
	describe_text(x->out, export_bytes(x, e->label));
}

/* In lines of 64 characters if there is an indent. */
void
export_base64(FILE *out, struct bytes octets, const char *indent)
{
	enum { LINE = 48 };
	unsigned char text[LINE / 3 * 4 + 1];

	for (size_t i = 0; i < octets.n; i += LINE) {
		size_t n = octets.n - i < LINE ? octets.n - i : LINE;

		EVP_EncodeBlock(text, octets.p + i, (int)n);
		if (indent != NULL)
			fprintf(out, "%s%s\n", indent, (const char *)text);
		else
			fputs((const char *)text, out);
	}
}

/* `form` begins each octet: "", "%", "\\x". */
void
export_hex(FILE *out, struct bytes octets, const char *form)
{
	for (size_t i = 0; i < octets.n; i++)
		fprintf(out, "%s%02x", form, octets.p[i]);
}

/* ---- Entries ----------------------------------------------------------- */

struct work {
	struct export x;
	const struct export_form *form;
	const char *group;
	struct judge judge;
	bool has_group;			/* an entry of that group was there */
	unsigned long left, names, keys, certificates, wider, narrower;
};

static bool
is_of_group(const struct work *w, const struct catalog *c,
	    const struct catalog_entry *e)
{
	const struct catalog_group *g = catalog_group(c, e->group);
	struct bytes name;

	if (w->group == NULL)
		return true;
	if (g == NULL)
		return false;
	name = catalog_bytes(c, g->name);
	return name.n == strlen(w->group) &&
	       memcmp(name.p, w->group, name.n) == 0;
}

/* Whether an entry may go into the form at all: one that speaks of some uses
 * or a day must not become one for everything. */
static bool
suits(const struct work *w, const struct catalog_entry *e)
{
	if (e->after != 0 && !(w->form->can & EXPORT_AFTER))
		return false;
	return (w->form->can & EXPORT_USAGE) != 0 ||
	       (e->flags & CATALOG_USAGE_SERVER) != 0;
}

static void
count_lost(struct work *w, uint32_t flags, uint32_t carried)
{
	const uint32_t lost = flags & ~carried;
	const uint32_t usages = flags & CATALOG_USAGE_ALL;

	w->names += (lost & CATALOG_MATCH_NAME) != 0;
	w->keys += (lost & CATALOG_MATCH_KEY) != 0;
	w->certificates += (lost & CATALOG_MATCH_CERTIFICATE) != 0;
	if (w->form->can & EXPORT_SERVER)
		w->narrower += usages != CATALOG_USAGE_SERVER;
	else if (!(w->form->can & EXPORT_USAGE))
		w->wider += usages != CATALOG_USAGE_ALL;
}

/* A judge_visit. */
static int
visit(void *arg, const struct catalog *c, const struct catalog_entry *e)
{
	struct work *w = arg;
	uint32_t carried;

	if (!is_of_group(w, c, e))
		return 0;
	w->has_group = true;
	w->x.catalog = c;
	carried = w->form->entry != NULL && suits(w, e) ?
		w->form->entry(&w->x, e) : 0;
	if (carried == 0) {
		w->left++;
		return 0;
	}
	w->x.count++;
	count_lost(w, e->flags, carried);
	return 0;
}

/* ---- Telling what is lost ---------------------------------------------- */

static void
say(const struct work *w)
{
	const struct {
		unsigned long count;
		const char *what;
	} lost[] = {
		{ w->left, N_("left out, which it cannot express") },
		{ w->certificates, N_("without the certificate itself") },
		{ w->names, N_("without the rule by name") },
		{ w->keys, N_("without the rule by key") },
		{ w->wider, N_("for all uses, though meant for some") },
		{ w->narrower, N_("for servers, though meant for more") },
	};

	for (size_t i = 0; i < sizeof(lost) / sizeof(*lost); i++) {
		if (lost[i].count > 0)
			fprintf(stderr, _("distrust export: %s: %lu %s\n"),
				w->form->name, lost[i].count, _(lost[i].what));
	}
}

/* ---- The command ------------------------------------------------------- */

static int
write_all(struct work *w)
{
	if (w->form->begin != NULL)
		w->form->begin(&w->x);
	judge_each(&w->judge, visit, w);
	if (w->form->end != NULL)
		w->form->end(&w->x);
	return ferror(w->x.out) != 0 || fflush(w->x.out) != 0 ? -1 : 0;
}

static int
write_to(struct work *w, const char *path, struct fault *fault)
{
	struct output output;

	if (path == NULL) {
		w->x.out = stdout;
		return write_all(w) == 0 ? 0 :
			fault_errno(fault, "standard output",
				    "a place to write to");
	}
	if (output_begin(&output, path, fault) != 0)
		return -1;
	w->x.out = output.file;
	write_all(w);
	return output_commit(&output, fault);
}

/* The lists: those in force here, or one catalog by its own defaults. */
static int
open_lists(struct work *w, const char *catalog, struct loaded *file,
	   struct fault *fault)
{
	if (catalog == NULL)
		return judge_begin_user(&w->judge, CATALOG_USAGE_ALL, fault);
	if (loaded_open(file, catalog, fault) != 0)
		return -1;
	w->judge = (struct judge){ .usages = CATALOG_USAGE_ALL,
				   .counts_later = true };
	lists_add(&w->judge.lists, &file->catalog);
	return 0;
}

static int
export_list(struct work *w, const char *catalog, const char *path)
{
	struct fault fault = { "" };
	struct loaded file = { .base = NULL };
	int rv = open_lists(w, catalog, &file, &fault);

	if (rv == 0)
		rv = write_to(w, path, &fault);
	if (rv == 0 && w->group != NULL && !w->has_group)
		rv = fault_at(&fault, w->group, 0, "nothing in force has that "
			      "name; one from `distrust list`");
	if (rv == 0)
		say(w);
	else
		fprintf(stderr, "%s\n", fault.text);
	if (catalog == NULL)
		judge_end(&w->judge);
	else if (file.base != NULL)
		loaded_close(&file);
	return rv == 0 ? TOOL_FINE : TOOL_FAILED;
}

static int
usage(FILE *to)
{
	fputs(_("usage: distrust export [OPTION]... FORMAT\n"
	      "\n"
	      "Writes what is in force in another form; what that cannot carry "
	      "is told.\n"
	      "\n"
	      "  -o, --output FILE  write there\n"
	      "  --group NAME       one incident alone\n"
	      "  --catalog FILE     a catalog instead of what is in force\n"
	      "\n"
	      "Formats:\n"), to);
	for (size_t i = 0; i < FORMS; i++)
		fprintf(to, "  %-12s %s\n", forms[i]->name,
			_(forms[i]->help));
	return to == stdout ? TOOL_FINE : TOOL_FAILED;
}

static const struct export_form *
find_form(const char *name)
{
	for (size_t i = 0; i < FORMS; i++) {
		if (strcmp(forms[i]->name, name) == 0)
			return forms[i];
	}
	return NULL;
}

int
tool_export(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "group", required_argument, NULL, 'g' },
		{ "catalog", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *catalog = NULL, *path = NULL;
	struct work w = { .group = NULL };
	int option;

	while ((option = getopt_long(argc, argv, "o:h", longs, NULL)) != -1) {
		if (option == 'o')
			path = optarg;
		else if (option == 'g')
			w.group = optarg;
		else if (option == 'c')
			catalog = optarg;
		else
			return usage(option == 'h' ? stdout : stderr);
	}
	if (argc - optind != 1)
		return usage(stderr);
	w.form = find_form(argv[optind]);
	if (w.form == NULL) {
		fprintf(stderr, _("distrust export: unknown format '%s'\n"),
			argv[optind]);
		return TOOL_FAILED;
	}
	return export_list(&w, catalog, path);
}
