/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust import: other lists' decisions become own ones, in a group that is
 * made anew each time, so that importing a newer list replaces the older one.
 * It knows which form a file has; what stands in it the readers know.
 */

#include "exchange/import.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/table.h"
#include "base/text.h"
#include "base/tree.h"
#include "base/words.h"
#include "compile/source.h"
#include "hash.h"
#include "own/own.h"
#include "tool.h"

/* A certificate's file in the group's folder. */
struct import_file {
	char name[STATED_NAME + 8];
	struct buffer pem;
};

/* What was left out, and how many of it. */
struct left {
	const char *what;
	unsigned long count;
};

struct import {
	struct import_options options;
	struct own_scope scope;
	const char *format;		/* NULL: as the file looks */
	const char *group;		/* NULL: named for the first format */
	const char *title, *reason;
	bool json;
	struct own own;
	struct fault *fault;
	struct buffer ini;
	struct buffer files;		/* struct import_file */
	struct buffer left;		/* struct left */
	struct table known;		/* finds the keys */
	struct buffer keys;		/* their octets */
	struct buffer ends;		/* size_t: where each ends */
	unsigned long count, again;
	bool knows_others;
};

/* ---- What is known already --------------------------------------------- */

static bool
is_key(const struct import *im, uint32_t i, const struct buffer *key)
{
	const size_t *ends = im->ends.p;
	size_t from = i == 0 ? 0 : ends[i - 1];

	return ends[i] - from == key->n &&
	       memcmp((const char *)im->keys.p + from, key->p, key->n) == 0;
}

/* 1: it is known; 0: now it is; -1: out of memory. */
static int
know(struct import *im, const struct buffer *key)
{
	uint64_t hash = catalog_hash((struct bytes){ key->p, key->n });
	uint32_t count = (uint32_t)(im->ends.n / sizeof(size_t)), i;
	size_t cursor = 0, end = im->keys.n + key->n;

	while ((i = table_next(&im->known, hash, &cursor)) != TABLE_NONE) {
		if (is_key(im, i, key))
			return 1;
	}
	return buffer_add(&im->keys, key->p, key->n) |
	       buffer_add(&im->ends, &end, sizeof(end)) |
	       table_add(&im->known, hash, count);
}

/* Under a kind of fact, since a digest may be of this or that. */
static int
know_fact(struct import *im, char kind, struct bytes a, struct bytes b)
{
	struct buffer key = { 0 };
	int rv = -1;

	if (a.n == 0)
		return 0;
	if ((buffer_add(&key, &kind, 1) | buffer_add(&key, a.p, a.n) |
	     buffer_add(&key, b.p, b.n)) == 0)
		rv = know(im, &key);
	buffer_free(&key);
	return rv < 0 ? fault_memory(im->fault) : rv;
}

static const struct bytes nothing = { (const uint8_t *)"", 0 };

static int
know_certificate(struct import *im, struct bytes sha256, struct bytes issuer,
		 struct bytes serial)
{
	int first = know_fact(im, 's', sha256, nothing);
	int second = serial.n == 0 ? 0 :
		know_fact(im, 'n', serial, issuer);

	return first < 0 || second < 0 ? -1 : first | second;
}

/* The same for what is stated. */
static int
know_stated(struct import *im, const struct stated *s,
	    const struct x509_facts *facts)
{
	struct bytes sha256 = { facts->sha256, sizeof(facts->sha256) };

	if (s->der.n > 0)
		return know_certificate(im, sha256, facts->issuer,
			(struct bytes){ facts->serial.p + 2,
					facts->serial.n - 2 });
	if (s->sha256.n > 0 || s->serial.n > 0)
		return know_certificate(im, s->sha256, s->issuer, s->serial);
	return s->spki_sha256.n > 0 ?
		know_fact(im, 'k', s->spki_sha256, nothing) :
		know_fact(im, 'd', s->subject, nothing);
}

