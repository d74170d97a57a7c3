/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Words for a person. */

#include "show/describe.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/words.h"
#include "compile/x509.h"

#define COLUMNS 78

/* ---- Text ------------------------------------------------------------- */

/* Octets of a character that may be printed as it is; 0 for a control
 * character, or what is not UTF-8. */
static size_t
printable(const uint8_t *p, size_t n)
{
	/* C1 controls: U+0080 to U+009F. */
	if (text_has_control(p, 1) || *p == '\t' ||
	    (n > 1 && p[0] == 0xc2 && p[1] < 0xa0))
		return 0;
	for (size_t length = 1; length <= 4 && length <= n; length++) {
		if (text_is_utf8(p, length))
			return length;
	}
	return 0;
}

void
describe_text(FILE *to, struct bytes text)
{
	size_t length;

	for (size_t i = 0; i < text.n; i += length) {
		length = printable(text.p + i, text.n - i);
		if (length > 0) {
			fwrite(text.p + i, 1, length, to);
		} else {
			fputc('?', to);
			length = 1;
		}
	}
}

/* Columns that text takes: a character each. */
static size_t
width(struct bytes text)
{
	size_t columns = 0;

	for (size_t i = 0; i < text.n; i++)
		columns += (text.p[i] & 0xc0) != 0x80;
	return columns;
}

static struct bytes
take_word(struct bytes *text)
{
	const uint8_t *end = memchr(text->p, ' ', text->n);
	size_t n = end != NULL ? (size_t)(end - text->p) : text->n;
	struct bytes word = { text->p, n };

	n += end != NULL;
	text->p += n;
	text->n -= n;
	return word;
}

void
describe_wrapped(FILE *to, struct bytes text, size_t column)
{
	size_t at = column;

	while (text.n > 0) {
		struct bytes word = take_word(&text);

		if (at > column && at + 1 + width(word) > COLUMNS) {
			fprintf(to, "\n%*s", (int)column, "");
			at = column;
		} else if (at > column) {
			fputc(' ', to);
			at++;
		}
		describe_text(to, word);
		at += width(word);
	}
	fputc('\n', to);
}

void
describe_hex(FILE *to, struct bytes octets)
{
	for (size_t i = 0; i < octets.n; i++)
		fprintf(to, "%02x", octets.p[i]);
}

void
describe_date(FILE *to, uint32_t date)
{
	if (date == 0)
		fprintf(to, "%10s", "");
	else
		fprintf(to, "%04u-%02u-%02u", (unsigned)date / 10000,
			(unsigned)date / 100 % 100, (unsigned)date % 100);
}

/* ---- Names ------------------------------------------------------------ */

int
describe_name(struct bytes der, struct buffer *text)
{
	return der.n == 0 ? 0 : x509_name_text(der, text);
}

void
describe_print_name(FILE *to, struct bytes der)
{
	struct buffer text = { 0 };

	if (describe_name(der, &text) == 0 && text.n > 0)
		describe_text(to, (struct bytes){ text.p, text.n });
	else if (der.n > 0)
		fputc('?', to);
	buffer_free(&text);
}

/* ---- Reasons ---------------------------------------------------------- */

static const struct {
	const char *word;
	const char *heading;
} reasons[DESCRIBE_REASONS] = {
	{ "state-interception", N_("Interception by a state") },
	{ "interception", N_("Interception by others") },
	{ "leaked-key", N_("Private keys that became public") },
	{ "compromised-ca", N_("Authorities that were broken into") },
	{ "misissuance", N_("Certificates that should not have been issued") },
	{ "distrusted-ca", N_("Authorities that browsers distrust") },
	{ "removed-ca", N_("Authorities that browsers removed") },
	{ "state-ca", N_("Authorities of states") },
	{ "vendor-ca", N_("Authorities of vendors") },
	{ "", N_("Other reasons") },
};

const char *
describe_heading(size_t place)
{
	return reasons[place].heading;
}

size_t
describe_reason(struct bytes reason)
{
	for (size_t i = 0; i < DESCRIBE_REASONS - 1; i++) {
		if (strlen(reasons[i].word) == reason.n &&
		    memcmp(reasons[i].word, reason.p, reason.n) == 0)
			return i;
	}
	return DESCRIBE_REASONS - 1;
}

/* ---- Terminals -------------------------------------------------------- */

struct describe_style
describe_style(bool colour)
{
	static const struct describe_style none = { "", "", "", "", "" };
	static const struct describe_style ansi = {
		"\033[1m", "\033[2m", "\033[31m", "\033[33m", "\033[0m"
	};

	return colour ? ansi : none;
}

/* NO_COLOR: no-color.org. */
bool
describe_is_terminal(void)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) != 0 &&
	       (no_colour == NULL || no_colour[0] == '\0') &&
	       terminal != NULL && strcmp(terminal, "dumb") != 0;
}
