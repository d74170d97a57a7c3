/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The compiler: what it makes of a good tree, and what it says of bad ones.
 * Each case of tests/fixtures/compile/refusals breaks a copy of base/ in one
 * place.  Everything happens in a folder of its own under $TMPDIR.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catalog.h"
#include "compile/filing.h"
#include "compile/source.h"
#include "compile/writer.h"
#include "dn.h"
#include "hash.h"
#include "tool.h"

#define MAX_CASES 300

/* A refusal: its lines between title and message say how to break base/. */
struct refusal {
	char *title;
	char *steps;
	char *message;
};

static char fixtures[4096];
static char place[4096];

/* ---- Files ------------------------------------------------------------ */

static void
shell(const char *format, const char *a, const char *b)
{
	char command[9000];

	snprintf(command, sizeof(command), format, a, b);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

static char *
read_text(const char *path, size_t *n)
{
	FILE *file = fopen(path, "rb");
	char *text = calloc(1, 1 << 20);

	assert_non_null(file);
	assert_non_null(text);
	*n = fread(text, 1, (1 << 20) - 1, file);
	fclose(file);
	return text;
}

static void
write_text(const char *path, const char *text, size_t n)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

/* A fresh copy of base/ as "tree". */
static void
fresh_tree(void)
{
	shell("%s%s", "chmod -R u+rwX tree 2>/dev/null; rm -rf tree", "");
	shell("cp -R '%s/base' tree%s", fixtures, "");
}

/* ---- Steps ------------------------------------------------------------ */

/* Cut the next line off *text; NULL at the end. */
static char *
take_line(char **text)
{
	char *line = *text, *end;

	if (line == NULL || *line == '\0')
		return NULL;
	end = strchr(line, '\n');
	*text = end != NULL ? end + 1 : line + strlen(line);
	if (end != NULL)
		*end = '\0';
	return line;
}

/* Append a line, \xHH being an octet. */
static size_t
append_line(char *out, size_t n, const char *line)
{
	while (*line != '\0') {
		char hex[3] = "";

		if (line[0] == '\\' && line[1] == 'x') {
			memcpy(hex, line + 2, 2);
			out[n++] = (char)strtoul(hex, NULL, 16);
			line += 4;
		} else {
			out[n++] = *line++;
		}
	}
	out[n++] = '\n';
	return n;
}

/* Where block begins in text, at the beginning of a line. */
static size_t
find_block(const char *text, const char *block)
{
	const char *p = strstr(text, block);

	while (p != NULL && p != text && p[-1] != '\n')
		p = strstr(p + 1, block);
	if (p == NULL)
		fail_msg("base/ has no lines\n%s", block);
	return (size_t)(p - text);
}

/* The -lines and +lines of a step, from the text that follows it. */
static void
take_block(char **steps, char *minus, char *plus, size_t *plus_n)
{
	size_t minus_n = 0;

	*plus_n = 0;
	while (**steps == '-' || **steps == '+') {
		char *line = take_line(steps);

		if (line[0] == '-')
			minus_n = append_line(minus, minus_n, line + 1);
		else
			*plus_n = append_line(plus, *plus_n, line + 1);
	}
	minus[minus_n] = '\0';
}

static void
edit(const char *path, char **steps, int whole)
{
	static char minus[8192], plus[8192], out[65536];
	size_t plus_n, n = 0, at = 0, rest = 0;
	char *text;

	take_block(steps, minus, plus, &plus_n);
	if (whole) {
		write_text(path, plus, plus_n);
		return;
	}
	text = read_text(path, &n);
	at = find_block(text, minus);
	rest = n - at - strlen(minus);
	memcpy(out, text, at);
	memcpy(out + at, plus, plus_n);
	memcpy(out + at + plus_n, text + at + strlen(minus), rest);
	write_text(path, out, at + plus_n + rest);
	free(text);
}

static void
do_step(const char *line, char **steps)
{
	char verb[16], first[256] = "", second[256] = "", path[600];

	assert_true(sscanf(line, "%15s %255s %255s", verb, first, second) > 1);
	snprintf(path, sizeof(path), "tree/%s",
		 strcmp(verb, "copy") == 0 ? second : first);
	if (strcmp(first, ".") == 0)
		snprintf(path, sizeof(path), "tree");
	if (strcmp(verb, "edit") == 0)
		edit(path, steps, 0);
	else if (strcmp(verb, "write") == 0)
		edit(path, steps, 1);
	else if (strcmp(verb, "remove") == 0)
		shell("rm -r '%s'%s", path, "");
	else if (strcmp(verb, "folder") == 0)
		assert_int_equal(mkdir(path, 0777), 0);
	else if (strcmp(verb, "fifo") == 0)
		assert_int_equal(mkfifo(path, 0666), 0);
	else if (strcmp(verb, "forbid") == 0)
		assert_int_equal(chmod(path, 0), 0);
	else if (strcmp(verb, "link") == 0)
		assert_int_equal(symlink(second, path), 0);
	else if (strcmp(verb, "copy") == 0)
		shell("cp \"$FIXTURES/pem/%s\" '%s'", first, path);
	else
		fail_msg("no such step: %s", line);
}

static void
break_tree(const char *steps)
{
	char *text = strdup(steps), *rest = text, *line;

	assert_non_null(text);
	fresh_tree();
	while ((line = take_line(&rest)) != NULL) {
		if (line[0] != '\0' && line[0] != '#')
			do_step(line, &rest);
	}
	free(text);
}

/* ---- Refusals --------------------------------------------------------- */

/* Read a tree, without the powers that root has over modes. */
static int
read_tree(enum source_kind kind, struct records *records, struct tree *tree,
	  struct fault *fault)
{
	int rv, powerful = geteuid() == 0;

	*tree = (struct tree){ .fault = fault };
	assert_int_equal(records_begin(records, fault), 0);
	if (powerful)
		assert_int_equal(seteuid(65534), 0);
	alarm(20);	/* a FIFO must not block */
	rv = source_read("tree", kind, tree, records, fault);
	alarm(0);
	if (powerful)
		assert_int_equal(seteuid(0), 0);
	return rv;
}

static void
test_refusal(void **state)
{
	const struct refusal *refusal = *state;
	struct fault fault = { "" };
	struct records records;
	struct tree tree;

	break_tree(refusal->steps);
	assert_int_equal(read_tree(SOURCE_LIST, &records, &tree, &fault), -1);
	assert_string_equal(fault.text, refusal->message);
	records_end(&records);
	tree_free(&tree);
}

/* Cut the file into refusals: views into text, which is changed. */
static size_t
read_refusals(char *text, struct refusal *refusals)
{
	char *rest = text, *line, *start;
	size_t n = 0;

	for (start = rest; (line = take_line(&rest)) != NULL; start = rest) {
		if (line[0] != '=')
			continue;
		assert_true(n < MAX_CASES);
		refusals[n].title = line + 2;
		refusals[n].steps = rest;
		start = strstr(rest, "\n> ");
		assert_non_null(start);
		start[1] = '\0';
		rest = start + 2;
		refusals[n++].message = take_line(&rest) + 1;
	}
	return n;
}

/* The module keeps a bit for each of so many groups. */
static void
test_too_many_groups(void **state)
{
	struct fault fault = { "" };
	struct records records;
	struct tree tree;

	(void)state;
	fresh_tree();
	assert_int_equal(unlink("tree/README.md"), 0);
	shell("%s%s", "rm -r tree/alpha; mv tree/beta tree/0000; "
	      "printf '[incident]\ntitle = T\nreason = state-ca\n"
	      "default = on\nargument = A\nstory = S\n"
	      "reference = https://example.org/\n[identity i]\n"
	      "label = L\nmatch = key\nspki-sha256 = %064d\n' 1 >ini; "
	      "i=1; while [ $i -le 1024 ]; do n=$(printf %04d $i); "
	      "mkdir tree/$n; cp ini tree/$n/incident.ini; i=$((i + 1)); "
	      "done", "");
	assert_int_equal(read_tree(SOURCE_LIST, &records, &tree, &fault), -1);
	assert_string_equal(fault.text, "tree/1024: one folder too many; at "
			    "most 1024");
	records_end(&records);
	tree_free(&tree);
	shell("%s%s", "rm -r tree/1024", "");
	fault.text[0] = '\0';
	assert_int_equal(read_tree(SOURCE_LIST, &records, &tree, &fault), 0);
	assert_int_equal(records_groups(&records), 1024);
	records_end(&records);
	tree_free(&tree);
}

/* ---- Good trees ------------------------------------------------------- */

/* A catalog in memory, from "tree". */
struct made {
	struct fault fault;
	struct records records;
	struct tree tree;
	struct image image;
	struct buffer octets;
	void *aligned;
	struct catalog catalog;
};

static int
append(void *arg, const void *p, size_t n)
{
	return buffer_add(arg, p, n);
}

static void
make_catalog(struct made *m)
{
	size_t n;

	m->octets = (struct buffer){ 0 };
	assert_int_equal(writer_make(&m->image, &m->records), 0);
	assert_int_equal(writer_octets(&m->image, append, &m->octets), 0);
	n = (m->octets.n + 63) / 64 * 64;
	m->aligned = aligned_alloc(64, n);
	assert_non_null(m->aligned);
	memcpy(m->aligned, m->octets.p, m->octets.n);
	assert_int_equal(catalog_open(&m->catalog, m->aligned, m->octets.n),
			 0);
}

static void
make(struct made *m, enum source_kind kind)
{
	m->fault.text[0] = '\0';
	if (read_tree(kind, &m->records, &m->tree, &m->fault) != 0)
		fail_msg("%s", m->fault.text);
	make_catalog(m);
}

static void
unmake(struct made *m)
{
	free(m->aligned);
	buffer_free(&m->octets);
	writer_free(&m->image);
	records_end(&m->records);
	tree_free(&m->tree);
}

static void
assert_bytes(const struct catalog *c, struct catalog_span span,
	     const char *text)
{
	struct bytes b = catalog_bytes(c, span);

	assert_int_equal(b.n, strlen(text));
	assert_memory_equal(b.p, text, b.n);
}

static void
test_groups(void **state)
{
	const struct catalog_group *g;
	struct made m;

	(void)state;
	fresh_tree();
	make(&m, SOURCE_LIST);
	assert_int_equal(m.catalog.header->version, 0x102);
	assert_int_equal(m.catalog.header->date, 20261125);
	assert_int_equal(catalog_groups(&m.catalog), 2);
	g = catalog_group(&m.catalog, 0);
	assert_bytes(&m.catalog, g->name, "alpha");
	assert_bytes(&m.catalog, g->title, "Example authority");
	assert_bytes(&m.catalog, g->reason, "state-interception");
	assert_bytes(&m.catalog, g->argument, "Everyone was told to install "
		     "it.");
	assert_bytes(&m.catalog, g->story, "Providers told users to install "
		     "it; then they intercepted.");
	assert_bytes(&m.catalog, g->references,
		     "https://example.org/a?b=c;d\nhttp://example.org/b");
	assert_bytes(&m.catalog, g->country, "KZ");
	assert_bytes(&m.catalog, g->actor, "Example Ltd");
	assert_int_equal(g->began, 20190717);
	assert_int_equal(g->blocked, 20190821);
	assert_int_equal(g->flags, CATALOG_GROUP_ON);
	g = catalog_group(&m.catalog, 1);
	assert_bytes(&m.catalog, g->country, "");
	assert_int_equal(g->began, 0);
	assert_int_equal(g->flags, 0);
	unmake(&m);
}

/* Entries stand by group and NAME: root, second; by-key, by-name, by-serial,
 * by-sha256. */
static void
test_certificates(void **state)
{
	const struct catalog_entry *e;
	struct made m;

	(void)state;
	fresh_tree();
	make(&m, SOURCE_LIST);
	assert_int_equal(catalog_entries(&m.catalog), 6);
	e = catalog_entry(&m.catalog, 0);
	assert_bytes(&m.catalog, e->label, "Example Root");
	assert_bytes(&m.catalog, e->evidence,
		     "OneCRL\na reviewer\nnote: self-signed");
	assert_bytes(&m.catalog, e->serial, "\x02\x02\x4a\x17");
	assert_int_equal(e->flags, CATALOG_MATCH_CERTIFICATE |
			 CATALOG_MATCH_NAME | CATALOG_MATCH_KEY |
			 CATALOG_USAGE_ALL | CATALOG_IS_CA);
	assert_memory_equal(catalog_fixed(&m.catalog, e->sha256, 32).p,
			    "\xf1\x30\x64\x74\x74\x83\x74\x38", 8);
	assert_memory_equal(catalog_fixed(&m.catalog, e->dates, 16).p,
			    "2026112520561117", 16);
	assert_int_equal(e->after, 0);
	assert_int_equal(e->issuer.len, e->subject.len);
	assert_true(e->issuer.off < e->subject.off);
	e = catalog_entry(&m.catalog, 1);
	assert_bytes(&m.catalog, e->label, "Example Second Root");
	assert_memory_equal(catalog_fixed(&m.catalog, e->after, 13).p,
			    "200229000000Z", 13);
	assert_int_equal(e->flags, CATALOG_MATCH_KEY | CATALOG_USAGE_SERVER |
			 CATALOG_USAGE_EMAIL | CATALOG_IS_CA);
	assert_bytes(&m.catalog, e->evidence, "");
	unmake(&m);
}

static void
test_identities(void **state)
{
	const struct catalog_entry *e;
	struct made m;

	(void)state;
	fresh_tree();
	make(&m, SOURCE_LIST);
	e = catalog_entry(&m.catalog, 2);
	assert_bytes(&m.catalog, e->label, "Whatever has this key");
	assert_int_equal(e->group, 1);
	assert_int_equal(e->value.len, 0);
	assert_int_equal(e->sha256, 0);
	assert_memory_equal(catalog_fixed(&m.catalog, e->id, 20).p,
			    catalog_fixed(&m.catalog, e->spki_sha256, 20).p,
			    20);
	e = catalog_entry(&m.catalog, 3);
	assert_int_equal(e->flags, CATALOG_MATCH_NAME | CATALOG_USAGE_SERVER |
			 CATALOG_IS_CA);
	e = catalog_entry(&m.catalog, 4);
	assert_int_equal(e->serial.len, 5);
	assert_memory_equal(catalog_bytes(&m.catalog, e->serial).p,
			    "\x02\x03\x00\xa1\xb2", 5);
	assert_memory_equal(catalog_fixed(&m.catalog, e->dates, 16).p,
			    "2021061820210901", 16);
	/* Equal names are kept once. */
	assert_int_equal(e->issuer.off,
			 catalog_entry(&m.catalog, 3)->subject.off);
	e = catalog_entry(&m.catalog, 5);
	assert_int_equal(e->flags, CATALOG_MATCH_CERTIFICATE |
			 CATALOG_USAGE_ALL);
	unmake(&m);
}

/* ---- Policy ----------------------------------------------------------- */

static const char policy[] = "[policy]\nalpha = off\nbeta = on\n";

static void
test_local(void **state)
{
	const struct catalog_policy *p;
	struct made m;

	(void)state;
	fresh_tree();
	write_text("tree/list.ini", policy, sizeof(policy) - 1);
	make(&m, SOURCE_LOCAL);
	p = catalog_policy(&m.catalog, 0);
	assert_bytes(&m.catalog, p->group, "alpha");
	assert_int_equal(p->on, 0);
	p = catalog_policy(&m.catalog, 1);
	assert_bytes(&m.catalog, p->group, "beta");
	assert_int_equal(p->on, 1);
	assert_null(catalog_policy(&m.catalog, 2));
	unmake(&m);
	assert_int_equal(unlink("tree/list.ini"), 0);
	make(&m, SOURCE_LOCAL);
	assert_int_equal(catalog_groups(&m.catalog), 2);
	unmake(&m);
	shell("%s%s", "rm -r tree/*", "");
	make(&m, SOURCE_LOCAL);
	assert_int_equal(catalog_entries(&m.catalog), 0);
	unmake(&m);
}

static void
test_local_refusals(void **state)
{
	static const struct {
		const char *list;
		const char *message;
	} rows[] = {
		{ "[policy]\nalpha = opt-in\n",
		  "tree/list.ini:2: bad policy; on or off" },
		{ "[policy]\nAlpha = off\n",
		  "tree/list.ini:2: bad name; letters a to z, digits and "
		  "'-'" },
		{ "[policy]\nalpha = off\nalpha = on\n",
		  "tree/list.ini:3: 'alpha' again, as in line 2; once in a "
		  "section" },
		{ "[policy]\nalpha = off\n[policy]\nbeta = on\n",
		  "tree/list.ini:3: [policy] again; one of them" },
		{ "[policy]\nalpha =\n",
		  "tree/list.ini:2: 'alpha' is empty; a value" },
	};

	(void)state;
	fresh_tree();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct fault fault = { "" };
		struct records records;
		struct tree tree;

		write_text("tree/list.ini", rows[i].list,
			   strlen(rows[i].list));
		assert_int_equal(read_tree(SOURCE_LOCAL, &records, &tree,
					   &fault), -1);
		assert_string_equal(fault.text, rows[i].message);
		records_end(&records);
		tree_free(&tree);
	}
}