/* ---- For readers ------------------------------------------------------- */

const struct import_options *
import_options(const struct import *im)
{
	return &im->options;
}

struct fault *
import_fault(struct import *im)
{
	return im->fault;
}

int
import_leave(struct import *im, const char *what)
{
	struct left *left = im->left.p, one = { what, 1 };

	for (size_t i = 0; i < im->left.n / sizeof(*left); i++) {
		if (strcmp(left[i].what, what) == 0) {
			left[i].count++;
			return 0;
		}
	}
	return buffer_add(&im->left, &one, sizeof(one)) == 0 ? 0 :
		fault_memory(im->fault);
}

static int know_others(struct import *im);

static int
keep(struct import *im, const struct stated *s)
{
	struct import_file file = { .pem = { 0 } };
	char name[STATED_NAME];

	stated_name(s, name);
	if (stated_put(s, name, &im->ini, &file.pem) != 0)
		return fault_memory(im->fault);
	im->count++;
	if (file.pem.n == 0)
		return 0;
	snprintf(file.name, sizeof(file.name), "%s.pem", name);
	if (buffer_add(&im->files, &file, sizeof(file)) == 0)
		return 0;
	buffer_free(&file.pem);
	return fault_memory(im->fault);
}

int
import_add(struct import *im, const struct stated *stated)
{
	struct stated s = *stated;
	struct x509_facts facts = { .md5 = { 0 } };
	int known;

	if (im->options.usage != 0)
		s.flags = (s.flags & ~(uint32_t)CATALOG_USAGE_ALL) |
			  im->options.usage;
	if (s.serial.n > 20)
		return import_leave(im, "with a serial number of more than 20 "
				    "octets");
	if ((s.issuer.n > 0 && !x509_is_name(s.issuer)) ||
	    (s.subject.n > 0 && !x509_is_name(s.subject)))
		return import_leave(im, "with a malformed name");
	if (s.der.n > 0 && x509_read(s.der, &facts) != NULL)
		return import_leave(im, "with a malformed certificate");
	if (!im->knows_others && know_others(im) != 0)
		return -1;
	known = know_stated(im, &s, &facts);
	if (known != 0) {
		im->again += known > 0;
		return known < 0 ? -1 : 0;
	}
	if (stated_complete(&s) != 0)
		return fault_memory(im->fault);
	return keep(im, &s);
}

/* ---- Forms ------------------------------------------------------------- */

/* The marks of JSON stand anywhere in what begins like it, the others at the
 * beginning of a line: a list of digests has comments, and those may say
 * anything. */
static const struct format {
	const char *name;
	const char *mark;	/* NULL: never guessed */
	bool is_json;
	import_reader *read;
} formats[] = {
	{ "p11-kit", "[p11-kit-object-v1]", false, import_p11kit },
	{ "certdata", "CKA_CLASS CK_OBJECT_CLASS", false, import_certdata },
	{ "policy", "\"CADistrustedCertificates\"", true, import_policy },
	{ "crlset", "\"BlockedSPKIs\"", true, import_crlset },
	{ "onecrl", "\"serialNumber\"", true, import_onecrl },
	{ "certificates", "-----BEGIN ", false, import_pem },
	{ "digests", NULL, false, import_digests },
};

enum { FORMATS = sizeof(formats) / sizeof(*formats) };

static bool
is_json(struct bytes content)
{
	size_t i = 0;

	while (i < content.n && strchr(" \t\r\n", content.p[i]) != NULL)
		i++;
	return i < content.n && (content.p[i] == '{' || content.p[i] == '[');
}

static bool
is_marked(const struct format *f, struct bytes content)
{
	const size_t n = f->mark != NULL ? strlen(f->mark) : 0;
	const uint8_t *p = content.p, *end = p + content.n;

	if (n == 0 || (f->is_json && !is_json(content)))
		return false;
	for (; (size_t)(end - p) >= n; p++) {
		p = memchr(p, f->mark[0], (size_t)(end - p) - n + 1);
		if (p == NULL)
			return false;
		if (memcmp(p, f->mark, n) == 0 &&
		    (f->is_json || p == content.p || p[-1] == '\n'))
			return true;
	}
	return false;
}

