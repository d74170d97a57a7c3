/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The tree as a whole: which files and folders there are, list.ini, and each
 * incident's own section.  Entries are read in source-entry.c.
 */

#include "compile/source.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "base/text.h"
#include "base/words.h"
#include "compile/source-entry.h"
#include "lists.h"

/* ---- Shared by all sections ------------------------------------------- */

int
source_path(struct source *s, char *out, size_t size, const char *folder,
	    const char *name)
{
	int n = snprintf(out, size, "%s%s%s", folder,
			 name[0] != '\0' ? "/" : "", name);

	if (n < 0 || (size_t)n >= size)
		return fault_at(s->fault, folder, 0,
				"path too long; a shorter one");
	return 0;
}

int
source_refuse(struct source *s, const struct section *section,
	      const struct section_value *v, const char *what)
{
	return fault_at(s->fault, section->path,
			v != NULL ? v->line : section->line, "%s",
			_(what));
}

int
source_date(struct source *s, const struct section *section, const char *key,
	    uint32_t *date)
{
	const struct section_value *v = section_find(section, key);

	*date = 0;
	if (v == NULL)
		return 0;
	*date = text_date(section_text(section, v));
	if (*date == 0)
		return fault_at(s->fault, section->path, v->line,
				"bad date in '%s'; YYYY-MM-DD, a day of the "
				"calendar", key);
	return 0;
}

int
source_text(struct source *s, const struct section *section, const char *key,
	    struct catalog_span *span)
{
	const struct section_value *v = section_find(section, key);
	const char *text = v != NULL ? section_text(section, v) : "";

	return records_intern(s->records, (struct bytes){
			(const uint8_t *)text, strlen(text) }, span);
}

int
source_lines(struct source *s, const struct section *section, const char *key,
	     struct buffer *lines)
{
	for (size_t i = 0; i < section_count(section); i++) {
		const struct section_value *v = section_at(section, i);
		const char *text = section_text(section, v);

		if (strcmp(section_key(section, v), key) != 0)
			continue;
		if ((lines->n > 0 && buffer_add(lines, "\n", 1) != 0) ||
		    buffer_add(lines, text, strlen(text)) != 0)
			return fault_memory(s->fault);
	}
	return 0;
}

int
source_put_lines(struct source *s, const struct buffer *lines,
		 struct catalog_span *span)
{
	return records_intern(s->records, (struct bytes){ lines->p, lines->n },
			      span);
}

/* ---- list.ini --------------------------------------------------------- */

static const struct section_key list_keys[] = {
	{ "version", KEY_REQUIRED },
	{ "date", KEY_REQUIRED },
};

static const struct section_kind list_kinds[] = {
	{ "list", false, list_keys, sizeof(list_keys) / sizeof(*list_keys) },
	{ "policy", false, NULL, 0 },
};

/* A decimal number up to 255 at *text, which moves behind it. */
static bool
take_octet(const char **text, uint32_t *number)
{
	const char *p = *text;

	*number = 0;
	while (*p >= '0' && *p <= '9' && p - *text < 3)
		*number = *number * 10 + (uint32_t)(*p++ - '0');
	if (p == *text || (**text == '0' && p - *text > 1) || *number > 255)
		return false;
	*text = p;
	return true;
}

static bool
read_version(const char *text, uint32_t *version)
{
	uint32_t major, minor;

	if (!take_octet(&text, &major) || *text++ != '.' ||
	    !take_octet(&text, &minor) || *text != '\0')
		return false;
	*version = major << 8 | minor;
	return true;
}

static int
take_list(struct source *s, const struct section *section)
{
	const struct section_value *v = section_find(section, "version");

	if (s->has_list)
		return source_refuse(s, section, NULL,
				     "[list] again; one of them");
	s->has_list = true;
	if (!read_version(section_text(section, v), &s->records->version))
		return source_refuse(s, section, v,
				     "bad version; MAJOR.MINOR, each 0 to 255");
	return source_date(s, section, "date", &s->records->date);
}

