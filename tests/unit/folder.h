/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* A throwaway folder and files in it, gone when the test ends.  It knows
 * paths, and nothing of what is written.  The file that includes this
 * defines _GNU_SOURCE first. */

#ifndef FOLDER_H
#define FOLDER_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog.h"

static char folder[64];

static inline void
folder_must(bool done, const char *what)
{
	if (!done) {
		perror(what);
		abort();
	}
}

static inline void
folder_make(void)
{
	snprintf(folder, sizeof(folder), "/tmp/p11-distrust-test.XXXXXX");
	folder_must(mkdtemp(folder) != NULL, "mkdtemp");
}

static inline int
folder_remove_one(const char *path, const struct stat *st, int type,
		  struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static inline void
folder_remove(void)
{
	nftw(folder, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A path in it; good until the next but three. */
static inline const char *
folder_path(const char *name)
{
	static char paths[4][256];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

/* As the tool writes: beside its place, then renamed. */
static inline void
folder_write(const char *path, struct bytes b, mode_t mode)
{
	char beside[300];
	int fd;

	snprintf(beside, sizeof(beside), "%s.new", path);
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	folder_must(fd >= 0, beside);
	folder_must(write(fd, b.p, b.n) == (ssize_t)b.n, beside);
	folder_must(fchmod(fd, mode) == 0, beside);
	close(fd);
	folder_must(rename(beside, path) == 0, path);
}

#endif
