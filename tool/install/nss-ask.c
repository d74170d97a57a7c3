/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Preparing a private copy of an NSS database, starting the process that
 * asks NSS, and reading what it prints. */

#include "install/nss-ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/output.h"
#include "base/paths.h"
#include "base/tree.h"
#include "install/nss-modules.h"
#include "install/plan.h"
#include "install/probe.h"

enum { SECONDS = 30 };	/* for a module of somebody else's to answer */

/* ---- The private folder ----------------------------------------------- */

static int
put(const char *folder, const char *name, struct bytes content,
    struct fault *fault)
{
	struct output output;
	char path[PATHS_MAX];

	if (!paths_join(path, folder, name))
		return fault_at(fault, folder, 0, "too long; a shorter path");
	if (output_begin(&output, path, fault) != 0)
		return -1;
	if (content.n > 0)
		fwrite(content.p, content.n, 1, output.file);
	return output_commit(&output, fault);
}

static int
put_buffer(const char *folder, const char *name, const struct buffer *content,
	   struct fault *fault)
{
	return put(folder, name, (struct bytes){ content->p, content->n },
		   fault);
}

static int
copy(const char *from, const char *to, const char *name, struct fault *fault)
{
	struct buffer content = { 0 };
	char path[PATHS_MAX];
	bool is_there = false;
	int rv = -1;

	if (paths_join(path, from, name) &&
	    tree_peek(path, &content, &is_there, fault) == 0)
		rv = is_there ? put_buffer(to, name, &content, fault) : 0;
	buffer_free(&content);
	return rv;
}

static int
copy_database(const char *from, const char *to, struct fault *fault)
{
	if (from == NULL)
		return 0;
	return copy(from, to, "cert9.db", fault) == 0 &&
	       copy(from, to, "key4.db", fault) == 0 ? 0 : -1;
}

static void
drop_database(const char *folder)
{
	static const char *const names[] = { "cert9.db", "key4.db" };
	char path[PATHS_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (paths_join(path, folder, names[i]))
			unlink(path);
	}
}

static int
put_probe(const char *folder, struct fault *fault)
{
	struct probe probe;
	int rv = -1;

	if (probe_make(&probe, fault) != 0)
		return -1;
	if (put_buffer(folder, "distrusted-root", &probe.distrusted.root,
		       fault) == 0 &&
	    put_buffer(folder, "distrusted-site", &probe.distrusted.site,
		       fault) == 0 &&
	    put_buffer(folder, "healthy-root", &probe.healthy.root,
		       fault) == 0 &&
	    put_buffer(folder, "healthy-site", &probe.healthy.site,
		       fault) == 0)
		rv = 0;
	probe_free(&probe);
	return rv;
}

/* ---- The process ------------------------------------------------------ */

static void
become(const char *folder, const char *what, const char *program, int out)
{
	int nothing = open("/dev/null", O_RDWR);

	if (nothing >= 0) {
		dup2(nothing, STDIN_FILENO);
		dup2(nothing, STDERR_FILENO);
	}
	dup2(out, STDOUT_FILENO);
	if (program != NULL)
		setenv("LD_LIBRARY_PATH", program, 1);
	alarm(SECONDS);
	execl("/proc/self/exe", "distrust", "nss-ask", folder, what,
	      (char *)NULL);
	_exit(127);
}

static size_t
read_all(int fd, char *text, size_t size)
{
	size_t n = 0;
	ssize_t got;

	while (n < size - 1) {
		got = read(fd, text + n, size - 1 - n);
		if (got == 0 || (got < 0 && errno != EINTR))
			break;
		if (got > 0)
			n += (size_t)got;
	}
	text[n] = '\0';
	return n;
}

/* What the process prints; 0, or -1 with a fault if it did not end well. */
static int
ask(const char *folder, const char *what, const char *program, char *text,
    size_t size, struct fault *fault)
{
	int ends[2], status = 0;
	pid_t child;

	if (pipe(ends) != 0)
		return fault_errno(fault, folder, "a pipe");
	child = fork();
	if (child == 0) {
		close(ends[0]);
		become(folder, what, program, ends[1]);
	}
	close(ends[1]);
	read_all(ends[0], text, size);
	close(ends[0]);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (child > 0 && WIFSIGNALED(status))
		return fault_at(fault, "NSS", 0, "ended by signal %d; an answer",
				WTERMSIG(status));
	text[strcspn(text, "\n")] = '\0';
	return fault_at(fault, "NSS", 0, "%s; an answer", text);
}

