/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Misses from several threads at once, each in a session of its own:
 * `threads ROUNDS TABLE PEM...`.  Prints, for 2, 4 and 8 threads, how many
 * times the questions of one thread are answered in the same time, and how
 * often a thread had to wait for another.
 */

#define _GNU_SOURCE	/* RUSAGE_THREAD is Linux's */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "measure.h"
#include "questions.h"

enum { THREADS = 8 };

#define TURN 20e6	/* ns: some time slices */

static const unsigned counts[] = { 1, 2, 4, THREADS };
enum { COUNTS = sizeof(counts) / sizeof(counts[0]) };

struct worker {
	pthread_t thread;
	const struct module *module;
	const struct asked *asked;
	pthread_barrier_t *start;
	double done;	/* questions */
	double took;	/* ns */
	long waits;	/* voluntary context switches: it waited */
};

/* Nanoseconds in which this thread could have run, but others had the
 * processor: what else the machine does is not the module's doing. */
static double
queued(void)
{
	FILE *file = fopen("/proc/thread-self/schedstat", "r");
	char line[128], *end = line;
	double ns = 0;

	if (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		strtoull(line, &end, 10);
		ns = (double)strtoull(end, NULL, 10);
	}
	if (file != NULL)
		fclose(file);
	return ns;
}

static long
waits(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw;
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	CK_SESSION_HANDLE session = module_session(w->module);
	double start, now, away;
	long before;

	pthread_barrier_wait(w->start);
	away = queued();
	before = waits();
	start = now = measure_wall();
	for (; now < start + TURN; now = measure_wall(), w->done += 100)
		task_run(w->asked, TASK_MISS, session, 100);
	w->waits = waits() - before;
	w->took = now - start - (queued() - away);
	w->module->functions->C_CloseSession(session);
	return NULL;
}

/* Questions a nanosecond, as if there were as many processors as threads. */
static double
rate(const struct module *module, const struct asked *asked, unsigned n,
     long *waited)
{
	struct worker workers[THREADS] = { 0 };
	pthread_barrier_t start;
	double sum = 0;

	pthread_barrier_init(&start, NULL, n);
	for (unsigned i = 0; i < n; i++) {
		workers[i].module = module;
		workers[i].asked = asked;
		workers[i].start = &start;
		if (pthread_create(&workers[i].thread, NULL, work,
				   &workers[i]) != 0)
			exit(1);
	}
	*waited = 0;
	for (unsigned i = 0; i < n; i++) {
		pthread_join(workers[i].thread, NULL);
		sum += workers[i].done / workers[i].took;
		*waited += workers[i].waits;
	}
	pthread_barrier_destroy(&start);
	return sum;
}

static void
measure(const struct module *m, const struct asked *asked)
{
	double one = 0;

	for (unsigned i = 0; i < COUNTS; i++) {
		char what[32];
		long waited;
		double now = rate(m, asked, counts[i], &waited);

		if (i == 0) {
			one = now;
			continue;
		}
		snprintf(what, sizeof(what), "threads-%u", counts[i]);
		measure_tell(what, m->name, "x", now / one);
		snprintf(what, sizeof(what), "waits-%u", counts[i]);
		measure_tell(what, m->name, "", (double)waited);
	}
}

int
main(int argc, char *argv[])
{
	static struct module modules[MODULES_MAX];
	const struct asked *asked[MODULES_MAX];
	unsigned rounds, n;

	if (argc < 4)
		return 2;
	rounds = (unsigned)strtoul(argv[1], NULL, 10);
	n = modules_read(modules, argv[2]);
	questions_read(argv + 3, argc - 3);
	for (unsigned m = 0; m < n; m++) {
		module_load(&modules[m]);
		module_start(&modules[m]);
		asked[m] = questions_for(&modules[m]);
	}
	for (unsigned r = 0; r < rounds; r++) {
		for (unsigned m = 0; m < n; m++)
			measure(&modules[m], asked[m]);
	}
	return 0;
}
