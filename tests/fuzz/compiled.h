/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A folder of sources, compiled into memory.  What the compiler refuses it
 * says why; what it accepts is a catalog that `distrust verify` finds nothing
 * wrong with.  It knows the compiler, and nothing of where the sources come
 * from.
 */

#ifndef COMPILED_H
#define COMPILED_H

#include "compile/source.h"
#include "compile/writer.h"
#include "fuzz.h"
#include "verify/verify.h"

struct compiled {
	struct catalog catalog;
	uint8_t *octets;	/* its bytes, aligned to 64 */
	size_t size;
};

static inline int
compiled_take(void *arg, const void *p, size_t n)
{
	struct compiled *c = arg;

	memcpy(c->octets + c->size, p, n);
	c->size += n;
	return 0;
}

static inline void
compiled_open(struct compiled *c, const struct image *image)
{
	size_t whole = (size_t)image->header.size;
	struct fault fault = { "" };
	void *p = NULL;

	FUZZ_MUST(posix_memalign(&p, 64, whole) == 0);
	*c = (struct compiled){ .octets = p };
	writer_octets(image, compiled_take, c);
	FUZZ_MUST(c->size == whole);
	FUZZ_MUST(catalog_open(&c->catalog, c->octets, c->size) == 0);
	if (verify_catalog(&c->catalog, "compiled", &fault) != 0)
		fprintf(stderr, "%s\n", fault.text);
	FUZZ_MUST(fault.text[0] == '\0');
}

/* False where the compiler refuses the folder, and then fault has words. */
static inline bool
compiled_make(struct compiled *c, const char *from, enum source_kind kind,
	      struct fault *fault)
{
	struct tree tree = { .fault = fault };
	struct records records;
	struct image image;
	bool accepted;

	*c = (struct compiled){ .octets = NULL };
	FUZZ_MUST(records_begin(&records, fault) == 0);
	accepted = source_read(from, kind, &tree, &records, fault) == 0;
	if (accepted) {
		FUZZ_MUST(writer_make(&image, &records) == 0);
		compiled_open(c, &image);
		writer_free(&image);
	}
	FUZZ_MUST(accepted == (fault->text[0] == '\0'));
	records_end(&records);
	tree_free(&tree);
	return accepted;
}

static inline void
compiled_free(struct compiled *c)
{
	free(c->octets);
	*c = (struct compiled){ .octets = NULL };
}

#endif
