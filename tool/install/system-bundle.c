/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The machine's CA bundle and hash links, as Debian, Ubuntu and Alpine have
 * them: what OpenSSL, and GnuTLS there, read.  Neither can be told of distrust
 * in there; so update-ca-certificates gets a hook that takes out what is
 * distrusted.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/program.h"
#include "base/words.h"
#include "certificates/findings.h"
#include "install/carried.h"
#include "install/system.h"
#include "install/target.h"

#define HOOKS "/etc/ca-certificates/update.d"
#define CERTS "/etc/ssl/certs"
#define BUNDLE "ca-certificates.crt"

static const char hook[] = HOOKS "/distrust";

/* ---- Finding ---------------------------------------------------------- */

static const char *
updater(void)
{
	static const char *const paths[] = {
		"/usr/sbin/update-ca-certificates",
		"/usr/bin/update-ca-certificates", NULL,
	};

	return system_first(paths);
}

static int
find(const struct target *target, const struct target_options *options,
     struct buffer *places, struct fault *fault)
{
	if (options->profile != NULL || updater() == NULL ||
	    !paths_is_folder("/etc/ca-certificates") ||
	    /* openSUSE's, of the same name, asks p11-kit. */
	    paths_is_folder("/usr/lib/ca-certificates/update.d"))
		return 0;
	return target_found(places, target, TARGET_SYSTEM, hook,
			    target->title, fault) == NULL ? -1 : 0;
}

/* ---- Changing --------------------------------------------------------- */

/* Whether the bundle or the links hold what is distrusted. */
static int
is_clean(bool *clean, struct fault *fault)
{
	struct judge judge;
	struct fault doubt = { "" };
	struct findings findings = { .judge = &judge };
	int rv;

	judge_begin(&judge, &doubt);
	rv = findings_look(&findings, CERTS);
	*clean = findings_count(&findings) == 0;
	findings_free(&findings);
	judge_end(&judge);
	return rv == 0 ? 0 : fault_memory(fault);
}

/* The hook as it is in a package, but for the path of this program. */
static int
write_hook(struct buffer *content, struct fault *fault)
{
	static const char key[] = "distrust=";
	char self[PATHS_MAX], line[PATHS_MAX + sizeof(key)];

	if (!system_self(self))
		return fault_at(fault, self, 0, "a path that a shell would "
				"not read as it is; a plain one");
	snprintf(line, sizeof(line), "%s%s", key, self);
	return system_replace_line(carried_ca_certificates_hook, key, line,
				   content, fault);
}

static int
plan_run_updater(struct plan *p, struct fault *fault)
{
	const char *const argv[] = { updater(), NULL };

	if (argv[0] == NULL)
		return 0;
	return plan_run(p, argv, p->purpose == PLAN_INSTALL ?
			"make the bundle without what is distrusted" :
			"make the bundle as it was", fault);
}

static int
plan_mode(struct plan *p, struct fault *fault)
{
	static const char *const argv[] = { "/bin/chmod", "755", hook, NULL };

	if (p->purpose != PLAN_INSTALL ||
	    (plan_count(p) == 0 && access(hook, X_OK) == 0))
		return 0;
	return plan_run(p, argv, "let it be run", fault);
}

static int
plan(const struct target_place *place, const struct target_options *options,
     struct plan *p, struct fault *fault)
{
	struct buffer content = { 0 };
	bool clean = true;
	int rv = write_hook(&content, fault);

	(void)options;
	if (rv == 0)
		rv = system_plan_file(p, place->path,
			(struct bytes){ content.p, content.n },
			p->purpose == PLAN_INSTALL ?
			"take distrusted certificates out of each new bundle" :
			"no longer change the bundle", fault);
	buffer_free(&content);
	if (rv == 0)
		rv = plan_mode(p, fault);
	if (rv == 0 && p->purpose == PLAN_INSTALL)
		rv = is_clean(&clean, fault);
	if (rv == 0 && (plan_count(p) > 0 || !clean))
		rv = plan_run_updater(p, fault);
	return rv;
}

/* ---- Proving ---------------------------------------------------------- */

/* OpenSSL's verdict on a site, with a bundle or else a folder of links. */
static int
verify(const char *bundle, const char *folder, const struct buffer *site)
{
	const unsigned char *p = site->p;
	X509_STORE_CTX *c = X509_STORE_CTX_new();
	X509_STORE *store = X509_STORE_new();
	X509 *x = d2i_X509(NULL, &p, (long)site->n);
	int error = X509_V_ERR_UNSPECIFIED;

	if (c != NULL && store != NULL && x != NULL &&
	    X509_STORE_load_locations(store, bundle, folder) == 1 &&
	    X509_STORE_CTX_init(c, store, x, NULL) == 1 &&
	    X509_STORE_CTX_set_purpose(c, X509_PURPOSE_SSL_SERVER) == 1) {
		X509_verify_cert(c);
		error = X509_STORE_CTX_get_error(c);
	}
	X509_free(x);
	X509_STORE_CTX_free(c);
	X509_STORE_free(store);
	return error;
}

