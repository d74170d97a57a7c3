/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Reading what there is, asking the judge, keeping each certificate once. */

#include "certificates/findings.h"

#include <string.h>
#include <sys/stat.h>

#include "base/paths.h"
#include "base/tree.h"
#include "certificates/bundle.h"
#include "certificates/keystore.h"

enum { DEPTH = 4 };	/* folders below folders */

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
consider(void *arg, struct bytes der)
{
	struct findings *f = arg;
	struct finding finding = { .der = { 0 } };
	struct judgement why;

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

static int
consider_kept(void *arg, struct bytes der, struct bytes alias)
{
	(void)alias;
	return consider(arg, der);
}

void
findings_free(struct findings *f)
{
	struct finding *finding = f->certificates.p;

	for (size_t i = 0; i < findings_count(f); i++)
		buffer_free(&finding[i].der);
	buffer_free(&f->certificates);
}

/* ---- Reading ---------------------------------------------------------- */

static int
look_at_bundle(struct findings *f, struct bytes content)
{
	struct bundle bundle = { .rest = content, .line = 1 };
	struct bundle_piece piece;
	int more, rv = 0;

	while (rv == 0 && (more = bundle_next(&bundle, &piece)) != 0) {
		if (more < 0)
			rv = -1;
		else if (piece.kind == BUNDLE_CERTIFICATE ||
			 piece.kind == BUNDLE_TRUSTED)
			rv = consider(f, piece.der);
	}
	bundle_free(&bundle);
	return rv;
}

static int
look_at_file(struct findings *f, const char *path, bool is_java)
{
	struct fault unread = { "" };
	struct tree tree = { .fault = &unread };
	struct buffer content = { 0 };
	struct bytes octets;
	int rv = 0;

	if (tree_read(&tree, path, &content) == 0) {
		octets = (struct bytes){ content.p, content.n };
		if (!is_java)
			rv = look_at_bundle(f, octets);
		else if (keystore_read(path, octets, consider_kept, f,
				       &unread) != 0 && unread.text[0] == '\0')
			rv = -1;
	}
	buffer_free(&content);
	tree_free(&tree);
	return rv;
}

/* What is distrusted already, perhaps by us. */
static bool
is_blocklist(const char *name)
{
	return strcmp(name, "blocklist") == 0 ||
	       strcmp(name, "blacklist") == 0;
}

static int look_below(struct findings *f, const char *path, unsigned depth);

static int
look_in_folder(struct findings *f, const char *path, unsigned depth)
{
	struct fault unread = { "" };
	struct tree tree = { .fault = &unread };
	struct tree_names names = { .text = { 0 } };
	char below[PATHS_MAX];
	int rv = 0;

	if (tree_list(&tree, path, &names) == 0) {
		for (size_t i = 0; rv == 0 && i < tree_count(&names); i++) {
			const char *name = tree_at(&names, i)->name;

			if (!is_blocklist(name) &&
			    paths_join(below, path, name))
				rv = look_below(f, below, depth + 1);
		}
		tree_names_free(&names);
	}
	tree_free(&tree);
	return rv;
}

/* No deeper than DEPTH, whatever links there are. */
static int
look_below(struct findings *f, const char *path, unsigned depth)
{
	struct stat st;

	if (depth > DEPTH || stat(path, &st) != 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return look_in_folder(f, path, depth);
	return S_ISREG(st.st_mode) ? look_at_file(f, path, false) : 0;
}

int
findings_look(struct findings *f, const char *path)
{
	return look_below(f, path, 0);
}

int
findings_look_java(struct findings *f, const char *path)
{
	return look_at_file(f, path, true);
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
	     rv == 0 && i < sizeof(places) / sizeof(*places); i++)
		rv = findings_look(f, places[i]);
	return rv;
}
