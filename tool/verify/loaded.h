/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A catalog from a file, for the tool: mapped, opened, and refused in words.
 * It knows files and the header; it must not know what is in the sections.
 */

#ifndef LOADED_H
#define LOADED_H

#include "base/fault.h"
#include "catalog.h"

struct loaded {
	void *base;
	size_t size;
	struct catalog catalog;
};

/* 0, or -1 with a fault. */
int loaded_open(struct loaded *l, const char *path, struct fault *fault);
void loaded_close(struct loaded *l);

#endif
