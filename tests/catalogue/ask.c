/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Asks a module what clients ask, and prints its answers, a line each.
 *
 *   ask MODULE hits FILE...      about all certificates in files: what it
 *                                finds, as SHA-256|question|label
 *   ask MODULE preloaded FILE    the same about Firefox's intermediates
 *   ask MODULE keys DIR OUT      about what forge.c wrote for key rules:
 *                                state|entry|answer
 *   ask MODULE entries DIR       about each entry itself:
 *                                state|entry|answer|hash
 *
 * Answers are "itself" for the entry's own object, the label of another,
 * "trusted" for one that does not say so, or "nothing".  The last line says
 * how much was asked.  It knows templates; it must not know which answer is
 * due.
 */

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/preloaded.h"
#include "cryptoki.h"

enum { LABEL = 80, LINE = 1024, ATTRIBUTES = 6 };

static CK_FUNCTION_LIST *f;
static CK_SESSION_HANDLE session;
static unsigned long asked;

static void
die(const char *what)
{
	fprintf(stderr, "ask: %s\n", what);
	exit(EXIT_FAILURE);
}

static void
must(CK_RV rv, const char *call)
{
	if (rv != CKR_OK)
		die(call);
}

static void
load(const char *path)
{
	union {
		void *object;
		CK_C_GetFunctionList function;
	} symbol;
	void *library = dlopen(path, RTLD_NOW);
	CK_ULONG count = 1;
	CK_SLOT_ID slot;

	symbol.object = library == NULL ? NULL
					: dlsym(library, "C_GetFunctionList");
	if (symbol.object == NULL)
		die(dlerror());
	must(symbol.function(&f), "C_GetFunctionList");
	must(f->C_Initialize(NULL), "C_Initialize");
	must(f->C_GetSlotList(CK_TRUE, &slot, &count), "C_GetSlotList");
	must(f->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session),
	     "C_OpenSession");
}

/* ---- Templates --------------------------------------------------------- */

/* What is known of what is asked about; empty where it is not. */
struct about {
	struct bytes issuer;
	struct bytes serial;		/* DER INTEGER */
	struct bytes subject;
	struct bytes value;
	struct bytes spki;
	struct bytes sha256;
};

enum {
	ISSUER = 1u << 0,
	SERIAL = 1u << 1,
	RAW_SERIAL = 1u << 2,	/* its content octets: NSS asks by both */
	SUBJECT = 1u << 3,
	VALUE = 1u << 4,
	KEY = 1u << 5,
	HASH = 1u << 6,
	DISTRUSTED = 1u << 7,
	TOKEN = 1u << 8,
};

/* Who asks so is in the comment. */
static const struct question {
	const char *name;
	CK_OBJECT_CLASS class;
	unsigned by;
} questions[] = {
	/* NSS */
	{ "trust", P11_CKO_TRUST, TOKEN | ISSUER | SERIAL },
	{ "trust, raw serial", P11_CKO_TRUST, TOKEN | ISSUER | RAW_SERIAL },
	{ "NSS trust", NSS_CKO_TRUST, TOKEN | ISSUER | SERIAL },
	{ "NSS trust, raw serial", NSS_CKO_TRUST, TOKEN | ISSUER | RAW_SERIAL },
	{ "certificate", CKO_CERTIFICATE, TOKEN | ISSUER | SERIAL },
	{ "certificate, raw serial", CKO_CERTIFICATE,
	  TOKEN | ISSUER | RAW_SERIAL },
	{ "certificates of a subject", CKO_CERTIFICATE, TOKEN | SUBJECT },
	/* NSS, Firefox, Chromium */
	{ "certificate by value", CKO_CERTIFICATE, VALUE },
	/* GnuTLS */
	{ "distrusted", CKO_CERTIFICATE, DISTRUSTED | ISSUER | SERIAL },
	{ "distrusted subject", CKO_CERTIFICATE, DISTRUSTED | SUBJECT },
	/* p11-kit */
	{ "distrusted key", CKO_CERTIFICATE, DISTRUSTED | KEY },
	/* who holds digests alone */
	{ "trust by hash", P11_CKO_TRUST, HASH },
};

enum { QUESTIONS = sizeof(questions) / sizeof(*questions) };

static void
add(CK_ATTRIBUTE *template, CK_ULONG *n, CK_ATTRIBUTE_TYPE type,
    struct bytes value)
{
	union {
		const void *is;
		void *for_cryptoki;
	} p = { value.p };

	template[*n] = (CK_ATTRIBUTE){ type, p.for_cryptoki, value.n };
	++*n;
}

static struct bytes
raw(struct bytes der)
{
	return (struct bytes){ der.p + 2, der.n > 2 ? der.n - 2 : 0 };
}

