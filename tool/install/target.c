/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Which targets there are, and what all of them share. */

#include "base/words.h"
#include "install/target.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct target *const targets[] = {
	&target_firefox,
	&target_thunderbird,
	&target_librewolf,
	&target_zen,
	&target_mullvad,
	&target_tor,
	&target_nssdb,
	&target_chromium,
	&target_p11kit,
	&target_blocklist,
	&target_bundle,
	&target_java,
	NULL,	/* the end */
};

const struct target *
target_at(size_t i)
{
	return targets[i];
}

const struct target *
target_named(const char *name)
{
	const struct target *t;

	for (size_t i = 0; (t = target_at(i)) != NULL; i++) {
		if (strcmp(t->name, name) == 0)
			return t;
	}
	return NULL;
}

/* ---- For targets ------------------------------------------------------ */

struct target_place *
target_found(struct buffer *places, const struct target *target,
	     unsigned scope, const char *path, const char *title,
	     struct fault *fault)
{
	struct target_place *place;

	if (strlen(path) >= sizeof(place->path)) {
		fault_at(fault, path, 0, "too long; a shorter path");
		return NULL;
	}
	place = buffer_grow(places, sizeof(*place));
	if (place == NULL) {
		fault_memory(fault);
		return NULL;
	}
	place->target = target;
	place->scope = scope;
	memcpy(place->path, path, strlen(path));
	snprintf(place->title, sizeof(place->title), "%s", _(title));
	return place;
}

void
target_is_beyond(struct target_place *place, const char *why)
{
	snprintf(place->beyond, sizeof(place->beyond), "%s", _(why));
}

int
target_verdict(struct target_verdict *verdict, enum target_state state,
	       const char *format, ...)
{
	va_list args;

	verdict->state = state;
	va_start(args, format);
	vsnprintf(verdict->why, sizeof(verdict->why), _(format), args);
	va_end(args);
	return 0;
}

void
target_say(struct target_verdict *verdict, const char *sentence)
{
	size_t n = strlen(verdict->why);

	snprintf(verdict->why + n, sizeof(verdict->why) - n, "%s%s",
		 n > 0 ? " " : "", _(sentence));
}

/* ---- For sub-commands ------------------------------------------------- */

static bool
is_wanted(const struct target *target, const struct target_options *options)
{
	for (size_t i = 0; i < options->names_count; i++) {
		if (strcmp(options->names[i], target->name) == 0)
			return true;
	}
	return options->names_count == 0 && !target->on_request;
}

int
target_places(const struct target_options *options, struct buffer *places,
	      struct fault *fault)
{
	const struct target *t;

	for (size_t i = 0; (t = target_at(i)) != NULL; i++) {
		if ((t->scopes & options->scope) != 0 &&
		    is_wanted(t, options) &&
		    t->find(t, options, places, fault) != 0)
			return -1;
	}
	return 0;
}
