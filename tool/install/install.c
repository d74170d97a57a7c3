/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust install, distrust uninstall: makes plans for all places, and does
 * or shows them.  It knows plans; what stands in them is the targets' affair.
 */

#include <stdio.h>
#include <string.h>

#include "install/protect.h"
#include "base/words.h"
#include "tool.h"

/* What became of one place. */
enum result { CHANGED, WOULD_CHANGE, UNCHANGED, BEYOND, FAILED };

static const char *const words[] = {
	[CHANGED] = N_("changed"),
	[WOULD_CHANGE] = N_("would change"),
	[UNCHANGED] = N_("unchanged"),
	[BEYOND] = N_("beyond reach"),
	[FAILED] = N_("failed"),
};

static enum plan_purpose purpose;	/* of the whole run */
static size_t places, failures;

/* ---- Telling ---------------------------------------------------------- */

static const char *
kind_name(enum plan_kind kind)
{
	static const char *const names[] = {
		[PLAN_WRITE] = N_("write"),
		[PLAN_REMOVE] = N_("remove"),
		[PLAN_RUN] = N_("run"),
		[PLAN_NOTE] = N_("note"),
	};

	return names[kind];
}

static int
tell_program(json_t *object, enum result result, const char *why,
	     const struct plan *plan)
{
	json_t *steps = json_array();
	int rv;

	rv = json_object_set_new(object, "result",
				 json_string(words[result]));
	if (why[0] != '\0')
		rv |= json_object_set_new(object, "why", json_string(why));
	for (size_t i = 0; i < plan_count(plan); i++) {
		const struct plan_step *s = plan_at(plan, i);
		json_t *step = json_pack("{s:s, s:s}",
					 "kind", kind_name(s->kind),
					 "what", s->what);

		if (s->path != NULL)
			rv |= json_object_set_new(step, "path",
						  json_string(s->path));
		rv |= json_array_append_new(steps, step);
	}
	return rv | json_object_set_new(object, "steps", steps);
}

static void
tell_person(const struct target_place *place, enum result result,
	    const char *why, const struct plan *plan)
{
	printf("%s: %s\n", place->title, _(words[result]));
	if (why[0] != '\0')
		printf("    %s\n", why);
	for (size_t i = 0; i < plan_count(plan); i++) {
		const struct plan_step *s = plan_at(plan, i);

		if (s->path != NULL)
			printf("    %s %s: %s\n", _(kind_name(s->kind)),
			       s->path, _(s->what));
		else
			printf("    %s\n", _(s->what));
	}
}

/* ---- Doing ------------------------------------------------------------ */

static enum result
carry_out(const struct protect *p, const struct target_place *place,
	  struct plan *plan, struct fault *fault)
{
	if (place->target->plan(place, &p->options, plan, fault) != 0)
		return FAILED;
	if (plan_count(plan) == 0)
		return UNCHANGED;
	if (p->is_dry)
		return WOULD_CHANGE;
	return plan_do(plan, fault) == 0 ? CHANGED : FAILED;
}

static int
visit(struct protect *p, const struct target_place *place)
{
	char kept[TARGET_PATH];
	struct plan plan = { .purpose = purpose, .kept = kept };
	struct fault fault = { "" };
	enum result result = BEYOND;
	const char *why = place->beyond;

	protect_kept(kept, place->scope);
	if (place->beyond[0] == '\0') {
		result = carry_out(p, place, &plan, &fault);
		why = fault.text;
	}
	if (purpose == PLAN_UNINSTALL && !p->is_dry && kept[0] != '\0')
		undo_end(kept);
	places++;
	failures += result == FAILED;
	if (p->is_json)
		p->wrong |= tell_program(protect_report(p, place), result,
					 why, &plan);
	else
		tell_person(place, result, why, &plan);
	plan_free(&plan);
	return 0;
}

static int
run(struct protect *p)
{
	struct fault fault = { "" };
	bool chose = p->options.profile != NULL || p->options.names_count > 0;

	if (protect_places(p, visit, &fault) != 0) {
		fprintf(stderr, "%s\n", fault.text);
		failures++;
	}
	protect_end(p);
	if (places == 0 && failures == 0)
		fputs(_("Nothing was found here.\n"), stderr);
	return failures > 0 || (chose && places == 0) ? TOOL_FAILED :
							TOOL_FINE;
}

int
tool_install(int argc, char **argv)
{
	struct protect p;
	int rv = protect_begin(&p, argc, argv,
			       PROTECT_CHANGES | PROTECT_STRICT, TARGET_USER,
			       N_("Makes the programs of this user, or of this "
			       "machine, refuse what is\ndistrusted.  Doing "
			       "it twice changes nothing.\n"));

	purpose = PLAN_INSTALL;
	return rv >= 0 ? rv : run(&p);
}

int
tool_uninstall(int argc, char **argv)
{
	struct protect p;
	int rv = protect_begin(&p, argc, argv, PROTECT_CHANGES, TARGET_USER,
			       N_("Takes back what install did, and nothing "
			       "else.\n"));

	purpose = PLAN_UNINSTALL;
	return rv >= 0 ? rv : run(&p);
}
