/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust remove: takes own decisions back.  A section is cut out of its
 * incident.ini, which otherwise stays as somebody wrote it; a group that has
 * lost its last entry goes as a whole.
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "certificates/certificates.h"
#include "certificates/stated.h"
#include "compile/sections.h"
#include "own/own.h"
#include "tool.h"

/* An entry that is to go. */
struct gone {
	char group[64];
	char name[64];
	char file[64];		/* or empty */
	unsigned line;		/* of its heading */
};

struct removal {
	struct own *own;
	struct fault *fault;
	const char *thing;
	const char *key;	/* which digests these are */
	struct buffer digests;	/* of the thing: hex texts, each with a NUL */
	struct buffer gone;	/* struct gone, of one thing */
	struct buffer said;	/* for a person, once it is done */
};

/* ---- Finding ----------------------------------------------------------- */

static bool
says(const struct section *section, const char *key, const char *value)
{
	const struct section_value *v = section_find(section, key);

	return v != NULL && strcmp(section_text(section, v), value) == 0;
}

static bool
has_digest(const struct removal *r, const struct section *section)
{
	const char *text = r->digests.p;

	for (size_t i = 0; i < r->digests.n; i += strlen(text + i) + 1) {
		if (says(section, r->key, text + i))
			return true;
	}
	return false;
}

/* NAME, GROUP/NAME, the label, or the digest of a certificate or key. */
static bool
is_meant(const struct removal *r, const char *group,
	 const struct section *section)
{
	const size_t n = strlen(group);

	return strcmp(section->name, r->thing) == 0 ||
	       (strncmp(r->thing, group, n) == 0 && r->thing[n] == '/' &&
		strcmp(r->thing + n + 1, section->name) == 0) ||
	       says(section, "label", r->thing) ||
	       has_digest(r, section);
}

static int
note(void *arg, const char *group, const struct section *section)
{
	struct removal *r = arg;
	const struct section_value *file = section_find(section, "file");
	struct gone gone = { .line = section->line };

	if (!is_meant(r, group, section))
		return 0;
	snprintf(gone.group, sizeof(gone.group), "%s", group);
	snprintf(gone.name, sizeof(gone.name), "%s", section->name);
	if (file != NULL)
		snprintf(gone.file, sizeof(gone.file), "%s",
			 section_text(section, file));
	return buffer_add(&r->gone, &gone, sizeof(gone)) == 0 ? 0 :
		fault_memory(r->fault);
}

/* ---- Cutting ----------------------------------------------------------- */

static size_t
line_length(const char *text, size_t n)
{
	const char *end = memchr(text, '\n', n);

	return end != NULL ? (size_t)(end - text) + 1 : n;
}

static bool
is_aside(const char *line, size_t n)
{
	return n == 0 || *line == '\n' || *line == '#' || *line == ';';
}

/* Where the section that begins on a line begins and ends; comments above
 * the next heading are that one's. */
static void
find_section(const struct buffer *text, unsigned line, size_t *from,
	     size_t *to)
{
	const char *p = text->p;
	size_t at = 0, n;

	for (unsigned i = 1; i < line; i++)
		at += line_length(p + at, text->n - at);
	*from = at;
	at += line_length(p + at, text->n - at);
	*to = at;
	for (; at < text->n && p[at] != '['; at += n) {
		n = line_length(p + at, text->n - at);
		if (!is_aside(p + at, n))
			*to = at + n;
	}
	if (at == text->n)
		*to = at;
}

static bool
has_entries(const struct buffer *text)
{
	const char *p = text->p;

	for (size_t at = 0; at < text->n;
	     at += line_length(p + at, text->n - at)) {
		if (strncmp(p + at, "[certificate ", 13) == 0 ||
		    strncmp(p + at, "[identity ", 10) == 0)
			return true;
	}
	return false;
}

static int
join(struct removal *r, char out[static PATHS_MAX], const char *group,
     const char *name)
{
	return paths_join(out, group, name) ? 0 :
		fault_at(r->fault, group, 0, "path too long; a shorter one");
}

static int
say(struct removal *r, const struct gone *gone)
{
	char line[sizeof(gone->group) + sizeof(gone->name) + 16];
	int n = snprintf(line, sizeof(line), _("%s/%s: removed\n"), gone->group,
			 gone->name);

	return n < 0 || buffer_add(&r->said, line, (size_t)n) != 0 ?
		fault_memory(r->fault) : 0;
}

