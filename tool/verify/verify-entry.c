/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Each entry by itself: its form, its facts, and, where the certificate is
 * there, that they are the certificate's. */

#include <string.h>

#include "compile/filing.h"
#include "compile/x509.h"
#include "der.h"
#include "dn.h"
#include "verify/verify.h"

#define KNOWN_FLAGS \
	((uint32_t)CATALOG_MATCH_CERTIFICATE | CATALOG_MATCH_NAME | \
	 CATALOG_MATCH_KEY | CATALOG_USAGE_ALL | CATALOG_IS_CA | CATALOG_IN_ONECRL)

/* ---- Form ------------------------------------------------------------- */

static bool
is_fixed(const struct verify *v, uint32_t off, uint32_t len)
{
	return off == 0 ||
	       verify_is_span(v, (struct catalog_span){ off, len });
}

static bool
are_spans(const struct verify *v, const struct catalog_entry *e)
{
	return verify_is_span(v, e->value) && verify_is_span(v, e->issuer) &&
	       verify_is_span(v, e->serial) && verify_is_span(v, e->subject) &&
	       verify_is_span(v, e->spki) &&
	       is_fixed(v, e->md5, CATALOG_MD5) &&
	       is_fixed(v, e->sha1, CATALOG_SHA1) &&
	       is_fixed(v, e->sha256, CATALOG_SHA256) &&
	       is_fixed(v, e->spki_sha256, CATALOG_SHA256) &&
	       is_fixed(v, e->id, CATALOG_ID) &&
	       is_fixed(v, e->dates, CATALOG_DATES) &&
	       is_fixed(v, e->after, CATALOG_AFTER);
}

static bool
is_absent_or_name(const struct verify *v, struct catalog_span span)
{
	return span.len == 0 || x509_is_name(catalog_bytes(v->catalog, span));
}

/* A certificate's own may be no DER, as long as OpenSSL reads it. */
static bool
are_names(const struct verify *v, const struct catalog_entry *e)
{
	return e->value.len > 0 || (is_absent_or_name(v, e->issuer) &&
				    is_absent_or_name(v, e->subject));
}

static bool
is_absent_or_serial(const struct verify *v, struct catalog_span span)
{
	struct bytes content;

	return span.len == 0 ||
	       (der_integer(catalog_bytes(v->catalog, span), &content) &&
		content.n <= 20);
}

/* A certificate may say that it ends before it begins. */
static bool
are_dates(const struct verify *v, const struct catalog_entry *e)
{
	const uint8_t *p = catalog_fixed(v->catalog, e->dates,
					 CATALOG_DATES).p;

	return e->dates == 0 ||
	       (verify_is_day(p) && verify_is_day(p + 8) &&
		(e->value.len > 0 || memcmp(p, p + 8, 8) <= 0));
}

/* YYMMDD000000Z; the years below 50 are after 2000. */
static bool
is_after(const struct verify *v, uint32_t off)
{
	const uint8_t *p = catalog_fixed(v->catalog, off, CATALOG_AFTER).p;
	uint8_t day[8];

	if (off == 0)
		return true;
	day[0] = p[0] < '5' ? '2' : '1';
	day[1] = p[0] < '5' ? '0' : '9';
	memcpy(day + 2, p, 6);
	return verify_is_day(day) && memcmp(p + 6, "000000Z", 7) == 0;
}

static bool
is_id(const struct verify *v, uint32_t off)
{
	static const uint8_t zero[CATALOG_ID];

	return off != 0 && memcmp(catalog_fixed(v->catalog, off,
						CATALOG_ID).p, zero,
				  sizeof(zero)) != 0;
}

static const char *
form_fault(const struct verify *v, const struct catalog_entry *e)
{
	if (!are_spans(v, e))
		return "a place outside of the pool; one inside";
	if (e->group >= catalog_groups(v->catalog))
		return "no such group; the index of one";
	if (e->label.len == 0 || e->label.len > 64 ||
	    !verify_is_text(v, e->label, false))
		return "bad label; 1 to 64 octets of UTF-8";
	if (!verify_is_text(v, e->evidence, true))
		return "bad evidence; lines of UTF-8";
	if (!are_names(v, e))
		return "bad issuer or subject; a DER Name";
	if (!is_absent_or_serial(v, e->serial))
		return "bad serial number; a DER INTEGER of 1 to 20 octets";
	if (!are_dates(v, e) || !is_after(v, e->after))
		return "bad date; days of the calendar";
	if (!is_id(v, e->id))
		return "no CKA_ID; 20 octets, not all zero";
	return NULL;
}

