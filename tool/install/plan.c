/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Making a plan: what a file is to say, and whether that is a change. */

#define _XOPEN_SOURCE 700	/* realpath() */

#include "install/plan.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/tree.h"

/* ---- Steps ------------------------------------------------------------ */

static void
step_free(struct plan_step *step)
{
	free(step->what);
	free(step->path);
	buffer_free(&step->content);
	undo_free(&step->undo);
}

/* Moves the step's content and undo into the plan, in any case. */
static int
add(struct plan *p, struct plan_step step, const char *path, const char *what,
    struct fault *fault)
{
	step.what = strdup(what);
	step.path = path != NULL ? strdup(path) : NULL;
	if (step.what != NULL && (path == NULL || step.path != NULL) &&
	    buffer_add(&p->steps, &step, sizeof(step)) == 0)
		return 0;
	step_free(&step);
	return fault_memory(fault);
}

int
plan_run(struct plan *p, const char *const argv[], const char *what,
	 struct fault *fault)
{
	struct plan_step step = { .kind = PLAN_RUN };

	for (size_t i = 0; argv[i] != NULL; i++) {
		if (buffer_add(&step.content, argv[i],
			       strlen(argv[i]) + 1) != 0) {
			buffer_free(&step.content);
			return fault_memory(fault);
		}
	}
	return add(p, step, argv[0], what, fault);
}

int
plan_note(struct plan *p, const char *text, struct fault *fault)
{
	return add(p, (struct plan_step){ .kind = PLAN_NOTE }, NULL, text,
		   fault);
}

size_t
plan_count(const struct plan *p)
{
	return p->steps.n / sizeof(struct plan_step);
}

const struct plan_step *
plan_at(const struct plan *p, size_t i)
{
	return (const struct plan_step *)p->steps.p + i;
}

void
plan_free(struct plan *p)
{
	struct plan_step *steps = p->steps.p;

	for (size_t i = 0; i < plan_count(p); i++)
		step_free(&steps[i]);
	buffer_free(&p->steps);
}

/* ---- Files ------------------------------------------------------------ */

/* A file as it is, and as it shall be: p NULL where there is none. */
struct change {
	const char *path;
	struct buffer content;
	struct bytes is;
	struct bytes shall;
	struct undo undo;
};

static bool
is_same(struct bytes a, struct bytes b)
{
	if (a.p == NULL || b.p == NULL)
		return a.p == b.p;
	return bytes_equal(a, b);
}

/* Octets of a buffer; p is not NULL even where there are none. */
static struct bytes
octets_of(const struct buffer *b)
{
	if (b->n == 0)
		return (struct bytes){ (const uint8_t *)"", 0 };
	return (struct bytes){ b->p, b->n };
}

static int
look(struct change *c, const char *kept, struct fault *fault)
{
	bool is_there;

	if (tree_peek(c->path, &c->content, &is_there, fault) != 0 ||
	    undo_find(&c->undo, kept, c->path, fault) != 0)
		return -1;
	if (is_there)
		c->is = octets_of(&c->content);
	return 0;
}

static unsigned
missing_folders(const char *path)
{
	struct stat st;
	unsigned n = 0;

	for (const char *p = path + strlen(path); p > path; p--) {
		char *folder;

		if (*p != '/')
			continue;
		folder = strndup(path, (size_t)(p - path));
		if (folder == NULL || stat(folder, &st) == 0) {
			free(folder);
			break;
		}
		free(folder);
		n++;
	}
	return n;
}

/* What to keep.  Where somebody changed the file since we did, what is to be
 * restored is what they made of it. */
static int
keep(struct change *c, struct bytes bare, struct bytes content,
     struct fault *fault)
{
	struct stat st;

	c->shall = content;
	if (!undo_is_ours(&c->undo, c->is)) {
		undo_free(&c->undo);
		c->undo = (struct undo){ .was_there = bare.p != NULL };
		c->undo.folders = missing_folders(c->path);
		if (stat(c->path, &st) == 0)
			c->undo.mode = st.st_mode & 07777;
		if (buffer_add(&c->undo.original, bare.p, bare.n) != 0)
			return fault_memory(fault);
	}
	return undo_written(&c->undo, content, fault);
}

static void
restore(struct change *c, struct bytes bare)
{
	c->shall = bare;
	if (!undo_is_ours(&c->undo, c->is))
		return;
	c->shall = (struct bytes){ NULL, 0 };
	if (c->undo.was_there)
		c->shall = octets_of(&c->undo.original);
}

static int
add_change(struct plan *p, struct change *c, const char *what,
	   struct fault *fault)
{
	struct plan_step step = { .kind = PLAN_WRITE };

	/* A record that outlived what it was for (somebody else took ours
	 * out, or an earlier run was killed) goes with the same step. */
	if (is_same(c->is, c->shall) &&
	    (p->purpose == PLAN_INSTALL || !c->undo.is_there))
		return 0;
	if (c->shall.p == NULL)
		step.kind = PLAN_REMOVE;
	else if (buffer_add(&step.content, c->shall.p, c->shall.n) != 0)
		return fault_memory(fault);
	step.undo = c->undo;
	c->undo = (struct undo){ 0 };
	return add(p, step, c->path, what, fault);
}

int
plan_write(struct plan *p, const char *path, struct bytes bare,
	   struct bytes content, const char *what, struct fault *fault)
{
	char *real = realpath(path, NULL);
	struct change change = { .path = real != NULL ? real : path };
	int rv = look(&change, p->kept, fault);

	if (rv == 0 && p->purpose == PLAN_INSTALL)
		rv = keep(&change, bare, content, fault);
	else if (rv == 0)
		restore(&change, bare);
	if (rv == 0)
		rv = add_change(p, &change, what, fault);
	undo_free(&change.undo);
	buffer_free(&change.content);
	free(real);
	return rv;
}
