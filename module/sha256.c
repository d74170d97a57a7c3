/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* SHA-256 as FIPS 180-4 writes it: sections 4.1.2, 4.2.2, 5 and 6.2. */

#include "sha256.h"

#include <string.h>

enum { BLOCK = 64, LENGTH = 8 };

static const uint32_t k[BLOCK] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/*@ requires 0 < n < 32;
  @ assigns \nothing;
  @*/
static uint32_t
rotr(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

/* The message schedule W of a block (6.2.2 step 1). */
/*@ requires \valid(w + (0 .. BLOCK - 1));
  @ requires readable_octets(block, BLOCK);
  @ requires \separated(w + (0 .. BLOCK - 1), block + (0 .. BLOCK - 1));
  @ assigns w[0 .. BLOCK - 1];
  @ ensures \initialized(w + (0 .. BLOCK - 1));
  @*/
static void
schedule(uint32_t w[static BLOCK], const uint8_t block[static BLOCK])
{
	/*@ loop invariant t <= 16 && \initialized(w + (0 .. t - 1));
	  @ loop assigns t, w[0 .. 15];
	  @ loop variant 16 - t;
	  @*/
	for (size_t t = 0; t < 16; t++)
		w[t] = (uint32_t)block[4 * t] << 24 |
		       (uint32_t)block[4 * t + 1] << 16 |
		       (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
	/*@ loop invariant 16 <= t <= BLOCK && \initialized(w + (0 .. t - 1));
	  @ loop assigns t, w[16 .. BLOCK - 1];
	  @ loop variant BLOCK - t;
	  @*/
	for (unsigned t = 16; t < BLOCK; t++) {
		uint32_t a = w[t - 15], b = w[t - 2];

		w[t] = (rotr(b, 17) ^ rotr(b, 19) ^ b >> 10) + w[t - 7] +
		       (rotr(a, 7) ^ rotr(a, 18) ^ a >> 3) + w[t - 16];
	}
}

/*@ requires \valid(hash + (0 .. 7)) && \initialized(hash + (0 .. 7));
  @ requires readable_octets(block, BLOCK);
  @ requires \separated(hash + (0 .. 7), block + (0 .. BLOCK - 1));
  @ assigns hash[0 .. 7];
  @ ensures \initialized(hash + (0 .. 7));
  @*/
static void
compress(uint32_t hash[static 8], const uint8_t block[static BLOCK])
{
	uint32_t w[BLOCK], v[8], t1, t2;

	schedule(w, block);
	memcpy(v, hash, sizeof(v));
	/*@ loop invariant t <= BLOCK && \initialized(v + (0 .. 7));
	  @ loop assigns t, t1, t2, v[0 .. 7];
	  @ loop variant BLOCK - t;
	  @*/
	for (unsigned t = 0; t < BLOCK; t++) {
		t1 = v[7] + (rotr(v[4], 6) ^ rotr(v[4], 11) ^ rotr(v[4], 25)) +
		     ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[t] + w[t];
		t2 = (rotr(v[0], 2) ^ rotr(v[0], 13) ^ rotr(v[0], 22)) +
		     ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	/*@ loop invariant i <= 8 && \initialized(hash + (0 .. 7));
	  @ loop assigns i, hash[0 .. 7];
	  @ loop variant 8 - i;
	  @*/
	for (unsigned i = 0; i < 8; i++)
		hash[i] += v[i];
}

/* The last octets of the message, padded (5.1.1). */
/*@ requires \valid(hash + (0 .. 7)) && \initialized(hash + (0 .. 7));
  @ requires readable(rest) && rest.n < BLOCK;
  @ assigns hash[0 .. 7];
  @ ensures \initialized(hash + (0 .. 7));
  @*/
static void
finish(uint32_t hash[static 8], struct bytes rest, uint64_t bits)
{
	uint8_t block[2 * BLOCK] = { 0 };
	size_t end = rest.n + 1 + LENGTH <= BLOCK ? BLOCK : 2 * BLOCK;

	//@ assert initialized_octets(&block[0], 2 * BLOCK);
	memcpy(block, rest.p, rest.n);
	block[rest.n] = 0x80;
	/*@ loop invariant 1 <= i <= LENGTH + 1;
	  @ loop invariant initialized_octets(&block[0], 2 * BLOCK);
	  @ loop assigns i, bits, block[0 .. 2 * BLOCK - 1];
	  @ loop variant LENGTH + 1 - i;
	  @*/
	for (unsigned i = 1; i <= LENGTH; i++, bits >>= 8)
		block[end - i] = (uint8_t)bits;
	/*@ loop invariant at == 0 || at == BLOCK || at == 2 * BLOCK;
	  @ loop invariant at <= end && \initialized(hash + (0 .. 7));
	  @ loop invariant initialized_octets(&block[0], 2 * BLOCK);
	  @ loop assigns at, hash[0 .. 7];
	  @ loop variant end - at;
	  @*/
	for (size_t at = 0; at < end; at += BLOCK)
		compress(hash, block + at);
}

void
sha256(struct bytes message, uint8_t digest[static CATALOG_SHA256])
{
	uint32_t hash[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
			     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	uint64_t bits = (uint64_t)message.n * 8;

	/*@ loop invariant \initialized(&message) && readable(message);
	  @ loop invariant \initialized(hash + (0 .. 7));
	  @ loop assigns message, hash[0 .. 7];
	  @ loop variant message.n;
	  @*/
	for (; message.n >= BLOCK; message.p += BLOCK, message.n -= BLOCK)
		compress(hash, message.p);
	finish(hash, message, bits);
	/*@ loop invariant i <= CATALOG_SHA256;
	  @ loop invariant initialized_octets(digest, i);
	  @ loop assigns i, digest[0 .. CATALOG_SHA256 - 1];
	  @ loop variant CATALOG_SHA256 - i;
	  @*/
	for (unsigned i = 0; i < CATALOG_SHA256; i++)
		digest[i] = (uint8_t)(hash[i / 4] >> (24 - 8 * (i % 4)));
}
