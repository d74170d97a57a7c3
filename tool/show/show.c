/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust show: all that the list knows of an incident, for a person: who
 * did what, what browsers did, where to read it, and each certificate.
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "der.h"
#include "base/told.h"
#include "base/words.h"
#include "show/describe.h"
#include "show/listing.h"
#include "tool.h"

struct page {
	struct listing *listing;
	uint32_t *hits;		/* room for all entries */
	struct describe_style style;
	json_t *groups;		/* NULL: print for a person */
};

/* Where values stand. */
#define INCIDENT_COLUMN 12
#define ENTRY_COLUMN 16

/* ---- Lines ------------------------------------------------------------ */

/* Columns that a word takes in UTF-8. */
static size_t
width(const char *text)
{
	size_t columns = 0;

	for (; *text != '\0'; text++)
		columns += (*text & 0xc0) != 0x80;
	return columns;
}

static void
print_key(const struct page *p, size_t indent, size_t column, const char *key)
{
	const char *text = key[0] != '\0' ? _(key) : "";
	const size_t end = indent + width(text);

	printf("%*s%s%s%s%*s", (int)indent, "", p->style.dim, text,
	       p->style.plain, end < column ? (int)(column - end) : 1, "");
}

static void
print_value(const struct page *p, const char *key, struct bytes value)
{
	if (value.n == 0)
		return;
	print_key(p, 2, INCIDENT_COLUMN, key);
	describe_wrapped(stdout, value, INCIDENT_COLUMN);
}

static void
print_date(const struct page *p, const char *key, uint32_t date)
{
	if (date == 0)
		return;
	print_key(p, 2, INCIDENT_COLUMN, key);
	describe_date(stdout, date);
	fputc('\n', stdout);
}

static void
print_hex(const struct page *p, const char *key, struct bytes octets)
{
	if (octets.n == 0)
		return;
	print_key(p, 4, ENTRY_COLUMN, key);
	describe_hex(stdout, octets);
	fputc('\n', stdout);
}

static void
print_name(const struct page *p, const char *key, struct bytes name)
{
	if (name.n == 0)
		return;
	print_key(p, 4, ENTRY_COLUMN, key);
	describe_print_name(stdout, name);
	fputc('\n', stdout);
}

static struct bytes
take_line(struct bytes *text)
{
	const uint8_t *end = memchr(text->p, '\n', text->n);
	size_t n = end != NULL ? (size_t)(end - text->p) : text->n;
	struct bytes line = { text->p, n };

	n += end != NULL;
	text->p += n;
	text->n -= n;
	return line;
}

static void
print_references(const struct page *p, struct bytes text)
{
	const char *key = N_("Read");

	for (; text.n > 0; key = "") {
		print_key(p, 2, INCIDENT_COLUMN, key);
		describe_wrapped(stdout, take_line(&text), INCIDENT_COLUMN);
	}
}

/* Who confirms it, a line each; then a note, which its line calls so. */
static void
print_evidence(const struct page *p, struct bytes text)
{
	static const char mark[] = "note: ";
	const size_t skip = sizeof(mark) - 1;
	const char *key = N_("Confirmed");

	for (; text.n > 0; key = "") {
		struct bytes line = take_line(&text);

		if (line.n >= skip && memcmp(line.p, mark, skip) == 0) {
			key = N_("Note");
			line = (struct bytes){ line.p + skip, line.n - skip };
		}
		print_key(p, 4, ENTRY_COLUMN, key);
		describe_wrapped(stdout, line, ENTRY_COLUMN);
	}
}

/* ---- Entries ---------------------------------------------------------- */

static void
print_matches(const struct page *p, uint32_t flags)
{
	print_key(p, 4, ENTRY_COLUMN, N_("Refuses"));
	printf("%s%s%s%s%s\n",
	       flags & CATALOG_MATCH_CERTIFICATE ? _("this certificate") : "",
	       flags & CATALOG_MATCH_CERTIFICATE &&
	       flags & CATALOG_MATCH_NAME ? ", " : "",
	       flags & CATALOG_MATCH_NAME ? _("all that this name issued") : "",
	       flags & CATALOG_MATCH_KEY &&
	       flags & (CATALOG_MATCH_CERTIFICATE | CATALOG_MATCH_NAME)
	       ? ", " : "",
	       flags & CATALOG_MATCH_KEY ? _("all that has this key") : "");
}

