/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Short words for tables of entries, whose rows are to fit a line: flags, and
 * the string types of names.
 */

#ifndef FLAGS_H
#define FLAGS_H

#include "catalog.h"

enum { UTF8 = 0x0c, PRINTABLE = 0x13 };

enum {
	CERTIFICATE = CATALOG_MATCH_CERTIFICATE,
	NAME = CATALOG_MATCH_NAME,
	KEY = CATALOG_MATCH_KEY,
	SERVER = CATALOG_USAGE_SERVER,
	EMAIL = CATALOG_USAGE_EMAIL,
	ALL = CATALOG_USAGE_ALL,
	CA = CATALOG_IS_CA,
};

#endif