/* ---- Indexes ---------------------------------------------------------- */

static bool
is_filed(const struct catalog *c, enum catalog_question q, uint64_t hash,
	 uint32_t entry)
{
	struct catalog_run run = catalog_find(c, q, hash);

	for (uint32_t i = run.from; i < run.to; i++) {
		if (catalog_at(c, q, i) == entry)
			return true;
	}
	return false;
}

/* How many answers of how many questions find an entry. */
static unsigned
count_filed(const struct made *m)
{
	unsigned filed = 0;

	for (uint32_t i = 0; i < catalog_entries(&m->catalog); i++) {
		for (unsigned q = 0; q < CATALOG_QUESTIONS; q++) {
			uint64_t hash;

			if (!filing_key(records_pool(&m->records),
					catalog_entry(&m->catalog, i), q,
					&hash))
				continue;
			filed++;
			assert_true(is_filed(&m->catalog, q, hash, i));
		}
	}
	return filed;
}

static void
test_indexes(void **state)
{
	struct made m;

	(void)state;
	fresh_tree();
	make(&m, SOURCE_LIST);
	/* root 9: all but spki-sha256; second 8: nor name; by-key 3: id,
	 * label, spki-sha256; by-name 4: id, label, subject, name; by-serial
	 * 5: id, label, serial, subject, sha1; by-sha256 3. */
	assert_int_equal(count_filed(&m), 9 + 8 + 3 + 4 + 5 + 3);
	unmake(&m);
}

