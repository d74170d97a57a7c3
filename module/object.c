/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Entries as PKCS#11 objects: one table says which kinds have an attribute
 * and where its value comes from.  Values are views of the catalog or of
 * constants; only the unique id is written out for each question.
 */

#include "object.h"

#include <stdalign.h>

#include "der.h"

/* ---- Attributes ------------------------------------------------------- */

/* The types that NSS and p11-kit ask for most are small numbers. */
static const uint8_t low_columns[CKA_DESTROYABLE + 1] = {
	[CKA_CLASS] = COLUMN_CLASS,
	[CKA_TOKEN] = COLUMN_TOKEN,
	[CKA_PRIVATE] = COLUMN_PRIVATE,
	[CKA_LABEL] = COLUMN_LABEL,
	[P11_CKA_UNIQUE_ID] = COLUMN_UNIQUE_ID,
	[CKA_VALUE] = COLUMN_VALUE,
	[CKA_CERTIFICATE_TYPE] = COLUMN_CERTIFICATE_TYPE,
	[CKA_ISSUER] = COLUMN_ISSUER,
	[CKA_SERIAL_NUMBER] = COLUMN_SERIAL_NUMBER,
	[CKA_TRUSTED] = COLUMN_TRUSTED,
	[CKA_CERTIFICATE_CATEGORY] = COLUMN_CERTIFICATE_CATEGORY,
	[P11_CKA_NAME_HASH_ALGORITHM] = COLUMN_NAME_HASH_ALGORITHM,
	[CKA_CHECK_VALUE] = COLUMN_CHECK_VALUE,
	[CKA_SUBJECT] = COLUMN_SUBJECT,
	[CKA_ID] = COLUMN_ID,
	[CKA_START_DATE] = COLUMN_START_DATE,
	[CKA_END_DATE] = COLUMN_END_DATE,
	[CKA_PUBLIC_KEY_INFO] = COLUMN_PUBLIC_KEY_INFO,
	[CKA_MODIFIABLE] = COLUMN_MODIFIABLE,
	[CKA_COPYABLE] = COLUMN_COPYABLE,
	[CKA_DESTROYABLE] = COLUMN_DESTROYABLE,
};

/* Those that NSS asks of trust, from its CKA_TRUST on, and the standard's. */
static const uint8_t nss_columns[] = {
	[NSS_CKA_TRUST_SERVER_AUTH - NSS_CKA_TRUST] = COLUMN_NSS_SERVER,
	[NSS_CKA_TRUST_CLIENT_AUTH - NSS_CKA_TRUST] = COLUMN_NSS_CLIENT,
	[NSS_CKA_TRUST_CODE_SIGNING - NSS_CKA_TRUST] = COLUMN_NSS_CODE,
	[NSS_CKA_TRUST_EMAIL_PROTECTION - NSS_CKA_TRUST] = COLUMN_NSS_EMAIL,
	[NSS_CKA_TRUST_IPSEC_END_SYSTEM - NSS_CKA_TRUST] = COLUMN_NSS_OTHER,
	[NSS_CKA_TRUST_IPSEC_TUNNEL - NSS_CKA_TRUST] = COLUMN_NSS_OTHER,
	[NSS_CKA_TRUST_IPSEC_USER - NSS_CKA_TRUST] = COLUMN_NSS_OTHER,
	[NSS_CKA_TRUST_TIME_STAMPING - NSS_CKA_TRUST] = COLUMN_NSS_OTHER,
	[NSS_CKA_TRUST_STEP_UP_APPROVED - NSS_CKA_TRUST] =
		COLUMN_STEP_UP_APPROVED,
	[NSS_CKA_CERT_SHA1_HASH - NSS_CKA_TRUST] = COLUMN_SHA1,
	[NSS_CKA_CERT_MD5_HASH - NSS_CKA_TRUST] = COLUMN_MD5,
};

