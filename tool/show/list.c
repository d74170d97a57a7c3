/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust list: the incidents, by reason and date, and what a search hits.
 * It knows the page that it prints; listing.c knows how to search.
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show/describe.h"
#include "base/told.h"
#include "base/words.h"
#include "show/listing.h"
#include "tool.h"

/* A group and what of it was hit. */
struct row {
	uint32_t group;
	size_t reason;		/* its heading's place */
	uint32_t date;
	uint32_t hits;
};

struct page {
	struct listing *listing;
	const struct listing_search *search;
	struct row *rows;
	uint32_t count;
	uint32_t *hits;		/* room for all entries */
	bool entries;		/* print them too */
	struct describe_style style;
};

/* ---- Rows ------------------------------------------------------------- */

/* Undated ones last. */
static int
compare_rows(const void *left, const void *right)
{
	const struct row *a = left, *b = right;

	if (a->reason != b->reason)
		return a->reason < b->reason ? -1 : 1;
	if (a->date != b->date)
		return a->date - 1 < b->date - 1 ? -1 : 1;
	return a->group < b->group ? -1 : a->group > b->group;
}

static void
find_rows(struct page *p)
{
	const struct catalog *c = &p->listing->catalog;

	for (uint32_t i = 0; i < catalog_groups(c); i++) {
		const struct catalog_group *g = catalog_group(c, i);
		struct row row = {
			.group = i,
			.reason = describe_reason(catalog_bytes(c, g->reason)),
			.date = g->began != 0 ? g->began : g->blocked,
			.hits = listing_hits(p->listing, i, p->search,
					     p->hits),
		};

		if (row.hits > 0)
			p->rows[p->count++] = row;
	}
	qsort(p->rows, p->count, sizeof(*p->rows), compare_rows);
}

/* ---- For a person ----------------------------------------------------- */

static void
print_entries(const struct page *p, uint32_t group)
{
	const struct catalog *c = &p->listing->catalog;
	uint32_t n = listing_hits(p->listing, group, p->search, p->hits);

	for (uint32_t i = 0; i < n; i++) {
		const struct catalog_entry *e = catalog_entry(c, p->hits[i]);

		fputs("                  - ", stdout);
		describe_text(stdout, catalog_bytes(c, e->label));
		fputc('\n', stdout);
	}
}

static void
print_row(const struct page *p, const struct row *row)
{
	const struct catalog *c = &p->listing->catalog;
	const struct catalog_group *g = catalog_group(c, row->group);
	const struct describe_style *s = &p->style;
	struct bytes country = catalog_bytes(c, g->country);

	fputs("  ", stdout);
	describe_date(stdout, row->date);
	fputs("  ", stdout);
	describe_text(stdout, country);
	printf("%*s  %s", country.n < 2 ? 2 - (int)country.n : 0, "", s->bold);
	describe_text(stdout, catalog_bytes(c, g->title));
	printf("%s\n                  %s", s->plain, s->dim);
	describe_text(stdout, catalog_bytes(c, g->name));
	fputs(", ", stdout);
	printf(ngettext("%u entry", "%u entries", row->hits),
	       (unsigned)row->hits);
	fputs(s->plain, stdout);
	if ((g->flags & CATALOG_GROUP_ON) == 0)
		printf(", %s%s%s", s->yellow, _("opt-in"), s->plain);
	fputc('\n', stdout);
	if (p->entries)
		print_entries(p, row->group);
}

static void
print_rows(const struct page *p)
{
	const struct catalog_header *h = p->listing->catalog.header;
	uint32_t entries = 0;

	for (uint32_t i = 0; i < p->count; i++) {
		const struct row *row = &p->rows[i];

		if (i == 0 || row->reason != row[-1].reason)
			printf("%s%s%s%s\n", i == 0 ? "" : "\n",
			       p->style.red, _(describe_heading(row->reason)),
			       p->style.plain);
		print_row(p, row);
		entries += row->hits;
	}
	putchar('\n');
	printf(ngettext("%u entry", "%u entries", entries), (unsigned)entries);
	printf(ngettext(" in %u incident", " in %u incidents", p->count),
	       (unsigned)p->count);
	printf(_(", list %u.%u of "), (unsigned)h->version >> 8,
	       (unsigned)h->version & 0xff);
	describe_date(stdout, h->date);
	fputs(_(".  'distrust show NAME' tells the story.\n"), stdout);
}

