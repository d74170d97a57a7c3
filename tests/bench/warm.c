/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What each task costs in each module: `warm ROUNDS TASK,... TABLE PEM...
 * [-- PEM...]`, or "all" tasks.  All modules in one process, in rounds in which
 * each has its turn, so that a machine that is busy or slow for a while is so
 * for all of them alike.
 */

#include <stdio.h>
#include <stdlib.h>

#include "measure.h"
#include "questions.h"

#define TURN 200e3	/* ns: long beside the clock, short beside a time slice */

static struct module modules[MODULES_MAX];
static struct asked *asked[MODULES_MAX];
static unsigned modules_count;

static double
turn(unsigned m, enum task task, unsigned n)
{
	double start = measure_thread();

	task_run(asked[m], task, modules[m].session, n);
	return measure_thread() - start;
}

/* How often a task fits into a turn. */
static unsigned
repetitions(unsigned m, enum task task)
{
	unsigned n = 1;

	while (n < 1u << 20 && turn(m, task, n) < TURN / 2)
		n *= 2;
	return n;
}

static void
measure_task(enum task task, unsigned rounds)
{
	unsigned n[MODULES_MAX], weight[MODULES_MAX];

	for (unsigned m = 0; m < modules_count; m++) {
		weight[m] = task_weight(asked[m], task);
		n[m] = weight[m] > 0 ? repetitions(m, task) : 0;
	}
	for (unsigned r = 0; r < rounds; r++) {
		for (unsigned m = 0; m < modules_count; m++) {
			if (n[m] > 0)
				measure_tell(task_names[task], modules[m].name,
					     "ns", turn(m, task, n[m]) / n[m] /
						   weight[m]);
		}
	}
}

int
main(int argc, char *argv[])
{
	unsigned rounds;

	if (argc < 5)
		return 2;
	rounds = (unsigned)strtoul(argv[1], NULL, 10);
	modules_count = modules_read(modules, argv[3]);
	questions_read(argv + 4, argc - 4);
	for (unsigned m = 0; m < modules_count; m++) {
		module_load(&modules[m]);
		module_start(&modules[m]);
		asked[m] = questions_for(&modules[m]);
	}
	for (enum task t = 0; t < TASKS; t++) {
		if (task_is_among(t, argv[2]))
			measure_task(t, rounds);
	}
	return 0;
}
