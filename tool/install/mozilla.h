/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The family of Firefox: one target a program, all with the same profiles
 * (mozilla-profile.c) and the same policies for a whole machine
 * (mozilla-policy.c).  Between these files and mozilla.c alone.
 */

#ifndef MOZILLA_H
#define MOZILLA_H

#include "base/paths.h"
#include "install/target.h"

/* How a program of the family is set up. */
struct mozilla {
	/* Where profiles.ini is: below the home folder, below the folder of
	 * configurations; NULL behind the last. */
	const char *const *homes;
	const char *const *configs;
	/* The same below the home folder for packages that see no module of
	 * the machine. */
	const char *const *snaps;
	const char *const *flatpaks;
	/* Its folder below /etc, for policies; NULL: it honours none there */
	const char *etc;
	/* Where it may be installed. */
	const char *const *installed;
};

/* The preference that moves modules into a process where nobody asks them
 * about trust. */
#define MOZILLA_UTILITY "security.utility_pkcs11_module_process.enabled"

/* ---- mozilla-profile.c ------------------------------------------------ */

int mozilla_find_profiles(const struct target *target,
			  const struct target_options *options,
			  struct buffer *places, struct fault *fault);
int mozilla_plan_profile(const struct target_place *place,
			 const struct target_options *options,
			 struct plan *plan, struct fault *fault);
int mozilla_prove_profile(const struct target_place *place,
			  const struct target_options *options,
			  struct target_verdict *verdict, struct fault *fault);

/* ---- mozilla-policy.c ------------------------------------------------- */

int mozilla_find_policies(const struct target *target,
			  const struct target_options *options,
			  struct buffer *places, struct fault *fault);
int mozilla_plan_policies(const struct target_place *place,
			  const struct target_options *options,
			  struct plan *plan, struct fault *fault);
int mozilla_prove_policies(const struct target_place *place,
			   const struct target_options *options,
			   struct target_verdict *verdict,
			   struct fault *fault);

/* Whether the machine keeps modules where they are asked, whatever a profile
 * says. */
bool mozilla_keeps_modules(const struct mozilla *m);

/* ---- mozilla-prefs.c: preferences as text ------------------------------ */

/* What a file of preferences says of MOZILLA_UTILITY in the end. */
enum mozilla_pref { MOZILLA_UNSET, MOZILLA_FALSE, MOZILLA_TRUE };
enum mozilla_pref mozilla_utility(struct bytes text);

/* The text less our line, and with it, appended.  0, or -1. */
int mozilla_prefs_without(struct bytes text, struct buffer *out);
int mozilla_prefs_with(struct bytes text, const char *line,
		       struct buffer *out);

#endif
