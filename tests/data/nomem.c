/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * To be preloaded into a program whose allocations are to fail, one in each
 * run: before main() it forks a child for the first allocation, a child for
 * the second, and so on until none is left to fail, and lets each run the
 * program.  It knows how a program must end then; it must not know which
 * program it is.
 *
 *	NOMEM_MODE	once: one allocation fails; ever: all later ones too
 *	NOMEM_LIMIT	at most so many runs: then not each fails, but some
 *			all over the run
 *	NOMEM_AFTER	a shell command after each run: 0, if what the run has
 *			left is right; it puts all back, too
 *	NOMEM_NOISE	a library whose own allocations do not count
 *	NOMEM_ONLY	this one alone, in no child; where it fails a debugger
 *			is called
 *
 * It must end with the status and words of a run in which none fails, or
 * with 2 and a word on stderr.  One line on stdout tells of each that did
 * not, the last line how many runs there were.
 */

#define _GNU_SOURCE	/* memfd_create(), dl_iterate_phdr() */

#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

/* ---- Failing ------------------------------------------------------------ */

static bool is_counting, is_ever, is_debugged;
static unsigned long due;	/* the allocation that fails; 0: none */

/* What the child tells its parent. */
static struct told {
	unsigned long count;
	bool failed;
} *told;

/* Code of the library that is left alone. */
static uintptr_t noise_from, noise_to;

static bool
fails(const void *caller)
{
	if (!is_counting || ((uintptr_t)caller >= noise_from &&
			     (uintptr_t)caller < noise_to))
		return false;
	told->count++;
	if (told->count != due && !(is_ever && told->failed))
		return false;
	told->failed = true;
	if (is_debugged)
		__builtin_trap();
	errno = ENOMEM;
	return true;
}

#define FAILS fails(__builtin_return_address(0))

void *
malloc(size_t size)
{
	return FAILS ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return FAILS ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	return FAILS ? NULL : __libc_realloc(p, size);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	return FAILS ? NULL : __libc_memalign(alignment, size);
}

int
posix_memalign(void **p, size_t alignment, size_t size)
{
	if (FAILS)
		return ENOMEM;
	*p = __libc_memalign(alignment, size);
	return *p == NULL ? ENOMEM : 0;
}

/* ---- One run ------------------------------------------------------------- */

enum { HANGS = 30, WORDS = 1 << 20 };

struct run {
	int status;		/* as waitpid() has it */
	unsigned long count;
	bool failed;
	size_t said, complained;
};

static int streams[2];

/* In the child it returns true, and main() follows. */
static bool
begin_run(unsigned long fail, struct run *run)
{
	pid_t child;

	*told = (struct told){ 0, false };
	for (unsigned i = 0; i < 2; i++) {
		if (ftruncate(streams[i], 0) != 0 ||
		    lseek(streams[i], 0, SEEK_SET) != 0)
			abort();
	}
	child = fork();
	if (child == 0) {
		dup2(streams[0], STDOUT_FILENO);
		dup2(streams[1], STDERR_FILENO);
		alarm(HANGS);
		due = fail;
		is_counting = true;
		return true;
	}
	if (child < 0 || waitpid(child, &run->status, 0) != child)
		abort();
	run->count = told->count;
	run->failed = told->failed;
	return false;
}

static size_t
read_stream(unsigned i, char *words)
{
	ssize_t n = pread(streams[i], words, WORDS - 1, 0);

	if (n < 0)
		abort();
	words[n] = '\0';
	return (size_t)n;
}

/* ---- Judging ------------------------------------------------------------- */

static char good_words[WORDS], words[WORDS], complaints[WORDS];

/* Whether words are those of the good run but for some that could not be
 * told: a '?' stands for any of one line. */
