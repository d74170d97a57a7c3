/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The life of the module in a process: callers that know nothing of each
 * other, children, threads, catalogs that come and go, and being unloaded.
 */

#define _GNU_SOURCE	/* unshare() */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "library.h"
#include "users.h"

/* ---- Callers ---------------------------------------------------------- */

static CK_RV
create_mutex(void **mutex)
{
	*mutex = NULL;
	return CKR_OK;
}

static CK_RV
use_mutex(void *mutex)
{
	(void)mutex;
	return CKR_OK;
}

static char text[] = "configdir='' certPrefix='' flags=noModDB";

/* As they come together in one process (client-matrix.md, facts of NSS 6.1
 * and p11-kit 1). */
static const CK_C_INITIALIZE_ARGS callers[] = {
	{ .CreateMutex = create_mutex, .DestroyMutex = use_mutex,
	  .LockMutex = use_mutex, .UnlockMutex = use_mutex, .flags = 3 },
	{ .flags = CKF_OS_LOCKING_OK },
	{ .flags = 3 },
	{ .CreateMutex = create_mutex, .DestroyMutex = use_mutex,
	  .LockMutex = use_mutex, .UnlockMutex = use_mutex, .flags = 3,
	  .pReserved = text },
};

static CK_RV
enter(const CK_C_INITIALIZE_ARGS *args)
{
	CK_C_INITIALIZE_ARGS copy = *args;	/* from another place */

	return C_Initialize(&copy);
}

static bool
is_alive(void)
{
	CK_INFO info;

	return C_GetInfo(&info) == CKR_OK;
}

static void
leave_all(void)
{
	while (C_Finalize(NULL) == CKR_OK)
		continue;
}

/* A caller's letter, or f for C_Finalize, then what it gets: + OK, ! already
 * initialised, 0 not initialised. */
static const char *const histories[] = {
	"a+f+", "a+a!f+", "a+f+a+f+", "f0", "a+f+f0", "a+a!a!f+f0",
	"a+b+f+f+f0",		/* NSS and p11-kit, side by side */
	"a+b+a!b!f+f+",
	"a+b+f+a+f+f+",		/* one goes and comes again */
	"a+b+f+b+f+f+f0",
	"a+b+f+a+a!b!f+f+f0",
	"a+b+c+d+f+f+f+f+f0",
	"a+b+c+d+a!b!c!d!f+f+f+f+f0",
	"a+b+f+f+b+a+f+f+f0",
	"a+d+f+f+",		/* the same but for the text */
	"n+n!f+", "n+a+f+f+f0",	/* NULL arguments */
};

static CK_RV
play(char who)
{
	if (who == 'f')
		return C_Finalize(NULL);
	if (who == 'n')
		return C_Initialize(NULL);
	return enter(&callers[who - 'a']);
}

static char
result(CK_RV rv)
{
	switch (rv) {
	case CKR_OK: return '+';
	case CKR_CRYPTOKI_ALREADY_INITIALIZED: return '!';
	case CKR_CRYPTOKI_NOT_INITIALIZED: return '0';
	default: return '?';
	}
}

static void
callers_are_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(histories) / sizeof(histories[0]);
	     i++) {
		int alive = 0;

		for (const char *p = histories[i]; *p != '\0'; p += 2) {
			if (result(play(p[0])) != p[1])
				fail_msg("%s at %s", histories[i], p);
			if (p[1] == '+')
				alive += p[0] == 'f' ? -1 : 1;
			assert_true(is_alive() == (alive > 0));
		}
		leave_all();
	}
}

/* More than the module cares to remember. */
static void
there_may_be_any_number_of_callers(void **state)
{
	enum { CALLERS = 100 };
	static char reserved[CALLERS];

	(void)state;
	for (unsigned i = 0; i < CALLERS; i++) {
		CK_C_INITIALIZE_ARGS args = { .flags = 2,
					      .pReserved = &reserved[i] };

		assert_int_equal(C_Initialize(&args), CKR_OK);
	}
	for (unsigned i = 0; i < CALLERS; i++) {
		assert_true(is_alive());
		assert_int_equal(C_Finalize(NULL), CKR_OK);
	}
	assert_false(is_alive());
}

static void
sessions_end_with_the_last_caller(void **state)
{
	CK_SESSION_INFO info;
	CK_SESSION_HANDLE session;

	(void)state;
	assert_int_equal(enter(&callers[0]), CKR_OK);
	assert_int_equal(enter(&callers[1]), CKR_OK);
	session = token_open();
	assert_int_equal(C_Finalize(NULL), CKR_OK);
	assert_int_equal(C_GetSessionInfo(session, &info), CKR_OK);
	assert_int_equal(C_Finalize(NULL), CKR_OK);
	assert_int_equal(enter(&callers[0]), CKR_OK);
	assert_int_equal(C_GetSessionInfo(session, &info),
			 CKR_SESSION_HANDLE_INVALID);
	leave_all();
}

