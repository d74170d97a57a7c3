/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Findings and the exceptions that explain them: how both are written.  It
 * must not know what is looked for.
 */

#include "audit/audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/tree.h"

struct audit_exception {
	struct section stated;
	bool used;
};

/* ---- Exceptions -------------------------------------------------------- */

static const struct section_key exception_keys[] = {
	{ "check", KEY_REQUIRED },
	{ "entry", KEY_REQUIRED | KEY_REPEATED },
	{ "source", KEY_REPEATED },
	{ "reason", KEY_REQUIRED },
};

static const struct section_kind exception_kinds[] = {
	{ "exception", true, exception_keys,
	  sizeof(exception_keys) / sizeof(*exception_keys) },
};

static int
take_exception(void *arg, const struct section *section)
{
	struct audit *a = arg;
	struct audit_exception e = { .used = false };

	if (audit_copy_section(&e.stated, section) != 0)
		return fault_memory(a->fault);
	if (buffer_add(&a->exceptions, &e, sizeof(e)) == 0)
		return 0;
	audit_free_section(&e.stated);
	return fault_memory(a->fault);
}

int
audit_read_exceptions(struct audit *a, const char *path)
{
	struct tree tree = { .fault = a->fault };
	struct buffer content = { 0 };
	int rv = -1;

	if (tree_read(&tree, path, &content) == 0)
		rv = sections_read(path, (struct bytes){ content.p, content.n },
				   exception_kinds, 1, take_exception, a,
				   a->fault);
	buffer_free(&content);
	tree_free(&tree);
	return rv;
}

void
audit_free_exceptions(struct audit *a)
{
	struct audit_exception *e = a->exceptions.p;

	for (size_t i = 0; i < a->exceptions.n / sizeof(*e); i++)
		audit_free_section(&e[i].stated);
	buffer_free(&a->exceptions);
}

/* Whether a key has this value; `absent` where the key is not there. */
static bool
says(const struct section *s, const char *key, const char *value, bool absent)
{
	if (section_find(s, key) == NULL || value == NULL)
		return absent;
	for (size_t i = 0; i < section_count(s); i++) {
		const struct section_value *v = section_at(s, i);

		if (strcmp(section_key(s, v), key) == 0 &&
		    strcmp(section_text(s, v), value) == 0)
			return true;
	}
	return false;
}

/* The reason, or NULL. */
static const char *
explain(struct audit *a, const char *id, const char *check, const char *source)
{
	struct audit_exception *e = a->exceptions.p;

	for (size_t i = 0; i < a->exceptions.n / sizeof(*e); i++) {
		const struct section *s = &e[i].stated;

		if (!says(s, "check", check, false) ||
		    !says(s, "entry", id, false) ||
		    !says(s, "source", source, true))
			continue;
		e[i].used = true;
		return section_text(s, section_find(s, "reason"));
	}
	return NULL;
}

void
audit_unused_exceptions(const struct audit *a)
{
	const struct audit_exception *e = a->exceptions.p;

	for (size_t i = 0; i < a->exceptions.n / sizeof(*e); i++) {
		if (!e[i].used)
			printf("  not needed here: [exception %s]\n",
			       e[i].stated.name);
	}
}

/* ---- Findings ---------------------------------------------------------- */

void
audit_find(struct audit *a, const struct audit_item *item, const char *check,
	   const char *source, const char *format, ...)
{
	const char *reason = explain(a, item->id, check, source);
	va_list args;

	printf("  %s%s:%u: %s: ", reason != NULL ? "meant: " : "",
	       item->path, item->stated.line, item->id);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	if (reason != NULL)
		printf("\n    because: %s", reason);
	else
		a->findings++;
	putchar('\n');
}

void
audit_find_beside(struct audit *a, const char *format, ...)
{
	va_list args;

	printf("  ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	a->findings++;
}

const char *
audit_hex(struct bytes b)
{
	static char texts[4][2 * 64 + 1];
	static unsigned next;
	char *text = texts[next++ % 4];

	text[0] = '\0';
	for (size_t i = 0; i < b.n && i < 64; i++)
		snprintf(text + 2 * i, 3, "%02x", b.p[i]);
	return text;
}
