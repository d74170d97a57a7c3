/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Which lists there are and which of their groups are on. */

#include "lists.h"

static void
switch_group(struct list *list, uint32_t group, bool on)
{
	uint64_t bit = UINT64_C(1) << (group % 64);

	if (group >= LISTS_GROUPS)
		return;
	if (on)
		list->off[group / 64] &= ~bit;
	else
		list->off[group / 64] |= bit;
}

void
lists_add(struct lists *lists, const struct catalog *catalog)
{
	struct list *list = &lists->list[lists->count];
	const struct catalog_group *group;

	if (lists->count == LISTS_MAX)
		return;
	*list = (struct list){ .catalog = *catalog };
	for (uint32_t i = 0; i < LISTS_GROUPS; i++) {
		group = catalog_group(catalog, i);
		if (group == NULL)
			break;
		switch_group(list, i, group->flags & CATALOG_GROUP_ON);
	}
	lists->count++;
}

/* Switches the groups of this name in one list. */
static void
switch_named(struct list *list, struct bytes name, bool on)
{
	const struct catalog_group *group;

	for (uint32_t i = 0; i < LISTS_GROUPS; i++) {
		group = catalog_group(&list->catalog, i);
		if (group == NULL)
			break;
		if (bytes_equal(catalog_bytes(&list->catalog, group->name),
				 name))
			switch_group(list, i, on);
	}
}

static void
follow(struct lists *lists, const struct catalog *policy, bool may_switch_off)
{
	const struct catalog_policy *p;

	/* No more rulings than groups, whatever the file says. */
	for (uint32_t i = 0; i < LISTS_GROUPS; i++) {
		p = catalog_policy(policy, i);
		if (p == NULL)
			break;
		if (!p->on && !may_switch_off)
			continue;
		for (unsigned l = 0; l < lists->count; l++)
			switch_named(&lists->list[l],
				     catalog_bytes(policy, p->group), p->on);
	}
}

void
lists_rule(struct lists *lists, const struct catalog *policy)
{
	follow(lists, policy, true);
}

void
lists_enable(struct lists *lists, const struct catalog *policy)
{
	follow(lists, policy, false);
}
