/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Wakes a preloaded sanitizer before any other library of the program begins
 * (linked with -z initfirst).  A sanitizer starts at the first allocation.
 * Without this, that one is in the newlocale() of libp11-kit's constructor,
 * which holds glibc's locale lock; the sanitizer looks for a symbol that is
 * not there, the message about it is translated, which takes the same lock
 * once more, and the program hangs later on (GCC 12, glibc 2.36).
 */

#include <stdlib.h>

void wake(void);

void wake(void)
{
	void *volatile memory = malloc(1);

	free(memory);
}
