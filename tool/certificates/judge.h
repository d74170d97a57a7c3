/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What the machine's lists say of a certificate, in full: which entry, by
 * which rule.  The lists are the built-in one and the system's; a user's own
 * additions are not the machine's, and only who asks for a user adds them.  It
 * knows the rules; it must not know
 * where certificates come from or what is done about them.
 */

#ifndef JUDGE_H
#define JUDGE_H

#include <stdbool.h>

#include "base/fault.h"
#include "file.h"
#include "find.h"

struct judge {
	struct lists lists;
	struct file system;
	struct file user;
	uint32_t usages;	/* an entry for any of these counts */
	bool counts_later;	/* so does one for what is issued after a day */
};

enum judge_rule {
	JUDGE_CERTIFICATE,	/* it is the one that is listed */
	JUDGE_KEY,		/* it has a listed key */
	JUDGE_NAME,		/* it bears a listed name */
	JUDGE_ISSUER,		/* it was issued under one */
};

struct judgement {
	enum judge_rule rule;
	const struct catalog *catalog;
	const struct catalog_entry *entry;
};

/* 0; or -1 with a fault where the system's list is there but cannot be
 * taken: then the built-in one alone judges. */
int judge_begin(struct judge *j, struct fault *fault);
void judge_end(struct judge *j);

/* The same with what the user has added, for any of these usages, and with
 * entries that speak of a day from which on: why->entry->after. */
int judge_begin_user(struct judge *j, uint32_t usages, struct fault *fault);

/*
 * Whether one DER certificate is distrusted for servers, whenever it issues:
 * for whoever can only trust it in full or not at all.  The reason goes to
 * *why.  An entry that speaks of other uses or of a day from which on does
 * not count, unless the judge has begun otherwise.
 */
bool judge_is_distrusted(const struct judge *j, struct bytes der,
			 struct judgement *why);

/* Call visit with each entry that counts so; 0 to go on.  Returns what the
 * last call did. */
typedef int judge_visit(void *arg, const struct catalog *catalog,
			const struct catalog_entry *entry);
int judge_each(const struct judge *j, judge_visit *visit, void *arg);

/* The reason as the predicate of "this certificate ...". */
const char *judge_rule_text(enum judge_rule rule);

#endif
