/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Catalogs on disk: which file is taken and which is as if it were not
 * there; where the user's is; and whether it is still the same.
 */

#define _GNU_SOURCE	/* setresuid() */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>

#include "file.h"
#include "folder.h"

enum { SOME = 1000, SOMEBODY = 65533, OTHER = 65532 };

static uint8_t octets[400000];

static struct bytes
some(size_t n)
{
	for (size_t i = 0; i < n; i++)
		octets[i] = (uint8_t)(i * 7 + i / 251);
	return (struct bytes){ octets, n };
}

static const char *
written(const char *name, size_t n, mode_t mode)
{
	const char *path = folder_path(name);

	folder_write(path, some(n), mode);
	return path;
}

static bool
is_taken(const char *path, bool users)
{
	struct file file;
	bool taken = file_take(&file, path, users);

	assert_true(taken == (file.base != NULL));
	file_release(&file);
	assert_null(file.base);
	return taken;
}

/* ---- What is in it ---------------------------------------------------- */

/* Small files are copied, large ones are mapped: it makes no difference. */
static void
a_file_is_taken_whole(void **state)
{
	const size_t sizes[] = {
		sizeof(struct catalog_header), 4096, 4097, 262143, 262144,
		262145, sizeof(octets),
	};
	struct file file;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const char *path = written("whole", sizes[i], 0644);

		assert_true(file_take(&file, path, true));
		assert_int_equal(file.size, sizes[i]);
		assert_int_equal((uintptr_t)file.base % 64, 0);
		assert_memory_equal(file.base, some(sizes[i]).p, sizes[i]);
		file_release(&file);
	}
}

static void
a_file_shorter_than_a_header_is_none(void **state)
{
	(void)state;
	assert_false(is_taken(written("short", 0, 0644), true));
	assert_false(is_taken(written("short", 1, 0644), true));
	assert_false(is_taken(written("short",
				      sizeof(struct catalog_header) - 1,
				      0644), true));
}

/* A sparse one: only its pages that are read are there.  Memcheck has memory
 * for 8 GiB of it. */
static void
a_huge_file_costs_nothing_to_take(void **state)
{
	const char *path = written("huge", SOME, 0644);
	const char *judge = getenv("SANITIZE");
	bool is_checked = judge != NULL && strcmp(judge, "valgrind") == 0;
	const off_t size = (off_t)1 << (is_checked ? 33 : 36);
	struct file file;

	(void)state;
	if (truncate(path, size) != 0)
		skip();
	assert_true(file_take(&file, path, true));
	assert_int_equal(file.size, size);
	assert_memory_equal(file.base, some(SOME).p, SOME);
	file_release(&file);
	assert_int_equal(unlink(path), 0);
}

static void
cutting_a_small_file_off_harms_nobody(void **state)
{
	const char *path = written("cut", 200000, 0644);
	struct file file;

	(void)state;
	assert_true(file_take(&file, path, true));
	assert_int_equal(truncate(path, 0), 0);
	assert_memory_equal(file.base, some(200000).p, 200000);
	file_release(&file);
}

static void
replacing_a_large_file_harms_nobody(void **state)
{
	const char *path = written("replaced", sizeof(octets), 0644);
	struct file file;

	(void)state;
	assert_true(file_take(&file, path, true));
	folder_write(path, some(SOME), 0644);
	assert_memory_equal(file.base, some(sizeof(octets)).p,
			    sizeof(octets));
	file_release(&file);
}

/* ---- Whom it belongs to ----------------------------------------------- */

static void
nobody_else_may_write_it(void **state)
{
	const struct {
		mode_t mode;
		bool taken;
	} modes[] = {
		{ 0644, true }, { 0600, true }, { 0400, true },
		{ 0444, true }, { 0755, true }, { 0664, false },
		{ 0646, false }, { 0666, false }, { 0620, false },
		{ 0602, false }, { 0777, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		const char *path = written("mode", SOME, modes[i].mode);

		assert_true(is_taken(path, true) == modes[i].taken);
		if (geteuid() == 0)
			assert_true(is_taken(path, false) == modes[i].taken);
	}
}

/* Runs a question as somebody; only root can. */
static bool
as_user(uid_t uid, bool (*question)(void))
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		if (setresuid(uid, uid, uid) != 0)
			_exit(2);
		_exit(question() ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 2);
	return WEXITSTATUS(status) == 0;
}

static bool
takes_it_as_users(void)
{
	struct file file;

	return file_take(&file, folder_path("owner"), true);
}

