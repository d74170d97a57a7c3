/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * One [certificate NAME] or [identity NAME]: its values into an entry, and
 * whether the entry may be.  It knows what a match needs and what makes two
 * entries the same.
 */

#include "compile/source-entry.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "compile/filing.h"
#include "compile/x509.h"
#include "dn.h"
#include "hash.h"

#define COMMON_KEYS \
	{ "label", KEY_REQUIRED }, \
	{ "match", KEY_REQUIRED }, \
	{ "usage", 0 }, \
	{ "blocked-by", 0 }, \
	{ "after", 0 }, \
	{ "confirmed-by", KEY_REPEATED }, \
	{ "note", 0 }

const struct section_key source_certificate_keys[SOURCE_CERTIFICATE_KEYS] = {
	{ "file", KEY_REQUIRED },
	{ "sha256", KEY_REQUIRED | KEY_OCTETS },
	COMMON_KEYS
};

const struct section_key source_identity_keys[SOURCE_IDENTITY_KEYS] = {
	{ "issuer", KEY_OCTETS },
	{ "serial", KEY_OCTETS },
	{ "subject", KEY_OCTETS },
	{ "sha1", KEY_OCTETS },
	{ "sha256", KEY_OCTETS },
	{ "spki-sha256", KEY_OCTETS },
	{ "not-before", 0 },
	{ "not-after", 0 },
	COMMON_KEYS
};

/* Where an entry was read. */
struct origin {
	uint32_t line;
	uint32_t name;		/* in entry_names */
};

/* An entry in the making. */
struct draft {
	const struct section *section;
	struct catalog_entry entry;
	uint8_t id[CATALOG_ID];
};

/* ---- What both kinds say ---------------------------------------------- */

static const struct text_word matches[] = {
	{ "certificate", CATALOG_MATCH_CERTIFICATE },
	{ "name", CATALOG_MATCH_NAME },
	{ "key", CATALOG_MATCH_KEY },
};

static const struct text_word usages[] = {
	{ "server", CATALOG_USAGE_SERVER },
	{ "client", CATALOG_USAGE_CLIENT },
	{ "email", CATALOG_USAGE_EMAIL },
	{ "code", CATALOG_USAGE_CODE },
};

static const struct text_word blockers[] = {
	{ "onecrl", CATALOG_IN_ONECRL },
};

/* The bits of words, each once; 0 where one is unknown or repeated. */
static uint32_t
bits_of(const char *text, const struct text_word *words, size_t count)
{
	uint32_t bits = 0;

	while (*text != '\0') {
		size_t n = strcspn(text, " \t");
		uint32_t bit = text_bit(words, count, text, n);

		if (bit == 0 || (bits & bit) != 0)
			return 0;
		bits |= bit;
		text += n;
		text += strspn(text, " \t");
	}
	return bits;
}

static int
take_match(struct source *s, struct draft *d)
{
	const struct section_value *v = section_find(d->section, "match");
	uint32_t bits = bits_of(section_text(d->section, v), matches,
				sizeof(matches) / sizeof(*matches));

	d->entry.flags |= bits;
	if (bits == 0)
		return source_refuse(s, d->section, v,
				     "bad match; one or more of certificate, "
				     "name, key");
	return 0;
}

static int
take_usage(struct source *s, struct draft *d)
{
	const struct section_value *v = section_find(d->section, "usage");
	uint32_t bits = v == NULL ? CATALOG_USAGE_ALL
		: bits_of(section_text(d->section, v), usages,
			  sizeof(usages) / sizeof(*usages));

	d->entry.flags |= bits;
	if (bits == 0)
		return source_refuse(s, d->section, v,
				     "bad usage; one or more of server, "
				     "client, email, code");
	return 0;
}

static int
take_blocked_by(struct source *s, struct draft *d)
{
	const struct section_value *v = section_find(d->section, "blocked-by");
	uint32_t bits;

	if (v == NULL)
		return 0;
	bits = bits_of(section_text(d->section, v), blockers,
		       sizeof(blockers) / sizeof(*blockers));
	d->entry.flags |= bits;
	if (bits == 0)
		return source_refuse(s, d->section, v,
				     "bad blocked-by; onecrl");
	return 0;
}