static const uint8_t p11_columns[] = {
	[P11_CKA_TRUST_SERVER_AUTH - P11_CKA_PROFILE_ID] = COLUMN_P11_SERVER,
	[P11_CKA_TRUST_CLIENT_AUTH - P11_CKA_PROFILE_ID] = COLUMN_P11_CLIENT,
	[P11_CKA_TRUST_CODE_SIGNING - P11_CKA_PROFILE_ID] = COLUMN_P11_CODE,
	[P11_CKA_TRUST_EMAIL_PROTECTION - P11_CKA_PROFILE_ID] =
		COLUMN_P11_EMAIL,
	[P11_CKA_TRUST_IPSEC_IKE - P11_CKA_PROFILE_ID] = COLUMN_P11_OTHER,
	[P11_CKA_TRUST_TIME_STAMPING - P11_CKA_PROFILE_ID] = COLUMN_P11_OTHER,
	[P11_CKA_TRUST_OCSP_SIGNING - P11_CKA_PROFILE_ID] = COLUMN_P11_OTHER,
	[P11_CKA_HASH_OF_CERTIFICATE - P11_CKA_PROFILE_ID] =
		COLUMN_HASH_OF_CERTIFICATE,
	[P11_CKA_PROFILE_ID - P11_CKA_PROFILE_ID] = COLUMN_PROFILE_ID,
};

static inline enum column
column_of(CK_ATTRIBUTE_TYPE type)
{
	if (type - NSS_CKA_TRUST < sizeof(nss_columns))
		return (enum column)nss_columns[type - NSS_CKA_TRUST];
	if (type < sizeof(low_columns))
		return (enum column)low_columns[type];
	if (type - P11_CKA_PROFILE_ID < sizeof(p11_columns))
		return (enum column)p11_columns[type - P11_CKA_PROFILE_ID];
	switch (type) {
	case NSS_CKA_MOZILLA_CA_POLICY: return COLUMN_MOZILLA_CA_POLICY;
	case NSS_CKA_SERVER_DISTRUST_AFTER: return COLUMN_SERVER_DISTRUST_AFTER;
	case NSS_CKA_EMAIL_DISTRUST_AFTER: return COLUMN_EMAIL_DISTRUST_AFTER;
	case P11KIT_CKA_DISTRUSTED: return COLUMN_DISTRUSTED;
	default: return COLUMN_UNKNOWN;
	}
}

enum column
object_column(CK_ATTRIBUTE_TYPE type)
{
	return column_of(type);
}

/* Sets of kinds */
enum {
	STORED = KIND_BIT(KIND_CERTIFICATE),
	CERTIFICATES = STORED | KIND_BIT(KIND_RULE_CERTIFICATE),
	NSS_TRUSTS = KIND_BIT(KIND_NSS_TRUST) | KIND_BIT(KIND_RULE_NSS_TRUST),
	P11_TRUSTS = KIND_BIT(KIND_TRUST) | KIND_BIT(KIND_RULE_TRUST),
	IDENTITIES = STORED | KIND_BIT(KIND_NSS_TRUST) | KIND_BIT(KIND_TRUST),
	ENTRIES = CERTIFICATES | OBJECT_TRUSTS,
	PROFILES = KIND_BIT(KIND_PROFILE),
	ALL = ENTRIES | PROFILES,
};

/* Where a value comes from */
enum from {
	FROM_CONSTANT,
	FROM_USAGES,	/* the first of two constants if they are refused */
	FROM_CLASS,	/* what follows is in stored_value() */
	FROM_SPAN,	/* of the entry */
	FROM_FIXED,	/* octets at an offset that the entry names */
	FROM_HASH,	/* the same, but empty in a trust object without it */
	FROM_AFTER,	/* are these usages refused, and from which day on? */
	FROM_ITSELF,	/* a function of its own */
};

struct source {
	uint16_t kinds;		/* that may have it */
	uint8_t from;
	uint8_t size;		/* unless it is FROM_SPAN or longer */
	uint16_t where;		/* offset in the entry, or the constants */
	uint16_t usages;
};

