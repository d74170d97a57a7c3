/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What an incident says for people: references that a stranger can follow,
 * more than one where there are several; a story of the length that
 * certs/README.md asks for; an argument; dates in their order.
 */

#include "audit/audit.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
	STORY_LEAST = 2,	/* sentences */
	STORY_MOST = 6,
	REFERENCES = 2,
};

static const char *
text_of(const struct audit_item *item, const char *key)
{
	const struct section_value *v = section_find(&item->stated, key);

	return v == NULL ? "" : section_text(&item->stated, v);
}

/* A full stop or the like ends a sentence before the end of the text, or
 * before a blank that no small letter follows. */
static unsigned
sentences(const char *text)
{
	unsigned n = 0;

	for (const char *p = text; *p != '\0'; p++) {
		const char *after = p + 1;

		if (strchr(".!?", *p) == NULL)
			continue;
		while (*after != '\0' && strchr(")\"'", *after) != NULL)
			after++;
		if (*after == '\0' ||
		    (*after == ' ' && !islower((unsigned char)after[1])))
			n++;
	}
	return n;
}

/* ---- References -------------------------------------------------------- */

/* Who speaks at an address: its host, and where anybody may write, the first
 * part of the path too.  Two references to one of them are the word of one. */
static struct bytes
site_of(const char *address)
{
	static const char *const shared[] = {
		"github.com/", "gist.github.com/"
	};
	const char *site = strstr(address, "://");
	size_t n;

	site = site == NULL ? address : site + 3;
	if (strncmp(site, "www.", 4) == 0)
		site += 4;
	n = strcspn(site, "/");
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		if (strncmp(site, shared[i], strlen(shared[i])) == 0)
			n = strlen(shared[i]) +
			    strcspn(site + strlen(shared[i]), "/");
	}
	return (struct bytes){ (const uint8_t *)site, n };
}

/* Whether a reference before the i-th is to the same site. */
static bool
is_known_site(const struct section *s, size_t i)
{
	struct bytes site = site_of(section_text(s, section_at(s, i)));

	for (size_t k = 0; k < i; k++) {
		const struct section_value *v = section_at(s, k);

		if (strcmp(section_key(s, v), "reference") == 0 &&
		    bytes_equal(site, site_of(section_text(s, v))))
			return true;
	}
	return false;
}

static void
check_references(struct audit *a, const struct audit_item *item)
{
	const struct section *s = &item->stated;
	unsigned all = 0, sites = 0;

	for (size_t i = 0; i < section_count(s); i++) {
		const char *text = section_text(s, section_at(s, i));

		if (strcmp(section_key(s, section_at(s, i)), "reference") != 0)
			continue;
		all++;
		sites += !is_known_site(s, i);
		if (strncmp(text, "https://", 8) != 0)
			audit_find(a, item, "https", NULL,
				   "%s is not https", text);
	}
	if (all < REFERENCES)
		audit_find(a, item, "references", NULL,
			   "%u reference; %d", all, REFERENCES);
	else if (sites < REFERENCES)
		audit_find(a, item, "references", NULL,
			   "%u references to one site; %d sites", all,
			   REFERENCES);
}

/* ---- The whole --------------------------------------------------------- */

static void
check_story(struct audit *a, const struct audit_item *item)
{
	unsigned n = sentences(text_of(item, "story"));

	if (n < STORY_LEAST || n > STORY_MOST)
		audit_find(a, item, "story", NULL,
			   "a story of %u sentences; %d to %d", n,
			   STORY_LEAST, STORY_MOST);
	if (sentences(text_of(item, "argument")) == 0)
		audit_find(a, item, "story", NULL,
			   "no sentence in the argument; why this default");
}

/* As text, dates of this form compare as they do as dates. */
static void
check_dates(struct audit *a, const struct audit_item *item)
{
	const char *began = text_of(item, "began");
	const char *blocked = text_of(item, "blocked");

	if (began[0] != '\0' && blocked[0] != '\0' &&
	    strcmp(began, blocked) > 0)
		audit_find(a, item, "dates", NULL,
			   "blocked on %s before it began on %s; later",
			   blocked, began);
}

int
audit_texts(struct audit *a)
{
	uint32_t n = catalog_groups(&a->catalog);

	puts("\nTexts");
	for (uint32_t i = 0; i < n; i++) {
		check_references(a, audit_incident(a, i));
		check_story(a, audit_incident(a, i));
		check_dates(a, audit_incident(a, i));
	}
	printf("  looked at: %u incidents\n", (unsigned)n);
	return 0;
}
