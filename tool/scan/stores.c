/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Where stores are, by distribution, program and environment.  It knows
 * places; it must not read what is in them.
 */

#define _XOPEN_SOURCE 700	/* getpwent() */

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "install/system.h"
#include "base/words.h"
#include "scan/scan.h"

static const char debian_maker[] = "/usr/sbin/update-ca-certificates";
static const char p11kit_maker[] = "/usr/bin/update-ca-trust";

struct place {
	enum scan_kind kind;
	bool is_made;
	const char *target;
	const char *maker;
	const char *path;
	const char *title;
};

/* Sources stand before what is made of them: each file is read once. */
static const struct place places[] = {
	{ SCAN_FILES, false, "bundle", debian_maker,
	  "/usr/local/share/ca-certificates", N_("the administrator's, Debian") },
	{ SCAN_FILES, false, "bundle", debian_maker,
	  "/usr/share/ca-certificates", N_("the distribution's, Debian") },
	{ SCAN_FILES, false, "p11-kit", p11kit_maker,
	  "/etc/pki/ca-trust/source", N_("the administrator's, Fedora") },
	{ SCAN_FILES, false, "p11-kit", p11kit_maker,
	  "/usr/share/pki/ca-trust-source", N_("the distribution's, Fedora") },
	{ SCAN_FILES, false, "p11-kit", p11kit_maker,
	  "/etc/ca-certificates/trust-source", N_("the administrator's, Arch") },
	{ SCAN_FILES, false, "p11-kit", p11kit_maker,
	  "/usr/share/ca-certificates/trust-source", N_("p11-kit's, Arch") },
	{ SCAN_FILES, false, "p11-kit", debian_maker,
	  "/etc/pki/trust", N_("the administrator's, openSUSE") },
	{ SCAN_FILES, false, "p11-kit", debian_maker,
	  "/usr/share/pki/trust", N_("the distribution's, openSUSE") },
	{ SCAN_FILES, false, "p11-kit", NULL,
	  "/etc/ssl/trust-source", N_("p11-kit's, NixOS") },
	{ SCAN_JAVA, false, "java", NULL,
	  "/etc/ssl/certs/java/cacerts", N_("Java, Debian") },
	{ SCAN_FILES, true, "bundle", debian_maker,
	  "/etc/ssl/certs/ca-certificates.crt", N_("OpenSSL's bundle") },
	{ SCAN_LINKS, true, "bundle", debian_maker,
	  "/etc/ssl/certs", N_("OpenSSL's folder") },
	{ SCAN_FILES, true, "p11-kit", p11kit_maker,
	  "/etc/pki/ca-trust/extracted", N_("bundles, Fedora") },
	{ SCAN_FILES, true, "p11-kit", p11kit_maker,
	  "/etc/ca-certificates/extracted", N_("bundles, Arch") },
	{ SCAN_FILES, true, "p11-kit", debian_maker,
	  "/var/lib/ca-certificates", N_("bundles, openSUSE") },
	{ SCAN_FILES, true, "bundle", debian_maker,
	  "/etc/ssl/cert.pem", N_("OpenSSL's bundle, Alpine") },
	{ SCAN_FILES, false, NULL, NULL,
	  "/usr/lib/python3/dist-packages/certifi/cacert.pem",
	  N_("Python's certifi") },
	{ SCAN_FILES, false, NULL, NULL,
	  "/usr/share/nodejs/undici/cacert.pem", N_("Node.js") },
	{ SCAN_FILES, false, NULL, NULL,
	  "/usr/share/rubygems-integration/all/certs", N_("Ruby") },
	{ SCAN_FILES, false, NULL, NULL,
	  "/usr/lib/ruby/vendor_ruby/rubygems/ssl_certs", N_("Ruby") },
};

/* Variables that name a store of this process's environment. */
static const struct variable {
	enum scan_kind kind;
	const char *name;
} variables[] = {
	{ SCAN_FILES, "SSL_CERT_FILE" }, { SCAN_LINKS, "SSL_CERT_DIR" },
	{ SCAN_FILES, "NODE_EXTRA_CA_CERTS" },
	{ SCAN_FILES, "REQUESTS_CA_BUNDLE" },
	{ SCAN_FILES, "CURL_CA_BUNDLE" }, { SCAN_FILES, "GIT_SSL_CAINFO" },
	{ SCAN_FILES, "AWS_CA_BUNDLE" }, { SCAN_FILES, "PIP_CERT" },
};

/* ---- Noting ------------------------------------------------------------ */

static struct scan_store *
add(struct scan *scan, enum scan_kind kind, const char *path,
    const char *title)
{
	struct scan_store *s = buffer_grow(&scan->stores, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->kind = kind;
	s->scope = TARGET_SYSTEM;
	snprintf(s->path, sizeof(s->path), "%s", path);
	snprintf(s->title, sizeof(s->title), "%s", title);
	return s;
}

static const char *
there(const char *program)
{
	return program != NULL && paths_is_there(program) ? program : NULL;
}

static int
add_places(struct scan *scan)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		const struct place *p = &places[i];
		struct scan_store *s;

		if (!paths_is_there(p->path))
			continue;
		s = add(scan, p->kind, p->path, p->title);
		if (s == NULL)
			return -1;
		s->target = p->target;
		s->maker = there(p->maker);
		s->is_made = p->is_made && s->maker != NULL;
		s->is_p11kits = !p->is_made && p->target != NULL &&
				strcmp(p->target, "p11-kit") == 0;
	}
	return 0;
}

