/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The module as a program loads it, with a damaged catalog in its place: each
 * octet of a small one, and 100,000 random wounds of a large one.  Whatever
 * is in the file, no question crashes or fails, and the built-in list answers.
 * test_catalog.c does the like to the reader alone, at the edge of memory.
 *
 * LARGE=N sets how many entries the large one has.
 */

#define _GNU_SOURCE	/* unshare() */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "builtin.h"
#include "folder.h"
#include "made.h"
#include "random.h"
#include "token.h"

enum { MATCH_ALL = CATALOG_MATCH_CERTIFICATE | CATALOG_MATCH_NAME |
		   CATALOG_MATCH_KEY };

/* ---- The module -------------------------------------------------------- */

static CK_FUNCTION_LIST *module;

static void
load_module(void)
{
	const char *path = getenv("P11_DISTRUST_MODULE");
	void *library, *symbol;
	CK_C_GetFunctionList get;

	if (path == NULL)
		fail_msg("P11_DISTRUST_MODULE says which module");
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL)
		fail_msg("%s", dlerror());
	symbol = dlsym(library, "C_GetFunctionList");
	memcpy(&get, &symbol, sizeof(get));
	assert_int_equal(get(&module), CKR_OK);
}

/* ---- Questions --------------------------------------------------------- */

/* What was seen, so that a wound that changes nothing can be told apart. */
static uint64_t seen;

static void
see(const void *p, size_t n)
{
	const uint8_t *octet = p;

	for (size_t i = 0; i < n; i++)
		seen = (seen ^ octet[i]) * UINT64_C(0x100000001b3);
}

static void
read_object(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
	static const CK_ATTRIBUTE_TYPE types[] = {
		CKA_CLASS, CKA_LABEL, CKA_ID, CKA_VALUE, CKA_ISSUER,
		CKA_SUBJECT, CKA_SERIAL_NUMBER, CKA_PUBLIC_KEY_INFO,
		CKA_START_DATE, CKA_CHECK_VALUE, NSS_CKA_CERT_SHA1_HASH,
		NSS_CKA_CERT_MD5_HASH, NSS_CKA_TRUST_SERVER_AUTH,
		NSS_CKA_SERVER_DISTRUST_AFTER, P11_CKA_HASH_OF_CERTIFICATE,
		P11_CKA_UNIQUE_ID,
	};
	enum { TYPES = sizeof(types) / sizeof(*types), ROOM = 512 };
	static uint8_t room[TYPES][ROOM];
	CK_ATTRIBUTE a[TYPES];

	for (size_t i = 0; i < TYPES; i++)
		a[i] = (CK_ATTRIBUTE){ types[i], room[i], ROOM };
	module->C_GetAttributeValue(session, object, a, TYPES);
	for (size_t i = 0; i < TYPES; i++) {
		if (a[i].ulValueLen <= ROOM)
			see(room[i], a[i].ulValueLen);
	}
}

/* A search must not fail: some callers would then trust nobody's word. */
static CK_ULONG
ask(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG n)
{
	enum { SOME = 8 };
	CK_OBJECT_HANDLE objects[SOME];
	CK_ULONG found = 0;

	token_must(module->C_FindObjectsInit(session, template, n));
	token_must(module->C_FindObjects(session, objects, SOME, &found));
	token_must(module->C_FindObjectsFinal(session));
	for (CK_ULONG i = 0; i < found; i++)
		read_object(session, objects[i]);
	see(&found, sizeof(found));
	return found;
}

static CK_ULONG
ask_trust(CK_SESSION_HANDLE session, struct bytes issuer, struct bytes serial)
{
	CK_OBJECT_CLASS class = NSS_CKO_TRUST;
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		token_attribute(CKA_ISSUER, issuer),
		token_attribute(CKA_SERIAL_NUMBER, serial),
	};

	return ask(session, template, 3);
}

