/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Preferences as text: prefs.js, user.js and what a machine sets for all.
 * It knows lines, and of JavaScript nothing more. */

#include "install/mozilla.h"

#include <string.h>

/* By it we know our own line again. */
static const char mark[] = "// p11-distrust";

static struct bytes
next_line(struct bytes text, size_t *at)
{
	struct bytes line = { text.p + *at, text.n - *at };
	const uint8_t *end = memchr(line.p, '\n', line.n);

	if (end != NULL)
		line.n = (size_t)(end - line.p) + 1;
	*at += line.n;
	return line;
}

/* What stands behind a word in a line; p NULL where the word does not. */
static struct bytes
behind(struct bytes line, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= line.n; i++) {
		if (memcmp(line.p + i, word, n) == 0)
			return (struct bytes){ line.p + i + n,
					       line.n - i - n };
	}
	return (struct bytes){ NULL, 0 };
}

static bool
is_comment(struct bytes line)
{
	return line.n >= 2 && (memcmp(line.p, "//", 2) == 0 ||
			       memcmp(line.p, "/*", 2) == 0);
}

enum mozilla_pref
mozilla_utility(struct bytes text)
{
	enum mozilla_pref pref = MOZILLA_UNSET;

	for (size_t at = 0; at < text.n;) {
		struct bytes line = next_line(text, &at), value;

		value = behind(line, "\"" MOZILLA_UTILITY "\"");
		if (value.p == NULL || is_comment(line))
			continue;
		pref = behind(value, "true").p != NULL ? MOZILLA_TRUE :
							 MOZILLA_FALSE;
	}
	return pref;
}

int
mozilla_prefs_without(struct bytes text, struct buffer *out)
{
	for (size_t at = 0; at < text.n;) {
		struct bytes line = next_line(text, &at);

		if (behind(line, mark).p == NULL &&
		    buffer_add(out, line.p, line.n) != 0)
			return -1;
	}
	return 0;
}

static int
add_text(struct buffer *out, const char *text)
{
	return buffer_add(out, text, strlen(text));
}

int
mozilla_prefs_with(struct bytes text, const char *line, struct buffer *out)
{
	if (buffer_add(out, text.p, text.n) != 0)
		return -1;
	if (text.n > 0 && text.p[text.n - 1] != '\n' &&
	    add_text(out, "\n") != 0)
		return -1;
	return add_text(out, line) == 0 && add_text(out, " ") == 0 &&
	       add_text(out, mark) == 0 && add_text(out, "\n") == 0 ? 0 : -1;
}
