/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Threads that take the next job each.  What a job says waits in memory until
 * all before it have spoken. */

#include "base/jobs.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct said {
	char *out, *err;
	size_t out_n, err_n;
	bool is_done;
};

struct jobs {
	jobs_work *work;
	void *arg;
	size_t count;
	pthread_mutex_t lock;	/* on all that follows */
	size_t next;		/* to be done */
	size_t done;
	size_t told;		/* whose words are out */
	int status;
	bool has_failed;	/* a job found no memory to be told in */
	bool has_bar;
	struct said *said;
};

/* ---- The bar ----------------------------------------------------------- */

enum { BAR = 40 };

static void
clear_bar(const struct jobs *j)
{
	if (j->has_bar)
		fputs("\r\033[K", stderr);
}

static void
draw_bar(const struct jobs *j)
{
	char bar[BAR + 1];
	size_t full = j->done * BAR / j->count;

	if (!j->has_bar || j->done == j->count)
		return;
	memset(bar, '.', BAR);
	memset(bar, '#', full);
	bar[BAR] = '\0';
	fprintf(stderr, "[%s] %zu/%zu", bar, j->done, j->count);
	fflush(stderr);
}

/* ---- Telling ----------------------------------------------------------- */

static void
tell(struct said *s)
{
	fwrite(s->out, 1, s->out_n, stdout);
	fflush(stdout);
	fwrite(s->err, 1, s->err_n, stderr);
	free(s->out);
	free(s->err);
	s->out = s->err = NULL;
}

static void
finish(struct jobs *j, size_t i, int status)
{
	pthread_mutex_lock(&j->lock);
	j->said[i].is_done = true;
	j->done++;
	if (status > j->status)
		j->status = status;
	j->has_failed |= status < 0;
	clear_bar(j);
	while (j->told < j->count && j->said[j->told].is_done)
		tell(&j->said[j->told++]);
	draw_bar(j);
	pthread_mutex_unlock(&j->lock);
}

/* ---- Working ----------------------------------------------------------- */

/* Whether all that was said is there.  glibc's fclose() keeps it to itself
 * that it found no memory; then there is no text, whatever its length. */
static bool
close_words(FILE *words, char *const *text, size_t *n)
{
	bool whole;

	if (words == NULL)
		return false;
	whole = ferror(words) == 0;
	whole = fclose(words) == 0 && whole && *text != NULL;
	if (*text == NULL)
		*n = 0;
	return whole;
}

static int
do_one(struct jobs *j, size_t i)
{
	struct said *s = &j->said[i];
	FILE *out = open_memstream(&s->out, &s->out_n);
	FILE *err = open_memstream(&s->err, &s->err_n);
	int status = -1;

	if (out != NULL && err != NULL)
		status = j->work(j->arg, i, out, err);
	if (!close_words(out, &s->out, &s->out_n))
		status = -1;
	return close_words(err, &s->err, &s->err_n) ? status : -1;
}

static void *
run(void *arg)
{
	struct jobs *j = arg;

	for (;;) {
		size_t i;

		pthread_mutex_lock(&j->lock);
		i = j->next < j->count ? j->next++ : SIZE_MAX;
		pthread_mutex_unlock(&j->lock);
		if (i == SIZE_MAX)
			return NULL;
		finish(j, i, do_one(j, i));
	}
}

int
jobs_do(jobs_work *work, void *arg, size_t count, unsigned at_once)
{
	enum { THREADS = 256 };
	struct jobs j = { .work = work, .arg = arg, .count = count,
			  .lock = PTHREAD_MUTEX_INITIALIZER };
	pthread_t threads[THREADS];
	unsigned started = 0;

	j.said = calloc(count + 1, sizeof(*j.said));
	if (j.said == NULL)
		return -1;
	j.has_bar = count > 1 && isatty(STDERR_FILENO) != 0;
	draw_bar(&j);
	while (started + 1 < at_once && started + 1 < count &&
	       started < THREADS &&
	       pthread_create(&threads[started], NULL, run, &j) == 0)
		started++;
	run(&j);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	free(j.said);
	return j.has_failed ? -1 : j.status;
}
