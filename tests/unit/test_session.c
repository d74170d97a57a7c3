/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Sessions: handles that never come again, as many as there may be, what one
 * more costs, and the search that each keeps. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <pthread.h>
#include <time.h>

#include "random.h"
#include "session.h"

enum { MANY = 20000 };

static CK_SESSION_HANDLE handles[MANY];

static CK_SESSION_HANDLE
opened(void)
{
	CK_SESSION_HANDLE handle = CK_INVALID_HANDLE;

	assert_int_equal(session_open(&handle), CKR_OK);
	return handle;
}

static struct session *
found(CK_SESSION_HANDLE handle)
{
	struct session *s = session_find(handle);

	if (s == NULL)
		abort();
	return s;
}

static int
close_all(void **state)
{
	(void)state;
	sessions_close_all();
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const CK_SESSION_HANDLE *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
assert_all_differ(size_t n)
{
	qsort(handles, n, sizeof(handles[0]), compare);
	for (size_t i = 0; i < n; i++) {
		assert_true(handles[i] != CK_INVALID_HANDLE);
		assert_true(i == 0 || handles[i] != handles[i - 1]);
	}
}

static void
many_are_open_at_once(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MANY; i++)
		handles[i] = opened();
	assert_all_differ(MANY);
	for (unsigned i = 0; i < MANY; i++)
		assert_non_null(session_find(handles[i]));
	for (unsigned i = 0; i < MANY; i += 2)
		assert_true(session_close(handles[i]));
	for (unsigned i = 0; i < MANY; i++)
		assert_true((session_find(handles[i]) != NULL) == i % 2);
	sessions_close_all();
	for (unsigned i = 0; i < MANY; i++)
		assert_null(session_find(handles[i]));
}

static double
seconds_to_open(unsigned count)
{
	struct timespec from, to;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
	for (unsigned i = 0; i < count; i++)
		opened();
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
	return (double)(to.tv_sec - from.tv_sec) +
	       (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

static double
lesser(double a, double b)
{
	return a < b ? a : b;
}

/* Looking through a table that is full takes ever longer: the last tenth took
 * 19 times as long as the first when the table grew by equal steps.  What else
 * the machine does can only add to that, so the quickest of some rounds
 * counts. */
static void
the_last_costs_what_the_first_did(void **state)
{
	enum { TENTH = 40960, ROUNDS = 5 };
	double first = 1e9, last = 1e9;

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		first = lesser(first, seconds_to_open(TENTH));
		for (unsigned i = 0; i < 8; i++)
			seconds_to_open(TENTH);
		last = lesser(last, seconds_to_open(TENTH));
		sessions_close_all();
		sessions_free();
	}
	assert_true(last < 5 * first);
}

static void
there_is_a_last_one(void **state)
{
	const char *sanitizer = getenv("SANITIZE");
	CK_SESSION_HANDLE handle = 7;
	size_t n = 0;

	(void)state;
	if (sanitizer != NULL && sanitizer[0] != '\0')
		return;		/* its own memory for so many is too much */
	while (session_open(&handle) == CKR_OK)
		n++;
	assert_int_equal(n, SESSION_GENERATION);
	assert_int_equal(session_open(&handle), CKR_SESSION_COUNT);
	assert_true(session_close(handle));
	assert_int_equal(session_open(&handle), CKR_OK);
	sessions_close_all();
	sessions_free();
}

/* So that a caller that mixes them up gets an error and not another
 * caller's session. */
static void
a_handle_never_comes_again(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		handles[i] = opened();
		assert_true(session_close(handles[i]));
		assert_false(session_close(handles[i]));
		assert_null(session_find(handles[i]));
	}
	assert_all_differ(MANY);
}

static void
any_other_number_is_no_session(void **state)
{
	CK_SESSION_HANDLE open[8];

	(void)state;
	random_seed(15);
	for (unsigned i = 0; i < 8; i++)
		open[i] = opened();
	assert_null(session_find(CK_INVALID_HANDLE));
	assert_null(session_find(~0UL));
	assert_false(session_close(CK_INVALID_HANDLE));
	assert_false(session_close(~0UL));
	for (unsigned i = 0; i < 1000000; i++) {
		CK_SESSION_HANDLE handle = random_next() >>
					   random_below(64);
		bool is_open = false;

		for (unsigned j = 0; j < 8; j++)
			is_open |= handle == open[j];
		assert_true((session_find(handle) != NULL) == is_open);
	}
	/* Its neighbours in the table, and its slot's other lives. */
	for (unsigned bit = 0; bit < 64; bit++)
		assert_true(session_find(open[0] ^ 1UL << bit) !=
			    session_find(open[0]));
}

