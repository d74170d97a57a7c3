/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Many threads at once: right answers where Cryptoki promises them, no harm
 * where it forbids what the callers do.  Run with SANITIZE=thread too.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "token.h"

/* ---- Questions with known answers ------------------------------------- */

enum { QUESTIONS = 96, ANSWERS = 4, MISSES = 32, OCTETS = 1024 };

static struct question {
	uint8_t octets[2][OCTETS];	/* issuer, serial number */
	CK_ATTRIBUTE template[3];
	CK_OBJECT_CLASS class;
	CK_ULONG count;
	CK_OBJECT_HANDLE answers[ANSWERS];
} questions[QUESTIONS];

static CK_ULONG everything;	/* objects in all */

static void
ask_question(CK_SESSION_HANDLE session, const struct question *q,
	     CK_ULONG *count, CK_OBJECT_HANDLE *answers)
{
	CK_ATTRIBUTE template[3];

	memcpy(template, q->template, sizeof(template));
	*count = token_find(session, template, 3, answers, ANSWERS);
}

/* Issuer and serial number of a trust object; the last ones are altered, so
 * that hardly any is known. */
static void
make_question(CK_SESSION_HANDLE session, unsigned i, CK_OBJECT_HANDLE object)
{
	struct question *q = &questions[i];
	CK_ATTRIBUTE *t = q->template;

	q->class = i % 2 ? NSS_CKO_TRUST : P11_CKO_TRUST;
	t[0] = (CK_ATTRIBUTE){ CKA_CLASS, &q->class, sizeof(q->class) };
	t[1] = (CK_ATTRIBUTE){ CKA_ISSUER, q->octets[0], OCTETS };
	t[2] = (CK_ATTRIBUTE){ CKA_SERIAL_NUMBER, q->octets[1], OCTETS };
	token_must(C_GetAttributeValue(session, object, t + 1, 2));
	if (i >= QUESTIONS - MISSES) {
		q->octets[0][t[1].ulValueLen - 1] ^= 1;
		q->octets[1][t[2].ulValueLen - 1] ^= 1;
	}
	ask_question(session, q, &q->count, q->answers);
}

static CK_ULONG
count_everything(CK_SESSION_HANDLE session)
{
	CK_OBJECT_HANDLE some[100];
	CK_ULONG n, sum = 0;

	token_must(C_FindObjectsInit(session, NULL, 0));
	do {
		token_must(C_FindObjects(session, some, 100, &n));
		sum += n;
	} while (n > 0);
	token_must(C_FindObjectsFinal(session));
	return sum;
}

static int
begin(void **state)
{
	static CK_OBJECT_HANDLE objects[65536];
	CK_OBJECT_CLASS class = NSS_CKO_TRUST;
	CK_ATTRIBUTE by_class = { CKA_CLASS, &class, sizeof(class) };
	CK_SESSION_HANDLE session;
	CK_ULONG n;

	(void)state;
	token_must(C_Initialize(NULL));
	session = token_open();
	n = token_find(session, &by_class, 1, objects, 65536);
	if (n < QUESTIONS)
		return -1;
	for (unsigned i = 0; i < QUESTIONS; i++)
		make_question(session, i, objects[i * (n / QUESTIONS)]);
	everything = count_everything(session);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	return C_Finalize(NULL) == CKR_OK ? 0 : -1;
}

/* ---- Threads ---------------------------------------------------------- */

enum { THREADS_MAX = 64 };

static atomic_uint wrong;

static void
run(unsigned count, void *(*body)(void *))
{
	static unsigned numbers[THREADS_MAX];
	pthread_t threads[THREADS_MAX];

	wrong = 0;
	for (unsigned i = 0; i < count; i++) {
		numbers[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, body,
						&numbers[i]), 0);
	}
	for (unsigned i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(wrong, 0);
}

