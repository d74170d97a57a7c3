/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Reading to the end. */

#include "base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int
read_all(int fd, const char *path, struct buffer *content,
	 const char *expected, struct fault *fault)
{
	const size_t piece = 65536;

	for (;;) {
		char *room = buffer_room(content, piece);
		ssize_t got;

		if (room == NULL)
			return fault_memory(fault);
		got = read(fd, room, piece);
		if (got == 0)
			return 0;
		if (got > 0)
			content->n += (size_t)got;
		else if (errno != EINTR)
			return fault_errno(fault, path, expected);
	}
}

int
input_read(const char *path, struct buffer *content, const char *expected,
	   struct fault *fault)
{
	int fd, rv;

	if (strcmp(path, "-") == 0)
		return read_all(STDIN_FILENO, path, content, expected, fault);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fault_errno(fault, path, expected);
	rv = read_all(fd, path, content, expected, fault);
	close(fd);
	return rv;
}
