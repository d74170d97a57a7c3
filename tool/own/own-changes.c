/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Changes to the sources, all or none.  What a file was stands in a journal
 * beside the sources, on the disk, before the file is changed: a run that
 * fails puts it back, and for one that is killed the next one does, which
 * has the lock then.  It knows files, and nothing of what they say.
 */

#include "own/own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/output.h"
#include "base/tree.h"

/* For whoever reads the sources it is a temporary file of ours (output.h). */
#define JOURNAL "journal.distrust-change"

/* A file as it was. */
struct own_change {
	char name[PATHS_MAX];		/* below the sources */
	bool was_there;
	struct buffer was;
};

/* A record of the journal; name and content follow. */
struct head {
	uint64_t name;			/* octets */
	uint64_t was;
	uint64_t was_there;
};

/* ---- Paths ------------------------------------------------------------- */

static int
path_of(struct own *own, const char *name, char path[static PATHS_MAX])
{
	return paths_join(path, own->sources, name) ? 0 :
		fault_at(own->fault, name, 0, "path too long; a shorter one");
}

/* What own_write() and own_remove() take: at most one folder deep. */
static bool
is_below(const char *name)
{
	const char *slash = strchr(name, '/');

	return name[0] != '\0' && name[0] != '/' && name[0] != '.' &&
	       (slash == NULL || (slash[1] != '.' && slash[1] != '\0' &&
				  strchr(slash + 1, '/') == NULL));
}

int
own_read(struct own *own, const char *name, struct buffer *content,
	 bool *is_there)
{
	char path[PATHS_MAX];

	return path_of(own, name, path) == 0 ?
		tree_peek(path, content, is_there, own->fault) : -1;
}

/* ---- The journal ------------------------------------------------------- */

static int
write_record(int fd, const struct own_change *c)
{
	struct head head = { .name = strlen(c->name), .was = c->was.n,
			     .was_there = c->was_there };
	struct buffer record = { 0 };
	ssize_t done = -1;

	if (buffer_add(&record, &head, sizeof(head)) == 0 &&
	    buffer_add(&record, c->name, head.name) == 0 &&
	    buffer_add(&record, c->was.p, c->was.n) == 0)
		done = write(fd, record.p, record.n);
	else
		errno = ENOMEM;
	if (done >= 0 && (size_t)done < record.n) {
		errno = ENOSPC;
		done = -1;
	}
	buffer_free(&record);
	return done > 0 && fsync(fd) == 0 ? 0 : -1;
}

static int
note(struct own *own, const struct own_change *c)
{
	char path[PATHS_MAX];
	int fd, rv;

	if (path_of(own, JOURNAL, path) != 0)
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
		  0600);
	if (fd < 0)
		return fault_errno(own->fault, path, "a place to write to");
	rv = write_record(fd, c);
	if (rv != 0)
		fault_errno(own->fault, path, "a place to write to");
	if (rv != 0 && own->changes.n == 0)
		unlink(path);
	close(fd);
	return rv;
}

/* The next record: 1; 0 at the end, which is in the middle of one where its
 * writer was killed: then that file had not been changed; -1: out of memory. */
static int
take_record(struct bytes *journal, struct own_change *c)
{
	struct head head;

	if (journal->n < sizeof(head))
		return 0;
	memcpy(&head, journal->p, sizeof(head));
	journal->p += sizeof(head);
	journal->n -= sizeof(head);
	if (head.name >= sizeof(c->name) || head.name > journal->n ||
	    head.was > journal->n - head.name)
		return 0;
	memcpy(c->name, journal->p, head.name);
	c->name[head.name] = '\0';
	c->was_there = head.was_there != 0;
	if (!is_below(c->name))
		return 0;
	if (buffer_add(&c->was, journal->p + head.name, head.was) != 0)
		return -1;
	journal->p += head.name + head.was;
	journal->n -= head.name + head.was;
	return 1;
}

/* ---- Changing ---------------------------------------------------------- */

static int
remember(struct own *own, const char *name, const char *path)
{
	struct own_change change = { .was_there = false };

	snprintf(change.name, sizeof(change.name), "%s", name);
	if (tree_peek(path, &change.was, &change.was_there, own->fault) == 0 &&
	    note(own, &change) == 0) {
		if (buffer_add(&own->changes, &change, sizeof(change)) == 0)
			return 0;
		fault_memory(own->fault);
	}
	buffer_free(&change.was);
	return -1;
}