/* What update-ca-certificates makes: a bundle of both roots, and links. */
static int
link_root(const char *folder, const char *name, const struct buffer *root,
	  struct fault *fault)
{
	const unsigned char *p = root->p;
	X509 *x = d2i_X509(NULL, &p, (long)root->n);
	char link[32], path[PATHS_MAX];
	int rv = 0;

	snprintf(link, sizeof(link), "%08lx.0",
		 x != NULL ? X509_subject_name_hash(x) : 0);
	X509_free(x);
	if (!paths_join(path, folder, link) || symlink(name, path) != 0)
		rv = fault_errno(fault, folder, "room for links");
	return rv;
}

static int
make_store(const char *folder, const struct probe *probe, struct fault *fault)
{
	struct buffer pem = { 0 };
	int rv = probe_pem(&pem, &probe->distrusted.root, "CERTIFICATE",
			   fault);

	if (rv == 0)
		rv = probe_pem(&pem, &probe->healthy.root, "CERTIFICATE",
			       fault);
	if (rv == 0)
		rv = system_put(folder, BUNDLE,
				(struct bytes){ pem.p, pem.n }, fault);
	if (rv == 0)
		rv = link_root(folder, "distrusted-root.pem",
			       &probe->distrusted.root, fault);
	if (rv == 0)
		rv = link_root(folder, "healthy-root.pem",
			       &probe->healthy.root, fault);
	buffer_free(&pem);
	return rv;
}

/* The worse answer of bundle and links. */
static int
ask(const char *folder, const struct buffer *site)
{
	char bundle[PATHS_MAX];
	int by_bundle;

	if (!paths_join(bundle, folder, BUNDLE))
		return X509_V_ERR_UNSPECIFIED;
	by_bundle = verify(bundle, NULL, site);
	return by_bundle == X509_V_OK ? X509_V_OK :
					verify(NULL, folder, site);
}

static int
judge_hook(const char *folder, const struct probe *probe,
	   struct target_verdict *verdict, struct fault *fault)
{
	const char *const argv[] = { hook, NULL };
	struct program program = { .argv = argv, .folder = folder };
	int rv, error;

	if (make_store(folder, probe, fault) != 0)
		return -1;
	if (ask(folder, &probe->distrusted.site) != X509_V_OK)
		return fault_at(fault, "OpenSSL", 0, "refuses what it is told "
				"to trust; a usual chain accepted");
	rv = program_run(&program, fault);
	if (rv == 0 && program.status != 0)
		rv = fault_at(fault, hook, 0, "failed: %s; success",
			      program_words(&program));
	buffer_free(&program.said);
	if (rv != 0)
		return -1;
	if (ask(folder, &probe->healthy.site) != X509_V_OK)
		return target_verdict(verdict, TARGET_EXPOSED, "The hook takes "
				      "out what nobody distrusts.");
	error = ask(folder, &probe->distrusted.site);
	if (error == X509_V_OK)
		return target_verdict(verdict, TARGET_EXPOSED, "With the hook, "
				      "OpenSSL accepts a site under a "
				      "distrusted name.");
	return target_verdict(verdict, TARGET_PROTECTED, "OpenSSL refuses a "
			      "site under a distrusted name (%s).",
			      X509_verify_cert_error_string(error));
}

static int
prove(const struct target_place *place, const struct target_options *options,
      struct target_verdict *verdict, struct fault *fault)
{
	char folder[PATHS_MAX];
	struct probe probe;
	bool clean;
	int rv;

	(void)options;
	if (!paths_is_there(place->path))
		return target_verdict(verdict, TARGET_EXPOSED,
				      "The hook is not installed here.");
	if (access(place->path, X_OK) != 0)
		return target_verdict(verdict, TARGET_EXPOSED,
				      "The hook cannot be run.");
	if (is_clean(&clean, fault) != 0)
		return -1;
	if (!clean)
		return target_verdict(verdict, TARGET_EXPOSED, "/etc/ssl/certs "
				      "holds distrusted certificates: run "
				      "update-ca-certificates.");
	if (system_make_probe(folder, &probe, fault) != 0)
		return -1;
	rv = judge_hook(folder, &probe, verdict, fault);
	system_remove(folder);
	probe_free(&probe);
	return rv;
}

const struct target target_bundle = {
	.name = "bundle",
	.title = N_("OpenSSL, curl and all that read /etc/ssl/certs"),
	.scopes = TARGET_SYSTEM,
	.find = find, .plan = plan, .prove = prove,
};
