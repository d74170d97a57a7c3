/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Any template, asked of two small lists: what the search gives must be what
 * one finds by holding every object against it (plain.h), in whatever
 * portions it is taken.  Values are what an object or a certificate has, the
 * same a bit off, or any octets.
 */

#define _POSIX_C_SOURCE 200809L

#include "../unit/people.h"
#include "../unit/plain.h"
#include "fuzz.h"
#include "search.h"

unsigned fuzz_deep;

enum { FLIPPED = 1, CUT = 2, CONTENT = 4 };

/* ---- Templates --------------------------------------------------------- */

/* What a certificate has, whether a list knows it or not. */
static struct bytes
of_certificate(const struct facts *f, CK_ATTRIBUTE_TYPE type)
{
	switch (type) {
	case CKA_ISSUER: return encoded_bytes(&f->issuer);
	case CKA_SERIAL_NUMBER: return encoded_bytes(&f->serial);
	case CKA_SUBJECT: return encoded_bytes(&f->subject);
	case CKA_VALUE: return encoded_bytes(&f->der);
	case CKA_PUBLIC_KEY_INFO: return encoded_bytes(&f->key);
	case P11_CKA_HASH_OF_CERTIFICATE:
	case NSS_CKA_CERT_SHA1_HASH:
		return (struct bytes){ f->sha1, sizeof(f->sha1) };
	default: return (struct bytes){ f->sha1, 0 };
	}
}

static struct bytes
of_object(struct bytes *in, CK_ATTRIBUTE_TYPE type,
	  uint8_t scratch[static OBJECT_SCRATCH])
{
	unsigned list = fuzz_octet(in) % both.count;
	enum kind kind = (enum kind)(fuzz_octet(in) % KINDS);
	struct bytes value = { NULL, 0 };
	struct object o;

	if (object_of(&both, kind, list, fuzz_octet(in), &o))
		value = object_value(&o, object_column(type), scratch);
	return value;
}

/* In memory of its own, which the caller frees. */
static CK_ATTRIBUTE
attribute_from(struct bytes *in)
{
	uint8_t scratch[OBJECT_SCRATCH], *copy;
	CK_ATTRIBUTE a = { .type = asked_types[fuzz_octet(in) % ASKED_TYPES] };
	uint8_t choice = fuzz_octet(in), spoil = fuzz_octet(in);
	struct bytes value;

	if (choice < EVERYBODY * 3)
		value = of_certificate(&facts[choice % EVERYBODY], a.type);
	else if (choice < 240)
		value = of_object(in, a.type, scratch);
	else
		value = fuzz_take(in, fuzz_octet(in));
	if (spoil & CONTENT && value.n > 2)
		value = (struct bytes){ value.p + 2, value.n - 2 };
	if (spoil & CUT && value.n > 0)
		value.n = fuzz_octet(in) % value.n;
	copy = fuzz_copy(value);
	if (spoil & FLIPPED && value.n > 0)
		copy[fuzz_octet(in) % value.n] ^= fuzz_octet(in);
	a.pValue = copy;
	a.ulValueLen = value.n;
	return a;
}

/* Two serial numbers in one template: nobody can say what it means. */
static bool
is_ambiguous(const struct template *t, CK_ATTRIBUTE_TYPE type)
{
	return type == CKA_SERIAL_NUMBER && names(t, type);
}

static struct template
template_from(struct bytes *in)
{
	struct template t = { 0 };
	CK_ULONG n = fuzz_octet(in) % TEMPLATE;

	while (n-- > 0) {
		CK_ATTRIBUTE a = attribute_from(in);

		if (is_ambiguous(&t, a.type))
			free(a.pValue);
		else
			t.attribute[t.n++] = a;
	}
	return t;
}

/* ---- The target -------------------------------------------------------- */

/* In portions of the input's choice. */
static struct found
search(const struct template *t, struct bytes *in)
{
	struct found found = { 0 };
	struct search s;
	CK_ULONG n, max;

	FUZZ_MUST(search_begin(&s, &both, t->attribute, t->n) == CKR_OK);
	while (!search_is_over(&s)) {
		max = fuzz_octet(in) % 8 + 1;
		FUZZ_MUST(found.n + max <= FOUND);
		n = search_take(&s, &both, found.handle + found.n, max);
		FUZZ_MUST(n <= max);
		found.n += (unsigned)n;
	}
	FUZZ_MUST(search_next(&s, &both) == CK_INVALID_HANDLE);
	return found;
}

static void
try_template(struct bytes *in)
{
	struct template t = template_from(in);
	struct found due = search_by_hand(&both, &t), found = search(&t, in);

	FUZZ_MUST(is_same_answer(&both, &found, &due));
	fuzz_deep += due.n > 0;
	for (CK_ULONG i = 0; i < t.n; i++)
		free(t.attribute[i].pValue);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bytes in = { p, n };

	if (both.count == 0)
		make_lists();
	for (unsigned i = 0; i < 8 && in.n > 0; i++)
		try_template(&in);
	return 0;
}
