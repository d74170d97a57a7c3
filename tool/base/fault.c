/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* One fault's text.  It knows how a fault is worded, not what went wrong. */

#include "base/fault.h"
#include "base/words.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* A name or value out of a file must not steer the reader's terminal. */
static void
drop_controls(char *text)
{
	for (char *p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	}
}

int
fault_at(struct fault *f, const char *path, unsigned line, const char *format,
	 ...)
{
	const size_t size = sizeof(f->text);
	size_t used;
	va_list args;

	if (f->text[0] != '\0')
		return -1;
	if (line != 0)
		snprintf(f->text, size, "%s:%u: ", path, line);
	else
		snprintf(f->text, size, "%s: ", path);
	used = strlen(f->text);
	va_start(args, format);
	vsnprintf(f->text + used, size - used, _(format), args);
	va_end(args);
	drop_controls(f->text);
	return -1;
}

int
fault_errno(struct fault *f, const char *path, const char *expected)
{
	return fault_at(f, path, 0, "%s; %s", strerror(errno),
			_(expected));
}

int
fault_memory(struct fault *f)
{
	if (f->text[0] == '\0')
		snprintf(f->text, sizeof(f->text), "%s",
			 _("out of memory; more memory or a smaller list"));
	return -1;
}
