/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Whether all that was to be told has been told: a command that could not
 * make or write its words has failed, whatever came of its work.  It knows
 * streams and JSON; it must not know what is told.  Any thread.
 */

#ifndef TOLD_H
#define TOLD_H

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

/* Print an object and the end of the line, and free it.  Where it is NULL, or
 * was not made in full (wrong: what the calls that made it returned, or-ed),
 * words are lost. */
void told_json(FILE *to, json_t *object, int wrong, size_t flags);

/* The exit status of the process whose work ended with this one: 2, and a
 * line on stderr, if words were lost. */
int told_all(int status);

#endif