/* What programs ask about an entry as it was before. */
static void
ask_entry(CK_SESSION_HANDLE session, const struct catalog *c, uint32_t index)
{
	const struct catalog_entry *e = catalog_entry(c, index);
	CK_ATTRIBUTE single[] = {
		token_attribute(CKA_SUBJECT, catalog_bytes(c, e->subject)),
		token_attribute(CKA_VALUE, catalog_bytes(c, e->value)),
		token_attribute(CKA_LABEL, catalog_bytes(c, e->label)),
		token_attribute(CKA_ID, catalog_fixed(c, e->id, CATALOG_ID)),
		token_attribute(NSS_CKA_CERT_SHA1_HASH,
				catalog_fixed(c, e->sha1, CATALOG_SHA1)),
		token_attribute(P11_CKA_HASH_OF_CERTIFICATE,
				catalog_fixed(c, e->sha256, CATALOG_SHA256)),
	};

	ask_trust(session, catalog_bytes(c, e->issuer),
		  catalog_bytes(c, e->serial));
	ask_trust(session, catalog_bytes(c, e->subject), made_text("any"));
	for (size_t i = 0; i < sizeof(single) / sizeof(*single); i++) {
		/* Nothing is found by what is not known, after a long look. */
		if (single[i].ulValueLen > 0)
			ask(session, &single[i], 1);
	}
}

/* Qaznet is distrusted, and whatever else its name has issued. */
static void
ask_builtin(CK_SESSION_HANDLE session)
{
	static struct encoded name;
	static const uint8_t label[] = "Qaznet Trust Network";
	CK_ATTRIBUTE root = { CKA_LABEL, (void *)(uintptr_t)label,
			      sizeof(label) - 1 };

	made_must(ask(session, &root, 1) > 0);
	made_name(&name, 0x13, "Qaznet Trust Network");
	made_must(ask_trust(session, encoded_bytes(&name),
			    made_text("any")) == 1);
}

/* All that is asked of one damaged catalog; what came back as a number. */
static uint64_t
use(const struct catalog *good, const uint32_t *entries, size_t count)
{
	CK_SESSION_HANDLE session;

	seen = UINT64_C(0xcbf29ce484222325);
	token_must(module->C_Initialize(NULL));
	token_must(module->C_OpenSession(TOKEN_SLOT, CKF_SERIAL_SESSION, NULL,
					 NULL, &session));
	ask_builtin(session);
	for (size_t i = 0; i < count; i++)
		ask_entry(session, good, entries[i]);
	token_must(module->C_CloseSession(session));
	token_must(module->C_Finalize(NULL));
	return seen;
}

/* ---- Two files in turn ------------------------------------------------- */

/* The module keeps what it has loaded while the file is the same: so its path
 * is a link that leads to one and the other copy. */
struct copies {
	const char *place;	/* where the module looks */
	char path[2][64];
	uint8_t *octets[2];	/* of the files, shared */
	size_t size;
	unsigned turn;
};

static void
make_copies(struct copies *c, const char *folder_of_copies,
	    const char *place, const struct made *m)
{
	*c = (struct copies){ .place = place, .size = m->size };
	for (unsigned i = 0; i < 2; i++) {
		int fd;

		snprintf(c->path[i], sizeof(c->path[i]), "%s/copy.%u",
			 folder_of_copies, i);
		folder_write(c->path[i], (struct bytes){ m->octets, m->size },
			     0644);
		fd = open(c->path[i], O_RDWR);
		folder_must(fd >= 0, c->path[i]);
		c->octets[i] = mmap(NULL, m->size, PROT_READ | PROT_WRITE,
				    MAP_SHARED, fd, 0);
		folder_must(c->octets[i] != MAP_FAILED, c->path[i]);
		close(fd);
	}
}

static void
free_copies(struct copies *c)
{
	for (unsigned i = 0; i < 2; i++) {
		munmap(c->octets[i], c->size);
		unlink(c->path[i]);
	}
	unlink(c->place);
}

/* The other copy takes the place: its octets. */
static uint8_t *
take_turn(struct copies *c)
{
	char beside[300];

	c->turn = !c->turn;
	snprintf(beside, sizeof(beside), "%s.new", c->place);
	folder_must(symlink(c->path[c->turn], beside) == 0, beside);
	folder_must(rename(beside, c->place) == 0, c->place);
	return c->octets[c->turn];
}

/* ---- Wounds ------------------------------------------------------------ */

struct wound {
	size_t at;
	uint8_t octet;
};

enum { WOUNDS = 4, BATCH = 1000, ASKED = 8 };

/* One damaged catalog: its wounds, and which entries are asked about. */
struct patient {
	struct wound wound[WOUNDS];
	unsigned wounds;
	uint32_t asked[ASKED];
	unsigned count;
};

/* Patient i, or none (false): its octets are those of the good one. */
typedef bool patient_make(const struct made *good, size_t i,
			  struct patient *patient);

