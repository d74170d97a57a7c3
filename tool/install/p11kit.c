/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Throwaway anchors where p11-kit looks for the machine's, and two programs
 * that are asked about them. */

#include "install/p11kit.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/program.h"
#include "base/tree.h"
#include "certificates/bundle.h"
#include "certificates/judge.h"
#include "install/system.h"

/* ---- What is made of its store ----------------------------------------- */

/* The program that makes bundles of it anew; NULL: nobody does here. */
static const char *
updater(void)
{
	static const char *const paths[] = {
		"/usr/bin/update-ca-trust", "/usr/sbin/update-ca-trust",
		NULL,
	};
	static const char *const suse[] = {
		"/usr/sbin/update-ca-certificates", NULL,
	};

	/* openSUSE's, not Debian's of the same name. */
	return paths_is_folder("/usr/lib/ca-certificates/update.d") ?
		system_first(suse) : system_first(paths);
}

int
p11kit_plan_update(struct plan *p, struct fault *fault)
{
	const char *const argv[] = { updater(), NULL };

	if (plan_count(p) == 0 || argv[0] == NULL)
		return 0;
	return plan_run(p, argv, "make the bundles anew", fault);
}

/* ---- Asking ------------------------------------------------------------ */

/* What is known after a process with mounts of its own has asked. */
enum {
	GNUTLS_HEALTHY = 1 << 0,	/* accepts it */
	GNUTLS_DISTRUSTED = 1 << 1,
	TRUST_HEALTHY = 1 << 2,		/* extracts it */
	TRUST_DISTRUSTED = 1 << 3,
	NO_GNUTLS = 1 << 4,
	NO_TRUST = 1 << 5,
	NO_BIND = 1 << 6,
};

/* A private folder: the roots of a throwaway chain of each kind, and one that
 * is listed, as a bundle "anchors" and in a folder "store/anchors". */
struct question {
	char folder[PATHS_MAX];
	struct probe probe;
	struct buffer listed;		/* DER */
};

/* A judge_visit: the first that is known in full. */
static int
take_listed(void *arg, const struct catalog *c, const struct catalog_entry *e)
{
	struct bytes der = catalog_bytes(c, e->value);

	if (der.n == 0)
		return 0;
	return buffer_add(arg, der.p, der.n) == 0 ? 1 : -1;
}

static int
find_listed(struct buffer *der, struct fault *fault)
{
	struct judge judge;
	struct fault doubt = { "" };
	int rv;

	judge_begin(&judge, &doubt);
	rv = judge_each(&judge, take_listed, der);
	judge_end(&judge);
	if (rv < 0)
		return fault_memory(fault);
	return rv > 0 ? 0 : fault_at(fault, "distrust", 0,
				     "no certificate is listed in full; one");
}

static int
put_anchors(struct question *q, struct fault *fault)
{
	const struct buffer *roots[] = { &q->probe.distrusted.root,
					 &q->probe.healthy.root, &q->listed };
	static const char *const folders[] = {
		"store", "store/anchors", "store/blocklist", "nothing",
	};
	struct buffer pem = { 0 };
	char path[PATHS_MAX];
	int rv = 0;

	for (size_t i = 0; rv == 0 && i < 4; i++) {
		if (!paths_join(path, q->folder, folders[i]) ||
		    mkdir(path, 0700) != 0)
			rv = fault_errno(fault, q->folder, "a new folder");
	}
	for (size_t i = 0; rv == 0 && i < 3; i++)
		rv = probe_pem(&pem, roots[i], "CERTIFICATE", fault);
	if (rv == 0)
		rv = system_put(q->folder, "anchors",
				(struct bytes){ pem.p, pem.n }, fault);
	if (rv == 0)
		rv = system_put(q->folder, "store/anchors/roots.pem",
				(struct bytes){ pem.p, pem.n }, fault);
	buffer_free(&pem);
	return rv;
}

static void
question_end(struct question *q)
{
	system_remove(q->folder);
	probe_free(&q->probe);
	buffer_free(&q->listed);
}

static int
question_begin(struct question *q, struct fault *fault)
{
	*q = (struct question){ .folder = "" };
	if (system_make_probe(q->folder, &q->probe, fault) != 0)
		return -1;
	if (find_listed(&q->listed, fault) == 0 && put_anchors(q, fault) == 0)
		return 0;
	question_end(q);
	return -1;
}

