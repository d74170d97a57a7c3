/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What NSS says of a table of cases, all in one database.
 *
 *   nss import DB CASES        import what each case trusts, as a user would
 *   nss ask DB CASES           verify what each case asks about
 *   nss ask DB CASES MODULE    the same, with a PKCS#11 module loaded before
 *
 * A case is a line of CASES, its fields parted by '|': what it is called; the
 * certificate to import and the trust to give it; the certificate to verify;
 * one that its server sends along, or nothing; the usage; the day.  Files are
 * DER, beside CASES.  An answer is a line too: the name, then ACCEPTED or
 * NSS's name for its error.  `nss version` tells NSS's.  It knows NSS; it must
 * not know which answer is due.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cert.h>
#include <certdb.h>
#include <nss.h>
#include <pk11pub.h>
#include <prerror.h>
#include <secerr.h>
#include <secmod.h>

enum { LINE = 2048, DER = 65536, PATH = 1024 };

enum field { NAME, IMPORTED, TRUST, ASKED, SENT, USAGE, DAY, FIELDS };

struct request {
	char line[LINE];
	const char *field[FIELDS];
};

static void
die(const char *what, const char *about)
{
	fprintf(stderr, "nss: %s: %s: %s\n", what, about,
		PR_ErrorToName(PR_GetError()));
	exit(EXIT_FAILURE);
}

/* ---- Cases ------------------------------------------------------------- */

static void
cut(struct request *r)
{
	char *p = r->line;

	p[strcspn(p, "\n")] = '\0';
	for (size_t i = 0; i < FIELDS; i++) {
		r->field[i] = p;
		p += strcspn(p, "|");
		if (*p == '\0' && i + 1 < FIELDS)
			die("not a case", r->line);
		*p++ = '\0';
	}
}

static CERTCertificate *
read_certificate(const char *cases, const char *file)
{
	static unsigned char der[DER];
	SECItem item = { siBuffer, der, 0 };
	const char *slash = strrchr(cases, '/');
	char path[PATH];
	CERTCertificate *c;
	FILE *f;

	snprintf(path, sizeof(path), "%.*s%s",
		 slash == NULL ? 0 : (int)(slash + 1 - cases), cases, file);
	f = fopen(path, "rb");
	if (f == NULL)
		die("no such file", path);
	item.len = (unsigned)fread(der, 1, sizeof(der), f);
	fclose(f);
	c = CERT_NewTempCertificate(CERT_GetDefaultCertDB(), &item, NULL,
				    PR_FALSE, PR_TRUE);
	if (c == NULL)
		die("cannot decode", path);
	return c;
}

/* ---- Importing --------------------------------------------------------- */

static void
import(const struct request *r, const char *cases)
{
	CERTCertificate *c = read_certificate(cases, r->field[IMPORTED]);
	PK11SlotInfo *slot = PK11_GetInternalKeySlot();
	CERTCertTrust trust = { 0, 0, 0 };

	if (CERT_DecodeTrustString(&trust, r->field[TRUST]) != SECSuccess)
		die("not a trust", r->field[TRUST]);
	if (PK11_ImportCert(slot, c, CK_INVALID_HANDLE, r->field[IMPORTED],
			    PR_FALSE) != SECSuccess ||
	    CERT_ChangeCertTrust(CERT_GetDefaultCertDB(), c, &trust) !=
	    SECSuccess)
		die("cannot import", r->field[NAME]);
	PK11_FreeSlot(slot);
	CERT_DestroyCertificate(c);
}

/* ---- Asking ------------------------------------------------------------ */

/* As mozilla::pkix is told in Firefox (NSSCertDBTrustDomain::GetCertTrust)
 * what to think of an authority, or of a site's own certificate: the only
 * question about an intermediate to which no chain is at hand. */
static const char *
ask_trust(CERTCertificate *c, unsigned relevant)
{
	CERTCertTrust trust;

	if (CERT_GetCertTrust(c, &trust) != SECSuccess)
		return "no trust";
	if ((trust.sslFlags & (CERTDB_TERMINAL_RECORD | relevant)) ==
	    CERTDB_TERMINAL_RECORD)
		return PR_ErrorToName(SEC_ERROR_UNTRUSTED_CERT);
	return trust.sslFlags & relevant ? "ACCEPTED" : "no trust";
}

