/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A tree of sources: list.ini, an incident.ini and a PEM file, their texts
 * divided by an octet that no text holds.  What the compiler accepts must
 * make a catalog that `distrust verify` finds nothing wrong with.
 */

#define _GNU_SOURCE

#include "../unit/folder.h"
#include "compile/source.h"
#include "compile/writer.h"
#include "fuzz.h"
#include "verify/verify.h"

enum { DIVIDER = 0x1e };

unsigned fuzz_deep;

static uint8_t *octets;
static size_t size;

static int
take(void *arg, const void *p, size_t n)
{
	(void)arg;
	memcpy(octets + size, p, n);
	size += n;
	return 0;
}

static void
try_image(const struct image *image)
{
	size_t whole = (size_t)image->header.size;
	struct fault fault = { "" };
	struct catalog catalog;
	void *p = NULL;

	FUZZ_MUST(posix_memalign(&p, 64, whole) == 0);
	octets = p;
	size = 0;
	writer_octets(image, take, NULL);
	FUZZ_MUST(size == whole);
	FUZZ_MUST(catalog_open(&catalog, octets, size) == 0);
	if (verify_catalog(&catalog, "compiled", &fault) != 0)
		fprintf(stderr, "%s\n", fault.text);
	FUZZ_MUST(fault.text[0] == '\0');
	free(p);
}

static void
try_tree(enum source_kind kind)
{
	struct fault fault = { "" };
	struct tree tree = { .fault = &fault };
	struct records records;
	struct image image;

	FUZZ_MUST(records_begin(&records, &fault) == 0);
	if (source_read(folder, kind, &tree, &records, &fault) == 0) {
		FUZZ_MUST(writer_make(&image, &records) == 0);
		try_image(&image);
		fuzz_deep++;
		writer_free(&image);
	} else {
		FUZZ_MUST(fault.text[0] != '\0');
	}
	records_end(&records);
	tree_free(&tree);
}

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
	try_tree(kind);
	return 0;
}
