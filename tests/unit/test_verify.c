/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust verify: a good catalog, altered in one place with its digest made
 * right again, must be refused in these words; altered anywhere at all, it
 * must not crash.  Everything happens in memory, but for the command itself.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catalog.h"
#include "compile/source.h"
#include "compile/writer.h"
#include "compile/x509.h"
#include "tool.h"
#include "verify/verify.h"

/* ---- A good catalog --------------------------------------------------- */

/* Its octets, aligned; the one that tests alter, of the same size. */
static uint8_t *good, *altered;
static size_t size;

static int
append(void *arg, const void *p, size_t n)
{
	return buffer_add(arg, p, n);
}

static int
make_good(void **state)
{
	struct fault fault = { "" };
	struct tree tree = { .fault = &fault };
	struct buffer octets = { 0 };
	struct records records;
	struct image image;

	(void)state;
	if (records_begin(&records, &fault) != 0 ||
	    source_read("tests/fixtures/compile/base", SOURCE_LIST, &tree,
			&records, &fault) != 0 ||
	    writer_make(&image, &records) != 0 ||
	    writer_octets(&image, append, &octets) != 0)
		return -1;
	size = octets.n;
	good = aligned_alloc(64, (size + 63) / 64 * 64);
	altered = aligned_alloc(64, (size + 63) / 64 * 64);
	if (good == NULL || altered == NULL)
		return -1;
	memcpy(good, octets.p, size);
	buffer_free(&octets);
	writer_free(&image);
	records_end(&records);
	tree_free(&tree);
	return 0;
}

static int
free_good(void **state)
{
	(void)state;
	free(good);
	free(altered);
	return 0;
}

static struct catalog_header *
header(void)
{
	return (struct catalog_header *)(void *)altered;
}

static struct catalog_entry *
entry(uint32_t i)
{
	return (struct catalog_entry *)(void *)
		(altered + header()->entries.off) + i;
}

static struct catalog_group *
group(uint32_t i)
{
	return (struct catalog_group *)(void *)
		(altered + header()->groups.off) + i;
}

static uint8_t *
pool(uint32_t off)
{
	return altered + header()->pool.off + off;
}

static uint32_t *
order(enum catalog_question q)
{
	return (uint32_t *)(void *)(altered + header()->index[q].order.off);
}

static struct catalog_bucket *
bucket(enum catalog_question q)
{
	return (struct catalog_bucket *)(void *)
		(altered + header()->index[q].buckets.off);
}

static void
make_digest(void)
{
	size_t n = sizeof(struct catalog_header);

	x509_sha256((struct bytes){ altered + n, size - n },
		    header()->digest);
}

/* Verify the altered catalog: NULL if good, otherwise the fault. */
static const char *
verify(struct fault *fault)
{
	struct catalog c;

	fault->text[0] = '\0';
	if (catalog_open(&c, altered, size) != 0)
		return "not opened";
	return verify_catalog(&c, "F", fault) == 0 ? NULL : fault->text;
}

static const struct catalog_span none = { 0, 0 };

/* ---- Alterations ------------------------------------------------------ */

