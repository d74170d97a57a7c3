/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What other lists say of ours: Mozilla's OneCRL, Java's blocked.certs, and
 * whatever NSS and p11-kit refuse by themselves.  Each `confirmed-by` that
 * names one of the first two is looked up there, and each `blocked-by`.  The
 * other way round, no record of OneCRL that speaks of interception may be
 * missing here.
 */

#include "audit/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "base/text.h"
#include "base/tree.h"
#include "der.h"

static void
note(struct audit *a, uint32_t entry, enum audit_list list)
{
	a->listed[entry] |= (uint8_t)(1u << list);
}

static bool
is_same(struct bytes a, struct bytes b)
{
	return a.n > 0 && bytes_equal(a, b);
}

/* ---- OneCRL ------------------------------------------------------------ */

/* Issuer and content octets of the serial number, or subject and SHA-256 of
 * the key; the other two are empty. */
struct record {
	struct buffer issuer, serial, subject, key;
	const json_t *details;
	bool is_ours;
};

struct onecrl {
	json_t *dump;
	struct record *records;
	size_t count;
};

static int
take_octets(const json_t *record, const char *key, struct buffer *octets)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text == NULL ? 0 : text_base64(text, octets);
}

static int
take_record(const json_t *json, struct record *r)
{
	if (take_octets(json, "issuerName", &r->issuer) != 0 ||
	    take_octets(json, "serialNumber", &r->serial) != 0 ||
	    take_octets(json, "subject", &r->subject) != 0 ||
	    take_octets(json, "pubKeyHash", &r->key) != 0)
		return -1;
	r->details = json_object_get(json, "details");
	return (r->issuer.n > 0 && r->serial.n > 0) ||
	       (r->subject.n > 0 && r->key.n > 0) ? 0 : -1;
}

static int
read_onecrl(struct onecrl *l, const char *path)
{
	const json_t *data;

	l->dump = json_load_file(path, 0, NULL);
	data = json_object_get(l->dump, "data");
	l->count = json_array_size(data);
	l->records = calloc(l->count + 1, sizeof(*l->records));
	if (l->count == 0 || l->records == NULL)
		return -1;
	for (size_t i = 0; i < l->count; i++) {
		if (take_record(json_array_get(data, i), &l->records[i]) != 0)
			return -1;
	}
	return 0;
}

static void
free_onecrl(struct onecrl *l)
{
	for (size_t i = 0; l->records != NULL && i < l->count; i++) {
		buffer_free(&l->records[i].issuer);
		buffer_free(&l->records[i].serial);
		buffer_free(&l->records[i].subject);
		buffer_free(&l->records[i].key);
	}
	free(l->records);
	json_decref(l->dump);
}

static struct bytes
view(const struct buffer *b)
{
	static const uint8_t none[1];

	return (struct bytes){ b->n > 0 ? b->p : none, b->n };
}

/* By which of the two forms a record speaks of an entry. */
static bool
is_by_serial(const struct audit *a, const struct catalog_entry *e,
	     const struct record *r)
{
	return der_integer_is(audit_span(a, e->serial), view(&r->serial)) &&
	       is_same(audit_span(a, e->issuer), view(&r->issuer));
}

static bool
is_by_key(const struct audit *a, const struct catalog_entry *e,
	  const struct record *r)
{
	return is_same(audit_fixed(a, e->spki_sha256, CATALOG_SHA256),
		       view(&r->key)) &&
	       is_same(audit_span(a, e->subject), view(&r->subject));
}

static void
check_claim(struct audit *a, const struct audit_item *item, bool holds,
	    const char *list)
{
	bool is_claimed = audit_is_claimed(item, list);

	if (is_claimed && !holds)
		audit_find(a, item, "confirmed-by", list,
			   "%s is said to hold this; it does not", list);
	if (!is_claimed && holds)
		printf("  not claimed: %s: %s holds it too\n", item->id, list);
}

/* The module keeps quiet where Firefox blocks a certificate by itself: only
 * there may an entry say so, and there it must. */
static void
check_blocked(struct audit *a, const struct audit_item *item, bool holds)
{
	bool says = section_find(&item->stated, "blocked-by") != NULL;

	if (says && !holds)
		audit_find(a, item, "blocked-by", "OneCRL",
			   "blocked-by = onecrl, but OneCRL does not hold it");
	if (!says && holds)
		audit_find(a, item, "blocked-by", "OneCRL",
			   "OneCRL holds it; blocked-by = onecrl");
}

