/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The life of the module in a process: who has initialised it, and the lists
 * in force since then.  It must not know sessions' contents or objects.
 */

#ifndef LIBRARY_H
#define LIBRARY_H

#include <stdatomic.h>

#include "cryptoki.h"
#include "lists.h"

/*
 * PKCS#11 2.40 5.4, and one thing more: a process may hold several callers
 * that do not know each other (NSS directly and p11-kit beside it).  They
 * are told apart by their arguments and counted; the last C_Finalize ends
 * it.  Any thread, also after a fork in the middle of anything.
 */
CK_RV library_initialize(const CK_C_INITIALIZE_ARGS *args);
CK_RV library_finalize(void);

/* The lists in force, or NULL where the module is not initialised.  They
 * stay valid as long as the module is loaded, finalised or not: another
 * thread may be in the middle of a search. */
static inline const struct lists *library_lists(void);

/* Inlined: every call begins so.  Hidden, so that it is reached without the
 * global offset table. */
extern __attribute__((visibility("hidden")))
_Atomic(const struct lists *) library_current;

static inline const struct lists *
library_lists(void)
{
	return atomic_load_explicit(&library_current, memory_order_acquire);
}

#endif