/* Entries: 0 root, 1 second, 2 by-key, 3 by-name, 4 by-serial, 5 by-sha256. */
static void alter_date(void) { header()->date = 20260230; }
static void alter_version(void) { header()->version = 0x10000; }
static void overlap(void) { header()->groups.off = header()->entries.off; }
static void name_group(void) { pool(group(0)->name.off)[0] = 'A'; }
static void same_group(void) { group(1)->name = group(0)->name; }
static void cut_title(void) { pool(group(0)->title.off)[0] = 0x80; }
static void break_title(void) { pool(group(0)->title.off)[1] = '\n'; }
static void drop_story(void) { group(1)->story = none; }
static void move_story(void) { group(1)->story.off = UINT32_MAX; }
static void alter_began(void) { group(0)->began = 20191301; }
static void flag_group(void) { group(0)->flags = 2; }
static void move_value(void) { entry(0)->value.len = UINT32_MAX; }
static void move_sha1(void) { entry(4)->sha1 = (uint32_t)size; }
static void move_group(void) { entry(5)->group = 2; }
static void drop_label(void) { entry(2)->label = none; }
static void bad_label(void) { pool(entry(2)->label.off)[3] = 0xff; }
static void bad_evidence(void) { pool(entry(0)->evidence.off)[3] = 0x1b; }
static void bad_issuer(void) { pool(entry(4)->issuer.off)[0] = 0x31; }
static void bad_serial(void) { pool(entry(4)->serial.off)[0] = 0x03; }
static void empty_serial(void) { entry(4)->serial.len = 1; }
static void bad_dates(void) { pool(entry(4)->dates)[5] = '9'; }
static void swap_dates(void) { pool(entry(4)->dates)[3] = '2'; }
static void bad_after(void) { pool(entry(1)->after)[12] = 'X'; }
static void zero_id(void) { memset(pool(entry(2)->id), 0, 20); }
static void no_id(void) { entry(2)->id = 0; }
static void no_match(void) { entry(5)->flags &= ~7u; }
static void no_usage(void) { entry(5)->flags &= ~0xf00u; }
static void flag_entry(void) { entry(5)->flags |= 1u << 20; }
static void no_sha256(void) { entry(5)->sha256 = 0; }
static void no_spki(void) { entry(2)->spki_sha256 = 0; }
static void no_subject(void) { entry(3)->subject = none; }
static void lone_spki(void) { entry(4)->spki = entry(4)->issuer; }
static void bad_value(void) { pool(entry(1)->value.off)[0] = 0x31; }
static void other_issuer(void) { entry(0)->issuer = entry(1)->subject; }
static void equal_issuer(void) { entry(0)->issuer = entry(0)->subject; }
static void other_md5(void) { pool(entry(0)->md5)[0] ^= 1; }
static void other_sha256(void) { pool(entry(0)->sha256)[0] ^= 1; }
static void other_id(void) { pool(entry(0)->id)[0] ^= 1; }
static void other_dates(void) { pool(entry(0)->dates)[7] ^= 1; }
static void no_ca(void) { entry(0)->flags &= ~(uint32_t)CATALOG_IS_CA; }
static void long_run(void) { order(CATALOG_BY_LABEL)[0] = 100; }
static void empty_run(void) { order(CATALOG_BY_LABEL)[0] = 0; }
static void wrong_run(void) { order(CATALOG_BY_LABEL)[1] ^= 1; }
static void no_such_entry(void) { order(CATALOG_BY_SUBJECT)[1] = 100; }

/* The name is the issuer of the entry by serial: one run, [by-name]. */
static void
unsorted_run(void)
{
	uint32_t *o = order(CATALOG_BY_SHA256);

	/* Two runs of one become one run of three, out of order. */
	o[0] = 3;
}

static void
lose_tag(void)
{
	struct catalog_bucket *b = bucket(CATALOG_BY_SHA1);

	for (unsigned i = 0; i < CATALOG_SLOTS; i++)
		b->tag[i] = 0;
}

static void
more_tags(void)
{
	struct catalog_bucket *b = bucket(CATALOG_BY_NAME);
	unsigned i = 0;

	while (b->tag[i] != 0)
		i++;
	b->tag[i] = 12345;
}

static void
lose_edges(void)
{
	memset(altered + header()->filter.off, 0,
	       (size_t)header()->filter.count * 8);
}

static void
lose_tail(void)
{
	struct catalog_span serial = entry(1)->serial;
	uint64_t tail = catalog_tail_of_key(catalog_serial_key(
		(struct bytes){ pool(serial.off), serial.len }));
	uint64_t bit = catalog_filter_bit(
		tail, catalog_filter_shift(header()->filter.count));

	uint64_t *word = (void *)(altered + header()->filter.off);

	word[bit / 64] &= ~(UINT64_C(1) << bit % 64);
}

struct alteration {
	void (*alter)(void);
	const char *words;
};

