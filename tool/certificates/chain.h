/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Certificates that belong together, as a server sends them or a file holds
 * them: which of them are distrusted, or were issued by what is on a list in
 * full though nobody sent it; and whether a program that trusts this
 * machine's authorities would find another way.  It must not know where they
 * come from.  Any thread, as long as the question stays as it is.
 */

#ifndef CHAIN_H
#define CHAIN_H

#include "certificates/certificates.h"
#include "certificates/harvest.h"
#include "certificates/judge.h"

struct chain_question {
	const struct judge *judge;
	const struct harvest *authorities;	/* NULL: no server's chain, but
						 * each certificate by itself */
};

struct chain_finding {
	size_t index;			/* of the certificate */
	bool is_above;			/* it was issued by the entry's */
	struct judgement why;
};

struct chain_verdict {
	bool is_distrusted;
	struct buffer findings;		/* struct chain_finding */
};

/* 0, or -1 with a fault.  Whoever asks frees the verdict. */
int chain_judge(const struct chain_question *question,
		const struct certificates *certificates,
		struct chain_verdict *verdict, struct fault *fault);

size_t chain_count(const struct chain_verdict *verdict);
const struct chain_finding *chain_at(const struct chain_verdict *verdict,
				     size_t i);

/* What holds of the certificate: "is listed itself". */
const char *chain_text(const struct chain_finding *finding);

void chain_free(struct chain_verdict *verdict);

#endif