static int
write_file(const char *path, struct bytes content, struct fault *fault)
{
	struct output output;

	if (output_begin(&output, path, fault) != 0)
		return -1;
	fwrite(content.p, 1, content.n, output.file);
	return output_commit(&output, fault);
}

static int
make_folder_of(const char *path, struct fault *fault)
{
	char folder[PATHS_MAX];
	char *end;

	snprintf(folder, sizeof(folder), "%s", path);
	end = strrchr(folder, '/');
	if (end != NULL)
		*end = '\0';
	return paths_make(folder, fault);
}

/* The folder of a file that is gone, if that was all it held; but not the
 * sources themselves. */
static void
remove_folder_of(const struct own *own, const char *path)
{
	char folder[PATHS_MAX];
	char *end;

	snprintf(folder, sizeof(folder), "%s", path);
	end = strrchr(folder, '/');
	if (end == NULL)
		return;
	*end = '\0';
	if (strcmp(folder, own->sources) != 0)
		rmdir(folder);
}

int
own_write(struct own *own, const char *name, struct bytes content)
{
	char path[PATHS_MAX];

	if (path_of(own, name, path) != 0 || remember(own, name, path) != 0 ||
	    make_folder_of(path, own->fault) != 0)
		return -1;
	return write_file(path, content, own->fault);
}

int
own_remove(struct own *own, const char *name)
{
	char path[PATHS_MAX];

	if (path_of(own, name, path) != 0 || remember(own, name, path) != 0)
		return -1;
	if (unlink(path) != 0 && errno != ENOENT)
		return fault_errno(own->fault, path, "a file to remove");
	remove_folder_of(own, path);
	return 0;
}

/* ---- The end ----------------------------------------------------------- */

/* The fault of the change itself has been told; this one is another. */
static int
put_back(struct own *own, const struct own_change *change)
{
	struct fault fault = { "" };
	struct bytes was = { change->was.p, change->was.n };
	char path[PATHS_MAX];
	int rv = path_of(own, change->name, path);

	if (rv == 0 && change->was_there) {
		rv = make_folder_of(path, &fault) == 0 ?
			write_file(path, was, &fault) : -1;
	} else if (rv == 0) {
		unlink(path);
		output_remove_left(path);
		remove_folder_of(own, path);
	}
	if (fault.text[0] != '\0')
		fprintf(stderr, "%s\n", fault.text);
	return rv;
}

static int
put_all_back(struct own *own)
{
	const struct own_change *changes = own->changes.p;
	int rv = 0;

	for (size_t i = own->changes.n / sizeof(*changes); i > 0; i--)
		rv |= put_back(own, &changes[i - 1]);
	return rv;
}

static void
forget(struct own *own)
{
	struct own_change *changes = own->changes.p;

	for (size_t i = 0; i < own->changes.n / sizeof(*changes); i++)
		buffer_free(&changes[i].was);
	buffer_free(&own->changes);
}

static void
remove_journal(struct own *own)
{
	char path[PATHS_MAX];

	if (path_of(own, JOURNAL, path) == 0)
		unlink(path);
}

/* The journal stays where not all could be put back: the next run tries. */
void
own_settle(struct own *own, bool keep)
{
	const bool is_changed = own->changes.n > 0;

	if (is_changed && (keep || put_all_back(own) == 0))
		remove_journal(own);
	forget(own);
}

/* ---- What was begun and not ended ---------------------------------------- */

/* Somebody else's would be no word on what the files were. */
static bool
is_ours(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_uid == geteuid() &&
	       (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static int
take_journal(struct own *own, struct bytes journal)
{
	struct own_change change = { .was_there = false };
	int more;

	while ((more = take_record(&journal, &change)) > 0) {
		if (buffer_add(&own->changes, &change, sizeof(change)) != 0) {
			buffer_free(&change.was);
			return fault_memory(own->fault);
		}
		change = (struct own_change){ .was_there = false };
	}
	buffer_free(&change.was);
	return more == 0 ? 0 : fault_memory(own->fault);
}

int
own_recover(struct own *own)
{
	struct buffer content = { 0 };
	char path[PATHS_MAX];
	bool is_there;
	int rv;

	if (path_of(own, JOURNAL, path) != 0)
		return -1;
	if (!is_ours(path))
		return 0;
	rv = tree_peek(path, &content, &is_there, own->fault);
	if (rv == 0)
		rv = take_journal(own, (struct bytes){ content.p, content.n });
	if (rv == 0 && put_all_back(own) != 0)
		rv = fault_errno(own->fault, path, "a file that can be replaced");
	if (rv == 0)
		remove_journal(own);
	forget(own);
	buffer_free(&content);
	return rv;
}
