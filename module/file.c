/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Taking catalogs from disk.  Whatever is wrong with a file, it is as if it
 * were not there: the host process must not notice, and `distrust status`
 * says why.
 */

#define _DEFAULT_SOURCE	/* MAP_ANONYMOUS */

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A file of up to this size is copied, so that truncating it afterwards
 * cannot raise SIGBUS in the host.  A larger one is mapped: nobody but its
 * owner can truncate it, and our tool replaces files by renaming.
 */
enum { COPIED = 256 * 1024 };

#ifndef SYSTEM_CATALOG
#define SYSTEM_CATALOG "/var/lib/p11-distrust/system.catalog"
#endif

const char *
file_system_path(void)
{
	return SYSTEM_CATALOG;
}

/* Not by snprintf(): all that loading the module would need of it would be a
 * fault and 64 KiB of the C library that a small program has no other use
 * for. */
static const char *
join(char path[static FILE_PATH], const char *folder, const char *file)
{
	size_t n = strlen(folder), size = strlen(file) + 1;

	if (size > FILE_PATH || n > FILE_PATH - size)
		return NULL;
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): it follows */
	memcpy(path, folder, n);
	memcpy(path + n, file, size);
	return path;
}

const char *
file_user_path(char path[static FILE_PATH])
{
	const char *data, *home;

	if (getauxval(AT_SECURE) != 0)
		return NULL;
	data = getenv("XDG_DATA_HOME");
	if (data != NULL && data[0] == '/')
		return join(path, data, "/p11-distrust/user.catalog");
	home = getenv("HOME");
	if (home != NULL && home[0] == '/')
		return join(path, home,
			    "/.local/share/p11-distrust/user.catalog");
	return NULL;
}

static bool
may_be_believed(const struct stat *st, bool users)
{
	return S_ISREG(st->st_mode) &&
	       (st->st_uid == 0 || (users && st->st_uid == geteuid())) &&
	       (st->st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
	       (size_t)st->st_size >= sizeof(struct catalog_header) &&
	       (uintmax_t)st->st_size <= SIZE_MAX / 2;
}

/* Reads all of it; false where it is shorter now, or cannot be read. */
static bool
read_all(int fd, uint8_t *to, size_t size)
{
	while (size > 0) {
		ssize_t n = read(fd, to, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		to += n;
		size -= (size_t)n;
	}
	return true;
}

static void *
copy(int fd, size_t size)
{
	void *base = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		return NULL;
	if (!read_all(fd, base, size) || mprotect(base, size, PROT_READ)) {
		munmap(base, size);
		return NULL;
	}
	return base;
}

static void *
map(int fd, size_t size)
{
	void *base = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);

	return base == MAP_FAILED ? NULL : base;
}

/* Not to wait for the writer of a FIFO.  A signal, such as a timer of the
 * host's, must not cost it its protection. */
static int
open_path(const char *path)
{
	int fd;

	do
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	while (fd < 0 && errno == EINTR);
	return fd;
}

bool
file_take(struct file *file, const char *path, bool users)
{
	int fd = -1, saved = errno;
	struct stat st;

	*file = (struct file){ 0 };
	if (path != NULL)
		fd = open_path(path);
	if (fd >= 0 && fstat(fd, &st) == 0 && may_be_believed(&st, users)) {
		file->size = (size_t)st.st_size;
		file->device = st.st_dev;
		file->inode = st.st_ino;
		file->changed = st.st_ctim;
		file->base = file->size <= COPIED ? copy(fd, file->size) :
						    map(fd, file->size);
	}
	if (fd >= 0)
		close(fd);
	errno = saved;
	return file->base != NULL;
}

void
file_release(struct file *file)
{
	if (file->base != NULL)
		munmap(file->base, file->size);
	*file = (struct file){ 0 };
}

bool
file_is_alike(const struct file *a, const struct file *b)
{
	if (a->base == NULL || b->base == NULL)
		return a->base == b->base;
	return a->device == b->device && a->inode == b->inode &&
	       a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec;
}

bool
file_is_same(const struct file *file, const char *path)
{
	int saved = errno;
	struct stat st;
	bool there = path != NULL && stat(path, &st) == 0;

	errno = saved;
	if (!there || file->base == NULL)
		return !there && file->base == NULL;
	return st.st_dev == file->device && st.st_ino == file->inode &&
	       st.st_ctim.tv_sec == file->changed.tv_sec &&
	       st.st_ctim.tv_nsec == file->changed.tv_nsec;
}
