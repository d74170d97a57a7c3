/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* A file that a person named on the command line, or standard input ("-"):
 * all of it, also from a pipe.  It knows no content. */

#ifndef INPUT_H
#define INPUT_H

#include "base/buffer.h"
#include "base/fault.h"

/* Append what it holds.  0, or -1 with a fault; `expected` ends its text. */
int input_read(const char *path, struct buffer *content, const char *expected,
	       struct fault *fault);

#endif
