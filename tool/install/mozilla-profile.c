/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The profiles of the family of Firefox: finding them (profiles.ini),
 * whether a program has one open, and what is to change in one: the module
 * in pkcs11.txt, and a line of user.js that keeps the module where it is
 * asked.
 */

#include "install/mozilla.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/tree.h"
#include "base/words.h"
#include "install/nss-protect.h"

/* ---- INI files, as these programs write them --------------------------- */

/* The value of a key in the line at *at, which moves behind the line; false
 * where the line has another key. */
static bool
ini_value(struct bytes text, size_t *at, const char *key,
	  char out[static PATHS_MAX])
{
	const char *line = (const char *)text.p + *at;
	size_t left = text.n - *at, n = strlen(key);
	const char *end = memchr(line, '\n', left);
	size_t length = end != NULL ? (size_t)(end - line) : left;

	*at += length + (end != NULL);
	if (length > 0 && line[length - 1] == '\r')
		length--;
	if (length <= n || memcmp(line, key, n) != 0 || line[n] != '=' ||
	    length - n > PATHS_MAX)
		return false;
	memcpy(out, line + n + 1, length - n - 1);
	out[length - n - 1] = '\0';
	return true;
}

/* The folder of the program that had a profile last: its own libnss3.so is
 * there.  Empty where none is known. */
static void
program_of(const char *profile, char out[static PATHS_MAX])
{
	struct fault fault = { "" };
	struct buffer content = { 0 };
	char path[PATHS_MAX];
	bool is_there, found = false;

	if (paths_join(path, profile, "compatibility.ini") &&
	    tree_peek(path, &content, &is_there, &fault) == 0) {
		struct bytes text = { content.p, content.n };

		for (size_t at = 0; !found && at < text.n;)
			found = ini_value(text, &at, "LastPlatformDir", out);
	}
	if (!found)
		out[0] = '\0';
	buffer_free(&content);
}

/* ---- Finding ---------------------------------------------------------- */

struct search {
	const struct target *target;
	const char *beyond;	/* why no change can help, or NULL */
	struct buffer *places;
	struct fault *fault;
};

static int
found(const struct search *s, const char *profile)
{
	char program[PATHS_MAX], title[TARGET_TEXT];
	const char *name = strrchr(profile, '/');
	struct target_place *place;

	program_of(profile, program);
	snprintf(title, sizeof(title), _("%s%s, profile %s"), s->target->title,
		 strstr(program, "-esr") != NULL ? " ESR" : "",
		 name != NULL ? name + 1 : profile);
	place = target_found(s->places, s->target, TARGET_USER, profile,
			     title, s->fault);
	if (place == NULL)
		return -1;
	if (s->beyond != NULL)
		target_is_beyond(place, s->beyond);
	return 0;
}

/* Profiles are named by Path=, most of them relative to profiles.ini. */
static int
find_in(const struct search *s, const char *folder)
{
	struct buffer content = { 0 };
	char path[PATHS_MAX], name[PATHS_MAX];
	bool is_there;
	int rv = 0;

	if (!paths_join(path, folder, "profiles.ini"))
		return 0;
	rv = tree_peek(path, &content, &is_there, s->fault);
	for (size_t at = 0; rv == 0 && at < content.n;) {
		struct bytes text = { content.p, content.n };

		if (ini_value(text, &at, "Path", name) &&
		    paths_join(path, folder, name) && paths_is_folder(path))
			rv = found(s, path);
	}
	buffer_free(&content);
	return rv;
}

static int
find_below(struct search s, enum paths_folder below,
	   const char *const *folders, const char *beyond)
{
	char root[PATHS_MAX], folder[PATHS_MAX];

	s.beyond = beyond;
	paths_user(root, below);
	for (; root[0] != '\0' && *folders != NULL; folders++) {
		if (paths_join(folder, root, *folders) &&
		    find_in(&s, folder) != 0)
			return -1;
	}
	return 0;
}

/* --profile: whether a folder is a profile of this family at all. */
static bool
is_profile(const char *folder)
{
	static const char *const files[] = {
		"compatibility.ini", "prefs.js", "times.json",
	};
	char path[PATHS_MAX];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (paths_join(path, folder, files[i]) && paths_is_there(path))
			return true;
	}
	return false;
}

int
mozilla_find_profiles(const struct target *target,
		      const struct target_options *options,
		      struct buffer *places, struct fault *fault)
{
	const struct mozilla *m = target->kind;
	struct search s = { target, NULL, places, fault };

	if (options->profile != NULL) {
		/* The programs do not differ in what a profile needs. */
		if (!is_profile(options->profile) ||
		    (options->names_count == 0 && target != &target_firefox))
			return 0;
		return found(&s, options->profile);
	}
	if (find_below(s, PATHS_HOME, m->homes, NULL) != 0 ||
	    find_below(s, PATHS_CONFIG, m->configs, NULL) != 0 ||
	    find_below(s, PATHS_HOME, m->snaps,
		       "It is a Snap package, which is not allowed to load "
		       "the module. Use the program's package of your "
		       "distribution or its maker's instead.") != 0)
		return -1;
	return find_below(s, PATHS_HOME, m->flatpaks,
			  "It is a Flatpak package, which cannot see the "
			  "module. Use the program's package of your "
			  "distribution or its maker's instead.");
}

