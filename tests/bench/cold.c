/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A single question when nothing of the module is in the processor's caches,
 * as after a browser has done other things: `cold ROUNDS TABLE PEM...`.  The
 * first module of the table is the floor: what the clock and the calls
 * themselves cost.
 */

#include <stdint.h>
#include <stdlib.h>

#include "measure.h"
#include "questions.h"

enum {
	ROUNDS_MAX = 4000,
	LINE = 64,
	OTHER = 96 << 20,	/* octets: more than the caches hold */
};

static struct module modules[MODULES_MAX];
static struct asked *asked[MODULES_MAX];
static double samples[MODULES_MAX][ROUNDS_MAX];

/* Do other things. */
static void
forget(volatile uint8_t *other)
{
	for (size_t i = 0; i < OTHER; i += LINE)
		other[i]++;
}

static double
ask(unsigned m)
{
	double start = measure_wall();

	task_run(asked[m], TASK_MISS, modules[m].session, 1);
	return measure_wall() - start;
}

int
main(int argc, char *argv[])
{
	uint8_t *other = calloc(1, OTHER);
	unsigned rounds, n;

	if (argc < 4 || other == NULL)
		return 2;
	rounds = (unsigned)strtoul(argv[1], NULL, 10);
	if (rounds == 0 || rounds > ROUNDS_MAX)
		return 2;
	n = modules_read(modules, argv[2]);
	questions_read(argv + 3, argc - 3);
	for (unsigned m = 0; m < n; m++) {
		module_load(&modules[m]);
		module_start(&modules[m]);
		asked[m] = questions_for(&modules[m]);
	}
	for (unsigned r = 0; r < rounds; r++) {
		for (unsigned m = 0; m < n; m++) {
			forget(other);
			samples[m][r] = ask(m);
		}
	}
	for (unsigned m = 0; m < n; m++) {
		struct spread s = measure_spread(samples[m], rounds);
		struct spread floor = measure_spread(samples[0], rounds);

		measure_print("miss-cold", modules[m].name, "ns", s,
			      s.median / floor.median);
	}
	free(other);
	return 0;
}
