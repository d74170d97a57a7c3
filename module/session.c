/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The table of sessions.  It grows by chunks, each twice the one before; the
 * first is part of the module, so that a process with few sessions allocates
 * nothing.
 *
 * A slot's generation is odd while its session is open.  A handle is the
 * generation and the slot's index, so that a handle that was closed matches
 * no session that is opened in the same slot later.
 */

#include "session.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
	INDEX_BITS = 20,
	CHUNKS = 16,
	FIRST_CHUNK = 16,	/* sessions in chunk 0 */
	WORDS = sizeof(struct search) / sizeof(uint64_t),
};

_Static_assert(sizeof(struct search) % sizeof(uint64_t) == 0, "whole words");
_Static_assert(((unsigned long)FIRST_CHUNK << CHUNKS) - FIRST_CHUNK <=
	       1ul << INDEX_BITS, "an index fits");

struct session {
	/* Two cache lines: no two sessions share one. */
	alignas(128) atomic_uint generation;
	atomic_uint searching;
	_Atomic uint64_t search[WORDS];
};

static struct session first_chunk[FIRST_CHUNK];
static _Atomic(struct session *) chunks[CHUNKS] = { first_chunk };
static atomic_uint capacity = FIRST_CHUNK;

/* Where to look for a free slot first. */
static alignas(64) atomic_uint hint;

/* Chunk k holds FIRST_CHUNK << k sessions, from index FIRST_CHUNK * (2^k - 1)
 * on.  The index must be below the capacity. */
static struct session *
slot(unsigned index)
{
	unsigned k = (unsigned)__builtin_clz(1u) -
		     (unsigned)__builtin_clz(index / FIRST_CHUNK + 1);
	unsigned start = ((1u << k) - 1) * FIRST_CHUNK;

	return atomic_load_explicit(&chunks[k], memory_order_acquire) +
	       (index - start);
}

static CK_SESSION_HANDLE
pack(unsigned generation, unsigned index)
{
	return (CK_SESSION_HANDLE)generation << INDEX_BITS | index;
}

/* Takes the slot if it is free. */
static bool
take(unsigned index, CK_SESSION_HANDLE *handle)
{
	struct session *s = slot(index);
	unsigned g = atomic_load_explicit(&s->generation,
					  memory_order_relaxed);

	if (g % 2 != 0 ||
	    !atomic_compare_exchange_strong_explicit(
		    &s->generation, &g, g + 1, memory_order_acquire,
		    memory_order_relaxed))
		return false;
	atomic_store_explicit(&s->searching, 0, memory_order_relaxed);
	*handle = pack(g + 1, index);
	return true;
}

/* Takes any free slot of n, the hinted one first. */
static bool
take_any(unsigned n, CK_SESSION_HANDLE *handle)
{
	unsigned from = atomic_load_explicit(&hint, memory_order_relaxed);

	for (unsigned i = 0, index = from < n ? from : 0; i < n; i++) {
		if (take(index, handle)) {
			atomic_store_explicit(&hint, index + 1,
					      memory_order_relaxed);
			return true;
		}
		index = index + 1 < n ? index + 1 : 0;
	}
	return false;
}

/* Adds the chunk that follows n sessions, unless another thread has. */
static CK_RV
grow(unsigned n)
{
	unsigned k = (unsigned)__builtin_ctz(n / FIRST_CHUNK + 1);
	size_t size = sizeof(struct session) * ((size_t)FIRST_CHUNK << k);
	struct session *chunk, *none = NULL;

	if (k >= CHUNKS)
		return CKR_SESSION_COUNT;
	chunk = aligned_alloc(alignof(struct session), size);
	if (chunk == NULL)
		return CKR_HOST_MEMORY;
	memset((void *)chunk, 0, size);
	if (!atomic_compare_exchange_strong_explicit(
		    &chunks[k], &none, chunk, memory_order_release,
		    memory_order_relaxed)) {
		free(chunk);
		return CKR_OK;
	}
	atomic_store_explicit(&capacity, n + (1u << k) * FIRST_CHUNK,
			      memory_order_release);
	return CKR_OK;
}

CK_RV
session_open(CK_SESSION_HANDLE *handle)
{
	for (;;) {
		unsigned n = atomic_load_explicit(&capacity,
						  memory_order_acquire);
		CK_RV rv;

		if (take_any(n, handle))
			return CKR_OK;
		rv = grow(n);
		if (rv != CKR_OK)
			return rv;
	}
}

struct session *
session_find(CK_SESSION_HANDLE handle)
{
	unsigned index = handle & ((1u << INDEX_BITS) - 1);
	struct session *s;
	unsigned g;

	if (index >= atomic_load_explicit(&capacity, memory_order_acquire))
		return NULL;
	s = slot(index);
	g = atomic_load_explicit(&s->generation, memory_order_relaxed);
	return g % 2 != 0 && pack(g, index) == handle ? s : NULL;
}

bool
session_close(CK_SESSION_HANDLE handle)
{
	unsigned index = handle & ((1u << INDEX_BITS) - 1);
	struct session *s = session_find(handle);
	unsigned g;

	if (s == NULL)
		return false;
	g = atomic_load_explicit(&s->generation, memory_order_relaxed);
	if (pack(g, index) != handle || g % 2 == 0 ||
	    !atomic_compare_exchange_strong_explicit(
		    &s->generation, &g, g + 1, memory_order_release,
		    memory_order_relaxed))
		return false;
	atomic_store_explicit(&hint, index, memory_order_relaxed);
	return true;
}

void
sessions_close_all(void)
{
	unsigned n = atomic_load_explicit(&capacity, memory_order_acquire);

	for (unsigned i = 0; i < n; i++) {
		struct session *s = slot(i);
		unsigned g = atomic_load_explicit(&s->generation,
						  memory_order_relaxed);

		if (g % 2 != 0)
			session_close(pack(g, i));
	}
	atomic_store_explicit(&hint, 0, memory_order_relaxed);
}

void
sessions_free(void)
{
	for (unsigned k = 1; k < CHUNKS; k++)
		free(atomic_exchange(&chunks[k], NULL));
	atomic_store(&capacity, FIRST_CHUNK);
}

/* ---- The search of a session ------------------------------------------ */

bool
session_is_searching(const struct session *s)
{
	return atomic_load_explicit(&s->searching, memory_order_relaxed);
}

void
session_set_searching(struct session *s, bool searching)
{
	atomic_store_explicit(&s->searching, searching, memory_order_relaxed);
}

void
session_load(const struct session *s, struct search *search)
{
	uint64_t words[WORDS];

	for (unsigned i = 0; i < WORDS; i++)
		words[i] = atomic_load_explicit(&s->search[i],
						memory_order_relaxed);
	memcpy(search, words, sizeof(*search));
}

void
session_store(struct session *s, const struct search *search)
{
	uint64_t words[WORDS];

	memcpy(words, search, sizeof(*search));
	for (unsigned i = 0; i < WORDS; i++)
		atomic_store_explicit(&s->search[i], words[i],
				      memory_order_relaxed);
}