/* ---- Is it open? ------------------------------------------------------ */

/* The program locks .parentlock and, for file systems without locks, makes a
 * link "lock" that names its address and process; only the first goes away
 * by itself when it crashes. */
static bool
is_locked(const char *profile)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[PATHS_MAX], target[PATHS_MAX];
	const char *pid;
	ssize_t n;
	int fd;

	if (!paths_join(path, profile, ".parentlock"))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0) {
		bool held = fcntl(fd, F_GETLK, &lock) == 0 &&
			    lock.l_type != F_UNLCK;

		close(fd);
		return held;
	}
	if (!paths_join(path, profile, "lock"))
		return false;
	n = readlink(path, target, sizeof(target) - 1);
	if (n <= 0)
		return false;
	target[n] = '\0';
	pid = strrchr(target, '+');
	n = pid != NULL ? strtol(pid + 1, NULL, 10) : 0;
	return n > 1 && (kill((pid_t)n, 0) == 0 || errno == EPERM);
}

/* ---- Changing --------------------------------------------------------- */

/* user.js is read at each start, after what the person has set. */
static int
plan_prefs(const char *profile, struct plan *plan, struct fault *fault)
{
	static const char line[] =
		"user_pref(\"" MOZILLA_UTILITY "\", false);";
	struct buffer is = { 0 }, without = { 0 }, with = { 0 };
	struct bytes bare = { NULL, 0 };
	char path[PATHS_MAX];
	bool is_there;
	int rv = -1;

	if (!paths_join(path, profile, "user.js"))
		return fault_at(fault, profile, 0, "too long; a shorter path");
	if (tree_peek(path, &is, &is_there, fault) != 0)
		goto out;
	if (mozilla_prefs_without((struct bytes){ is.p, is.n },
				  &without) != 0 ||
	    mozilla_prefs_with((struct bytes){ without.p, without.n }, line,
			       &with) != 0) {
		fault_memory(fault);
		goto out;
	}
	/* A file of our line alone was made by us. */
	if (is_there && (without.n > 0 || is.n == 0))
		bare = (struct bytes){ without.n > 0 ? without.p :
				       (const void *)"", without.n };
	rv = plan_write(plan, path, bare, (struct bytes){ with.p, with.n },
			plan->purpose == PLAN_INSTALL ?
			"keep the program from moving the module out of reach" :
			"no longer keep the module where it was", fault);
out:
	buffer_free(&is);
	buffer_free(&without);
	buffer_free(&with);
	return rv;
}

int
mozilla_plan_profile(const struct target_place *place,
		     const struct target_options *options, struct plan *plan,
		     struct fault *fault)
{
	if (nss_plan_modules(place->path, options->module, true, plan,
			     fault) != 0 ||
	    plan_prefs(place->path, plan, fault) != 0)
		return -1;
	if (plan_count(plan) > 0 && is_locked(place->path))
		return fault_at(fault, place->title, 0, "it is running; close "
				"it, then run this again");
	return 0;
}

/* ---- Proving ---------------------------------------------------------- */

static enum mozilla_pref
pref_in(const char *profile, const char *name)
{
	struct fault fault = { "" };
	struct buffer content = { 0 };
	enum mozilla_pref pref = MOZILLA_UNSET;
	char path[PATHS_MAX];
	bool is_there;

	if (paths_join(path, profile, name) &&
	    tree_peek(path, &content, &is_there, &fault) == 0)
		pref = mozilla_utility((struct bytes){ content.p, content.n });
	buffer_free(&content);
	return pref;
}

static bool
moves_modules(const char *profile)
{
	enum mozilla_pref pref = pref_in(profile, "user.js");

	if (pref == MOZILLA_UNSET)
		pref = pref_in(profile, "prefs.js");
	return pref == MOZILLA_TRUE;
}

int
mozilla_prove_profile(const struct target_place *place,
		      const struct target_options *options,
		      struct target_verdict *verdict, struct fault *fault)
{
	char program[PATHS_MAX], library[PATHS_MAX];
	struct nss_place nss = { .folder = place->path, .wants_roots = true,
				 .module = options->module };

	program_of(place->path, program);
	if (program[0] == '/' &&
	    paths_join(library, program, "libnss3.so") &&
	    paths_is_there(library))
		nss.program = program;
	if (nss_prove(&nss, verdict, fault) != 0)
		return -1;
	if (verdict->state == TARGET_PROTECTED &&
	    !mozilla_keeps_modules(place->target->kind) &&
	    moves_modules(place->path))
		return target_verdict(verdict, TARGET_EXPOSED,
				      "%s is true: the program loads modules "
				      "where nobody asks them.",
				      MOZILLA_UTILITY);
	if (verdict->state == TARGET_PROTECTED && is_locked(place->path))
		target_say(verdict, "If it was running before the module was "
			   "installed, close it and start it anew.");
	return 0;
}