/* Whether a bundle holds a certificate. */
static bool
holds(struct bytes content, const struct buffer *der)
{
	struct bundle bundle = { .rest = content, .line = 1 };
	struct bundle_piece piece;
	bool found = false;

	while (!found && bundle_next(&bundle, &piece) > 0)
		found = piece.kind == BUNDLE_CERTIFICATE &&
			bytes_equal(piece.der,
				    (struct bytes){ der->p, der->n });
	bundle_free(&bundle);
	return found;
}

static int
ask_trust(const struct question *q)
{
	char trust[PATHS_MAX], out[PATHS_MAX];
	const char *const argv[] = {
		trust, "extract", "--format=pem-bundle",
		"--filter=ca-anchors", "--purpose=server-auth", out, NULL,
	};
	struct program program = { .argv = argv };
	struct fault fault = { "" };
	struct buffer content = { 0 };
	struct bytes bundle;
	bool is_there;
	int answer = NO_TRUST;

	if (paths_program(trust, "trust") &&
	    paths_join(out, q->folder, "extracted") &&
	    program_run(&program, &fault) == 0 && program.status == 0 &&
	    tree_peek(out, &content, &is_there, &fault) == 0) {
		bundle = (struct bytes){ content.p, content.n };
		answer = holds(bundle, &q->probe.healthy.root) ?
			 TRUST_HEALTHY : 0;
		if (holds(bundle, &q->listed))
			answer |= TRUST_DISTRUSTED;
	}
	buffer_free(&program.said);
	buffer_free(&content);
	return answer;
}

/* ---- GnuTLS, without its headers: whoever has it gets asked ------------ */

struct datum {
	unsigned char *data;
	unsigned size;
};

struct gnutls {
	int (*list_init)(void **list, unsigned size);
	int (*list_add)(void *list, const char *url, const char *crls,
			int format, unsigned flags, unsigned verify_flags);
	int (*certificate_init)(void **certificate);
	int (*certificate_import)(void *certificate, const struct datum *data,
				  int format);
	int (*verify)(void *list, void **chain, unsigned count, unsigned flags,
		      unsigned *status, void *function);
};

static bool
load(void *library, const char *name, void *function)
{
	void *symbol = dlsym(library, name);

	memcpy(function, &symbol, sizeof(symbol));
	return symbol != NULL;
}

static bool
gnutls_load(struct gnutls *g)
{
	void *library = dlopen("libgnutls.so.30", RTLD_NOW | RTLD_LOCAL);

	return library != NULL &&
	       load(library, "gnutls_x509_trust_list_init", &g->list_init) &&
	       load(library, "gnutls_x509_trust_list_add_trust_file",
		    &g->list_add) &&
	       load(library, "gnutls_x509_crt_init", &g->certificate_init) &&
	       load(library, "gnutls_x509_crt_import",
		    &g->certificate_import) &&
	       load(library, "gnutls_x509_trust_list_verify_crt", &g->verify);
}

static bool
gnutls_accepts(const struct gnutls *g, const struct buffer *site)
{
	struct datum data = { site->p, (unsigned)site->n };
	void *list = NULL, *certificate = NULL;
	unsigned status = 1;

	return g->list_init(&list, 0) == 0 &&
	       g->list_add(list, "pkcs11:", NULL, 0, 0, 0) >= 0 &&
	       g->certificate_init(&certificate) == 0 &&
	       g->certificate_import(certificate, &data, 0) == 0 &&
	       g->verify(list, &certificate, 1, 0, &status, NULL) == 0 &&
	       status == 0;
}

/* The process ends after this: nothing is given back. */
static int
ask_gnutls(const struct question *q)
{
	struct gnutls g;
	int answer = 0;

	if (!gnutls_load(&g))
		return NO_GNUTLS;
	if (gnutls_accepts(&g, &q->probe.healthy.site))
		answer |= GNUTLS_HEALTHY;
	if (gnutls_accepts(&g, &q->probe.distrusted.site))
		answer |= GNUTLS_DISTRUSTED;
	return answer;
}

/* ---- With the machine's modules ---------------------------------------- */

static bool
bind_over(const struct question *q, const char *name, const char *over)
{
	char path[PATHS_MAX];

	return paths_join(path, q->folder, name) &&
	       program_bind(path, over) == 0;
}

/* Our anchors in the place of one of the machine's stores, a folder or a
 * file; or nothing, once they are somewhere. */
static bool
bind_store(const struct question *q, const char *path, bool *bound)
{
	bool is_folder = paths_is_folder(path);
	const char *name = is_folder ? "store" : "anchors";

	if (!paths_is_there(path))
		return true;
	if (*bound)
		name = is_folder ? "nothing" : "/dev/null";
	*bound = true;
	return bind_over(q, name, path);
}