/* ---- Threads ---------------------------------------------------------- */

enum { THREADS = 32, ROUNDS = 50 };

static pthread_barrier_t barrier;
static atomic_uint entered, refused;

static void *
race(void *arg)
{
	CK_C_INITIALIZE_ARGS args = { .flags = 2, .pReserved = arg };

	for (unsigned i = 0; i < ROUNDS; i++) {
		CK_RV rv;

		pthread_barrier_wait(&barrier);
		rv = C_Initialize(&args);
		if (rv == CKR_OK)
			entered++;
		else if (rv == CKR_CRYPTOKI_ALREADY_INITIALIZED)
			refused++;
		pthread_barrier_wait(&barrier);
		if (rv == CKR_OK && C_Finalize(NULL) != CKR_OK)
			abort();
	}
	return NULL;
}

static void
run_race(bool same)
{
	static char reserved[THREADS];
	pthread_t threads[THREADS];

	entered = refused = 0;
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, race,
						&reserved[same ? 0 : i]), 0);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&barrier);
}

static void
one_of_equals_wins_the_race(void **state)
{
	(void)state;
	run_race(true);
	assert_int_equal(entered, ROUNDS);
	assert_int_equal(refused, ROUNDS * (THREADS - 1));
	assert_false(is_alive());
}

static void
all_that_differ_win_the_race(void **state)
{
	(void)state;
	run_race(false);
	assert_int_equal(entered, ROUNDS * THREADS);
	assert_int_equal(refused, 0);
	assert_false(is_alive());
}

/* ---- Children --------------------------------------------------------- */

/* What a child found wrong is its exit status. */
static int
in_child(int (*question)(void))
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		alarm(20);
		_exit(question());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

static CK_SESSION_HANDLE parents;

/* GnuTLS and p11-kit initialise again after a fork. */
static int
begin_anew(void)
{
	CK_SESSION_INFO info;
	CK_SESSION_HANDLE session;

	if (enter(&callers[0]) != CKR_OK)
		return 1;
	if (C_GetSessionInfo(parents, &info) != CKR_SESSION_HANDLE_INVALID)
		return 2;
	session = token_open();
	if (C_FindObjectsInit(session, NULL, 0) != CKR_OK)
		return 3;
	if (enter(&callers[0]) != CKR_CRYPTOKI_ALREADY_INITIALIZED)
		return 4;
	if (C_Finalize(NULL) != CKR_OK || is_alive())
		return 5;
	return C_Finalize(NULL) == CKR_CRYPTOKI_NOT_INITIALIZED ? 0 : 6;
}

/* Others do not, and go on, as Cryptoki does not allow. */
static int
go_on(void)
{
	CK_SESSION_INFO info;

	if (!is_alive() || C_GetSessionInfo(parents, &info) != CKR_OK)
		return 1;
	return C_CloseSession(parents) == CKR_OK ? 0 : 2;
}

/* An atexit() handler in a child that never used the module. */
static int
only_finalize(void)
{
	return C_Finalize(NULL) == CKR_CRYPTOKI_NOT_INITIALIZED ? 0 : 1;
}

static int
fork_again(void)
{
	if (enter(&callers[0]) != CKR_OK)
		return 1;
	parents = token_open();
	return in_child(begin_anew) == 0 && is_alive() ? 0 : 2;
}

static void
a_child_begins_anew(void **state)
{
	int (*const children[])(void) = {
		begin_anew, go_on, only_finalize, fork_again,
	};
	CK_SESSION_INFO info;

	(void)state;
	assert_int_equal(enter(&callers[0]), CKR_OK);
	assert_int_equal(enter(&callers[1]), CKR_OK);
	parents = token_open();
	assert_int_equal(C_FindObjectsInit(parents, NULL, 0), CKR_OK);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(in_child(children[i]), 0);
		assert_int_equal(C_GetSessionInfo(parents, &info), CKR_OK);
	}
	assert_int_equal(C_FindObjectsFinal(parents), CKR_OK);
	assert_int_equal(C_Finalize(NULL), CKR_OK);
	assert_true(is_alive());
	assert_int_equal(C_Finalize(NULL), CKR_OK);
	assert_false(is_alive());
}

static atomic_bool stop;

