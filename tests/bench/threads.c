/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Misses from several threads at once, each in a session of its own:
 * `threads ROUNDS TABLE PEM...`.  Prints, for 1, 2, 4 and 8 threads, how many
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

enum { THREADS = 8, ROUNDS_MAX = 400 };

#define TURN 20e6	/* ns: some time slices */

static const unsigned counts[] = { 1, 2, 4, THREADS };
enum { COUNTS = sizeof(counts) / sizeof(counts[0]) };

struct worker {
	pthread_t thread;
	const struct module *module;
	const struct asked *asked;
	pthread_barrier_t *start;
	double done;	/* questions */
	double cpu;	/* ns that it ran */
	long waits;	/* voluntary context switches: it waited */
};

static void *
work(void *arg)
{
	struct worker *w = arg;
	CK_SESSION_HANDLE session = module_session(w->module);
	struct rusage before, after;
	double cpu, end;

	pthread_barrier_wait(w->start);
	getrusage(RUSAGE_THREAD, &before);
	cpu = measure_thread();
	for (end = measure_wall() + TURN; measure_wall() < end;
	     w->done += 100)
		task_run(w->asked, TASK_MISS, session, 100);
	w->cpu = measure_thread() - cpu;
	getrusage(RUSAGE_THREAD, &after);
	w->waits = after.ru_nvcsw - before.ru_nvcsw;
	w->module->functions->C_CloseSession(session);
	return NULL;
}

/* Questions a nanosecond that they got of a processor, times the processors:
 * what others do on the machine does not count. */
static double
rate(const struct module *module, const struct asked *asked, unsigned n,
     long *waits)
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
	for (unsigned i = 0; i < n; i++) {
		pthread_join(workers[i].thread, NULL);
		sum += workers[i].done / workers[i].cpu;
		*waits += workers[i].waits;
	}
	pthread_barrier_destroy(&start);
	return sum;
}

int
main(int argc, char *argv[])
{
	static double times[COUNTS][ROUNDS_MAX];
	struct module modules[MODULES_MAX];
	unsigned rounds, n;
	struct asked *asked;
	char what[32];

	if (argc < 4)
		return 2;
	rounds = (unsigned)strtoul(argv[1], NULL, 10);
	n = modules_read(modules, argv[2]);
	if (rounds == 0 || rounds > ROUNDS_MAX)
		return 2;
	questions_read(argv + 3, argc - 3);
	for (unsigned m = 0; m < n; m++) {
		long waits[COUNTS] = { 0 };

		module_load(&modules[m]);
		module_start(&modules[m]);
		asked = questions_for(&modules[m]);
		for (unsigned r = 0; r < rounds; r++) {
			double one = 0;

			for (unsigned i = 0; i < COUNTS; i++) {
				double now = rate(&modules[m], asked,
						  counts[i], &waits[i]);

				one = i == 0 ? now : one;
				times[i][r] = now / one;
			}
		}
		for (unsigned i = 1; i < COUNTS; i++) {
			snprintf(what, sizeof(what), "threads-%u", counts[i]);
			measure_print(what, modules[m].name, "x",
				      measure_spread(times[i], rounds), 0);
			printf("waits-%u\t%s\t\t%ld\t0\t0\t0\n", counts[i],
			       modules[m].name, waits[i]);
		}
	}
	return 0;
}
