/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What a module costs a process that has just begun, once:
 * `fresh TABLE PEM...`, of which the first module counts.  Tells what it took
 * to load it and to its first session, and to its first answer, by the clock
 * and in processor time; page faults; and memory.  Each run is one sample,
 * since no process is fresh twice.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "measure.h"
#include "questions.h"

struct state {
	double wall;
	double cpu;
	long faults;
	long dirty;	/* KiB */
	long rss;
	long pss;
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
	s.cpu = measure_thread();
	getrusage(RUSAGE_SELF, &usage);
	s.faults = usage.ru_minflt + usage.ru_majflt;
	file = fopen("/proc/self/smaps_rollup", "r");
	n = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;
	text[n] = '\0';
	if (file != NULL)
		fclose(file);
	s.dirty = kib_of(text, "Private_Dirty:");
	s.rss = kib_of(text, "Rss:");
	s.pss = kib_of(text, "Pss:");
	return s;
}

static void
tell(const char *who, struct state before, double session, struct state after)
{
	measure_tell("load", who, "us", (after.wall - before.wall) / 1e3);
	measure_tell("load-session", who, "us", (session - before.wall) / 1e3);
	measure_tell("load-find", who, "us", (after.wall - session) / 1e3);
	measure_tell("load-cpu", who, "us", (after.cpu - before.cpu) / 1e3);
	measure_tell("faults", who, "", (double)(after.faults - before.faults));
	measure_tell("dirty", who, "KiB", (double)(after.dirty - before.dirty));
	measure_tell("rss", who, "KiB", (double)(after.rss - before.rss));
	measure_tell("pss", who, "KiB", (double)(after.pss - before.pss));
}

int
main(int argc, char *argv[])
{
	static struct module modules[MODULES_MAX];
	struct state before, after;
	double session;

	if (argc < 3 || modules_read(modules, argv[1]) == 0)
		return 2;
	questions_read(argv + 2, argc - 2);
	look();		/* its own buffers are there before */
	before = look();
	before.cpu = measure_thread();
	before.wall = measure_wall();
	module_load(&modules[0]);
	module_start(&modules[0]);
	session = measure_wall();
	question_first(&modules[0]);
	after = look();
	tell(modules[0].name, before, session, after);
	return 0;
}