/* As UTCTime, which has two digits for the years 1950 to 2049. */
static int
take_after(struct source *s, struct draft *d)
{
	char utc[32];
	uint32_t date;

	if (source_date(s, d->section, "after", &date) != 0)
		return -1;
	if (date == 0)
		return 0;
	if (date < 19500101 || date > 20491231)
		return source_refuse(s, d->section,
				     section_find(d->section, "after"),
				     "bad date in 'after'; a year from 1950 "
				     "to 2049");
	snprintf(utc, sizeof(utc), "%06u000000Z", (unsigned)date % 1000000);
	return records_put_fixed(s->records, (const uint8_t *)utc,
				 CATALOG_AFTER, &d->entry.after);
}

static int
take_label(struct source *s, struct draft *d)
{
	const struct section_value *v = section_find(d->section, "label");

	if (strlen(section_text(d->section, v)) > 64)
		return source_refuse(s, d->section, v,
				     "label too long; at most 64 octets");
	return source_text(s, d->section, "label", &d->entry.label);
}

static int
take_evidence(struct source *s, struct draft *d)
{
	static const char mark[] = "note: ";
	const struct section_value *v = section_find(d->section, "note");
	struct buffer *lines = &s->scratch;

	buffer_clear(lines);
	if (source_lines(s, d->section, "confirmed-by", lines) != 0)
		return -1;
	if (v != NULL) {
		const char *note = section_text(d->section, v);

		if ((lines->n > 0 && buffer_add(lines, "\n", 1) != 0) ||
		    buffer_add(lines, mark, sizeof(mark) - 1) != 0 ||
		    buffer_add(lines, note, strlen(note)) != 0)
			return fault_memory(s->fault);
	}
	return source_put_lines(s, lines, &d->entry.evidence);
}

static int
take_common(struct source *s, struct draft *d)
{
	if (take_label(s, d) != 0 || take_match(s, d) != 0 ||
	    take_usage(s, d) != 0 || take_blocked_by(s, d) != 0 ||
	    take_after(s, d) != 0)
		return -1;
	return take_evidence(s, d);
}

/* ---- Octets ----------------------------------------------------------- */

/* A key's octets, in s->scratch; none if the key is not there. */
static int
octets_of(struct source *s, struct draft *d, const char *key,
	  int (*decode)(const char *, struct buffer *), const char *expected)
{
	const struct section_value *v = section_find(d->section, key);
	int rv;

	buffer_clear(&s->scratch);
	if (v == NULL)
		return 0;
	rv = decode(section_text(d->section, v), &s->scratch);
	if (rv < 0)
		return fault_memory(s->fault);
	if (rv > 0)
		return fault_at(s->fault, d->section->path, v->line,
				"bad '%s'; %s", key, _(expected));
	return 0;
}

/* A digest: of exactly this many octets, or not there. */
static int
digest_of(struct source *s, struct draft *d, const char *key, size_t size)
{
	if (octets_of(s, d, key, text_hex, "hex digits, two an octet") != 0)
		return -1;
	if (s->scratch.n != 0 && s->scratch.n != size)
		return fault_at(s->fault, d->section->path,
				section_find(d->section, key)->line,
				"bad '%s' of %zu octets; %zu octets in hex",
				key, s->scratch.n, size);
	return 0;
}

static int
take_digest(struct source *s, struct draft *d, const char *key, size_t size,
	    uint32_t *off)
{
	if (digest_of(s, d, key, size) != 0)
		return -1;
	return records_put_fixed(s->records, s->scratch.p, s->scratch.n, off);
}

static int
take_name(struct source *s, struct draft *d, const char *key,
	  struct catalog_span *span)
{
	struct bytes name;

	if (octets_of(s, d, key, text_base64, "base64, padded") != 0)
		return -1;
	name = (struct bytes){ s->scratch.p, s->scratch.n };
	if (name.n != 0 && !x509_is_name(name))
		return fault_at(s->fault, d->section->path,
				section_find(d->section, key)->line,
				"'%s' is not a name; base64 of a DER Name",
				key);
	return records_intern(s->records, name, span);
}