/* What is no text is DER, or nothing that we know; text without a mark is a
 * list of digests. */
static const struct format *
guess_format(struct bytes content)
{
	const struct format *certificates = &formats[FORMATS - 2];

	if (memchr(content.p, '\0', content.n) != NULL)
		return content.p[0] == 0x30 ? certificates :
			&formats[FORMATS - 1];
	for (size_t i = 0; i < FORMATS; i++) {
		if (is_marked(&formats[i], content))
			return &formats[i];
	}
	return &formats[FORMATS - 1];
}

static const struct format *
find_format(const struct import *im, struct bytes content)
{
	for (size_t i = 0; i < FORMATS && im->format != NULL; i++) {
		if (strcmp(formats[i].name, im->format) == 0)
			return &formats[i];
	}
	return guess_format(content);
}

static int
read_content(struct import *im, struct bytes content, const char *path)
{
	static const char member[] =
		"defaults/settings/security-state/onecrl.json";
	const struct format *format;

	import_stored(content, member, &content);
	format = find_format(im, content);
	if (im->group == NULL)
		im->group = format->name;
	return format->read(im, content, path);
}

static int
read_file(struct import *im, const char *path)
{
	struct buffer content = { 0 };
	int rv = input_read(path, &content, "a list of what is distrusted",
			    im->fault);

	if (rv == 0)
		rv = read_content(im, content.n > 0 ? (struct bytes){
				  content.p, content.n } : nothing, path);
	buffer_free(&content);
	return rv;
}

/* What is in it, but no folder below. */
static int
read_folder(struct import *im, struct tree *tree, const char *path)
{
	struct tree_names names;
	char below[PATHS_MAX];
	int rv = 0;

	if (tree_list(tree, path, &names) != 0)
		return -1;
	for (size_t i = 0; i < tree_count(&names) && rv == 0; i++) {
		if (!paths_join(below, path, tree_at(&names, i)->name))
			rv = fault_at(im->fault, path, 0,
				      "path too long; a shorter one");
		else if (!paths_is_folder(below))
			rv = read_file(im, below);
	}
	tree_names_free(&names);
	return rv;
}

static int
read_path(struct import *im, struct tree *tree, const char *path)
{
	return paths_is_folder(path) ? read_folder(im, tree, path) :
				       read_file(im, path);
}

/* ---- The group --------------------------------------------------------- */

/* A tree may not state a certificate twice: what other groups of it hold is
 * known.  Asked once the group has its name. */
static int
know_entry(struct import *im, const struct records *r,
	   const struct catalog_entry *e)
{
	const struct catalog_group *groups = r->groups.p;
	struct bytes serial = records_bytes(r, e->serial);
	struct bytes group = records_bytes(r, groups[e->group].name);
	struct catalog_span sha256 = { e->sha256, CATALOG_SHA256 };

	if (im->group != NULL && group.n == strlen(im->group) &&
	    memcmp(group.p, im->group, group.n) == 0)
		return 0;
	if (serial.n > 2)
		serial = (struct bytes){ serial.p + 2, serial.n - 2 };
	return know_certificate(im, e->sha256 != 0 ?
				records_bytes(r, sha256) : nothing,
				records_bytes(r, e->issuer), serial);
}

static int
know_others(struct import *im)
{
	struct tree tree = { .fault = im->fault };
	struct records records;
	int rv = records_begin(&records, im->fault);

	im->knows_others = true;
	if (rv == 0)
		rv = source_read(im->own.sources, SOURCE_LOCAL, &tree,
				 &records, im->fault);
	for (uint32_t i = 0; rv == 0 && i < records_entries(&records); i++)
		rv = know_entry(im, &records, records_entry(&records, i)) < 0 ?
			-1 : 0;
	records_end(&records);
	tree_free(&tree);
	return rv;
}