/* The first object that answers, or CK_INVALID_HANDLE. */
static CK_OBJECT_HANDLE
find(const struct question *q, const struct about *about)
{
	static const CK_BBOOL yes = CK_TRUE;
	static const struct bytes true_value = { &yes, sizeof(yes) };
	CK_OBJECT_CLASS class = q->class;
	const struct {
		unsigned bit;
		CK_ATTRIBUTE_TYPE type;
		struct bytes value;
	} parts[] = {
		{ TOKEN, CKA_TOKEN, true_value },
		{ DISTRUSTED, P11KIT_CKA_DISTRUSTED, true_value },
		{ ISSUER, CKA_ISSUER, about->issuer },
		{ SERIAL, CKA_SERIAL_NUMBER, about->serial },
		{ RAW_SERIAL, CKA_SERIAL_NUMBER, raw(about->serial) },
		{ SUBJECT, CKA_SUBJECT, about->subject },
		{ VALUE, CKA_VALUE, about->value },
		{ KEY, CKA_PUBLIC_KEY_INFO, about->spki },
		{ HASH, P11_CKA_HASH_OF_CERTIFICATE, about->sha256 },
	};
	CK_ATTRIBUTE template[ATTRIBUTES];
	CK_OBJECT_HANDLE found = CK_INVALID_HANDLE;
	CK_ULONG n = 0, count;

	add(template, &n, CKA_CLASS,
	    (struct bytes){ (const uint8_t *)&class, sizeof(class) });
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if ((q->by & parts[i].bit) == 0)
			continue;
		if (parts[i].value.n == 0)
			return CK_INVALID_HANDLE;
		add(template, &n, parts[i].type, parts[i].value);
	}
	must(f->C_FindObjectsInit(session, template, n), "C_FindObjectsInit");
	must(f->C_FindObjects(session, &found, 1, &count), "C_FindObjects");
	must(f->C_FindObjectsFinal(session), "C_FindObjectsFinal");
	asked++;
	return count == 0 ? CK_INVALID_HANDLE : found;
}

/* An attribute's octets; none where the object does not have it. */
static CK_ULONG
read_attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, void *value,
	       CK_ULONG size)
{
	CK_ATTRIBUTE a = { type, value, size };

	if (f->C_GetAttributeValue(session, object, &a, 1) != CKR_OK)
		return 0;
	return a.ulValueLen;
}

static void
read_label(CK_OBJECT_HANDLE object, char label[static LABEL])
{
	CK_ULONG n = read_attribute(object, CKA_LABEL, label, LABEL - 1);

	label[n] = '\0';
}

/* ---- hits, preloaded --------------------------------------------------- */

static void
print_hits(const struct about *about)
{
	for (size_t i = 0; i < QUESTIONS; i++) {
		CK_OBJECT_HANDLE object = find(&questions[i], about);
		char label[LABEL];

		if (object == CK_INVALID_HANDLE)
			continue;
		read_label(object, label);
		printf("%s|%s|%s\n", audit_hex(about->sha256),
		       questions[i].name, label);
	}
}

static void
hits(char **paths, int count)
{
	struct harvest harvest = { { 0 } };
	struct fault fault = { "" };

	for (int i = 0; i < count; i++) {
		if (harvest_file(&harvest, paths[i], &fault) != 0)
			die(fault.text);
	}
	for (size_t i = 0; i < harvest_count(&harvest); i++) {
		const struct harvested *c = harvest_at(&harvest, i);

		print_hits(&(struct about){
			.issuer = c->issuer,
			.serial = c->serial,
			.subject = c->subject,
			.value = { c->der, c->size },
			.spki = c->spki,
			.sha256 = { c->sha256, sizeof(c->sha256) },
		});
	}
	printf("asked about|%zu\n", harvest_count(&harvest));
	harvest_free(&harvest);
}

static void
print_preloaded(void *arg, const struct preloaded *record)
{
	(void)arg;
	print_hits(&(struct about){
		.subject = record->subject,
		.sha256 = record->sha256,
	});
}

static void
preloaded(const char *path)
{
	struct fault fault = { "" };
	size_t count;

	if (preloaded_read(path, print_preloaded, NULL, &count, &fault) != 0)
		die(fault.text);
	printf("asked about|%zu\n", count);
}

/* ---- entries, keys ----------------------------------------------------- */

static void
open_tree(struct audit *a, const char *dir)
{
	a->root = dir;
	if (audit_open(a) != 0)
		die(a->fault->text);
}

/* Which of a tree's entries, by its place and name, an object is. */
static const char *
whose(const struct audit *a, uint32_t entry, CK_OBJECT_HANDLE object)
{
	static char label[LABEL];
	struct bytes own = audit_span(a, catalog_entry(&a->catalog,
						       entry)->label);

	if (object == CK_INVALID_HANDLE)
		return "nothing";
	read_label(object, label);
	return bytes_equal(own, (struct bytes){ (const uint8_t *)label,
						strlen(label) })
	       ? "itself" : label;
}