/* The memory of many is given back, and the table begins anew. */
static void
freed_sessions_are_gone(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MANY; i++)
		handles[i] = opened();
	sessions_close_all();
	sessions_free();
	for (unsigned i = 0; i < MANY; i++)
		assert_null(session_find(handles[i]));
	for (unsigned i = 0; i < MANY; i++)
		handles[i] = opened();
	assert_all_differ(MANY);
}

/* ---- Threads that find the table full at once --------------------------- */

enum { OPENERS = 4, EACH = 8, FULL = 1 << SESSION_CHUNK_BITS };

static pthread_barrier_t all_are_there;

static void *
open_some(void *arg)
{
	CK_SESSION_HANDLE *to = arg;

	pthread_barrier_wait(&all_are_there);
	for (unsigned i = 0; i < EACH; i++) {
		if (session_open(&to[i]) != CKR_OK)
			abort();
	}
	return NULL;
}

static void
open_by_threads(CK_SESSION_HANDLE *to)
{
	pthread_t threads[OPENERS];

	for (unsigned i = 0; i < OPENERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, open_some,
						to + i * EACH), 0);
	for (unsigned i = 0; i < OPENERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

/* One of them makes it longer; what the others open must not be lost. */
static void
several_find_the_table_full(void **state)
{
	const size_t n = FULL + OPENERS * EACH;

	(void)state;
	assert_int_equal(pthread_barrier_init(&all_are_there, NULL, OPENERS),
			 0);
	for (unsigned round = 0; round < 300; round++) {
		for (unsigned i = 0; i < FULL; i++)
			handles[i] = opened();
		open_by_threads(&handles[FULL]);
		assert_all_differ(n);
		for (size_t i = 0; i < n; i++)
			assert_non_null(session_find(handles[i]));
		sessions_close_all();
		sessions_free();
	}
	pthread_barrier_destroy(&all_are_there);
}

/* ---- What a session keeps ----------------------------------------------- */

static void
each_keeps_its_search(void **state)
{
	struct search search;
	unsigned char *octets = (unsigned char *)&search;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		handles[i] = opened();
		for (size_t j = 0; j < sizeof(search); j++)
			octets[j] = (unsigned char)(i * 13 + j);
		session_store(found(handles[i]), &search);
		session_set_state(found(handles[i]), i % 3);
	}
	for (unsigned i = 0; i < 1000; i++) {
		session_load(found(handles[i]), &search);
		for (size_t j = 0; j < sizeof(search); j++)
			assert_int_equal(octets[j],
					 (unsigned char)(i * 13 + j));
		assert_int_equal(session_state(found(handles[i])),
				 i % 3);
	}
}

static void
a_new_session_has_no_search(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		CK_SESSION_HANDLE handle = opened();

		assert_int_equal(session_state(found(handle)),
				 SESSION_IDLE);
		session_set_state(found(handle), SESSION_SEARCHING);
		if (i % 3 != 0)
			assert_true(session_close(handle));
	}
}

static void
a_session_is_small(void **state)
{
	(void)state;
	assert_true(sizeof(struct session) <= 256);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(many_are_open_at_once, close_all),
		cmocka_unit_test_teardown(the_last_costs_what_the_first_did,
					  close_all),
		cmocka_unit_test_teardown(there_is_a_last_one, close_all),
		cmocka_unit_test_teardown(several_find_the_table_full,
					  close_all),
		cmocka_unit_test_teardown(a_handle_never_comes_again,
					  close_all),
		cmocka_unit_test_teardown(any_other_number_is_no_session,
					  close_all),
		cmocka_unit_test_teardown(freed_sessions_are_gone, close_all),
		cmocka_unit_test_teardown(each_keeps_its_search, close_all),
		cmocka_unit_test_teardown(a_new_session_has_no_search,
					  close_all),
		cmocka_unit_test(a_session_is_small),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
