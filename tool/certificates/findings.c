/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Walking where authorities are put, asking the judge, keeping each
 * certificate once. */

#include "certificates/findings.h"

#include <string.h>

/* ---- Keeping ---------------------------------------------------------- */

size_t
findings_count(const struct findings *f)
{
	return f->certificates.n / sizeof(struct finding);
}

const struct finding *
findings_at(const struct findings *f, size_t i)
{
	return (const struct finding *)f->certificates.p + i;
}

static bool
is_known(const struct findings *f, const uint8_t sha256[CATALOG_SHA256])
{
	for (size_t i = 0; i < findings_count(f); i++) {
		if (memcmp(findings_at(f, i)->sha256, sha256,
			   CATALOG_SHA256) == 0)
			return true;
	}
	return false;
}

/* For each certificate anywhere. */
static int
consider(void *arg, const char *path, struct bytes der, struct bytes alias)
{
	struct findings *f = arg;
	struct finding finding = { .der = { 0 } };
	struct judgement why;

	(void)path;
	(void)alias;
	if (!judge_is_distrusted(f->judge, der, &why) ||
	    x509_sha256(der, finding.sha256) != 0 ||
	    is_known(f, finding.sha256))
		return 0;
	if (buffer_add(&finding.der, der.p, der.n) == 0 &&
	    buffer_add(&f->certificates, &finding, sizeof(finding)) == 0)
		return 0;
	buffer_free(&finding.der);
	return -1;
}

void
findings_free(struct findings *f)
{
	struct finding *finding = f->certificates.p;

	for (size_t i = 0; i < findings_count(f); i++)
		buffer_free(&finding[i].der);
	buffer_free(&f->certificates);
	walk_free(&f->walk);
}

/* ---- Reading ---------------------------------------------------------- */

int
findings_look(struct findings *f, const char *path)
{
	f->walk.arg = f;
	f->walk.certificate = consider;
	return walk_files(&f->walk, path);
}

int
findings_look_java(struct findings *f, const char *path)
{
	f->walk.arg = f;
	f->walk.certificate = consider;
	return walk_keystore(&f->walk, path);
}

/* ---- The usual places -------------------------------------------------- */

int
findings_look_everywhere(struct findings *f)
{
	static const char *const places[] = {
		"/usr/local/share/ca-certificates",	/* Debian, Alpine */
		"/usr/share/ca-certificates",		/* and Arch */
		"/etc/ca-certificates/trust-source",	/* Arch */
		"/etc/pki/ca-trust/source",		/* Fedora, RHEL */
		"/usr/share/pki/ca-trust-source",
		"/etc/pki/trust",			/* openSUSE */
		"/usr/share/pki/trust",
		"/etc/ssl/trust-source",		/* NixOS */
	};
	int rv = 0;

	for (size_t i = 0;
	     rv == 0 && i < sizeof(places) / sizeof(places[0]); i++)
		rv = findings_look(f, places[i]);
	return rv;
}