static const struct alteration alterations[] = {
	{ alter_date, "F: bad version or date of the list; two octets and a "
		"day" },
	{ alter_version, "F: bad version or date of the list; two octets and "
		"a day" },
	{ overlap, "F: sections that overlap; one after another" },
	{ name_group, "F: group 0: bad name; letters a to z, digits and '-'" },
	{ same_group, "F: group 1: not after the one before it; one of each "
		"name, in their order" },
	{ cut_title, "F: group 0: text that is none; UTF-8 inside of the "
		"pool" },
	{ break_title, "F: group 0: text that is none; UTF-8 inside of the "
		"pool" },
	{ drop_story, "F: group 1: text that is missing; title, reason, "
		"story, argument and references" },
	{ move_story, "F: group 1: text that is none; UTF-8 inside of the "
		"pool" },
	{ alter_began, "F: group 0: bad date; 0 or a day" },
	{ flag_group, "F: group 0: unknown flags; those of this format" },
	{ move_value, "F: entry 0: a place outside of the pool; one inside" },
	{ move_sha1, "F: entry 4: a place outside of the pool; one inside" },
	{ move_group, "F: entry 5: no such group; the index of one" },
	{ drop_label, "F: entry 2: bad label; 1 to 64 octets of UTF-8" },
	{ bad_label, "F: entry 2: bad label; 1 to 64 octets of UTF-8" },
	{ bad_evidence, "F: entry 0: bad evidence; lines of UTF-8" },
	{ bad_issuer, "F: entry 3: bad issuer or subject; a DER Name" },
	{ bad_serial, "F: entry 4: bad serial number; a DER INTEGER of 1 to "
		"20 octets" },
	{ empty_serial, "F: entry 4: bad serial number; a DER INTEGER of 1 "
		"to 20 octets" },
	{ bad_dates, "F: entry 4: bad date; days of the calendar" },
	{ swap_dates, "F: entry 4: bad date; days of the calendar" },
	{ bad_after, "F: entry 1: bad date; days of the calendar" },
	{ zero_id, "F: entry 2: no CKA_ID; 20 octets, not all zero" },
	{ no_id, "F: entry 2: no CKA_ID; 20 octets, not all zero" },
	{ no_match, "F: entry 5: bad flags; a match and a usage, and no "
		"unknown ones" },
	{ no_usage, "F: entry 5: bad flags; a match and a usage, and no "
		"unknown ones" },
	{ flag_entry, "F: entry 5: bad flags; a match and a usage, and no "
		"unknown ones" },
	{ no_sha256, "F: entry 5: match certificate lacks its facts; issuer "
		"and serial, or sha256" },
	{ no_spki, "F: entry 2: match key lacks its facts; spki-sha256" },
	{ no_subject, "F: entry 3: match name lacks its facts; a subject "
		"that can be compared" },
	{ lone_spki, "F: entry 4: a key without its certificate; its SHA-256 "
		"alone" },
	{ bad_value, "F: entry 1: not a certificate; one DER Certificate" },
	{ other_issuer, "F: entry 0: issuer, serial number, subject or key "
		"not the certificate's; places in it" },
	{ equal_issuer, "F: entry 0: issuer, serial number, subject or key "
		"not the certificate's; places in it" },
	{ other_md5, "F: entry 0: a digest not the certificate's; those of "
		"its octets" },
	{ other_sha256, "F: entry 0: a digest not the certificate's; those "
		"of its octets" },
	{ other_id, "F: entry 0: a digest not the certificate's; those of "
		"its octets" },
	{ other_dates, "F: entry 0: dates or CA flag not the certificate's; "
		"what it says" },
	{ no_ca, "F: entry 0: dates or CA flag not the certificate's; what "
		"it says" },
	{ long_run, "F: index by label: a run that does not end; runs one "
		"after another" },
	{ empty_run, "F: index by label: a run that does not end; runs one "
		"after another" },
	{ wrong_run, "F: index by label: entry 2 is not found; every entry "
		"under its key" },
	{ no_such_entry, "F: index by subject: entry 0 is not found; every "
		"entry under its key" },
	{ unsorted_run, "F: index by SHA-256: a run out of order; by issuer, "
		"then by index" },
	{ lose_tag, "F: index by SHA-1: entry 0 is not found; every entry "
		"under its key" },
	{ more_tags, "F: index by name: more than there should be; every "
		"entry once under its key" },
	{ lose_edges, "F: entry 0: an edge of its name is missing; all that "
		"the name can show" },
	{ lose_tail, "F: entry 1: the tail of its serial number is missing; "
		"those of all" },
};

static void
test_alterations(void **state)
{
	struct fault fault;

	(void)state;
	memcpy(altered, good, size);
	assert_null(verify(&fault));
	for (size_t i = 0; i < sizeof(alterations) / sizeof(*alterations);
	     i++) {
		const char *words;

		memcpy(altered, good, size);
		alterations[i].alter();
		make_digest();
		words = verify(&fault);
		if (words == NULL)
			fail_msg("not refused: %s", alterations[i].words);
		assert_string_equal(words, alterations[i].words);
	}
}

/* Two indexes have changed places: nobody promises an order. */
static void
test_order(void **state)
{
	const size_t n = sizeof(struct catalog_bucket);
	struct catalog_section *a, *b, was;
	struct fault fault;

	(void)state;
	memcpy(altered, good, size);
	a = &header()->index[CATALOG_BY_VALUE].buckets;
	b = &header()->index[CATALOG_BY_SHA1].buckets;
	assert_true(a->count > 0 && a->count == b->count);
	was = *a;
	*a = *b;
	*b = was;
	memcpy(altered + a->off, good + b->off, a->count * n);
	memcpy(altered + b->off, good + a->off, b->count * n);
	make_digest();
	assert_null(verify(&fault));
}

