/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Lists of others, in whatever form they look to have: OneCRL, Chromium's
 * policy and CRLSet, NSS's certdata.txt, p11-kit's files, PEM, digests.
 * What is taken from them is written as sources; the compiler must accept
 * those.  No file is read but these.
 */

#define _GNU_SOURCE

#include "exchange/import.c"

#include "../unit/folder.h"
#include "fuzz.h"

unsigned fuzz_deep;

static void
write_file(const char *name, struct bytes content)
{
	FILE *file = fopen(folder_path(name), "wb");

	folder_must(file != NULL, name);
	fwrite(content.p, 1, content.n, file);
	fclose(file);
}

static void
write_group_here(struct import *im)
{
	const struct import_file *files = im->files.p;
	struct buffer ini = { 0 };
	char name[STATED_NAME + 16];

	FUZZ_MUST(put_heading(im, &ini) == 0);
	FUZZ_MUST(buffer_add(&ini, im->ini.p, im->ini.n) == 0);
	write_file("group/incident.ini", (struct bytes){ ini.p, ini.n });
	buffer_free(&ini);
	for (size_t i = 0; i < im->files.n / sizeof(*files); i++) {
		snprintf(name, sizeof(name), "group/%s", files[i].name);
		write_file(name, (struct bytes){ files[i].pem.p,
						 files[i].pem.n });
	}
}

static void
remove_files(const struct import *im)
{
	const struct import_file *files = im->files.p;
	char name[STATED_NAME + 16];

	for (size_t i = 0; i < im->files.n / sizeof(*files); i++) {
		snprintf(name, sizeof(name), "group/%s", files[i].name);
		remove(folder_path(name));
	}
}

/* The compiler's word on what was imported. */
static void
try_sources(struct import *im)
{
	struct fault fault = { "" };
	struct tree tree = { .fault = &fault };
	struct records records;

	write_group_here(im);
	FUZZ_MUST(records_begin(&records, &fault) == 0);
	if (source_read(folder, SOURCE_LOCAL, &tree, &records, &fault) != 0)
		fprintf(stderr, "%s\n", fault.text);
	FUZZ_MUST(fault.text[0] == '\0');
	FUZZ_MUST(records_entries(&records) == im->count);
	fuzz_deep++;
	records_end(&records);
	tree_free(&tree);
	remove_files(im);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bytes in = { p, n };
	struct fault fault = { "" };
	struct import im = {
		.fault = &fault, .reason = "distrusted-ca",
		.knows_others = true,
	};
	uint8_t options = fuzz_octet(&in);

	if (folder[0] == '\0') {
		folder_make();
		atexit(folder_remove);
		FUZZ_MUST(mkdir(folder_path("group"), 0700) == 0);
	}
	im.options.by_key = options & 1;
	im.options.usage = options & 2 ? CATALOG_USAGE_SERVER : 0;
	/* As from a file: an empty one has octets too. */
	if (in.n == 0)
		in = nothing;
	if (read_content(&im, in, "input") == 0 && im.count > 0)
		try_sources(&im);
	import_free(&im);
	return 0;
}