/* From the last one back, so that the lines above stay where they are. */
static int
cut(struct removal *r, const struct gone *gone)
{
	struct buffer text = { 0 };
	char ini[PATHS_MAX], file[PATHS_MAX];
	size_t from = 0, to = 0;
	bool is_there;
	int rv = join(r, ini, gone->group, "incident.ini");

	if (rv == 0)
		rv = own_read(r->own, ini, &text, &is_there);
	if (rv == 0)
		find_section(&text, gone->line, &from, &to);
	if (to > from) {
		memmove((char *)text.p + from, (char *)text.p + to,
			text.n - to);
		text.n -= to - from;
	}
	if (rv == 0 && gone->file[0] != '\0')
		rv = join(r, file, gone->group, gone->file) |
		     own_remove(r->own, file);
	if (rv == 0)
		rv = has_entries(&text) ?
			own_write(r->own, ini, (struct bytes){ text.p,
							       text.n }) :
			own_remove(r->own, ini);
	buffer_free(&text);
	return rv == 0 ? say(r, gone) : -1;
}

/* ---- The command ------------------------------------------------------- */

static int
add_digest(struct removal *r, struct bytes digest)
{
	return stated_hex(&r->digests, digest) != 0 ||
	       buffer_add(&r->digests, "", 1) != 0 ?
		fault_memory(r->fault) : 0;
}

/* A fingerprint as programs show it, in the form of the sources. */
static int
add_fingerprint(struct removal *r)
{
	char hex[2 * CATALOG_SHA256 + 1];
	struct buffer octets = { 0 };
	bool by_key = strncmp(r->thing, "key:", 4) == 0;
	const char *p = by_key ? r->thing + 4 : r->thing;
	size_t n = 0;
	int rv = 0;

	r->key = by_key ? "spki-sha256" : "sha256";
	for (; *p != '\0' && n < sizeof(hex) - 1; p++) {
		if (*p != ':')
			hex[n++] = *p;
	}
	hex[n] = '\0';
	if (*p == '\0' && text_hex(hex, &octets) == 0 && octets.n > 0)
		rv = add_digest(r, (struct bytes){ octets.p, octets.n });
	buffer_free(&octets);
	return rv;
}

static int
add_file(struct removal *r)
{
	struct certificates c = { 0 };
	uint8_t digest[CATALOG_SHA256];
	int rv = certificates_read(&c, r->thing, r->fault);

	r->key = "sha256";
	for (size_t i = 0; i < certificates_count(&c) && rv == 0; i++) {
		rv = x509_sha256(certificates_at(&c, i), digest);
		if (rv == 0)
			rv = add_digest(r, (struct bytes){ digest,
							   sizeof(digest) });
	}
	certificates_free(&c);
	return rv;
}

static int
remove_thing(struct removal *r, const char *thing)
{
	const struct gone *gone;
	size_t count;
	int rv;

	r->thing = thing;
	buffer_clear(&r->digests);
	buffer_clear(&r->gone);
	rv = paths_is_there(thing) && !paths_is_folder(thing) ?
		add_file(r) : add_fingerprint(r);
	if (rv == 0)
		rv = own_visit(r->own, note, r);
	gone = r->gone.p;
	count = r->gone.n / sizeof(*gone);
	if (rv == 0 && count == 0)
		rv = fault_at(r->fault, thing, 0,
			      "no own decision; a name, label, fingerprint or "
			      "file of one in %s", r->own->sources);
	while (rv == 0 && count > 0)
		rv = cut(r, &gone[--count]);
	return rv;
}

static int
remove_all(const struct own_scope *scope, char **things, bool json)
{
	struct fault fault = { "" };
	struct own own;
	struct own_made made;
	struct removal r = { .own = &own, .fault = &fault };
	int rv = own_begin(&own, scope, false, &fault);

	for (size_t i = 0; things[i] != NULL && rv == 0; i++)
		rv = remove_thing(&r, things[i]);
	if (rv == 0)
		rv = own_apply(&own, &made);
	if (rv == 0 && !json)
		fwrite(r.said.p, 1, r.said.n, stdout);
	if (rv == 0)
		own_say(&own, &made, json);
	else
		fprintf(stderr, "%s\n", fault.text);
	own_end(&own, rv == 0);
	buffer_free(&r.digests);
	buffer_free(&r.gone);
	buffer_free(&r.said);
	return rv == 0 ? TOOL_FINE : TOOL_FAILED;
}

static int
usage(FILE *to)
{
	fputs(_("usage: distrust remove [OPTION]... THING...\n"
	      "\n"
	      "Takes back own decisions, each THING being an entry's NAME or "
	      "GROUP/NAME, its\nlabel, its SHA-256 fingerprint (or "
	      "key:SHA-256), or a file of certificates.\n"
	      "\n"), to);
	own_usage(to);
	return to == stdout ? TOOL_FINE : TOOL_FAILED;
}

int
tool_remove(int argc, char **argv)
{
	struct own_scope scope = { .root = NULL };
	bool json = false;
	int option = own_read_options(&scope, &json, argc, argv);

	if (option != -1)
		return usage(option == 'h' ? stdout : stderr);
	if (optind == argc)
		return usage(stderr);
	return remove_all(&scope, argv + optind, json);
}
