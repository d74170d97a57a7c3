/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Telling what the judge has found of a certificate: to a person, with what
 * to do about it, and to a program.  It knows words; it must not know where
 * the certificate was found.
 */

#ifndef TELL_H
#define TELL_H

#include <stdio.h>

#include <jansson.h>

#include "certificates/judge.h"

/* Two lines, the first indented by two: who it is and what holds of it
 * ("is listed itself"), and which entry of which incident says so. */
void tell_finding(FILE *to, struct bytes der, const char *what,
		  const struct judgement *why);

/* Where somebody stands who has found it. */
enum tell_place { TELL_SERVER, TELL_FILE };

/* What to do, as lines indented by two. */
void tell_advice(FILE *to, const struct judgement *why, enum tell_place place);

/* Who a certificate is, with what was found of it if `why` is not NULL; NULL:
 * out of memory. */
json_t *tell_json(struct bytes der, const char *what,
		  const struct judgement *why);

#endif
