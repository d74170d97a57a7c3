/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Files and folders of the targets of the whole machine. */

#define _XOPEN_SOURCE 700	/* nftw(), realpath() */

#include "install/system.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/output.h"
#include "base/tree.h"
#include "install/undo.h"

/* ---- Files ------------------------------------------------------------ */

bool
system_says(const char *path, struct bytes content)
{
	struct fault unread = { "" };
	struct buffer is = { 0 };
	bool is_there, same;

	same = tree_peek(path, &is, &is_there, &unread) == 0 && is_there &&
	       is.n == content.n &&
	       (is.n == 0 || memcmp(is.p, content.p, is.n) == 0);
	buffer_free(&is);
	return same;
}

/* Whether we have written it, on this machine. */
static int
is_undoable(const struct plan *plan, const char *path, bool *undoable,
	    struct fault *fault)
{
	char *real = realpath(path, NULL);
	struct undo undo;
	int rv = undo_find(&undo, plan->kept, real != NULL ? real : path,
			   fault);

	*undoable = rv == 0 && undo.is_there;
	undo_free(&undo);
	free(real);
	return rv;
}

int
system_plan_file(struct plan *plan, const char *path, struct bytes content,
		 const char *what, struct fault *fault)
{
	bool undoable;

	if (plan->purpose == PLAN_UNINSTALL) {
		if (is_undoable(plan, path, &undoable, fault) != 0)
			return -1;
		if (!undoable)
			return 0;
	}
	return plan_write(plan, path, (struct bytes){ NULL, 0 }, content,
			  what, fault);
}

int
system_replace_line(const char *text, const char *begins, const char *line,
		    struct buffer *out, struct fault *fault)
{
	int rv = 0;

	for (const char *end; rv == 0 && *text != '\0'; text = end) {
		end = text + strcspn(text, "\n");
		end += *end == '\n';
		if (begins == NULL ||
		    strncmp(text, begins, strlen(begins)) != 0)
			rv = buffer_add(out, text, (size_t)(end - text));
		else if (line != NULL)
			rv = buffer_add(out, line, strlen(line)) != 0 ||
			     buffer_add(out, "\n", 1) != 0 ? -1 : 0;
	}
	return rv == 0 ? 0 : fault_memory(fault);
}

/* As the kernel was told to start it, in a chroot that has no /proc: where
 * packages are installed and removed below a folder. */
static bool
started_as(char out[static PATHS_MAX])
{
	const char *path = (const char *)getauxval(AT_EXECFN);
	char *real = path != NULL ? realpath(path, NULL) : NULL;
	bool fits = real != NULL && strlen(real) < PATHS_MAX;

	if (fits)
		memcpy(out, real, strlen(real) + 1);
	free(real);
	return fits;
}

bool
system_self(char out[static PATHS_MAX])
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._+-";
	ssize_t n = readlink("/proc/self/exe", out, PATHS_MAX - 1);

	out[n > 0 ? n : 0] = '\0';
	return (n > 0 || started_as(out)) && out[strspn(out, plain)] == '\0';
}

const char *
system_first(const char *const *paths)
{
	for (size_t i = 0; paths[i] != NULL; i++) {
		if (paths_is_there(paths[i]))
			return paths[i];
	}
	return NULL;
}

/* ---- Private folders -------------------------------------------------- */

int
system_put(const char *folder, const char *name, struct bytes content,
	   struct fault *fault)
{
	struct output output;
	char path[PATHS_MAX];

	if (!paths_join(path, folder, name))
		return fault_at(fault, folder, 0, "too long; a shorter path");
	if (output_begin(&output, path, fault) != 0)
		return -1;
	fwrite(content.p, 1, content.n, output.file);
	return output_commit(&output, fault);
}

static int
put_both(const char *folder, const char *name, const struct buffer *der,
	 struct fault *fault)
{
	struct buffer pem = { 0 };
	char file[64];
	int rv = probe_pem(&pem, der, "CERTIFICATE", fault);

	snprintf(file, sizeof(file), "%s.pem", name);
	if (rv == 0)
		rv = system_put(folder, file,
				(struct bytes){ pem.p, pem.n }, fault);
	snprintf(file, sizeof(file), "%s.der", name);
	if (rv == 0)
		rv = system_put(folder, file,
				(struct bytes){ der->p, der->n }, fault);
	buffer_free(&pem);
	return rv;
}

int
system_make_probe(char folder[static PATHS_MAX], struct probe *probe,
		  struct fault *fault)
{
	if (probe_make(probe, fault) != 0)
		return -1;
	if (paths_make_private(folder, fault) != 0) {
		probe_free(probe);
		return -1;
	}
	if (put_both(folder, "distrusted-root", &probe->distrusted.root,
		     fault) == 0 &&
	    put_both(folder, "distrusted-site", &probe->distrusted.site,
		     fault) == 0 &&
	    put_both(folder, "healthy-root", &probe->healthy.root,
		     fault) == 0 &&
	    put_both(folder, "healthy-site", &probe->healthy.site,
		     fault) == 0)
		return 0;
	system_remove(folder);
	probe_free(probe);
	return -1;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void
system_remove(const char *folder)
{
	enum { FILES_AT_ONCE = 8 };

	nftw(folder, remove_one, FILES_AT_ONCE, FTW_DEPTH | FTW_PHYS);
}
