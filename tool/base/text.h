/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Values as a person writes them: dates, hex, base64, words, names, UTF-8.
 * It knows each form and accepts nothing else; it must not know keys.
 * Pure functions; any thread.
 */

#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* YYYY-MM-DD, a day of the calendar, as decimal YYYYMMDD; 0 if it is not. */
uint32_t text_date(const char *text);

/* Append the octets of hex or base64 (RFC 4648 4, padded, no unused bits
 * set).  0; 1: not of this form; -1: out of memory. */
int text_hex(const char *text, struct buffer *octets);
int text_base64(const char *text, struct buffer *octets);

/* Whether [a-z0-9-]+ matches. */
bool text_is_name(const char *text);

/* Whether it is an assigned ISO 3166-1 alpha-2 code. */
bool text_is_country(const char *text);

/* Whether n octets are UTF-8 (RFC 3629); whether one of them is a control
 * character other than a tab. */
bool text_is_utf8(const void *p, size_t n);
bool text_has_control(const void *p, size_t n);

/* The bit of a word of a table, 0 where it has none of that name. */
struct text_word {
	const char *word;
	uint32_t bit;
};
uint32_t text_bit(const struct text_word *words, size_t count,
		  const char *word, size_t n);

#endif
