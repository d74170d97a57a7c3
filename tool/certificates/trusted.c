/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Authorities by name and by key, each sorted so that a million entries ask
 * fast. */

#include "certificates/trusted.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "base/paths.h"
#include "builtin.h"
#include "certificates/judge.h"
#include "compile/x509.h"
#include "dn.h"

/* Bundles of distributions, and programs that bring their own. */
enum { BUNDLES = 6 };
static const char *const places[] = {
	"etc/ssl/certs/ca-certificates.crt",
	"etc/ssl/cert.pem",
	"etc/ssl/ca-bundle.pem",
	"etc/pki/tls/certs/ca-bundle.crt",
	"etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"var/lib/ca-certificates/ca-bundle.pem",
	"usr/lib*/libnssckbi.so",
	"usr/lib/*/libnssckbi.so",
	"usr/lib*/firefox*/libxul.so",
	"opt/firefox*/libxul.so",
};

/* What an administrator has added to a bundle.  Somebody's demand that it be
 * trusted is the usual reason for a name rule. */
static const char *const added[] = {
	"usr/local/share/ca-certificates/*",
	"usr/local/share/ca-certificates/*/*",
	"etc/ca-certificates/trust-source/anchors/*",
	"etc/pki/ca-trust/source/anchors/*",
	"etc/pki/trust/anchors/*",
};

/* An authority and from where it is. */
struct authority {
	uint64_t name;		/* dn_hash() of its subject */
	uint32_t number;	/* in the harvest */
};

struct trusted {
	struct harvest harvest;
	struct harvest added;
	struct buffer authorities;	/* struct authority, sorted by name */
	struct judge builtin;
	const struct records *records;
	struct fault *fault;
};

/* ---- Who is trusted ---------------------------------------------------- */

static int
read_place(struct harvest *h, const char *root, const char *place,
	   struct fault *fault)
{
	char pattern[PATHS_MAX];
	glob_t found;
	int rv = 0;

	if (!paths_join(pattern, root, place) ||
	    glob(pattern, 0, NULL, &found) != 0)
		return 0;
	for (size_t i = 0; i < found.gl_pathc && rv == 0; i++)
		rv = harvest_file(h, found.gl_pathv[i], fault);
	globfree(&found);
	return rv;
}

/* Folders and other files may stand among what was added. */
static void
read_added(struct trusted *t, const char *root)
{
	for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++) {
		struct fault fault = { "" };

		read_place(&t->added, root, added[i], &fault);
	}
}

int
trusted_bundles(struct harvest *harvest, const char *root,
		struct fault *fault)
{
	int rv = 0;

	for (size_t i = 0; i < BUNDLES && rv == 0; i++)
		rv = read_place(harvest, root, places[i], fault);
	return rv;
}

static int
compare(const void *left, const void *right)
{
	const struct authority *a = left, *b = right;

	return a->name < b->name ? -1 : a->name > b->name;
}

/* Those that the built-in list knows for bad are trusted by mistake. */
static bool
is_bad(const struct trusted *t, const struct harvested *h)
{
	struct judgement why;

	return judge_is_distrusted(&t->builtin,
				   (struct bytes){ h->der, h->size }, &why) &&
	       why.rule <= JUDGE_KEY;
}

static int
sort_authorities(struct trusted *t)
{
	for (size_t i = 0; i < harvest_count(&t->harvest); i++) {
		const struct harvested *h = harvest_at(&t->harvest, i);
		struct authority a = { .number = (uint32_t)i };

		if (is_bad(t, h) || !dn_hash(h->subject, &a.name))
			continue;
		if (buffer_add(&t->authorities, &a, sizeof(a)) != 0)
			return fault_memory(t->fault);
	}
	if (t->authorities.n > 0)
		qsort(t->authorities.p,
		      t->authorities.n / sizeof(struct authority),
		      sizeof(struct authority), compare);
	return 0;
}

static int
read_all(struct trusted *t, const char *root)
{
	struct catalog builtin;
	int rv = 0;

	read_added(t, root);
	if (catalog_open(&builtin, builtin_catalog, builtin_catalog_size) == 0)
		lists_add(&t->builtin.lists, &builtin);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (rv == 0)
			rv = read_place(&t->harvest, root, places[i],
					t->fault);
	}
	return rv == 0 ? sort_authorities(t) : -1;
}