/* p11-kit-trust reads several, parted by colons. */
static bool
bind_anchors(const struct question *q)
{
	char path[PATHS_MAX];
	bool bound = false;

	for (const char *at = TRUST_PATHS; *at != '\0'; at += *at == ':') {
		size_t n = strcspn(at, ":");

		snprintf(path, sizeof(path), "%.*s", (int)n, at);
		if (!bind_store(q, path, &bound))
			return false;
		at += n;
	}
	return bound;
}

/* A program_inside. */
static int
ask_with_modules(void *arg)
{
	const struct question *q = arg;

	return bind_anchors(q) ? ask_trust(q) | ask_gnutls(q) : NO_BIND;
}

static int
judge_answers(int answers, struct target_verdict *verdict,
	      struct fault *fault)
{
	if (answers & NO_BIND)
		return fault_at(fault, TRUST_PATHS, 0,
				"cannot be replaced for the question; p11-"
				"kit's store there");
	if ((answers & NO_GNUTLS) && (answers & NO_TRUST))
		return fault_at(fault, "distrust", 0, "nobody to ask; GnuTLS "
				"or the program trust");
	if (!(answers & NO_TRUST) && !(answers & TRUST_HEALTHY))
		return fault_at(fault, "trust", 0, "extracts no anchor; one "
				"that nobody distrusts");
	if (!(answers & NO_GNUTLS) && !(answers & GNUTLS_HEALTHY))
		return fault_at(fault, "GnuTLS", 0, "accepts no site; one "
				"that nobody distrusts");
	if (answers & TRUST_DISTRUSTED)
		return target_verdict(verdict, TARGET_EXPOSED, "`trust` "
				      "extracts a distrusted certificate.");
	if (answers & GNUTLS_DISTRUSTED)
		return target_verdict(verdict, TARGET_EXPOSED, "GnuTLS accepts "
				      "a site under a distrusted name.");
	if (answers & NO_TRUST)
		return target_verdict(verdict, TARGET_PROTECTED, "GnuTLS "
				      "refuses a site under a distrusted "
				      "name.");
	if (answers & NO_GNUTLS)
		return target_verdict(verdict, TARGET_PROTECTED, "`trust` "
				      "extracts no distrusted certificate.");
	return target_verdict(verdict, TARGET_PROTECTED, "`trust` extracts no "
			      "distrusted certificate, and GnuTLS refuses a "
			      "site under a distrusted name.");
}

int
p11kit_ask_modules(struct target_verdict *verdict, struct fault *fault)
{
	struct question q;
	int answers, rv;

	if (question_begin(&q, fault) != 0)
		return -1;
	rv = program_in_own_mounts(ask_with_modules, &q, &answers, fault);
	if (rv == 0)
		rv = judge_answers(answers, verdict, fault);
	question_end(&q);
	return rv;
}

/* ---- With a store of ours ---------------------------------------------- */

/* p11-kit-trust alone, with a store of ours.  A program_inside. */
static int
ask_with_store(void *arg)
{
	const struct question *q = arg;

	if (!bind_over(q, "modules", MODULE_CONFIGS) ||
	    (paths_is_folder("/etc/pkcs11") &&
	     !bind_over(q, "nothing", "/etc/pkcs11")))
		return NO_BIND;
	return ask_trust(q) | NO_GNUTLS;
}

static int
put_store(const struct question *q, struct bytes list, struct fault *fault)
{
	char text[2 * PATHS_MAX], path[PATHS_MAX];
	struct bytes octets = { (const uint8_t *)text, 0 };

	if (!paths_join(path, q->folder, "modules") || mkdir(path, 0700) != 0)
		return fault_errno(fault, q->folder, "a new folder");
	octets.n = (size_t)snprintf(text, sizeof(text),
				    "module: p11-kit-trust.so\n"
				    "trust-policy: yes\n"
				    "x-init-reserved: paths='%s/store'\n",
				    q->folder);
	if (system_put(path, "p11-kit-trust.module", octets, fault) != 0)
		return -1;
	return system_put(q->folder, "store/blocklist/p11-distrust.p11-kit",
			  list, fault);
}

int
p11kit_ask_store(struct bytes list, struct target_verdict *verdict,
	  struct fault *fault)
{
	struct question q;
	int answers, rv;

	if (question_begin(&q, fault) != 0)
		return -1;
	rv = put_store(&q, list, fault);
	if (rv == 0)
		rv = program_in_own_mounts(ask_with_store, &q, &answers,
					   fault);
	if (rv == 0)
		rv = judge_answers(answers, verdict, fault);
	question_end(&q);
	return rv;
}
