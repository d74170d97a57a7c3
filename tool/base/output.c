/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Atomic replacement of a file.  It must never truncate one in place: a
 * running process may have it mapped. */

#include "base/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whoever writes such a file holds a lock on it: one without is what a run
 * that was killed has left. */
#define ALNUM \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define INFIX ".distrust-"
#define SUFFIX INFIX "XXXXXX"

/* ---- Locks ------------------------------------------------------------- */

/* False where somebody else has it, or there are no locks. */
static bool
lock(int fd)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_SETLK, &all) == 0;
}

/* ---- What older runs have left ------------------------------------------ */

bool
output_is_temporary(const char *name)
{
	const size_t n = strlen(name), suffix = sizeof(SUFFIX) - 1;
	const size_t infix = sizeof(INFIX) - 1;

	return n > suffix && strspn(name + n - suffix + infix, ALNUM) ==
			     suffix - infix &&
	       memcmp(name + n - suffix, INFIX, infix) == 0;
}

static bool
is_temporary_of(const char *name, const char *base)
{
	const size_t n = strlen(base);

	return output_is_temporary(name) && strncmp(name, base, n) == 0 &&
	       strlen(name + n) == sizeof(SUFFIX) - 1;
}

static void
remove_if_left(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC |
				      O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && st.st_nlink == 1 && lock(fd))
		unlinkat(folder, name, 0);
	close(fd);
}

void
output_remove_left(const char *path)
{
	char *copy = strdup(path);
	char *slash = copy == NULL ? NULL : strrchr(copy, '/');
	const char *base = slash == NULL ? path : slash + 1;
	const struct dirent *d;
	DIR *folder;

	if (slash != NULL)
		*slash = '\0';
	folder = opendir(slash == NULL ? "." : slash == copy ? "/" : copy);
	while (copy != NULL && folder != NULL && (d = readdir(folder)) != NULL) {
		if (is_temporary_of(d->d_name, base))
			remove_if_left(dirfd(folder), d->d_name);
	}
	if (folder != NULL)
		closedir(folder);
	free(copy);
}

/* ---- Writing ------------------------------------------------------------ */

/* Another run may take a file for left before it is locked; it is then no
 * longer there. */
static int
make_locked(char *template)
{
	const size_t end = strlen(template) - 6;
	struct stat st;
	int fd;

	for (unsigned tries = 0; tries < 100; tries++) {
		memset(template + end, 'X', 6);
		fd = mkstemp(template);
		if (fd < 0)
			return -1;
		(void)lock(fd);
		if (fstat(fd, &st) == 0 && st.st_nlink > 0)
			return fd;
		close(fd);
	}
	errno = EAGAIN;
	return -1;
}

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
	fd = make_locked(o->temporary);
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
	output_remove_left(path);
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

/* On the disk before it takes the old one's place; and in its place before it
 * is closed, which would unlock it. */
static int
finish(struct output *o)
{
	int fd = fileno(o->file);

	if (ferror(o->file) != 0 || fflush(o->file) != 0 ||
	    (!o->has_mode && set_mode(fd) != 0) || fsync(fd) != 0)
		return -1;
	return rename(o->temporary, o->path);
}

int
output_commit(struct output *o, struct fault *fault)
{
	if (finish(o) != 0) {
		fault_errno(fault, o->path, "a file written in full");
		output_abandon(o);
		return -1;
	}
	fclose(o->file);
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
