/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What goes wrong around the module: memory and system calls that fail, one
 * at a time, and catalogs that are replaced, cut off, taken away or made
 * something else while threads search.  Whatever it is, C_Initialize
 * succeeds, the built-in list answers, and once the cause is gone all is as
 * before.  It knows which calls the module makes (the linker sends them here,
 * see the Makefile); it must not know in what order.
 */

#define _GNU_SOURCE	/* mallinfo2() */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>

#include "session.h"
#include "users.h"

/* ---- Calls that fail -------------------------------------------------- */

enum call { CALLOC, OPEN, FSTAT, STAT, READ, MMAP, MPROTECT, CLOSE, CALLS };

enum {
	SHORT = -1,	/* read() gives less than was asked for */
	END = -2,	/* read() says that this was all */
};

static struct {
	enum call call;
	int countdown;	/* the call that fails; 0: none does (any more) */
	int error;
} fault;

static bool
fails(enum call call)
{
	if (call != fault.call || fault.countdown == 0)
		return false;
	if (--fault.countdown > 0)
		return false;
	errno = fault.error;
	return true;
}

void *__real_calloc(size_t n, size_t size);
int __real_open(const char *path, int flags, ...);
int __real_fstat(int fd, struct stat *st);
int __real_stat(const char *path, struct stat *st);
ssize_t __real_read(int fd, void *to, size_t size);
void *__real_mmap(void *at, size_t size, int prot, int flags, int fd,
		  off_t off);
int __real_mprotect(void *at, size_t size, int prot);
int __real_close(int fd);

void *__wrap_calloc(size_t n, size_t size);
int __wrap_open(const char *path, int flags, ...);
int __wrap_fstat(int fd, struct stat *st);
int __wrap_stat(const char *path, struct stat *st);
ssize_t __wrap_read(int fd, void *to, size_t size);
void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd,
		  off_t off);
int __wrap_mprotect(void *at, size_t size, int prot);
int __wrap_close(int fd);

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails(CALLOC) ? NULL : __real_calloc(n, size);
}

int
__wrap_open(const char *path, int flags, ...)
{
	unsigned mode = 0;
	va_list args;

	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, unsigned);
	va_end(args);
	return fails(OPEN) ? -1 : __real_open(path, flags, mode);
}

int
__wrap_fstat(int fd, struct stat *st)
{
	return fails(FSTAT) ? -1 : __real_fstat(fd, st);
}

int
__wrap_stat(const char *path, struct stat *st)
{
	return fails(STAT) ? -1 : __real_stat(path, st);
}

ssize_t
__wrap_read(int fd, void *to, size_t size)
{
	if (!fails(READ))
		return __real_read(fd, to, size);
	if (fault.error == SHORT)
		return __real_read(fd, to, size / 2 + 1);
	return fault.error == END ? 0 : -1;
}

void *
__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t off)
{
	return fails(MMAP) ? MAP_FAILED :
			     __real_mmap(at, size, prot, flags, fd, off);
}

int
__wrap_mprotect(void *at, size_t size, int prot)
{
	return fails(MPROTECT) ? -1 : __real_mprotect(at, size, prot);
}

/* It is closed, whatever close() says. */
int
__wrap_close(int fd)
{
	int done = __real_close(fd);

	return fails(CLOSE) ? -1 : done;
}

/* ---- A life with one fault -------------------------------------------- */

static unsigned
descriptors(void)
{
	DIR *all = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(all);
	while (readdir(all) != NULL)
		n++;
	closedir(all);
	return n;
}

enum { SESSIONS = 1500 };	/* more than need no memory */

/* Whether the user's own name was distrusted.  What must hold whatever
 * fails is asserted. */
static bool
live(const char *own)
{
	CK_SESSION_HANDLE first, session;
	bool found;

	errno = 4711;
	assert_int_equal(C_Initialize(NULL), CKR_OK);
	assert_int_equal(errno, 4711);
	first = token_open();
	for (unsigned i = 0; i < SESSIONS; i++) {
		CK_RV rv = C_OpenSession(TOKEN_SLOT, CKF_SERIAL_SESSION, NULL,
					 NULL, &session);

		if (rv != CKR_OK && (rv != CKR_HOST_MEMORY ||
				     fault.call != CALLOC))
			fail_msg("C_OpenSession: 0x%lx", rv);
	}
	assert_true(users_asks(first, USERS_QAZNET));
	found = users_asks(first, own);
	assert_int_equal(C_Finalize(NULL), CKR_OK);
	sessions_free();
	return found;
}

/* A new catalog, so that it must be read. */
static const char *
write_new(bool large)
{
	static char name[16];
	static unsigned count;

	snprintf(name, sizeof(name), "Mine %u", count++);
	if (large)
		users_write_large(name);
	else
		users_write(name, NULL, false);
	return name;
}

