/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Forms that name certificates without holding them, by issuer and serial
 * number or digest, some of them beside certificates: p11-kit, NSS, Java,
 * digests, OneCRL, macOS; and Firefox, which is told of the module.
 */

#include "base/told.h"
#include "base/words.h"
#include "exchange/export.h"

#include <jansson.h>


static bool
has_serial(const struct catalog_entry *e)
{
	return e->issuer.len > 0 && e->serial.len > 0;
}

static bool
is_certificate(const struct catalog_entry *e)
{
	return (e->flags & CATALOG_MATCH_CERTIFICATE) != 0;
}

/* ---- p11-kit ----------------------------------------------------------- */

static void
put_octets(struct export *x, const char *name, struct bytes octets)
{
	if (octets.n == 0)
		return;
	fprintf(x->out, "%s: \"", name);
	export_hex(x->out, octets, "%");
	fputs("\"\n", x->out);
}

/* A certificate in full is distrusted with its key: only where that is meant.
 * Octets stand as %XX, the form that can say all of them. */
static uint32_t
put_p11kit(struct export *x, const struct catalog_entry *e)
{
	const bool is_whole = e->value.len > 0 && is_certificate(e) &&
			      (e->flags & CATALOG_MATCH_KEY) != 0;

	if (!is_whole && (!has_serial(e) || !is_certificate(e)))
		return 0;
	fputs("[p11-kit-object-v1]\nclass: certificate\n"
	      "certificate-type: x-509\nx-distrusted: true\n", x->out);
	put_octets(x, "label", export_bytes(x, e->label));
	if (is_whole) {
		fputs("-----BEGIN CERTIFICATE-----\n", x->out);
		export_base64(x->out, export_bytes(x, e->value), "");
		fputs("-----END CERTIFICATE-----\n\n", x->out);
		return CATALOG_MATCH_CERTIFICATE | CATALOG_MATCH_KEY;
	}
	put_octets(x, "issuer", export_bytes(x, e->issuer));
	put_octets(x, "serial-number", export_bytes(x, e->serial));
	fputc('\n', x->out);
	return CATALOG_MATCH_CERTIFICATE;
}

const struct export_form export_p11kit = {
	.name = "p11-kit",
	.help = N_("objects for p11-kit's blocklist folders"),
	.entry = put_p11kit,
};

/* ---- NSS --------------------------------------------------------------- */

static void
put_octal(struct export *x, const char *name, struct bytes octets)
{
	fprintf(x->out, "%s MULTILINE_OCTAL\n", name);
	for (size_t i = 0; i < octets.n; i++)
		fprintf(x->out, "\\%03o%s", octets.p[i],
			i % 16 == 15 || i + 1 == octets.n ? "\n" : "");
	fputs("END\n", x->out);
}

/* \xHH for what would end the text or is not plain. */
static void
put_label(struct export *x, const struct catalog_entry *e)
{
	struct bytes label = export_bytes(x, e->label);

	fputs("CKA_LABEL UTF8 \"", x->out);
	for (size_t i = 0; i < label.n; i++) {
		if (label.p[i] < 0x20 || label.p[i] > 0x7e ||
		    label.p[i] == '"' || label.p[i] == '\\')
			fprintf(x->out, "\\x%02x", label.p[i]);
		else
			fputc(label.p[i], x->out);
	}
	fputs("\"\n", x->out);
}

static void
put_class(struct export *x, const char *class, const struct catalog_entry *e)
{
	fprintf(x->out, "\nCKA_CLASS CK_OBJECT_CLASS %s\n"
		"CKA_TOKEN CK_BBOOL CK_TRUE\n"
		"CKA_PRIVATE CK_BBOOL CK_FALSE\n"
		"CKA_MODIFIABLE CK_BBOOL CK_FALSE\n", class);
	put_label(x, e);
}

/* A day that spares what was issued before it, or none. */
static void
put_day(struct export *x, const struct catalog_entry *e, uint32_t usage,
	const char *name)
{
	struct bytes after = catalog_fixed(x->catalog, e->after,
					   CATALOG_AFTER);

	if (after.n == 0 || !(e->flags & usage)) {
		fprintf(x->out, "%s CK_BBOOL CK_FALSE\n", name);
		return;
	}
	put_octal(x, name, after);
}

