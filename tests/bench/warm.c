/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What each task costs in each module: `warm ROUNDS TABLE PEM... [-- PEM...]`.
 * All modules in one process, in rounds in which each has its turn, so that
 * a machine that is busy or slow for a while is so for all of them alike.
 * The first module of the table is the floor that the others are compared
 * with, round by round.
 */

#include <stdio.h>
#include <stdlib.h>

#include "measure.h"
#include "questions.h"

enum { ROUNDS_MAX = 4000 };

#define TURN 200e3	/* ns: long beside the clock, short beside a time slice */

static struct module modules[MODULES_MAX];
static struct asked *asked[MODULES_MAX];
static unsigned modules_count;
static double samples[MODULES_MAX][TASKS][ROUNDS_MAX];

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
				samples[m][task][r] = turn(m, task, n[m]) /
						      n[m] / weight[m];
		}
	}
}

/* The median of the ratios to the floor; 0 where the floor has no answer. */
static double
ratio_to_floor(enum task task, unsigned m, unsigned rounds)
{
	static double ratios[ROUNDS_MAX];

	for (unsigned r = 0; r < rounds; r++) {
		if (samples[0][task][r] <= 0)
			return 0;
		ratios[r] = samples[m][task][r] / samples[0][task][r];
	}
	return measure_spread(ratios, rounds).median;
}

static void
print_task(enum task task, unsigned rounds)
{
	double ratios[MODULES_MAX];

	for (unsigned m = 0; m < modules_count; m++)
		ratios[m] = ratio_to_floor(task, m, rounds);
	for (unsigned m = 0; m < modules_count; m++) {
		if (task_weight(asked[m], task) > 0)
			measure_print(task_names[task], modules[m].name, "ns",
				      measure_spread(samples[m][task], rounds),
				      ratios[m]);
	}
}

int
main(int argc, char *argv[])
{
	unsigned rounds;

	if (argc < 4)
		return 2;
	rounds = (unsigned)strtoul(argv[1], NULL, 10);
	if (rounds == 0 || rounds > ROUNDS_MAX)
		return 2;
	modules_count = modules_read(modules, argv[2]);
	questions_read(argv + 3, argc - 3);
	for (unsigned m = 0; m < modules_count; m++) {
		module_load(&modules[m]);
		module_start(&modules[m]);
		asked[m] = questions_for(&modules[m]);
	}
	for (enum task t = 0; t < TASKS; t++)
		measure_task(t, rounds);
	for (enum task t = 0; t < TASKS; t++)
		print_task(t, rounds);
	return 0;
}
