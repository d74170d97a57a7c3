/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What `distrust install`, `uninstall` and `status` work on: a target is one
 * kind of place where somebody decides which certificates to trust.  It says
 * where such places are, plans what must change there (plan.h), and proves
 * whether they refuse what we distrust.  It changes nothing itself and
 * prints nothing: the sub-commands do.
 *
 * A new target is a file with a `const struct target`, declared below and
 * listed in target.c.
 */

#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "install/plan.h"

/* Whose places: the user's own, or the machine's. */
enum {
	TARGET_USER = 1u << 0,
	TARGET_SYSTEM = 1u << 1,
};

/* Whether p11-kit-proxy shall show the module to whoever loads that. */
enum target_proxy {
	TARGET_PROXY_USUAL,	/* as before, or as the distribution needs it */
	TARGET_PROXY_YES,
	TARGET_PROXY_NO,
};

/* What the command line said. */
struct target_options {
	unsigned scope;
	bool is_strict;
	enum target_proxy proxy;
	const char *module;		/* absolute path of p11-distrust.so */
	const char *profile;		/* this folder alone, or NULL */
	const char *const *names;	/* these targets alone, or all */
	size_t names_count;
};

enum { TARGET_PATH = 1024, TARGET_TEXT = 512 };

/* One place that was found. */
struct target_place {
	const struct target *target;
	unsigned scope;			/* one of the two */
	char path[TARGET_PATH];		/* which one: a file or a folder */
	char title[TARGET_TEXT];	/* for a person: "Firefox, profile x" */
	char beyond[TARGET_TEXT];	/* why no change can help; or empty */
};

enum target_state {
	TARGET_PROTECTED,	/* it was asked, and it refuses */
	TARGET_EXPOSED,		/* it was asked and accepts, or we are not
				 * even there; install changes that */
	TARGET_BEYOND,		/* it accepts, and install cannot help */
	TARGET_UNKNOWN,		/* it could not be asked */
};

struct target_verdict {
	enum target_state state;
	char why[TARGET_TEXT];		/* sentences for a person */
};

/* Functions return 0, or -1 with a fault. */
struct target {
	const char *name;		/* on the command line and in JSON */
	const char *title;		/* "Firefox ESR" */
	const void *kind;		/* for the functions below alone: what
					 * sets apart targets that share them */
	unsigned scopes;
	bool on_request;		/* left alone unless it is named */

	/* Call target_found() for each place of options->scope. */
	int (*find)(const struct target *target,
		    const struct target_options *options,
		    struct buffer *places, struct fault *fault);

	/* Plan what makes it refuse or, as the plan's purpose says, what
	 * takes all of that back.  Where nothing is to be done the plan stays
	 * empty.  Not called for a place that is beyond. */
	int (*plan)(const struct target_place *place,
		    const struct target_options *options, struct plan *plan,
		    struct fault *fault);

	/* Ask it, never in the real place but on a private copy, about a
	 * throwaway chain below a distrusted name (probe.h). */
	int (*prove)(const struct target_place *place,
		     const struct target_options *options,
		     struct target_verdict *verdict, struct fault *fault);
};

/* ---- The table -------------------------------------------------------- */

extern const struct target target_firefox, target_thunderbird,
	target_librewolf, target_zen, target_mullvad, target_tor;
extern const struct target target_nssdb, target_chromium;
extern const struct target target_p11kit, target_blocklist, target_bundle,
	target_java;

/* ---- For targets ------------------------------------------------------ */

/* Note a place, `path` and `title` as above.  NULL: out of memory or a path
 * too long, with a fault; else good until the next one is noted. */
struct target_place *target_found(struct buffer *places,
				  const struct target *target, unsigned scope,
				  const char *path, const char *title,
				  struct fault *fault);

/* Say something of a place or in a verdict.  The latter returns 0, as the
 * last word of prove does. */
void target_is_beyond(struct target_place *place, const char *why);
int target_verdict(struct target_verdict *verdict, enum target_state state,
		   const char *format, ...) FAULT_PRINTF(3, 4);

/* Add a sentence to a verdict. */
void target_say(struct target_verdict *verdict, const char *sentence);

/* ---- For sub-commands ------------------------------------------------- */

/* All places of all targets that the options choose: an array of struct
 * target_place in *places, in the order of the table. */
int target_places(const struct target_options *options, struct buffer *places,
		  struct fault *fault);

const struct target *target_named(const char *name);

/* The i-th target, NULL after the last. */
const struct target *target_at(size_t i);

#endif