static void
put_certificate(struct export *x, const struct catalog_entry *e)
{
	put_class(x, "CKO_CERTIFICATE", e);
	fputs("CKA_CERTIFICATE_TYPE CK_CERTIFICATE_TYPE CKC_X_509\n", x->out);
	put_octal(x, "CKA_SUBJECT", export_bytes(x, e->subject));
	fputs("CKA_ID UTF8 \"0\"\n", x->out);
	put_octal(x, "CKA_ISSUER", export_bytes(x, e->issuer));
	put_octal(x, "CKA_SERIAL_NUMBER", export_bytes(x, e->serial));
	put_octal(x, "CKA_VALUE", export_bytes(x, e->value));
	put_day(x, e, CATALOG_USAGE_SERVER, "CKA_NSS_SERVER_DISTRUST_AFTER");
	put_day(x, e, CATALOG_USAGE_EMAIL, "CKA_NSS_EMAIL_DISTRUST_AFTER");
}

static void
put_trust(struct export *x, const struct catalog_entry *e)
{
	static const struct {
		const char *name;
		uint32_t usage;
	} trusts[] = {
		{ "CKA_TRUST_SERVER_AUTH", CATALOG_USAGE_SERVER },
		{ "CKA_TRUST_CLIENT_AUTH", CATALOG_USAGE_CLIENT },
		{ "CKA_TRUST_EMAIL_PROTECTION", CATALOG_USAGE_EMAIL },
		{ "CKA_TRUST_CODE_SIGNING", CATALOG_USAGE_CODE },
	};
	struct bytes sha1 = catalog_fixed(x->catalog, e->sha1, CATALOG_SHA1);
	struct bytes md5 = catalog_fixed(x->catalog, e->md5, CATALOG_MD5);

	put_class(x, "CKO_NSS_TRUST", e);
	if (sha1.n > 0)
		put_octal(x, "CKA_CERT_SHA1_HASH", sha1);
	if (md5.n > 0)
		put_octal(x, "CKA_CERT_MD5_HASH", md5);
	put_octal(x, "CKA_ISSUER", export_bytes(x, e->issuer));
	put_octal(x, "CKA_SERIAL_NUMBER", export_bytes(x, e->serial));
	for (size_t i = 0; i < sizeof(trusts) / sizeof(*trusts); i++)
		fprintf(x->out, "%s CK_TRUST %s\n", trusts[i].name,
			e->flags & trusts[i].usage ? "CKT_NSS_NOT_TRUSTED" :
			"CKT_NSS_MUST_VERIFY_TRUST");
	fputs("CKA_TRUST_STEP_UP_APPROVED CK_BBOOL CK_FALSE\n", x->out);
}

static void
begin_certdata(struct export *x)
{
	fputs("# Written by `distrust export certdata`.\n\nBEGINDATA\n",
	      x->out);
}

/* A day is for servers and mail alone, and for a certificate in full. */
static uint32_t
put_certdata(struct export *x, const struct catalog_entry *e)
{
	const uint32_t dated = CATALOG_USAGE_SERVER | CATALOG_USAGE_EMAIL;

	if (!has_serial(e) || !is_certificate(e))
		return 0;
	if (e->after != 0 && (e->value.len == 0 ||
	    (e->flags & CATALOG_USAGE_ALL & ~dated) != 0))
		return 0;
	if (e->value.len > 0)
		put_certificate(x, e);
	if (e->after == 0)
		put_trust(x, e);
	return CATALOG_MATCH_CERTIFICATE;
}

const struct export_form export_certdata = {
	.name = "certdata",
	.help = N_("NSS's certdata.txt"),
	.can = EXPORT_USAGE | EXPORT_AFTER,
	.entry = put_certdata,
	.begin = begin_certdata,
};

/* ---- Digests ----------------------------------------------------------- */

static struct bytes
sha256_of(const struct export *x, const struct catalog_entry *e)
{
	return catalog_fixed(x->catalog, e->sha256, CATALOG_SHA256);
}

static void
begin_jdk(struct export *x)
{
	fputs("Algorithm=SHA-256\n", x->out);
}

static uint32_t
put_jdk(struct export *x, const struct catalog_entry *e)
{
	struct bytes sha256 = sha256_of(x, e);

	if (sha256.n == 0 || !is_certificate(e))
		return 0;
	for (size_t i = 0; i < sha256.n; i++)
		fprintf(x->out, "%02X", sha256.p[i]);
	fputc('\n', x->out);
	return CATALOG_MATCH_CERTIFICATE;
}

const struct export_form export_jdk = {
	.name = "jdk",
	.help = N_("Java's blocked.certs"),
	.entry = put_jdk,
	.begin = begin_jdk,
};

