/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What an NSS program pays for a module: `verify ROUNDS TURNS DATABASE ROOTS
 * SITE ABOVE LISTED NAME=[PATH]...`.  It takes in a site's certificate and the
 * one above it, both in DER, as a TLS client does from a server, and has
 * CERT_VerifyCertificate judge the site; ROOTS is the module of NSS's own
 * authorities, which is there all the time.  In each round the modules (no
 * PATH: none) are loaded in turn, asked so many TURNS and unloaded.
 *
 * LISTED is a site below an authority that the database trusts and that we
 * distrust: whether it is refused tells that a module really was asked.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cert.h>
#include <nss.h>
#include <secerr.h>
#include <secmod.h>

#include <valgrind/callgrind.h>

#include "measure.h"

enum { CERTIFICATE_MAX = 8192 };

struct der {
	unsigned char octets[CERTIFICATE_MAX];
	SECItem item;
};

static struct der site, above, listed;

static void
must(bool done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "verify: %s failed (%d)\n", what, PORT_GetError());
	exit(1);
}

static void
read_der(struct der *der, const char *path)
{
	FILE *file = fopen(path, "rb");

	must(file != NULL, path);
	der->item.type = siDERCertBuffer;
	der->item.data = der->octets;
	der->item.len = (unsigned)fread(der->octets, 1, sizeof(der->octets),
					file);
	fclose(file);
}

static SECMODModule *
load(const char *name, const char *path)
{
	char spec[700];
	SECMODModule *loaded;

	snprintf(spec, sizeof(spec), "library=\"%s\" name=\"%s\"", path, name);
	loaded = SECMOD_LoadUserModule(spec, NULL, PR_FALSE);
	must(loaded != NULL && loaded->loaded, path);
	return loaded;
}

static void
unload(SECMODModule *loaded)
{
	must(SECMOD_UnloadUserModule(loaded) == SECSuccess, "unloading");
	SECMOD_DestroyModule(loaded);
}

static CERTCertificate *
take_in(struct der *der)
{
	CERTCertificate *certificate = CERT_NewTempCertificate(
		CERT_GetDefaultCertDB(), &der->item, NULL, PR_FALSE, PR_TRUE);

	must(certificate != NULL, "taking a certificate in");
	return certificate;
}

/* One connection's worth: SECSuccess, or what NSS says against the site. */
static SECStatus
verify(struct der *leaf, struct der *issuer)
{
	CERTCertificate *sub = issuer != NULL ? take_in(issuer) : NULL;
	CERTCertificate *certificate = take_in(leaf);
	SECStatus status = CERT_VerifyCertificate(
		CERT_GetDefaultCertDB(), certificate, PR_TRUE,
		certificateUsageSSLServer, PR_Now(), NULL, NULL, NULL);

	CERT_DestroyCertificate(certificate);
	if (sub != NULL)
		CERT_DestroyCertificate(sub);
	return status;
}

static void
verify_often(unsigned turns)
{
	while (turns-- > 0)
		must(verify(&site, &above) == SECSuccess, "the healthy site");
}

static void
show_refusal(const char *name)
{
	bool refused = verify(&listed, NULL) != SECSuccess;

	must(!refused || PORT_GetError() == SEC_ERROR_UNTRUSTED_CERT,
	     "the listed site for another reason");
	measure_tell("verify-refuses", name, "", refused);
}

/* Time; or, below callgrind, instructions. */
static void
measure(const char *name, unsigned turns)
{
	double start;

	verify_often(3);
	if (RUNNING_ON_VALGRIND) {
		CALLGRIND_ZERO_STATS;
		verify_often(turns);
		CALLGRIND_DUMP_STATS_AT(name);
		printf("%s\t%u\n", name, turns);
		return;
	}
	start = measure_thread();
	verify_often(turns);
	measure_tell("verify", name, "us",
		     (measure_thread() - start) / turns / 1e3);
}

static void
take_turn(char *module, unsigned turns, bool first)
{
	SECMODModule *loaded = NULL;
	char *path = strchr(module, '=');

	must(path != NULL, module);
	*path = '\0';
	if (path[1] != '\0')
		loaded = load(module, path + 1);
	if (first && !RUNNING_ON_VALGRIND)
		show_refusal(module);
	measure(module, turns);
	if (loaded != NULL)
		unload(loaded);
	*path = '=';
}

int
main(int argc, char *argv[])
{
	SECMODModule *roots;
	unsigned rounds, turns;

	if (argc < 9)
		return 2;
	rounds = (unsigned)strtoul(argv[1], NULL, 10);
	turns = (unsigned)strtoul(argv[2], NULL, 10);
	read_der(&site, argv[5]);
	read_der(&above, argv[6]);
	read_der(&listed, argv[7]);
	must(turns > 0 && NSS_Initialize(argv[3], "", "", "secmod.db",
					 NSS_INIT_READONLY) == SECSuccess,
	     "NSS_Initialize");
	roots = load("Root Certs", argv[4]);
	for (unsigned r = 0; r < rounds; r++) {
		for (int i = 8; i < argc; i++)
			take_turn(argv[i], turns, r == 0);
	}
	unload(roots);
	return NSS_Shutdown() != SECSuccess;
}
