/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What a module costs a process that has just begun, once:
 * `fresh TABLE PEM...`, of which the first module counts.  Prints what was
 * measured, a line each: to load it, to its first session and first answer;
 * page faults; memory that is its own.  Each run is one measurement, since no
 * process is fresh twice.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "measure.h"
#include "questions.h"

struct state {
	double wall;
	long faults;
	long dirty;	/* KiB */
	long rss;
};

/* The sum of a field of /proc/self/smaps_rollup. */
static long
kib_of(const char *text, const char *field)
{
	const char *at = strstr(text, field);

	return at != NULL ? strtol(at + strlen(field), NULL, 10) : 0;
}

static struct state
look(void)
{
	static char text[8192];
	struct rusage usage;
	struct state s;
	FILE *file;
	size_t n;

	s.wall = measure_wall();
	getrusage(RUSAGE_SELF, &usage);
	s.faults = usage.ru_minflt + usage.ru_majflt;
	file = fopen("/proc/self/smaps_rollup", "r");
	n = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;
	text[n] = '\0';
	if (file != NULL)
		fclose(file);
	s.dirty = kib_of(text, "Private_Dirty:");
	s.rss = kib_of(text, "Rss:");
	return s;
}

int
main(int argc, char *argv[])
{
	struct module modules[MODULES_MAX];
	struct state before, after;

	if (argc < 3 || modules_read(modules, argv[1]) == 0)
		return 2;
	questions_read(argv + 2, argc - 2);
	look();		/* its own buffers are there before */
	before = look();
	before.wall = measure_wall();
	module_load(&modules[0]);
	module_start(&modules[0]);
	question_first(&modules[0]);
	after = look();
	printf("load\t%s\tus\t%.1f\n", modules[0].name,
	       (after.wall - before.wall) / 1e3);
	printf("faults\t%s\t\t%ld\n", modules[0].name,
	       after.faults - before.faults);
	printf("dirty\t%s\tKiB\t%ld\n", modules[0].name,
	       after.dirty - before.dirty);
	printf("rss\t%s\tKiB\t%ld\n", modules[0].name,
	       after.rss - before.rss);
	return 0;
}