static uint32_t
put_digests(struct export *x, const struct catalog_entry *e)
{
	struct bytes sha256 = sha256_of(x, e);
	struct bytes key = catalog_fixed(x->catalog, e->spki_sha256,
					 CATALOG_SHA256);
	uint32_t carried = 0;

	if (sha256.n > 0 && is_certificate(e)) {
		export_hex(x->out, sha256, "");
		carried |= CATALOG_MATCH_CERTIFICATE;
	}
	if (key.n > 0 && (e->flags & CATALOG_MATCH_KEY) != 0) {
		fputs(carried != 0 ? "\nsha256/" : "sha256/", x->out);
		export_base64(x->out, key, NULL);
		carried |= CATALOG_MATCH_KEY;
	}
	if (carried == 0)
		return 0;
	fputs(" # ", x->out);
	export_label(x, e);
	fputc('\n', x->out);
	return carried;
}

const struct export_form export_digests = {
	.name = "digests",
	.help = N_("SHA-256 of certificates, sha256/... of keys"),
	.entry = put_digests,
};

/* ---- OneCRL ------------------------------------------------------------ */

static void
begin_onecrl(struct export *x)
{
	fputs("{\"data\": [", x->out);
}

static uint32_t
put_onecrl(struct export *x, const struct catalog_entry *e)
{
	if (!has_serial(e) || !is_certificate(e))
		return 0;
	fputs(x->count > 0 ? ",\n" : "\n", x->out);
	fputs("{\"issuerName\": \"", x->out);
	export_base64(x->out, export_bytes(x, e->issuer), NULL);
	fputs("\", \"serialNumber\": \"", x->out);
	export_base64(x->out, export_serial(x, e), NULL);
	fputs("\", \"enabled\": true, \"details\": {}}", x->out);
	return CATALOG_MATCH_CERTIFICATE;
}

static void
end_onecrl(struct export *x)
{
	fputs("\n]}\n", x->out);
}

const struct export_form export_onecrl = {
	.name = "onecrl",
	.help = N_("records of Mozilla's OneCRL"),
	.can = EXPORT_SERVER,
	.entry = put_onecrl,
	.begin = begin_onecrl,
	.end = end_onecrl,
};

/* ---- Firefox ----------------------------------------------------------- */

/* None of its policies names certificates to distrust. */
static void
begin_firefox(struct export *x)
{
	told_json(x->out, json_pack("{s:{s:{s:{s:s}}}}", "policies",
				    "SecurityDevices", "Add", "p11-distrust",
				    MODULE_PATH), 0, JSON_INDENT(2));
}

const struct export_form export_firefox = {
	.name = "firefox",
	.help = N_("a policies.json that loads the module, which has the list"),
	.begin = begin_firefox,
};

/* ---- macOS ------------------------------------------------------------- */

static void
begin_macos(struct export *x)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	      "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
	      "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
	      "<plist version=\"1.0\">\n<dict>\n"
	      "\t<key>trustList</key>\n\t<dict>\n", x->out);
}

static void
put_data(struct export *x, const char *key, struct bytes octets)
{
	fprintf(x->out, "\t\t\t<key>%s</key>\n\t\t\t<data>\n", key);
	export_base64(x->out, octets, "\t\t\t");
	fputs("\t\t\t</data>\n", x->out);
}

/* kSecTrustSettingsResultDeny is 3. */
static uint32_t
put_macos(struct export *x, const struct catalog_entry *e)
{
	struct bytes sha1 = catalog_fixed(x->catalog, e->sha1, CATALOG_SHA1);

	if (sha1.n == 0 || !has_serial(e) || !is_certificate(e))
		return 0;
	fputs("\t\t<key>", x->out);
	for (size_t i = 0; i < sha1.n; i++)
		fprintf(x->out, "%02X", sha1.p[i]);
	fputs("</key>\n\t\t<dict>\n", x->out);
	put_data(x, "issuerName", export_bytes(x, e->issuer));
	fputs("\t\t\t<key>modDate</key>\n"
	      "\t\t\t<date>2026-01-01T00:00:00Z</date>\n", x->out);
	put_data(x, "serialNumber", export_serial(x, e));
	fputs("\t\t\t<key>trustSettings</key>\n\t\t\t<array>\n"
	      "\t\t\t\t<dict>\n"
	      "\t\t\t\t\t<key>kSecTrustSettingsResult</key>\n"
	      "\t\t\t\t\t<integer>3</integer>\n"
	      "\t\t\t\t</dict>\n\t\t\t</array>\n\t\t</dict>\n", x->out);
	return CATALOG_MATCH_CERTIFICATE;
}

static void
end_macos(struct export *x)
{
	fputs("\t</dict>\n\t<key>trustVersion</key>\n\t<integer>1</integer>\n"
	      "</dict>\n</plist>\n", x->out);
}

const struct export_form export_macos = {
	.name = "macos",
	.help = N_("trust settings (security trust-settings-import -d)"),
	.entry = put_macos,
	.begin = begin_macos,
	.end = end_macos,
};
