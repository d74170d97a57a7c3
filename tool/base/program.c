/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Children: what they are told, and waiting for them. */

#define _GNU_SOURCE	/* unshare() */

#include "base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS = 60, NO_MOUNTS = 254 };

/* ---- Programs --------------------------------------------------------- */

/* The child: an empty stdin, both streams into the pipe, and an alarm that
 * outlives execv(). */
static void
become(const struct program *p, int out)
{
	char **argv;
	int nothing = open("/dev/null", O_RDONLY);

	memcpy(&argv, &p->argv, sizeof(argv));
	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		_exit(127);
	if (p->folder != NULL && chdir(p->folder) != 0)
		_exit(127);
	alarm(SECONDS);
	execv(argv[0], argv);
	_exit(127);
}

static int
listen_to(int in, struct buffer *said)
{
	enum { PIECE = 4096 };

	for (;;) {
		char *room = buffer_room(said, PIECE);
		ssize_t got;

		if (room == NULL)
			return -1;
		got = read(in, room, PIECE);
		if (got == 0 || (got < 0 && errno != EINTR))
			return got == 0 ? 0 : -1;
		if (got > 0)
			said->n += (size_t)got;
	}
}

static int
wait_for(pid_t child)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   128 + WTERMSIG(status);
}

int
program_run(struct program *p, struct fault *fault)
{
	int ends[2], rv;
	pid_t child;

	buffer_clear(&p->said);
	if (pipe(ends) != 0)
		return fault_errno(fault, p->argv[0], "a pipe to it");
	child = fork();
	if (child == 0) {
		close(ends[0]);
		become(p, ends[1]);
	}
	close(ends[1]);
	rv = child < 0 ? -1 : listen_to(ends[0], &p->said);
	close(ends[0]);
	if (child > 0)
		p->status = wait_for(child);
	if (rv != 0)
		return fault_errno(fault, p->argv[0], "a program to run");
	if (p->status == 127)
		return fault_at(fault, p->argv[0], 0,
				"cannot be run; a program");
	return 0;
}

const char *
program_words(struct program *p)
{
	char *text;

	if (buffer_add(&p->said, "", 1) != 0)
		return "";
	p->said.n--;
	text = p->said.p;
	for (size_t i = 0; i < p->said.n; i++) {
		if ((unsigned char)text[i] < ' ')
			text[i] = i + 1 < p->said.n ? ' ' : '\0';
	}
	return text;
}

/* ---- Mounts ----------------------------------------------------------- */

static int
put(const char *path, const char *text)
{
	size_t n = strlen(text);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int rv = fd >= 0 && write(fd, text, n) == (ssize_t)n ? 0 : -1;

	if (fd >= 0)
		close(fd);
	return rv;
}

/* Who is not root becomes root of a namespace that holds nobody else. */
static int
leave_users(void)
{
	char uids[64], gids[64];

	snprintf(uids, sizeof(uids), "0 %ld 1", (long)geteuid());
	snprintf(gids, sizeof(gids), "0 %ld 1", (long)getegid());
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
	       put("/proc/self/setgroups", "deny") == 0 &&
	       put("/proc/self/uid_map", uids) == 0 &&
	       put("/proc/self/gid_map", gids) == 0 ? 0 : -1;
}

static int
leave_mounts(void)
{
	if (unshare(CLONE_NEWNS) != 0 && leave_users() != 0)
		return -1;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

int
program_in_own_mounts(program_inside *inside, void *arg, int *status,
		      struct fault *fault)
{
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0)
		_exit(leave_mounts() != 0 ? NO_MOUNTS : inside(arg));
	if (child < 0)
		return fault_errno(fault, "distrust", "a process");
	*status = wait_for(child);
	if (*status != NO_MOUNTS)
		return 0;
	return fault_at(fault, "distrust", 0, "may not have mounts of its "
			"own; root, or user namespaces");
}

int
program_bind(const char *what, const char *over)
{
	return mount(what, over, NULL, MS_BIND | MS_REC, NULL);
}
