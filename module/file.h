/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Catalogs on disk: where they are, who must own them, and their octets.
 * The only file of the module that makes system calls for data.
 */

#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "catalog.h"

enum { FILE_PATH = 1024 };	/* a longer path is no path */

/* A catalog file's octets, mapped or copied; released by file_release(). */
struct file {
	void *base;	/* NULL: there is none */
	size_t size;
	dev_t device;	/* which file it was */
	ino_t inode;
	struct timespec changed;
};

/* The system's catalog. */
const char *file_system_path(void);

/* The user's catalog, or NULL: under AT_SECURE, without a home, or where the
 * path is too long. */
const char *file_user_path(char path[static FILE_PATH]);

/*
 * Take a file's octets if it is a regular file that belongs to root or, for
 * a user's file, to the effective user, and that nobody else may write.
 * False, with file->base NULL, otherwise.
 */
bool file_take(struct file *file, const char *path, bool users);
void file_release(struct file *file);

/* Whether two were the same file in the same state, or neither was taken. */
bool file_is_alike(const struct file *a, const struct file *b);

/* Whether the path (NULL: no file) still leads to what was taken. */
bool file_is_same(const struct file *file, const char *path);

#endif
