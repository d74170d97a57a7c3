/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A single question when nothing of the module is in the caches: `cold ROUNDS
 * TABLE PEM...`.  Once after the caller has filled its processor's own caches
 * with other things, as between two questions of a browser (miss-cold); and
 * once after so much else that what the module needs, and the tables that tell
 * where that is, must come from memory (miss-memory).  What the caller itself
 * needs is there, as in one that has just put its question together.
 */

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "measure.h"
#include "questions.h"

enum {
	LINE = 64,
	OWN = 2 << 20,		/* octets, if the machine does not tell */
	ALL = 96 << 20,
};

static struct module modules[MODULES_MAX];
static struct asked *asked[MODULES_MAX];

/* Twice what the caches of one processor hold. */
static size_t
size_of_own(void)
{
	long size = sysconf(_SC_LEVEL2_CACHE_SIZE);

	return size > 0 && size < ALL / 2 ? (size_t)size * 2 : OWN;
}

/* Do other things. */
static void
forget(volatile uint8_t *other, size_t size)
{
	for (size_t i = 0; i < size; i += LINE)
		other[i]++;
}

static double
ask(unsigned m)
{
	double start;

	task_rehearse(asked[m], TASK_MISS);
	start = measure_wall();
	task_run(asked[m], TASK_MISS, modules[m].session, 1);
	return measure_wall() - start;
}

static void
round_of_all(unsigned n, const char *what, uint8_t *other, size_t size)
{
	for (unsigned m = 0; m < n; m++) {
		forget(other, size);
		measure_tell(what, modules[m].name, "ns", ask(m));
	}
}

int
main(int argc, char *argv[])
{
	uint8_t *other = calloc(1, ALL);
	unsigned rounds, n;

	if (argc < 4 || other == NULL)
		return 2;
	rounds = (unsigned)strtoul(argv[1], NULL, 10);
	n = modules_read(modules, argv[2]);
	questions_read(argv + 3, argc - 3);
	for (unsigned m = 0; m < n; m++) {
		module_load(&modules[m]);
		module_start(&modules[m]);
		asked[m] = questions_for(&modules[m]);
	}
	forget(other, ALL);
	for (unsigned r = 0; r < rounds; r++)
		round_of_all(n, "miss-cold", other, size_of_own());
	for (unsigned r = 0; r < rounds; r++)
		round_of_all(n, "miss-memory", other, ALL);
	free(other);
	return 0;
}
