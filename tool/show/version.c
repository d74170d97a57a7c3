/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust --version: which program, and which list it has built in.  The
 * hash of the catalog tells lists apart that nobody gave a number.
 */

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/told.h"
#include "builtin.h"
#include "catalog.h"
#include "compile/x509.h"
#include "identity.h"
#include "tool.h"

struct version {
	char tool[8];
	char list[8];
	char date[16];
	char catalog[2 * CATALOG_SHA256 + 1];
};

static int
hash(char hex[static 2 * CATALOG_SHA256 + 1])
{
	struct bytes octets = { (const uint8_t *)builtin_catalog,
				builtin_catalog_size };
	uint8_t digest[CATALOG_SHA256];

	if (x509_sha256(octets, digest) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return 0;
}

static int
find_version(struct version *v)
{
	struct catalog catalog;
	unsigned version, date;

	if (catalog_open(&catalog, builtin_catalog,
			 builtin_catalog_size) != 0)
		return -1;
	version = catalog.header->version;
	date = catalog.header->date;
	snprintf(v->tool, sizeof(v->tool), "%u.%u",
		 (unsigned)(uint8_t)IDENTITY_VERSION_MAJOR,
		 (unsigned)(uint8_t)IDENTITY_VERSION_MINOR);
	snprintf(v->list, sizeof(v->list), "%u.%u", version >> 8 & 0xff,
		 version & 0xff);
	snprintf(v->date, sizeof(v->date), "%04u-%02u-%02u",
		 date / 10000 % 10000, date / 100 % 100, date % 100);
	return hash(v->catalog);
}

static void
tell_program(const struct version *v)
{
	told_json(stdout, json_pack("{s:s, s:s, s:s, s:s}",
				    "version", v->tool, "list", v->list,
				    "date", v->date, "catalog", v->catalog),
		  0, JSON_COMPACT | JSON_PRESERVE_ORDER);
}

int
tool_version(int argc, char **argv)
{
	struct version v;

	if (find_version(&v) != 0) {
		fputs("built-in list: not a catalog; a program that is "
		      "whole\n", stderr);
		return TOOL_FAILED;
	}
	if (argc > 1 && strcmp(argv[1], "--json") == 0)
		tell_program(&v);
	else
		printf("distrust %s\nlist %s of %s\ncatalog %s\n", v.tool, v.list,
	       v.date, v.catalog);
	return TOOL_FINE;
}