/* Enough keys for full buckets, spills and moves; runs of every length. */
static void
test_many(void **state)
{
	enum { MANY = 20000 };
	struct made m = { .fault = { "" } };
	struct catalog_group g = { .flags = CATALOG_GROUP_ON };

	(void)state;
	m.tree = (struct tree){ 0 };
	assert_int_equal(records_begin(&m.records, &m.fault), 0);
	assert_int_equal(records_add_group(&m.records, &g), 0);
	for (uint32_t i = 0; i < MANY; i++) {
		struct catalog_entry e = { .flags = CATALOG_USAGE_ALL };
		uint32_t digest[8] = { i, 1 };
		char label[16];

		snprintf(label, sizeof(label), "%u", (unsigned)i % 100);
		records_put_fixed(&m.records, (uint8_t *)digest,
				  sizeof(digest), &e.sha256);
		records_intern(&m.records, (struct bytes){
				(uint8_t *)label, strlen(label) }, &e.label);
		assert_int_equal(records_add_entry(&m.records, &e), 0);
	}
	make_catalog(&m);
	assert_int_equal(count_filed(&m), 2 * MANY);
	unmake(&m);
}

/* One serial number, many issuers: the run is in the issuers' order. */
static void
test_run_order(void **state)
{
	static const char *const issuers[] = { "ccc", "b", "aaa", "dd" };
	static const uint32_t order[] = { 1, 3, 2, 0 };
	struct made m = { .fault = { "" } };
	struct catalog_run run;

	(void)state;
	m.tree = (struct tree){ 0 };
	assert_int_equal(records_begin(&m.records, &m.fault), 0);
	for (size_t i = 0; i < 4; i++) {
		struct catalog_entry e = { .flags = CATALOG_USAGE_ALL };

		records_put(&m.records, (struct bytes){
				(const uint8_t *)"\x02\x01\x07", 3 },
			    &e.serial);
		records_put(&m.records, (struct bytes){
				(const uint8_t *)issuers[i],
				strlen(issuers[i]) }, &e.issuer);
		assert_int_equal(records_add_entry(&m.records, &e), 0);
	}
	make_catalog(&m);
	run = catalog_find(&m.catalog, CATALOG_BY_SERIAL, catalog_hash(
			(struct bytes){ (const uint8_t *)"\x07", 1 }));
	assert_int_equal(run.to - run.from, 4);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(catalog_at(&m.catalog, CATALOG_BY_SERIAL,
					    run.from + i), order[i]);
	unmake(&m);
}

