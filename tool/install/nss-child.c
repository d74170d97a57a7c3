/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The process that asks NSS, and the only file that NSS is linked for.  It
 * works in a private folder that nss-ask.c has prepared, and prints a line a
 * fact: `distrust nss-ask FOLDER import|verify|list`, or takes a certificate
 * out: `distrust nss-ask FOLDER delete SHA256`.  It must not know whose
 * database the folder is or was copied from.
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cert.h>
#include <certdb.h>
#include <nss.h>
#include <pk11pub.h>
#include <pkcs11n.h>
#include <prerror.h>
#include <secerr.h>
#include <secmod.h>

#include "base/paths.h"
#include "install/nss-modules.h"
#include "tool.h"

static int
give_up(const char *what)
{
	const char *name = PR_ErrorToName(PR_GetError());

	printf("failed %s: %s\n", what, name != NULL ? name : "no reason");
	return TOOL_FAILED;
}

/* ---- Certificates ----------------------------------------------------- */

static CERTCertificate *
read_certificate(const char *folder, const char *name)
{
	unsigned char der[4096];
	SECItem item = { siBuffer, der, 0 };
	char path[PATHS_MAX];
	FILE *file;

	if (!paths_join(path, folder, name) ||
	    (file = fopen(path, "rb")) == NULL)
		return NULL;
	item.len = (unsigned)fread(der, 1, sizeof(der), file);
	fclose(file);
	return CERT_NewTempCertificate(CERT_GetDefaultCertDB(), &item, NULL,
				       PR_FALSE, PR_TRUE);
}

static SECStatus
import(PK11SlotInfo *slot, const char *folder, const char *name)
{
	CERTCertificate *root = read_certificate(folder, name);
	CERTCertTrust trust;
	SECStatus done = SECFailure;

	if (root == NULL)
		return SECFailure;
	if (CERT_DecodeTrustString(&trust, "CT,C,C") == SECSuccess &&
	    PK11_ImportCert(slot, root, CK_INVALID_HANDLE, name,
			    PR_FALSE) == SECSuccess)
		done = CERT_ChangeCertTrust(CERT_GetDefaultCertDB(), root,
					    &trust);
	CERT_DestroyCertificate(root);
	return done;
}

/* What is imported with NSS is trusted in this process whatever a module
 * says, until it ends. */
static int
import_both(const char *folder)
{
	PK11SlotInfo *slot = PK11_GetInternalKeySlot();
	int rv = TOOL_FINE;

	if (slot == NULL)
		return give_up("no database");
	if (PK11_NeedUserInit(slot))
		PK11_InitPin(slot, NULL, "");
	if (PK11_NeedLogin(slot))
		puts("password");
	else if (import(slot, folder, "distrusted-root") != SECSuccess ||
		 import(slot, folder, "healthy-root") != SECSuccess)
		rv = give_up("nothing can be imported");
	PK11_FreeSlot(slot);
	return rv;
}

static int
verify(const char *folder, const char *name)
{
	CERTCertificate *site = read_certificate(folder, name);
	SECCertificateUsage usages;

	if (site == NULL)
		return give_up(name);
	if (CERT_VerifyCertificate(CERT_GetDefaultCertDB(), site, PR_TRUE,
				   certificateUsageSSLServer, PR_Now(), NULL,
				   NULL, &usages) == SECSuccess)
		printf("%s accepted\n", name);
	else
		printf("%s %s\n", name, PR_ErrorToName(PR_GetError()));
	CERT_DestroyCertificate(site);
	return TOOL_FINE;
}

/* ---- Modules ---------------------------------------------------------- */

static bool
is_ours(const SECMODModule *module)
{
	const char *end = module->dllName != NULL ?
		strrchr(module->dllName, '/') : NULL;

	return strcmp(module->commonName, NSS_MODULES_NAME) == 0 ||
	       (end != NULL && strcmp(end, "/p11-distrust.so") == 0);
}

static bool
has_roots(const SECMODModule *module)
{
	for (int i = 0; i < module->slotCount; i++) {
		if (PK11_HasRootCerts(module->slots[i]))
			return true;
	}
	return false;
}

