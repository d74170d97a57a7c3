/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust list and show, word for word: what they print of the catalog that
 * tests/fixtures/compile/base makes stands beside base in *.expected.  Then
 * searching, hostile text, and the built-in list.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catalog.h"
#include "show/describe.h"
#include "tool.h"

#define FIXTURES "tests/fixtures/compile/"

static char place[] = "/tmp/test_list.XXXXXX";
static char catalog[64], out[64], err[64];

/* ---- Running ---------------------------------------------------------- */

/* Run a sub-command as a process of its own, its words in out and err. */
static int
run(int (*tool)(int, char **), const char *const *words)
{
	static char copies[16][128];
	char *argv[17] = { NULL };
	int argc = 0, status;
	pid_t child;

	for (; words[argc] != NULL; argc++) {
		snprintf(copies[argc], sizeof(copies[argc]), "%s",
			 words[argc]);
		argv[argc] = copies[argc];
	}
	fflush(NULL);
	child = fork();
	if (child == 0) {
		if (freopen(out, "w", stdout) == NULL ||
		    freopen(err, "w", stderr) == NULL)
			_exit(9);
		status = tool(argc, argv);
		fflush(NULL);
		_exit(status);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static char *
content(const char *path)
{
	static char text[1 << 20];
	FILE *file = fopen(path, "rb");
	size_t n;

	if (file == NULL)
		fail_msg("no %s", path);
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	return text;
}

static void
assert_words(const char *path)
{
	char *expected = strdup(content(path));

	assert_non_null(expected);
	assert_string_equal(content(out), expected);
	free(expected);
	assert_string_equal(content(err), "");
}

static int
make_catalog(void **state)
{
	const char *words[] = { "compile", "-o", catalog, FIXTURES "base",
				NULL };

	(void)state;
	if (mkdtemp(place) == NULL)
		return -1;
	snprintf(catalog, sizeof(catalog), "%s/catalog", place);
	snprintf(out, sizeof(out), "%s/out", place);
	snprintf(err, sizeof(err), "%s/err", place);
	return run(tool_compile, words);
}

static int
remove_catalog(void **state)
{
	(void)state;
	unlink(catalog);
	unlink(out);
	unlink(err);
	return rmdir(place);
}

/* ---- Word for word ---------------------------------------------------- */

static void
test_list(void **state)
{
	const char *words[] = { "list", "--catalog", catalog, NULL };

	(void)state;
	assert_int_equal(run(tool_list, words), TOOL_FINE);
	assert_words(FIXTURES "list.expected");
}

static void
test_entries(void **state)
{
	const char *words[] = { "list", "--catalog", catalog, "-e", NULL };

	(void)state;
	assert_int_equal(run(tool_list, words), TOOL_FINE);
	assert_words(FIXTURES "entries.expected");
}

static void
test_show(void **state)
{
	const char *words[] = { "show", "--catalog", catalog, "alpha", "beta",
				NULL };

	(void)state;
	assert_int_equal(run(tool_show, words), TOOL_FINE);
	assert_words(FIXTURES "show.expected");
}

static void
test_json(void **state)
{
	const char *words[] = { "list", "--json", "--catalog", catalog, NULL };
	const char *show[] = { "show", "--json", "--catalog", catalog,
			       "alpha", "beta", NULL };

	(void)state;
	assert_int_equal(run(tool_list, words), TOOL_FINE);
	assert_words(FIXTURES "json.expected");
	assert_int_equal(run(tool_show, show), TOOL_FINE);
	assert_words(FIXTURES "json.expected");
}

/* ---- Searching -------------------------------------------------------- */

/* The labels that a search finds, each followed by '|'. */
static void
find_labels(const char *const *terms, char *labels, size_t size)
{
	const char *words[16] = { "list", "--json", "--catalog", catalog };
	json_t *list, *group, *entry;
	size_t i, j, n = 4;

	while (*terms != NULL)
		words[n++] = *terms++;
	assert_int_equal(run(tool_list, words), TOOL_FINE);
	list = json_load_file(out, 0, NULL);
	assert_non_null(list);
	labels[0] = '\0';
	json_array_foreach(json_object_get(list, "incidents"), i, group) {
		json_array_foreach(json_object_get(group, "entries"), j,
				   entry) {
			size_t used = strlen(labels);

			snprintf(labels + used, size - used, "%s|",
				 json_string_value(json_object_get(entry,
								   "label")));
		}
	}
	json_decref(list);
}

static const struct {
	const char *terms[4];
	const char *labels;
} searches[] = {
	{ { "second" }, "Example Second Root|" },
	{ { "AUTHORITY", "second" }, "Example Second Root|" },
	{ { "cn=example root" }, "Example Root|" },
	{ { "Example Below" }, "Below the other one|" },
	{ { "example other" },
	  "Whatever the other one issued|Below the other one|" },
	{ { "KZ" }, "Example Root|Example Second Root|" },
	{ { "-c", "kz" }, "Example Root|Example Second Root|" },
	{ { "-c", "kz", "second" }, "Example Second Root|" },
	{ { "-c", "RU" }, "" },
	{ { "-c", "KZ", "beta" }, "" },
	{ { "example ltd" }, "Example Root|Example Second Root|" },
	{ { "f1306474" }, "Example Root|" },
	{ { "F1:30:64:74:74:83:74:38" }, "Example Root|" },
	{ { "f130647" }, "" },
	{ { "f130647474837438fc68abf0631dfd3aeeb5a340f19e97743d434db28c74adb4"
	    }, "Example Root|" },
	{ { "f130647474837438fc68abf0631dfd3aeeb5a340f19e97743d434db28c74adb5"
	    }, "" },
	{ { "0102030405" }, "Below the other one|" },
	{ { "2222222222222" }, "Whatever has this key|" },
	{ { "222222222222222222222222222222222222222222222222222222222222222222"
	    }, "" },
	{ { "leaked-key" }, "Whatever has this key|Whatever the other one "
	  "issued|Below the other one|Known by its hash|" },
	{ { "nobody" }, "" },
};

static void
test_search(void **state)
{
	char labels[512];

	(void)state;
	for (size_t i = 0; i < sizeof(searches) / sizeof(*searches); i++) {
		find_labels(searches[i].terms, labels, sizeof(labels));
		assert_string_equal(labels, searches[i].labels);
	}
}

static void
test_nothing(void **state)
{
	const char *list[] = { "list", "--catalog", catalog, "nobody", NULL };
	const char *show[] = { "show", "--catalog", catalog, "nobody", NULL };

	(void)state;
	assert_int_equal(run(tool_list, list), TOOL_FAILED);
	assert_string_equal(content(out), "");
	assert_string_equal(content(err), "distrust list: nothing on the list "
			    "matches; a part of a name or title, a "
			    "fingerprint\n");
	assert_int_equal(run(tool_show, show), TOOL_FAILED);
	assert_string_equal(content(out), "");
	assert_string_equal(content(err), "distrust show: nothing on the list "
			    "matches 'nobody'; a name from `distrust list`, a "
			    "part of a name, a fingerprint\n");
}

static void
test_usage(void **state)
{
	const char *list_help[] = { "list", "--help", NULL };
	const char *show_help[] = { "show", "--help", NULL };
	const char *unknown[] = { "list", "--unknown", NULL };
	const char *no_name[] = { "show", NULL };
	const char *no_catalog[] = { "list", "--catalog", "/nonexistent",
				     NULL };

	(void)state;
	assert_int_equal(run(tool_list, list_help), TOOL_FINE);
	assert_int_equal(run(tool_show, show_help), TOOL_FINE);
	assert_int_equal(run(tool_list, unknown), TOOL_FAILED);
	assert_int_equal(run(tool_show, no_name), TOOL_FAILED);
	assert_int_equal(run(tool_list, no_catalog), TOOL_FAILED);
	assert_string_equal(content(err), "/nonexistent: No such file or "
			    "directory; a catalog\n");
}

/* ---- The built-in list ------------------------------------------------ */

static void
test_builtin(void **state)
{
	const char *list[] = { "list", "-c", "KZ", "qaznet", NULL };
	const char *show[] = { "show", "00309c736dd661da", NULL };

	(void)state;
	assert_int_equal(run(tool_list, list), TOOL_FINE);
	assert_non_null(strstr(content(out), "kazakhstan-2019-qaznet"));
	assert_int_equal(run(tool_show, show), TOOL_FINE);
	assert_non_null(strstr(content(out), "CN=Qaznet Trust Network, C=KZ"));
	assert_non_null(strstr(content(out), "2016-02-02 to 2046-02-02"));
}

/* ---- Hostile text ----------------------------------------------------- */

static const struct {
	const char *text;
	const char *printed;
} texts[] = {
	{ "plain \xd2\xb0\xd0\x9b", "plain \xd2\xb0\xd0\x9b" },
	{ "\x1b[31mred", "?[31mred" },
	{ "tab\tand\nline", "tab?and?line" },
	{ "C1 \xc2\x9b" "31m", "C1 ??31m" },
	{ "cut \xe2\x82", "cut ??" },
	{ "latin \xe9t\xe9", "latin ?t?" },
	{ "delete \x7f", "delete ?" },
};

static void
test_hostile_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		FILE *file = fopen(out, "wb");

		assert_non_null(file);
		describe_text(file, (struct bytes){
				(const uint8_t *)texts[i].text,
				strlen(texts[i].text) });
		fclose(file);
		assert_string_equal(content(out), texts[i].printed);
	}
}

/* Lines of 78 columns, of characters and not of octets. */
static void
test_wrapping(void **state)
{
	char text[400], *line;
	FILE *file = fopen(out, "wb");

	(void)state;
	assert_non_null(file);
	for (size_t i = 0; i < 30; i++)
		snprintf(text + 9 * i, sizeof(text) - 9 * i, "%s",
			 "\xd2\xb0\xd0\x9b\xd0\xa2\xd0\xa2 ");
	describe_wrapped(file, (struct bytes){
			(const uint8_t *)text, strlen(text) - 1 }, 4);
	fclose(file);
	line = content(out);
	/* Fifteen words of four letters: 4 + 74 columns. */
	assert_int_equal(strchr(line, '\n') - line, 14 * 9 + 8);
	assert_memory_equal(strchr(line, '\n') + 1, "    \xd2\xb0", 6);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_builtin),
		cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_wrapping),
	};

	return cmocka_run_group_tests_name("list", tests, make_catalog,
					   remove_catalog) != 0;
}