/* Only where it is not for everything. */
static void
print_usages(const struct page *p, uint32_t flags)
{
	static const struct {
		uint32_t flag;
		const char *word;
	} usages[] = {
		{ CATALOG_USAGE_SERVER, N_("servers") },
		{ CATALOG_USAGE_CLIENT, N_("clients") },
		{ CATALOG_USAGE_EMAIL, N_("mail") },
		{ CATALOG_USAGE_CODE, N_("software") },
	};
	const char *separator = "";

	if ((flags & CATALOG_USAGE_ALL) == CATALOG_USAGE_ALL)
		return;
	print_key(p, 4, ENTRY_COLUMN, N_("Only for"));
	for (size_t i = 0; i < sizeof(usages) / sizeof(*usages); i++) {
		if ((flags & usages[i].flag) == 0)
			continue;
		printf("%s%s", separator, _(usages[i].word));
		separator = ", ";
	}
	fputc('\n', stdout);
}

static void
print_day(const uint8_t *digits)
{
	printf("%.4s-%.2s-%.2s", (const char *)digits,
	       (const char *)digits + 4, (const char *)digits + 6);
}

static void
print_dates(const struct page *p, const struct catalog_entry *e)
{
	const struct catalog *c = &p->listing->catalog;
	struct bytes dates = catalog_fixed(c, e->dates, CATALOG_DATES);
	struct bytes after = catalog_fixed(c, e->after, CATALOG_AFTER);

	if (dates.n != 0) {
		print_key(p, 4, ENTRY_COLUMN, N_("Valid"));
		print_day(dates.p);
		fputs(_(" to "), stdout);
		print_day(dates.p + 8);
		fputc('\n', stdout);
	}
	if (after.n != 0) {
		print_key(p, 4, ENTRY_COLUMN, N_("Only after"));
		printf(_("%s%.2s-%.2s-%.2s: what was issued earlier stays "
			 "valid\n"), after.p[0] < '5' ? "20" : "19",
		       (const char *)after.p, (const char *)after.p + 2,
		       (const char *)after.p + 4);
	}
}

static void
print_entry(const struct page *p, const struct catalog_entry *e)
{
	const struct catalog *c = &p->listing->catalog;
	struct bytes subject = catalog_bytes(c, e->subject);
	struct bytes issuer = catalog_bytes(c, e->issuer);
	struct bytes serial = { NULL, 0 };

	printf("\n  %s", p->style.bold);
	describe_text(stdout, catalog_bytes(c, e->label));
	printf("%s\n", p->style.plain);
	print_name(p, N_("Subject"), subject);
	if (issuer.n != subject.n || memcmp(issuer.p, subject.p, issuer.n) != 0)
		print_name(p, N_("Issuer"), issuer);
	if (der_integer(catalog_bytes(c, e->serial), &serial))
		print_hex(p, N_("Serial"), serial);
	print_hex(p, N_("SHA-256"), catalog_fixed(c, e->sha256, CATALOG_SHA256));
	print_hex(p, N_("SHA-1"), catalog_fixed(c, e->sha1, CATALOG_SHA1));
	print_hex(p, N_("Key SHA-256"),
		  catalog_fixed(c, e->spki_sha256, CATALOG_SHA256));
	print_dates(p, e);
	print_matches(p, e->flags);
	print_usages(p, e->flags);
	print_evidence(p, catalog_bytes(c, e->evidence));
}

/* ---- Incidents -------------------------------------------------------- */

static void
print_incident(const struct page *p, const struct catalog_group *g)
{
	const struct catalog *c = &p->listing->catalog;
	const char *heading;

	heading = _(describe_heading(describe_reason(catalog_bytes(
			c, g->reason))));
	printf("%s", p->style.bold);
	describe_text(stdout, catalog_bytes(c, g->title));
	printf("%s\n", p->style.plain);
	print_value(p, N_("Name"), catalog_bytes(c, g->name));
	print_value(p, N_("Reason"), (struct bytes){
			(const uint8_t *)heading, strlen(heading) });
	print_value(p, N_("Country"), catalog_bytes(c, g->country));
	print_value(p, N_("By"), catalog_bytes(c, g->actor));
	print_date(p, N_("Began"), g->began);
	print_date(p, N_("Blocked"), g->blocked);
	print_key(p, 2, INCIDENT_COLUMN, N_("Default"));
	printf("%s\n", (g->flags & CATALOG_GROUP_ON) != 0
	       ? _("on") : _("opt-in: off until you switch it on"));
	print_value(p, N_("Because"), catalog_bytes(c, g->argument));
	fputs("\n  ", stdout);
	describe_wrapped(stdout, catalog_bytes(c, g->story), 2);
	fputc('\n', stdout);
	print_references(p, catalog_bytes(c, g->references));
}

