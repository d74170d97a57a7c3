/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The coverage table: of each incident, how many entries there are here and
 * how many of them each other list holds; the last column, how many none of
 * these does.
 */

#include "audit/audit.h"

#include <stdio.h>

static const char *const titles[AUDIT_LISTS] = {
	[AUDIT_ONECRL] = "OneCRL",
	[AUDIT_CHROMIUM] = "Chromium",
	[AUDIT_NSS] = "NSS",
	[AUDIT_P11KIT] = "p11-kit",
	[AUDIT_JDK] = "Java",
};

struct row {
	unsigned all;
	unsigned listed[AUDIT_LISTS];
	unsigned alone;			/* in none of the lists */
};

static bool
is_given(const struct audit *a, enum audit_list list)
{
	switch (list) {
	case AUDIT_ONECRL:
		return a->onecrl != NULL;
	case AUDIT_JDK:
		return a->jdk != NULL;
	case AUDIT_CHROMIUM:
		return true;
	default:
		return a->refused[list].path != NULL;
	}
}

static void
add(struct row *row, unsigned listed)
{
	row->all++;
	row->alone += listed == 0;
	for (unsigned i = 0; i < AUDIT_LISTS; i++)
		row->listed[i] += listed >> i & 1;
}

static void
print_row(const struct audit *a, const char *name, const char *state,
	  const struct row *row)
{
	printf("  %-36s %-6s %5u", name, state, row->all);
	for (unsigned i = 0; i < AUDIT_LISTS; i++) {
		if (!is_given(a, i))
			printf(" %8s", "?");
		else if (row->listed[i] == 0)
			printf(" %8s", "-");
		else
			printf(" %8u", row->listed[i]);
	}
	printf(" %8u\n", row->alone);
}

int
audit_coverage(struct audit *a)
{
	struct row on = { 0 }, opt_in = { 0 };

	printf("\nCoverage: entries here, and how many of them others hold\n"
	       "  %-36s %-6s %5s", "", "", "ours");
	for (unsigned i = 0; i < AUDIT_LISTS; i++)
		printf(" %8s", titles[i]);
	printf(" %8s\n", "none");
	for (uint32_t g = 0; g < catalog_groups(&a->catalog); g++) {
		bool is_on = audit_group(a, g)->flags &
			     CATALOG_GROUP_ON;
		struct row row = { 0 };

		for (uint32_t i = 0; i < catalog_entries(&a->catalog); i++) {
			if (audit_compiled(a, i)->group != g)
				continue;
			add(&row, a->listed[i]);
			add(is_on ? &on : &opt_in, a->listed[i]);
		}
		print_row(a, audit_incident(a, g)->id, is_on ? "on" : "opt-in",
			  &row);
	}
	print_row(a, "all that is on", "", &on);
	print_row(a, "all that is opt-in", "", &opt_in);
	return 0;
}
