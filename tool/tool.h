/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The sub-commands of `distrust`.  Each gets the command line from its own
 * name on and returns the exit status of the process.
 */

#ifndef TOOL_H
#define TOOL_H

enum {
	TOOL_FINE = 0,
	TOOL_FOUND = 1,		/* found, or distrusted */
	TOOL_FAILED = 2,	/* could not do it */
};

int tool_compile(int argc, char **argv);
int tool_filter(int argc, char **argv);
int tool_list(int argc, char **argv);
int tool_show(int argc, char **argv);
int tool_install(int argc, char **argv);
int tool_uninstall(int argc, char **argv);
int tool_status(int argc, char **argv);
int tool_scan(int argc, char **argv);
int tool_version(int argc, char **argv);
int tool_verify(int argc, char **argv);
int tool_audit(int argc, char **argv);
int tool_add(int argc, char **argv);
int tool_remove(int argc, char **argv);
int tool_enable(int argc, char **argv);
int tool_disable(int argc, char **argv);
int tool_apply(int argc, char **argv);
int tool_check(int argc, char **argv);
int tool_import(int argc, char **argv);
int tool_export(int argc, char **argv);
int tool_nss_ask(int argc, char **argv);

#endif