/* ---- What OneCRL has and we lack --------------------------------------- */

/* Whether text has one of the words by which Mozilla names interception. */
static bool
speaks_of_interception(const char *text)
{
	static const char *const words[] = { "MITM", "intercept", "Kazakh" };

	for (; text != NULL && *text != '\0'; text++) {
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			if (strncasecmp(text, words[i],
					strlen(words[i])) == 0)
				return true;
		}
	}
	return false;
}

/* Whether a name has countryName (2.5.4.6) of this value. */
static bool
is_in_country(struct bytes name, const char country[static 2])
{
	static const uint8_t oid[] = { 0x06, 0x03, 0x55, 0x04, 0x06 };
	size_t n = sizeof(oid) + 4;	/* a string of two octets follows */

	for (size_t i = 0; name.n >= n && i <= name.n - n; i++) {
		const uint8_t *p = name.p + i;

		if (memcmp(p, oid, sizeof(oid)) == 0 &&
		    p[sizeof(oid) + 1] == 2 &&
		    strncasecmp((const char *)p + sizeof(oid) + 2, country,
				2) == 0)
			return true;
	}
	return false;
}

/* The country of a state that intercepts, as a group that is on says. */
static bool
is_of_interceptor(const struct audit *a, struct bytes name)
{
	static const char reason[] = "state-interception";
	struct bytes wanted = { (const uint8_t *)reason, sizeof(reason) - 1 };

	for (uint32_t i = 0; i < catalog_groups(&a->catalog); i++) {
		const struct catalog_group *g = audit_group(a, i);
		struct bytes country = audit_span(a, g->country);

		if ((g->flags & CATALOG_GROUP_ON) != 0 && country.n == 2 &&
		    bytes_equal(audit_span(a, g->reason), wanted) &&
		    is_in_country(name, (const char *)country.p))
			return true;
	}
	return false;
}

static const char *
detail(const struct record *r, const char *key)
{
	const char *text = json_string_value(json_object_get(r->details, key));

	return text == NULL ? "" : text;
}

static unsigned
check_lacking(struct audit *a, const struct onecrl *l)
{
	unsigned ours = 0;

	for (size_t i = 0; i < l->count; i++) {
		const struct record *r = &l->records[i];

		ours += r->is_ours;
		if (r->is_ours ||
		    !(speaks_of_interception(detail(r, "why")) ||
		      speaks_of_interception(detail(r, "name")) ||
		      is_of_interceptor(a, view(&r->issuer)) ||
		      is_of_interceptor(a, view(&r->subject))))
			continue;
		audit_find_beside(a, "OneCRL has, and we lack: %s, %s %s, "
				  "serial number %s, key %s",
				  detail(r, "bug"), detail(r, "why"),
				  detail(r, "name"),
				  audit_hex(view(&r->serial)),
				  audit_hex(view(&r->key)));
	}
	return ours;
}

static void
compare_onecrl(struct audit *a, struct onecrl *l)
{
	unsigned ours;

	for (uint32_t i = 0; i < catalog_entries(&a->catalog); i++) {
		const struct catalog_entry *e = audit_compiled(a, i);
		bool by_serial = false, by_key = false;

		for (size_t k = 0; k < l->count; k++) {
			struct record *r = &l->records[k];
			bool serial = is_by_serial(a, e, r);
			bool key = is_by_key(a, e, r);

			by_serial |= serial;
			by_key |= key;
			r->is_ours |= serial || key;
		}
		if (by_serial || by_key)
			note(a, i, AUDIT_ONECRL);
		check_blocked(a, audit_entry(a, i), by_serial || by_key);
		check_claim(a, audit_entry(a, i), by_serial,
			    "Mozilla OneCRL (issuer and serial)");
		check_claim(a, audit_entry(a, i), by_key,
			    "Mozilla OneCRL (subject and key)");
	}
	ours = check_lacking(a, l);
	printf("  OneCRL: %zu records, %u of them here\n", l->count, ours);
}