/* Whether a call was there to fail. */
static bool
live_with_fault(enum call call, int error, int nth, bool large)
{
	unsigned before = descriptors();
	const char *own = write_new(large);
	bool found, failed;

	fault.call = call;
	fault.error = error;
	fault.countdown = nth;
	found = live(own);
	failed = fault.countdown == 0;
	fault.countdown = 0;
	/* What may happen at any time, and what changes nothing. */
	if (!failed || error == SHORT || call == CLOSE || call == STAT ||
	    (error == EINTR && (call == OPEN || call == READ)))
		assert_true(found);
	assert_int_equal(descriptors(), before);
	assert_true(live(own));
	return failed;
}

static const struct {
	enum call call;
	int errors[8];		/* 0: the end */
} faults[] = {
	{ CALLOC, { ENOMEM } },
	{ OPEN, { ENOENT, EACCES, EMFILE, EIO, ENOMEM, EINTR, ELOOP } },
	{ FSTAT, { EIO, ENOMEM, EINTR } },
	{ STAT, { ENOENT, EACCES, EIO, ENOMEM, EINTR } },
	{ READ, { EIO, EINTR, ENOMEM, EACCES, SHORT, END } },
	{ MMAP, { ENOMEM, EACCES, EMFILE, ENODEV } },
	{ MPROTECT, { ENOMEM, EACCES } },
	{ CLOSE, { EIO, EINTR } },
};
enum { FAULTS = sizeof(faults) / sizeof(faults[0]) };

static unsigned
fail_each(bool large)
{
	unsigned cases = 0;

	for (unsigned i = 0; i < FAULTS; i++) {
		const int *error = faults[i].errors;

		for (; *error != 0; error++) {
			int nth = 1;

			while (live_with_fault(faults[i].call, *error, nth,
					       large))
				nth++;
			cases += (unsigned)nth - 1;
			/* A large file is not read, nor protected. */
			if (!large)
				assert_true(nth > 1);
		}
	}
	return cases;
}

static void
each_call_fails_once(void **state)
{
	(void)state;
	token_must(C_Initialize(NULL));	/* what is loaded first */
	token_must(C_Finalize(NULL));
	assert_true(fail_each(false) >= 30);
	assert_true(fail_each(true) >= 20);
	assert_int_equal(unlink(users_path()), 0);
}

/* Somebody who is out of memory, now and always. */
static void
one_more_session_is_refused(void **state)
{
	CK_SESSION_HANDLE session;
	CK_RV rv;

	(void)state;
	token_must(C_Initialize(NULL));
	do {
		fault.call = CALLOC;
		fault.countdown = 1;
		rv = C_OpenSession(TOKEN_SLOT, CKF_SERIAL_SESSION, NULL, NULL,
				   &session);
	} while (rv == CKR_OK);
	fault.countdown = 0;
	assert_int_equal(rv, CKR_HOST_MEMORY);
	assert_true(users_asks(session, USERS_QAZNET));
	assert_int_equal(C_CloseSession(session), CKR_OK);
	assert_true(users_asks(token_open(), USERS_QAZNET));
	token_must(C_Finalize(NULL));
}

/* ---- Files that are none ---------------------------------------------- */

/* In place of the user's catalog. */
enum disguise {
	GOOD, LARGE, CUT, GONE, UNREADABLE, WRITABLE, FOLDER, FIFO, LINK,
	DANGLING, LOOP, FOREIGN, DISGUISES
};

static void
clear_place(void)
{
	if (unlink(users_path()) != 0 && rmdir(users_path()) != 0)
		assert_int_equal(errno, ENOENT);
}

static void
write_foreign(void)
{
	static uint8_t octets[4096] = "no catalog";

	folder_write(users_path(), (struct bytes){ octets, sizeof(octets) },
		     0600);
}

static int
link_to(const char *name)
{
	return symlink(folder_path(name), users_path());
}

static void
disguise(enum disguise as)
{
	int done = 0;

	(void)rmdir(users_path());	/* a file replaces no folder */
	if (as != GOOD && as != LARGE && as != CUT)
		clear_place();
	if (as == GOOD || as == CUT || as == UNREADABLE || as == WRITABLE)
		users_write("Mine", NULL, false);
	switch (as) {
	case LARGE: users_write_large("Mine"); break;
	case CUT: done = truncate(users_path(), 600); break;
	case UNREADABLE: done = chmod(users_path(), 0); break;
	case WRITABLE: done = chmod(users_path(), 0666); break;
	case FOLDER: done = mkdir(users_path(), 0700); break;
	case FIFO: done = mkfifo(users_path(), 0600); break;
	case LINK: done = link_to("kept"); break;
	case DANGLING: done = link_to("nothing"); break;
	case LOOP: done = link_to("p11-distrust/user.catalog"); break;
	case FOREIGN: write_foreign(); break;
	default: break;
	}
	assert_int_equal(done, 0);
}