static int
take_policy(struct source *s, const struct section *section)
{
	if (s->kind != SOURCE_LOCAL)
		return source_refuse(s, section, NULL,
				     "[policy] in a list of incidents; "
				     "'default' in each of them");
	if (s->has_policy)
		return source_refuse(s, section, NULL,
				     "[policy] again; one of them");
	s->has_policy = true;
	for (size_t i = 0; i < section_count(section); i++) {
		const struct section_value *v = section_at(section, i);
		const char *group = section_key(section, v);
		const char *word = section_text(section, v);
		struct catalog_policy policy = {
			.on = strcmp(word, "on") == 0
		};

		if (policy.on == 0 && strcmp(word, "off") != 0)
			return source_refuse(s, section, v,
					     "bad policy; on or off");
		if (records_intern(s->records, (struct bytes){
				(const uint8_t *)group, strlen(group) },
				&policy.group) != 0 ||
		    records_add_policy(s->records, &policy) != 0)
			return -1;
	}
	return 0;
}

static int
take_list_section(void *arg, const struct section *section)
{
	return strcmp(section->kind->word, "list") == 0
	       ? take_list(arg, section) : take_policy(arg, section);
}

/* An INI file of this folder. */
static int
read_ini(struct source *s, const char *folder, const char *name,
	 const struct section_kind *kinds, size_t count, section_take *take)
{
	struct buffer content = { 0 };
	char path[PATH_MAX];
	int rv = -1;

	if (source_path(s, path, sizeof(path), folder, name) == 0 &&
	    tree_read(s->tree, path, &content) == 0)
		rv = sections_read(path, (struct bytes){ content.p, content.n },
				   kinds, count, take, s, s->fault);
	buffer_free(&content);
	return rv;
}

static int
read_list(struct source *s, const struct tree_names *names)
{
	if (tree_find(names, "list.ini") == NULL)
		return s->kind == SOURCE_LOCAL ? 0 :
			fault_at(s->fault, s->root, 0,
				 "no list.ini; one with version and date");
	if (read_ini(s, s->root, "list.ini", list_kinds,
		     sizeof(list_kinds) / sizeof(*list_kinds),
		     take_list_section) != 0)
		return -1;
	if (!s->has_list && s->kind == SOURCE_LIST)
		return fault_at(s->fault, s->root, 0,
				"no [list] in list.ini; version and date");
	return 0;
}

/* ---- [incident] ------------------------------------------------------- */

static const struct section_key incident_keys[] = {
	{ "title", KEY_REQUIRED },
	{ "reason", KEY_REQUIRED },
	{ "default", KEY_REQUIRED },
	{ "argument", KEY_REQUIRED },
	{ "story", KEY_REQUIRED },
	{ "reference", KEY_REQUIRED | KEY_REPEATED },
	{ "country", 0 },
	{ "actor", 0 },
	{ "began", 0 },
	{ "blocked", 0 },
};

/* Whoever decides for himself owes nobody a story. */
static const struct section_key own_incident_keys[] = {
	{ "title", KEY_REQUIRED },
	{ "reason", KEY_REQUIRED },
	{ "default", 0 },
	{ "argument", 0 },
	{ "story", 0 },
	{ "reference", KEY_REPEATED },
	{ "country", 0 },
	{ "actor", 0 },
	{ "began", 0 },
	{ "blocked", 0 },
};

_Static_assert(sizeof(own_incident_keys) == sizeof(incident_keys),
	       "the same keys");

#define INCIDENT_KINDS(keys) \
	{ "incident", false, keys, sizeof(keys) / sizeof(*(keys)) }, \
	{ "certificate", true, source_certificate_keys, \
	  SOURCE_CERTIFICATE_KEYS }, \
	{ "identity", true, source_identity_keys, SOURCE_IDENTITY_KEYS }

const struct section_kind source_incident_kinds[SOURCE_INCIDENT_KINDS] = {
	INCIDENT_KINDS(incident_keys)
};

const struct section_kind source_own_kinds[SOURCE_INCIDENT_KINDS] = {
	INCIDENT_KINDS(own_incident_keys)
};

static const struct text_word reasons[] = {
	{ "state-interception", 1 }, { "interception", 1 },
	{ "leaked-key", 1 }, { "compromised-ca", 1 }, { "misissuance", 1 },
	{ "distrusted-ca", 1 }, { "removed-ca", 1 }, { "state-ca", 1 },
	{ "vendor-ca", 1 },
};

/* Any bit will do for what is off. */
static const struct text_word defaults[] = {
	{ "on", CATALOG_GROUP_ON }, { "opt-in", CATALOG_GROUP_ON << 1 },
};

