/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * p11-kit on this machine: who makes bundles of its store, and what it and
 * GnuTLS say when they are asked, in a process with mounts of its own, so
 * that the machine itself never trusts what is made for the question.  It
 * knows p11-kit; it must not know what is installed there.
 */

#ifndef P11KIT_H
#define P11KIT_H

#include "install/target.h"

/* Functions return 0, or -1 with a fault. */

/* Plan that bundles are made anew where the plan changes anything, and where
 * there is a program for it. */
int p11kit_plan_update(struct plan *plan, struct fault *fault);

/* Ask `trust` and GnuTLS with the modules that the machine has. */
int p11kit_ask_modules(struct target_verdict *verdict, struct fault *fault);

/* Ask `trust` with p11-kit-trust alone, and a store that distrusts what this
 * file says. */
int p11kit_ask_store(struct bytes list, struct target_verdict *verdict,
		     struct fault *fault);

#endif