/* ---- Whether an entry hits one ----------------------------------------- */

static struct bytes
digest(const struct trusted *t, uint32_t off)
{
	struct catalog_span span = { off, off != 0 ? CATALOG_SHA256 : 0 };

	return records_bytes(t->records, span);
}

static bool
is_same(struct bytes a, const uint8_t digest[CATALOG_SHA256])
{
	return bytes_equal(a, (struct bytes){ digest, CATALOG_SHA256 });
}

static bool
is_added(const struct trusted *t, const struct harvested *h)
{
	for (size_t i = 0; i < harvest_count(&t->added); i++) {
		const struct harvested *a = harvest_at(&t->added, i);

		if (memcmp(a->sha256, h->sha256, sizeof(a->sha256)) == 0)
			return true;
	}
	return false;
}

/* By what an entry states of itself, an authority is the one it means. */
static bool
is_meant(const struct trusted *t, const struct catalog_entry *e,
	 const struct harvested *h)
{
	struct bytes serial = records_bytes(t->records, e->serial);

	return is_same(digest(t, e->sha256), h->sha256) ||
	       is_same(digest(t, e->spki_sha256), h->spki_sha256) ||
	       (serial.n > 0 && bytes_equal(serial, h->serial) &&
		bytes_equal(records_bytes(t->records, e->issuer), h->issuer));
}

static int
refuse(const struct trusted *t, const struct catalog_entry *e,
       const struct harvested *h)
{
	const struct catalog_group *groups = t->records->groups.p;
	struct bytes group = records_bytes(t->records, groups[e->group].name);
	struct bytes label = records_bytes(t->records, e->label);
	struct buffer name = { 0 };

	if (x509_name_text(h->subject, &name) != 0)
		name.n = 0;
	fault_at(t->fault, "distrust", 0,
		 "'%.*s' in group %.*s would refuse all of \"%.*s\", which "
		 "this machine or its browsers trust; a match without 'name'",
		 (int)label.n, (const char *)label.p, (int)group.n,
		 (const char *)group.p, (int)name.n, (const char *)name.p);
	buffer_free(&name);
	return -1;
}

/* The authorities whose names have the same hash stand together. */
static int
check_name(const struct trusted *t, const struct catalog_entry *e)
{
	const struct authority *all = t->authorities.p, *a;
	const size_t count = t->authorities.n / sizeof(*all);
	struct bytes subject = records_bytes(t->records, e->subject);
	struct authority wanted = { .number = 0 };

	if (count == 0 || !dn_hash(subject, &wanted.name))
		return 0;
	a = bsearch(&wanted, all, count, sizeof(*all), compare);
	while (a != NULL && a > all && a[-1].name == wanted.name)
		a--;
	for (; a != NULL && a < all + count && a->name == wanted.name; a++) {
		const struct harvested *h = harvest_at(&t->harvest, a->number);

		if (dn_equal(subject, h->subject) &&
		    !(is_added(t, h) && is_meant(t, e, h)))
			return refuse(t, e, h);
	}
	return 0;
}

static bool
has_names(const struct records *records)
{
	for (uint32_t i = 0; i < records_entries(records); i++) {
		if (records_entry(records, i)->flags & CATALOG_MATCH_NAME)
			return true;
	}
	return false;
}

int
trusted_check(const struct records *records, const char *root,
	      struct fault *fault)
{
	struct trusted t = {
		.builtin = { .usages = CATALOG_USAGE_ALL },
		.records = records,
		.fault = fault,
	};
	int rv;

	if (!has_names(records))
		return 0;
	rv = read_all(&t, root);
	for (uint32_t i = 0; i < records_entries(records) && rv == 0; i++) {
		const struct catalog_entry *e = records_entry(records, i);

		if (e->flags & CATALOG_MATCH_NAME)
			rv = check_name(&t, e);
	}
	buffer_free(&t.authorities);
	harvest_free(&t.harvest);
	harvest_free(&t.added);
	return rv;
}
