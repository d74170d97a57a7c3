/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What a list's entry looks like as PKCS#11 objects.  It knows kinds,
 * handles and attributes; it must not know sessions or searches.
 *
 * A handle is arithmetic on (entry, list, kind): nothing is allocated for an
 * object and none can be stale.
 */

#ifndef OBJECT_H
#define OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "cryptoki.h"
#include "lists.h"

/*
 * The kinds, in the order in which a search returns them: naive callers read
 * the first two objects and expect certificates.  A rule's object stands
 * before what it outranks.
 *
 * The rule kinds are answers to a question about one certificate (find.h)
 * and never part of an enumeration.  A rule's trust object has no hash: NSS
 * drops all trust where a hash does not match, and a rule is there for
 * certificates that nobody has seen.
 */
enum kind {
	KIND_CERTIFICATE,	/* CKO_CERTIFICATE */
	KIND_RULE_CERTIFICATE,	/* CKO_CERTIFICATE without CKA_VALUE */
	KIND_RULE_NSS_TRUST,	/* CKO_NSS_TRUST, hash-less */
	KIND_NSS_TRUST,		/* CKO_NSS_TRUST */
	KIND_RULE_TRUST,	/* CKO_TRUST (PKCS#11 3.2), hash-less */
	KIND_TRUST,		/* CKO_TRUST */
	KIND_PROFILE,		/* CKO_PROFILE; entry: index of the profile */
	KINDS
};

#define KIND_BIT(kind) (1u << (kind))

enum { OBJECT_PROFILES = 2 };

struct object {
	const struct list *list;
	const struct catalog_entry *entry;	/* NULL: a profile */
	uint32_t index;				/* of the entry or profile */
	unsigned number;			/* of the list */
	enum kind kind;
};

/* The object behind a handle, or the one of a kind that an entry of list
 * number `list` has.  False where there is none, or it is not in force. */
static inline bool object_open(const struct lists *lists,
			       CK_OBJECT_HANDLE handle, struct object *object);
static inline bool object_of(const struct lists *lists, enum kind kind,
			     unsigned list, uint32_t index,
			     struct object *object);

/* Whether an entry of a list, which may be NULL, is in force and has an
 * object of this kind. */
static inline bool object_is(const struct list *list,
			     const struct catalog_entry *entry,
			     enum kind kind);

static inline CK_OBJECT_HANDLE object_handle(const struct object *object);
static inline CK_OBJECT_HANDLE object_handle_of(enum kind kind, unsigned list,
						uint32_t index);

/* The attributes that a search may name.  Each is a bit in a 64-bit set. */
enum column {
	COLUMN_UNKNOWN,		/* any other: no object has it */
	/* What all objects of a kind share; object.c says the values. */
	COLUMN_CLASS,
	COLUMN_TOKEN,
	COLUMN_PRIVATE,
	COLUMN_MODIFIABLE,
	COLUMN_COPYABLE,
	COLUMN_DESTROYABLE,
	COLUMN_CERTIFICATE_TYPE,
	COLUMN_TRUSTED,
	COLUMN_STEP_UP_APPROVED,
	COLUMNS_SHARED,
	/* What each has of its own. */
	COLUMN_ISSUER = COLUMNS_SHARED,
	COLUMN_SERIAL_NUMBER,
	COLUMN_SUBJECT,
	COLUMN_VALUE,
	COLUMN_ID,
	COLUMN_LABEL,
	COLUMN_UNIQUE_ID,
	COLUMN_DISTRUSTED,
	COLUMN_MOZILLA_CA_POLICY,
	COLUMN_CERTIFICATE_CATEGORY,
	COLUMN_PUBLIC_KEY_INFO,
	COLUMN_CHECK_VALUE,
	COLUMN_START_DATE,
	COLUMN_END_DATE,
	COLUMN_SERVER_DISTRUST_AFTER,
	COLUMN_EMAIL_DISTRUST_AFTER,
	COLUMN_SHA1,
	COLUMN_MD5,
	COLUMN_HASH_OF_CERTIFICATE,
	COLUMN_NAME_HASH_ALGORITHM,
	COLUMN_NSS_SERVER,
	COLUMN_NSS_CLIENT,
	COLUMN_NSS_EMAIL,
	COLUMN_NSS_CODE,
	COLUMN_NSS_OTHER,	/* IPsec and time stamping: all the same */
	COLUMN_P11_SERVER,
	COLUMN_P11_CLIENT,
	COLUMN_P11_EMAIL,
	COLUMN_P11_CODE,
	COLUMN_P11_OTHER,	/* IKE, time stamping, OCSP signing */
	COLUMN_PROFILE_ID,
	COLUMNS
};

#define COLUMN_BIT(column) (UINT64_C(1) << (column))
#define COLUMN_BITS_SHARED (COLUMN_BIT(COLUMNS_SHARED) - 1)

enum column object_column(CK_ATTRIBUTE_TYPE type);

/* Whether there may be objects of a class at all. */
static inline bool
object_serves(CK_OBJECT_CLASS class)
{
	return class == CKO_CERTIFICATE || class == NSS_CKO_TRUST ||
	       class == P11_CKO_TRUST || class == P11_CKO_PROFILE;
}

/* The set of kinds whose objects may have the attribute with this value. */
unsigned object_kinds(enum column column, struct bytes value);

