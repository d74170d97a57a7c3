/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Lists in JSON: Mozilla's OneCRL as Firefox ships it, Chromium's CRLSet as
 * its tools print it, and a policy of Chromium; and OneCRL's place in
 * Firefox's archive.
 */

#include "exchange/import.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/text.h"

static int
load(struct import *im, struct bytes content, const char *path, json_t **json)
{
	json_error_t error;

	*json = json_loadb((const char *)content.p, content.n, 0, &error);
	if (*json != NULL)
		return 0;
	return fault_at(import_fault(im), path,
			error.line > 0 ? (unsigned)error.line : 0,
			"%s; JSON", error.text);
}

static struct bytes
octets_of(const struct buffer *b)
{
	return (struct bytes){ b->p, b->n };
}

/* A member in base64; 1: there is none, or it is something else. */
static int
take(const json_t *object, const char *key, struct buffer *octets)
{
	const char *text = json_string_value(json_object_get(object, key));

	buffer_clear(octets);
	return text == NULL ? 1 : text_base64(text, octets);
}

/* ---- OneCRL ------------------------------------------------------------ */

struct record {
	struct buffer issuer, serial, subject, key, note;
};

/* What Mozilla says of a record: the bug, and why. */
static int
take_note(struct record *r, const json_t *record)
{
	static const char *const keys[] = { "bug", "why", "name" };
	const json_t *details = json_object_get(record, "details");

	buffer_clear(&r->note);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *text = json_string_value(
			json_object_get(details, keys[i]));

		if (text == NULL || strlen(text) < 2)
			continue;
		if ((r->note.n > 0 && buffer_add(&r->note, ", ", 2) != 0) ||
		    buffer_add(&r->note, text, strlen(text)) != 0)
			return -1;
	}
	return buffer_add(&r->note, "", 1);
}

static int
add_record(struct import *im, struct record *r, const json_t *record)
{
	/* Mozilla's own records say of which schema they are; others use the
	 * form, and Firefox knows nothing of theirs. */
	const bool is_mozillas = json_object_get(record, "schema") != NULL;
	struct stated s = { .flags = CATALOG_USAGE_SERVER };

	if (is_mozillas) {
		s.flags |= CATALOG_IN_ONECRL;
		s.confirmed = "Mozilla OneCRL (issuer and serial)";
	}
	if (take_note(r, record) != 0)
		return fault_memory(import_fault(im));
	s.note = r->note.n > 1 ? r->note.p : NULL;
	if (take(record, "issuerName", &r->issuer) == 0 &&
	    take(record, "serialNumber", &r->serial) == 0 && r->serial.n > 0) {
		s.issuer = octets_of(&r->issuer);
		s.serial = octets_of(&r->serial);
		s.flags |= CATALOG_MATCH_CERTIFICATE;
		return import_add(im, &s);
	}
	if (take(record, "subject", &r->subject) != 0 ||
	    take(record, "pubKeyHash", &r->key) != 0 ||
	    r->key.n != CATALOG_SHA256)
		return import_leave(im, "records of an unknown kind");
	/* Both together, which is less than either: others may have the key. */
	if (!import_options(im)->by_key)
		return import_leave(im, "records by subject and key, which "
				    "only --by-key takes");
	s.subject = octets_of(&r->subject);
	s.spki_sha256 = octets_of(&r->key);
	s.flags |= CATALOG_MATCH_KEY;
	if (is_mozillas)
		s.confirmed = "Mozilla OneCRL (subject and key)";
	return import_add(im, &s);
}

/* `enabled` is not looked at: Firefox does not either. */
int
import_onecrl(struct import *im, struct bytes content, const char *path)
{
	struct record r = { .issuer = { 0 } };
	json_t *json;
	const json_t *records;
	int rv = load(im, content, path, &json);

	if (rv != 0)
		return -1;
	records = json_is_array(json) ? json : json_object_get(json, "data");
	if (!json_is_array(records))
		rv = fault_at(import_fault(im), path, 0,
			      "no records; OneCRL's \"data\"");
	for (size_t i = 0; rv == 0 && i < json_array_size(records); i++)
		rv = add_record(im, &r, json_array_get(records, i));
	buffer_free(&r.issuer);
	buffer_free(&r.serial);
	buffer_free(&r.subject);
	buffer_free(&r.key);
	buffer_free(&r.note);
	json_decref(json);
	return rv;
}

