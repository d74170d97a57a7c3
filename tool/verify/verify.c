/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust verify: the command, and what stands in a catalog beside its
 * entries and indexes.
 */

#include "verify/verify.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/text.h"
#include "base/told.h"
#include "base/words.h"
#include "compile/x509.h"
#include "lists.h"
#include "tool.h"
#include "verify/loaded.h"

/* ---- Forms ------------------------------------------------------------ */

bool
verify_is_span(const struct verify *v, struct catalog_span span)
{
	if (span.off == 0)
		return span.len == 0;
	return span.len != 0 && span.off <= v->pool.n &&
	       span.len <= v->pool.n - span.off;
}

bool
verify_is_text(const struct verify *v, struct catalog_span span, bool lines)
{
	struct bytes b;
	size_t n;

	if (!verify_is_span(v, span))
		return false;
	b = catalog_bytes(v->catalog, span);
	for (size_t at = 0; at < b.n; at += n + 1) {
		const uint8_t *end = lines ? memchr(b.p + at, '\n', b.n - at)
					   : NULL;

		n = end != NULL ? (size_t)(end - b.p) - at : b.n - at;
		if (text_has_control(b.p + at, n) ||
		    !text_is_utf8(b.p + at, n))
			return false;
	}
	return true;
}

bool
verify_is_day(const uint8_t day[8])
{
	char text[11];

	memcpy(text, day, 4);
	memcpy(text + 5, day + 4, 2);
	memcpy(text + 8, day + 6, 2);
	text[4] = text[7] = '-';
	text[10] = '\0';
	return memchr(text, '\0', 10) == NULL && text_date(text) != 0;
}

static bool
is_date(uint32_t date)
{
	char text[16];

	snprintf(text, sizeof(text), "%08u", (unsigned)date);
	return date == 0 || (date <= 99991231 &&
			     verify_is_day((const uint8_t *)text));
}

/* ---- The whole -------------------------------------------------------- */

static int
check_digest(const struct verify *v)
{
	const struct catalog_header *h = v->catalog->header;
	struct bytes rest = {
		v->catalog->base + sizeof(*h), (size_t)h->size - sizeof(*h)
	};
	uint8_t digest[CATALOG_SHA256];

	if (x509_sha256(rest, digest) != 0)
		return fault_at(v->fault, v->path, 0,
				"no digest; SHA-256 from OpenSSL");
	if (memcmp(digest, h->digest, sizeof(digest)) != 0)
		return fault_at(v->fault, v->path, 0,
				"altered or damaged; the octets of its "
				"digest");
	return 0;
}

/* Where a section stands. */
struct extent {
	uint64_t off, end;
};

enum { EXTENTS = 5 + 2 * CATALOG_QUESTIONS };

static struct extent
extent(struct catalog_section s, uint64_t record)
{
	return (struct extent){ s.off, s.off + s.count * record };
}