/*
 * The value of an attribute: octets of the catalog, constants, or what was
 * written into scratch.  p is NULL where the object does not have it; n is 0
 * where it is empty.
 */
enum { OBJECT_SCRATCH = 64 };
struct bytes object_value(const struct object *object, enum column column,
			  uint8_t scratch[static OBJECT_SCRATCH]);

/* Answer C_GetAttributeValue, except for a template that is none. */
CK_RV object_read(const struct object *object, CK_ATTRIBUTE *template,
		  CK_ULONG count);

/* Whether an object's attribute has this value, in the sense of a search:
 * serial numbers match as DER and as content octets. */
bool object_matches(const struct object *object, enum column column,
		    struct bytes value);

/* Whether a search must name CKA_X_DISTRUSTED to find the object. */
static inline bool object_hides(const struct catalog_entry *entry,
				enum kind kind);

/* ---- Inlined: every candidate goes through these ----------------------- */

enum {
	OBJECT_KIND_BITS = 3,
	OBJECT_LIST_BITS = 2,
	OBJECT_BITS = OBJECT_KIND_BITS + OBJECT_LIST_BITS,
};

_Static_assert(KINDS <= 1 << OBJECT_KIND_BITS, "a kind fits");
_Static_assert(LISTS_MAX <= 1 << OBJECT_LIST_BITS, "a list fits");

/* CK_INVALID_HANDLE is 0, so handles begin at 1. */
static inline CK_OBJECT_HANDLE
object_handle_of(enum kind kind, unsigned list, uint32_t index)
{
	return ((CK_OBJECT_HANDLE)index << OBJECT_BITS |
		(CK_OBJECT_HANDLE)list << OBJECT_KIND_BITS | kind) + 1;
}

static inline CK_OBJECT_HANDLE
object_handle(const struct object *o)
{
	return object_handle_of(o->kind, o->number, o->index);
}

enum {
	OBJECT_RULES = KIND_BIT(KIND_RULE_CERTIFICATE) |
		       KIND_BIT(KIND_RULE_NSS_TRUST) |
		       KIND_BIT(KIND_RULE_TRUST),
	OBJECT_TRUSTS = KIND_BIT(KIND_RULE_NSS_TRUST) |
			KIND_BIT(KIND_NSS_TRUST) | KIND_BIT(KIND_RULE_TRUST) |
			KIND_BIT(KIND_TRUST),
};

/* What an entry matches, one of them, that has an object of a kind. */
static const uint8_t object_matching[KINDS] = {
	[KIND_CERTIFICATE] = CATALOG_MATCH_CERTIFICATE | CATALOG_MATCH_KEY,
	[KIND_NSS_TRUST] = CATALOG_MATCH_CERTIFICATE | CATALOG_MATCH_KEY,
	[KIND_TRUST] = CATALOG_MATCH_CERTIFICATE | CATALOG_MATCH_KEY,
	[KIND_RULE_CERTIFICATE] = CATALOG_MATCH_NAME | CATALOG_MATCH_KEY,
	[KIND_RULE_NSS_TRUST] = CATALOG_MATCH_NAME,
	[KIND_RULE_TRUST] = CATALOG_MATCH_NAME,
};

/* Whether an entry says enough, and the right things, for the kind. */
static inline bool
object_has_kind(const struct catalog_entry *e, enum kind kind)
{
	if (!(e->flags & object_matching[kind]))
		return false;
	/* No trust object can say "if issued later". */
	if (KIND_BIT(kind) & OBJECT_TRUSTS && e->after != 0)
		return false;
	return KIND_BIT(kind) & OBJECT_RULES ||
	       (e->issuer.len > 0 && e->serial.len > 0) ||
	       (kind == KIND_CERTIFICATE && e->value.len > 0);
}

static inline bool
object_is(const struct list *list, const struct catalog_entry *e,
	  enum kind kind)
{
	return list_is_on(list, e) && object_has_kind(e, kind);
}

static inline bool
object_of(const struct lists *lists, enum kind kind, unsigned list,
	  uint32_t index, struct object *object)
{
	const struct list *l = &lists->list[list];
	const struct catalog_entry *e = NULL;

	if (kind != KIND_PROFILE)
		e = catalog_entry(&l->catalog, index);
	*object = (struct object){ l, e, index, list, kind };
	if (kind == KIND_PROFILE)
		return list == 0 && index < OBJECT_PROFILES;
	return object_is(l, e, kind);
}

static inline bool
object_open(const struct lists *lists, CK_OBJECT_HANDLE handle,
	    struct object *object)
{
	CK_OBJECT_HANDLE h = handle - 1;
	unsigned kind = h & ((1u << OBJECT_KIND_BITS) - 1);
	unsigned list = h >> OBJECT_KIND_BITS & ((1u << OBJECT_LIST_BITS) - 1);

	if (kind >= KINDS || list >= lists->count ||
	    h >> OBJECT_BITS >= UINT32_MAX)
		return false;
	return object_of(lists, (enum kind)kind, list,
			 (uint32_t)(h >> OBJECT_BITS), object);
}

/*
 * A certificate object without its value breaks those who read every object
 * (Java's SunPKCS11 throws, NSS leaks): only a question that names
 * CKA_X_DISTRUSTED, as p11-kit and GnuTLS ask, may see it.
 */
static inline bool
object_hides(const struct catalog_entry *e, enum kind kind)
{
	return kind == KIND_CERTIFICATE && e->value.len == 0;
}

#endif