/* ---- For a program ---------------------------------------------------- */

static int
print_json(const struct page *p)
{
	const struct catalog *c = &p->listing->catalog;
	json_t *groups = json_array(), *list;
	int rv = 0;

	for (uint32_t i = 0; i < p->count && rv == 0; i++) {
		uint32_t group = p->rows[i].group;
		uint32_t n = listing_hits(p->listing, group, p->search,
					  p->hits);

		rv = json_array_append_new(groups, describe_json(
				c, group, p->hits, n));
	}
	list = describe_json_list(c, groups);
	if (rv != 0 || list == NULL) {
		json_decref(list);
		return -1;
	}
	told_json(stdout, list, 0, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	return 0;
}

/* ---- The command ------------------------------------------------------ */

struct options {
	struct listing_search search;
	const char *catalog;
	bool json;
	bool entries;
};

static int
print_page(struct page *p, const struct options *options, struct fault *fault)
{
	const struct catalog *c = &p->listing->catalog;

	p->rows = calloc(catalog_groups(c) + (size_t)1, sizeof(*p->rows));
	p->hits = calloc(catalog_entries(c) + (size_t)1, sizeof(*p->hits));
	if (p->rows == NULL || p->hits == NULL)
		return fault_memory(fault);
	find_rows(p);
	if (options->json)
		return print_json(p) == 0 ? 0 : fault_memory(fault);
	if (p->count == 0)
		return fault_at(fault, "distrust list", 0,
				"nothing on the list matches; a part of a "
				"name or title, a fingerprint");
	print_rows(p);
	return 0;
}

static int
list(const struct options *options, struct fault *fault)
{
	struct listing listing;
	struct page page = {
		.listing = &listing,
		.search = &options->search,
		.entries = options->entries || options->search.count > 0,
		.style = describe_style(describe_is_terminal()),
	};
	int rv;

	if (listing_open(&listing, options->catalog, fault) != 0)
		return -1;
	rv = print_page(&page, options, fault);
	free(page.rows);
	free(page.hits);
	listing_close(&listing);
	return rv;
}

static int
usage(FILE *to)
{
	fputs(_("usage: distrust list [OPTION]... [TERM]...\n"
	      "\n"
	      "Lists the incidents that have all the terms: a part of a "
	      "title, label, subject\nor issuer, a country's code, or the "
	      "first eight digits or more of a SHA-1 or\nSHA-256 "
	      "fingerprint, a key's SHA-256 or a serial number.\n"
	      "\n"
	      "  -c, --country CC  only those of a country\n"
	      "  -e, --entries     each certificate too\n"
	      "  --catalog FILE    a catalog instead of the built-in one\n"
	      "  --json            all that is known, for programs\n"), to);
	return to == stdout ? TOOL_FINE : TOOL_FAILED;
}

/* 0, or the exit status plus one. */
static int
read_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{ "country", required_argument, NULL, 'c' },
		{ "entries", no_argument, NULL, 'e' },
		{ "catalog", required_argument, NULL, 'f' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:eh", longs, NULL)) != -1) {
		if (option == 'c')
			options->search.country = optarg;
		else if (option == 'e')
			options->entries = true;
		else if (option == 'f')
			options->catalog = optarg;
		else if (option == 'j')
			options->json = true;
		else
			return usage(option == 'h' ? stdout : stderr) + 1;
	}
	options->search.terms = argv + optind;
	options->search.count = argc - optind;
	return 0;
}

int
tool_list(int argc, char **argv)
{
	struct options options = { .json = false };
	struct fault fault = { "" };
	int status = read_options(argc, argv, &options);

	if (status != 0)
		return status - 1;
	if (list(&options, &fault) == 0)
		return TOOL_FINE;
	fprintf(stderr, "%s\n", fault.text);
	return TOOL_FAILED;
}