/* What is the same for many objects. */
static const struct constants {
	CK_ULONG zero;
	CK_ULONG nss_trust[2];	/* refused; not so */
	CK_ULONG p11_trust[2];
	CK_ULONG sha1, sha256;
	CK_ULONG authority, unspecified;
	CK_OBJECT_CLASS classes[KINDS];
	CK_ULONG profiles[OBJECT_PROFILES];
	CK_BBOOL yes, no;
} constants = {
	.zero = 0,	/* CKC_X_509 */
	.nss_trust = { NSS_CKT_NOT_TRUSTED, NSS_CKT_TRUST_UNKNOWN },
	.p11_trust = { P11_CKT_NOT_TRUSTED, P11_CKT_TRUST_UNKNOWN },
	.sha1 = P11_CKM_SHA_1,
	.sha256 = P11_CKM_SHA256,
	.authority = P11_CATEGORY_AUTHORITY,
	.unspecified = P11_CATEGORY_UNSPECIFIED,
	.classes = {
		[KIND_CERTIFICATE] = CKO_CERTIFICATE,
		[KIND_RULE_CERTIFICATE] = CKO_CERTIFICATE,
		[KIND_RULE_NSS_TRUST] = NSS_CKO_TRUST,
		[KIND_NSS_TRUST] = NSS_CKO_TRUST,
		[KIND_RULE_TRUST] = P11_CKO_TRUST,
		[KIND_TRUST] = P11_CKO_TRUST,
		[KIND_PROFILE] = P11_CKO_PROFILE,
	},
	.profiles = {
		P11_CKP_BASELINE_PROVIDER,
		P11_CKP_PUBLIC_CERTIFICATES_TOKEN,
	},
	.yes = CK_TRUE,
	.no = CK_FALSE,
};

#define FIELD(name) offsetof(struct catalog_entry, name)
#define CONSTANT(name) offsetof(struct constants, name)

enum { BOOL = sizeof(CK_BBOOL), ULONG = sizeof(CK_ULONG) };

