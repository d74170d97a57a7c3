/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * From lines to sections.  inih asks next_line() for each line and calls
 * take_pair() with the key and value of those that have one, so that the
 * last raw line is always the one a pair came from.
 */

#include "compile/sections.h"

#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"

/* As certs/README.md says; inih's own buffers hold 199 and 49. */
#define LINE_OCTETS 190
#define HEADING_OCTETS 49

struct reader {
	struct bytes rest;	/* of the file */
	unsigned line;
	bool is_continuation;	/* the raw line begins with white space */
	bool is_awaited;	/* inih must find a pair in the raw line */
	const struct section_kind *kinds;
	size_t kinds_count;
	struct section section;	/* kind NULL before the first */
	section_take *take;
	void *arg;
	struct fault *fault;
	bool failed;
};

static int
refuse(struct reader *r, const char *what)
{
	r->failed = true;
	return fault_at(r->fault, r->section.path, r->line, "%s",
			_(what));
}

/* ---- Sections --------------------------------------------------------- */

size_t
section_count(const struct section *s)
{
	return s->values.n / sizeof(struct section_value);
}

const struct section_value *
section_at(const struct section *s, size_t i)
{
	return (const struct section_value *)s->values.p + i;
}

const char *
section_key(const struct section *s, const struct section_value *v)
{
	return (const char *)s->text.p + v->name;
}

const char *
section_text(const struct section *s, const struct section_value *v)
{
	return (const char *)s->text.p + v->text;
}

const struct section_value *
section_find(const struct section *s, const char *key)
{
	for (size_t i = 0; i < section_count(s); i++) {
		if (strcmp(section_key(s, section_at(s, i)), key) == 0)
			return section_at(s, i);
	}
	return NULL;
}

static int
check_required(const struct section *s, struct fault *fault)
{
	for (size_t i = 0; i < s->kind->count; i++) {
		const struct section_key *key = &s->kind->keys[i];

		if ((key->flags & KEY_REQUIRED) != 0 &&
		    section_find(s, key->name) == NULL)
			return fault_at(fault, s->path, s->line,
					"no '%s' in [%s]; %s = VALUE",
					key->name, s->kind->word, key->name);
	}
	return 0;
}

static int
check_empty(const struct section *s, struct fault *fault)
{
	for (size_t i = 0; i < section_count(s); i++) {
		const struct section_value *v = section_at(s, i);

		if (section_text(s, v)[0] == '\0')
			return fault_at(fault, s->path, v->line,
					"'%s' is empty; a value",
					section_key(s, v));
	}
	return 0;
}

/* The section has ended: hand it over. */
static int
end_section(struct reader *r)
{
	if (r->section.kind == NULL)
		return 0;
	if (check_empty(&r->section, r->fault) != 0 ||
	    check_required(&r->section, r->fault) != 0 ||
	    r->take(r->arg, &r->section) != 0) {
		r->failed = true;
		return -1;
	}
	buffer_clear(&r->section.values);
	buffer_clear(&r->section.text);
	return 0;
}

/* ---- Headings --------------------------------------------------------- */

static int
unknown_section(struct reader *r, const char *heading)
{
	char known[128] = "";

	for (size_t i = 0; i < r->kinds_count; i++) {
		size_t used = strlen(known);

		snprintf(known + used, sizeof(known) - used, "%s[%s%s]",
			 i > 0 ? ", " : "", r->kinds[i].word,
			 r->kinds[i].is_named ? " NAME" : "");
	}
	r->failed = true;
	return fault_at(r->fault, r->section.path, r->line,
			"unknown section [%s]; %s", heading, known);
}

/* [word] or [word NAME], between the brackets. */
static int
begin_section(struct reader *r, const char *heading)
{
	const char *space = strchr(heading, ' ');
	size_t n = space != NULL ? (size_t)(space - heading) : strlen(heading);
	const char *name = space != NULL ? space + 1 : "";

	r->section.kind = NULL;
	for (size_t i = 0; i < r->kinds_count; i++) {
		const struct section_kind *kind = &r->kinds[i];

		if (strlen(kind->word) == n &&
		    memcmp(kind->word, heading, n) == 0 &&
		    kind->is_named == (space != NULL))
			r->section.kind = kind;
	}
	if (r->section.kind == NULL)
		return unknown_section(r, heading);
	if (space != NULL && !text_is_name(name))
		return refuse(r, "bad NAME; letters a to z, digits and '-'");
	snprintf(r->section.name, sizeof(r->section.name), "%s", name);
	r->section.line = r->line;
	return 0;
}

