/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Policies. */

#include "mozilla.h"

int
mozilla_find_policies(const struct target *target,
		      const struct target_options *options,
		      struct buffer *places, struct fault *fault)
{
	(void)target, (void)options, (void)places, (void)fault;
	return 0;
}

int
mozilla_plan_policies(const struct target_place *place,
		      const struct target_options *options,
		      struct plan *plan, struct fault *fault)
{
	(void)place, (void)options, (void)plan, (void)fault;
	return 0;
}

int
mozilla_prove_policies(const struct target_place *place,
		       const struct target_options *options,
		       struct target_verdict *verdict, struct fault *fault)
{
	(void)place, (void)options, (void)verdict, (void)fault;
	return 0;
}