static void
count_missing(void *arg, uint32_t edge)
{
	void **args = arg;
	unsigned *missing = args[1];

	if (!catalog_may_have(args[0], edge))
		++*missing;
}

static void
test_edges(void **state)
{
	struct made m;
	unsigned missing = 0, passed = 0;
	void *args[2];

	(void)state;
	fresh_tree();
	make(&m, SOURCE_LIST);
	args[0] = &m.catalog;
	args[1] = &missing;
	assert_true(dn_edges(catalog_bytes(&m.catalog,
			     catalog_entry(&m.catalog, 3)->subject),
			     count_missing, args));
	assert_int_equal(missing, 0);
	for (uint32_t edge = 0; edge < 10000; edge++)
		passed += catalog_may_have(&m.catalog, edge);
	assert_true(passed < 10000 / 8);
	unmake(&m);
}

/* ---- The command ------------------------------------------------------ */

/* Run `distrust compile` as a process of its own; its words are in "err". */
static int
run_compile(char *const *argv)
{
	pid_t child = fork();
	int status, argc = 0;

	while (argv[argc] != NULL)
		argc++;
	if (child == 0) {
		char *copy[16] = { NULL };

		memcpy(copy, argv, (size_t)argc * sizeof(*argv));
		if (freopen("err", "w", stderr) == NULL ||
		    freopen("out", "w", stdout) == NULL)
			_exit(9);
		status = tool_compile(argc, copy);
		fflush(NULL);
		_exit(status);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static char command[] = "compile", o[] = "-o", tree[] = "tree";
static char source[] = "--source", depfile[] = "--depfile";
static char a_catalog[] = "a.catalog", b_catalog[] = "b.catalog";
static char a_c[] = "a c.c", a_d[] = "a.d", missing_file[] = "no/such";

static void
assert_file(const char *path, const char *text)
{
	size_t n;
	char *content = read_text(path, &n);

	assert_string_equal(content, text);
	free(content);
}

/* No file system lists so many names in this order by itself. */
static void
test_folder_order(void **state)
{
	struct fault fault = { "" };
	struct tree t = { .fault = &fault };
	struct tree_names names;

	(void)state;
	shell("%s%s", "rm -rf names; mkdir names; i=0; "
	      "while [ $i -lt 100 ]; do : >names/$((i * 37 % 100)); "
	      "i=$((i + 1)); done", "");
	assert_int_equal(tree_list(&t, "names", &names), 0);
	assert_int_equal(tree_count(&names), 100);
	for (size_t i = 1; i < 100; i++)
		assert_true(strcmp(tree_at(&names, i - 1)->name,
				   tree_at(&names, i)->name) < 0);
	assert_non_null(tree_find(&names, "42"));
	assert_null(tree_find(&names, "100"));
	tree_names_free(&names);
	tree_free(&t);
}

/* The same octets, whatever the folders' order, the time zone, the locale. */
static void
test_same_bytes(void **state)
{
	char *first[] = { command, o, a_catalog, tree, NULL };
	char *second[] = { command, o, b_catalog, tree, NULL };

	(void)state;
	fresh_tree();
	assert_int_equal(run_compile(first), TOOL_FINE);
	shell("%s%s", "mv tree was && mkdir -p tree/beta tree/alpha && "
	      "cp was/README.md was/list.ini tree && "
	      "cp was/beta/* tree/beta && "
	      "for f in second.pem root.pem incident.ini; do "
	      "cp was/alpha/$f tree/alpha; done; rm -r was", "");
	setenv("TZ", "Asia/Almaty", 1);
	setenv("LC_ALL", "kk_KZ.UTF-8", 1);
	assert_int_equal(run_compile(second), TOOL_FINE);
	unsetenv("TZ");
	setenv("LC_ALL", "C.UTF-8", 1);
	shell("cmp '%s' '%s'", a_catalog, b_catalog);
}

static void
test_source(void **state)
{
	static const char header[] =
		"#include <stddef.h>\n#include <stdint.h>\n"
		"extern const uint64_t builtin_catalog[];\n"
		"extern const size_t builtin_catalog_size;\n";
	static const char program[] =
		"#include \"builtin.h\"\n#include <stdio.h>\n"
		"int main(void)\n{\n\treturn fwrite(builtin_catalog, 1, "
		"builtin_catalog_size, stdout) != builtin_catalog_size;\n}\n";
	char *argv[] = { command, source, a_c, o, a_catalog, tree, NULL };

	(void)state;
	fresh_tree();
	assert_int_equal(run_compile(argv), TOOL_FINE);
	write_text("builtin.h", header, sizeof(header) - 1);
	write_text("main.c", program, sizeof(program) - 1);
	shell("${CC:-cc} -std=c11 -I. -o show '%s' main.c && ./show >'%s'",
	      a_c, b_catalog);
	shell("cmp '%s' '%s'", a_catalog, b_catalog);
}

static void
test_depfile(void **state)
{
	char *argv[] = { command, source, a_c, o, a_catalog, depfile, a_d,
			 tree, NULL };

	(void)state;
	fresh_tree();
	assert_int_equal(run_compile(argv), TOOL_FINE);
	assert_file(a_d,
		    "a.catalog a\\ c.c: \\\n"
		    " tree \\\n"
		    " tree/list.ini \\\n"
		    " tree/alpha \\\n"
		    " tree/alpha/incident.ini \\\n"
		    " tree/alpha/root.pem \\\n"
		    " tree/alpha/second.pem \\\n"
		    " tree/beta \\\n"
		    " tree/beta/incident.ini\n"
		    "\ntree:\n"
		    "\ntree/list.ini:\n"
		    "\ntree/alpha:\n"
		    "\ntree/alpha/incident.ini:\n"
		    "\ntree/alpha/root.pem:\n"
		    "\ntree/alpha/second.pem:\n"
		    "\ntree/beta:\n"
		    "\ntree/beta/incident.ini:\n");
}

/* A tree that is refused leaves what was there before as it was. */
static void
test_old_file_stays(void **state)
{
	char *argv[] = { command, o, a_catalog, tree, NULL };

	(void)state;
	fresh_tree();
	write_text(a_catalog, "old", 3);
	assert_int_equal(unlink("tree/list.ini"), 0);
	assert_int_equal(run_compile(argv), TOOL_FAILED);
	assert_file("err", "tree: no list.ini; one with version and date\n");
	assert_file("out", "");
	assert_file(a_catalog, "old");
}

/* A disk that is full, as a limit shows it. */
static void
test_full_disk(void **state)
{
	char *argv[] = { command, o, a_catalog, tree, NULL };
	struct rlimit old, low;

	(void)state;
	fresh_tree();
	write_text(a_catalog, "old", 3);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	low = (struct rlimit){ 1000, old.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	assert_int_equal(run_compile(argv), TOOL_FAILED);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_file("err", "a.catalog: File too large; a file written in "
		    "full\n");
	assert_file(a_catalog, "old");
	shell("%s%s", "test \"$(ls | grep '^a.cat')\" = a.catalog", "");
}

/* Neither half a file nor a trace of one where it cannot be written. */
static void
test_no_half_file(void **state)
{
	char *argv[] = { command, o, a_catalog, tree, NULL };
	char *nowhere[] = { command, o, missing_file, tree, NULL };

	(void)state;
	fresh_tree();
	assert_int_equal(run_compile(nowhere), TOOL_FAILED);
	assert_file("err", "no/such: No such file or directory; a place to "
		    "write to\n");
	unlink(a_catalog);
	assert_int_equal(mkdir(a_catalog, 0777), 0);
	assert_int_equal(run_compile(argv), TOOL_FAILED);
	assert_file("err", "a.catalog: Is a directory; a file written in "
		    "full\n");
	shell("%s%s", "rmdir a.catalog && test -z \"$(ls | grep '^a.cat')\"",
	      "");
}

static void
test_usage(void **state)
{
	char unknown[] = "--unknown", help[] = "--help", local[] = "--local";
	char *none[] = { command, NULL };
	char *two[] = { command, tree, tree, NULL };
	char *bad[] = { command, unknown, tree, NULL };
	char *good[] = { command, help, NULL };
	char *empty[] = { command, local, tree, NULL };

	(void)state;
	fresh_tree();
	assert_int_equal(run_compile(none), TOOL_FAILED);
	assert_int_equal(run_compile(two), TOOL_FAILED);
	assert_int_equal(run_compile(bad), TOOL_FAILED);
	assert_int_equal(run_compile(good), TOOL_FINE);
	assert_file("err", "");
	assert_int_equal(unlink("tree/list.ini"), 0);
	assert_int_equal(run_compile(empty), TOOL_FINE);
}

/* ---- All of it -------------------------------------------------------- */

static int
run_all(struct refusal *refusals, size_t n)
{
	static const struct CMUnitTest good[] = {
		cmocka_unit_test(test_too_many_groups),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_identities),
		cmocka_unit_test(test_local),
		cmocka_unit_test(test_local_refusals),
		cmocka_unit_test(test_indexes),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_run_order),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_folder_order),
		cmocka_unit_test(test_same_bytes),
		cmocka_unit_test(test_source),
		cmocka_unit_test(test_depfile),
		cmocka_unit_test(test_old_file_stays),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_no_half_file),
		cmocka_unit_test(test_usage),
	};
	struct CMUnitTest refused[MAX_CASES];
	int failed;

	for (size_t i = 0; i < n; i++)
		refused[i] = (struct CMUnitTest){
			refusals[i].title, test_refusal, NULL, NULL,
			&refusals[i]
		};
	failed = _cmocka_run_group_tests("refused", refused, n, NULL, NULL);
	return failed + cmocka_run_group_tests_name("compile", good, NULL,
						    NULL);
}

int
main(void)
{
	const char *tmp = getenv("TMPDIR");
	static struct refusal refusals[MAX_CASES];
	char path[5000], *text;
	size_t n;
	int failed;

	if (getcwd(path, sizeof(path) - 100) == NULL)
		return 2;
	snprintf(fixtures, sizeof(fixtures), "%.4000s/tests/fixtures/compile",
		 path);
	setenv("FIXTURES", fixtures, 1);
	snprintf(place, sizeof(place), "%.4000s/test_compile.XXXXXX",
		 tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(place) == NULL || chmod(place, 0755) != 0 ||
	    chdir(place) != 0)
		return 2;
	snprintf(path, sizeof(path), "%s/refusals", fixtures);
	text = read_text(path, &n);
	failed = run_all(refusals, read_refusals(text, refusals));
	free(text);
	shell("%s%s", "chmod -R u+rwX .", "");
	shell("rm -rf '%s'%s", place, "");
	return failed != 0;
}
