/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* What proofs suppose of libxxhash: it reads its input, and ends. */

#ifndef XXHASH_H
#define XXHASH_H

#include <stddef.h>
#include <stdint.h>

/*@ requires \valid_read((const uint8_t *)input + (0 .. length - 1));
  @ requires \initialized((const uint8_t *)input + (0 .. length - 1));
  @ terminates \true;
  @ assigns \nothing;
  @*/
unsigned long long XXH3_64bits(const void *input, size_t length);

#endif