static const struct source sources[COLUMNS] = {
	[COLUMN_CLASS] = { ALL, FROM_CLASS, ULONG, 0, 0 },
	[COLUMN_TOKEN] = { ALL, FROM_CONSTANT, BOOL, CONSTANT(yes), 0 },
	[COLUMN_PRIVATE] = { ALL, FROM_CONSTANT, BOOL, CONSTANT(no), 0 },
	[COLUMN_MODIFIABLE] = { ALL, FROM_CONSTANT, BOOL, CONSTANT(no), 0 },
	[COLUMN_COPYABLE] = { ALL, FROM_CONSTANT, BOOL, CONSTANT(no), 0 },
	[COLUMN_DESTROYABLE] = { ALL, FROM_CONSTANT, BOOL, CONSTANT(no), 0 },
	[COLUMN_CERTIFICATE_TYPE] = { CERTIFICATES, FROM_CONSTANT, ULONG,
				      CONSTANT(zero), 0 },
	[COLUMN_TRUSTED] = { CERTIFICATES, FROM_CONSTANT, BOOL, CONSTANT(no),
			     0 },
	[COLUMN_STEP_UP_APPROVED] = { NSS_TRUSTS, FROM_CONSTANT, BOOL,
				      CONSTANT(no), 0 },
	[COLUMN_ISSUER] = { IDENTITIES, FROM_SPAN, 0, FIELD(issuer), 0 },
	[COLUMN_SERIAL_NUMBER] = { IDENTITIES, FROM_SPAN, 0, FIELD(serial),
				   0 },
	[COLUMN_SUBJECT] = { STORED, FROM_SPAN, 0, FIELD(subject), 0 },
	[COLUMN_VALUE] = { STORED, FROM_SPAN, 0, FIELD(value), 0 },
	[COLUMN_ID] = { STORED, FROM_FIXED, CATALOG_ID, FIELD(id), 0 },
	[COLUMN_LABEL] = { ENTRIES, FROM_SPAN, 0, FIELD(label), 0 },
	[COLUMN_UNIQUE_ID] = { ALL, FROM_ITSELF, 0, 0, 0 },
	[COLUMN_DISTRUSTED] = { CERTIFICATES, FROM_ITSELF, 0, 0, 0 },
	[COLUMN_MOZILLA_CA_POLICY] = { CERTIFICATES, FROM_ITSELF, 0, 0, 0 },
	[COLUMN_CERTIFICATE_CATEGORY] = { STORED, FROM_ITSELF, 0, 0, 0 },
	[COLUMN_PUBLIC_KEY_INFO] = { STORED, FROM_ITSELF, 0, 0, 0 },
	[COLUMN_CHECK_VALUE] = { STORED, FROM_FIXED, 3, FIELD(sha1), 0 },
	[COLUMN_START_DATE] = { STORED, FROM_FIXED, 8, FIELD(dates), 0 },
	[COLUMN_END_DATE] = { STORED, FROM_ITSELF, 0, 0, 0 },
	[COLUMN_SERVER_DISTRUST_AFTER] = { CERTIFICATES, FROM_AFTER, 0, 0,
					   CATALOG_USAGE_SERVER },
	[COLUMN_EMAIL_DISTRUST_AFTER] = { CERTIFICATES, FROM_AFTER, 0, 0,
					  CATALOG_USAGE_EMAIL },
	[COLUMN_SHA1] = { STORED | NSS_TRUSTS, FROM_HASH, CATALOG_SHA1,
			  FIELD(sha1), 0 },
	[COLUMN_MD5] = { STORED | NSS_TRUSTS, FROM_HASH, CATALOG_MD5,
			 FIELD(md5), 0 },
	[COLUMN_HASH_OF_CERTIFICATE] = { STORED | P11_TRUSTS, FROM_ITSELF, 0,
					 0, 0 },
	[COLUMN_NAME_HASH_ALGORITHM] = { STORED | P11_TRUSTS, FROM_ITSELF, 0,
					 0, 0 },
	[COLUMN_NSS_SERVER] = { NSS_TRUSTS, FROM_USAGES, ULONG,
				CONSTANT(nss_trust), CATALOG_USAGE_SERVER },
	[COLUMN_NSS_CLIENT] = { NSS_TRUSTS, FROM_USAGES, ULONG,
				CONSTANT(nss_trust), CATALOG_USAGE_CLIENT },
	[COLUMN_NSS_EMAIL] = { NSS_TRUSTS, FROM_USAGES, ULONG,
			       CONSTANT(nss_trust), CATALOG_USAGE_EMAIL },
	[COLUMN_NSS_CODE] = { NSS_TRUSTS, FROM_USAGES, ULONG,
			      CONSTANT(nss_trust), CATALOG_USAGE_CODE },
	[COLUMN_NSS_OTHER] = { NSS_TRUSTS, FROM_USAGES, ULONG,
			       CONSTANT(nss_trust), CATALOG_USAGE_ALL },
	[COLUMN_P11_SERVER] = { P11_TRUSTS, FROM_USAGES, ULONG,
				CONSTANT(p11_trust), CATALOG_USAGE_SERVER },
	[COLUMN_P11_CLIENT] = { P11_TRUSTS, FROM_USAGES, ULONG,
				CONSTANT(p11_trust), CATALOG_USAGE_CLIENT },
	[COLUMN_P11_EMAIL] = { P11_TRUSTS, FROM_USAGES, ULONG,
			       CONSTANT(p11_trust), CATALOG_USAGE_EMAIL },
	[COLUMN_P11_CODE] = { P11_TRUSTS, FROM_USAGES, ULONG,
			      CONSTANT(p11_trust), CATALOG_USAGE_CODE },
	[COLUMN_P11_OTHER] = { P11_TRUSTS, FROM_USAGES, ULONG,
			       CONSTANT(p11_trust), CATALOG_USAGE_ALL },
	[COLUMN_PROFILE_ID] = { PROFILES, FROM_ITSELF, 0, 0, 0 },
};