static int
audit_onecrl(struct audit *a)
{
	struct onecrl l = { .count = 0 };
	int rv = read_onecrl(&l, a->onecrl);

	if (rv == 0)
		compare_onecrl(a, &l);
	else
		fault_at(a->fault, a->onecrl, 0, "not what was expected; "
			 "Firefox's onecrl.json");
	free_onecrl(&l);
	return rv;
}

/* ---- Java -------------------------------------------------------------- */

/* Whether a line of the file is this digest in hex. */
static bool
has_line(const char *text, const char *hex)
{
	size_t n = strlen(hex);

	while (*text != '\0') {
		size_t line = strcspn(text, "\r\n");

		if (line == n && strncasecmp(text, hex, n) == 0)
			return true;
		text += line;
		text += strspn(text, "\r\n");
	}
	return false;
}

static void
compare_jdk(struct audit *a, const char *text)
{
	unsigned ours = 0;

	for (uint32_t i = 0; i < catalog_entries(&a->catalog); i++) {
		struct bytes sha256 = audit_fixed(a,
			audit_compiled(a, i)->sha256, CATALOG_SHA256);
		bool holds = sha256.n > 0 && has_line(text, audit_hex(sha256));

		if (holds)
			note(a, i, AUDIT_JDK);
		ours += holds;
		check_claim(a, audit_entry(a, i), holds,
			    "OpenJDK blocked.certs (SHA-256)");
	}
	printf("  Java's blocked.certs: %u of its certificates here\n", ours);
}

static int
audit_jdk(struct audit *a)
{
	static const char first[] = "Algorithm=SHA-256";
	struct tree tree = { .fault = a->fault };
	struct buffer content = { 0 };
	int rv = tree_read(&tree, a->jdk, &content);

	if (rv == 0 && buffer_add(&content, "", 1) != 0)
		rv = fault_memory(a->fault);
	if (rv == 0 && strncmp(content.p, first, sizeof(first) - 1) != 0)
		rv = fault_at(a->fault, a->jdk, 0, "begins with another "
			      "line; %s", first);
	if (rv == 0)
		compare_jdk(a, content.p);
	buffer_free(&content);
	tree_free(&tree);
	return rv;
}

/* ---- Refused by NSS and p11-kit ---------------------------------------- */

static bool
is_listed(const struct audit *a, const struct catalog_entry *e,
	  const struct harvested *f)
{
	struct bytes sha256 = { f->sha256, sizeof(f->sha256) };
	struct bytes key = { f->spki_sha256, sizeof(f->spki_sha256) };

	return is_same(audit_fixed(a, e->sha256, CATALOG_SHA256), sha256) ||
	       (is_same(audit_span(a, e->serial), f->serial) &&
		is_same(audit_span(a, e->issuer), f->issuer)) ||
	       (is_same(audit_fixed(a, e->spki_sha256, CATALOG_SHA256), key) &&
		is_same(audit_span(a, e->subject), f->subject));
}

static void
compare_refused(struct audit *a, enum audit_list list)
{
	const struct audit_source *s = &a->refused[list];

	for (uint32_t i = 0; i < catalog_entries(&a->catalog); i++) {
		const struct catalog_entry *e = audit_compiled(a, i);

		for (size_t k = 0; k < harvest_count(&s->harvest); k++) {
			if (is_listed(a, e, harvest_at(&s->harvest, k)))
				note(a, i, list);
		}
	}
	printf("  %s: refuses %zu certificates\n", s->name,
	       harvest_count(&s->harvest));
}

/* ---- The whole --------------------------------------------------------- */

/* Chromium's list is in its program, in no form that can be read: what
 * certs/ states is all there is. */
static void
count_chromium(struct audit *a)
{
	for (uint32_t i = 0; i < catalog_entries(&a->catalog); i++) {
		if (audit_is_claimed(audit_entry(a, i), "Chromium"))
			note(a, i, AUDIT_CHROMIUM);
	}
}

int
audit_lists(struct audit *a)
{
	puts("\nOther lists");
	if ((a->onecrl != NULL && audit_onecrl(a) != 0) ||
	    (a->jdk != NULL && audit_jdk(a) != 0))
		return -1;
	count_chromium(a);
	for (unsigned list = 0; list < AUDIT_LISTS; list++) {
		if (a->refused[list].path != NULL)
			compare_refused(a, list);
	}
	return 0;
}
