/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A glance at a template.  Nearly every question is about a certificate of
 * which no list knows, or about a class that we do not have.  Those end here,
 * inlined into C_FindObjectsInit, without a call or a frame; search.c sees
 * only what may have an answer.  That a template names more attributes cannot
 * add one.
 */

#ifndef GLANCE_H
#define GLANCE_H

#include "cryptoki.h"
#include "find.h"
#include "object.h"

enum glance {
	GLANCE_ILLEGAL,		/* no template: CKR_ARGUMENTS_BAD */
	GLANCE_NOTHING,		/* finds nothing */
	GLANCE_MORE,		/* one has to look */
};

static inline struct bytes
attribute_octets(const CK_ATTRIBUTE *a)
{
	static const uint8_t empty[1];

	return (struct bytes){ a->pValue ? a->pValue : empty, a->ulValueLen };
}

static inline bool
attribute_is_legal(const CK_ATTRIBUTE *a)
{
	return a->ulValueLen != CK_UNAVAILABLE_INFORMATION &&
	       (a->pValue != NULL || a->ulValueLen == 0);
}

/* Whether an attribute is legal and of this type and, where size is not 0, of
 * this size. */
static inline bool
glance_sees(const CK_ATTRIBUTE *a, CK_ATTRIBUTE_TYPE type, CK_ULONG size)
{
	return a->type == type && a->pValue != NULL &&
	       (size != 0 ? a->ulValueLen == size :
			    a->ulValueLen != CK_UNAVAILABLE_INFORMATION);
}

/* Whether this is how NSS asks for trust, and for certificates: nothing need
 * be looked for, which takes 60 instructions less. */
enum { GLANCE_COUNT = 4 };

static inline bool
glance_is_usual(const CK_ATTRIBUTE *t, CK_ULONG count)
{
	return count == GLANCE_COUNT &&
	       glance_sees(&t[0], CKA_TOKEN, sizeof(CK_BBOOL)) &&
	       glance_sees(&t[1], CKA_CLASS, sizeof(CK_OBJECT_CLASS)) &&
	       glance_sees(&t[2], CKA_ISSUER, 0) &&
	       glance_sees(&t[3], CKA_SERIAL_NUMBER, 0);
}

/* A value of another length is no class. */
static inline bool
glance_serves(const CK_ATTRIBUTE *a)
{
	CK_OBJECT_CLASS class;

	if (a->ulValueLen != sizeof(class))
		return false;
	memcpy(&class, a->pValue, sizeof(class));
	return object_serves(class);
}

/* What there may be to find where both are asked about; which looks at no
 * octets where there are none. */
static inline __attribute__((always_inline)) enum find_trace
glance_trace(const struct lists *lists, const CK_ATTRIBUTE *issuer,
	     const CK_ATTRIBUTE *serial)
{
	return find_trace(lists, (struct bytes){ issuer->pValue,
						 issuer->ulValueLen },
			  (struct bytes){ serial->pValue,
					  serial->ulValueLen });
}

/* The same for the usual template. */
static inline enum find_trace
glance_usual(const struct lists *lists, const CK_ATTRIBUTE *t)
{
	return glance_serves(&t[1]) ? glance_trace(lists, &t[2], &t[3]) :
				      FIND_NO_TRACE;
}

/* Any other, whatever stands in it; and who is asked about, or NULL. */
static inline enum glance
glance_any(const CK_ATTRIBUTE *t, CK_ULONG count,
	   const CK_ATTRIBUTE **issuer, const CK_ATTRIBUTE **serial)
{
	const CK_ATTRIBUTE *class = NULL;

	*issuer = *serial = NULL;
	for (; count > 0; t++, count--) {
		if (!attribute_is_legal(t))
			return GLANCE_ILLEGAL;
		if (t->type == CKA_ISSUER)
			*issuer = t;
		else if (t->type == CKA_SERIAL_NUMBER)
			*serial = t;
		else if (t->type == CKA_CLASS)
			class = t;
	}
	return class == NULL || glance_serves(class) ? GLANCE_MORE :
						       GLANCE_NOTHING;
}

#endif