_Static_assert(COLUMNS <= 64, "a set of columns fits 64 bits");

/* ---- Values ----------------------------------------------------------- */

/* "Issued after the beginning of 2000": whatever there is (UTCTime has no
 * year before 1950, Firefox compares with notBefore). */
static const char always_after[] = "000101000000Z";

static const struct bytes absent = { NULL, 0 };

static struct bytes
octets(const void *p, size_t n)
{
	return (struct bytes){ p, n };
}

static struct bytes
ulong(const CK_ULONG *value)
{
	return octets(value, sizeof(*value));
}

static struct bytes
boolean(bool value)
{
	return octets(value ? &constants.yes : &constants.no, BOOL);
}

/* A constant that its readers address by its offset. */
static inline struct bytes
constant(size_t where, size_t size)
{
	return octets((const uint8_t *)&constants + where, size);
}

/* A field of the entry, which its readers address by its offset. */
static struct bytes
span(const struct object *o, size_t where)
{
	struct catalog_span s;
	struct bytes value;

	memcpy(&s, (const uint8_t *)o->entry + where, sizeof(s));
	value = catalog_bytes(&o->list->catalog, s);
	return value.n > 0 ? value : absent;
}

static struct bytes
fixed(const struct object *o, size_t where, size_t size)
{
	struct bytes value;
	uint32_t off;

	memcpy(&off, (const uint8_t *)o->entry + where, sizeof(off));
	value = catalog_fixed(&o->list->catalog, off, size);
	return value.n > 0 ? value : absent;
}

/*
 * A trust object always has the attribute, if need be empty: NSS reads every
 * attribute that it was told is missing once more by itself.  It is empty in
 * a rule's, which is there for other certificates than the entry's, and
 * where we have not hashed the certificate ourselves: NSS drops all trust
 * where a hash does not match, so that one wrong digit in a source would
 * protect what it names.
 */
static struct bytes
hash(const struct object *o, size_t where, size_t size)
{
	static const uint8_t empty[1];
	struct bytes value = fixed(o, where, size);

	if (o->kind == KIND_CERTIFICATE)
		return value;
	if (value.p == NULL || KIND_BIT(o->kind) & OBJECT_RULES ||
	    o->entry->value.len == 0)
		return octets(empty, 0);
	return value;
}

/* For NSS the hash is by the mechanism beside it, SHA-256 where we can. */
static struct bytes
hash_of_certificate(const struct object *o)
{
	struct bytes value = hash(o, FIELD(sha256), CATALOG_SHA256);

	return value.n > 0 ? value : hash(o, FIELD(sha1), CATALOG_SHA1);
}

static struct bytes
name_hash_algorithm(const struct object *o)
{
	struct bytes value = hash_of_certificate(o);

	if (value.p == NULL)
		return absent;
	return ulong(value.n == CATALOG_SHA256 ? &constants.sha256 :
						 &constants.sha1);
}

/* Firefox and p11-kit: is what the entry is about distrusted for servers,
 * whenever it was issued? */
static bool
is_distrusted(const struct object *o)
{
	return (o->entry->flags & CATALOG_USAGE_SERVER) &&
	       o->entry->after == 0;
}

/*
 * Firefox heeds the day that follows of a root with this attribute alone.  A
 * root whose name is refused does without: see rules_by_value() in search.c.
 */
static bool
heeds_after(const struct object *o)
{
	return o->kind != KIND_CERTIFICATE || o->entry->after != 0 ||
	       !(o->entry->flags & CATALOG_MATCH_NAME);
}

