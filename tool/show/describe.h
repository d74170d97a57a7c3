/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What a catalog says, in words for a person and in JSON for programs.  It
 * knows entries and groups; it must not know where a catalog came from.
 * Whatever the octets are, nothing that it prints can steer a terminal.
 */

#ifndef DESCRIBE_H
#define DESCRIBE_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "base/buffer.h"
#include "catalog.h"

/* Append a DER Name as RFC 2253 writes it, in UTF-8; nothing if it is none.
 * 0, or -1: out of memory. */
int describe_name(struct bytes der, struct buffer *text);

/* Print text; octets as hex digits; a name, "?" if it cannot be read. */
void describe_text(FILE *to, struct bytes text);
void describe_hex(FILE *to, struct bytes octets);
void describe_print_name(FILE *to, struct bytes der);

/* Print text in lines of at most 78 columns, the first one from `column` on,
 * the others indented as much. */
void describe_wrapped(FILE *to, struct bytes text, size_t column);

/* Print YYYY-MM-DD of a decimal YYYYMMDD; ten blanks for 0. */
void describe_date(FILE *to, uint32_t date);

/* The heading for a group's reason, and its place among headings. */
#define DESCRIBE_REASONS 10
const char *describe_heading(size_t place);
size_t describe_reason(struct bytes reason);

/* Switches for a terminal; empty strings where `colour` is false. */
struct describe_style {
	const char *bold, *dim, *red, *yellow, *plain;
};
struct describe_style describe_style(bool colour);

/* Whether stdout is a terminal whose user has not asked for no colours. */
bool describe_is_terminal(void);

/* A group with some of its entries; NULL: out of memory.  The caller owns
 * what it gets. */
json_t *describe_json(const struct catalog *c, uint32_t group,
		      const uint32_t *entries, uint32_t count);

/* A whole list of such groups: its version and date.  Takes `groups`. */
json_t *describe_json_list(const struct catalog *c, json_t *groups);

#endif