/* ---- Chromium ---------------------------------------------------------- */

/* Each text of an array, in base64, to a function. */
static int
each(struct import *im, struct bytes content, const char *path,
     const char *key, int (*add)(struct import *, struct bytes))
{
	struct buffer octets = { 0 };
	json_t *json;
	const json_t *array;
	int rv = load(im, content, path, &json);

	if (rv != 0)
		return -1;
	array = json_object_get(json, key);
	for (size_t i = 0; rv == 0 && i < json_array_size(array); i++) {
		const char *text = json_string_value(
			json_array_get(array, i));

		buffer_clear(&octets);
		rv = text == NULL || text_base64(text, &octets) != 0 ?
			import_leave(im, "no base64") :
			add(im, octets_of(&octets));
	}
	buffer_free(&octets);
	json_decref(json);
	return rv;
}

/* Chromium compares the keys of these certificates. */
static int
add_certificate(struct import *im, struct bytes der)
{
	struct stated s = {
		.der = der,
		.flags = CATALOG_MATCH_CERTIFICATE | CATALOG_MATCH_KEY |
			 CATALOG_USAGE_ALL,
	};

	return der.n > 0 ? import_add(im, &s) :
		import_leave(im, "with a malformed certificate");
}

int
import_policy(struct import *im, struct bytes content, const char *path)
{
	return each(im, content, path, "CADistrustedCertificates",
		    add_certificate);
}

static int
add_key(struct import *im, struct bytes digest)
{
	struct stated s = {
		.spki_sha256 = digest,
		.flags = CATALOG_MATCH_KEY | CATALOG_USAGE_ALL,
	};

	return digest.n == CATALOG_SHA256 ? import_add(im, &s) :
		import_leave(im, "no SHA-256");
}

int
import_crlset(struct import *im, struct bytes content, const char *path)
{
	return each(im, content, path, "BlockedSPKIs", add_key);
}

/* ---- Archives (ZIP) ---------------------------------------------------- */

static size_t
number(const uint8_t *p, unsigned octets)
{
	size_t n = 0;

	for (unsigned i = octets; i > 0; i--)
		n = n << 8 | p[i - 1];
	return n;
}

/* Where the record of a file's content begins: after its own head. */
static bool
find_content(struct bytes archive, const uint8_t *entry,
	     struct bytes *content)
{
	enum { HEAD = 30 };
	size_t size = number(entry + 20, 4), at = number(entry + 42, 4);
	size_t skip;

	if (number(entry + 10, 2) != 0 || at > archive.n ||
	    archive.n - at < HEAD)
		return false;
	skip = HEAD + number(archive.p + at + 26, 2) +
	       number(archive.p + at + 28, 2);
	if (skip > archive.n - at || size > archive.n - at - skip)
		return false;
	*content = (struct bytes){ archive.p + at + skip, size };
	return true;
}

bool
import_stored(struct bytes archive, const char *name, struct bytes *content)
{
	enum { END = 22, ENTRY = 46 };
	const uint8_t *end = archive.p + archive.n - END, *p;
	size_t n = strlen(name), at;

	if (archive.n < END || memcmp(archive.p + 2, "\003\004", 2) != 0 ||
	    memcmp(end, "PK\005\006", 4) != 0)
		return false;
	for (at = number(end + 16, 4); at < archive.n &&
	     archive.n - at >= ENTRY; ) {
		p = archive.p + at;
		if (memcmp(p, "PK\001\002", 4) != 0)
			return false;
		if (number(p + 28, 2) == n && archive.n - at - ENTRY >= n &&
		    memcmp(p + ENTRY, name, n) == 0)
			return find_content(archive, p, content);
		at += ENTRY + number(p + 28, 2) + number(p + 30, 2) +
		      number(p + 32, 2);
	}
	return false;
}