static bool
takes_it_as_systems(void)
{
	struct file file;

	return file_take(&file, folder_path("owner"), false);
}

static const struct {
	uid_t owner;
	bool root_users, root_systems, user_users, user_systems;
} owners[] = {
	{ 0, true, true, true, true },
	{ SOMEBODY, false, false, true, false },
	{ OTHER, false, false, false, false },
};

static void
it_belongs_to_root_or_the_user(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(folder, 0755), 0);
	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++) {
		const char *path = written("owner", SOME, 0644);

		assert_int_equal(chown(path, owners[i].owner, 0), 0);
		assert_true(takes_it_as_users() == owners[i].root_users);
		assert_true(takes_it_as_systems() == owners[i].root_systems);
		assert_true(as_user(SOMEBODY, takes_it_as_users) ==
			    owners[i].user_users);
		assert_true(as_user(SOMEBODY, takes_it_as_systems) ==
			    owners[i].user_systems);
	}
}

static void
a_file_that_may_not_be_read_is_none(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	written("owner", SOME, 0600);
	assert_false(as_user(SOMEBODY, takes_it_as_users));
}

/* ---- What is no file -------------------------------------------------- */

static void
what_is_no_regular_file_is_none(void **state)
{
	(void)state;
	written("target", SOME, 0644);
	assert_false(is_taken(NULL, true));
	assert_false(is_taken("", true));
	assert_false(is_taken(folder_path("missing"), true));
	assert_false(is_taken(folder, true));
	assert_false(is_taken("/dev/zero", true));
	assert_false(is_taken("/dev/null", true));
	assert_false(is_taken("/proc/self/maps", true));
	assert_false(is_taken(folder_path("target/below"), true));
	assert_int_equal(symlink("nowhere", folder_path("dangling")), 0);
	assert_false(is_taken(folder_path("dangling"), true));
	assert_int_equal(symlink("loop", folder_path("loop")), 0);
	assert_false(is_taken(folder_path("loop"), true));
	/* One that leads to a good file is as good as that. */
	assert_int_equal(symlink("target", folder_path("link")), 0);
	assert_true(is_taken(folder_path("link"), true));
	assert_int_equal(chmod(folder_path("target"), 0666), 0);
	assert_false(is_taken(folder_path("link"), true));
}

/* Nobody will ever write to it, and the host would wait for ever. */
static void
a_fifo_does_not_block(void **state)
{
	const char *path = folder_path("fifo");

	(void)state;
	assert_int_equal(mkfifo(path, 0644), 0);
	alarm(10);
	assert_false(is_taken(path, true));
	alarm(0);
}

/* ---- What the host does not notice ------------------------------------ */

static unsigned
open_files(void)
{
	DIR *fds = opendir("/proc/self/fd");
	unsigned n = 0;

	if (fds == NULL)
		return 0;
	while (readdir(fds) != NULL)
		n++;
	closedir(fds);
	return n;
}

static void
the_host_notices_nothing(void **state)
{
	unsigned before = open_files();
	const char *paths[] = {
		folder_path("missing"), folder, "/dev/zero",
		written("quiet", SOME, 0644),
	};
	struct file file;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		errno = EDOM;
		file_take(&file, paths[i], true);
		assert_int_equal(errno, EDOM);
		(void)file_is_same(&file, paths[i]);
		assert_int_equal(errno, EDOM);
		file_release(&file);
	}
	assert_int_equal(open_files(), before);
}

/* ---- Whether it is the same ------------------------------------------- */

static void
a_changed_file_is_another(void **state)
{
	const char *path = written("same", SOME, 0644);
	struct file file;

	(void)state;
	assert_true(file_take(&file, path, true));
	assert_true(file_is_same(&file, path));
	assert_false(file_is_same(&file, NULL));
	assert_false(file_is_same(&file, folder_path("missing")));
	folder_write(path, some(SOME), 0644);
	assert_false(file_is_same(&file, path));
	file_release(&file);
	assert_true(file_take(&file, path, true));
	assert_true(file_is_same(&file, path));
	assert_int_equal(unlink(path), 0);
	assert_false(file_is_same(&file, path));
	file_release(&file);
	assert_true(file_is_same(&file, path));		/* there is none */
	written("same", SOME, 0644);
	assert_false(file_is_same(&file, path));
}

/* ---- Where the user's is ---------------------------------------------- */

