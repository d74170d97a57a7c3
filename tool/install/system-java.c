/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Each Java on the machine.  PKIX refuses every certificate whose SHA-256
 * stands in lib/security/blocked.certs, roots too: so there stand those that
 * the lists know and, for names and keys, those that this Java and this
 * machine have been told to trust.
 */

#define _XOPEN_SOURCE 700	/* realpath() */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/program.h"
#include "base/tree.h"
#include "compile/x509.h"
#include "install/blocked.h"
#include "install/carried.h"
#include "install/system.h"
#include "install/target.h"

/* ---- Finding ---------------------------------------------------------- */

static bool
is_found(const struct buffer *places, const char *path)
{
	const struct target_place *place = places->p;

	for (size_t i = 0; i < places->n / sizeof(*place); i++) {
		if (strcmp(place[i].path, path) == 0)
			return true;
	}
	return false;
}

/* One under several names is one. */
static int
found(const struct target *target, unsigned scope, const char *home,
      struct buffer *places, struct fault *fault)
{
	char path[PATHS_MAX], title[TARGET_TEXT];
	char *real = realpath(home, NULL);
	int rv = 0;

	if (real != NULL && blocked_find(real, path) && !is_found(places, real)) {
		snprintf(title, sizeof(title), "Java, %s",
			 strrchr(real, '/') + 1);
		if (target_found(places, target, scope, real, title,
				 fault) == NULL)
			rv = -1;
	}
	free(real);
	return rv;
}

static int
find_below(const struct target *target, unsigned scope, const char *folder,
	   struct buffer *places, struct fault *fault)
{
	struct tree tree = { .fault = fault };
	struct tree_names homes = { .text = { 0 } };
	char home[PATHS_MAX];
	int rv = 0;

	if (!paths_is_folder(folder))
		return 0;
	if (tree_list(&tree, folder, &homes) != 0)
		rv = -1;
	for (size_t i = 0; rv == 0 && i < tree_count(&homes); i++) {
		if (paths_join(home, folder, tree_at(&homes, i)->name))
			rv = found(target, scope, home, places, fault);
	}
	tree_names_free(&homes);
	tree_free(&tree);
	return rv;
}

static int
find(const struct target *target, const struct target_options *options,
     struct buffer *places, struct fault *fault)
{
	static const char *const machine[] = {
		"/usr/lib/jvm", "/usr/java", "/usr/local", "/opt",
		"/opt/java",
	};
	static const char *const user[] = {
		".sdkman/candidates/java", ".jdks", ".asdf/installs/java",
	};
	char home[PATHS_MAX], folder[PATHS_MAX];
	int rv = 0;

	if (options->profile != NULL)
		return 0;
	if (options->scope == TARGET_SYSTEM) {
		for (size_t i = 0; rv == 0 && i < 5; i++)
			rv = find_below(target, TARGET_SYSTEM, machine[i],
					places, fault);
		return rv;
	}
	paths_user(home, PATHS_HOME);
	for (size_t i = 0; rv == 0 && home[0] != '\0' && i < 3; i++) {
		if (paths_join(folder, home, user[i]))
			rv = find_below(target, TARGET_USER, folder, places,
					fault);
	}
	return rv;
}

/* ---- Changing --------------------------------------------------------- */

static int
plan(const struct target_place *place, const struct target_options *options,
     struct plan *p, struct fault *fault)
{
	struct blocked list;
	int rv;

	(void)options;
	if (blocked_make(&list, place->path, NULL, fault) != 0)
		return -1;
	rv = plan_write(p, list.path, blocked_octets(&list.bare),
			blocked_octets(&list.shall),
			p->purpose == PLAN_INSTALL ?
			"refuse what is distrusted" :
			"no longer refuse it", fault);
	blocked_free(&list);
	return rv;
}

/* ---- Proving ---------------------------------------------------------- */

/* Links to all that a folder holds, but for one name. */
static int
mirror(const char *from, const char *to, const char *but, struct fault *fault)
{
	struct tree tree = { .fault = fault };
	struct tree_names entries = { .text = { 0 } };
	char source[PATHS_MAX], target[PATHS_MAX];
	int rv = tree_list(&tree, from, &entries);

	if (rv == 0 && mkdir(to, 0700) != 0)
		rv = fault_errno(fault, to, "a new folder");
	for (size_t i = 0; rv == 0 && i < tree_count(&entries); i++) {
		const char *name = tree_at(&entries, i)->name;

		if (strcmp(name, but) != 0 &&
		    (!paths_join(source, from, name) ||
		     !paths_join(target, to, name) ||
		     symlink(source, target) != 0))
			rv = fault_errno(fault, to, "room for links");
	}
	tree_names_free(&entries);
	tree_free(&tree);
	return rv;
}

/* Go from a folder to one in it. */
static int
enter(char folder[static PATHS_MAX], const char *name, struct fault *fault)
{
	char inner[PATHS_MAX];

	if (!paths_join(inner, folder, name))
		return fault_at(fault, folder, 0, "too long; a shorter path");
	memcpy(folder, inner, sizeof(inner));
	return 0;
}

