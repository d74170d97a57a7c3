; SPDX-License-Identifier: BSD-3-Clause
; SPDX-FileCopyrightText: The p11-distrust authors
;
; What bits.h admits, of all 64-bit words: none has a counterexample.

(set-logic QF_BV)
(declare-const x (_ BitVec 64))
(declare-const m (_ BitVec 64))
(declare-const s (_ BitVec 64))
(define-fun one () (_ BitVec 64) #x0000000000000001)
(define-fun shift_is_legal () Bool (and (bvule (_ bv27 64) s) (bvule s (_ bv58 64))))

(push)
(echo "masked")
(assert (not (and (bvule (bvand x m) m) (bvule (bvand x m) x))))
(check-sat)
(pop)

(push)
(echo "shifted")
(assert shift_is_legal)
(assert (not (bvule (bvudiv (bvlshr x s) (_ bv64 64))
	(bvsub (bvshl one (bvsub (_ bv58 64) s)) one))))
(check-sat)
(pop)

(push)
(echo "small_power")
(assert (bvule s (_ bv63 64)))
(assert (bvule (bvshl one s) #x00000000ffffffff))
(assert (not (bvule s (_ bv31 64))))
(check-sat)
(pop)