/* Each octet but those of the header's own digest is covered by it. */
static void
test_digest(void **state)
{
	struct fault fault;

	(void)state;
	for (size_t i = sizeof(struct catalog_header); i < size; i++) {
		memcpy(altered, good, size);
		altered[i] ^= 0x10;
		assert_string_equal(verify(&fault), "F: altered or damaged; "
				    "the octets of its digest");
	}
}

/* Whatever octet is altered, with a digest that says it is right: refused or
 * not, nothing outside of the catalog is read (a sanitizer sees it). */
static void
test_no_crash(void **state)
{
	static const uint8_t masks[] = { 0x01, 0x80, 0xff };
	struct fault fault;
	unsigned refused = 0;

	(void)state;
	for (size_t i = 0; i < size; i++) {
		memcpy(altered, good, size);
		altered[i] ^= masks[i % 3];
		make_digest();
		refused += verify(&fault) != NULL;
	}
	assert_true(refused > size / 2);
}

/* ---- The command ------------------------------------------------------ */

static int
run_verify(const char *path, char *words, size_t room)
{
	char name[] = "verify", copy[64];
	char *argv[] = { name, copy, NULL };
	int status, ends[2];
	pid_t child;
	ssize_t n;

	snprintf(copy, sizeof(copy), "%s", path);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		dup2(ends[1], 1);
		dup2(ends[1], 2);
		status = tool_verify(path[0] != '\0' ? 2 : 1, argv);
		fflush(NULL);
		_exit(status);
	}
	close(ends[1]);
	n = read(ends[0], words, room - 1);
	words[n > 0 ? n : 0] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Write n octets of the altered catalog to a file, and verify that. */
static void
assert_file(size_t n, int status, const char *words)
{
	char path[] = "/tmp/test_verify.XXXXXX";
	char said[512], expected[512];
	int fd = mkstemp(path);
	int got;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, altered, n), n);
	close(fd);
	got = run_verify(path, said, sizeof(said));
	unlink(path);
	snprintf(expected, sizeof(expected), "%s: %s\n", path, words);
	assert_string_equal(said, expected);
	assert_int_equal(got, status);
}

static void
test_files(void **state)
{
	char summary[200];

	(void)state;
	memcpy(altered, good, size);
	snprintf(summary, sizeof(summary), "good; list 1.2 of 2026-11-25, 6 "
		 "entries in 2 groups, %zu octets", size);
	assert_file(size, TOOL_FINE, summary);
	assert_file(0, TOOL_FAILED, "empty; a catalog");
	assert_file(4, TOOL_FAILED, "not a catalog; what `distrust compile` "
		    "writes");
	assert_file(100, TOOL_FAILED, "cut off in its header; a whole "
		    "catalog");
	assert_file(size - 8, TOOL_FAILED, "of another size than it says; a "
		    "whole catalog");
	header()->endian = 0x04030201;
	assert_file(size, TOOL_FAILED, "of another byte order; a catalog of "
		    "this machine");
	memcpy(altered, good, size);
	header()->format++;
	assert_file(size, TOOL_FAILED, "of a newer format; one that this "
		    "version reads");
	header()->format = CATALOG_FORMAT - 1;
	assert_file(size, TOOL_FAILED, "of an older format; compile it "
		    "again");
	memcpy(altered, good, size);
	header()->pool.count = size;
	assert_file(size, TOOL_FAILED, "a section outside of the file; "
		    "sections inside");
	memcpy(altered, good, size);
	altered[0] ^= 1;
	assert_file(size, TOOL_FAILED, "not a catalog; what `distrust "
		    "compile` writes");
}

static void
test_no_file(void **state)
{
	char words[512];

	(void)state;
	assert_int_equal(run_verify("/nonexistent", words, sizeof(words)),
			 TOOL_FAILED);
	assert_string_equal(words, "/nonexistent: No such file or directory; "
			    "a catalog\n");
	assert_int_equal(run_verify("/dev/null", words, sizeof(words)),
			 TOOL_FAILED);
	assert_string_equal(words, "/dev/null: not a file; a catalog\n");
	assert_int_equal(run_verify("", words, sizeof(words)), TOOL_FAILED);
	assert_non_null(strstr(words, "usage: distrust verify"));
	assert_int_equal(run_verify("--help", words, sizeof(words)),
			 TOOL_FINE);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alterations),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_no_crash),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests_name("verify", tests, make_good,
					   free_good) != 0;
}
