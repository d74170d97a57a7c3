/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The table of sessions.  It grows by chunks; the first is part of the
 * module, so that nothing is allocated for a thousand sessions, and the pages
 * of sessions that were never opened are never touched.
 */

#include "session.h"

#include <stdlib.h>

enum { CHUNK = 1 << SESSION_CHUNK_BITS };

_Static_assert(sizeof(struct session) == 128, "two cache lines");
_Static_assert(sizeof(struct search) % sizeof(uint64_t) == 0, "whole words");

struct session_table session_table;

/* Sessions in the chunks that there are, and where to look for a free one
 * first.  They have a cache line of their own. */
static struct {
	unsigned char before[64];
	atomic_size_t capacity;
	atomic_size_t hint;
	unsigned char after[64];
} table = { .capacity = CHUNK };

/* Takes the slot if it is free. */
static bool
take(size_t index, CK_SESSION_HANDLE *handle)
{
	struct session *s = session_slot(index);
	CK_SESSION_HANDLE last = atomic_load_explicit(&s->handle,
						      memory_order_relaxed);
	CK_SESSION_HANDLE next = (last | index) + SESSION_GENERATION;

	if (session_is_open(last) ||
	    !atomic_compare_exchange_strong_explicit(
		    &s->handle, &last, next, memory_order_acquire,
		    memory_order_relaxed))
		return false;
	session_set_state(s, SESSION_IDLE);
	*handle = next;
	return true;
}

/* Takes any free slot of n, the hinted one first. */
static bool
take_any(size_t n, CK_SESSION_HANDLE *handle)
{
	size_t index = atomic_load_explicit(&table.hint, memory_order_relaxed);

	for (size_t i = 0; i < n; i++, index++) {
		if (index >= n)
			index = 0;
		if (take(index, handle)) {
			atomic_store_explicit(&table.hint, index + 1,
					      memory_order_relaxed);
			return true;
		}
	}
	return false;
}

/* Adds the chunk that follows n sessions: 1, or 0 where another thread was
 * faster, or -1 where there is no memory. */
static int
add_chunk(size_t n)
{
	struct session *chunk = calloc(CHUNK, sizeof(*chunk)), *none = NULL;

	if (chunk == NULL)
		return -1;
	if (!atomic_compare_exchange_strong_explicit(
		    &session_table.chunks[n >> SESSION_CHUNK_BITS], &none, chunk,
		    memory_order_release, memory_order_relaxed)) {
		free(chunk);
		return 0;
	}
	atomic_store_explicit(&table.capacity, n + CHUNK,
			      memory_order_release);
	return 1;
}

/*
 * Adds an eighth to n sessions, and a chunk at least.  All n were looked
 * through in vain: those that are opened until the next time pay for it.
 */
static CK_RV
grow(size_t n)
{
	size_t end = n + n / 8;
	int added;

	if (n >= SESSION_GENERATION)
		return CKR_SESSION_COUNT;
	if (end > SESSION_GENERATION)
		end = SESSION_GENERATION;
	added = add_chunk(n);
	if (added < 0)
		return CKR_HOST_MEMORY;
	for (n += CHUNK; added > 0 && n + CHUNK <= end; n += CHUNK)
		added = add_chunk(n);
	return CKR_OK;
}

CK_RV
session_open(CK_SESSION_HANDLE *handle)
{
	for (;;) {
		size_t n = atomic_load_explicit(&table.capacity,
						memory_order_acquire);
		CK_RV rv;

		if (take_any(n, handle))
			return CKR_OK;
		rv = grow(n);
		if (rv != CKR_OK)
			return rv;
	}
}

bool
session_close(CK_SESSION_HANDLE handle)
{
	struct session *s = session_find(handle);
	CK_SESSION_HANDLE closed = handle + SESSION_GENERATION;

	if (s == NULL ||
	    !atomic_compare_exchange_strong_explicit(
		    &s->handle, &handle, closed, memory_order_release,
		    memory_order_relaxed))
		return false;
	atomic_store_explicit(&table.hint, session_index(closed),
			      memory_order_relaxed);
	return true;
}

void
sessions_close_all(void)
{
	size_t n = atomic_load_explicit(&table.capacity, memory_order_acquire);

	for (size_t i = 0; i < n; i++)
		session_close(atomic_load_explicit(&session_slot(i)->handle,
						   memory_order_relaxed));
	atomic_store_explicit(&table.hint, 0, memory_order_relaxed);
}

void
sessions_free(void)
{
	for (size_t k = 1; k < SESSION_CHUNKS; k++)
		free(atomic_exchange(&session_table.chunks[k], NULL));
	atomic_store(&table.capacity, CHUNK);
}

void
session_load(const struct session *s, struct search *search)
{
	uint64_t words[SESSION_WORDS];

	for (unsigned i = 0; i < SESSION_WORDS; i++)
		words[i] = atomic_load_explicit(&s->search[i],
						memory_order_relaxed);
	/* cppcheck-suppress uninitvar ; the loop fills all of it */
	memcpy(search, words, sizeof(*search));
}

void
session_store(struct session *s, const struct search *search)
{
	uint64_t words[SESSION_WORDS];

	memcpy(words, search, sizeof(*search));
	for (unsigned i = 0; i < SESSION_WORDS; i++)
		atomic_store_explicit(&s->search[i], words[i],
				      memory_order_relaxed);
}
