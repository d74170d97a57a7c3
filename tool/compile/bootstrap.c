/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * `distrust compile` alone, for the build: what makes the built-in catalog
 * before there is one.  Takes the options of `distrust compile`.
 */

#include "tool.h"

int
main(int argc, char **argv)
{
	return tool_compile(argc, argv);
}
