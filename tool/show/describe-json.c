/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A catalog in JSON.  What is not known is not there, rather than null.
 * jansson returns -1 where a value is NULL, so that one test at the end of
 * an object finds a lack of memory anywhere in it.
 */

#include "show/describe.h"

#include <string.h>

#include "base/text.h"
#include "der.h"

/* ---- Values ----------------------------------------------------------- */

/* Set a member.  Takes the value. */
static int
set(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value);
}

static int
set_text(json_t *object, const char *key, struct bytes text)
{
	if (text.n == 0)
		return 0;
	if (!text_is_utf8(text.p, text.n))
		return set(object, key, json_string("?"));
	return set(object, key, json_stringn((const char *)text.p, text.n));
}

static int
set_hex(json_t *object, const char *key, struct bytes octets)
{
	static const char digits[] = "0123456789abcdef";
	struct buffer text = { 0 };
	int rv = 0;

	if (octets.n == 0)
		return 0;
	for (size_t i = 0; i < octets.n && rv == 0; i++) {
		char pair[2] = {
			digits[octets.p[i] >> 4], digits[octets.p[i] & 15]
		};

		rv = buffer_add(&text, pair, sizeof(pair));
	}
	if (rv == 0)
		rv = set_text(object, key, (struct bytes){ text.p, text.n });
	buffer_free(&text);
	return rv;
}

static int
set_name(json_t *object, const char *key, struct bytes der)
{
	struct buffer text = { 0 };
	int rv = describe_name(der, &text);

	if (rv == 0)
		rv = set_text(object, key, (struct bytes){ text.p, text.n });
	buffer_free(&text);
	return rv;
}

/* Digits YYYYMMDD as YYYY-MM-DD. */
static int
set_day(json_t *object, const char *key, const uint8_t digits[8])
{
	char text[10];

	memcpy(text, digits, 4);
	text[4] = '-';
	memcpy(text + 5, digits + 4, 2);
	text[7] = '-';
	memcpy(text + 8, digits + 6, 2);
	return set_text(object, key, (struct bytes){
			(const uint8_t *)text, sizeof(text) });
}

static int
set_date(json_t *object, const char *key, uint32_t date)
{
	char digits[16];

	if (date == 0)
		return 0;
	snprintf(digits, sizeof(digits), "%08u", (unsigned)date);
	return set_day(object, key, (const uint8_t *)digits);
}

/* The lines of a text; only those that begin with `mark`, without it, or
 * only those that do not. */
static json_t *
lines_of(struct bytes text, const char *mark, bool with)
{
	json_t *array = json_array();
	size_t skip = strlen(mark);

	while (text.n > 0) {
		const uint8_t *end = memchr(text.p, '\n', text.n);
		size_t n = end != NULL ? (size_t)(end - text.p) : text.n;
		bool marked = n >= skip && memcmp(text.p, mark, skip) == 0;
		size_t from = with ? skip : 0;

		if (marked == with)
			json_array_append_new(array, json_stringn(
				(const char *)text.p + from, n - from));
		n += end != NULL;
		text.p += n;
		text.n -= n;
	}
	return array;
}

/* ---- Entries ---------------------------------------------------------- */

struct flag_word {
	uint32_t flag;
	const char *word;
};

static const struct flag_word match_words[] = {
	{ CATALOG_MATCH_CERTIFICATE, "certificate" },
	{ CATALOG_MATCH_NAME, "name" },
	{ CATALOG_MATCH_KEY, "key" },
};

static const struct flag_word usage_words[] = {
	{ CATALOG_USAGE_SERVER, "server" },
	{ CATALOG_USAGE_CLIENT, "client" },
	{ CATALOG_USAGE_EMAIL, "email" },
	{ CATALOG_USAGE_CODE, "code" },
};

static json_t *
words_of(uint32_t flags, const struct flag_word *words, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++) {
		if ((flags & words[i].flag) != 0)
			json_array_append_new(array,
					      json_string(words[i].word));
	}
	return array;
}