/* ---- What it said ----------------------------------------------------- */

/* What stands behind a word at the beginning of a line; NULL if none does. */
static const char *
said(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = text; p != NULL && *p != '\0';
	     p = strchr(p, '\n'), p += p != NULL) {
		if (strncmp(p, word, n) == 0 && p[n] == ' ')
			return p + n + 1;
	}
	return NULL;
}

static void
take_words(char *out, size_t size, const char *from)
{
	if (from != NULL)
		snprintf(out, size, "%.*s", (int)strcspn(from, "\n"), from);
}

static bool
accepted(const char *text, const char *site)
{
	const char *word = said(text, site);

	return word != NULL && strncmp(word, "accepted\n", 9) == 0;
}

static void
take_module(struct nss_answer *answer, const char *line)
{
	char *end;

	if (line == NULL)
		return;
	answer->is_loaded = true;
	answer->has_roots = strtol(line, &end, 10) != 0;
	answer->order = strtol(end, &end, 10);
	answer->version = (unsigned)strtoul(end, NULL, 10);
}

/* ---- The questions ---------------------------------------------------- */

/* In a database of the question's own. */
static int
import_anew(const char *folder, const struct nss_question *q,
	    struct fault *fault)
{
	char text[4096] = "";

	drop_database(folder);
	return ask(folder, "import", q->program, text, sizeof(text), fault);
}

/* Import into the copy or, where a password guards that, into a new database:
 * what counts are the modules. */
static int
import(const char *folder, const struct nss_question *q, struct fault *fault)
{
	char text[4096] = "";

	if (copy_database(q->folder, folder, fault) != 0 ||
	    ask(folder, "import", q->program, text, sizeof(text), fault) != 0)
		return -1;
	return strcmp(text, "password\n") == 0 ?
		import_anew(folder, q, fault) : 0;
}

static int
accepts_both(const char *folder, const struct nss_question *q, bool *both,
	     struct fault *fault)
{
	char text[4096] = "";

	if (ask(folder, "verify", q->program, text, sizeof(text), fault) != 0)
		return -1;
	*both = accepted(text, "healthy-site") &&
		accepted(text, "distrusted-site");
	return 0;
}

/*
 * Without any module, both must be accepted: else an answer says nothing.  A
 * database may hold another root of the distrusted name, and NSS takes that
 * one for the issuer; the modules count all the same.
 */
static int
ask_without(const char *folder, const struct nss_question *q,
	    struct fault *fault)
{
	struct buffer modules = { 0 };
	bool both = false;
	int rv = -1;

	if (nss_modules_internal(&modules) != 0)
		fault_memory(fault);
	else if (put_buffer(folder, "pkcs11.txt", &modules, fault) == 0 &&
		 import(folder, q, fault) == 0)
		rv = accepts_both(folder, q, &both, fault);
	buffer_free(&modules);
	if (rv == 0 && !both)
		rv = import_anew(folder, q, fault);
	if (rv == 0 && !both)
		rv = accepts_both(folder, q, &both, fault);
	if (rv == 0 && !both)
		rv = fault_at(fault, "NSS", 0, "accepts nothing even without "
			      "modules; an answer to compare with");
	return rv;
}

static int
ask_with(const char *folder, const struct nss_question *q,
	 struct nss_answer *answer, struct fault *fault)
{
	char text[4096] = "";

	if (put(folder, "pkcs11.txt", q->modules, fault) != 0 ||
	    ask(folder, "verify", q->program, text, sizeof(text), fault) != 0)
		return -1;
	if (!accepted(text, "healthy-site"))
		return fault_at(fault, "NSS", 0, "refuses what nobody "
				"distrusts; an answer that tells us apart");
	answer->refuses = !accepted(text, "distrusted-site");
	if (answer->refuses)
		take_words(answer->error, sizeof(answer->error),
			   said(text, "distrusted-site"));
	take_words(answer->other, sizeof(answer->other), said(text, "other"));
	take_module(answer, said(text, "ours"));
	return 0;
}

int
nss_ask(const struct nss_question *question, struct nss_answer *answer,
	struct fault *fault)
{
	char folder[PATHS_MAX];
	int rv = -1;

	memset(answer, 0, sizeof(*answer));
	if (paths_make_private(folder, fault) != 0)
		return -1;
	if (put_probe(folder, fault) == 0 &&
	    ask_without(folder, question, fault) == 0)
		rv = ask_with(folder, question, answer, fault);
	paths_remove_private(folder);
	return rv;
}
