/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Looking through a list.  Terms are compared with text and with hex. */

#include "show/listing.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "builtin.h"
#include "der.h"
#include "show/describe.h"

/* Fewer hex digits than this are a word. */
#define FINGERPRINT_DIGITS 8

/* ---- Opening ---------------------------------------------------------- */

/* Count, then place: entries in the order of their groups, as they are. */
static int
sort_by_group(struct listing *l)
{
	uint32_t entries = catalog_entries(&l->catalog);
	uint32_t groups = catalog_groups(&l->catalog);

	l->entries = calloc(entries + (size_t)1, sizeof(*l->entries));
	l->starts = calloc(groups + (size_t)2, sizeof(*l->starts));
	if (l->entries == NULL || l->starts == NULL)
		return -1;
	for (uint32_t i = 0; i < entries; i++) {
		uint32_t group = catalog_entry(&l->catalog, i)->group;

		if (group < groups)
			l->starts[group + 2]++;
	}
	for (uint32_t g = 2; g < groups + 2; g++)
		l->starts[g] += l->starts[g - 1];
	for (uint32_t i = 0; i < entries; i++) {
		uint32_t group = catalog_entry(&l->catalog, i)->group;

		if (group < groups)
			l->entries[l->starts[group + 1]++] = i;
	}
	return 0;
}

int
listing_open(struct listing *l, const char *path, struct fault *fault)
{
	*l = (struct listing){ .is_file = path != NULL };
	if (path != NULL) {
		if (loaded_open(&l->file, path, fault) != 0)
			return -1;
		l->catalog = l->file.catalog;
	} else if (catalog_open(&l->catalog, builtin_catalog,
				builtin_catalog_size) != 0) {
		return fault_at(fault, "built-in list", 0,
				"not a catalog; a program that is whole");
	}
	if (sort_by_group(l) == 0)
		return 0;
	listing_close(l);
	return fault_memory(fault);
}

void
listing_close(struct listing *l)
{
	free(l->entries);
	free(l->starts);
	if (l->is_file)
		loaded_close(&l->file);
}

/* ---- Terms ------------------------------------------------------------ */

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool
begins_with(const uint8_t *p, const char *term, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (lower(p[i]) != lower((uint8_t)term[i]))
			return false;
	}
	return true;
}

/* Whether text holds a term, letters in either case. */
static bool
holds(struct bytes text, const char *term)
{
	size_t n = strlen(term);

	for (size_t i = 0; n <= text.n && i <= text.n - n; i++) {
		if (begins_with(text.p + i, term, n))
			return true;
	}
	return false;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Whether a term is hex digits, colons between them or not. */
static bool
is_fingerprint(const char *term)
{
	size_t digits = 0;

	for (const char *p = term; *p != '\0'; p++) {
		if (hex_value(*p) >= 0)
			digits++;
		else if (*p != ':')
			return false;
	}
	return digits >= FINGERPRINT_DIGITS;
}

/* Whether octets begin with the digits of a term. */
static bool
begins_as(struct bytes octets, const char *term)
{
	size_t digit = 0;

	for (const char *p = term; *p != '\0'; p++) {
		int value;

		if (*p == ':')
			continue;
		if (digit / 2 >= octets.n)
			return false;
		value = octets.p[digit / 2] >> (digit % 2 == 0 ? 4 : 0) & 15;
		if (hex_value(*p) != value)
			return false;
		digit++;
	}
	return true;
}

/* ---- Hits ------------------------------------------------------------- */

static bool
group_holds(const struct catalog *c, const struct catalog_group *g,
	    const char *term)
{
	struct bytes country = catalog_bytes(c, g->country);

	return holds(catalog_bytes(c, g->name), term) ||
	       holds(catalog_bytes(c, g->title), term) ||
	       holds(catalog_bytes(c, g->actor), term) ||
	       holds(catalog_bytes(c, g->reason), term) ||
	       (country.n == strlen(term) && holds(country, term));
}

static bool
name_holds(struct bytes name, const char *term)
{
	struct buffer text = { 0 };
	bool hit;

	hit = describe_name(name, &text) == 0 &&
	      holds((struct bytes){ text.p, text.n }, term);
	buffer_free(&text);
	return hit;
}

static bool
octets_begin(const struct catalog *c, const struct catalog_entry *e,
	     const char *term)
{
	struct bytes serial = { NULL, 0 };

	return begins_as(catalog_fixed(c, e->sha256, CATALOG_SHA256), term) ||
	       begins_as(catalog_fixed(c, e->sha1, CATALOG_SHA1), term) ||
	       begins_as(catalog_fixed(c, e->spki_sha256, CATALOG_SHA256),
			 term) ||
	       (der_integer(catalog_bytes(c, e->serial), &serial) &&
		begins_as(serial, term));
}

static bool
entry_holds(const struct catalog *c, const struct catalog_entry *e,
	    const char *term)
{
	if (holds(catalog_bytes(c, e->label), term))
		return true;
	if (is_fingerprint(term) && octets_begin(c, e, term))
		return true;
	return name_holds(catalog_bytes(c, e->subject), term) ||
	       name_holds(catalog_bytes(c, e->issuer), term);
}

static bool
is_in_country(const struct catalog *c, const struct catalog_group *g,
	      const char *country)
{
	struct bytes there = catalog_bytes(c, g->country);

	return country == NULL || (there.n == strlen(country) &&
				   holds(there, country));
}

bool
listing_has_group(const struct listing *l, uint32_t group,
		  const struct listing_search *search)
{
	const struct catalog_group *g = catalog_group(&l->catalog, group);

	if (!is_in_country(&l->catalog, g, search->country))
		return false;
	for (int i = 0; i < search->count; i++) {
		if (!group_holds(&l->catalog, g, search->terms[i]))
			return false;
	}
	return true;
}

bool
listing_has_entry(const struct listing *l, uint32_t entry,
		  const struct listing_search *search)
{
	const struct catalog_entry *e = catalog_entry(&l->catalog, entry);
	const struct catalog_group *g = catalog_group(&l->catalog, e->group);

	if (!is_in_country(&l->catalog, g, search->country))
		return false;
	for (int i = 0; i < search->count; i++) {
		if (!group_holds(&l->catalog, g, search->terms[i]) &&
		    !entry_holds(&l->catalog, e, search->terms[i]))
			return false;
	}
	return true;
}

uint32_t
listing_hits(const struct listing *l, uint32_t group,
	     const struct listing_search *search, uint32_t *hits)
{
	bool all = listing_has_group(l, group, search);
	uint32_t n = 0;

	for (uint32_t i = l->starts[group]; i < l->starts[group + 1]; i++) {
		if (all || listing_has_entry(l, l->entries[i], search))
			hits[n++] = l->entries[i];
	}
	return n;
}