static bool
is_address(const char *text)
{
	return (strncmp(text, "https://", 8) == 0 && text[8] != '\0') ||
	       (strncmp(text, "http://", 7) == 0 && text[7] != '\0');
}

static int
check_references(struct source *s, const struct section *section)
{
	for (size_t i = 0; i < section_count(section); i++) {
		const struct section_value *v = section_at(section, i);
		const char *text = section_text(section, v);

		if (strcmp(section_key(section, v), "reference") != 0)
			continue;
		if (!is_address(text) || strpbrk(text, " \t") != NULL)
			return source_refuse(s, section, v,
					     "bad reference; one https:// or "
					     "http:// address");
	}
	return 0;
}

/* A value that must be one word of a table; `absent` where it need not be
 * there and is not. */
static uint32_t
word_of(const struct section *section, const char *key, const char *absent,
	const struct text_word *words, size_t count)
{
	const struct section_value *v = section_find(section, key);
	const char *text = v != NULL ? section_text(section, v) : absent;

	return text_bit(words, count, text, strlen(text));
}

static int
check_words(struct source *s, const struct section *section, uint32_t *flags)
{
	const struct section_value *country = section_find(section, "country");
	uint32_t bit;

	if (word_of(section, "reason", "", reasons,
		    sizeof(reasons) / sizeof(*reasons)) == 0)
		return source_refuse(s, section,
				     section_find(section, "reason"),
				     "unknown reason; state-interception, "
				     "interception, leaked-key, "
				     "compromised-ca, misissuance, "
				     "distrusted-ca, removed-ca, state-ca or "
				     "vendor-ca");
	bit = word_of(section, "default", "on", defaults,
		      sizeof(defaults) / sizeof(*defaults));
	if (bit == 0)
		return source_refuse(s, section,
				     section_find(section, "default"),
				     "unknown default; on or opt-in");
	if (country != NULL && !text_is_country(section_text(section, country)))
		return source_refuse(s, section, country,
				     "unknown country; an ISO 3166-1 alpha-2 "
				     "code");
	*flags = bit & CATALOG_GROUP_ON;
	return 0;
}

/* What own decisions need not say has a text all the same: nobody who shows
 * a catalog need ask which kind it is of. */
static int
fill_texts(struct source *s, const struct section *section,
	   struct catalog_group *g)
{
	static const char own[] = "Decided on this machine.";
	struct bytes text = { (const uint8_t *)own, sizeof(own) - 1 };
	struct bytes path = { (const uint8_t *)section->path,
			      strlen(section->path) };

	if (g->argument.len == 0 &&
	    records_intern(s->records, text, &g->argument) != 0)
		return -1;
	if (g->story.len == 0)
		g->story = g->argument;
	return g->references.len > 0 ? 0 :
		records_intern(s->records, path, &g->references);
}

static int
take_texts(struct source *s, const struct section *section,
	   struct catalog_group *g)
{
	struct buffer lines = { 0 };
	int rv = -1;

	if (records_intern(s->records, (struct bytes){
			(const uint8_t *)s->folder, strlen(s->folder) },
			&g->name) == 0 &&
	    source_text(s, section, "title", &g->title) == 0 &&
	    source_text(s, section, "country", &g->country) == 0 &&
	    source_text(s, section, "reason", &g->reason) == 0 &&
	    source_text(s, section, "actor", &g->actor) == 0 &&
	    source_text(s, section, "story", &g->story) == 0 &&
	    source_text(s, section, "argument", &g->argument) == 0 &&
	    source_lines(s, section, "reference", &lines) == 0)
		rv = source_put_lines(s, &lines, &g->references);
	buffer_free(&lines);
	return rv;
}

static int
take_incident(struct source *s, const struct section *section)
{
	struct catalog_group g = { 0 };

	if (s->has_incident)
		return source_refuse(s, section, NULL,
				     "[incident] again; one in a folder");
	s->has_incident = true;
	if (check_words(s, section, &g.flags) != 0 ||
	    check_references(s, section) != 0 ||
	    source_date(s, section, "began", &g.began) != 0 ||
	    source_date(s, section, "blocked", &g.blocked) != 0 ||
	    take_texts(s, section, &g) != 0 ||
	    fill_texts(s, section, &g) != 0)
		return -1;
	return records_add_group(s->records, &g);
}

