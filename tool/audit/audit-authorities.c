/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Whether the list hits what others trust: each root and intermediate that
 * this machine's stores and browsers hold against each entry, twice.  Once by
 * what certs/README.md says that an entry means, one comparison after the
 * other; once by the module's own finder.  Both must agree.
 */

#include "audit/audit.h"

#include <stdio.h>
#include <string.h>

#include "audit/preloaded.h"
#include "dn.h"
#include "find.h"

/* What is known of an authority; empty where it is not. */
struct authority {
	const char *source;
	struct bytes issuer;
	struct bytes serial;
	struct bytes subject;
	struct bytes spki;
	struct bytes sha256;
	struct bytes spki_sha256;
};

struct tally {
	unsigned authorities, names, on, opt_in;
};

/* ---- By what an entry means -------------------------------------------- */

static bool
is_same(struct bytes a, struct bytes b)
{
	return a.n > 0 && bytes_equal(a, b);
}

static bool
is_named(const struct audit *a, const struct catalog_entry *e,
	 const struct authority *x)
{
	struct bytes name = audit_span(a, e->subject);

	return dn_equal(name, x->subject) || dn_equal(name, x->issuer);
}

/* Why an entry hits an authority, or NULL. */
static const char *
why_hit(const struct audit *a, const struct catalog_entry *e,
	const struct authority *x)
{
	if (is_same(audit_fixed(a, e->sha256, CATALOG_SHA256), x->sha256))
		return "this certificate";
	if (is_same(audit_span(a, e->serial), x->serial) &&
	    is_same(audit_span(a, e->issuer), x->issuer))
		return "its issuer and serial number";
	if ((e->flags & CATALOG_MATCH_KEY) != 0 &&
	    is_same(audit_fixed(a, e->spki_sha256, CATALOG_SHA256),
		    x->spki_sha256))
		return "its key";
	if ((e->flags & CATALOG_MATCH_NAME) != 0 && is_named(a, e, x))
		return "its name or its issuer's";
	return NULL;
}

/* ---- By the finder ----------------------------------------------------- */

static bool
is_run_on(const struct list *list, enum catalog_question q,
	  struct catalog_run run)
{
	for (; run.from < run.to; run.from++) {
		if (list_is_on(list, catalog_entry(&list->catalog,
				catalog_at(&list->catalog, q, run.from))))
			return true;
	}
	return false;
}

static bool
finds_by_serial(const struct list *list, const struct authority *x)
{
	return x->serial.n > 0 &&
	       is_run_on(list, CATALOG_BY_SERIAL,
			 find_issuer_serial(list, x->issuer, x->serial));
}

static bool
finds_by_digest(const struct list *list, enum catalog_question q,
		struct bytes digest)
{
	return digest.n > 0 && is_run_on(list, q, find_octets(list, q, digest));
}

static bool
finds(const struct list *list, const struct authority *x)
{
	return finds_by_digest(list, CATALOG_BY_SHA256, x->sha256) ||
	       finds_by_digest(list, CATALOG_BY_SPKI_SHA256, x->spki_sha256) ||
	       finds_by_serial(list, x) ||
	       (x->spki.n > 0 && find_key(list, x->spki) != FIND_NONE) ||
	       find_name(list, x->subject, dn_edge(x->subject)) != FIND_NONE ||
	       find_name(list, x->issuer, dn_edge(x->issuer)) != FIND_NONE;
}

/* ---- One authority ----------------------------------------------------- */

