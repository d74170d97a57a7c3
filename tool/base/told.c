/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* One mark for the process: memory ran out while words were made.  That they
 * could not be written, stdio itself remembers. */

#include "base/told.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/fault.h"
#include "tool.h"

static atomic_bool has_lost;

void
told_json(FILE *to, json_t *object, int wrong, size_t flags)
{
	if (object == NULL || wrong != 0 ||
	    (json_dumpf(object, to, flags) != 0 && ferror(to) == 0))
		has_lost = true;
	else
		fputc('\n', to);
	json_decref(object);
}

int
told_all(int status)
{
	struct fault fault = { "" };

	if (has_lost) {
		fault_memory(&fault);
	} else if (fflush(stdout) != 0) {
		fault_errno(&fault, "stdout", "a place to write to");
	} else if (ferror(stdout) != 0) {
		errno = EIO;	/* some time ago */
		fault_errno(&fault, "stdout", "a place to write to");
	}
	if (fault.text[0] == '\0')
		return status;
	fprintf(stderr, "%s\n", fault.text);
	return TOOL_FAILED;
}