static bool
is_same(const char *wanted, const char *seen)
{
	const char *mark = NULL, *from = NULL;

	while (*wanted != '\0') {
		if (*seen == '?') {
			mark = ++seen;
			from = wanted;
		} else if (*seen == *wanted) {
			seen++;
			wanted++;
		} else if (mark != NULL && *from != '\n') {
			seen = mark;
			wanted = ++from;
		} else {
			return false;
		}
	}
	return *seen == '\0';
}

static const char *
judge(const struct run *good, const struct run *run)
{
	const char *after = getenv("NOMEM_AFTER");

	read_stream(0, words);
	read_stream(1, complaints);
	if (after != NULL && system(after) != 0)
		return "left something that is neither old nor new";
	if (WIFSIGNALED(run->status))
		return WTERMSIG(run->status) == SIGALRM ? "hangs" : "crashes";
	if (run->status == good->status)
		return is_same(good_words, words) ? NULL :
			"says something else, with the same status";
	if (WEXITSTATUS(run->status) != 2)
		return "another status";
	/* A program is told on stdout. */
	return complaints[0] != '\0' || strstr(words, "out of memory") != NULL ?
		NULL : "does not say why";
}

static void
tell(unsigned long n, const struct run *run, const char *wrong)
{
	/* What stdio holds back, children would say too. */
	dprintf(STDOUT_FILENO, "allocation %lu: %s (%#x): %.200s\n", n, wrong,
		(unsigned)run->status, complaints);
}

/* The next allocation to fail.  Where there are too many for all, every one
 * at the start, where things are set up, then ever fewer. */
static unsigned long
next(unsigned long n, unsigned long count, unsigned long limit)
{
	unsigned long step = limit == 0 ? 1 : count / limit;

	return n < limit / 2 || step <= 1 ? n + 1 : n + 2 * step - 1;
}

/* ---- All runs ------------------------------------------------------------ */

static int
note_noise(struct dl_phdr_info *info, size_t size, void *name)
{
	(void)size;
	if (strstr(info->dlpi_name, name) == NULL)
		return 0;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type == PT_LOAD && (p->p_flags & PF_X) != 0) {
			noise_from = info->dlpi_addr + p->p_vaddr;
			noise_to = noise_from + p->p_memsz;
		}
	}
	return 1;
}

static void
prepare(void)
{
	const char *mode = getenv("NOMEM_MODE");
	char *noise = getenv("NOMEM_NOISE");

	if (noise != NULL)
		dl_iterate_phdr(note_noise, noise);
	is_ever = mode != NULL && strcmp(mode, "ever") == 0;
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (unsigned i = 0; i < 2; i++)
		streams[i] = memfd_create("words", 0);
	if (told == MAP_FAILED || streams[0] < 0 || streams[1] < 0)
		abort();
	/* Whom the program starts is its own master. */
	unsetenv("LD_PRELOAD");
}

__attribute__((constructor)) static void
each_allocation_fails(void)
{
	const char *limit = getenv("NOMEM_LIMIT");
	const char *only = getenv("NOMEM_ONLY");
	unsigned long most = limit == NULL ? 0 : strtoul(limit, NULL, 10);
	unsigned long runs = 0, bad = 0;
	struct run good = { 0 }, run = { .failed = true };

	prepare();
	if (only != NULL) {
		is_debugged = is_counting = true;
		due = strtoul(only, NULL, 10);
		return;
	}
	if (begin_run(0, &good))
		return;
	read_stream(0, good_words);
	if (judge(&good, &good) != NULL || !WIFEXITED(good.status)) {
		tell(0, &good, "no good run");
		bad++;
	}
	for (unsigned long n = 1; n <= good.count && run.failed;
	     n = next(n, good.count, most)) {
		const char *wrong;

		if (begin_run(n, &run))
			return;
		wrong = judge(&good, &run);
		if (wrong != NULL)
			tell(n, &run, wrong);
		bad += wrong != NULL;
		runs++;
	}
	dprintf(STDOUT_FILENO, "%lu of %lu allocations failed, %lu wrong\n",
		runs, good.count, bad);
	_exit(bad == 0 ? 0 : 1);
}