/* A link leads to it. */
static void
keep_one(void)
{
	users_write("Mine", NULL, false);
	assert_int_equal(rename(users_path(), folder_path("kept")), 0);
}

/* Root may read what nobody may. */
static bool
is_believed(enum disguise as)
{
	return as == GOOD || as == LARGE || as == LINK ||
	       (as == UNREADABLE && geteuid() == 0);
}

static void
only_a_file_of_ones_own_is_believed(void **state)
{
	(void)state;
	keep_one();
	for (unsigned as = 0; as < DISGUISES; as++) {
		disguise(as);
		if (users_distrusts("Mine") != is_believed(as))
			fail_msg("disguise %u", as);
		assert_true(users_distrusts(USERS_QAZNET));
	}
	clear_place();
}

/* A file that is not believed is looked at again each time: that must not
 * keep memory each time. */
static void
nothing_grows_with_a_bad_file(void **state)
{
	size_t before, after;

	(void)state;
	for (unsigned as = 0; as < DISGUISES; as++) {
		disguise(as);
		users_distrusts("Mine");
		users_distrusts("Mine");
		before = mallinfo2().uordblks + mallinfo2().hblkhd;
		for (unsigned i = 0; i < 500; i++)
			users_distrusts("Mine");
		after = mallinfo2().uordblks + mallinfo2().hblkhd;
		if (after > before + 4096)
			fail_msg("disguise %u: %zu octets more", as,
				 after - before);
	}
	clear_place();
}

/* ---- While threads search --------------------------------------------- */

enum { THREADS = 8, CHANGES = 400 };

static atomic_bool stop;
static atomic_uint wrong;
static atomic_ulong answered;

/* To a caller whose library ends and begins under its hands: a session that
 * was about to be opened may live on. */
static bool
is_due(CK_RV rv)
{
	return rv == CKR_OK || rv == CKR_CRYPTOKI_NOT_INITIALIZED ||
	       rv == CKR_SESSION_HANDLE_INVALID ||
	       rv == CKR_OPERATION_NOT_INITIALIZED ||
	       rv == CKR_OPERATION_ACTIVE;
}

/* A search that was begun and ended in one session was right. */
static void
search_once(CK_SESSION_HANDLE session, struct bytes issuer)
{
	CK_OBJECT_CLASS class = NSS_CKO_TRUST;
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		token_attribute(CKA_ISSUER, issuer),
		token_attribute(CKA_SERIAL_NUMBER, made_text("any")),
	};
	CK_OBJECT_HANDLE object;
	CK_ULONG n = 0;
	CK_RV begun = C_FindObjectsInit(session, template, 3);
	CK_RV found = C_FindObjects(session, &object, 1, &n);
	CK_RV ended = C_FindObjectsFinal(session);

	wrong += !is_due(begun) || !is_due(found) || !is_due(ended);
	if (begun == CKR_OK && found == CKR_OK && ended == CKR_OK) {
		wrong += n != 1;
		answered++;
	}
}

static void *
search(void *arg)
{
	struct encoded name;
	struct bytes issuer = made_name(&name, 0x0c, USERS_QAZNET);
	CK_SESSION_HANDLE session;

	(void)arg;
	while (!stop) {
		if (C_OpenSession(TOKEN_SLOT, CKF_SERIAL_SESSION, NULL, NULL,
				  &session) != CKR_OK)
			continue;
		for (unsigned i = 0; i < 20; i++)
			search_once(session, issuer);
		wrong += !is_due(C_CloseSession(session));
	}
	return NULL;
}

static void
change_all_the_time(void)
{
	const struct timespec pause = { 0, 100000 };

	for (unsigned i = 0; i < CHANGES; i++) {
		disguise(i * 7 % DISGUISES);
		token_must(C_Initialize(NULL));
		nanosleep(&pause, NULL);
		/* And once more, under their hands. */
		disguise(i * 5 % DISGUISES);
		nanosleep(&pause, NULL);
		token_must(C_Finalize(NULL));
	}
}

static void
files_change_under_searchers(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	keep_one();
	stop = false;
	wrong = 0;
	answered = 0;
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, search,
						NULL), 0);
	change_all_the_time();
	stop = true;
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(wrong, 0);
	assert_true(answered > CHANGES);
	clear_place();
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
		cmocka_unit_test(each_call_fails_once),
		cmocka_unit_test(one_more_session_is_refused),
		cmocka_unit_test(only_a_file_of_ones_own_is_believed),
		cmocka_unit_test(nothing_grows_with_a_bad_file),
		cmocka_unit_test(files_change_under_searchers),
	};

	return cmocka_run_group_tests_name("faults", tests, begin, end);
}
