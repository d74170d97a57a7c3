/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Real names and serial numbers, and the calls that ask about them. */

#include "questions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

const char *const task_names[TASKS] = {
	[TASK_MISS] = "miss",
	[TASK_MISS_ROOT] = "miss-root",
	[TASK_UNSERVED] = "unserved",
	[TASK_HIT] = "hit",
	[TASK_HIT_NAME] = "hit-name",
	[TASK_HIT_NSS] = "hit-nss",
	[TASK_SESSION] = "session",
	[TASK_ENUMERATE] = "enumerate",
};

enum {
	CERTIFICATES = 512,
	HITS = 16,
	SERIAL = 22,		/* tag, length, 20 octets */
	ATTRIBUTES = 4,
	HANDLES = 64,		/* an enumeration asks for so many at once */
};

/* ---- Certificates ----------------------------------------------------- */

struct octets {
	unsigned char *p;
	CK_ULONG n;
};

struct certificate {
	struct octets subject;
	struct octets issuer;
	struct octets serial;
	bool trusted;		/* by browsers, not distrusted by us */
};

static struct certificate certificates[CERTIFICATES];
static unsigned certificates_count;

static void
note(X509 *x, bool trusted)
{
	struct certificate *c = &certificates[certificates_count];

	if (certificates_count == CERTIFICATES)
		return;
	*c = (struct certificate){ .trusted = trusted };
	c->subject.n = (CK_ULONG)i2d_X509_NAME(X509_get_subject_name(x),
					       &c->subject.p);
	c->issuer.n = (CK_ULONG)i2d_X509_NAME(X509_get_issuer_name(x),
					      &c->issuer.p);
	c->serial.n = (CK_ULONG)i2d_ASN1_INTEGER(X509_get_serialNumber(x),
						 &c->serial.p);
	certificates_count++;
}

static void
read_file(const char *path, bool trusted)
{
	FILE *file = fopen(path, "r");
	X509 *x;

	if (file == NULL) {
		perror(path);
		exit(1);
	}
	while ((x = PEM_read_X509(file, NULL, NULL, NULL)) != NULL) {
		note(x, trusted);
		X509_free(x);
	}
	fclose(file);
}

void
questions_read(char *const paths[], int count)
{
	bool trusted = true;

	for (int i = 0; i < count; i++) {
		if (strcmp(paths[i], "--") == 0)
			trusted = false;
		else
			read_file(paths[i], trusted);
	}
}

/* ---- Questions -------------------------------------------------------- */

/* One template and what it points to. */
struct question {
	CK_ATTRIBUTE template[ATTRIBUTES];
	unsigned char serial[SERIAL];
};

struct asked {
	CK_FUNCTION_LIST *functions;
	CK_SLOT_ID slot;
	CK_SESSION_HANDLE session;
	struct question misses[CERTIFICATES];
	struct question roots[CERTIFICATES];
	struct question hits[HITS];
	struct question names[HITS];
	unsigned misses_count;
	unsigned roots_count;
	unsigned hits_count;
	unsigned names_count;
	unsigned objects;
	unsigned first;		/* the question that a task begins with */
};

static CK_BBOOL yes = CK_TRUE;
static CK_OBJECT_CLASS trust_class = NSS_CKO_TRUST;
static CK_OBJECT_CLASS crl_class = NSS_CKO_CRL;

/* {TOKEN, CLASS, ISSUER, SERIAL_NUMBER}, in NSS's order. */
static void
ask_trust(struct question *q, struct octets issuer, struct octets serial)
{
	CK_ATTRIBUTE template[ATTRIBUTES] = {
		{ CKA_TOKEN, &yes, sizeof(yes) },
		{ CKA_CLASS, &trust_class, sizeof(trust_class) },
		{ CKA_ISSUER, issuer.p, issuer.n },
		{ CKA_SERIAL_NUMBER, serial.p, serial.n },
	};

	memcpy(q->template, template, sizeof(template));
}

/* A serial number that nobody has, of a length that authorities use. */
static void
ask_new_serial(struct question *q, const struct certificate *c)
{
	static uint32_t state = 1;
	CK_ULONG n = 16 + c->subject.n % 5;

	q->serial[0] = 0x02;
	q->serial[1] = (unsigned char)n;
	for (CK_ULONG i = 0; i < n; i++) {
		state = state * 1664525u + 1013904223u;
		q->serial[2 + i] = (unsigned char)(state >> 24 & 0x7f) | 1;
	}
	ask_trust(q, c->subject, (struct octets){ q->serial, 2 + n });
}

/* ---- Asking ----------------------------------------------------------- */