/* pkcs11n.h: a UTCTime, or CK_FALSE where there is no such date. */
static struct bytes
distrust_after(const struct object *o, unsigned usage)
{
	if (!(o->entry->flags & usage))
		return boolean(false);
	if (o->entry->after == 0)
		return octets(always_after, sizeof(always_after) - 1);
	return fixed(o, FIELD(after), CATALOG_AFTER);
}

static bool
covers(const struct object *o, unsigned usages)
{
	return (o->entry->flags & usages) == usages;
}

/* What the object is about in hex, then the list and kind: no two objects
 * of the token share it, and another version of the list keeps it. */
static struct bytes
unique_id(const struct object *o, uint8_t scratch[static OBJECT_SCRATCH])
{
	static const char digits[] = "0123456789abcdef";
	struct bytes about;
	size_t n = 0;

	_Static_assert(2 * CATALOG_SHA1 + 3 <= OBJECT_SCRATCH, "fits");
	_Static_assert(LISTS_MAX <= 16 && KINDS <= 16, "a digit each");
	if (o->kind == KIND_PROFILE) {
		scratch[n++] = 'p';
		scratch[n++] = (uint8_t)digits[o->index % 16];
		return octets(scratch, n);
	}
	about = fixed(o, FIELD(sha1), CATALOG_SHA1);
	if (about.p == NULL)
		about = fixed(o, FIELD(id), CATALOG_ID);
	for (size_t i = 0; i < about.n; i++) {
		scratch[n++] = (uint8_t)digits[about.p[i] >> 4];
		scratch[n++] = (uint8_t)digits[about.p[i] & 15];
	}
	scratch[n++] = '-';
	scratch[n++] = (uint8_t)digits[o->number];
	scratch[n++] = (uint8_t)digits[o->kind];
	return octets(scratch, n);
}

static struct bytes
of_its_own(const struct object *o, enum column column,
	   uint8_t scratch[static OBJECT_SCRATCH])
{
	struct bytes dates;

	switch (column) {
	case COLUMN_UNIQUE_ID:
		return unique_id(o, scratch);
	case COLUMN_DISTRUSTED:
		return is_distrusted(o) ? boolean(true) : absent;
	case COLUMN_MOZILLA_CA_POLICY:
		return heeds_after(o) ? boolean(true) : absent;
	case COLUMN_CERTIFICATE_CATEGORY:
		return ulong(o->entry->flags & CATALOG_IS_CA ?
				     &constants.authority :
				     &constants.unspecified);
	case COLUMN_PUBLIC_KEY_INFO:
		/* p11-kit takes out every anchor with this key. */
		return o->entry->flags & CATALOG_MATCH_KEY ?
			       span(o, FIELD(spki)) : absent;
	case COLUMN_END_DATE:
		dates = fixed(o, FIELD(dates), CATALOG_DATES);
		return dates.p ? octets(dates.p + 8, 8) : absent;
	case COLUMN_HASH_OF_CERTIFICATE:
		return hash_of_certificate(o);
	case COLUMN_NAME_HASH_ALGORITHM:
		return name_hash_algorithm(o);
	case COLUMN_PROFILE_ID:
		return ulong(&constants.profiles[o->index % OBJECT_PROFILES]);
	default:
		return absent;
	}
}

/* Out of line, for what is asked less than trust is. */
static __attribute__((noinline)) struct bytes
stored_value(const struct object *o, enum column column,
	     uint8_t scratch[static OBJECT_SCRATCH])
{
	const struct source *s = &sources[column];

	switch ((enum from)s->from) {
	case FROM_CLASS:
		return ulong(&constants.classes[o->kind]);
	case FROM_SPAN:
		return span(o, s->where);
	case FROM_FIXED:
		return fixed(o, s->where, s->size);
	case FROM_HASH:
		return hash(o, s->where, s->size);
	case FROM_AFTER:
		return distrust_after(o, s->usages);
	case FROM_CONSTANT:
	case FROM_USAGES:
	case FROM_ITSELF:
		break;
	}
	return of_its_own(o, column, scratch);
}

