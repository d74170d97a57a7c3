/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The certificates that a person hands over: a file in PEM or DER, with one
 * or a whole chain, or PKCS #7; or standard input.  In the order in which
 * they stand there.  It knows forms of files; it must not know what is asked
 * of the certificates.
 */

#ifndef CERTIFICATES_H
#define CERTIFICATES_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "catalog.h"

struct certificates {
	struct buffer octets;	/* all DER, one after another */
	struct buffer ends;	/* size_t: where each of them ends */
};

/* Functions return 0, or -1 with a fault. */

/* Append the certificates of a file, "-" being standard input.  A fault if
 * there is none, or one that cannot be read. */
int certificates_read(struct certificates *c, const char *path,
		      struct fault *fault);

/* The same for octets that are there already; `path` names them. */
int certificates_take(struct certificates *c, struct bytes content,
		      const char *path, struct fault *fault);

/* Append one. */
int certificates_add(struct certificates *c, struct bytes der,
		     struct fault *fault);

size_t certificates_count(const struct certificates *c);

/* Good until the next one is appended. */
struct bytes certificates_at(const struct certificates *c, size_t i);

void certificates_free(struct certificates *c);

#endif
