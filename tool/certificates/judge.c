/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Asking each list by each rule.  The answer is the module's own: find.h. */

#include "certificates/judge.h"

#include <errno.h>
#include <unistd.h>

#include "base/words.h"
#include "builtin.h"
#include "compile/x509.h"
#include "der.h"
#include "dn.h"
#include "sha256.h"

/* ---- The lists -------------------------------------------------------- */

static int
add_system(struct judge *j, struct fault *fault)
{
	const char *path = file_system_path();
	struct catalog catalog;

	if (!file_take(&j->system, path, false))
		return access(path, F_OK) != 0 && errno == ENOENT ? 0 :
			fault_at(fault, path, 0, "cannot be used; a catalog "
				 "that root owns and nobody else may change");
	if (catalog_open(&catalog, j->system.base, j->system.size) != 0)
		return fault_at(fault, path, 0,
				"not a catalog of this version; "
				"what `distrust compile` writes");
	lists_add(&j->lists, &catalog);
	lists_rule(&j->lists, &catalog);
	return 0;
}

int
judge_begin(struct judge *j, struct fault *fault)
{
	struct catalog builtin;

	*j = (struct judge){ .usages = CATALOG_USAGE_SERVER };
	if (catalog_open(&builtin, builtin_catalog, builtin_catalog_size) == 0)
		lists_add(&j->lists, &builtin);
	return add_system(j, fault);
}

/* In the module's order: the system's word is the last. */
static int
add_user(struct judge *j, struct fault *fault)
{
	char room[FILE_PATH];
	const char *path = file_user_path(room);
	struct catalog user, system;

	if (!file_take(&j->user, path, true))
		return path == NULL || access(path, F_OK) != 0 ? 0 :
			fault_at(fault, path, 0, "cannot be used; a catalog "
				 "that only its user may change");
	if (catalog_open(&user, j->user.base, j->user.size) != 0)
		return fault_at(fault, path, 0,
				"not a catalog of this version; "
				"what `distrust apply` writes");
	lists_enable(&j->lists, &user);
	if (j->system.base != NULL &&
	    catalog_open(&system, j->system.base, j->system.size) == 0)
		lists_rule(&j->lists, &system);
	lists_add(&j->lists, &user);
	return 0;
}

int
judge_begin_user(struct judge *j, uint32_t usages, struct fault *fault)
{
	int rv = judge_begin(j, fault);

	j->usages = usages;
	j->counts_later = true;
	return add_user(j, fault) == 0 ? rv : -1;
}

void
judge_end(struct judge *j)
{
	file_release(&j->system);
	file_release(&j->user);
}

/* ---- The rules -------------------------------------------------------- */

/* What rules look at; views into the certificate. */
struct facts {
	struct bytes issuer;
	struct bytes serial;	/* empty: none that could be listed */
	struct bytes subject;
	struct bytes spki;
	uint8_t sha256[CATALOG_SHA256];
};

static bool
counts(const struct judge *j, const struct list *list,
       const struct catalog_entry *e, uint32_t match)
{
	return list_is_on(list, e) && (e->flags & match) != 0 &&
	       (e->flags & j->usages) != 0 &&
	       (e->after == 0 || j->counts_later);
}

/* The first entry of a run that counts, and has this serial number where
 * one is given. */
static const struct catalog_entry *
first(const struct judge *j, const struct list *list,
      enum catalog_question q, struct catalog_run run, struct bytes serial)
{
	for (; run.from < run.to; run.from++) {
		const struct catalog_entry *e = catalog_entry(&list->catalog,
			catalog_at(&list->catalog, q, run.from));

		if (counts(j, list, e, CATALOG_MATCH_CERTIFICATE) &&
		    (serial.n == 0 || bytes_equal(serial,
			catalog_bytes(&list->catalog, e->serial))))
			return e;
	}
	return NULL;
}

static const struct catalog_entry *
by_octets(const struct judge *j, const struct list *list,
	  enum catalog_question q, struct bytes octets)
{
	return first(j, list, q, find_octets(list, q, octets),
		     (struct bytes){ octets.p, 0 });
}