/* ---- Facts ------------------------------------------------------------ */

static const char *
match_fault(const struct verify *v, const struct catalog_entry *e)
{
	uint32_t matches = e->flags & (CATALOG_MATCH_CERTIFICATE |
				       CATALOG_MATCH_NAME | CATALOG_MATCH_KEY);
	bool has_serial = e->issuer.len > 0 && e->serial.len > 0;
	uint64_t hash;

	if ((e->flags & ~KNOWN_FLAGS) != 0 || matches == 0 ||
	    (e->flags & CATALOG_USAGE_ALL) == 0)
		return "bad flags; a match and a usage, and no unknown ones";
	if ((matches & CATALOG_MATCH_CERTIFICATE) != 0 && !has_serial &&
	    e->sha256 == 0)
		return "match certificate lacks its facts; issuer and serial, "
		       "or sha256";
	if ((matches & CATALOG_MATCH_KEY) != 0 && e->spki_sha256 == 0)
		return "match key lacks its facts; spki-sha256";
	if ((matches & CATALOG_MATCH_NAME) != 0 &&
	    !dn_hash(catalog_bytes(v->catalog, e->subject), &hash))
		return "match name lacks its facts; a subject that can be "
		       "compared";
	return NULL;
}

static bool
is_view(const struct verify *v, struct catalog_span span, struct bytes field)
{
	struct bytes b = catalog_bytes(v->catalog, span);

	return b.p == field.p && b.n == field.n;
}

static bool
is_digest(const struct verify *v, uint32_t off, const uint8_t *p, size_t n)
{
	return off != 0 &&
	       memcmp(catalog_fixed(v->catalog, off, n).p, p, n) == 0;
}

/* Nothing may be said of a certificate that it does not say itself. */
static const char *
value_fault(const struct verify *v, const struct catalog_entry *e)
{
	struct x509_facts f;
	const char *wrong;

	if (e->value.len == 0)
		return e->spki.len == 0 ? NULL :
			"a key without its certificate; its SHA-256 alone";
	wrong = x509_read(catalog_bytes(v->catalog, e->value), &f);
	if (wrong != NULL)
		return wrong;
	if (!is_view(v, e->issuer, f.issuer) ||
	    !is_view(v, e->serial, f.serial) ||
	    !is_view(v, e->subject, f.subject) || !is_view(v, e->spki, f.spki))
		return "issuer, serial number, subject or key not the "
		       "certificate's; places in it";
	if (!is_digest(v, e->md5, f.md5, sizeof(f.md5)) ||
	    !is_digest(v, e->sha1, f.sha1, sizeof(f.sha1)) ||
	    !is_digest(v, e->sha256, f.sha256, sizeof(f.sha256)) ||
	    !is_digest(v, e->spki_sha256, f.spki_sha256,
		       sizeof(f.spki_sha256)) ||
	    !is_digest(v, e->id, f.spki_sha1, sizeof(f.spki_sha1)))
		return "a digest not the certificate's; those of its octets";
	if (!is_digest(v, e->dates, f.dates, sizeof(f.dates)) ||
	    ((e->flags & CATALOG_IS_CA) != 0) != f.is_ca)
		return "dates or CA flag not the certificate's; what it says";
	return NULL;
}

int
verify_entries(const struct verify *v)
{
	const struct catalog_entry *e;

	for (uint32_t i = 0; (e = catalog_entry(v->catalog, i)) != NULL; i++) {
		const char *wrong = form_fault(v, e);

		if (wrong == NULL)
			wrong = match_fault(v, e);
		if (wrong == NULL)
			wrong = value_fault(v, e);
		if (wrong != NULL)
			return fault_at(v->fault, v->path, 0, "entry %u: %s",
					(unsigned)i, wrong);
	}
	return 0;
}
