/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Looking into a store, and keeping what is distrusted there.  Whatever
 * cannot be read is a trouble that is told, and the rest is read all the same.
 * It must not know where stores are.
 */

#include <stdio.h>
#include <string.h>

#include "compile/x509.h"
#include "install/nss-list.h"
#include "scan/scan.h"

/* What the callbacks know. */
struct look {
	struct scan *scan;
	size_t store;
};

/* A walk's, as all three are. */
static int
trouble(void *arg, const struct fault *fault)
{
	const struct look *l = arg;

	l->scan->troubles++;
	l->scan->troubled(l->scan, fault->text);
	return 0;
}

/* ---- Keeping ----------------------------------------------------------- */

static bool
is_known(const struct look *l, const char *path,
	 const uint8_t sha256[CATALOG_SHA256])
{
	for (size_t i = scan_count(l->scan); i-- > 0;) {
		const struct scan_finding *f = scan_at(l->scan, i);

		if (f->store == l->store && strcmp(f->path, path) == 0 &&
		    memcmp(f->sha256, sha256, CATALOG_SHA256) == 0)
			return true;
	}
	return false;
}

static int
consider(void *arg, const char *path, struct bytes der, struct bytes name)
{
	const struct look *l = arg;
	struct scan_finding f = { .store = l->store };

	if (!judge_is_distrusted(&l->scan->judge, der, &f.why) ||
	    x509_sha256(der, f.sha256) != 0 || is_known(l, path, f.sha256))
		return 0;
	snprintf(f.path, sizeof(f.path), "%s", path);
	snprintf(f.name, sizeof(f.name), "%.*s", (int)name.n,
		 (const char *)name.p);
	if (buffer_add(&f.der, der.p, der.n) == 0 &&
	    buffer_add(&l->scan->findings, &f, sizeof(f)) == 0)
		return 0;
	buffer_free(&f.der);
	return -1;
}

size_t
scan_count(const struct scan *scan)
{
	return scan->findings.n / sizeof(struct scan_finding);
}

const struct scan_finding *
scan_at(const struct scan *scan, size_t i)
{
	return (const struct scan_finding *)scan->findings.p + i;
}

void
scan_free(struct scan *scan)
{
	struct scan_finding *f = scan->findings.p;

	for (size_t i = 0; i < scan_count(scan); i++)
		buffer_free(&f[i].der);
	buffer_free(&scan->findings);
	buffer_free(&scan->stores);
	walk_free(&scan->walk);
}

/* ---- Looking ----------------------------------------------------------- */

/* A database has no file of its own for each certificate. */
struct database {
	struct look look;
	const char *path;
};

static int
consider_nss(void *arg, struct bytes der, struct bytes nickname)
{
	struct database *d = arg;

	return consider(&d->look, d->path, der, nickname);
}

static int
look_at_nss(struct scan *scan, size_t store, const char *path)
{
	struct database database = { { scan, store }, path };
	struct fault unread = { "" };

	if (nss_list(path, consider_nss, &database, &unread) == 0)
		return 0;
	return unread.text[0] == '\0' ? -1 : trouble(&database.look, &unread);
}

int
scan_look(struct scan *scan, size_t store)
{
	const struct scan_store *s = scan_store_at(scan, store);
	struct look look = { scan, store };

	if (s->kind == SCAN_NSS)
		return look_at_nss(scan, store, s->path);
	scan->walk.arg = &look;
	scan->walk.certificate = consider;
	scan->walk.trouble = trouble;
	scan->walk.is_p11kits = s->is_p11kits;
	return s->kind == SCAN_JAVA ? walk_keystore(&scan->walk, s->path) :
				      walk_files(&scan->walk, s->path);
}