/* A thread's own sequence of numbers. */
static unsigned
next(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static bool
is_answered(CK_SESSION_HANDLE session, const struct question *q)
{
	CK_OBJECT_HANDLE answers[ANSWERS];
	CK_ULONG n;

	ask_question(session, q, &n, answers);
	return n == q->count && memcmp(answers, q->answers,
				       n * sizeof(answers[0])) == 0;
}

/* ---- Each with a session of its own ----------------------------------- */

static void *
search_alone(void *arg)
{
	unsigned seed = *(const unsigned *)arg;
	CK_SESSION_HANDLE session = token_open();

	for (unsigned i = 0; i < 4000; i++) {
		const struct question *q = &questions[next(&seed) %
						      QUESTIONS];

		wrong += !is_answered(session, q);
		if (i % 1000 == 0)
			wrong += count_everything(session) != everything;
	}
	token_must(C_CloseSession(session));
	return NULL;
}

static void
sixty_four_threads_get_right_answers(void **state)
{
	unsigned hits = 0;

	(void)state;
	for (unsigned i = 0; i < QUESTIONS; i++)
		hits += questions[i].count > 0;
	assert_true(hits >= QUESTIONS - MISSES && hits < QUESTIONS);
	run(64, search_alone);
}

/* ---- All with one ----------------------------------------------------- */

static CK_SESSION_HANDLE shared;

static bool
is_object(CK_OBJECT_HANDLE object)
{
	CK_OBJECT_CLASS class = 0;
	CK_ATTRIBUTE a = { CKA_CLASS, &class, sizeof(class) };

	return C_GetAttributeValue(shared, object, &a, 1) == CKR_OK &&
	       class != 0;
}

static CK_RV
begin_any(unsigned *seed)
{
	const struct question *q = &questions[next(seed) % QUESTIONS];
	CK_ATTRIBUTE template[3];

	memcpy(template, q->template, sizeof(template));
	return C_FindObjectsInit(shared, template, next(seed) % 4);
}

static bool
is_one_of(CK_RV rv, CK_RV a, CK_RV b)
{
	return rv == a || rv == b;
}

/* Cryptoki forbids it; it must not crash, hang, or make up objects. */
static void *
search_together(void *arg)
{
	unsigned seed = *(const unsigned *)arg;
	CK_OBJECT_HANDLE some[8];
	CK_ULONG n;
	CK_RV rv;

	for (unsigned i = 0; i < 10000; i++) {
		switch (next(&seed) % 4) {
		case 0:
			wrong += !is_one_of(begin_any(&seed), CKR_OK,
					    CKR_OPERATION_ACTIVE);
			break;
		case 1:
			wrong += !is_one_of(C_FindObjectsFinal(shared), CKR_OK,
					    CKR_OPERATION_NOT_INITIALIZED);
			break;
		default:
			n = 0;
			rv = C_FindObjects(shared, some, 8, &n);
			wrong += n > 8 ||
				 !is_one_of(rv, CKR_OK,
					    CKR_OPERATION_NOT_INITIALIZED);
			while (rv == CKR_OK && n > 0)
				wrong += !is_object(some[--n]);
		}
	}
	return NULL;
}

static void
sixteen_threads_share_a_session(void **state)
{
	(void)state;
	shared = token_open();
	run(16, search_together);
	(void)C_FindObjectsFinal(shared);
	/* And it is as good as new. */
	for (unsigned i = 0; i < QUESTIONS; i++)
		assert_true(is_answered(shared, &questions[i]));
	token_must(C_CloseSession(shared));
}

/* ---- Opening and closing ---------------------------------------------- */

enum { OWN = 40 };

static bool
is_open(CK_SESSION_HANDLE session)
{
	CK_SESSION_INFO info;

	return C_GetSessionInfo(session, &info) == CKR_OK;
}

static void *
open_and_close(void *arg)
{
	unsigned seed = *(const unsigned *)arg;
	CK_SESSION_HANDLE own[OWN] = { 0 };

	for (unsigned i = 0; i < 20000; i++) {
		CK_SESSION_HANDLE *s = &own[next(&seed) % OWN];

		if (*s == CK_INVALID_HANDLE) {
			*s = token_open();
			wrong += !is_answered(*s, &questions[i % QUESTIONS]);
			continue;
		}
		wrong += !is_open(*s);
		wrong += C_CloseSession(*s) != CKR_OK;
		wrong += C_CloseSession(*s) != CKR_SESSION_HANDLE_INVALID;
		*s = CK_INVALID_HANDLE;
	}
	for (unsigned i = 0; i < OWN; i++) {
		if (own[i] != CK_INVALID_HANDLE)
			wrong += C_CloseSession(own[i]) != CKR_OK;
	}
	return NULL;
}

static void
sixteen_threads_open_and_close(void **state)
{
	(void)state;
	run(16, open_and_close);
}

/* ---- While others end everything -------------------------------------- */

static atomic_bool stop;

/* What may be said to a caller whose session or library is taken away. */
static bool
is_due(CK_RV rv)
{
	return rv == CKR_OK || rv == CKR_CRYPTOKI_NOT_INITIALIZED ||
	       rv == CKR_SESSION_HANDLE_INVALID ||
	       rv == CKR_OPERATION_NOT_INITIALIZED ||
	       rv == CKR_OPERATION_ACTIVE;
}

static void
search_once(CK_SESSION_HANDLE session, const struct question *q)
{
	CK_OBJECT_HANDLE some[ANSWERS];
	CK_OBJECT_CLASS class;
	CK_ATTRIBUTE template[3], a = { CKA_CLASS, &class, sizeof(class) };
	CK_ULONG n = 0;
	CK_RV rv;

	memcpy(template, q->template, sizeof(template));
	wrong += !is_due(C_FindObjectsInit(session, template, 3));
	rv = C_FindObjects(session, some, ANSWERS, &n);
	wrong += !is_due(rv) || n > ANSWERS;
	while (rv == CKR_OK && n > 0)
		wrong += !is_due(C_GetAttributeValue(session, some[--n], &a,
						     1));
	wrong += !is_due(C_FindObjectsFinal(session));
}

static void *
search_in_a_storm(void *arg)
{
	unsigned seed = *(const unsigned *)arg;
	CK_SESSION_HANDLE session = CK_INVALID_HANDLE;

	while (!stop) {
		if (C_OpenSession(TOKEN_SLOT, CKF_SERIAL_SESSION, NULL, NULL,
				  &session) != CKR_OK)
			continue;
		for (unsigned i = 0; i < 50; i++)
			search_once(session,
				    &questions[next(&seed) % QUESTIONS]);
		wrong += !is_due(C_CloseSession(session));
	}
	return NULL;
}

static void
run_storm(void (*end_everything)(void))
{
	static unsigned numbers[12];
	pthread_t threads[12];
	struct timespec pause = { 0, 200000 };

	wrong = 0;
	stop = false;
	for (unsigned i = 0; i < 12; i++) {
		numbers[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL,
						search_in_a_storm,
						&numbers[i]), 0);
	}
	for (unsigned i = 0; i < 400; i++) {
		end_everything();
		nanosleep(&pause, NULL);
	}
	stop = true;
	for (unsigned i = 0; i < 12; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(wrong, 0);
}

static void
close_all(void)
{
	token_must(C_CloseAllSessions(TOKEN_SLOT));
}

static void
finalize_and_initialize(void)
{
	token_must(C_Finalize(NULL));
	token_must(C_Initialize(NULL));
}

static void
all_sessions_are_closed_under_searchers(void **state)
{
	(void)state;
	run_storm(close_all);
}

static void
the_library_ends_under_searchers(void **state)
{
	(void)state;
	run_storm(finalize_and_initialize);
}

/* ---- Thousands at once ------------------------------------------------ */

enum { MANY = 20000 };

/* Kilobytes of ours in memory; 0 where a sanitizer's are among them. */
static long
resident(void)
{
	const char *sanitizer = getenv("SANITIZE");
	FILE *file = fopen("/proc/self/statm", "r");
	long size = 0, pages = 0;

	if (file == NULL || fscanf(file, "%ld %ld", &size, &pages) != 2)
		pages = 0;
	if (file != NULL)
		fclose(file);
	if (sanitizer != NULL && sanitizer[0] != '\0')
		return 0;
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void
thousands_of_sessions_search_at_once(void **state)
{
	static CK_SESSION_HANDLE sessions[MANY];
	CK_OBJECT_HANDLE first = 0, object;
	long before = resident();
	CK_ULONG n;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		sessions[i] = token_open();
		token_must(C_FindObjectsInit(sessions[i], NULL, 0));
	}
	/* The handles themselves are the test's. */
	assert_true(resident() - before <=
		    (MANY * (256 + (long)sizeof(sessions[0]))) / 1024);
	for (unsigned i = 0; i < MANY; i++) {
		token_must(C_FindObjects(sessions[i], &object, 1, &n));
		assert_int_equal(n, 1);
		if (i == 0)
			first = object;
		assert_true(object == first);
	}
	for (unsigned i = 0; i < MANY; i++)
		token_must(C_CloseSession(sessions[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sixty_four_threads_get_right_answers),
		cmocka_unit_test(sixteen_threads_share_a_session),
		cmocka_unit_test(sixteen_threads_open_and_close),
		cmocka_unit_test(all_sessions_are_closed_under_searchers),
		cmocka_unit_test(the_library_ends_under_searchers),
		cmocka_unit_test(thousands_of_sessions_search_at_once),
	};

	setenv("XDG_DATA_HOME", "/nonexistent", 1);
	return cmocka_run_group_tests_name("threads", tests, begin, end);
}