/*
 * A Java like the place's, but with another list.  -Djava.home says where it
 * looks for that.  Each level of "lib/security" is a folder of links around
 * the next one.
 */
static int
mirror_java(const char *folder, const char *home, const struct blocked *list,
	    struct fault *fault)
{
	char from[PATHS_MAX], to[PATHS_MAX], name[PATHS_MAX];
	const char *at = list->path + strlen(home) + 1, *end;

	snprintf(from, sizeof(from), "%s", home);
	if (!paths_join(to, folder, "java"))
		return fault_at(fault, folder, 0, "too long; a shorter path");
	for (; (end = strchr(at, '/')) != NULL; at = end + 1) {
		snprintf(name, sizeof(name), "%.*s", (int)(end - at), at);
		if (mirror(from, to, name, fault) != 0 ||
		    enter(from, name, fault) != 0 ||
		    enter(to, name, fault) != 0)
			return -1;
	}
	if (mirror(from, to, at, fault) != 0)
		return -1;
	return system_put(to, at, blocked_octets(&list->shall), fault);
}

static int
run_java(const char *folder, const char *home, struct program *program,
	 struct fault *fault)
{
	char java[PATHS_MAX], option[PATHS_MAX + 32];
	const char *const argv[] = {
		java, option, "-XX:TieredStopAtLevel=1",
		"Ask.java", "distrusted-site.der", "distrusted-root.der",
		"healthy-site.der", "healthy-root.der", NULL,
	};
	struct bytes source = { (const uint8_t *)carried_Ask_java,
				strlen(carried_Ask_java) };
	int rv;

	snprintf(option, sizeof(option), "-Djava.home=%s/java", folder);
	if (!paths_join(java, home, "bin/java"))
		return fault_at(fault, home, 0, "too long; a shorter path");
	program->argv = argv;
	program->folder = folder;
	rv = system_put(folder, "Ask.java", source, fault);
	if (rv == 0)
		rv = program_run(program, fault);
	program->argv = NULL;
	return rv;
}

/* The answers to both questions, a line for each. */
static int
judge_words(struct program *program, struct target_verdict *verdict,
	    struct fault *fault)
{
	const char *words = program_words(program);
	bool refused = strstr(words, "REJECTED Untrusted certificate") != NULL;

	if (program->status != 0 || strstr(words, "ACCEPTED") == NULL)
		return fault_at(fault, "java", 0, "%.200s; two answers", words);
	if (!refused)
		return target_verdict(verdict, TARGET_EXPOSED, "Java accepts "
				      "what its list of blocked certificates "
				      "names.");
	return target_verdict(verdict, TARGET_PROTECTED, "Java refuses a site "
			      "under a root in its list of blocked "
			      "certificates. It knows single certificates: "
			      "run install again when a root was added.");
}

static int
ask(const struct target_place *place, const char *folder,
    const struct probe *probe, struct target_verdict *verdict,
    struct fault *fault)
{
	struct bytes root = { probe->distrusted.root.p,
			      probe->distrusted.root.n };
	struct program program = { .status = 0 };
	uint8_t sha256[CATALOG_SHA256];
	struct blocked list;
	int rv;

	if (x509_sha256(root, sha256) != 0)
		return fault_memory(fault);
	if (blocked_make(&list, place->path, sha256, fault) != 0)
		return -1;
	rv = mirror_java(folder, place->path, &list, fault);
	if (rv == 0)
		rv = run_java(folder, place->path, &program, fault);
	if (rv == 0)
		rv = judge_words(&program, verdict, fault);
	blocked_free(&list);
	buffer_free(&program.said);
	return rv;
}

static int
prove(const struct target_place *place, const struct target_options *options,
      struct target_verdict *verdict, struct fault *fault)
{
	char folder[PATHS_MAX];
	struct probe probe;
	struct blocked list;
	bool ours, current;
	int rv;

	(void)options;
	if (blocked_make(&list, place->path, NULL, fault) != 0)
		return -1;
	ours = list.is.n != list.bare.n;
	current = bytes_equal(blocked_octets(&list.is), blocked_octets(&list.shall));
	blocked_free(&list);
	if (!current)
		return target_verdict(verdict, TARGET_EXPOSED, ours ?
			"The list of blocked certificates is older than what "
			"is distrusted, or than what this Java trusts." :
			"Nothing of ours is in its list of blocked "
			"certificates.");
	if (system_make_probe(folder, &probe, fault) != 0)
		return -1;
	rv = ask(place, folder, &probe, verdict, fault);
	system_remove(folder);
	probe_free(&probe);
	return rv;
}

const struct target target_java = {
	.name = "java", .title = "Java",
	.scopes = TARGET_USER | TARGET_SYSTEM,
	.find = find, .plan = plan, .prove = prove,
};
