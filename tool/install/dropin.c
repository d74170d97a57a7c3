/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Entries as p11-kit's objects.  A certificate that stands there in full is
 * distrusted with its key, whoever certified that; so only those do whose
 * key is meant.  The others are told by issuer and serial number.
 */

#include "install/dropin.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

static int
add_text(struct buffer *out, const char *text)
{
	return buffer_add(out, text, strlen(text));
}

/* Every octet as %XX: the form that can say all of them. */
static int
add_octets(struct buffer *out, const char *key, struct bytes value)
{
	char octet[4];
	int rv = add_text(out, key);

	if (rv == 0)
		rv = add_text(out, ": \"");
	for (size_t i = 0; rv == 0 && i < value.n; i++) {
		snprintf(octet, sizeof(octet), "%%%02x", value.p[i]);
		rv = buffer_add(out, octet, 3);
	}
	return rv == 0 ? add_text(out, "\"\n") : -1;
}

static int
add_pem(struct buffer *out, struct bytes der)
{
	enum { LINE = 48 };	/* octets: 64 characters */
	unsigned char text[LINE / 3 * 4 + 1];
	int rv = add_text(out, "-----BEGIN CERTIFICATE-----\n");

	for (size_t i = 0; rv == 0 && i < der.n; i += LINE) {
		size_t n = der.n - i < LINE ? der.n - i : LINE;
		int length = EVP_EncodeBlock(text, der.p + i, (int)n);

		rv = buffer_add(out, text, (size_t)length);
		if (rv == 0)
			rv = add_text(out, "\n");
	}
	return rv == 0 ? add_text(out, "-----END CERTIFICATE-----\n") : -1;
}

static int
begin_object(struct buffer *out)
{
	return add_text(out, "\n[p11-kit-object-v1]\n"
			     "class: certificate\n"
			     "certificate-type: x-509\n"
			     "x-distrusted: true\n");
}

/* A judge_visit. */
static int
add_entry(void *arg, const struct catalog *c, const struct catalog_entry *e)
{
	struct bytes label = catalog_bytes(c, e->label);
	struct buffer *out = arg;
	bool is_whole = e->value.len > 0 && (e->flags & CATALOG_MATCH_KEY);

	if (!is_whole && (e->issuer.len == 0 || e->serial.len == 0))
		return 0;
	if (begin_object(out) != 0 || add_octets(out, "label", label) != 0)
		return -1;
	if (is_whole)
		return add_pem(out, catalog_bytes(c, e->value));
	if (add_octets(out, "issuer", catalog_bytes(c, e->issuer)) != 0)
		return -1;
	return add_octets(out, "serial-number", catalog_bytes(c, e->serial));
}

int
dropin_write(const struct judge *judge, const struct findings *findings,
	     struct buffer *out)
{
	int rv = add_text(out, "# Made by `distrust install --system`, which "
			       "makes it anew: changes are lost.\n");

	if (rv == 0)
		rv = judge_each(judge, add_entry, out);
	for (size_t i = 0; rv == 0 && i < findings_count(findings); i++) {
		const struct finding *f = findings_at(findings, i);

		rv = begin_object(out);
		if (rv == 0)
			rv = add_pem(out, (struct bytes){ f->der.p,
							  f->der.n });
	}
	return rv;
}
