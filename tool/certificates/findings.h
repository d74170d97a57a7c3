/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Distrusted certificates that this machine has been told to trust.  Who can
 * be told of certificates only one by one (Java, p11-kit's own store) knows
 * no name and no key: what such a rule hits here, today, is put into words
 * that they understand.  It knows where authorities are put; it must not know
 * how distrust is written.
 */

#ifndef FINDINGS_H
#define FINDINGS_H

#include "certificates/judge.h"
#include "certificates/walk.h"
#include "compile/x509.h"

/* Whoever declares one sets the judge and frees it. */
struct findings {
	const struct judge *judge;
	struct buffer certificates;	/* struct finding */
	struct walk walk;
};

struct finding {
	struct buffer der;
	uint8_t sha256[CATALOG_SHA256];
};

/* Functions return 0, or -1: out of memory.  What cannot be read holds
 * nothing, for its consumers too. */

/* Look at a file, or at all files in a folder and below. */
int findings_look(struct findings *f, const char *path);

/* Look at a Java keystore. */
int findings_look_java(struct findings *f, const char *path);

/* Look wherever an administrator or a distribution puts authorities. */
int findings_look_everywhere(struct findings *f);

size_t findings_count(const struct findings *f);
const struct finding *findings_at(const struct findings *f, size_t i);

void findings_free(struct findings *f);

#endif