static int
compare_extents(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

/* Whether each begins after the end of another, in whatever order. */
static bool
are_apart(const struct catalog_header *h)
{
	struct extent all[EXTENTS] = {
		extent(h->pool, 1),
		extent(h->entries, sizeof(struct catalog_entry)),
		extent(h->groups, sizeof(struct catalog_group)),
		extent(h->policy, sizeof(struct catalog_policy)),
		extent(h->filter, sizeof(uint64_t)),
	};
	uint64_t end = sizeof(*h);
	size_t n = 5;

	for (size_t q = 0; q < CATALOG_QUESTIONS; q++) {
		all[n++] = extent(h->index[q].buckets,
				  sizeof(struct catalog_bucket));
		all[n++] = extent(h->index[q].order, sizeof(uint32_t));
	}
	qsort(all, n, sizeof(all[0]), compare_extents);
	for (size_t i = 0; i < n; end = all[i++].end) {
		if (all[i].off < end)
			return false;
	}
	return true;
}

static int
check_sections(const struct verify *v)
{
	const struct catalog_header *h = v->catalog->header;

	if (!are_apart(h))
		return fault_at(v->fault, v->path, 0,
				"sections that overlap; one after another");
	if (h->version > 0xffff || !is_date(h->date))
		return fault_at(v->fault, v->path, 0,
				"bad version or date of the list; two octets "
				"and a day");
	return 0;
}

/* ---- Groups and policy ------------------------------------------------ */

static bool
is_name(const struct verify *v, struct catalog_span span)
{
	struct bytes b = catalog_bytes(v->catalog, span);
	char name[256];

	if (!verify_is_span(v, span) || b.n >= sizeof(name) ||
	    memchr(b.p, '\0', b.n) != NULL)
		return false;
	memcpy(name, b.p, b.n);
	name[b.n] = '\0';
	return text_is_name(name);
}

static const char *
group_fault(const struct verify *v, const struct catalog_group *g)
{
	if (!is_name(v, g->name))
		return "bad name; letters a to z, digits and '-'";
	if (!verify_is_text(v, g->title, false) ||
	    !verify_is_text(v, g->country, false) ||
	    !verify_is_text(v, g->reason, false) ||
	    !verify_is_text(v, g->actor, false) ||
	    !verify_is_text(v, g->story, false) ||
	    !verify_is_text(v, g->argument, false) ||
	    !verify_is_text(v, g->references, true))
		return "text that is none; UTF-8 inside of the pool";
	if (g->title.len == 0 || g->reason.len == 0 || g->story.len == 0 ||
	    g->argument.len == 0 || g->references.len == 0)
		return "text that is missing; title, reason, story, argument "
		       "and references";
	if (!is_date(g->began) || !is_date(g->blocked))
		return "bad date; 0 or a day";
	if ((g->flags & ~(uint32_t)CATALOG_GROUP_ON) != 0)
		return "unknown flags; those of this format";
	return NULL;
}

static bool
is_in_order(const struct verify *v, uint32_t i)
{
	struct bytes a = catalog_bytes(v->catalog,
				       catalog_group(v->catalog, i - 1)->name);
	struct bytes b = catalog_bytes(v->catalog,
				       catalog_group(v->catalog, i)->name);
	int octets = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return octets != 0 ? octets < 0 : a.n < b.n;
}

static int
check_groups(const struct verify *v)
{
	if (catalog_groups(v->catalog) > LISTS_GROUPS)
		return fault_at(v->fault, v->path, 0,
				"too many groups; at most %d", LISTS_GROUPS);
	for (uint32_t i = 0; i < catalog_groups(v->catalog); i++) {
		const char *wrong;

		wrong = group_fault(v, catalog_group(v->catalog, i));
		if (wrong == NULL && i > 0 && !is_in_order(v, i))
			wrong = "not after the one before it; one of each "
				"name, in their order";
		if (wrong != NULL)
			return fault_at(v->fault, v->path, 0, "group %u: %s",
					(unsigned)i, wrong);
	}
	return 0;
}

static int
check_policy(const struct verify *v)
{
	const struct catalog_policy *p;

	for (uint32_t i = 0; (p = catalog_policy(v->catalog, i)) != NULL;
	     i++) {
		if (!is_name(v, p->group) || p->on > 1)
			return fault_at(v->fault, v->path, 0,
					"policy %u: bad group or value; a "
					"group's name and 0 or 1",
					(unsigned)i);
	}
	return 0;
}

int
verify_catalog(const struct catalog *catalog, const char *path,
	       struct fault *fault)
{
	const struct catalog_section *pool = &catalog->header->pool;
	struct verify v = {
		.catalog = catalog,
		.pool = { catalog->base + pool->off, (size_t)pool->count },
		.path = path,
		.fault = fault,
	};

	if (check_digest(&v) != 0 || check_sections(&v) != 0 ||
	    check_groups(&v) != 0 || check_policy(&v) != 0 ||
	    verify_entries(&v) != 0)
		return -1;
	return verify_indexes(&v);
}

/* ---- The command ------------------------------------------------------ */

static void
print_summary(const char *path, const struct catalog_header *h)
{
	printf("%s: good; list %u.%u of %04u-%02u-%02u, %" PRIu64
	       " entries in %" PRIu64 " groups, %" PRIu64 " octets\n",
	       path, (unsigned)h->version >> 8, (unsigned)h->version & 0xff,
	       (unsigned)h->date / 10000, (unsigned)h->date / 100 % 100,
	       (unsigned)h->date % 100, h->entries.count, h->groups.count,
	       h->size);
}

/* What is known of a catalog, sound or not: without a header, of none. */
static void
tell_program(const char *path, const struct catalog_header *h,
	     const char *error)
{
	json_t *object = json_pack("{s:s, s:b}", "path", path,
				   "good", error == NULL);
	char text[32];
	int rv = 0;

	if (error != NULL)
		rv = json_object_set_new(object, "error", json_string(error));
	if (error == NULL && h != NULL) {
		snprintf(text, sizeof(text), "%u.%u",
			 (unsigned)h->version >> 8,
			 (unsigned)h->version & 0xff);
		rv |= json_object_set_new(object, "list", json_string(text));
		snprintf(text, sizeof(text), "%04u-%02u-%02u",
			 (unsigned)h->date / 10000,
			 (unsigned)h->date / 100 % 100,
			 (unsigned)h->date % 100);
		rv |= json_object_set_new(object, "date", json_string(text));
		rv |= json_object_set_new(object, "entries",
			json_integer((json_int_t)h->entries.count));
		rv |= json_object_set_new(object, "groups",
			json_integer((json_int_t)h->groups.count));
		rv |= json_object_set_new(object, "octets",
			json_integer((json_int_t)h->size));
	}
	told_json(stdout, object, rv, JSON_COMPACT | JSON_PRESERVE_ORDER);
}

static void
tell(const char *path, const struct catalog_header *h, const char *error,
     bool json)
{
	if (json)
		tell_program(path, h, error);
	else if (error != NULL)
		fprintf(stderr, "%s\n", error);
	else
		print_summary(path, h);
}

static int
verify_file(const char *path, bool json)
{
	struct fault fault = { "" };
	struct loaded l;
	int rv;

	if (loaded_open(&l, path, &fault) != 0) {
		tell(path, NULL, fault.text, json);
		return TOOL_FAILED;
	}
	rv = verify_catalog(&l.catalog, path, &fault);
	tell(path, l.catalog.header, rv == 0 ? NULL : fault.text, json);
	loaded_close(&l);
	return rv == 0 ? TOOL_FINE : TOOL_FAILED;
}

static int
usage(FILE *to)
{
	fputs(_("usage: distrust verify [--json] FILE...\n\n"
	      "Checks all of a catalog: that nothing was altered, that every "
	      "entry\nis what its certificate says, and that each can be "
	      "found.\n\n"
	      "  --json  tell a program, a line a file\n"), to);
	return to == stdout ? TOOL_FINE : TOOL_FAILED;
}

int
tool_verify(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option, status = TOOL_FINE;
	bool json = false;

	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (option != 'j')
			return usage(option == 'h' ? stdout : stderr);
		json = true;
	}
	if (optind == argc)
		return usage(stderr);
	for (int i = optind; i < argc; i++) {
		if (verify_file(argv[i], json) != TOOL_FINE)
			status = TOOL_FAILED;
	}
	return status;
}