static int
read_heading(struct reader *r, const char *line)
{
	const char *end = strchr(line, ']');
	char heading[HEADING_OCTETS + 1];
	size_t n;

	if (end == NULL || end[1 + strspn(end + 1, " \t")] != '\0')
		return refuse(r, "bad section line; [SECTION] and no more");
	n = (size_t)(end - line) - 1;
	if (n > HEADING_OCTETS)
		return refuse(r, "section line too long; at most 49 octets "
				 "between the brackets");
	memcpy(heading, line + 1, n);
	heading[n] = '\0';
	if (end_section(r) != 0)
		return -1;
	return begin_section(r, heading);
}

/* ---- Lines ------------------------------------------------------------ */

/* The octets of the next line, without its end. */
static struct bytes
cut_line(struct reader *r)
{
	const uint8_t *end = memchr(r->rest.p, '\n', r->rest.n);
	size_t n = end != NULL ? (size_t)(end - r->rest.p) : r->rest.n;
	struct bytes line = { r->rest.p, n };

	n += end != NULL;
	r->rest.p += n;
	r->rest.n -= n;
	r->line++;
	return line;
}

static int
check_octets(struct reader *r, struct bytes line)
{
	static const uint8_t mark[3] = { 0xef, 0xbb, 0xbf };

	if (line.n > LINE_OCTETS)
		return refuse(r, "line too long; at most 190 octets");
	if (memchr(line.p, '\0', line.n) != NULL)
		return refuse(r, "NUL octet; text");
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		return refuse(r, "carriage return; lines that end in LF alone");
	if (text_has_control(line.p, line.n))
		return refuse(r, "control character; text");
	if (!text_is_utf8(line.p, line.n))
		return refuse(r, "not UTF-8; text in UTF-8");
	if (line.n >= 3 && memcmp(line.p, mark, 3) == 0)
		return refuse(r, "byte order mark; text from the first octet");
	return 0;
}

/* inih takes white space and ';' for the beginning of a comment. */
static bool
has_inline_comment(const char *line)
{
	for (const char *p = line; *p != '\0'; p++) {
		if ((p[0] == ' ' || p[0] == '\t') && p[1] == ';')
			return true;
	}
	return false;
}

static int
check_pair(struct reader *r, const char *line)
{
	size_t key = strcspn(line, "=:");
	const char *start = line + strspn(line, " \t");

	if (r->section.kind == NULL)
		return refuse(r, "no section yet; [SECTION] before it");
	if (r->is_continuation && section_count(&r->section) == 0)
		return refuse(r, "nothing to continue; a line that begins "
				 "with its key");
	if (r->is_continuation && (*start == ';' || *start == '#'))
		return refuse(r, "comment after white space; one that begins "
				 "its line");
	if (has_inline_comment(line))
		return refuse(r, "inline comment; comments on lines of their "
				 "own, and no ';' after white space");
	if (!r->is_continuation && line[key] != '=')
		return refuse(r, "no key; KEY = VALUE");
	r->is_awaited = true;
	return 0;
}

/* See to a raw line; 0 if inih may have it. */
static int
check_line(struct reader *r, const char *line)
{
	const char *start = line + strspn(line, " \t");

	r->is_continuation = start > line;
	if (*start == '\0' || *line == '#' || *line == ';')
		return 0;
	if (*line == '[')
		return read_heading(r, line);
	return check_pair(r, line);
}