static void
set_or_not(const char *name, const char *value)
{
	if (value != NULL)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void
the_user_has_a_path(void **state)
{
	static char slashes[FILE_PATH + 8];
	const struct {
		const char *data, *home, *path;
	} users[] = {
		{ "/data", "/home/u", "/data/p11-distrust/user.catalog" },
		{ NULL, "/home/u",
		  "/home/u/.local/share/p11-distrust/user.catalog" },
		{ "", "/home/u",
		  "/home/u/.local/share/p11-distrust/user.catalog" },
		{ "data", "/home/u",
		  "/home/u/.local/share/p11-distrust/user.catalog" },
		{ "/data", NULL, "/data/p11-distrust/user.catalog" },
		{ NULL, NULL, NULL }, { NULL, "", NULL }, { NULL, "u", NULL },
		{ slashes, "/home/u", NULL }, { NULL, slashes, NULL },
	};
	char path[FILE_PATH];

	(void)state;
	memset(slashes, '/', sizeof(slashes) - 1);
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		const char *found;

		set_or_not("XDG_DATA_HOME", users[i].data);
		set_or_not("HOME", users[i].home);
		found = file_user_path(path);
		if (users[i].path == NULL)
			assert_null(found);
		else
			assert_string_equal(found, users[i].path);
	}
}

static void
the_longest_path_fits(void **state)
{
	static char data[FILE_PATH];
	const size_t rest = sizeof("/p11-distrust/user.catalog") - 1;
	char path[FILE_PATH];

	(void)state;
	memset(data, '/', FILE_PATH - 1 - rest);
	setenv("XDG_DATA_HOME", data, 1);
	assert_non_null(file_user_path(path));
	assert_int_equal(strlen(path), FILE_PATH - 1);
	data[strlen(data)] = '/';
	setenv("XDG_DATA_HOME", data, 1);
	assert_null(file_user_path(path));
}

static void
the_system_has_a_path(void **state)
{
	(void)state;
	assert_string_equal(file_system_path(),
			    "/var/lib/p11-distrust/system.catalog");
}

/* ---- More rights than the caller's ------------------------------------ */

/* What a set-group-ID copy of this program does. */
static int
say_user_path(void)
{
	char path[FILE_PATH];

	if (getauxval(AT_SECURE) == 0)
		return 3;
	return file_user_path(path) == NULL ? 0 : 1;
}

static void
copy_self(const char *path)
{
	FILE *from = fopen("/proc/self/exe", "r"), *to = fopen(path, "w");
	size_t n;

	folder_must(from != NULL && to != NULL, path);
	while ((n = fread(octets, 1, sizeof(octets), from)) > 0)
		folder_must(fwrite(octets, 1, n, to) == n, path);
	fclose(from);
	folder_must(fclose(to) == 0, path);
	folder_must(chown(path, 0, OTHER) == 0 && chmod(path, 02755) == 0,
		    path);
}

static void
more_rights_believe_no_environment(void **state)
{
	const char *path = folder_path("secure");
	int status = 0;
	pid_t child;

	(void)state;
	if (geteuid() != 0)
		skip();
	setenv("XDG_DATA_HOME", "/data", 1);
	copy_self(path);
	child = fork();
	if (child == 0) {
		if (setresuid(SOMEBODY, SOMEBODY, SOMEBODY) == 0)
			execl(path, path, "--user-path", (char *)NULL);
		_exit(2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 3)
		skip();		/* a file system that gives no rights */
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int
begin(void **state)
{
	(void)state;
	folder_make();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	folder_remove();
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_taken_whole),
		cmocka_unit_test(a_file_shorter_than_a_header_is_none),
		cmocka_unit_test(a_huge_file_costs_nothing_to_take),
		cmocka_unit_test(cutting_a_small_file_off_harms_nobody),
		cmocka_unit_test(replacing_a_large_file_harms_nobody),
		cmocka_unit_test(nobody_else_may_write_it),
		cmocka_unit_test(it_belongs_to_root_or_the_user),
		cmocka_unit_test(a_file_that_may_not_be_read_is_none),
		cmocka_unit_test(what_is_no_regular_file_is_none),
		cmocka_unit_test(a_fifo_does_not_block),
		cmocka_unit_test(the_host_notices_nothing),
		cmocka_unit_test(a_changed_file_is_another),
		cmocka_unit_test(the_user_has_a_path),
		cmocka_unit_test(the_longest_path_fits),
		cmocka_unit_test(the_system_has_a_path),
		cmocka_unit_test(more_rights_believe_no_environment),
	};

	if (argc > 1 && strcmp(argv[1], "--user-path") == 0)
		_exit(say_user_path());	/* and no sanitizer's last word */
	return cmocka_run_group_tests_name("file", tests, begin, end);
}
