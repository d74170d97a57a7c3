/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* The catalog that is built in: certs/ as `distrust compile --source` wrote
 * it into build/builtin.c.  Its size is in octets. */

#ifndef BUILTIN_H
#define BUILTIN_H

#include <stddef.h>
#include <stdint.h>

extern const uint64_t builtin_catalog[];
extern const size_t builtin_catalog_size;

#endif
