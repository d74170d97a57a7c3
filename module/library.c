/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Initialising, counting callers, finalising. */

#include "library.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "builtin.h"
#include "file.h"
#include "session.h"

/* ---- The lists -------------------------------------------------------- */

/* What was loaded, once for each state of the files on disk. */
struct loaded {
	struct lists lists;
	struct file system;
	struct file user;
	struct loaded *older;
};

static struct loaded first;		/* the usual case allocates nothing */
static struct loaded *newest;		/* under the lock */
_Atomic(const struct lists *) library_current;

static bool
open_file(struct catalog *catalog, const struct file *file)
{
	return file->base != NULL &&
	       catalog_open(catalog, file->base, file->size) == 0;
}

static void
load(struct loaded *l, const char *system_path, const char *user_path)
{
	struct catalog builtin, system, user;
	bool has_system, has_user;

	l->lists.count = 0;
	if (catalog_open(&builtin, builtin_catalog, builtin_catalog_size) == 0)
		lists_add(&l->lists, &builtin);
	file_take(&l->system, system_path, false);
	file_take(&l->user, user_path, true);
	has_system = open_file(&system, &l->system);
	has_user = open_file(&user, &l->user);
	if (has_system)
		lists_add(&l->lists, &system);
	if (has_user)
		lists_enable(&l->lists, &user);
	if (has_system)
		lists_rule(&l->lists, &system);
	if (has_user)
		lists_add(&l->lists, &user);
}

static void
release(struct loaded *l)
{
	file_release(&l->system);
	file_release(&l->user);
	if (l != &first)
		free(l);
}

/* A file that is not believed is looked at again each time, and must not
 * cost memory each time. */
static bool
is_alike(const struct loaded *a, const struct loaded *b)
{
	return file_is_alike(&a->system, &b->system) &&
	       file_is_alike(&a->user, &b->user);
}

/* The lists as the files are now.  What was loaded before is kept: see
 * library_lists(). */
static struct loaded *
load_current(void)
{
	char path[FILE_PATH];
	const char *system = file_system_path(), *user = file_user_path(path);
	struct loaded *l = newest;

	if (l != NULL && file_is_same(&l->system, system) &&
	    file_is_same(&l->user, user))
		return l;
	l = newest == NULL ? &first : calloc(1, sizeof(*l));
	if (l == NULL)
		return newest;
	load(l, system, user);
	if (newest != NULL && is_alike(l, newest)) {
		release(l);
		return newest;
	}
	l->older = newest;
	newest = l;
	return l;
}

/* ---- The callers ------------------------------------------------------ */

enum { CALLERS = 8 };

static struct {
	pid_t pid;		/* whose state this is */
	unsigned count;		/* successful C_Initialize less C_Finalize */
	unsigned known;
	CK_C_INITIALIZE_ARGS callers[CALLERS];
} state;			/* under the lock */

/*
 * The lock holds the holder's pid.  A child that was forked while another
 * thread of its parent held it sees a holder that does not exist here, and
 * takes over.
 */
static _Atomic(pid_t) lock;

static void
lock_state(void)
{
	pid_t self = getpid(), holder = 0;

	while (!atomic_compare_exchange_weak_explicit(
		&lock, &holder, self, memory_order_acquire,
		memory_order_relaxed)) {
		if (holder == self) {
			holder = 0;
			sched_yield();
		}
	}
}

static void
unlock_state(void)
{
	atomic_store_explicit(&lock, 0, memory_order_release);
}

/* In a forked child nothing is initialised, and no session is open. */
static void
forget_parent(void)
{
	if (state.pid == getpid())
		return;
	if (state.pid != 0)
		sessions_close_all();
	state.pid = getpid();
	state.count = 0;
	state.known = 0;
}

static bool
is_same_caller(const CK_C_INITIALIZE_ARGS *a, const CK_C_INITIALIZE_ARGS *b)
{
	return a->CreateMutex == b->CreateMutex &&
	       a->DestroyMutex == b->DestroyMutex &&
	       a->LockMutex == b->LockMutex &&
	       a->UnlockMutex == b->UnlockMutex && a->flags == b->flags &&
	       a->pReserved == b->pReserved;
}

/*
 * Whether a caller is new, or one of those that have finalised since: a
 * C_Finalize does not say whose it is, so once there was one, nobody can be
 * told that it is initialised already.
 */
static bool
may_enter(const CK_C_INITIALIZE_ARGS *caller)
{
	unsigned i;

	for (i = 0; i < state.known; i++) {
		if (is_same_caller(&state.callers[i], caller))
			return state.count < state.known;
	}
	if (i < CALLERS)
		state.callers[state.known++] = *caller;
	return true;
}

/* 2.40 5.4: all four callbacks or none.  pReserved is not looked at: NSS and
 * p11-kit hand text over there, others whatever was on their stack. */
static bool
is_legal(const CK_C_INITIALIZE_ARGS *args)
{
	bool any = args->CreateMutex || args->DestroyMutex ||
		   args->LockMutex || args->UnlockMutex;
	bool all = args->CreateMutex && args->DestroyMutex &&
		   args->LockMutex && args->UnlockMutex;

	return any == all;
}

CK_RV
library_initialize(const CK_C_INITIALIZE_ARGS *args)
{
	CK_C_INITIALIZE_ARGS caller = { 0 };
	CK_RV rv = CKR_CRYPTOKI_ALREADY_INITIALIZED;
	int saved = errno;

	if (args != NULL)
		caller = *args;
	if (!is_legal(&caller))
		return CKR_ARGUMENTS_BAD;
	lock_state();
	forget_parent();
	if (may_enter(&caller)) {
		if (state.count++ == 0)
			atomic_store_explicit(&library_current,
					      &load_current()->lists,
					      memory_order_release);
		rv = CKR_OK;
	}
	unlock_state();
	errno = saved;	/* nothing went wrong, for the host */
	return rv;
}

CK_RV
library_finalize(void)
{
	CK_RV rv = CKR_CRYPTOKI_NOT_INITIALIZED;

	lock_state();
	forget_parent();
	if (state.count > 0) {
		rv = CKR_OK;
		state.count--;
	}
	if (state.count == 0) {
		/* First, so that nobody opens a session behind the sweep. */
		atomic_store_explicit(&library_current, NULL,
				      memory_order_release);
		state.known = 0;
		sessions_close_all();
	}
	unlock_state();
	return rv;
}

/*
 * Gives the memory back when the module is unloaded.  Not where it was never
 * finalised: then the process may be exiting with other threads still in a
 * search (Firefox and Chromium end so).
 */
__attribute__((destructor)) static void
unload(void)
{
	if (state.count > 0)
		return;
	while (newest != NULL) {
		struct loaded *l = newest;

		newest = l->older;
		release(l);
	}
	sessions_free();
}
