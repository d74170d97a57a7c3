/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Lines of a Java's list.  It is a Java property file: a # begins a comment,
 * and Java does not mind a line that is there twice. */

#include "install/blocked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certificates/findings.h"
#include "install/plan.h"

#define BEGIN "# p11-distrust begin: made anew by `distrust install --system`"
#define END "# p11-distrust end"

enum { DIGITS = 2 * CATALOG_SHA256 };

/* Where a Java keeps it: today's, and as it was called before 16. */
static const char *const names[] = {
	"lib/security/blocked.certs",
	"lib/security/blacklisted.certs",
	"jre/lib/security/blacklisted.certs",
};

bool
blocked_find(const char *home, char path[static PATHS_MAX])
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (paths_join(path, home, names[i]) && paths_is_there(path))
			return true;
	}
	return false;
}

/* ---- The lines -------------------------------------------------------- */

struct line {
	char digits[DIGITS + 1];
};

static int
add_line(struct buffer *lines, struct bytes sha256)
{
	struct line line;

	for (size_t i = 0; i < sha256.n && i < CATALOG_SHA256; i++)
		snprintf(line.digits + 2 * i, 3, "%02X", sha256.p[i]);
	return sha256.n != CATALOG_SHA256 ? 0 :
		buffer_add(lines, &line, sizeof(line));
}

/* A judge_visit. */
static int
add_entry(void *arg, const struct catalog *c, const struct catalog_entry *e)
{
	return e->sha256 == 0 ? 0 :
		add_line(arg, catalog_fixed(c, e->sha256, CATALOG_SHA256));
}

/* The keystore that a Java trusts unless it is told otherwise. */
static int
look(struct findings *f, const char *home)
{
	static const char *const stores[] = {
		"lib/security/cacerts", "lib/security/jssecacerts",
		"jre/lib/security/cacerts",
	};
	char path[PATHS_MAX];
	int rv = findings_look_everywhere(f);

	for (size_t i = 0; rv == 0 && i < 3; i++) {
		if (paths_join(path, home, stores[i]))
			rv = findings_look_java(f, path);
	}
	return rv;
}

static int
compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return strcmp(x->digits, y->digits);
}

/* All of them, sorted, with double ones still. */
static int
collect(const char *home, const uint8_t *sha256, struct buffer *lines,
	struct fault *fault)
{
	struct judge judge;
	struct fault doubt = { "" };
	struct findings findings = { .judge = &judge };
	int rv;

	judge_begin(&judge, &doubt);
	rv = judge_each(&judge, add_entry, lines);
	if (rv == 0)
		rv = look(&findings, home);
	if (rv == 0 && sha256 != NULL)
		rv = add_line(lines, (struct bytes){ sha256,
						     CATALOG_SHA256 });
	for (size_t i = 0; rv == 0 && i < findings_count(&findings); i++)
		rv = add_line(lines, (struct bytes){
			findings_at(&findings, i)->sha256, CATALOG_SHA256 });
	findings_free(&findings);
	judge_end(&judge);
	if (rv != 0)
		return fault_memory(fault);
	qsort(lines->p, lines->n / sizeof(struct line), sizeof(struct line),
	      compare);
	return 0;
}

/* ---- The file --------------------------------------------------------- */

static int
add_text(struct buffer *out, const char *text)
{
	return buffer_add(out, text, strlen(text)) != 0 ||
	       buffer_add(out, "\n", 1) != 0 ? -1 : 0;
}

/* Where a line that begins so begins in p[0..n), or n. */
static size_t
find_line(const char *p, size_t n, const char *begins)
{
	size_t length = strlen(begins);

	for (size_t i = 0; n - i >= length && i < n;) {
		const char *feed = memchr(p + i, '\n', n - i);

		if (memcmp(p + i, begins, length) == 0)
			return i;
		if (feed == NULL)
			break;
		i = (size_t)(feed + 1 - p);
	}
	return n;
}

/* The octets up to the end of the line that p begins with. */
static size_t
line_length(const char *p, size_t n)
{
	const char *feed = memchr(p, '\n', n);

	return feed != NULL ? (size_t)(feed + 1 - p) : n;
}

/* Append what a file says beside our lines.  Of a block whose end somebody
 * took away only the mark is ours for sure. */
static int
add_bare(struct buffer *out, struct bytes content)
{
	const char *p = (const char *)content.p;
	size_t left = content.n;

	while (left > 0) {
		size_t begin = find_line(p, left, BEGIN), end;

		if (buffer_add(out, p, begin) != 0)
			return -1;
		p += begin;
		left -= begin;
		if (left == 0)
			break;
		end = find_line(p, left, END);
		if (end == left)
			end = 0;
		end += line_length(p + end, left - end);
		p += end;
		left -= end;
	}
	return 0;
}

static int
add_ours(struct buffer *out, const struct buffer *lines)
{
	const struct line *line = lines->p;
	const char *bytes = out->p;
	int rv = 0;

	if (out->n > 0 && bytes[out->n - 1] != '\n')
		rv = add_text(out, "");
	if (rv == 0)
		rv = add_text(out, BEGIN);
	for (size_t i = 0; rv == 0 && i < lines->n / sizeof(*line); i++) {
		if (i == 0 || compare(&line[i - 1], &line[i]) != 0)
			rv = add_text(out, line[i].digits);
	}
	return rv == 0 ? add_text(out, END) : -1;
}

void
blocked_free(struct blocked *b)
{
	buffer_free(&b->is);
	buffer_free(&b->bare);
	buffer_free(&b->shall);
}

struct bytes
blocked_octets(const struct buffer *b)
{
	if (b->n == 0)
		return (struct bytes){ (const uint8_t *)"", 0 };
	return (struct bytes){ b->p, b->n };
}

int
blocked_make(struct blocked *b, const char *home, const uint8_t *sha256,
	     struct fault *fault)
{
	struct buffer lines = { 0 };
	bool is_there;
	int rv = -1;

	*b = (struct blocked){ .is = { 0 } };
	if (!blocked_find(home, b->path))
		fault_at(fault, home, 0, "has no blocked.certs; a Java");
	else if (plan_read(b->path, &b->is, &is_there, fault) == 0 &&
		 collect(home, sha256, &lines, fault) == 0)
		rv = add_bare(&b->bare, blocked_octets(&b->is)) == 0 &&
		     buffer_add(&b->shall, b->bare.p, b->bare.n) == 0 &&
		     add_ours(&b->shall, &lines) == 0 ? 0 :
			fault_memory(fault);
	buffer_free(&lines);
	if (rv != 0)
		blocked_free(b);
	return rv;
}

