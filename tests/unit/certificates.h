/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The real certificates of certs/, for tests that run at the top of the
 * tree.  It knows where they are and PEM, and not what they are.
 */

#ifndef CERTIFICATES_H
#define CERTIFICATES_H

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "catalog.h"
#include "compile/x509.h"

static inline void
certificates_read(const char *path, struct buffer *to)
{
	FILE *file = fopen(path, "r");
	char part[4096];
	size_t n;

	if (file == NULL)
		abort();
	while ((n = fread(part, 1, sizeof(part), file)) > 0) {
		if (buffer_add(to, part, n) != 0)
			abort();
	}
	fclose(file);
}

/* Calls visit with each one's DER; how many there were. */
static inline size_t
certificates_visit(void (*visit)(struct bytes der))
{
	glob_t found;
	size_t n;

	if (glob("certs/*/*.pem", 0, NULL, &found) != 0)
		return 0;
	for (n = 0; n < found.gl_pathc; n++) {
		struct buffer pem = { 0 }, der = { 0 };

		certificates_read(found.gl_pathv[n], &pem);
		if (x509_from_pem((struct bytes){ pem.p, pem.n }, &der) !=
		    NULL)
			abort();
		visit((struct bytes){ der.p, der.n });
		buffer_free(&pem);
		buffer_free(&der);
	}
	globfree(&found);
	return n;
}

#endif
