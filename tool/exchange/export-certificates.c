/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Forms that hold certificates in full and nothing less: PEM, OpenSSL's
 * TRUSTED CERTIFICATE, Chromium's policy, and a script for Windows.
 */

#include "base/words.h"
#include "exchange/export.h"

#include <limits.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

static void
put_block(struct export *x, const char *label, struct bytes octets)
{
	fprintf(x->out, "-----BEGIN %s-----\n", label);
	export_base64(x->out, octets, "");
	fprintf(x->out, "-----END %s-----\n", label);
}

/* GnuTLS takes "-----BEGIN " for a block wherever it stands. */
static bool
looks_like_pem(struct bytes text)
{
	static const char dashes[] = "-----";
	const size_t n = sizeof(dashes) - 1;

	for (size_t i = 0; i + n <= text.n; i++) {
		if (memcmp(text.p + i, dashes, n) == 0)
			return true;
	}
	return false;
}

static void
put_comment(struct export *x, const struct catalog_entry *e)
{
	if (looks_like_pem(export_bytes(x, e->label)))
		return;
	fputs("# ", x->out);
	export_label(x, e);
	fputc('\n', x->out);
}

/* ---- PEM --------------------------------------------------------------- */

static uint32_t
put_pem(struct export *x, const struct catalog_entry *e)
{
	struct bytes der = export_bytes(x, e->value);

	if (der.n == 0 || !(e->flags & CATALOG_MATCH_CERTIFICATE))
		return 0;
	put_comment(x, e);
	put_block(x, "CERTIFICATE", der);
	return CATALOG_MATCH_CERTIFICATE;
}

const struct export_form export_pem = {
	.name = "pem",
	.help = N_("certificates, one after another"),
	.entry = put_pem,
};

/* ---- OpenSSL ----------------------------------------------------------- */

static bool
reject(X509 *certificate, uint32_t usages)
{
	static const struct {
		uint32_t usage;
		int nid;
	} purposes[] = {
		{ CATALOG_USAGE_SERVER, NID_server_auth },
		{ CATALOG_USAGE_CLIENT, NID_client_auth },
		{ CATALOG_USAGE_EMAIL, NID_email_protect },
		{ CATALOG_USAGE_CODE, NID_code_sign },
	};
	bool good = true;

	for (size_t i = 0; i < sizeof(purposes) / sizeof(*purposes); i++) {
		if (usages & purposes[i].usage)
			good &= X509_add1_reject_object(certificate,
				OBJ_nid2obj(purposes[i].nid)) == 1;
	}
	return usages != CATALOG_USAGE_ALL ? good :
		good && X509_add1_reject_object(certificate,
			OBJ_nid2obj(NID_anyExtendedKeyUsage)) == 1;
}

static uint32_t
put_openssl(struct export *x, const struct catalog_entry *e)
{
	struct bytes der = export_bytes(x, e->value);
	const unsigned char *p = der.p;
	unsigned char *octets = NULL;
	X509 *certificate = NULL;
	uint32_t carried = 0;
	int n = 0;

	if (der.n > 0 && der.n <= LONG_MAX &&
	    (e->flags & CATALOG_MATCH_CERTIFICATE) != 0)
		certificate = d2i_X509(NULL, &p, (long)der.n);
	if (certificate != NULL &&
	    reject(certificate, e->flags & CATALOG_USAGE_ALL))
		n = i2d_X509_AUX(certificate, &octets);
	if (n > 0) {
		put_comment(x, e);
		put_block(x, "TRUSTED CERTIFICATE", (struct bytes){
				octets, (size_t)n });
		carried = CATALOG_MATCH_CERTIFICATE;
	}
	OPENSSL_free(octets);
	X509_free(certificate);
	return carried;
}

const struct export_form export_openssl = {
	.name = "openssl",
	.help = N_("the same, as OpenSSL rejects them (TRUSTED CERTIFICATE)"),
	.can = EXPORT_USAGE,
	.entry = put_openssl,
};

/* ---- Chromium ---------------------------------------------------------- */

static void
begin_chromium(struct export *x)
{
	fputs("{\n  \"CADistrustedCertificates\": [", x->out);
}

/* Chromium compares the keys of these certificates. */
static uint32_t
put_chromium(struct export *x, const struct catalog_entry *e)
{
	struct bytes der = export_bytes(x, e->value);

	if (der.n == 0 || !(e->flags & CATALOG_MATCH_KEY))
		return 0;
	fputs(x->count > 0 ? ",\n    \"" : "\n    \"", x->out);
	export_base64(x->out, der, NULL);
	fputc('"', x->out);
	return CATALOG_MATCH_CERTIFICATE | CATALOG_MATCH_KEY;
}

static void
end_chromium(struct export *x)
{
	fputs("\n  ]\n}\n", x->out);
}

const struct export_form export_chromium = {
	.name = "chromium",
	.help = N_("a policy for Chromium and Chrome (CADistrustedCertificates)"),
	.entry = put_chromium,
	.begin = begin_chromium,
	.end = end_chromium,
};

/* ---- Windows ----------------------------------------------------------- */

static void
begin_windows(struct export *x)
{
	fputs("# Puts certificates into \"Untrusted Certificates\": run it in "
	      "PowerShell as an\n# administrator.\n"
	      "$ErrorActionPreference = 'Stop'\n"
	      "$store = New-Object System.Security.Cryptography."
	      "X509Certificates.X509Store(\n"
	      "\t'Disallowed', 'LocalMachine')\n"
	      "$store.Open('ReadWrite')\n"
	      "function Add-Distrusted([string]$base64) {\n"
	      "\t$octets = [Convert]::FromBase64String($base64)\n"
	      "\t$store.Add((New-Object System.Security.Cryptography."
	      "X509Certificates.X509Certificate2(\n"
	      "\t\t,$octets)))\n"
	      "}\n", x->out);
}

static uint32_t
put_windows(struct export *x, const struct catalog_entry *e)
{
	struct bytes der = export_bytes(x, e->value);

	if (der.n == 0 || !(e->flags & CATALOG_MATCH_CERTIFICATE))
		return 0;
	put_comment(x, e);
	fputs("Add-Distrusted '", x->out);
	export_base64(x->out, der, NULL);
	fputs("'\n", x->out);
	return CATALOG_MATCH_CERTIFICATE;
}

static void
end_windows(struct export *x)
{
	fputs("$store.Close()\n", x->out);
}

const struct export_form export_windows = {
	.name = "windows",
	.help = N_("a script that fills Windows's Disallowed store"),
	.entry = put_windows,
	.begin = begin_windows,
	.end = end_windows,
};
