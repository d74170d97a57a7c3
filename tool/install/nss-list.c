/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Copying a database, and reading what the process prints of the copy. */

#include "install/nss-list.h"

#include <stdio.h>
#include <string.h>

#include "base/paths.h"
#include "base/program.h"
#include "base/text.h"
#include "base/tree.h"
#include "install/nss-modules.h"
#include "install/system.h"

/* ---- The process ------------------------------------------------------- */

/* What it says, into program->said, which the caller frees. */
static int
run(struct program *program, const char *folder, const char *what,
    const char *sha256, struct fault *fault)
{
	const char *const argv[] = { "/proc/self/exe", "nss-ask", folder, what,
				     sha256, NULL };

	program->argv = argv;
	if (program_run(program, fault) != 0)
		return -1;
	program->argv = NULL;
	if (program->status != 0)
		return fault_at(fault, folder, 0, "%s; a database that NSS "
				"reads", program_words(program));
	return 0;
}

/* ---- The copy ---------------------------------------------------------- */

static int
copy(const char *from, const char *to, const char *name, struct fault *fault)
{
	struct buffer content = { 0 };
	char path[PATHS_MAX];
	bool is_there = false;
	int rv = -1;

	if (!paths_join(path, from, name))
		fault_at(fault, from, 0, "too long; a shorter path");
	else if (tree_peek(path, &content, &is_there, fault) == 0)
		rv = !is_there ? 0 : system_put(to, name, (struct bytes){
			content.p, content.n }, fault);
	buffer_free(&content);
	return rv;
}

/* With softoken alone: no module of somebody else's is loaded. */
static int
make_copy(const char *from, const char *to, struct fault *fault)
{
	struct buffer modules = { 0 };
	int rv = -1;

	if (nss_modules_internal(&modules) != 0)
		fault_memory(fault);
	else if (copy(from, to, "cert9.db", fault) == 0 &&
		 copy(from, to, "key4.db", fault) == 0)
		rv = system_put(to, "pkcs11.txt", (struct bytes){
			modules.p, modules.n }, fault);
	buffer_free(&modules);
	return rv;
}

/* ---- What it said ------------------------------------------------------ */

static int
digit(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
take_line(struct bytes line, nss_list_take *take, void *arg)
{
	struct buffer der = { 0 };
	size_t i = 5;
	int rv = 0;

	if (line.n < i || memcmp(line.p, "cert ", i) != 0)
		return 0;
	for (; rv == 0 && i + 1 < line.n; i += 2) {
		const int high = digit(line.p[i]), low = digit(line.p[i + 1]);
		const uint8_t octet = (uint8_t)(high * 16 + low);

		if (high < 0 || low < 0)
			break;
		rv = buffer_add(&der, &octet, 1);
	}
	i += i < line.n;
	if (rv == 0)
		rv = take(arg, (struct bytes){ der.p, der.n },
			  (struct bytes){ line.p + i, line.n - i });
	buffer_free(&der);
	return rv;
}

static int
take_all(struct bytes said, nss_list_take *take, void *arg)
{
	int rv = 0;

	while (rv == 0 && said.n > 0) {
		const uint8_t *feed = memchr(said.p, '\n', said.n);
		size_t n = feed != NULL ? (size_t)(feed - said.p) : said.n;

		rv = take_line((struct bytes){ said.p, n }, take, arg);
		n += feed != NULL;
		said.p += n;
		said.n -= n;
	}
	return rv;
}

int
nss_list(const char *folder, nss_list_take *take, void *arg,
	 struct fault *fault)
{
	struct program program = { .argv = NULL };
	char private[PATHS_MAX];
	int rv = -1;

	if (paths_make_private(private, fault) != 0)
		return -1;
	if (make_copy(folder, private, fault) == 0 &&
	    run(&program, private, "list", NULL, fault) == 0)
		rv = take_all((struct bytes){ program.said.p, program.said.n },
			      take, arg);
	buffer_free(&program.said);
	paths_remove_private(private);
	return rv;
}

int
nss_delete(const char *folder, const uint8_t sha256[CATALOG_SHA256],
	   struct fault *fault)
{
	struct program program = { .argv = NULL };
	char hex[2 * CATALOG_SHA256 + 1];
	int rv;

	for (size_t i = 0; i < CATALOG_SHA256; i++)
		snprintf(hex + 2 * i, 3, "%02x", sha256[i]);
	rv = run(&program, folder, "delete", hex, fault);
	buffer_free(&program.said);
	return rv;
}
