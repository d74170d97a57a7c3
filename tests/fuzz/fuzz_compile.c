/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A tree of sources: list.ini, an incident.ini and a PEM file, their texts
 * divided by an octet that no text holds.  What the compiler accepts must
 * make a catalog that `distrust verify` finds nothing wrong with.
 */

#define _GNU_SOURCE

#include "../unit/folder.h"
#include "compiled.h"
#include "fuzz.h"

enum { DIVIDER = 0x1e };

unsigned fuzz_deep;

/* What stands before the next divider. */
static struct bytes
part(struct bytes *in)
{
	const uint8_t *end = in->n > 0 ? memchr(in->p, DIVIDER, in->n) : NULL;
	struct bytes taken = fuzz_take(in, end != NULL ?
				       (size_t)(end - in->p) : in->n);

	fuzz_octet(in);
	return taken;
}

static void
write_part(const char *name, struct bytes content)
{
	FILE *file = fopen(folder_path(name), "wb");

	folder_must(file != NULL, name);
	fwrite(content.p, 1, content.n, file);
	fclose(file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bytes in = { p, n };
	struct fault fault = { "" };
	struct compiled compiled;
	enum source_kind kind = fuzz_octet(&in) % 2 == 0 ? SOURCE_LIST :
							   SOURCE_LOCAL;

	if (folder[0] == '\0') {
		folder_make();
		atexit(folder_remove);
		FUZZ_MUST(mkdir(folder_path("alpha"), 0700) == 0);
	}
	write_part("list.ini", part(&in));
	write_part("alpha/incident.ini", part(&in));
	write_part("alpha/root.pem", part(&in));
	fuzz_deep += compiled_make(&compiled, folder, kind, &fault);
	compiled_free(&compiled);
	return 0;
}