/* One incident with the entries in p->hits. */
static int
show_group(struct page *p, uint32_t group, uint32_t hits)
{
	const struct catalog *c = &p->listing->catalog;

	if (p->groups != NULL)
		return json_array_append_new(p->groups, describe_json(
				c, group, p->hits, hits));
	print_incident(p, catalog_group(c, group));
	for (uint32_t i = 0; i < hits; i++)
		print_entry(p, catalog_entry(c, p->hits[i]));
	fputc('\n', stdout);
	return 0;
}

/* ---- The command ------------------------------------------------------ */

/* Whether a term is the name of a group, and not of another one. */
static bool
is_named(const struct catalog *c, uint32_t group, const char *term)
{
	struct bytes name = catalog_bytes(c, catalog_group(c, group)->name);

	return name.n == strlen(term) && memcmp(name.p, term, name.n) == 0;
}

/* The group of this name; otherwise all that a search hits. */
static int
show_term(struct page *p, char **term, struct fault *fault)
{
	const struct catalog *c = &p->listing->catalog;
	struct listing_search search = { .terms = term, .count = 1 };
	uint32_t named = 0, shown = 0;

	while (named < catalog_groups(c) && !is_named(c, named, *term))
		named++;
	for (uint32_t i = 0; i < catalog_groups(c); i++) {
		uint32_t hits;

		if (named < catalog_groups(c) && i != named)
			continue;
		hits = listing_hits(p->listing, i, &search, p->hits);
		if (hits == 0)
			continue;
		if (show_group(p, i, hits) != 0)
			return fault_memory(fault);
		shown++;
	}
	if (shown == 0)
		return fault_at(fault, "distrust show", 0,
				"nothing on the list matches '%s'; a name from "
				"`distrust list`, a part of a name, a "
				"fingerprint", *term);
	return 0;
}

/* Takes p->groups. */
static int
print_json(struct page *p, struct fault *fault)
{
	json_t *list = describe_json_list(&p->listing->catalog, p->groups);

	p->groups = NULL;
	if (list == NULL)
		return fault_memory(fault);
	told_json(stdout, list, 0, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	return 0;
}

static int
show(struct page *p, char **terms, int count, struct fault *fault)
{
	p->hits = calloc(catalog_entries(&p->listing->catalog) + (size_t)1,
			 sizeof(*p->hits));
	if (p->hits == NULL)
		return fault_memory(fault);
	for (int i = 0; i < count; i++) {
		if (show_term(p, &terms[i], fault) != 0)
			return -1;
	}
	return p->groups != NULL ? print_json(p, fault) : 0;
}

static int
usage(FILE *to)
{
	fputs(_("usage: distrust show [OPTION]... NAME...\n"
	      "\n"
	      "Shows an incident of this name, or all that `distrust list "
	      "NAME` finds: what\nhappened, where to read about it, and the "
	      "certificates.\n"
	      "\n"
	      "  --catalog FILE  a catalog instead of the built-in one\n"
	      "  --json          for programs\n"), to);
	return to == stdout ? TOOL_FINE : TOOL_FAILED;
}

static int
run(const char *catalog, bool json, char **terms, int count,
    struct fault *fault)
{
	struct listing listing;
	struct page page = {
		.listing = &listing,
		.style = describe_style(describe_is_terminal()),
		.groups = json ? json_array() : NULL,
	};
	int rv = -1;

	if (listing_open(&listing, catalog, fault) == 0) {
		rv = show(&page, terms, count, fault);
		listing_close(&listing);
	}
	free(page.hits);
	json_decref(page.groups);
	return rv;
}

int
tool_show(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "catalog", required_argument, NULL, 'f' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct fault fault = { "" };
	const char *catalog = NULL;
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (option == 'f')
			catalog = optarg;
		else if (option == 'j')
			json = true;
		else
			return usage(option == 'h' ? stdout : stderr);
	}
	if (optind == argc)
		return usage(stderr);
	if (run(catalog, json, argv + optind, argc - optind, &fault) == 0)
		return TOOL_FINE;
	fprintf(stderr, "%s\n", fault.text);
	return TOOL_FAILED;
}
