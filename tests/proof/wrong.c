/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What tests/proof/run must not be able to prove: each function here reads
 * memory that is not initialised, and keeps its contract otherwise.  Were all
 * goals of one proved, so would be anything at all.
 */

#include <string.h>

#include "der.h"

/*@ requires readable(handed);
  @ assigns \nothing;
  @*/
static unsigned
local_variable(struct bytes handed)
{
	unsigned value;

	if (handed.n > 0)
		value = handed.p[0];
	return value;
}

/*@ assigns \nothing;
  @*/
static bool
member(size_t n)
{
	struct bytes octets;

	octets.n = n;
	return octets.p == NULL;
}

/*@ requires readable(in);
  @ assigns \nothing;
  @*/
static size_t
after_what_failed(struct bytes in)
{
	struct bytes content;

	der_take(&in, DER_SET, &content);
	return content.n;
}

/*@ requires catalog_opened(c);
  @ assigns \nothing;
  @*/
static size_t
handed_over(const struct catalog *c)
{
	struct catalog_span span;

	span.off = 0;
	return catalog_bytes(c, span).n;
}

/*@ assigns \nothing;
  @*/
static struct catalog_run
returned(uint32_t from)
{
	struct catalog_run run;

	run.from = from;
	return run;
}

/*@ assigns \nothing;
  @*/
static uint8_t
copied(void)
{
	uint8_t from[4], to[4];

	from[0] = 1;
	memcpy(to, from, sizeof(to));
	return to[0];
}