/* A template is only read, though Cryptoki's prototype does not say so. */
static inline CK_OBJECT_HANDLE
find_one(CK_FUNCTION_LIST *f, CK_SESSION_HANDLE session,
	 const CK_ATTRIBUTE *template, CK_ULONG count)
{
	CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
	CK_ULONG n = 0;

	f->C_FindObjectsInit(session, (CK_ATTRIBUTE *)(uintptr_t)template,
			     count);
	f->C_FindObjects(session, &object, 1, &n);
	f->C_FindObjectsFinal(session);
	return n == 1 ? object : CK_INVALID_HANDLE;
}

static void
find_trust(const struct asked *a, CK_SESSION_HANDLE session,
	   const struct question *questions, unsigned count, unsigned n)
{
	const struct question *q = &questions[a->first % count];
	const struct question *const end = &questions[count];

	for (; n > 0; n--) {
		find_one(a->functions, session, q->template, ATTRIBUTES);
		if (++q == end)
			q = questions;
	}
}

static void
find_crl(const struct asked *a, CK_SESSION_HANDLE session, unsigned n)
{
	CK_ATTRIBUTE template[2] = {
		{ CKA_CLASS, &crl_class, sizeof(crl_class) },
		{ CKA_SUBJECT, certificates[0].subject.p,
		  certificates[0].subject.n },
	};

	for (unsigned i = 0; i < n; i++)
		find_one(a->functions, session, template, 2);
}

/* What NSS reads of a trust object that it found. */
static void
read_trust(CK_FUNCTION_LIST *f, CK_SESSION_HANDLE session,
	   CK_OBJECT_HANDLE object)
{
	CK_BBOOL token, step_up;
	CK_ULONG usages[4];
	unsigned char hash[64];
	CK_ATTRIBUTE attributes[7] = {
		{ CKA_TOKEN, &token, sizeof(token) },
		{ NSS_CKA_TRUST_SERVER_AUTH, &usages[0], sizeof(usages[0]) },
		{ NSS_CKA_TRUST_CLIENT_AUTH, &usages[1], sizeof(usages[1]) },
		{ NSS_CKA_TRUST_EMAIL_PROTECTION, &usages[2],
		  sizeof(usages[2]) },
		{ NSS_CKA_TRUST_CODE_SIGNING, &usages[3], sizeof(usages[3]) },
		{ NSS_CKA_TRUST_STEP_UP_APPROVED, &step_up, sizeof(step_up) },
		{ NSS_CKA_CERT_SHA1_HASH, hash, sizeof(hash) },
	};

	f->C_GetAttributeValue(session, object, attributes, 7);
}

/* What it reads before, to see what it has got: the sizes, then the values. */
static void
read_label(CK_FUNCTION_LIST *f, CK_SESSION_HANDLE session,
	   CK_OBJECT_HANDLE object)
{
	CK_BBOOL token;
	unsigned char label[256];
	CK_ATTRIBUTE attributes[2] = {
		{ CKA_TOKEN, NULL, 0 },
		{ CKA_LABEL, NULL, 0 },
	};

	f->C_GetAttributeValue(session, object, attributes, 2);
	attributes[0].pValue = &token;
	attributes[1].pValue = label;
	f->C_GetAttributeValue(session, object, attributes, 2);
}

static void
read_hits(const struct asked *a, CK_SESSION_HANDLE session,
	  const struct question *questions, unsigned count, bool label,
	  unsigned n)
{
	const struct question *q = &questions[a->first % count];
	const struct question *const end = &questions[count];

	for (; n > 0; n--) {
		CK_OBJECT_HANDLE object = find_one(a->functions, session,
						   q->template, ATTRIBUTES);

		if (label)
			read_label(a->functions, session, object);
		read_trust(a->functions, session, object);
		if (++q == end)
			q = questions;
	}
}

static void
open_and_close(const struct asked *a, unsigned n)
{
	CK_SESSION_HANDLE session;

	for (unsigned i = 0; i < n; i++) {
		a->functions->C_OpenSession(a->slot, CKF_SERIAL_SESSION, NULL,
					    NULL, &session);
		a->functions->C_CloseSession(session);
	}
}

static unsigned
enumerate(const struct asked *a, CK_SESSION_HANDLE session)
{
	CK_OBJECT_HANDLE objects[HANDLES];
	CK_ULONG n;
	unsigned sum = 0;

	a->functions->C_FindObjectsInit(session, NULL, 0);
	do {
		n = 0;
		a->functions->C_FindObjects(session, objects, HANDLES, &n);
		sum += (unsigned)n;
	} while (n > 0);
	a->functions->C_FindObjectsFinal(session);
	return sum;
}

