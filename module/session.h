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

#include <stdbool.h>

#include "cryptoki.h"
#include "search.h"

struct session;

/* CKR_OK, CKR_HOST_MEMORY or CKR_SESSION_COUNT.  The only function here that
 * may allocate. */
CK_RV session_open(CK_SESSION_HANDLE *handle);

/* The open session, or NULL.  Valid until sessions_free(). */
struct session *session_find(CK_SESSION_HANDLE handle);

/* False where it was not open (any more). */
bool session_close(CK_SESSION_HANDLE handle);
void sessions_close_all(void);

/* Give the memory back, when the module is unloaded. */
void sessions_free(void);

/* The session's search: whether one is active, and its state. */
bool session_is_searching(const struct session *session);
void session_set_searching(struct session *session, bool searching);
void session_load(const struct session *session, struct search *search);
void session_store(struct session *session, const struct search *search);

#endif
