/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust enable, distrust disable: a line in [policy] of the own list.ini.
 * It changes that line of the text and leaves what else a person wrote there
 * as it is.  It knows whose word counts on which group.
 */

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "builtin.h"
#include "file.h"
#include "lists.h"
#include "own/own.h"
#include "show/describe.h"
#include "tool.h"

/* ---- The text ---------------------------------------------------------- */

struct edit {
	const char *group;
	const char *word;
	bool is_in_policy;
	bool is_done;
	struct buffer out;
};

static struct bytes
cut_line(struct bytes *rest)
{
	const uint8_t *end = memchr(rest->p, '\n', rest->n);
	size_t n = end != NULL ? (size_t)(end - rest->p) + 1 : rest->n;
	struct bytes line = { rest->p, n };

	rest->p += n;
	rest->n -= n;
	return line;
}

static bool
begins(struct bytes line, const char *text)
{
	size_t n = strlen(text);

	return line.n >= n && memcmp(line.p, text, n) == 0;
}

static bool
is_of_group(struct bytes line, const char *group)
{
	size_t n = strlen(group);

	if (!begins(line, group))
		return false;
	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	return n < line.n && line.p[n] == '=';
}

static int
put_word(struct edit *e)
{
	e->is_done = true;
	return buffer_add(&e->out, e->group, strlen(e->group)) |
	       buffer_add(&e->out, " = ", 3) |
	       buffer_add(&e->out, e->word, strlen(e->word)) |
	       buffer_add(&e->out, "\n", 1);
}

static int
put_line(struct edit *e, struct bytes line)
{
	bool is_heading = begins(line, "[");

	if (is_heading && e->is_in_policy && !e->is_done && put_word(e) != 0)
		return -1;
	if (is_heading)
		e->is_in_policy = begins(line, "[policy]");
	if (e->is_in_policy && is_of_group(line, e->group))
		return e->is_done ? 0 : put_word(e);
	return buffer_add(&e->out, line.p, line.n);
}

static int
edit_text(struct edit *e, struct bytes text)
{
	static const char heading[] = "[policy]\n";
	int rv = 0;

	if (text.n > 0 && text.p[text.n - 1] != '\n')
		return -1;
	while (text.n > 0 && rv == 0)
		rv = put_line(e, cut_line(&text));
	if (rv == 0 && !e->is_done && !e->is_in_policy)
		rv = (e->out.n > 0 ? buffer_add(&e->out, "\n", 1) : 0) |
		     buffer_add(&e->out, heading, sizeof(heading) - 1);
	if (rv == 0 && !e->is_done)
		rv = put_word(e);
	return rv;
}

/* ---- Groups ------------------------------------------------------------ */

/* Which lists have a group of a name. */
struct known {
	bool is_own;
	bool is_others;		/* the built-in list's or the system's */
};

static bool
has_group(const struct catalog *c, const char *name)
{
	struct bytes wanted = { (const uint8_t *)name, strlen(name) };

	for (uint32_t i = 0; i < catalog_groups(c); i++) {
		if (bytes_equal(catalog_bytes(c, catalog_group(c, i)->name),
				wanted))
			return true;
	}
	return false;
}

static bool
system_has_group(const char *name)
{
	struct catalog catalog;
	struct file file;
	bool has = file_take(&file, file_system_path(), false) &&
		   catalog_open(&catalog, file.base, file.size) == 0 &&
		   has_group(&catalog, name);

	file_release(&file);
	return has;
}

static struct known
look_up(const struct own *own, const char *group)
{
	struct known known = { false, false };
	struct catalog builtin;
	char path[PATHS_MAX];

	known.is_own = text_is_name(group) &&
		paths_join(path, own->sources, group) && paths_is_folder(path);
	known.is_others =
		(catalog_open(&builtin, builtin_catalog,
			      builtin_catalog_size) == 0 &&
		 has_group(&builtin, group)) ||
		(own->is_user && system_has_group(group));
	return known;
}

/* Whether a line of the text switches the group, in whatever section. */
static bool
is_switched(struct bytes text, const char *group)
{
	while (text.n > 0) {
		if (is_of_group(cut_line(&text), group))
			return true;
	}
	return false;
}

/* A user may take back what the user has switched on. */
static int
check_group(struct own *own, const char *group, struct bytes text, bool on)
{
	struct known known = look_up(own, group);

	if (!known.is_own && !known.is_others)
		return fault_at(own->fault, group, 0,
				"no such group; a name from `distrust list`");
	if (own->is_user && !on && !known.is_own && !is_switched(text, group))
		return fault_at(own->fault, group, 0,
				"a user can only add; ask who administers "
				"this machine");
	return 0;
}

/* ---- The commands ------------------------------------------------------ */

static struct bytes
octets_of(const struct buffer *b)
{
	return (struct bytes){ b->p, b->n };
}

static int
switch_group(struct own *own, const char *group, bool on)
{
	struct edit edit = { .group = group, .word = on ? "on" : "off" };
	struct buffer text = { 0 };
	bool is_there;
	int rv = -1;

	if (own_read(own, "list.ini", &text, &is_there) == 0)
		rv = check_group(own, group, octets_of(&text), on);
	if (rv == 0 && edit_text(&edit, octets_of(&text)) != 0)
		rv = fault_at(own->fault, own->sources, 0,
			      "list.ini cannot be changed; lines that all end "
			      "in LF");
	if (rv == 0)
		rv = own_write(own, "list.ini", octets_of(&edit.out));
	buffer_free(&edit.out);
	buffer_free(&text);
	return rv;
}

static int
switch_all(const struct own_scope *scope, char **groups, bool on, bool json)
{
	struct fault fault = { "" };
	struct own_made made;
	struct own own;
	int rv = own_begin(&own, scope, true, &fault);

	for (size_t i = 0; rv == 0 && groups[i] != NULL; i++)
		rv = switch_group(&own, groups[i], on);
	if (rv == 0)
		rv = own_apply(&own, &made);
	if (rv == 0)
		own_say(&own, &made, json);
	else
		fprintf(stderr, "%s\n", fault.text);
	own_end(&own, rv == 0);
	return rv == 0 ? TOOL_FINE : TOOL_FAILED;
}

static int
usage(FILE *to, const char *command)
{
	fprintf(to, _("usage: distrust %s [OPTION]... GROUP...\n\n%s\n"),
		command, strcmp(command, "enable") == 0 ?
		_("Refuses what a group lists, also if it is opt-in.\n") :
		_("Refuses no more what a group lists.  A user cannot do "
		  "this with groups that\nare not the user's own.\n"));
	own_usage(to);
	return to == stdout ? TOOL_FINE : TOOL_FAILED;
}

static int
run(int argc, char **argv, bool on)
{
	struct own_scope scope = { .root = NULL };
	bool json = false;
	int option = own_read_options(&scope, &json, argc, argv);

	if (option != -1)
		return usage(option == 'h' ? stdout : stderr, argv[0]);
	if (optind == argc)
		return usage(stderr, argv[0]);
	return switch_all(&scope, argv + optind, on, json);
}

int
tool_enable(int argc, char **argv)
{
	return run(argc, argv, true);
}

int
tool_disable(int argc, char **argv)
{
	return run(argc, argv, false);
}