/* The content octets as they are given, as a DER INTEGER. */
static int
take_serial(struct source *s, struct draft *d)
{
	uint8_t der[2 + 20] = { 0x02 };

	if (octets_of(s, d, "serial", text_hex,
		      "hex digits, two an octet") != 0)
		return -1;
	if (s->scratch.n == 0)
		return 0;
	if (s->scratch.n > 20)
		return source_refuse(s, d->section,
				     section_find(d->section, "serial"),
				     "serial number too long; 1 to 20 octets");
	der[1] = (uint8_t)s->scratch.n;
	memcpy(der + 2, s->scratch.p, s->scratch.n);
	return records_put(s->records, (struct bytes){ der, 2u + der[1] },
			   &d->entry.serial);
}

/* ---- [identity] ------------------------------------------------------- */

static int
take_dates(struct source *s, struct draft *d)
{
	uint32_t before, after;
	char dates[32];

	if (source_date(s, d->section, "not-before", &before) != 0 ||
	    source_date(s, d->section, "not-after", &after) != 0)
		return -1;
	if (before == 0 || after == 0)
		return 0;
	if (before > after)
		return source_refuse(s, d->section,
				     section_find(d->section, "not-after"),
				     "ends before it begins; a day after "
				     "not-before");
	snprintf(dates, sizeof(dates), "%08u%08u", (unsigned)before,
		 (unsigned)after);
	return records_put_fixed(s->records, (const uint8_t *)dates,
				 CATALOG_DATES, &d->entry.dates);
}

static void
cut_id(struct draft *d, struct bytes from)
{
	memcpy(d->id, from.p, CATALOG_ID);
}

static int
digest_id(struct source *s, struct draft *d, struct bytes of)
{
	if (x509_sha1(of, d->id) != 0)
		return source_refuse(s, d->section, NULL,
				     "no digest; SHA-1 from OpenSSL");
	return 0;
}

/* CKA_ID has no meaning of its own, but must be there and be the same in
 * every build. */
static int
identity_id(struct source *s, struct draft *d)
{
	const struct catalog_entry *e = &d->entry;
	struct bytes pool = records_pool(s->records);
	const uint32_t digests[] = { e->sha256, e->spki_sha256, e->sha1 };
	struct bytes issuer = filing_bytes(pool, e->issuer);
	struct bytes serial = filing_bytes(pool, e->serial);

	if (issuer.n > 0 && serial.n > 0) {
		buffer_clear(&s->scratch);
		if (buffer_add(&s->scratch, issuer.p, issuer.n) != 0 ||
		    buffer_add(&s->scratch, serial.p, serial.n) != 0)
			return fault_memory(s->fault);
		return digest_id(s, d, (struct bytes){ s->scratch.p,
						       s->scratch.n });
	}
	for (size_t i = 0; i < sizeof(digests) / sizeof(*digests); i++) {
		struct catalog_span first = { digests[i], CATALOG_ID };

		if (digests[i] != 0) {
			cut_id(d, filing_bytes(pool, first));
			return 0;
		}
	}
	return digest_id(s, d, filing_bytes(pool, e->subject));
}

