/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What WP has to be told of bits, since it reasons about integers.  What is
 * admitted here is a theorem of bits.smt2, which z3 proves of 64-bit words;
 * and the builtin does what the compiler's manual says.
 */

#ifndef BITS_H
#define BITS_H

/*@ admit lemma masked: \forall integer x, m;
  @	0 <= x <= 0xffffffffffffffff && 0 <= m <= 0xffffffffffffffff ==>
  @	0 <= (x & m) <= m && (x & m) <= x;
  @ admit lemma shifted: \forall integer x, s;
  @	0 <= x <= 0xffffffffffffffff && 27 <= s <= 58 ==>
  @	0 <= (x >> s) / 64 <= (1 << (58 - s)) - 1;
  @ admit lemma small_power: \forall integer k;
  @	0 <= k <= 63 && (1 << k) <= 0xffffffff ==> k <= 31;
  @
  @ lemma divided: \forall integer a, b, s;
  @	0 <= a && 0 <= b && 0 < s && a <= b / s ==> a * s <= b;
  @*/

/*@ requires x != 0;
  @ terminates \true;
  @ assigns \result \from x;
  @ ensures 0 <= \result <= 63;
  @ ensures (x & (x - 1)) == 0 ==> x == 1 << \result;
  @*/
int __builtin_ctzll(unsigned long long x);

#endif
