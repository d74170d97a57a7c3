/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Paths, and the folders that stand at their beginnings. */

#include "base/paths.h"

#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
paths_join(char out[static PATHS_MAX], const char *folder, const char *name)
{
	int n;

	if (name[0] == '/')
		n = snprintf(out, PATHS_MAX, "%s", name);
	else
		n = snprintf(out, PATHS_MAX, "%s/%s", folder, name);
	if (n >= 0 && n < PATHS_MAX)
		return true;
	out[0] = '\0';
	return false;
}

/* A variable's value, if it is an absolute path (XDG base directories). */
static const char *
absolute(const char *variable)
{
	const char *value = getenv(variable);

	return value != NULL && value[0] == '/' ? value : NULL;
}

static const char *
home(void)
{
	const char *value = absolute("HOME");
	const struct passwd *user;

	if (value != NULL)
		return value;
	user = getpwuid(getuid());
	return user != NULL ? user->pw_dir : NULL;
}

void
paths_user(char out[static PATHS_MAX], enum paths_folder which)
{
	static const struct {
		const char *variable;
		const char *otherwise;
	} folders[] = {
		[PATHS_HOME] = { "HOME", "." },
		[PATHS_CONFIG] = { "XDG_CONFIG_HOME", ".config" },
		[PATHS_DATA] = { "XDG_DATA_HOME", ".local/share" },
	};
	const char *value = absolute(folders[which].variable);

	out[0] = '\0';
	if (value != NULL)
		snprintf(out, PATHS_MAX, "%s", value);
	else if (home() != NULL && which == PATHS_HOME)
		snprintf(out, PATHS_MAX, "%s", home());
	else if (home() != NULL)
		paths_join(out, home(), folders[which].otherwise);
}

bool
paths_is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

bool
paths_is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int
paths_make(const char *path, struct fault *fault)
{
	char folder[PATHS_MAX];

	if (!paths_join(folder, "", path))
		return fault_at(fault, path, 0, "too long; a shorter path");
	for (char *p = folder + 1;; p++) {
		const char end = *p;

		if (end != '/' && end != '\0')
			continue;
		*p = '\0';
		if (mkdir(folder, 0777) != 0 && errno != EEXIST)
			return fault_errno(fault, folder, "a folder");
		if (end == '\0')
			return 0;
		*p = end;
	}
}

bool
paths_program(char out[static PATHS_MAX], const char *name)
{
	static const char *const folders[] = {
		"/usr/local/bin", "/usr/bin", "/bin", "/opt",
	};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (paths_join(out, folders[i], name) &&
		    access(out, X_OK) == 0)
			return true;
	}
	return false;
}

/* ---- Private folders -------------------------------------------------- */

int
paths_make_private(char out[static PATHS_MAX], struct fault *fault)
{
	const char *folder = absolute("TMPDIR");

	if (folder == NULL)
		folder = "/tmp";
	if (!paths_join(out, folder, "distrust.XXXXXX") ||
	    mkdtemp(out) == NULL)
		return fault_errno(fault, folder, "room for a private folder");
	return 0;
}

/* It holds files alone. */
void
paths_remove_private(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *d;

	while (folder != NULL && (d = readdir(folder)) != NULL)
		unlinkat(dirfd(folder), d->d_name, 0);
	if (folder != NULL)
		closedir(folder);
	rmdir(path);
}
