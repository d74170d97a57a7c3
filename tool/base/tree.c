/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Folders and files.  A FIFO or a device is opened without waiting for its
 * other end, looked at, and refused. */

#include "base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
remember(struct tree *t, const char *path)
{
	if (buffer_add(&t->paths, path, strlen(path) + 1) != 0)
		return fault_memory(t->fault);
	return 0;
}

int
tree_kind(struct tree *t, const char *path, enum tree_kind *kind)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		*kind = TREE_ABSENT;
		return errno == ENOENT ? 0 : fault_errno(t->fault, path,
						"a file or a folder");
	}
	*kind = S_ISREG(st.st_mode) ? TREE_FILE :
		S_ISDIR(st.st_mode) ? TREE_FOLDER : TREE_OTHER;
	return 0;
}

/* ---- Folders ---------------------------------------------------------- */

static int
compare_names(const void *left, const void *right)
{
	const struct tree_name *a = left, *b = right;

	return strcmp(a->name, b->name);
}

/* Text has all names and grows no more: point to them and sort. */
static int
sort_names(struct tree_names *names)
{
	const char *text = names->text.p;
	size_t n;

	for (size_t at = 0; at < names->text.n; at += n) {
		struct tree_name name = { text + at, false };

		n = strlen(name.name) + 1;
		if (buffer_add(&names->sorted, &name, sizeof(name)) != 0)
			return -1;
	}
	if (names->sorted.n > 0)
		qsort(names->sorted.p, tree_count(names),
		      sizeof(struct tree_name), compare_names);
	return 0;
}

/* 0; 1: an error of the system; -1: out of memory. */
static int
read_names(DIR *folder, struct tree_names *names)
{
	const struct dirent *d;

	for (errno = 0; (d = readdir(folder)) != NULL; errno = 0) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		if (buffer_add(&names->text, d->d_name,
			       strlen(d->d_name) + 1) != 0)
			return -1;
	}
	return errno != 0;
}

int
tree_list(struct tree *t, const char *path, struct tree_names *names)
{
	DIR *folder = opendir(path);
	int got;

	*names = (struct tree_names){ 0 };
	if (folder == NULL)
		return fault_errno(t->fault, path, "a folder");
	got = read_names(folder, names);
	if (got > 0)
		fault_errno(t->fault, path, "a folder");
	else if (got < 0 || sort_names(names) != 0)
		got = fault_memory(t->fault);
	closedir(folder);
	if (got == 0 && remember(t, path) == 0)
		return 0;
	tree_names_free(names);
	return -1;
}

size_t
tree_count(const struct tree_names *names)
{
	return names->sorted.n / sizeof(struct tree_name);
}

struct tree_name *
tree_at(const struct tree_names *names, size_t i)
{
	return (struct tree_name *)names->sorted.p + i;
}

struct tree_name *
tree_find(const struct tree_names *names, const char *name)
{
	struct tree_name wanted = { name, false };

	if (tree_count(names) == 0)
		return NULL;
	return bsearch(&wanted, names->sorted.p, tree_count(names),
		       sizeof(wanted), compare_names);
}

void
tree_names_free(struct tree_names *names)
{
	buffer_free(&names->text);
	buffer_free(&names->sorted);
}

/* ---- Files ------------------------------------------------------------ */

/* 0, or -1 with errno. */
static int
read_all(int fd, struct buffer *content)
{
	static const size_t piece = 65536;

	for (;;) {
		char *room = buffer_room(content, piece);
		ssize_t got;

		if (room == NULL) {
			errno = ENOMEM;
			return -1;
		}
		got = read(fd, room, piece);
		if (got == 0 || (got < 0 && errno != EINTR))
			return got == 0 ? 0 : -1;
		if (got > 0)
			content->n += (size_t)got;
	}
}

int
tree_read(struct tree *t, const char *path, struct buffer *content)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int rv = -1;

	if (fd < 0)
		return fault_errno(t->fault, path, "a file");
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		fault_at(t->fault, path, 0, "not a file; a regular file");
	else if (read_all(fd, content) != 0)
		fault_errno(t->fault, path, "a file");
	else
		rv = remember(t, path);
	close(fd);
	return rv;
}

int
tree_peek(const char *path, struct buffer *content, bool *is_there,
	  struct fault *fault)
{
	struct tree tree = { .fault = fault };
	enum tree_kind kind;
	int rv = tree_kind(&tree, path, &kind);

	*is_there = rv == 0 && kind != TREE_ABSENT;
	if (*is_there)
		rv = tree_read(&tree, path, content);
	tree_free(&tree);
	return rv;
}

void
tree_free(struct tree *t)
{
	buffer_free(&t->paths);
}