void
task_run(const struct asked *a, enum task task, CK_SESSION_HANDLE session,
	 unsigned n)
{
	switch (task) {
	case TASK_MISS:
		find_trust(a, session, a->misses, a->misses_count, n);
		break;
	case TASK_MISS_ROOT:
		find_trust(a, session, a->roots, a->roots_count, n);
		break;
	case TASK_UNSERVED:
		find_crl(a, session, n);
		break;
	case TASK_HIT:
		read_hits(a, session, a->hits, a->hits_count, false, n);
		break;
	case TASK_HIT_NAME:
		read_hits(a, session, a->names, a->names_count, false, n);
		break;
	case TASK_HIT_NSS:
		read_hits(a, session, a->hits, a->hits_count, true, n);
		break;
	case TASK_SESSION:
		open_and_close(a, n);
		break;
	case TASK_ENUMERATE:
		while (n-- > 0)
			enumerate(a, session);
		break;
	case TASKS:
		break;
	}
}

unsigned
task_weight(struct asked *a, enum task task)
{
	switch (task) {
	case TASK_MISS_ROOT:
		return a->roots_count > 0;
	case TASK_HIT:
	case TASK_HIT_NSS:
		return a->hits_count > 0;
	case TASK_HIT_NAME:
		return a->names_count > 0;
	case TASK_ENUMERATE:
		if (a->objects == 0)
			a->objects = enumerate(a, a->session);
		return a->objects;
	default:
		return 1;
	}
}

bool
task_is_among(enum task task, const char *names)
{
	size_t n = strlen(task_names[task]);

	if (strcmp(names, "all") == 0)
		return true;
	for (; *names != '\0'; names += strspn(names, ",")) {
		size_t length = strcspn(names, ",");

		if (length == n && strncmp(names, task_names[task], n) == 0)
			return true;
		names += length;
	}
	return false;
}

/* ---- Rehearsing ------------------------------------------------------- */

/* A module of which nothing needs to be in the caches but this; the question
 * is read, since the caller has it from just now. */
static CK_RV
hear(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count)
{
	static volatile unsigned heard;

	(void)session;
	for (CK_ULONG i = 0; i < count; i++) {
		const unsigned char *octets = template[i].pValue;

		for (CK_ULONG k = 0; k < template[i].ulValueLen; k++)
			heard += octets[k];
	}
	return CKR_OK;
}

static CK_RV
find_nothing(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG max,
	     CK_ULONG *count)
{
	(void)session;
	(void)objects;
	(void)max;
	*count = 0;
	return CKR_OK;
}

static CK_RV
end_nothing(CK_SESSION_HANDLE session)
{
	(void)session;
	return CKR_OK;
}

void
task_rehearse(struct asked *a, enum task task)
{
	static CK_FUNCTION_LIST nobody = {
		.C_FindObjectsInit = hear,
		.C_FindObjects = find_nothing,
		.C_FindObjectsFinal = end_nothing,
	};
	CK_FUNCTION_LIST *functions = a->functions;

	a->first++;
	a->functions = &nobody;
	task_run(a, task, CK_INVALID_HANDLE, 1);
	a->functions = functions;
}

/* ---- Choosing --------------------------------------------------------- */

static bool
is_found(const struct module *m, struct question *q)
{
	return find_one(m->functions, m->session, q->template, ATTRIBUTES) !=
	       CK_INVALID_HANDLE;
}

/* A listed certificate, and a listed name where the serial number says
 * nothing: the certificates that browsers trust must all be misses. */
static void
choose_for(struct asked *a, const struct module *m,
	   const struct certificate *c)
{
	struct question *q = &a->misses[a->misses_count];

	ask_new_serial(q, c);
	if (!is_found(m, q)) {
		a->misses_count += c->trusted;
	} else if (c->trusted) {
		fprintf(stderr, "%s finds what nobody lists\n", m->name);
		exit(1);
	} else if (a->names_count < HITS) {
		a->names[a->names_count] = *q;
		q = &a->names[a->names_count++];
		q->template[3].pValue = q->serial;
		return;
	}
	q = &a->roots[a->roots_count];
	ask_trust(q, c->issuer, c->serial);
	if (!is_found(m, q))
		a->roots_count += c->trusted;
	else if (a->hits_count < HITS)
		a->hits[a->hits_count++] = *q;
}

void
question_first(const struct module *m)
{
	static struct question miss, hit;
	const struct certificate *last = &certificates[certificates_count - 1];

	ask_new_serial(&miss, &certificates[0]);
	is_found(m, &miss);
	ask_trust(&hit, last->issuer, last->serial);
	is_found(m, &hit);
}

struct asked *
questions_for(const struct module *m)
{
	struct asked *a = calloc(1, sizeof(*a));

	if (a == NULL)
		exit(1);
	a->functions = m->functions;
	a->slot = m->slot;
	a->session = m->session;
	for (unsigned i = 0; i < certificates_count; i++)
		choose_for(a, m, &certificates[i]);
	if (a->misses_count == 0) {
		fprintf(stderr, "no certificate to ask about\n");
		exit(1);
	}
	return a;
}