static void *
come_and_go(void *arg)
{
	(void)arg;
	while (!stop) {
		if (C_Initialize(NULL) == CKR_OK)
			C_Finalize(NULL);
	}
	return NULL;
}

static int
just_initialize(void)
{
	if (enter(&callers[0]) != CKR_OK)
		return 1;
	return C_Finalize(NULL) == CKR_OK ? 0 : 2;
}

/* Whatever the other threads of the parent held: nobody lets it go here. */
static void
a_child_is_born_in_the_middle_of_anything(void **state)
{
	pthread_t threads[4];

	(void)state;
	stop = false;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
						come_and_go, NULL), 0);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(in_child(just_initialize), 0);
	stop = true;
	for (unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	leave_all();
}

/* ---- Catalogs on disk ------------------------------------------------- */

static bool
distrusts_qaznet(void)
{
	return users_distrusts(USERS_QAZNET);
}

static void
a_users_catalog_comes_and_goes(void **state)
{
	(void)state;
	assert_false(users_distrusts("Mine"));
	users_write("Mine", NULL, false);
	assert_true(users_distrusts("Mine"));
	assert_true(distrusts_qaznet());
	users_write("Other", NULL, false);
	assert_false(users_distrusts("Mine"));
	assert_true(users_distrusts("Other"));
	assert_int_equal(unlink(users_path()), 0);
	assert_false(users_distrusts("Other"));
	assert_true(distrusts_qaznet());
}

/* Who is initialised keeps what there was. */
static void
a_running_caller_keeps_its_lists(void **state)
{
	static struct encoded name;
	CK_SESSION_HANDLE session;

	(void)state;
	users_write("Mine", NULL, false);
	token_must(C_Initialize(NULL));
	session = token_open();
	users_write("Other", NULL, false);
	assert_int_equal(enter(&callers[0]), CKR_OK);
	assert_true(token_trust(session, made_name(&name, 0x0c, "Mine"),
				made_text("any")) != CK_INVALID_HANDLE);
	assert_true(token_trust(session, made_name(&name, 0x0c, "Other"),
				made_text("any")) == CK_INVALID_HANDLE);
	leave_all();
	assert_true(users_distrusts("Other"));
	assert_int_equal(unlink(users_path()), 0);
}

static const struct lists *
lists_now(void)
{
	const struct lists *lists;

	token_must(C_Initialize(NULL));
	lists = library_lists();
	token_must(C_Finalize(NULL));
	assert_null(library_lists());
	return lists;
}

/* Another thread may be in the middle of the old ones. */
static void
lists_are_read_once_and_kept(void **state)
{
	const struct lists *first, *second, *third;

	(void)state;
	users_write("Mine", NULL, false);
	first = lists_now();
	assert_ptr_equal(lists_now(), first);
	assert_int_equal(first->count, 2);
	users_write("Other", NULL, false);
	second = lists_now();
	assert_ptr_not_equal(second, first);
	assert_ptr_equal(lists_now(), second);
	assert_int_equal(unlink(users_path()), 0);
	third = lists_now();
	assert_ptr_not_equal(third, second);
	assert_int_equal(third->count, 1);
	assert_true(bytes_equal(
		catalog_bytes(&first->list[1].catalog,
			      catalog_entry(&first->list[1].catalog,
					    0)->label), made_text("Mine")));
	assert_true(bytes_equal(
		catalog_bytes(&second->list[1].catalog,
			      catalog_entry(&second->list[1].catalog,
					    0)->label), made_text("Other")));
}

static void
a_user_cannot_switch_off(void **state)
{
	(void)state;
	users_write("Mine", "kazakhstan-2019-qaznet", false);
	assert_true(distrusts_qaznet());
	assert_true(users_distrusts("Mine"));
	assert_int_equal(unlink(users_path()), 0);
}

static void
a_bad_catalog_is_as_if_it_were_not_there(void **state)
{
	struct made m;
	size_t sizes[] = { 0, 1, sizeof(struct catalog_header) - 1,
			   sizeof(struct catalog_header), 0, 0 };

	(void)state;
	users_make(&m, "Mine", NULL, false);
	sizes[4] = m.size / 2;
	sizes[5] = m.size - 8;
	for (unsigned i = 0; i < 6; i++) {
		folder_write(users_path(), (struct bytes){ m.octets, sizes[i] },
			     0600);
		assert_false(users_distrusts("Mine"));
		assert_true(distrusts_qaznet());
	}
	folder_write(users_path(), (struct bytes){ m.octets, m.size }, 0666);
	assert_false(users_distrusts("Mine"));
	m.octets[offsetof(struct catalog_header, format)]++;
	folder_write(users_path(), (struct bytes){ m.octets, m.size }, 0600);
	assert_false(users_distrusts("Mine"));
	assert_true(distrusts_qaznet());
	assert_int_equal(unlink(users_path()), 0);
	made_free(&m);
}

