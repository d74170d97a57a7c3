/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Sessions: handles, and the search that each carries.  It must not know
 * what a search means.
 *
 * Every function may be called from any thread at any time, also with a
 * handle that another thread closes meanwhile.  There is no lock: a slot of
 * the table is taken and given back by one compare-and-swap, and its memory
 * is kept as long as the module is loaded.  A search is kept in relaxed
 * atomic words; two threads that race on one session, which PKCS#11 forbids
 * them, get a mixture that is harmless (search.h).
 */

#ifndef SESSION_H
#define SESSION_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cryptoki.h"
#include "search.h"

enum {
	SESSION_INDEX_BITS = 20,
	SESSION_CHUNK_BITS = 10,	/* sessions in a chunk */
	SESSION_CHUNKS = 1 << (SESSION_INDEX_BITS - SESSION_CHUNK_BITS),
	SESSION_WORDS = sizeof(struct search) / sizeof(uint64_t),
};

/* Two cache lines, so that no two threads share one; the usual search, which
 * is over at once, needs the first alone. */
struct session {
	_Atomic CK_SESSION_HANDLE handle;	/* the last; session_is_open() */
	atomic_uint state;			/* enum session_state */
	_Atomic uint64_t search[SESSION_WORDS];
	unsigned char unused[128 - 2 * sizeof(CK_SESSION_HANDLE) -
			     sizeof(struct search)];
};

/* A search that is over needs no state: the usual case. */
enum session_state {
	SESSION_IDLE,
	SESSION_SEARCHING,
	SESSION_SEARCHED,
	SESSION_ANSWERED,	/* one answer is left, and nothing else */
};

/* CKR_OK, CKR_HOST_MEMORY or CKR_SESSION_COUNT.  The only function here that
 * may allocate. */
CK_RV session_open(CK_SESSION_HANDLE *handle);

/* The open session, or NULL.  Valid until sessions_free(). */
static inline struct session *session_find(CK_SESSION_HANDLE handle);

/* False where it was not open (any more). */
bool session_close(CK_SESSION_HANDLE handle);
void sessions_close_all(void);

/* Give the memory back, when the module is unloaded. */
void sessions_free(void);

/* The session's search: how far it is, and where it goes on if it is
 * SESSION_SEARCHING. */
static inline enum session_state session_state(const struct session *session);
static inline void session_set_state(struct session *session,
				     enum session_state state);
static inline CK_OBJECT_HANDLE session_answer(const struct session *session);
static inline void session_set_answer(struct session *session,
				      CK_OBJECT_HANDLE answer);
void session_load(const struct session *session, struct search *search);
void session_store(struct session *session, const struct search *search);

/* ---- Inlined: every call on a session goes through these -------------- */

/* The first chunk, and where the others are.  What is used is at its
 * beginning; two sessions share no pair of cache lines, which processors
 * fetch together.  Hidden, so that it is reached without the global offset
 * table. */
struct session_table {
	alignas(128) struct session first[1 << SESSION_CHUNK_BITS];
	_Atomic(struct session *) chunks[SESSION_CHUNKS];
};

extern __attribute__((visibility("hidden")))
struct session_table session_table;

/* A handle is the index of a slot and, above it, a generation, so that one
 * that was closed matches no session that is opened in its slot later.  The
 * generation is odd while the session is open. */
#define SESSION_GENERATION ((CK_SESSION_HANDLE)1 << SESSION_INDEX_BITS)

static inline bool
session_is_open(CK_SESSION_HANDLE handle)
{
	return handle & SESSION_GENERATION;
}

static inline size_t
session_index(CK_SESSION_HANDLE handle)
{
	return handle & (SESSION_GENERATION - 1);
}

/* The slot of an index, or NULL where the table does not reach so far. */
static inline struct session *
session_slot(size_t index)
{
	struct session *chunk;

	if (index >> SESSION_CHUNK_BITS == 0)
		return &session_table.first[index];
	chunk = atomic_load_explicit(
		&session_table.chunks[index >> SESSION_CHUNK_BITS],
		memory_order_acquire);
	if (chunk == NULL)
		return NULL;
	return chunk + (index & ((1u << SESSION_CHUNK_BITS) - 1));
}

static inline struct session *
session_find(CK_SESSION_HANDLE handle)
{
	struct session *s = &session_table.first[handle &
					   ((1u << SESSION_CHUNK_BITS) - 1)];

	/* A handle says which slot it is of: this one, or another chunk's. */
	if (!session_is_open(handle))
		return NULL;
	if (atomic_load_explicit(&s->handle, memory_order_relaxed) == handle)
		return s;
	s = session_slot(session_index(handle));
	if (s == NULL ||
	    atomic_load_explicit(&s->handle, memory_order_relaxed) != handle)
		return NULL;
	return s;
}

static inline enum session_state
session_state(const struct session *s)
{
	return (enum session_state)atomic_load_explicit(&s->state,
							memory_order_relaxed);
}

static inline void
session_set_state(struct session *s, enum session_state state)
{
	atomic_store_explicit(&s->state, (unsigned)state,
			      memory_order_relaxed);
}

/* In the place of a search, which it makes superfluous. */
static inline CK_OBJECT_HANDLE
session_answer(const struct session *s)
{
	return (CK_OBJECT_HANDLE)atomic_load_explicit(&s->search[0],
						      memory_order_relaxed);
}

static inline void
session_set_answer(struct session *s, CK_OBJECT_HANDLE answer)
{
	atomic_store_explicit(&s->search[0], answer, memory_order_relaxed);
	session_set_state(s, SESSION_ANSWERED);
}

#endif
