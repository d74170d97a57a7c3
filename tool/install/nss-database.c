/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The NSS databases that many programs share: the user's, which Chromium,
 * Chrome, Electron, QtWebEngine, Evolution and others open, and the
 * machine's, for programs that ask for it.
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/words.h"
#include "install/nss-protect.h"

static const char user_title[] =
	N_("Chromium, Chrome and other programs, the user's database");

/* ---- Who would open one ------------------------------------------------ */

static const char *const programs[] = {
	"chromium", "chromium-browser", "google-chrome", "brave-browser",
	"microsoft-edge", "vivaldi", "opera", NULL,
};

/* Their folders of profiles, below that of configurations. */
static const char *const profiles[] = {
	"chromium", "google-chrome", "google-chrome-beta",
	"BraveSoftware/Brave-Browser", "microsoft-edge", "vivaldi", "opera",
	NULL,
};

static bool
is_used(void)
{
	char config[PATHS_MAX], path[PATHS_MAX];

	for (size_t i = 0; programs[i] != NULL; i++) {
		if (paths_program(path, programs[i]))
			return true;
	}
	paths_user(config, PATHS_CONFIG);
	for (size_t i = 0; profiles[i] != NULL; i++) {
		if (config[0] != '\0' &&
		    paths_join(path, config, profiles[i]) &&
		    paths_is_folder(path))
			return true;
	}
	return false;
}

/* Chromium's link SingletonLock names its machine and process: "host-123". */
static bool
is_running(void)
{
	char config[PATHS_MAX], path[PATHS_MAX], name[PATHS_MAX];
	char target[PATHS_MAX];

	paths_user(config, PATHS_CONFIG);
	for (size_t i = 0; profiles[i] != NULL; i++) {
		const char *pid;
		ssize_t n;
		long id;

		if (!paths_join(name, profiles[i], "SingletonLock") ||
		    !paths_join(path, config, name))
			continue;
		n = readlink(path, target, sizeof(target) - 1);
		if (n <= 0)
			continue;
		target[n] = '\0';
		pid = strrchr(target, '-');
		id = pid != NULL ? strtol(pid + 1, NULL, 10) : 0;
		if (id > 1 && (kill((pid_t)id, 0) == 0 || errno == EPERM))
			return true;
	}
	return false;
}

/* ---- Finding ---------------------------------------------------------- */

static int
found(const struct target *target, unsigned scope, const char *path,
      const char *title, const char *beyond, struct buffer *places,
      struct fault *fault)
{
	struct target_place *place = target_found(places, target, scope, path,
						  title, fault);

	if (place == NULL)
		return -1;
	if (beyond != NULL)
		target_is_beyond(place, beyond);
	return 0;
}

/* Those of packages that see no module of the machine. */
static int
find_confined(const struct target *target, const char *home,
	      struct buffer *places, struct fault *fault)
{
	static const struct {
		const char *folder;
		const char *title;
	} confined[] = {
		{ "snap/chromium/current/.pki/nssdb", "Chromium (Snap)" },
		{ ".var/app/org.chromium.Chromium", "Chromium (Flatpak)" },
		{ ".var/app/com.google.Chrome", "Chrome (Flatpak)" },
		{ ".var/app/com.brave.Browser", "Brave (Flatpak)" },
		{ ".var/app/com.microsoft.Edge", "Edge (Flatpak)" },
	};
	char path[PATHS_MAX];

	for (size_t i = 0; i < sizeof(confined) / sizeof(*confined); i++) {
		if (paths_join(path, home, confined[i].folder) &&
		    paths_is_folder(path) &&
		    found(target, TARGET_USER, path, confined[i].title,
			  "It is a Snap or Flatpak package, which cannot load "
			  "the module. Use the program's package of your "
			  "distribution or its maker's instead.",
			  places, fault) != 0)
			return -1;
	}
	return 0;
}

/*
 * Chromium opens ~/.pki/nssdb or, since version 146, if that is not there,
 * the other one.  Where neither is there yet, the first is made: every
 * version looks at it.  It never is made beside the other one, which it
 * would hide.
 */
static int
find_user(const struct target *target, struct buffer *places,
	  struct fault *fault)
{
	char home[PATHS_MAX], data[PATHS_MAX], old[PATHS_MAX],
		new[PATHS_MAX];

	paths_user(home, PATHS_HOME);
	paths_user(data, PATHS_DATA);
	if (home[0] == '\0' || !paths_join(old, home, ".pki/nssdb") ||
	    !paths_join(new, data, "pki/nssdb"))
		return 0;
	if ((paths_is_folder(old) || (!paths_is_folder(new) && is_used())) &&
	    found(target, TARGET_USER, old, user_title, NULL, places,
		  fault) != 0)
		return -1;
	if (paths_is_folder(new) &&
	    found(target, TARGET_USER, new, user_title, NULL, places,
		  fault) != 0)
		return -1;
	return find_confined(target, home, places, fault);
}

static bool
is_database(const char *folder)
{
	char path[PATHS_MAX];

	return (paths_join(path, folder, "pkcs11.txt") &&
		paths_is_there(path)) ||
	       (paths_join(path, folder, "cert9.db") && paths_is_there(path));
}

/* A profile of the family of Firefox has a target of its own. */
static int
find_given(const struct target *target, const char *folder,
	   struct buffer *places, struct fault *fault)
{
	char path[PATHS_MAX];

	if (!is_database(folder) ||
	    (paths_join(path, folder, "compatibility.ini") &&
	     paths_is_there(path)) ||
	    (paths_join(path, folder, "prefs.js") && paths_is_there(path)))
		return 0;
	return found(target, TARGET_USER, folder, N_("NSS database"), NULL,
		     places, fault);
}

static int
find(const struct target *target, const struct target_options *options,
     struct buffer *places, struct fault *fault)
{
	static const char machine[] = "/etc/pki/nssdb";

	if (options->scope == TARGET_SYSTEM)
		return !paths_is_folder(machine) ? 0 :
			found(target, TARGET_SYSTEM, machine,
			      N_("NSS programs, the machine's database"), NULL,
			      places, fault);
	if (options->profile != NULL)
		return find_given(target, options->profile, places, fault);
	return find_user(target, places, fault);
}

/* ---- Changing and proving ---------------------------------------------- */

static int
plan(const struct target_place *place, const struct target_options *options,
     struct plan *p, struct fault *fault)
{
	if (nss_plan_modules(place->path, options->module, false, p,
			     fault) != 0)
		return -1;
	if (plan_count(p) == 0 || place->scope == TARGET_SYSTEM ||
	    !is_running())
		return 0;
	return plan_note(p, "Chromium or Chrome is running: close it and "
			    "start it anew.", fault);
}

static int
prove(const struct target_place *place, const struct target_options *options,
      struct target_verdict *verdict, struct fault *fault)
{
	struct nss_place nss = { .folder = place->path, .minds_roots = true,
				 .module = options->module };

	if (nss_prove(&nss, verdict, fault) != 0)
		return -1;
	if (verdict->state == TARGET_PROTECTED &&
	    place->scope == TARGET_USER)
		target_say(verdict, "In Chromium and Chrome a person can "
			   "still click through the warning.");
	return 0;
}

const struct target target_nssdb = {
	.name = "nssdb", .title = user_title,
	.scopes = TARGET_USER | TARGET_SYSTEM,
	.find = find, .plan = plan, .prove = prove,
};