static int
take_incident_section(void *arg, const struct section *section)
{
	struct source *s = arg;

	if (strcmp(section->kind->word, "incident") == 0)
		return take_incident(s, section);
	if (!s->has_incident)
		return source_refuse(s, section, NULL,
				     "entry before [incident]; [incident] "
				     "first");
	return source_take_entry(s, section);
}

/* ---- Folders ---------------------------------------------------------- */

/* A run of `distrust add` that was killed is no reason to refuse decisions
 * ever after. */
static bool
is_left(const struct source *s, const char *name)
{
	return s->kind == SOURCE_LOCAL && output_is_temporary(name);
}

/* Every file of an incident's folder is named by its incident.ini. */
static int
check_all_used(struct source *s, const char *folder)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < tree_count(&s->names); i++) {
		const struct tree_name *name = tree_at(&s->names, i);

		if (name->used || is_left(s, name->name))
			continue;
		if (source_path(s, path, sizeof(path), folder,
				name->name) != 0)
			return -1;
		return fault_at(s->fault, path, 0,
				"not named in incident.ini; a file = %s there, "
				"or no such file", name->name);
	}
	return 0;
}

static int
read_incident(struct source *s, const char *folder)
{
	struct tree_name *ini = tree_find(&s->names, "incident.ini");
	uint32_t entries = records_entries(s->records);

	if (ini == NULL)
		return fault_at(s->fault, folder, 0,
				"no incident.ini; one in each folder");
	ini->used = true;
	s->has_incident = false;
	if (read_ini(s, folder, "incident.ini", s->kind == SOURCE_LOCAL ?
		     source_own_kinds : source_incident_kinds,
		     SOURCE_INCIDENT_KINDS, take_incident_section) != 0)
		return -1;
	if (records_entries(s->records) == entries)
		return fault_at(s->fault, folder, 0,
				"no entry in incident.ini; [incident], then "
				"[certificate NAME] or [identity NAME]");
	return check_all_used(s, folder);
}

static int
read_folder(struct source *s, const char *name)
{
	char path[PATH_MAX];
	int rv;

	if (source_path(s, path, sizeof(path), s->root, name) != 0)
		return -1;
	if (!text_is_name(name))
		return fault_at(s->fault, path, 0,
				"bad folder name; letters a to z, digits and "
				"'-'");
	if (records_groups(s->records) == LISTS_GROUPS)
		return fault_at(s->fault, path, 0,
				"one folder too many; at most %d",
				LISTS_GROUPS);
	if (tree_list(s->tree, path, &s->names) != 0)
		return -1;
	s->folder = name;
	s->folder_path = path;
	rv = read_incident(s, path);
	tree_names_free(&s->names);
	return rv;
}

/* What stands in the tree beside list.ini. */
static int
read_beside(struct source *s, const char *name)
{
	char path[PATH_MAX];
	enum tree_kind kind;

	if (strcmp(name, "list.ini") == 0)
		return 0;
	if (source_path(s, path, sizeof(path), s->root, name) != 0 ||
	    tree_kind(s->tree, path, &kind) != 0)
		return -1;
	if (kind == TREE_FOLDER)
		return read_folder(s, name);
	if (kind == TREE_FILE && (strcmp(name, "README.md") == 0 ||
				  is_left(s, name)))
		return 0;
	return fault_at(s->fault, path, 0,
			"neither an incident's folder nor list.ini; nothing "
			"else here");
}

static int
read_tree(struct source *s, const struct tree_names *names)
{
	if (read_list(s, names) != 0)
		return -1;
	for (size_t i = 0; i < tree_count(names); i++) {
		if (read_beside(s, tree_at(names, i)->name) != 0)
			return -1;
	}
	return source_sort(s);
}

int
source_read(const char *path, enum source_kind kind, struct tree *tree,
	    struct records *records, struct fault *fault)
{
	struct source s = {
		.root = path,
		.kind = kind,
		.tree = tree,
		.records = records,
		.fault = fault,
	};
	struct tree_names names;
	int rv;

	if (tree_list(tree, path, &names) != 0)
		return -1;
	rv = read_tree(&s, &names);
	tree_names_free(&names);
	source_entry_free(&s);
	return rv;
}
