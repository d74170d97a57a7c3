/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Each task of one module under callgrind: `count TASK,... TABLE PEM...
 * [-- PEM...]`, or "all" tasks.  Callgrind leaves a file for each, whose
 * trigger is the task's name; what is printed is how often each was done.
 * Instructions, unlike time, are the same on every machine and however busy it
 * is.
 */

#include <stdio.h>

#include <valgrind/callgrind.h>

#include "questions.h"

enum { TURNS = 1000 };

int
main(int argc, char *argv[])
{
	struct module modules[MODULES_MAX];
	struct asked *asked;

	if (argc < 4 || modules_read(modules, argv[2]) == 0)
		return 2;
	questions_read(argv + 3, argc - 3);
	module_load(&modules[0]);
	module_start(&modules[0]);
	asked = questions_for(&modules[0]);
	for (enum task t = 0; t < TASKS; t++) {
		unsigned turns = t == TASK_ENUMERATE ? 1 : TURNS;

		if (!task_is_among(t, argv[1]) || task_weight(asked, t) == 0)
			continue;
		task_run(asked, t, modules[0].session, 1);
		CALLGRIND_ZERO_STATS;
		task_run(asked, t, modules[0].session, turns);
		CALLGRIND_DUMP_STATS_AT(task_names[t]);
		printf("%s\t%u\n", task_names[t],
		       turns * task_weight(asked, t));
	}
	return 0;
}