static bool
is_same(struct bytes a, struct bytes b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static bool
is_identity_authority(const struct source *s, const struct catalog_entry *e)
{
	struct bytes subject = records_bytes(s->records, e->subject);

	return (e->flags & CATALOG_MATCH_NAME) != 0 ||
	       (subject.n > 0 &&
		is_same(subject, records_bytes(s->records, e->issuer)));
}

static int
take_identity(struct source *s, struct draft *d)
{
	struct catalog_entry *e = &d->entry;

	if (take_name(s, d, "issuer", &e->issuer) != 0 ||
	    take_serial(s, d) != 0 ||
	    take_name(s, d, "subject", &e->subject) != 0 ||
	    take_digest(s, d, "sha1", CATALOG_SHA1, &e->sha1) != 0 ||
	    take_digest(s, d, "sha256", CATALOG_SHA256, &e->sha256) != 0 ||
	    take_digest(s, d, "spki-sha256", CATALOG_SHA256,
			&e->spki_sha256) != 0 ||
	    take_dates(s, d) != 0)
		return -1;
	if (is_identity_authority(s, e))
		e->flags |= CATALOG_IS_CA;
	return 0;
}

/* ---- [certificate] ---------------------------------------------------- */

/* Where a view into the certificate stands in the pool. */
static struct catalog_span
span_within(struct catalog_span value, struct bytes der, struct bytes field)
{
	return (struct catalog_span){
		value.off + (uint32_t)(field.p - der.p), (uint32_t)field.n
	};
}

static int
put_facts(struct source *s, struct draft *d, struct bytes der,
	  const struct x509_facts *f)
{
	struct records *r = s->records;
	struct catalog_entry *e = &d->entry;

	if (records_put(r, der, &e->value) != 0)
		return -1;
	e->issuer = span_within(e->value, der, f->issuer);
	e->serial = span_within(e->value, der, f->serial);
	e->subject = span_within(e->value, der, f->subject);
	e->spki = span_within(e->value, der, f->spki);
	if (f->is_ca)
		e->flags |= CATALOG_IS_CA;
	memcpy(d->id, f->spki_sha1, sizeof(d->id));
	if (records_put_fixed(r, f->md5, CATALOG_MD5, &e->md5) != 0 ||
	    records_put_fixed(r, f->sha1, CATALOG_SHA1, &e->sha1) != 0 ||
	    records_put_fixed(r, f->sha256, CATALOG_SHA256, &e->sha256) != 0 ||
	    records_put_fixed(r, f->spki_sha256, CATALOG_SHA256,
			      &e->spki_sha256) != 0)
		return -1;
	return records_put_fixed(r, f->dates, CATALOG_DATES, &e->dates);
}

/* The stated digest says that the file is the one that was reviewed. */
static int
check_stated(struct source *s, struct draft *d, const char *file,
	     const struct x509_facts *f)
{
	char hex[2 * CATALOG_SHA256 + 1];

	if (digest_of(s, d, "sha256", CATALOG_SHA256) != 0)
		return -1;
	if (memcmp(s->scratch.p, f->sha256, CATALOG_SHA256) == 0)
		return 0;
	for (size_t i = 0; i < CATALOG_SHA256; i++)
		snprintf(hex + 2 * i, 3, "%02x", f->sha256[i]);
	return fault_at(s->fault, d->section->path,
			section_find(d->section, "sha256")->line,
			"not the sha256 of %s; %s", file, hex);
}

static int
read_certificate(struct source *s, const char *name, struct buffer *der,
		 struct x509_facts *facts)
{
	struct buffer *pem = &s->scratch;
	const char *wrong;
	char path[PATH_MAX];

	buffer_clear(pem);
	if (source_path(s, path, sizeof(path), s->folder_path, name) != 0 ||
	    tree_read(s->tree, path, pem) != 0)
		return -1;
	wrong = x509_from_pem((struct bytes){ pem->p, pem->n }, der);
	if (wrong == NULL)
		wrong = x509_read((struct bytes){ der->p, der->n }, facts);
	if (wrong == NULL)
		return 0;
	fault_at(s->fault, path, 0, "%s", _(wrong));
	return -1;
}

static int
take_certificate(struct source *s, struct draft *d)
{
	const struct section_value *v = section_find(d->section, "file");
	const char *file = section_text(d->section, v);
	struct tree_name *name = tree_find(&s->names, file);
	struct buffer der = { 0 };
	struct x509_facts facts;
	int rv = -1;

	if (name == NULL)
		return fault_at(s->fault, d->section->path, v->line,
				"no file %s; a file of this folder", file);
	name->used = true;
	if (read_certificate(s, file, &der, &facts) == 0 &&
	    check_stated(s, d, file, &facts) == 0)
		rv = put_facts(s, d, (struct bytes){ der.p, der.n }, &facts);
	buffer_free(&der);
	return rv;
}

/* ---- Whether the entry may be ----------------------------------------- */

static int
check_name_rule(struct source *s, const struct draft *d,
		const struct section_value *match)
{
	struct bytes subject = records_bytes(s->records, d->entry.subject);
	uint64_t hash;

	if (subject.n == 0)
		return source_refuse(s, d->section, match,
				     "match name lacks its facts; subject");
	if (subject.n == 2)
		return source_refuse(s, d->section, match,
				     "match name on an empty name; a subject "
				     "with attributes");
	if (!dn_hash(subject, &hash))
		return source_refuse(s, d->section, match,
				     "match name on a malformed name; a "
				     "subject that can be compared");
	return 0;
}

static int
check_match(struct source *s, const struct draft *d)
{
	const struct section_value *v = section_find(d->section, "match");
	const struct catalog_entry *e = &d->entry;
	bool has_serial = e->issuer.len > 0 && e->serial.len > 0;

	if ((e->flags & CATALOG_MATCH_CERTIFICATE) != 0 && !has_serial &&
	    e->sha256 == 0)
		return source_refuse(s, d->section, v,
				     "match certificate lacks its facts; "
				     "issuer and serial, or sha256");
	if ((e->flags & CATALOG_MATCH_KEY) != 0 && e->spki_sha256 == 0)
		return source_refuse(s, d->section, v,
				     "match key lacks its facts; spki-sha256");
	if ((e->flags & CATALOG_MATCH_NAME) != 0)
		return check_name_rule(s, d, v);
	return 0;
}

static int
refuse_duplicate(struct source *s, const struct draft *d, uint32_t other,
		 const char *what)
{
	const struct catalog_group *groups = s->records->groups.p;
	const struct origin *origins = s->origins.p;
	const struct catalog_entry *e = records_entry(s->records, other);
	struct bytes group = records_bytes(s->records, groups[e->group].name);

	return fault_at(s->fault, d->section->path, d->section->line,
			"the same %s as %s/%.*s/incident.ini:%u; one entry "
			"for a certificate", what, s->root, (int)group.n,
			(const char *)group.p, (unsigned)origins[other].line);
}

static bool
is_same_sha256(const struct source *s, const struct catalog_entry *a,
	       const struct catalog_entry *b)
{
	struct catalog_span left = { a->sha256, CATALOG_SHA256 };
	struct catalog_span right = { b->sha256, CATALOG_SHA256 };

	return is_same(records_bytes(s->records, left),
		       records_bytes(s->records, right));
}

static bool
is_same_serial(const struct source *s, const struct catalog_entry *a,
	       const struct catalog_entry *b)
{
	return is_same(records_bytes(s->records, a->serial),
		       records_bytes(s->records, b->serial)) &&
	       is_same(records_bytes(s->records, a->issuer),
		       records_bytes(s->records, b->issuer));
}

/* Whether an earlier entry in the table is the same; otherwise file this. */
static int
check_in(struct source *s, const struct draft *d, struct table *table,
	 uint64_t hash, const char *what,
	 bool (*is_equal)(const struct source *, const struct catalog_entry *,
			  const struct catalog_entry *))
{
	size_t cursor = 0;
	uint32_t i;

	while ((i = table_next(table, hash, &cursor)) != TABLE_NONE) {
		if (is_equal(s, &d->entry, records_entry(s->records, i)))
			return refuse_duplicate(s, d, i, what);
	}
	if (table_add(table, hash, records_entries(s->records)) != 0)
		return fault_memory(s->fault);
	return 0;
}

static int
check_duplicate(struct source *s, const struct draft *d)
{
	const struct catalog_entry *e = &d->entry;
	struct catalog_span sha256 = { e->sha256, CATALOG_SHA256 };
	uint64_t hash;

	if (e->sha256 != 0) {
		hash = catalog_hash(records_bytes(s->records, sha256));
		if (check_in(s, d, &s->by_sha256, hash, "sha256",
			     is_same_sha256) != 0)
			return -1;
	}
	if (e->issuer.len == 0 || e->serial.len == 0)
		return 0;
	hash = catalog_hash(records_bytes(s->records, e->serial)) ^
	       catalog_hash(records_bytes(s->records, e->issuer));
	return check_in(s, d, &s->by_serial, hash, "issuer and serial",
			is_same_serial);
}

/* ---- The whole -------------------------------------------------------- */

static int
note_origin(struct source *s, const struct section *section)
{
	struct origin origin = {
		section->line, (uint32_t)s->entry_names.n
	};

	if (buffer_add(&s->origins, &origin, sizeof(origin)) != 0 ||
	    buffer_add(&s->entry_names, section->name,
		       strlen(section->name) + 1) != 0)
		return fault_memory(s->fault);
	return 0;
}

static int
put_id(struct source *s, struct draft *d)
{
	static const uint8_t zero[CATALOG_ID];

	if (d->entry.value.len == 0 && identity_id(s, d) != 0)
		return -1;
	if (memcmp(d->id, zero, sizeof(zero)) == 0)
		d->id[0] = 1;
	return records_put_fixed(s->records, d->id, CATALOG_ID, &d->entry.id);
}

int
source_take_entry(struct source *s, const struct section *section)
{
	struct draft d = {
		.section = section,
		.entry.group = records_groups(s->records) - 1,
	};
	int rv;

	if (take_common(s, &d) != 0)
		return -1;
	rv = strcmp(section->kind->word, "certificate") == 0
		? take_certificate(s, &d) : take_identity(s, &d);
	if (rv != 0 || check_match(s, &d) != 0 ||
	    check_duplicate(s, &d) != 0 || put_id(s, &d) != 0 ||
	    note_origin(s, section) != 0)
		return -1;
	return records_add_entry(s->records, &d.entry);
}

/* ---- Order ------------------------------------------------------------ */

/* An entry's place in the list. */
struct rank {
	const char *name;
	uint32_t group;
	uint32_t entry;		/* as it was read */
};

static int
compare_ranks(const void *left, const void *right)
{
	const struct rank *a = left, *b = right;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return strcmp(a->name, b->name);
}

static struct rank *
make_ranks(const struct source *s, uint32_t count)
{
	const struct origin *origins = s->origins.p;
	struct rank *ranks = calloc(count + (size_t)1, sizeof(*ranks));

	if (ranks == NULL)
		return NULL;
	for (uint32_t i = 0; i < count; i++) {
		ranks[i].name = (const char *)s->entry_names.p +
				origins[i].name;
		ranks[i].group = records_entry(s->records, i)->group;
		ranks[i].entry = i;
	}
	qsort(ranks, count, sizeof(*ranks), compare_ranks);
	return ranks;
}

static int
refuse_name(struct source *s, const struct rank *a, const struct rank *b)
{
	const struct catalog_group *groups = s->records->groups.p;
	struct bytes group = records_bytes(s->records, groups[a->group].name);
	const struct origin *origins = s->origins.p;
	uint32_t first = origins[a->entry].line;
	uint32_t second = origins[b->entry].line;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%.*s/incident.ini", s->root,
		 (int)group.n, (const char *)group.p);
	return fault_at(s->fault, path, first > second ? first : second,
			"NAME '%s' again, as in line %u; once in a folder",
			a->name, (unsigned)(first < second ? first : second));
}