/* Whether NSS reads that it is not trusted for servers, where that is due. */
static bool
is_distrusted(const struct catalog_entry *e, CK_OBJECT_HANDLE object)
{
	CK_ULONG trust = 0;

	read_attribute(object, NSS_CKA_TRUST_SERVER_AUTH, &trust,
		       sizeof(trust));
	return (e->flags & CATALOG_USAGE_SERVER) == 0 ||
	       trust == NSS_CKT_NOT_TRUSTED;
}

/* As NSS asks, where there is a serial number; by hash where there is one. */
static CK_OBJECT_HANDLE
find_entry(const struct audit *a, const struct catalog_entry *e)
{
	static const struct question nss = {
		"", NSS_CKO_TRUST, TOKEN | ISSUER | SERIAL
	};
	static const struct question hash = { "", P11_CKO_TRUST, HASH };
	struct about about = {
		.issuer = audit_span(a, e->issuer),
		.serial = audit_span(a, e->serial),
		.sha256 = audit_fixed(a, e->sha256, CATALOG_SHA256),
	};

	return find(about.serial.n > 0 ? &nss : &hash, &about);
}

/* The hash by which NSS compares the object with a certificate. */
static const char *
hash_of(CK_OBJECT_HANDLE object)
{
	static uint8_t sha1[CATALOG_SHA1];
	CK_ULONG n = object == CK_INVALID_HANDLE ? 0
		: read_attribute(object, NSS_CKA_CERT_SHA1_HASH, sha1,
				 sizeof(sha1));

	return audit_hex((struct bytes){ sha1, n });
}

static void
entries(const char *dir)
{
	struct fault fault = { "" };
	struct audit a = { .fault = &fault };

	open_tree(&a, dir);
	for (uint32_t i = 0; i < catalog_entries(&a.catalog); i++) {
		const struct catalog_entry *e = catalog_entry(&a.catalog, i);
		CK_OBJECT_HANDLE object = find_entry(&a, e);

		printf("%s|%s|%s|%s\n", audit_is_on(&a, i) ? "on" : "off",
		       audit_entry(&a, i)->id,
		       object != CK_INVALID_HANDLE && !is_distrusted(e, object)
		       ? "trusted" : whose(&a, i, object), hash_of(object));
	}
	audit_close(&a);
}

static uint32_t
entry_of(const struct audit *a, const char *id)
{
	for (uint32_t i = 0; i < catalog_entries(&a->catalog); i++) {
		if (strcmp(audit_entry(a, i)->id, id) == 0)
			return i;
	}
	die("no such entry");
	return 0;
}

/* A line of the table: state|entry|file. */
static void
ask_key(const struct audit *a, const char *out, char *line)
{
	static const struct question by_value = {
		"", CKO_CERTIFICATE, VALUE
	};
	char *id = strchr(line, '|'), *file = id ? strchr(id + 1, '|') : NULL;
	struct harvest harvest = { { 0 } };
	struct fault fault = { "" };
	const struct harvested *c;
	char path[LINE];

	if (file == NULL)
		die("not a row of keys");
	*id++ = '\0';
	*file++ = '\0';
	file[strcspn(file, "\n")] = '\0';
	snprintf(path, sizeof(path), "%s/%s", out, file);
	if (harvest_file(&harvest, path, &fault) != 0 ||
	    harvest_count(&harvest) != 1)
		die(path);
	c = harvest_at(&harvest, 0);
	printf("%s|%s|%s\n", line, id,
	       whose(a, entry_of(a, id), find(&by_value, &(struct about){
			.value = { c->der, c->size } })));
	harvest_free(&harvest);
}

static void
keys(const char *dir, const char *out)
{
	struct fault fault = { "" };
	struct audit a = { .fault = &fault };
	char line[LINE];
	FILE *table;

	open_tree(&a, dir);
	snprintf(line, sizeof(line), "%s/keys", out);
	table = fopen(line, "r");
	if (table == NULL)
		die(line);
	while (fgets(line, sizeof(line), table) != NULL)
		ask_key(&a, out, line);
	fclose(table);
	audit_close(&a);
}

int
main(int argc, char **argv)
{
	if (argc < 4)
		die("usage: ask MODULE hits|preloaded|keys|entries FILE...");
	load(argv[1]);
	if (strcmp(argv[2], "hits") == 0)
		hits(argv + 3, argc - 3);
	else if (strcmp(argv[2], "preloaded") == 0)
		preloaded(argv[3]);
	else if (strcmp(argv[2], "entries") == 0)
		entries(argv[3]);
	else if (strcmp(argv[2], "keys") == 0 && argc == 5)
		keys(argv[3], argv[4]);
	else
		die("hits, preloaded, keys or entries");
	printf("questions|%lu\n", asked);
	must(f->C_Finalize(NULL), "C_Finalize");
	return EXIT_SUCCESS;
}
