/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Lists of others, in whatever form they look to have: OneCRL, Chromium's
 * policy and CRLSet, NSS's certdata.txt, p11-kit's files, PEM, digests.
 * What is taken from them is written as sources; the compiler must accept
 * those.  What it makes of them is exported in each form that can be imported,
 * and must come back from it.  No file is read but these.
 */

#define _GNU_SOURCE

#include "exchange/import.c"

#include "../unit/folder.h"
#include "compiled.h"
#include "exchange/export.h"
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
compile_import(struct compiled *c, struct import *im)
{
	struct fault fault = { "" };

	write_group_here(im);
	if (!compiled_make(c, folder, SOURCE_LOCAL, &fault))
		fprintf(stderr, "%s\n", fault.text);
	FUZZ_MUST(fault.text[0] == '\0');
	FUZZ_MUST(catalog_entries(&c->catalog) == im->count);
	remove_files(im);
}

/* ---- There and back ---------------------------------------------------- */

static bool
is_known_alike(struct bytes a, struct bytes b)
{
	return a.n > 0 && bytes_equal(a, b);
}

/* The same rule on the same thing, for the same usages at least. */
static bool
is_same_rule(const struct catalog *a, const struct catalog_entry *e,
	     const struct catalog *b, const struct catalog_entry *f,
	     uint32_t rule)
{
	const uint32_t wanted = rule | (e->flags & CATALOG_USAGE_ALL);

	if ((f->flags & wanted) != wanted)
		return false;
	if (rule == CATALOG_MATCH_KEY)
		return is_known_alike(
			catalog_fixed(a, e->spki_sha256, CATALOG_SHA256),
			catalog_fixed(b, f->spki_sha256, CATALOG_SHA256));
	return is_known_alike(catalog_fixed(a, e->sha256, CATALOG_SHA256),
			      catalog_fixed(b, f->sha256, CATALOG_SHA256)) ||
	       (is_known_alike(catalog_bytes(a, e->issuer),
			       catalog_bytes(b, f->issuer)) &&
		is_known_alike(catalog_bytes(a, e->serial),
			       catalog_bytes(b, f->serial)));
}

static bool
has_rule(const struct catalog *back, const struct catalog *c,
	 const struct catalog_entry *e, uint32_t rule)
{
	for (uint32_t i = 0; i < catalog_entries(back); i++) {
		if (is_same_rule(c, e, back, catalog_entry(back, i), rule))
			return true;
	}
	return false;
}

/* What the form said of entry i: CATALOG_MATCH_*. */
static uint32_t
export_entry(struct export *x, const struct export_form *form, uint32_t i)
{
	const struct catalog_entry *e = catalog_entry(x->catalog, i);
	uint32_t said = 0;

	if (e->after == 0 || form->can & EXPORT_AFTER)
		said = form->entry(x, e);
	x->count += said != 0;
	return said;
}

enum { ENTRIES = 64 };

static void
try_back(const struct catalog *c, const uint32_t said[static ENTRIES],
	 struct bytes text)
{
	struct fault fault = { "" };
	struct import im = {
		.fault = &fault, .reason = "distrusted-ca",
		.knows_others = true,
	};
	struct compiled back;

	/* Some forms mean servers unless one says more. */
	im.options.usage = CATALOG_USAGE_ALL;
	if (read_content(&im, text, "exported") != 0)
		fprintf(stderr, "%s\n", fault.text);
	FUZZ_MUST(fault.text[0] == '\0');
	compile_import(&back, &im);
	for (uint32_t i = 0; i < catalog_entries(c); i++) {
		const struct catalog_entry *e = catalog_entry(c, i);

		if (said[i] & CATALOG_MATCH_CERTIFICATE)
			FUZZ_MUST(has_rule(&back.catalog, c, e,
					   CATALOG_MATCH_CERTIFICATE));
		if (said[i] & CATALOG_MATCH_KEY)
			FUZZ_MUST(has_rule(&back.catalog, c, e,
					   CATALOG_MATCH_KEY));
	}
	compiled_free(&back);
	import_free(&im);
}

static void
try_form(const struct catalog *c, const struct export_form *form)
{
	char *text = NULL;
	uint32_t said[ENTRIES];
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	struct export x = { .out = out, .catalog = c };

	FUZZ_MUST(out != NULL);
	if (form->begin != NULL)
		form->begin(&x);
	for (uint32_t i = 0; i < catalog_entries(c); i++)
		said[i] = export_entry(&x, form, i);
	if (form->end != NULL)
		form->end(&x);
	FUZZ_MUST(fclose(out) == 0);
	if (x.count > 0)
		try_back(c, said, (struct bytes){ (uint8_t *)text, n });
	free(text);
}

/* ---- The target -------------------------------------------------------- */

static void
try_sources(struct import *im)
{
	static const struct export_form *const forms[] = {
		&export_certdata, &export_p11kit, &export_onecrl,
		&export_digests, &export_jdk, &export_pem,
	};
	struct compiled compiled;

	compile_import(&compiled, im);
	fuzz_deep++;
	if (catalog_entries(&compiled.catalog) <= ENTRIES) {
		for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
			try_form(&compiled.catalog, forms[i]);
	}
	compiled_free(&compiled);
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