static int
check_names(struct source *s, const struct rank *ranks, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		if (compare_ranks(&ranks[i - 1], &ranks[i]) == 0)
			return refuse_name(s, &ranks[i - 1], &ranks[i]);
	}
	return 0;
}

static int
reorder(struct source *s, const struct rank *ranks, uint32_t count)
{
	struct buffer *entries = &s->records->entries;
	struct buffer ordered = { 0 };

	for (uint32_t i = 0; i < count; i++) {
		if (buffer_add(&ordered,
			       records_entry(s->records, ranks[i].entry),
			       sizeof(struct catalog_entry)) != 0) {
			buffer_free(&ordered);
			return fault_memory(s->fault);
		}
	}
	buffer_free(entries);
	*entries = ordered;
	return 0;
}

int
source_sort(struct source *s)
{
	uint32_t count = records_entries(s->records);
	struct rank *ranks = make_ranks(s, count);
	int rv;

	if (ranks == NULL)
		return fault_memory(s->fault);
	rv = check_names(s, ranks, count);
	if (rv == 0)
		rv = reorder(s, ranks, count);
	free(ranks);
	return rv;
}

void
source_entry_free(struct source *s)
{
	buffer_free(&s->scratch);
	buffer_free(&s->origins);
	buffer_free(&s->entry_names);
	table_free(&s->by_sha256);
	table_free(&s->by_serial);
}
