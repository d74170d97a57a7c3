/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Gives a fuzz target each file of its corpus once: `make check` replays
 * what was ever found, with any compiler.  Reports in TAP.  It knows the
 * target's name and nothing else of it.
 */

#include <dirent.h>

#include "fuzz.h"

/* Nothing is mutated here. */
size_t
LLVMFuzzerMutate(uint8_t *p, size_t n, size_t max)
{
	(void)p;
	return n < max ? n : max;
}

static size_t
read_file(const char *path, uint8_t *to, size_t room)
{
	FILE *file = fopen(path, "rb");
	size_t n;

	if (file == NULL) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	n = fread(to, 1, room, file);
	fclose(file);
	return n;
}

/* The input's own memory, exactly as large as it is. */
static void
replay(const char *path)
{
	static uint8_t content[1 << 20];
	struct bytes b = { content, 0 };
	uint8_t *exact;

	b.n = read_file(path, content, sizeof(content));
	exact = fuzz_copy(b);
	/* Where it dies, this is the last line. */
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(exact, b.n);
	free(exact);
}

int
main(int argc, char **argv)
{
	char path[1024];
	const char *folder = argc > 1 ? argv[1] : FUZZ_CORPUS;
	DIR *corpus = opendir(folder);
	unsigned count = 0;

	if (corpus == NULL) {
		perror(folder);
		return EXIT_FAILURE;
	}
	for (struct dirent *d; (d = readdir(corpus)) != NULL; ) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, d->d_name);
		replay(path);
		count++;
	}
	closedir(corpus);
	printf("%sok 1 - %u inputs replayed\n", count > 0 ? "" : "not ",
	       count);
	printf("%sok 2 - they come further than the first refusal, %u times; "
	       "else see tests/fuzz/seeds\n1..2\n",
	       fuzz_deep > 0 ? "" : "not ", fuzz_deep);
	return fuzz_deep > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
