/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Lines of a Java's list.  It is a Java property file: a # begins a comment, a
 * blank parts a key from its value, and Java looks for keys alone.  So each
 * line of ours says so in its value, and is known wherever it stands, even
 * where somebody took a mark away.
 */

#include "install/blocked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/tree.h"
#include "certificates/findings.h"
#include "install/plan.h"

#define BEGIN "# p11-distrust begin: made anew by `distrust install --system`"
#define END "# p11-distrust end"
#define OURS " p11-distrust"

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
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
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
add_text(struct buffer *out, const char *text, const char *end)
{
	return buffer_add(out, text, strlen(text)) != 0 ||
	       buffer_add(out, end, strlen(end)) != 0 ? -1 : 0;
}

/* The octets up to the end of the line that p begins with. */
static size_t
line_length(const char *p, size_t n)
{
	const char *feed = memchr(p, '\n', n);

	return feed != NULL ? (size_t)(feed + 1 - p) : n;
}

/* Whether a line is this text, whatever ends it. */
static bool
is_line(const char *p, size_t n, const char *text)
{
	size_t length = strlen(text);

	while (n > length && (p[n - 1] == '\n' || p[n - 1] == '\r'))
		n--;
	return n == length && memcmp(p, text, length) == 0;
}

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

static bool
is_ours(const char *p, size_t n)
{
	size_t digits = 0;

	while (digits < n && digits < DIGITS && is_digit(p[digits]))
		digits++;
	return is_line(p, n, BEGIN) || is_line(p, n, END) ||
	       (digits == DIGITS && is_line(p + digits, n - digits, OURS));
}

/* Append what a file says beside our lines. */
static int
add_bare(struct buffer *out, struct bytes content)
{
	const char *p = (const char *)content.p;

	for (size_t left = content.n, n; left > 0; p += n, left -= n) {
		n = line_length(p, left);
		if (!is_ours(p, n) && buffer_add(out, p, n) != 0)
			return -1;
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
		rv = add_text(out, "", "\n");
	if (rv == 0)
		rv = add_text(out, BEGIN, "\n");
	for (size_t i = 0; rv == 0 && i < lines->n / sizeof(*line); i++) {
		if (i == 0 || compare(&line[i - 1], &line[i]) != 0)
			rv = add_text(out, line[i].digits, OURS "\n");
	}
	return rv == 0 ? add_text(out, END, "\n") : -1;
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
	else if (tree_peek(b->path, &b->is, &is_there, fault) == 0 &&
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