static int
put_heading(struct import *im, struct buffer *ini)
{
	const char *texts[][2] = {
		{ "title", im->title != NULL ? im->title : im->group },
		{ "reason", im->reason },
	};
	int rv = buffer_add(ini, "[incident]\n", 11);

	for (size_t i = 0; i < 2; i++)
		rv |= stated_text(ini, texts[i][0], (struct bytes){
				(const uint8_t *)texts[i][1],
				strlen(texts[i][1]) });
	return rv == 0 ? 0 : fault_memory(im->fault);
}

/* The folder's files as they were go first. */
static int
remove_group(struct import *im)
{
	struct tree tree = { .fault = im->fault };
	struct tree_names names;
	char path[PATHS_MAX], name[PATHS_MAX];
	int rv = 0;

	if (!paths_join(path, im->own.sources, im->group) ||
	    !paths_is_folder(path))
		return 0;
	if (tree_list(&tree, path, &names) != 0)
		return -1;
	for (size_t i = 0; i < tree_count(&names) && rv == 0; i++) {
		if (paths_join(name, im->group, tree_at(&names, i)->name))
			rv = own_remove(&im->own, name);
	}
	tree_names_free(&names);
	tree_free(&tree);
	return rv;
}

static int
write_group(struct import *im)
{
	const struct import_file *files = im->files.p;
	struct buffer ini = { 0 };
	char name[PATHS_MAX];
	int rv = remove_group(im);

	if (rv == 0)
		rv = put_heading(im, &ini);
	if (rv == 0 && buffer_add(&ini, im->ini.p, im->ini.n) != 0)
		rv = fault_memory(im->fault);
	if (rv == 0 && paths_join(name, im->group, "incident.ini"))
		rv = own_write(&im->own, name, (struct bytes){ ini.p, ini.n });
	for (size_t i = 0; rv == 0 && i < im->files.n / sizeof(*files); i++) {
		if (paths_join(name, im->group, files[i].name))
			rv = own_write(&im->own, name, (struct bytes){
					files[i].pem.p, files[i].pem.n });
	}
	buffer_free(&ini);
	return rv;
}

/* ---- The command ------------------------------------------------------- */

static void
say_left(const struct import *im)
{
	const struct left *left = im->left.p;

	for (size_t i = 0; i < im->left.n / sizeof(*left); i++)
		fprintf(stderr, _("distrust import: left out, %s: %lu\n"),
			_(left[i].what), left[i].count);
}

static int
import_all(struct import *im, char **paths, struct own_made *made)
{
	struct tree tree = { .fault = im->fault };
	int rv = 0;

	for (size_t i = 0; rv == 0 && paths[i] != NULL; i++)
		rv = read_path(im, &tree, paths[i]);
	tree_free(&tree);
	if (rv != 0)
		return -1;
	say_left(im);
	if (im->count == 0)
		return fault_at(im->fault, paths[0], 0,
				"nothing new that is distrusted; a list of "
				"what is");
	return write_group(im) == 0 ? own_apply(&im->own, made) : -1;
}

static void
import_free(struct import *im)
{
	struct import_file *files = im->files.p;

	for (size_t i = 0; i < im->files.n / sizeof(*files); i++)
		buffer_free(&files[i].pem);
	buffer_free(&im->files);
	buffer_free(&im->ini);
	buffer_free(&im->left);
	buffer_free(&im->keys);
	buffer_free(&im->ends);
	table_free(&im->known);
}