static void
look_at(struct audit *a, const struct authority *x, struct tally *t)
{
	bool is_hit = false;

	for (uint32_t i = 0; i < catalog_entries(&a->catalog); i++) {
		const struct catalog_entry *e = audit_compiled(a, i);
		const char *why = why_hit(a, e, x);

		if (why == NULL)
			continue;
		if (!audit_is_on(a, i)) {
			t->opt_in++;
			printf("  opt-in: %s: trusted by %s\n",
			       audit_entry(a, i)->id, x->source);
			continue;
		}
		is_hit = true;
		audit_find(a, audit_entry(a, i), "authorities", x->source,
			   "hits %s in %s by %s", audit_hex(x->sha256),
			   x->source, why);
	}
	t->on += is_hit;
	t->authorities++;
	t->names += (x->subject.n > 0 ? 1u : 0u) + (x->issuer.n > 0 ? 1u : 0u);
	if (is_hit != finds(&a->lists.list[0], x))
		audit_find_beside(a, "%s: %s: the finder says %s", x->source,
				  audit_hex(x->sha256),
				  is_hit ? "nothing" : "a hit");
}

static void
look_at_source(struct audit *a, const struct audit_source *s, struct tally *t)
{
	for (size_t i = 0; i < harvest_count(&s->harvest); i++) {
		const struct harvested *f = harvest_at(&s->harvest, i);
		struct authority x = {
			.source = s->name,
			.issuer = f->issuer,
			.serial = f->serial,
			.subject = f->subject,
			.spki = f->spki,
			.sha256 = { f->sha256, sizeof(f->sha256) },
			.spki_sha256 = { f->spki_sha256,
					 sizeof(f->spki_sha256) },
		};

		look_at(a, &x, t);
	}
	printf("  %s: %zu certificates\n", s->name,
	       harvest_count(&s->harvest));
	if (harvest_count(&s->harvest) == 0)
		audit_find_beside(a, "%s: no certificate; some", s->path);
}

/* ---- Firefox's preloaded intermediates --------------------------------- */

/* Where records go. */
struct looking {
	struct audit *a;
	struct tally *t;
};

static void
look_at_record(void *arg, const struct preloaded *record)
{
	static const struct bytes none = { (const uint8_t *)"", 0 };
	struct looking *l = arg;
	struct authority x = {
		.source = "Firefox's intermediates",
		.issuer = none,
		.serial = none,
		.subject = record->subject,
		.spki = none,
		.sha256 = record->sha256,
		.spki_sha256 = record->spki_sha256,
	};

	look_at(l->a, &x, l->t);
}

static int
look_at_intermediates(struct audit *a, struct tally *t)
{
	struct looking looking = { a, t };
	size_t count;

	if (preloaded_read(a->intermediates, look_at_record, &looking, &count,
			   a->fault) != 0)
		return -1;
	printf("  Firefox's intermediates: %zu records\n", count);
	return 0;
}

/* ---- Names ------------------------------------------------------------- */

/* A rule that is never found would hit no authority either. */
static void
look_at_rules(struct audit *a)
{
	const struct list *list = &a->lists.list[0];
	unsigned n = 0;

	for (uint32_t i = 0; i < catalog_entries(&a->catalog); i++) {
		const struct catalog_entry *e = audit_compiled(a, i);
		struct bytes name = audit_span(a, e->subject);

		if ((e->flags & CATALOG_MATCH_NAME) == 0 || !audit_is_on(a, i))
			continue;
		n++;
		if (find_name(list, name, dn_edge(name)) == FIND_NONE)
			audit_find(a, audit_entry(a, i), "names", NULL,
				   "a name rule that is not found by its own "
				   "name");
	}
	printf("  name rules in force, each found by its own name: %u\n", n);
}

int
audit_authorities(struct audit *a)
{
	const struct audit_source *trusted = a->trusted.p;
	struct tally t = { 0 };

	puts("\nAuthorities that others trust");
	for (size_t i = 0; i < a->trusted.n / sizeof(*trusted); i++)
		look_at_source(a, &trusted[i], &t);
	if (a->intermediates != NULL && look_at_intermediates(a, &t) != 0)
		return -1;
	look_at_rules(a);
	printf("  looked at: %u authorities, %u names; hit by what is on: %u, "
	       "by what is opt-in: %u\n", t.authorities, t.names, t.on,
	       t.opt_in);
	return 0;
}