/* How far a child has come, for whoever must say what killed it. */
static struct progress {
	size_t at;
	size_t changed;		/* patients that answered differently */
} *progress;

static uint64_t
treat(struct copies *c, const struct made *good, const struct patient *p)
{
	uint8_t *octets = take_turn(c);
	uint64_t answer;

	for (unsigned i = 0; i < p->wounds; i++)
		octets[p->wound[i].at] = p->wound[i].octet;
	answer = use(&good->catalog, p->asked, p->count);
	for (unsigned i = 0; i < p->wounds; i++)
		octets[p->wound[i].at] = good->octets[p->wound[i].at];
	return answer;
}

/* In a child, since what was loaded is kept as long as the process lives. */
static void
treat_batch(struct copies *c, const struct made *good, patient_make *make,
	    size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		struct patient p = { .wounds = 0 };
		struct patient healthy;

		progress->at = i;
		if (!make(good, i, &p))
			continue;
		healthy = p;
		healthy.wounds = 0;
		/* The good answers differ with what is asked. */
		if (i % 16 == 0 && treat(c, good, &healthy) !=
				   treat(c, good, &p))
			progress->changed++;
		else if (i % 16 != 0)
			treat(c, good, &p);
	}
}

/* False where one did not live, or none was noticed.  It may run in a child,
 * where cmocka's assertions would go on with the parent's other tests. */
static bool
treat_all(struct copies *c, const struct made *good, patient_make *make,
	  size_t count)
{
	progress->changed = 0;
	for (size_t from = 0; from < count; from += BATCH) {
		int status = -1;
		pid_t child = fork();

		if (child == 0) {
			treat_batch(c, good, make, from,
				    from + BATCH < count ? from + BATCH :
							   count);
			_exit(0);
		}
		if (child < 0 || waitpid(child, &status, 0) != child ||
		    status != 0) {
			fprintf(stderr, "# patient %zu: status %#x\n",
				progress->at, (unsigned)status);
			return false;
		}
		c->turn = 0;
	}
	/* Else the damaged file was not read at all. */
	if (progress->changed == 0)
		fprintf(stderr, "# no answer changed\n");
	return progress->changed > 0;
}

/* ---- A small one, octet by octet ---------------------------------------- */

static struct made small;

static void
add_small(const char *cn, const char *serial, bool in_full)
{
	static struct encoded name, integer, key, der;
	struct made_entry e = { .label = cn,
				.flags = MATCH_ALL | CATALOG_USAGE_ALL };

	made_name(&name, 0x13, cn);
	made_integer(&integer, made_text(serial));
	made_key(&key, serial);
	if (in_full)
		e.certificate = made_certificate(
			&der, encoded_bytes(&name), encoded_bytes(&integer),
			encoded_bytes(&name), encoded_bytes(&key));
	else
		e = (struct made_entry){
			.issuer = encoded_bytes(&name),
			.serial = encoded_bytes(&integer),
			.subject = encoded_bytes(&name),
			.spki = encoded_bytes(&key),
			.label = cn, .flags = e.flags, .hashes = true };
	made_add(&small, e);
}

static void
make_small(void)
{
	made_begin(&small);
	made_group(&small, "small", true);
	made_policy(&small, "nothing", false);
	add_small("Small", "one", true);
	add_small("Known", "two", false);
	made_end(&small);
}

/* Seven values for each octet. */
static bool
wound_small(const struct made *good, size_t i, struct patient *p)
{
	const size_t at = i / 7;
	const uint8_t is = good->octets[at];
	const uint8_t values[7] = {
		0x00, 0xff, is ^ 0x01, is ^ 0x80, is ^ 0x10,
		(uint8_t)(is + 1), (uint8_t)(is - 1),
	};

	p->wounds = 1;
	p->wound[0] = (struct wound){ at, values[i % 7] };
	p->count = catalog_entries(&good->catalog);
	for (uint32_t k = 0; k < p->count; k++)
		p->asked[k] = k;
	return values[i % 7] != is;
}

static bool
try_small(const char *copies, const char *place)
{
	struct copies c;
	bool good;

	make_copies(&c, copies, place, &small);
	good = treat_all(&c, &small, wound_small, small.size * 7);
	free_copies(&c);
	return good;
}