static int
set_identity(json_t *o, const struct catalog *c, const struct catalog_entry *e)
{
	struct bytes serial = { NULL, 0 };

	if (!der_integer(catalog_bytes(c, e->serial), &serial))
		serial.n = 0;
	return set_name(o, "subject", catalog_bytes(c, e->subject)) |
	       set_name(o, "issuer", catalog_bytes(c, e->issuer)) |
	       set_hex(o, "serial", serial) |
	       set_hex(o, "sha1", catalog_fixed(c, e->sha1, CATALOG_SHA1)) |
	       set_hex(o, "sha256",
		       catalog_fixed(c, e->sha256, CATALOG_SHA256)) |
	       set_hex(o, "spki_sha256",
		       catalog_fixed(c, e->spki_sha256, CATALOG_SHA256));
}

static int
set_dates(json_t *o, const struct catalog *c, const struct catalog_entry *e)
{
	struct bytes dates = catalog_fixed(c, e->dates, CATALOG_DATES);
	struct bytes after = catalog_fixed(c, e->after, CATALOG_AFTER);
	uint8_t day[8];
	int rv = 0;

	if (dates.n != 0)
		rv = set_day(o, "not_before", dates.p) |
		     set_day(o, "not_after", dates.p + 8);
	if (after.n != 0) {
		day[0] = after.p[0] < '5' ? '2' : '1';
		day[1] = after.p[0] < '5' ? '0' : '9';
		memcpy(day + 2, after.p, 6);
		rv |= set_day(o, "distrusted_after", day);
	}
	return rv;
}

static json_t *
json_entry(const struct catalog *c, const struct catalog_entry *e)
{
	struct bytes evidence = catalog_bytes(c, e->evidence);
	json_t *o = json_object();
	json_t *notes = lines_of(evidence, "note: ", true);

	if ((set_text(o, "label", catalog_bytes(c, e->label)) |
	     set(o, "match", words_of(e->flags, match_words,
				      sizeof(match_words) /
				      sizeof(*match_words))) |
	     set(o, "usage", words_of(e->flags, usage_words,
				      sizeof(usage_words) /
				      sizeof(*usage_words))) |
	     set(o, "known_in_full", json_boolean(e->value.len != 0)) |
	     set(o, "ca", json_boolean((e->flags & CATALOG_IS_CA) != 0)) |
	     set_identity(o, c, e) | set_dates(o, c, e) |
	     set(o, "confirmed_by", lines_of(evidence, "note: ", false))) ==
	    0) {
		if (json_array_size(notes) > 0)
			json_object_set(o, "note", json_array_get(notes, 0));
		json_decref(notes);
		return o;
	}
	json_decref(notes);
	json_decref(o);
	return NULL;
}

/* ---- Groups ----------------------------------------------------------- */

json_t *
describe_json(const struct catalog *c, uint32_t group, const uint32_t *entries,
	      uint32_t count)
{
	const struct catalog_group *g = catalog_group(c, group);
	json_t *o = json_object(), *array = json_array();
	bool on = (g->flags & CATALOG_GROUP_ON) != 0;
	int rv = 0;

	for (uint32_t i = 0; i < count && rv == 0; i++) {
		const struct catalog_entry *e = catalog_entry(c, entries[i]);

		rv = e == NULL ? -1 :
			json_array_append_new(array, json_entry(c, e));
	}
	rv |= set_text(o, "name", catalog_bytes(c, g->name)) |
	      set_text(o, "title", catalog_bytes(c, g->title)) |
	      set_text(o, "reason", catalog_bytes(c, g->reason)) |
	      set_text(o, "country", catalog_bytes(c, g->country)) |
	      set_text(o, "actor", catalog_bytes(c, g->actor)) |
	      set_date(o, "began", g->began) |
	      set_date(o, "blocked", g->blocked) |
	      set(o, "default", json_string(on ? "on" : "opt-in")) |
	      set_text(o, "argument", catalog_bytes(c, g->argument)) |
	      set_text(o, "story", catalog_bytes(c, g->story)) |
	      set(o, "references",
		  lines_of(catalog_bytes(c, g->references), "", true)) |
	      set(o, "entries", array);
	if (rv == 0)
		return o;
	json_decref(o);
	return NULL;
}

json_t *
describe_json_list(const struct catalog *c, json_t *groups)
{
	const struct catalog_header *h = c->header;
	json_t *o = json_object();
	char version[16];

	snprintf(version, sizeof(version), "%u.%u",
		 (unsigned)h->version >> 8 & 0xff, (unsigned)h->version & 0xff);
	if ((set(o, "version", json_string(version)) |
	     set_date(o, "date", h->date) | set(o, "incidents", groups)) == 0)
		return o;
	json_decref(o);
	return NULL;
}