static bool
has_trust(const SECMODModule *module)
{
	bool found = false;

	for (int i = 0; i < module->slotCount && !found; i++) {
		PK11GenericObject *objects;

		if (!PK11_IsPresent(module->slots[i]))
			continue;
		objects = PK11_FindGenericObjects(module->slots[i],
						  CKO_NSS_TRUST);
		found = objects != NULL;
		PK11_DestroyGenericObjects(objects);
	}
	return found;
}

static void
tell_ours(SECMODModule *module)
{
	CK_INFO info;

	if (PK11_GetModInfo(module, &info) != SECSuccess)
		return;
	printf("ours %d %d %u\n", has_roots(module), module->trustOrder,
	       (unsigned)info.libraryVersion.major << 8 |
	       info.libraryVersion.minor);
}

/*
 * NSS compares a module's trustOrder with that of the one before it, not
 * with the lowest so far: behind a root module anybody's trust counts more
 * than ours.
 */
static void
tell_modules(void)
{
	SECMODListLock *lock = SECMOD_GetDefaultModuleListLock();
	const SECMODModule *root = NULL;

	SECMOD_GetReadLock(lock);
	for (SECMODModuleList *at = SECMOD_GetDefaultModuleList(); at != NULL;
	     at = at->next) {
		SECMODModule *module = at->module;

		if (module->internal || !module->loaded)
			continue;
		if (is_ours(module))
			tell_ours(module);
		else if (has_roots(module))
			root = module;
		else if (root != NULL && has_trust(module))
			printf("other %s\n", module->commonName);
	}
	SECMOD_ReleaseReadLock(lock);
}

/* ---- What a database holds --------------------------------------------- */

typedef int visit_certificate(CERTCertificate *c, const char *sha256);

static int
print_certificate(CERTCertificate *c, const char *sha256)
{
	(void)sha256;
	fputs("cert ", stdout);
	for (unsigned i = 0; i < c->derCert.len; i++)
		printf("%02x", c->derCert.data[i]);
	printf(" %s\n", c->nickname != NULL ? c->nickname : "");
	return TOOL_FINE;
}

static int
delete_certificate(CERTCertificate *c, const char *sha256)
{
	unsigned char digest[SHA256_LENGTH];
	char hex[2 * SHA256_LENGTH + 1];

	if (PK11_HashBuf(SEC_OID_SHA256, digest, c->derCert.data,
			 (int)c->derCert.len) != SECSuccess)
		return give_up("no digest");
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	if (strcmp(hex, sha256) == 0 &&
	    SEC_DeletePermCertificate(c) != SECSuccess)
		return give_up("it cannot be deleted");
	return TOOL_FINE;
}

static int
each_certificate(visit_certificate *visit, const char *sha256)
{
	PK11SlotInfo *slot = PK11_GetInternalKeySlot();
	CERTCertList *list = slot != NULL ? PK11_ListCertsInSlot(slot) : NULL;
	int rv = list != NULL ? TOOL_FINE : give_up("no certificates");

	for (CERTCertListNode *at = list == NULL ? NULL : CERT_LIST_HEAD(list);
	     rv == TOOL_FINE && at != NULL && !CERT_LIST_END(at, list);
	     at = CERT_LIST_NEXT(at))
		rv = visit(at->cert, sha256);
	if (list != NULL)
		CERT_DestroyCertList(list);
	if (slot != NULL)
		PK11_FreeSlot(slot);
	return rv;
}

/* ---- The process ------------------------------------------------------ */

int
tool_nss_ask(int argc, char **argv)
{
	char database[PATHS_MAX + 4];
	bool deletes = argc == 4 && strcmp(argv[2], "delete") == 0;
	bool imports = argc == 3 && strcmp(argv[2], "import") == 0;
	int rv;

	if (argc != 3 && !deletes)
		return TOOL_FAILED;
	snprintf(database, sizeof(database), "sql:%s", argv[1]);
	if ((imports || deletes ? NSS_InitReadWrite : NSS_Init)(database) != SECSuccess)
		return give_up("no database");
	if (imports) {
		rv = import_both(argv[1]);
	} else if (deletes) {
		rv = each_certificate(delete_certificate, argv[3]);
	} else if (strcmp(argv[2], "list") == 0) {
		rv = each_certificate(print_certificate, NULL);
	} else {
		rv = verify(argv[1], "healthy-site");
		if (rv == TOOL_FINE)
			rv = verify(argv[1], "distrusted-site");
		tell_modules();
	}
	NSS_Shutdown();
	return rv;
}
