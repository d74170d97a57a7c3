/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Which groups are in force: their own defaults, then what an administrator
 * rules, and what a user may add to it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lists.h"
#include "made.h"

enum { FLAGS = CATALOG_MATCH_CERTIFICATE | CATALOG_USAGE_ALL };

/* An entry in each group. */
static void
add_entry(struct made *m, uint32_t group)
{
	static struct encoded name, serial;

	made_add(m, (struct made_entry){
		.issuer = made_name(&name, 0x0c, "Issuer"),
		.serial = made_integer(&serial, made_text("1")),
		.flags = FLAGS, .group = group });
}

/* Whether the entries of a list are in force: + or - each. */
static const char *
in_force(const struct list *list)
{
	static char text[64];
	uint32_t i;

	for (i = 0; i < catalog_entries(&list->catalog); i++) {
		assert_true(i + 1 < sizeof(text));
		text[i] = list_is_on(list, catalog_entry(&list->catalog, i)) ?
				  '+' : '-';
	}
	text[i] = '\0';
	return text;
}

/* Two catalogs that share a group's name. */
static struct made first, second;
static struct lists lists;

static int
make_lists(void **state)
{
	(void)state;
	made_begin(&first);
	add_entry(&first, made_group(&first, "on", true));
	add_entry(&first, made_group(&first, "off", false));
	add_entry(&first, made_group(&first, "shared", true));
	made_end(&first);
	made_begin(&second);
	add_entry(&second, made_group(&second, "shared", false));
	add_entry(&second, made_group(&second, "own", true));
	made_end(&second);
	lists.count = 0;
	lists_add(&lists, &first.catalog);
	lists_add(&lists, &second.catalog);
	return 0;
}

static int
free_lists(void **state)
{
	(void)state;
	made_free(&first);
	made_free(&second);
	return 0;
}

static void
a_group_has_its_own_default(void **state)
{
	(void)state;
	assert_int_equal(lists.count, 2);
	assert_string_equal(in_force(&lists.list[0]), "+-+");
	assert_string_equal(in_force(&lists.list[1]), "-+");
}

static void
there_are_three_lists_at_most(void **state)
{
	(void)state;
	lists_add(&lists, &second.catalog);
	lists_add(&lists, &second.catalog);
	lists_add(&lists, &first.catalog);
	assert_int_equal(lists.count, LISTS_MAX);
	assert_string_equal(in_force(&lists.list[2]), "-+");
}

/* What a catalog's policy does to the lists. */
struct ruling {
	const char *group;
	bool on;
};

static void
apply(const struct ruling *rulings, size_t n,
      void (*to)(struct lists *, const struct catalog *))
{
	struct made policy;

	made_begin(&policy);
	for (size_t i = 0; i < n; i++)
		made_policy(&policy, rulings[i].group, rulings[i].on);
	made_end(&policy);
	to(&lists, &policy.catalog);
	made_free(&policy);
}

static void
a_ruling_reaches_all_lists(void **state)
{
	const struct ruling rulings[] = {
		{ "on", false }, { "off", true }, { "shared", false },
	};

	(void)state;
	apply(rulings, 2, lists_rule);
	assert_string_equal(in_force(&lists.list[0]), "-++");
	assert_string_equal(in_force(&lists.list[1]), "-+");
	apply(rulings + 2, 1, lists_rule);
	assert_string_equal(in_force(&lists.list[0]), "-+-");
	apply(&(struct ruling){ "shared", true }, 1, lists_rule);
	assert_string_equal(in_force(&lists.list[0]), "-++");
	assert_string_equal(in_force(&lists.list[1]), "++");
}

static void
a_ruling_names_a_group_in_full(void **state)
{
	const struct ruling rulings[] = {
		{ "o", false }, { "onn", false }, { "ON", false },
		{ "nobody", true }, { "", false },
	};

	(void)state;
	apply(rulings, 5, lists_rule);
	assert_string_equal(in_force(&lists.list[0]), "+-+");
	assert_string_equal(in_force(&lists.list[1]), "-+");
}

static void
the_last_ruling_holds(void **state)
{
	const struct ruling rulings[] = { { "on", false }, { "on", true },
					  { "own", true }, { "own", false } };

	(void)state;
	apply(rulings, 4, lists_rule);
	assert_string_equal(in_force(&lists.list[0]), "+-+");
	assert_string_equal(in_force(&lists.list[1]), "--");
}

static void
a_user_can_only_add(void **state)
{
	const struct ruling rulings[] = {
		{ "on", false }, { "off", true }, { "own", false },
	};

	(void)state;
	apply(rulings, 3, lists_enable);
	assert_string_equal(in_force(&lists.list[0]), "+++");
	assert_string_equal(in_force(&lists.list[1]), "-+");
}

/* Entries of groups that no bit stands for are not in force: the compiler
 * refuses so many. */
static void
groups_have_a_last_one(void **state)
{
	struct made many;
	struct lists l = { 0 };
	char name[16];

	(void)state;
	made_begin(&many);
	for (unsigned i = 0; i < LISTS_GROUPS + 2; i++) {
		snprintf(name, sizeof(name), "group-%u", i);
		made_group(&many, name, true);
	}
	add_entry(&many, LISTS_GROUPS - 1);
	add_entry(&many, LISTS_GROUPS);
	add_entry(&many, UINT32_MAX);
	made_end(&many);
	lists_add(&l, &many.catalog);
	assert_string_equal(in_force(&l.list[0]), "+--");
	lists.count = 0;
	lists_add(&lists, &many.catalog);
	apply(&(struct ruling){ "group-1023", false }, 1, lists_rule);
	apply(&(struct ruling){ "group-1024", true }, 1, lists_rule);
	assert_string_equal(in_force(&lists.list[0]), "---");
	made_free(&many);
}

static void
no_entry_is_not_in_force(void **state)
{
	(void)state;
	assert_false(list_is_on(&lists.list[0], NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_group_has_its_own_default,
						make_lists, free_lists),
		cmocka_unit_test_setup_teardown(there_are_three_lists_at_most,
						make_lists, free_lists),
		cmocka_unit_test_setup_teardown(a_ruling_reaches_all_lists,
						make_lists, free_lists),
		cmocka_unit_test_setup_teardown(a_ruling_names_a_group_in_full,
						make_lists, free_lists),
		cmocka_unit_test_setup_teardown(the_last_ruling_holds,
						make_lists, free_lists),
		cmocka_unit_test_setup_teardown(a_user_can_only_add,
						make_lists, free_lists),
		cmocka_unit_test_setup_teardown(groups_have_a_last_one,
						make_lists, free_lists),
		cmocka_unit_test_setup_teardown(no_entry_is_not_in_force,
						make_lists, free_lists),
	};

	return cmocka_run_group_tests_name("lists", tests, NULL, NULL);
}