static const struct catalog_entry *
by_certificate(const struct judge *j, const struct list *list,
	       struct bytes der, const struct facts *f)
{
	struct bytes sha256 = { f->sha256, sizeof(f->sha256) };
	const struct catalog_entry *e;

	e = by_octets(j, list, CATALOG_BY_VALUE, der);
	if (e == NULL)
		e = by_octets(j, list, CATALOG_BY_SHA256, sha256);
	if (e == NULL && f->serial.n > 0)
		e = first(j, list, CATALOG_BY_SERIAL,
			  find_issuer_serial(list, f->issuer, f->serial),
			  f->serial);
	return e;
}

static const struct catalog_entry *
by_rule(const struct judge *j, const struct list *list, uint32_t index,
	uint32_t match)
{
	const struct catalog_entry *e = catalog_entry(&list->catalog, index);

	return counts(j, list, e, match) ? e : NULL;
}

static const struct catalog_entry *
by_name(const struct judge *j, const struct list *list, struct bytes name)
{
	return by_rule(j, list, find_name(list, name, dn_edge(name)),
		       CATALOG_MATCH_NAME);
}

static const struct catalog_entry *
ask(const struct judge *j, const struct list *list, struct bytes der,
    const struct facts *f, enum judge_rule rule)
{
	switch (rule) {
	case JUDGE_CERTIFICATE:
		return by_certificate(j, list, der, f);
	case JUDGE_KEY:
		return by_rule(j, list, find_key(list, f->spki),
			       CATALOG_MATCH_KEY);
	case JUDGE_NAME:
		return by_name(j, list, f->subject);
	case JUDGE_ISSUER:
		return by_name(j, list, f->issuer);
	}
	return NULL;
}

/* Read by the module's own means, which cannot fail: what could not be judged
 * would pass for good.  A serial number that is none (of 21 octets) leaves
 * all rules but that of issuer and serial number. */
static bool
read_facts(struct bytes der, struct facts *f)
{
	struct der_certificate fields;
	struct bytes integer;

	if (!der_certificate(der, &fields))
		return false;
	f->issuer = fields.issuer;
	f->subject = fields.subject;
	f->spki = fields.spki;
	if (!x509_serial(der, &f->serial) ||
	    !der_integer(f->serial, &integer) || integer.n > 20)
		f->serial.n = 0;
	sha256(der, f->sha256);
	return true;
}

bool
judge_is_distrusted(const struct judge *j, struct bytes der,
		    struct judgement *why)
{
	struct facts facts;

	if (!read_facts(der, &facts))
		return false;
	for (int rule = JUDGE_CERTIFICATE; rule <= JUDGE_ISSUER; rule++) {
		for (unsigned l = 0; l < j->lists.count; l++) {
			const struct list *list = &j->lists.list[l];

			why->rule = (enum judge_rule)rule;
			why->catalog = &list->catalog;
			why->entry = ask(j, list, der, &facts, why->rule);
			if (why->entry != NULL)
				return true;
		}
	}
	return false;
}

int
judge_each(const struct judge *j, judge_visit *visit, void *arg)
{
	const uint32_t any = CATALOG_MATCH_CERTIFICATE | CATALOG_MATCH_NAME |
			     CATALOG_MATCH_KEY;
	int rv = 0;

	for (unsigned l = 0; l < j->lists.count; l++) {
		const struct list *list = &j->lists.list[l];
		uint32_t count = catalog_entries(&list->catalog);

		for (uint32_t i = 0; rv == 0 && i < count; i++) {
			const struct catalog_entry *e =
				catalog_entry(&list->catalog, i);

			if (counts(j, list, e, any))
				rv = visit(arg, &list->catalog, e);
		}
	}
	return rv;
}

const char *
judge_rule_text(enum judge_rule rule)
{
	static const char *const texts[] = {
		[JUDGE_CERTIFICATE] = N_("is listed itself"),
		[JUDGE_KEY] = N_("has a distrusted key"),
		[JUDGE_NAME] = N_("bears a distrusted name"),
		[JUDGE_ISSUER] = N_("was issued under a distrusted name"),
	};

	return texts[rule];
}
