/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The list as a file in p11-kit's persistence format (".p11-kit"), for the
 * folders whose content p11-kit-trust distrusts: what reaches programs that
 * see p11-kit's own module alone, as those in a Flatpak do.  It knows the
 * format; it must not know where the file goes.
 */

#ifndef DROPIN_H
#define DROPIN_H

#include "base/buffer.h"
#include "certificates/findings.h"
#include "certificates/judge.h"

/* Append all that the lists distrust for servers, and what was found here.
 * Names and keys of no known certificate cannot be said.  0, or -1: out of
 * memory. */
int dropin_write(const struct judge *judge, const struct findings *findings,
		 struct buffer *out);

#endif