/* For inih, like fgets(): NULL ends its work. */
static char *
next_line(char *out, int size, void *stream)
{
	struct reader *r = stream;
	struct bytes line;

	if (r->is_awaited)
		refuse(r, "no key; KEY = VALUE");
	if (r->failed || r->rest.n == 0)
		return NULL;
	line = cut_line(r);
	if (check_octets(r, line) != 0)
		return NULL;
	if (line.n >= (size_t)size) {
		refuse(r, "line too long for inih; a shorter one");
		return NULL;
	}
	memcpy(out, line.p, line.n);
	out[line.n] = '\0';
	return check_line(r, out) == 0 ? out : NULL;
}

/* ---- Pairs ------------------------------------------------------------ */

static int
unknown_key(struct reader *r, const char *name)
{
	const struct section_kind *kind = r->section.kind;
	char known[256] = "";

	for (size_t i = 0; i < kind->count; i++) {
		size_t used = strlen(known);

		snprintf(known + used, sizeof(known) - used, "%s%s",
			 i > 0 ? ", " : "", kind->keys[i].name);
	}
	return fault_at(r->fault, r->section.path, r->line,
			"unknown key '%s' in [%s]; %s", name, kind->word,
			known);
}

/* The key of a name, in a kind that lists them. */
static int
know_key(struct reader *r, const char *name, const struct section_key **key)
{
	const struct section_kind *kind = r->section.kind;

	*key = NULL;
	for (size_t i = 0; i < kind->count; i++) {
		if (strcmp(kind->keys[i].name, name) == 0)
			*key = &kind->keys[i];
	}
	if (*key == NULL && kind->keys != NULL)
		return unknown_key(r, name);
	if (*key == NULL && !text_is_name(name))
		return refuse(r, "bad name; letters a to z, digits and '-'");
	return 0;
}

static int
add_value(struct reader *r, const char *name, const char *value)
{
	struct section *s = &r->section;
	struct section_value v = { .line = r->line };
	const struct section_value *earlier = section_find(s, name);

	if (know_key(r, name, &v.key) != 0)
		return -1;
	if (earlier != NULL &&
	    (v.key == NULL || (v.key->flags & KEY_REPEATED) == 0))
		return fault_at(r->fault, s->path, r->line,
				"'%s' again, as in line %u; once in a section",
				name, earlier->line);
	v.name = s->text.n;
	v.text = v.name + strlen(name) + 1;
	if (buffer_add(&s->text, name, strlen(name) + 1) != 0 ||
	    buffer_add(&s->text, value, strlen(value) + 1) != 0 ||
	    buffer_add(&s->values, &v, sizeof(v)) != 0)
		return fault_memory(r->fault);
	return 0;
}

/* The last value stands at the end of the text: go on there. */
static int
continue_value(struct reader *r, const char *more)
{
	struct section *s = &r->section;
	const struct section_value *v = section_at(s, section_count(s) - 1);
	bool is_octets = v->key != NULL && (v->key->flags & KEY_OCTETS) != 0;

	if (s->text.n > 0)
		s->text.n--;
	if (section_text(s, v)[0] != '\0' && !is_octets &&
	    buffer_add(&s->text, " ", 1) != 0)
		return fault_memory(r->fault);
	if (buffer_add(&s->text, more, strlen(more) + 1) != 0)
		return fault_memory(r->fault);
	return 0;
}

/* For inih: 1 to go on.  The section is known already, from its heading. */
static int
take_pair(void *user, const char *heading, const char *name,
	  const char *value)
{
	struct reader *r = user;
	int rv;

	(void)heading;
	r->is_awaited = false;
	rv = r->is_continuation ? continue_value(r, value)
				: add_value(r, name, value);
	if (rv != 0)
		r->failed = true;
	return rv == 0;
}

int
sections_read(const char *path, struct bytes content,
	      const struct section_kind *kinds, size_t count,
	      section_take *take, void *arg, struct fault *fault)
{
	struct reader r = {
		.rest = content,
		.kinds = kinds,
		.kinds_count = count,
		.section = { .path = path },
		.take = take,
		.arg = arg,
		.fault = fault,
	};

	if (ini_parse_stream(next_line, &r, take_pair, &r) < 0)
		r.failed = fault_memory(fault) != 0;
	if (!r.failed)
		end_section(&r);
	buffer_free(&r.section.values);
	buffer_free(&r.section.text);
	return r.failed ? -1 : 0;
}