static inline struct bytes
value_of(const struct object *o, enum column column,
	 uint8_t scratch[static OBJECT_SCRATCH])
{
	const struct source *s = &sources[column];
	size_t where = s->where;

	if (!(s->kinds & KIND_BIT(o->kind)))
		return absent;
	if (s->from > FROM_USAGES)
		return stored_value(o, column, scratch);
	if (s->from == FROM_USAGES && !covers(o, s->usages))
		where += s->size;
	return constant(where, s->size);
}

struct bytes
object_value(const struct object *o, enum column column,
	     uint8_t scratch[static OBJECT_SCRATCH])
{
	return value_of(o, column, scratch);
}

/* Most values are a CK_ULONG or a CK_BBOOL: no call for those. */
static inline void
copy(void *to, struct bytes value)
{
	if (value.n == sizeof(CK_ULONG))
		memcpy(to, value.p, sizeof(CK_ULONG));
	else if (value.n == sizeof(CK_BBOOL))
		memcpy(to, value.p, sizeof(CK_BBOOL));
	else
		memcpy(to, value.p, value.n);
}

/* One attribute, in the five cases of 5.7 C_GetAttributeValue; case 1,
 * sensitive, cannot occur. */
static inline CK_RV
read_attribute(CK_ATTRIBUTE *a, struct bytes value)
{
	if (value.p == NULL) {					/* case 2 */
		a->ulValueLen = CK_UNAVAILABLE_INFORMATION;
		return CKR_ATTRIBUTE_TYPE_INVALID;
	}
	if (a->pValue == NULL) {				/* case 3 */
		a->ulValueLen = value.n;
		return CKR_OK;
	}
	if (a->ulValueLen == CK_UNAVAILABLE_INFORMATION ||
	    a->ulValueLen < value.n) {				/* case 5 */
		a->ulValueLen = CK_UNAVAILABLE_INFORMATION;
		return CKR_BUFFER_TOO_SMALL;
	}
	copy(a->pValue, value);					/* case 4 */
	a->ulValueLen = value.n;
	return CKR_OK;
}

/* All are answered; of several errors the first is returned, and 5.7 lets us
 * choose. */
CK_RV
object_read(const struct object *o, CK_ATTRIBUTE *template, CK_ULONG count)
{
	alignas(8) uint8_t scratch[OBJECT_SCRATCH];
	CK_RV rv = CKR_OK;

	for (CK_ATTRIBUTE *a = template; count > 0; a++, count--) {
		CK_RV one = read_attribute(a, value_of(o, column_of(a->type),
						       scratch));

		if (one != CKR_OK && rv == CKR_OK)
			rv = one;
	}
	return rv;
}

static unsigned
kinds_of_class(struct bytes value)
{
	CK_OBJECT_CLASS class;

	if (value.n != sizeof(class))
		return 0;
	memcpy(&class, value.p, sizeof(class));
	switch (class) {
	case CKO_CERTIFICATE: return CERTIFICATES;
	case NSS_CKO_TRUST: return NSS_TRUSTS;
	case P11_CKO_TRUST: return P11_TRUSTS;
	case P11_CKO_PROFILE: return PROFILES;
	default: return 0;
	}
}

unsigned
object_kinds(enum column column, struct bytes value)
{
	const struct source *s = &sources[column];

	if (column == COLUMN_CLASS)
		return kinds_of_class(value);
	if (s->from == FROM_CONSTANT &&
	    !bytes_equal(constant(s->where, s->size), value))
		return 0;
	return s->kinds;
}

/* Serial numbers match as DER and as content octets: see catalog.h. */
bool
object_matches(const struct object *o, enum column column, struct bytes value)
{
	uint8_t scratch[OBJECT_SCRATCH];
	struct bytes own = object_value(o, column, scratch);

	if (own.p == NULL)
		return false;
	return bytes_equal(own, value) ||
	       (column == COLUMN_SERIAL_NUMBER && der_integer_is(own, value));
}
