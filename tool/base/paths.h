/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Where a user's things are, and paths put together.  It knows folders by
 * their standard (XDG base directories); it must not know programs.
 */

#ifndef PATHS_H
#define PATHS_H

#include <stdbool.h>

#include "base/fault.h"

enum { PATHS_MAX = 1024 };	/* a longer path is no path */

/* folder/name; just name where it is absolute.  False where it is too long:
 * then `out` is empty. */
bool paths_join(char out[static PATHS_MAX], const char *folder,
		const char *name);

/* The user's folders, $HOME or as the user database says.  Empty where
 * unknown. */
enum paths_folder { PATHS_HOME, PATHS_CONFIG, PATHS_DATA };
void paths_user(char out[static PATHS_MAX], enum paths_folder which);

/* Whether there is something; whether it is a folder. */
bool paths_is_there(const char *path);
bool paths_is_folder(const char *path);

/* Make a folder and all above it that are missing.  0, or -1 with a fault. */
int paths_make(const char *path, struct fault *fault);

/* A program that may be run under this name, in the usual folders. */
bool paths_program(char out[static PATHS_MAX], const char *name);

/* A new folder for the caller alone, to be removed with all in it; 0, or -1
 * with a fault. */
int paths_make_private(char out[static PATHS_MAX], struct fault *fault);
void paths_remove_private(const char *path);

#endif