static int
run(struct import *im, char **paths)
{
	struct own_made made;
	int rv = own_begin(&im->own, &im->scope, true, im->fault);

	if (rv == 0)
		rv = import_all(im, paths, &made);
	if (rv == 0 && !im->json)
		printf(_("%s: %lu imported, %lu there already\n"), im->group,
		       im->count, im->again);
	if (rv == 0)
		own_say(&im->own, &made, im->json);
	else
		fprintf(stderr, "%s\n", im->fault->text);
	own_end(&im->own, rv == 0);
	import_free(im);
	return rv == 0 ? TOOL_FINE : TOOL_FAILED;
}

static int
usage(FILE *to)
{
	fputs(_("usage: distrust import [OPTION]... FILE|FOLDER|-...\n"
	      "\n"
	      "Makes own decisions of another list, in a group that replaces "
	      "the one of that\nname.  Firefox's omni.ja may be given as "
	      "it is.\n"
	      "\n"
	      "  --format NAME     p11-kit, certdata (NSS), policy (Chromium), "
	      "crlset, onecrl,\n"
	      "                    certificates or digests; default as it "
	      "looks\n"
	      "  --by-key          digests are of keys (SubjectPublicKeyInfo); "
	      "OneCRL's records\n"
	      "                    by subject and key mean the key alone\n"
	      "  --usage WORDS     server, client, email, code, instead of "
	      "the list's own\n"
	      "  --group NAME      folder of the sources; default the "
	      "format's name\n"
	      "  --title TEXT, --reason WORD\n"
	      "                    of the group\n"), to);
	own_usage(to);
	return to == stdout ? TOOL_FINE : TOOL_FAILED;
}

static int
complain(const char *option, const char *value)
{
	fprintf(stderr, _("distrust import: bad --%s '%s'\n"), option,
		value);
	return TOOL_FAILED;
}

static int
take_usage(struct import *im, const char *text)
{
	static const struct text_word words[] = {
		{ "server", CATALOG_USAGE_SERVER },
		{ "client", CATALOG_USAGE_CLIENT },
		{ "email", CATALOG_USAGE_EMAIL },
		{ "code", CATALOG_USAGE_CODE },
	};

	for (const char *p = text; *p != '\0'; p += *p == ',') {
		size_t n = strcspn(p, ",");
		uint32_t bit = text_bit(words, 4, p, n);

		if (bit == 0)
			return complain("usage", text);
		im->options.usage |= bit;
		p += n;
	}
	return -1;
}

static int
take_format(struct import *im, const char *name)
{
	for (size_t i = 0; i < FORMATS; i++) {
		if (strcmp(formats[i].name, name) == 0)
			im->format = name;
	}
	return im->format != NULL ? -1 : complain("format", name);
}

/* -1 to go on, or the exit status. */
static int
take_option(struct import *im, int option)
{
	switch (option) {
	case 'f': return take_format(im, optarg);
	case 'k': im->options.by_key = true; return -1;
	case 'u': return take_usage(im, optarg);
	case 'g':
		im->group = optarg;
		return text_is_name(optarg) ? -1 : complain("group", optarg);
	case 't': im->title = optarg; return -1;
	case 'r': im->reason = optarg; return -1;
	case 'j': im->json = true; return -1;
	case 'h': return usage(stdout);
	default:
		return own_take_option(&im->scope, option, optarg) ? -1 :
			usage(stderr);
	}
}

int
tool_import(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "by-key", no_argument, NULL, 'k' },
		{ "usage", required_argument, NULL, 'u' },
		{ "group", required_argument, NULL, 'g' },
		{ "title", required_argument, NULL, 't' },
		{ "reason", required_argument, NULL, 'r' },
		OWN_OPTIONS,
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct fault fault = { "" };
	struct import im = { .reason = "distrusted-ca", .fault = &fault };
	int option, status = -1;

	while (status < 0 &&
	       (option = getopt_long(argc, argv, "h", longs, NULL)) != -1)
		status = take_option(&im, option);
	if (status >= 0)
		return status;
	return optind < argc ? run(&im, argv + optind) : usage(stderr);
}
