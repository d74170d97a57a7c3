/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* The forms of values.  None of these asks the locale or the clock. */

#include "base/text.h"

#include <string.h>

/* ---- Dates ------------------------------------------------------------ */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static uint32_t
days_in(uint32_t year, uint32_t month)
{
	static const uint8_t days[12] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

uint32_t
text_date(const char *text)
{
	static const char form[] = "dddd-dd-dd";
	uint32_t date = 0, year, month, day;

	if (strlen(text) != sizeof(form) - 1)
		return 0;
	for (size_t i = 0; form[i] != '\0'; i++) {
		if (form[i] != 'd' ? text[i] != form[i] : !is_digit(text[i]))
			return 0;
		if (form[i] == 'd')
			date = date * 10 + (uint32_t)(text[i] - '0');
	}
	year = date / 10000;
	month = date / 100 % 100;
	day = date % 100;
	if (year == 0 || month < 1 || month > 12 || day < 1 ||
	    day > days_in(year, month))
		return 0;
	return date;
}

/* ---- Octets ----------------------------------------------------------- */

/* The value of a digit; 64 if it is none. */
static uint32_t
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (uint32_t)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (uint32_t)(c - 'A') + 10;
	return 64;
}

static uint32_t
base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint32_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint32_t)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0') + 52;
	return c == '+' ? 62 : c == '/' ? 63 : 64;
}

int
text_hex(const char *text, struct buffer *octets)
{
	size_t n = strlen(text);
	uint8_t *out;

	if (n % 2 != 0)
		return 1;
	for (size_t i = 0; i < n; i++) {
		if (hex_digit(text[i]) == 64)
			return 1;
	}
	out = buffer_grow(octets, n / 2);
	if (out == NULL)
		return -1;
	for (size_t i = 0; i < n / 2; i++)
		out[i] = (uint8_t)(hex_digit(text[2 * i]) << 4 |
				   hex_digit(text[2 * i + 1]));
	return 0;
}

/* Four characters to one to three octets: how many, 0 if they are wrong. */
static size_t
base64_group(const char *text, uint8_t out[3])
{
	size_t pads = text[3] != '=' ? 0 : text[2] != '=' ? 1 : 2;
	uint32_t bits = 0;

	for (size_t i = 0; i < 4; i++) {
		uint32_t digit = i < 4 - pads ? base64_digit(text[i]) : 0;

		if (digit == 64)
			return 0;
		bits = bits << 6 | digit;
	}
	if ((bits & ((1u << 8 * pads) - 1)) != 0)
		return 0;
	for (size_t i = 0; i < 3; i++)
		out[i] = (uint8_t)(bits >> (16 - 8 * i));
	return 3 - pads;
}

int
text_base64(const char *text, struct buffer *octets)
{
	size_t n = strlen(text);

	if (n % 4 != 0)
		return 1;
	for (size_t i = 0; i < n; i += 4) {
		uint8_t out[3];
		size_t count = base64_group(text + i, out);

		if (count == 0 || (count < 3 && i + 4 < n))
			return 1;
		if (buffer_add(octets, out, count) != 0)
			return -1;
	}
	return 0;
}

/* ---- Names and words -------------------------------------------------- */

bool
text_is_name(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	return text[0] != '\0' && text[strspn(text, allowed)] == '\0';
}

bool
text_is_country(const char *text)
{
	static const char codes[] =
		"AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE "
		"BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD "
		"CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM "
		"DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF "
		"GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU "
		"ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN "
		"KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME "
		"MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA "
		"NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
		"PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI "
		"SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK "
		"TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
		"VN VU WF WS YE YT ZA ZM ZW ";

	for (const char *p = codes; *p != '\0'; p += 3) {
		if (strlen(text) == 2 && memcmp(p, text, 2) == 0)
			return true;
	}
	return false;
}

uint32_t
text_bit(const struct text_word *words, size_t count, const char *word,
	 size_t n)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(words[i].word) == n &&
		    memcmp(words[i].word, word, n) == 0)
			return words[i].bit;
	}
	return 0;
}

/* ---- UTF-8 ------------------------------------------------------------ */

/* The octets of the character at p, 0 if there is none (RFC 3629 4). */
static size_t
utf8_length(const uint8_t *p, size_t n)
{
	size_t length = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 :
			p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

	if (length == 0 || length > n)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return length;
}

bool
text_is_utf8(const void *p, size_t n)
{
	const uint8_t *octets = p;
	size_t length;

	for (size_t i = 0; i < n; i += length) {
		length = utf8_length(octets + i, n - i);
		if (length == 0)
			return false;
	}
	return true;
}

bool
text_has_control(const void *p, size_t n)
{
	const uint8_t *octets = p;

	for (size_t i = 0; i < n; i++) {
		if ((octets[i] < 0x20 && octets[i] != '\t') ||
		    octets[i] == 0x7f)
			return true;
	}
	return false;
}
