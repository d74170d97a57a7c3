/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Doing what was planned.  The record of what a file was is on the disk
 * before the file changes, and a file changes by rename alone, so that
 * there is no moment at which being killed leaves half of anything.
 */

#include "install/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/output.h"

/* ---- Folders ---------------------------------------------------------- */

static int
make_folder_of(const char *path, struct fault *fault)
{
	char *folder = strdup(path);
	int rv = 0;

	if (folder == NULL)
		return fault_memory(fault);
	for (char *p = folder + 1; rv == 0 && *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(folder, 0777) != 0 && errno != EEXIST)
			rv = fault_errno(fault, folder, "a folder");
		*p = '/';
	}
	free(folder);
	return rv;
}

/* Those that we made, as long as nobody else uses them. */
static void
remove_folders_of(const char *path, unsigned count)
{
	char *folder = strdup(path);

	for (unsigned i = 0; folder != NULL && i < count; i++) {
		char *end = strrchr(folder, '/');

		if (end == NULL || end == folder)
			break;
		*end = '\0';
		if (rmdir(folder) != 0)
			break;
	}
	free(folder);
}

/* A rename is on the disk once its folder is. */
static int
sync_folder_of(const char *path)
{
	char *copy = strdup(path);
	int fd, rv;

	if (copy == NULL)
		return -1;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (fd < 0)
		return -1;
	rv = fsync(fd);
	close(fd);
	return rv;
}

/* ---- Files ------------------------------------------------------------ */

/* As the file is that it replaces or, where there is none, as one was that
 * we removed, or as any new one. */
static int
set_mode(int fd, const struct plan_step *step)
{
	mode_t mask = umask(0);
	struct stat st;

	umask(mask);
	if (stat(step->path, &st) == 0)
		return fchown(fd, st.st_uid, st.st_gid) == 0 &&
		       fchmod(fd, st.st_mode & 07777) == 0 ? 0 : -1;
	if (step->undo.was_there && step->undo.mode != 0)
		return fchmod(fd, (mode_t)step->undo.mode);
	return fchmod(fd, 0666 & ~mask);
}

static int
replace(const struct plan_step *step, struct fault *fault)
{
	struct output output;

	if (output_begin(&output, step->path, fault) != 0)
		return -1;
	fwrite(step->content.p, 1, step->content.n, output.file);
	output.has_mode = true;
	if (set_mode(fileno(output.file), step) != 0) {
		fault_errno(fault, step->path, "a file whose owner can be kept");
		output_abandon(&output);
		return -1;
	}
	if (output_commit(&output, fault) != 0)
		return -1;
	return sync_folder_of(step->path) == 0 ? 0 :
		fault_errno(fault, step->path, "a file that can be replaced");
}

static int
do_file(const struct plan *p, const struct plan_step *step,
	struct fault *fault)
{
	if (p->purpose == PLAN_INSTALL &&
	    undo_keep(&step->undo, p->kept, step->path, fault) != 0)
		return -1;
	if (step->kind == PLAN_WRITE) {
		if (make_folder_of(step->path, fault) != 0 ||
		    replace(step, fault) != 0)
			return -1;
	} else if (unlink(step->path) != 0 && errno != ENOENT) {
		return fault_errno(fault, step->path,
				   "a file that can be removed");
	}
	if (p->purpose == PLAN_INSTALL)
		return 0;
	if (step->kind == PLAN_REMOVE)
		remove_folders_of(step->path, step->undo.folders);
	return undo_forget(p->kept, step->path, fault);
}

/* ---- Programs --------------------------------------------------------- */

/* What a program says goes where our own complaints go. */
static void
become(char *const argv[])
{
	int nothing = open("/dev/null", O_RDONLY);

	if (nothing >= 0)
		dup2(nothing, STDIN_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	if (argv[0] != NULL)
		execv(argv[0], argv);
	_exit(127);
}

static int
run(char *const argv[], struct fault *fault)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0)
		become(argv);
	if (child < 0)
		return fault_errno(fault, argv[0], "a program to run");
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return fault_at(fault, argv[0], 0, "failed; success");
}

static int
do_run(const struct plan_step *step, struct fault *fault)
{
	char *text = step->content.p, *end = text + step->content.n;
	char **argv = calloc(step->content.n + 1, sizeof(*argv));
	size_t n = 0;
	int rv;

	if (argv == NULL)
		return fault_memory(fault);
	for (char *p = text; p < end; p += strlen(p) + 1)
		argv[n++] = p;
	rv = run(argv, fault);
	free(argv);
	return rv;
}

int
plan_do(const struct plan *p, struct fault *fault)
{
	for (size_t i = 0; i < plan_count(p); i++) {
		const struct plan_step *step = plan_at(p, i);
		int rv = 0;

		if (step->kind == PLAN_RUN)
			rv = do_run(step, fault);
		else if (step->kind != PLAN_NOTE)
			rv = do_file(p, step, fault);
		if (rv != 0)
			return -1;
	}
	return 0;
}
