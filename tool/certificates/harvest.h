/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * All certificates that a file holds: a bundle in PEM or DER, or a program
 * that carries its authorities among its data, as Firefox and Chromium do.
 * It knows forms of files; it must not know who trusts what.
 */

#ifndef HARVEST_H
#define HARVEST_H

#include "base/buffer.h"
#include "base/fault.h"
#include "catalog.h"

struct harvest {
	struct buffer certificates;	/* struct harvested */
};

/* What a list can be asked about a certificate; views into der.  A serial
 * number may be longer than one of ours can be: some healthy ones are. */
struct harvested {
	uint8_t *der;
	size_t size;
	struct bytes issuer;
	struct bytes serial;		/* DER INTEGER */
	struct bytes subject;
	struct bytes spki;
	uint8_t sha256[CATALOG_SHA256];
	uint8_t spki_sha256[CATALOG_SHA256];
};

/* Add a file's certificates, one that occurs twice only once.  0, or -1 with
 * a fault: also where a certificate of a bundle cannot be read. */
int harvest_file(struct harvest *h, const char *path, struct fault *fault);

size_t harvest_count(const struct harvest *h);
const struct harvested *harvest_at(const struct harvest *h, size_t i);

void harvest_free(struct harvest *h);

#endif