/* An administrator's catalog, in a /var/lib that only a child sees. */
static int
with_system_catalog(const char *group, bool on, int (*question)(void))
{
	struct made m;

	if (unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", "", MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("none", "/var/lib", "tmpfs", 0, NULL) != 0 ||
	    mkdir("/var/lib/p11-distrust", 0755) != 0)
		return 50;
	users_make(&m, "System", group, on);
	folder_write("/var/lib/p11-distrust/system.catalog",
		     (struct bytes){ m.octets, m.size }, 0644);
	made_free(&m);
	return question();
}

static int
says_off(void)
{
	return !distrusts_qaznet() && users_distrusts("System") &&
	       users_distrusts("Mine") ? 0 : 1;
}

static int
says_on(void)
{
	return distrusts_qaznet() && users_distrusts("System") &&
	       users_distrusts("Mine") ? 0 : 1;
}

static int
system_switches_off(void)
{
	return with_system_catalog("kazakhstan-2019-qaznet", false, says_off);
}

static int
system_says_nothing(void)
{
	return with_system_catalog(NULL, false, says_on);
}

static void
an_administrator_rules(void **state)
{
	int status;

	(void)state;
	/* The user wants it on; that is not for the user to say. */
	users_write("Mine", "kazakhstan-2019-qaznet", true);
	status = in_child(system_switches_off);
	if (status == 50)
		skip();		/* no mounts here */
	assert_int_equal(status, 0);
	assert_int_equal(in_child(system_says_nothing), 0);
	assert_int_equal(unlink(users_path()), 0);
}

/* ---- Unloading -------------------------------------------------------- */

static unsigned
mappings_of(const char *name)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	unsigned n = 0;

	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL)
		n += strstr(line, name) != NULL;
	if (maps != NULL)
		fclose(maps);
	return n;
}

static void
use_once(const char *path)
{
	void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	CK_C_GetFunctionList get;
	CK_FUNCTION_LIST *f;
	CK_SESSION_HANDLE session;
	void *symbol;

	if (module == NULL)
		fail_msg("%s", dlerror());
	symbol = dlsym(module, "C_GetFunctionList");
	memcpy(&get, &symbol, sizeof(get));
	assert_int_equal(get(&f), CKR_OK);
	assert_int_equal(f->C_Initialize(NULL), CKR_OK);
	for (unsigned i = 0; i < 3000; i++)
		assert_int_equal(f->C_OpenSession(TOKEN_SLOT,
						  CKF_SERIAL_SESSION, NULL,
						  NULL, &session), CKR_OK);
	assert_int_equal(f->C_Finalize(NULL), CKR_OK);
	assert_int_equal(dlclose(module), 0);
}

static void
it_can_be_unloaded(void **state)
{
	const char *path = getenv("P11_DISTRUST_MODULE");
	unsigned mapped;

	(void)state;
	if (path == NULL)
		path = "build/p11-distrust.so";
	users_write_large("Mine");
	assert_true(users_distrusts("Mine"));
	assert_int_equal(mappings_of("user.catalog"), 1);
	mapped = mappings_of("user.catalog");	/* by this program's own */
	for (unsigned i = 0; i < 50; i++) {
		use_once(path);
		assert_int_equal(mappings_of("p11-distrust.so"), 0);
		assert_int_equal(mappings_of("user.catalog"), mapped);
	}
	assert_int_equal(unlink(users_path()), 0);
}

static int
begin(void **state)
{
	(void)state;
	users_begin();
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
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(callers_are_counted),
		cmocka_unit_test(there_may_be_any_number_of_callers),
		cmocka_unit_test(sessions_end_with_the_last_caller),
		cmocka_unit_test(one_of_equals_wins_the_race),
		cmocka_unit_test(all_that_differ_win_the_race),
		cmocka_unit_test(a_child_begins_anew),
		cmocka_unit_test(a_child_is_born_in_the_middle_of_anything),
		cmocka_unit_test(a_users_catalog_comes_and_goes),
		cmocka_unit_test(a_running_caller_keeps_its_lists),
		cmocka_unit_test(lists_are_read_once_and_kept),
		cmocka_unit_test(a_user_cannot_switch_off),
		cmocka_unit_test(a_bad_catalog_is_as_if_it_were_not_there),
		cmocka_unit_test(an_administrator_rules),
		cmocka_unit_test(it_can_be_unloaded),
	};

	return cmocka_run_group_tests_name("library", tests, begin, end);
}