static const char *
user_place(void)
{
	static char path[300];

	snprintf(path, sizeof(path), "%s/p11-distrust/user.catalog", folder);
	return path;
}

/* An administrator's, in a /var/lib that only a child sees. */
static bool
own_system(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount("none", "/", "", MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", "/var/lib", "tmpfs", 0, NULL) == 0 &&
	       mkdir("/var/lib/p11-distrust", 0755) == 0;
}

/* Where there are no mounts of one's own, a user's: the same code reads it. */
static void
each_octet_of_a_small_catalog(void **state)
{
	enum { NO_MOUNTS = 50 };
	int status = -1;
	pid_t child;

	(void)state;
	child = fork();
	if (child == 0) {
		if (!own_system())
			_exit(NO_MOUNTS);
		_exit(try_small("/var/lib/p11-distrust",
				"/var/lib/p11-distrust/system.catalog") ?
		      0 : 1);
	}
	assert_true(child > 0 && waitpid(child, &status, 0) == child);
	if (status == NO_MOUNTS << 8)
		assert_true(try_small(folder, user_place()));
	else
		assert_int_equal(status, 0);
}

/* ---- A large one, at random --------------------------------------------- */

static struct made large;

static void
make_large(uint32_t entries)
{
	static struct encoded name, integer, key;
	char text[32];

	made_begin(&large);
	made_group(&large, "large", true);
	for (uint32_t i = 0; i < entries; i++) {
		snprintf(text, sizeof(text), "Issuer %u", i % 1000);
		made_name(&name, 0x13, text);
		snprintf(text, sizeof(text), "serial %u", i);
		made_integer(&integer, made_text(text));
		made_key(&key, text);
		made_add(&large, (struct made_entry){
			.issuer = encoded_bytes(&name),
			.serial = encoded_bytes(&integer),
			.subject = encoded_bytes(&name),
			.spki = encoded_bytes(&key), .label = text,
			.flags = CATALOG_USAGE_ALL |
				 (i < 1000 ? MATCH_ALL :
				  CATALOG_MATCH_CERTIFICATE) });
	}
	made_end(&large);
}

/* Anywhere; in the header; or in what an entry that is asked about is. */
static size_t
random_place(const struct made *good, const struct patient *p)
{
	const struct catalog_entry *e = catalog_entry(&good->catalog,
		p->asked[random_below(p->count)]);
	const uint8_t *record = (const uint8_t *)e;

	switch (random_below(4)) {
	case 0:
		return random_next() % good->size;
	case 1:
		return random_below(sizeof(struct catalog_header));
	case 2:
		return (size_t)(record - good->octets) +
		       random_below(sizeof(*e));
	default:
		return (size_t)(catalog_bytes(&good->catalog, e->issuer).p -
				good->octets) + random_below(64);
	}
}

static bool
wound_large(const struct made *good, size_t i, struct patient *p)
{
	random_seed(i);
	p->count = 1;
	for (unsigned k = 0; k < p->count; k++)
		p->asked[k] = (uint32_t)(random_next() %
					 catalog_entries(&good->catalog));
	p->wounds = 1 + random_below(WOUNDS);
	for (unsigned k = 0; k < p->wounds; k++) {
		size_t at = random_place(good, p);

		p->wound[k] = (struct wound){
			at < good->size ? at : good->size - 1,
			(uint8_t)random_next() };
	}
	return true;
}

static void
random_wounds_of_a_large_catalog(void **state)
{
	const char *entries = getenv("LARGE");
	struct copies c;
	bool good;

	(void)state;
	make_large(entries != NULL ? (uint32_t)strtoul(entries, NULL, 10) :
				     10000);
	make_copies(&c, folder, user_place(), &large);
	good = treat_all(&c, &large, wound_large, 100000);
	free_copies(&c);
	made_free(&large);
	assert_true(good);
}

/* ---- The whole ---------------------------------------------------------- */

static int
begin(void **state)
{
	char path[300];

	(void)state;
	folder_make();
	snprintf(path, sizeof(path), "%s/p11-distrust", folder);
	folder_must(mkdir(path, 0700) == 0, path);
	setenv("XDG_DATA_HOME", folder, 1);
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	folder_must(progress != MAP_FAILED, "mmap");
	load_module();
	make_small();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	made_free(&small);
	folder_remove();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_octet_of_a_small_catalog),
		cmocka_unit_test(random_wounds_of_a_large_catalog),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