static const char *
verify(CERTCertificate *c, const char *when, SECCertificateUsage usage)
{
	PRTime day;

	if (PR_ParseTimeString(when, PR_TRUE, &day) != PR_SUCCESS)
		die("not a day", when);
	if (CERT_VerifyCertificate(CERT_GetDefaultCertDB(), c, PR_TRUE, usage,
				   day, NULL, NULL, NULL) == SECSuccess)
		return "ACCEPTED";
	return PR_ErrorToName(PR_GetError());
}

static const char *
ask_about(CERTCertificate *c, const struct request *r)
{
	static const struct {
		const char *word;
		SECCertificateUsage usage;
	} usages[] = {
		{ "root", certificateUsageSSLCA },
		{ "server", certificateUsageSSLServer },
		{ "email", certificateUsageEmailSigner },
	};

	if (strcmp(r->field[USAGE], "authority") == 0)
		return ask_trust(c, CERTDB_TRUSTED_CA);
	if (strcmp(r->field[USAGE], "peer") == 0)
		return ask_trust(c, CERTDB_TRUSTED);
	for (size_t i = 0; i < sizeof(usages) / sizeof(*usages); i++) {
		if (strcmp(r->field[USAGE], usages[i].word) == 0)
			return verify(c, r->field[DAY], usages[i].usage);
	}
	die("not a usage", r->field[USAGE]);
	return NULL;
}

static void
ask(const struct request *r, const char *cases)
{
	CERTCertificate *asked = read_certificate(cases, r->field[ASKED]);
	CERTCertificate *sent = NULL;

	if (r->field[SENT][0] != '\0')
		sent = read_certificate(cases, r->field[SENT]);
	printf("%s|%s\n", r->field[NAME], ask_about(asked, r));
	if (sent != NULL)
		CERT_DestroyCertificate(sent);
	CERT_DestroyCertificate(asked);
}

/* ---- The whole --------------------------------------------------------- */

static SECMODModule *
load(const char *path)
{
	char spec[PATH + 64];
	SECMODModule *module;

	snprintf(spec, sizeof(spec), "library=\"%s\" name=\"p11-distrust\"",
		 path);
	module = SECMOD_LoadUserModule(spec, NULL, PR_FALSE);
	if (module == NULL || !module->loaded)
		die("cannot load", path);
	return module;
}

static void
walk(const char *cases, void (*visit)(const struct request *, const char *))
{
	FILE *f = fopen(cases, "r");
	struct request r;

	if (f == NULL)
		die("no such file", cases);
	while (fgets(r.line, sizeof(r.line), f) != NULL) {
		cut(&r);
		visit(&r, cases);
	}
	fclose(f);
}

int
main(int argc, char **argv)
{
	bool imports = argc == 4 && strcmp(argv[1], "import") == 0;
	SECMODModule *module = NULL;
	char db[PATH];

	if (argc == 2 && strcmp(argv[1], "version") == 0) {
		puts(NSS_GetVersion());
		return EXIT_SUCCESS;
	}
	if (!imports && (argc < 4 || argc > 5 || strcmp(argv[1], "ask") != 0)) {
		fputs("usage: nss import DB CASES | ask DB CASES [MODULE] | "
		      "version\n", stderr);
		return EXIT_FAILURE;
	}
	snprintf(db, sizeof(db), "sql:%s", argv[2]);
	if (NSS_Initialize(db, "", "", SECMOD_DB,
			   NSS_INIT_NOROOTINIT |
			   (imports ? 0 : NSS_INIT_READONLY)) != SECSuccess)
		die("cannot open", db);
	if (argc == 5)
		module = load(argv[4]);
	walk(argv[3], imports ? import : ask);
	if (module != NULL)
		SECMOD_DestroyModule(module);
	return EXIT_SUCCESS;
}