/* Where p11-kit itself was built to look. */
static int
add_p11kit(struct scan *scan)
{
	char path[PATHS_MAX];

	for (const char *at = TRUST_PATHS; *at != '\0'; at += *at == ':') {
		size_t n = strcspn(at, ":");
		struct scan_store *s;

		snprintf(path, sizeof(path), "%.*s", (int)n, at);
		at += n;
		if (!paths_is_there(path))
			continue;
		s = add(scan, SCAN_FILES, path, "p11-kit");
		if (s == NULL)
			return -1;
		s->target = "p11-kit";
	}
	return 0;
}

static int
add_variables(struct scan *scan)
{
	char title[TARGET_TEXT];

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		const char *path = getenv(variables[i].name);

		if (path == NULL || path[0] != '/')
			continue;
		snprintf(title, sizeof(title), "$%s", variables[i].name);
		if (add(scan, variables[i].kind, path, title) == NULL)
			return -1;
	}
	return 0;
}

/* ---- Programs that install knows ---------------------------------------- */

/* For Java, whose place is its home. */
static const char *
keystore_in(const char *home, char path[static PATHS_MAX])
{
	return paths_join(path, home, "lib/security/cacerts") &&
	       paths_is_there(path) ? path : NULL;
}

static int
add_place(struct scan *scan, const struct target_place *place,
	  const char *home)
{
	bool is_java = strcmp(place->target->name, "java") == 0;
	char keystore[PATHS_MAX], database[PATHS_MAX];
	const char *path = is_java ? keystore_in(place->path, keystore) :
		paths_join(database, place->path, "cert9.db") &&
		paths_is_there(database) ? place->path : NULL;
	struct scan_store *s;

	if (path == NULL)
		return 0;
	s = add(scan, is_java ? SCAN_JAVA : SCAN_NSS, path, place->title);
	if (s == NULL)
		return -1;
	s->target = place->target->name;
	s->scope = place->scope;
	snprintf(s->home, sizeof(s->home), "%s", home);
	return 0;
}

static int
add_programs(struct scan *scan, unsigned scope, const char *home,
	     struct fault *fault)
{
	static const char *const names[] = {
		"firefox", "thunderbird", "librewolf", "zen", "mullvad",
		"tor", "nssdb", "java",
	};
	struct target_options options = {
		.scope = scope, .module = MODULE_PATH, .names = names,
		.names_count = sizeof(names) / sizeof(names[0]),
	};
	struct buffer found = { 0 };
	const struct target_place *place;
	int rv = target_places(&options, &found, fault);

	place = found.p;
	for (size_t i = 0; rv == 0 && i < found.n / sizeof(*place); i++) {
		if (add_place(scan, &place[i], home) != 0)
			rv = fault_memory(fault);
	}
	buffer_free(&found);
	return rv;
}

/* ---- Users --------------------------------------------------------------- */

/* A user that cannot be looked at is a trouble, not the end. */
static int
add_user(struct scan *scan, const char *home)
{
	struct fault fault = { "" };
	size_t before = scan->stores.n;

	setenv("HOME", home, 1);
	if (add_programs(scan, TARGET_USER, home, &fault) == 0)
		return 0;
	scan->stores.n = before;
	scan->troubles++;
	scan->troubled(scan, fault.text);
	return 0;
}

static bool
is_known(const struct buffer *homes, const char *home)
{
	const char *at = homes->p;

	for (size_t i = 0; i < homes->n; i += strlen(at + i) + 1) {
		if (strcmp(at + i, home) == 0)
			return true;
	}
	return false;
}

/* Each home folder once; several users may share one. */
static int
add_users(struct scan *scan, const char *own)
{
	struct buffer homes = { 0 };
	const struct passwd *user;
	int rv = buffer_add(&homes, own, strlen(own) + 1);

	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_DATA_HOME");
	setpwent();
	while (rv == 0 && (user = getpwent()) != NULL) {
		const char *home = user->pw_dir;

		if (home == NULL || home[0] != '/' || home[1] == '\0' ||
		    is_known(&homes, home) || !paths_is_folder(home))
			continue;
		rv = buffer_add(&homes, home, strlen(home) + 1);
		if (rv == 0)
			rv = add_user(scan, home);
	}
	endpwent();
	setenv("HOME", own, 1);
	buffer_free(&homes);
	return rv;
}

int
scan_stores(struct scan *scan, struct fault *fault)
{
	char home[PATHS_MAX];

	paths_user(home, PATHS_HOME);
	if (add_places(scan) != 0 || add_p11kit(scan) != 0 ||
	    add_variables(scan) != 0)
		return fault_memory(fault);
	if (add_programs(scan, TARGET_SYSTEM, "", fault) != 0 ||
	    (home[0] != '\0' &&
	     add_programs(scan, TARGET_USER, home, fault) != 0))
		return -1;
	if (geteuid() == 0 && home[0] != '\0' && add_users(scan, home) != 0)
		return fault_memory(fault);
	return 0;
}

size_t
scan_store_count(const struct scan *scan)
{
	return scan->stores.n / sizeof(struct scan_store);
}

const struct scan_store *
scan_store_at(const struct scan *scan, size_t i)
{
	return (const struct scan_store *)scan->stores.p + i;
}
