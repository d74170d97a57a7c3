/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Atomic replacement of a file.  It must never truncate one in place: a
 * running process may have it mapped. */

#include "base/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".XXXXXX"

static int
open_temporary(struct output *o)
{
	size_t n = strlen(o->path);
	int fd;

	o->temporary = malloc(n + sizeof(SUFFIX));
	if (o->temporary == NULL)
		return -1;
	memcpy(o->temporary, o->path, n);
	memcpy(o->temporary + n, SUFFIX, sizeof(SUFFIX));
	fd = mkstemp(o->temporary);
	if (fd < 0)
		return -1;
	o->file = fdopen(fd, "wb");
	if (o->file != NULL)
		return 0;
	close(fd);
	unlink(o->temporary);
	return -1;
}

int
output_begin(struct output *o, const char *path, struct fault *fault)
{
	*o = (struct output){ .path = path };
	if (open_temporary(o) == 0)
		return 0;
	fault_errno(fault, path, "a place to write to");
	free(o->temporary);
	*o = (struct output){ 0 };
	return -1;
}

/* mkstemp() made it for the owner alone; give it the mode of a new file. */
static int
set_mode(int fd)
{
	mode_t mask = umask(0);

	umask(mask);
	return fchmod(fd, 0666 & ~mask);
}

/* On the disk before it takes the old one's place. */
static int
finish(FILE *file)
{
	if (ferror(file) != 0 || fflush(file) != 0)
		return -1;
	return set_mode(fileno(file)) == 0 && fsync(fileno(file)) == 0 ? 0 : -1;
}

int
output_commit(struct output *o, struct fault *fault)
{
	int finished = finish(o->file);
	int error = errno;

	if (fclose(o->file) != 0 && finished == 0) {
		finished = -1;
		error = errno;
	}
	o->file = NULL;
	if (finished == 0 && rename(o->temporary, o->path) != 0) {
		finished = -1;
		error = errno;
	}
	if (finished != 0) {
		errno = error;
		fault_errno(fault, o->path, "a file written in full");
		output_abandon(o);
		return -1;
	}
	free(o->temporary);
	*o = (struct output){ 0 };
	return 0;
}

void
output_abandon(struct output *o)
{
	if (o->file != NULL)
		fclose(o->file);
	if (o->temporary != NULL)
		unlink(o->temporary);
	free(o->temporary);
	*o = (struct output){ 0 };
}
