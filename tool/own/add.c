/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust add: one more entry among the own decisions, for a certificate in
 * a file or for what is known of one.  It knows how a person names such a
 * thing on a command line.
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

#include "base/text.h"
#include "base/words.h"
#include "certificates/certificates.h"
#include "certificates/stated.h"
#include "compile/sections.h"
#include "own/own.h"
#include "tool.h"

struct options {
	struct own_scope scope;
	const char *group;
	const char *title;
	const char *reason;
	const char *label;
	const char *note;
	uint32_t match;		/* 0: not given */
	uint32_t usage;
	uint32_t after;
	bool json;
};

struct add {
	const struct options *options;
	struct own *own;
	struct fault *fault;
	struct buffer ini;	/* the group's incident.ini */
	struct buffer facts;	/* of what is being added */
	struct buffer said;	/* for a person, once it is done */
	unsigned added;
};

static int
say(struct add *a, const char *group, const char *name, const char *what)
{
	const char *parts[] = { group, "/", name, ": ", _(what), "\n" };
	int rv = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		rv |= buffer_add(&a->said, parts[i], strlen(parts[i]));
	return rv == 0 ? 0 : fault_memory(a->fault);
}

static struct bytes
octets_of(const struct buffer *b)
{
	return (struct bytes){ b->p, b->n };
}

/* ---- What is there already --------------------------------------------- */

struct search {
	const char *key;	/* sha256, serial or spki-sha256 */
	struct buffer text;	/* its value as sources say it */
	struct buffer issuer;
	struct add *add;
	bool is_found;
};

static bool
says(const struct section *section, const char *key, const struct buffer *text)
{
	const struct section_value *v = section_find(section, key);

	return v != NULL && strlen(section_text(section, v)) == text->n &&
	       memcmp(section_text(section, v), text->p, text->n) == 0;
}

/* Whether a section is about the same. */
static int
compare(void *arg, const char *group, const struct section *section)
{
	struct search *s = arg;

	if (s->is_found || !says(section, s->key, &s->text) ||
	    (s->issuer.n > 0 && !says(section, "issuer", &s->issuer)))
		return 0;
	s->is_found = true;
	return say(s->add, group, section->name, N_("there already"));
}

static int
set_search(struct search *s, const struct stated *stated)
{
	uint8_t digest[CATALOG_SHA256];
	struct bytes sha256 = stated->sha256;

	if (stated->der.n > 0) {
		if (x509_sha256(stated->der, digest) != 0)
			return -1;
		sha256 = (struct bytes){ digest, sizeof(digest) };
	}
	s->key = sha256.n > 0 ? "sha256" : stated->serial.n > 0 ? "serial" :
		stated->subject.n > 0 ? "subject" : "spki-sha256";
	if (sha256.n > 0)
		return stated_hex(&s->text, sha256);
	if (stated->serial.n > 0)
		return stated_hex(&s->text, stated->serial) |
		       stated_base64(&s->issuer, stated->issuer);
	if (stated->subject.n > 0)
		return stated_base64(&s->text, stated->subject);
	return stated_hex(&s->text, stated->spki_sha256);
}

/* 1: it is there, and that was said; 0: it is not; -1: a fault. */
static int
is_there(struct add *a, const struct stated *stated)
{
	struct search s = { .add = a };
	int rv = set_search(&s, stated);

	if (rv != 0)
		rv = fault_memory(a->fault);
	else
		rv = own_visit(a->own, compare, &s);
	buffer_free(&s.text);
	buffer_free(&s.issuer);
	return rv == 0 && s.is_found ? 1 : rv;
}

/* ---- One entry --------------------------------------------------------- */

static int
ini_name(const struct add *a, char name[static PATHS_MAX])
{
	return paths_join(name, a->options->group, "incident.ini") ? 0 :
		fault_at(a->fault, a->options->group, 0,
			 "name too long; a shorter group");
}

/* A group that is not there yet begins with what the options say of it. */
static int
begin_group(struct add *a)
{
	const struct options *o = a->options;
	const char *title = o->title != NULL ? o->title : "Own decisions";
	char name[PATHS_MAX];
	bool is_there_already;

	if (ini_name(a, name) != 0 ||
	    own_read(a->own, name, &a->ini, &is_there_already) != 0)
		return -1;
	if (is_there_already)
		return 0;
	if (buffer_add(&a->ini, "[incident]\n", 11) != 0 ||
	    stated_text(&a->ini, "title", (struct bytes){
			(const uint8_t *)title, strlen(title) }) != 0 ||
	    stated_text(&a->ini, "reason", (struct bytes){
			(const uint8_t *)o->reason, strlen(o->reason) }) != 0)
		return fault_memory(a->fault);
	return 0;
}

static int
write_pem(struct add *a, const char *name, const struct buffer *pem)
{
	char file[PATHS_MAX];
	int n = snprintf(file, sizeof(file), "%s/%s.pem", a->options->group,
			 name);

	if (n < 0 || (size_t)n >= sizeof(file))
		return fault_at(a->fault, name, 0, "name too long; a shorter "
				"group");
	return own_write(a->own, file, octets_of(pem));
}

static int
put(struct add *a, struct stated *stated)
{
	struct buffer pem = { 0 };
	char name[STATED_NAME];
	int rv = stated_complete(stated);

	if (rv > 0)
		return fault_at(a->fault, "distrust add", 0,
				"a certificate that no list can hold; a "
				"serial number of 1 to 20 octets and two "
				"dates");
	stated_name(stated, name);
	if (rv != 0 || stated_put(stated, name, &a->ini, &pem) != 0)
		rv = fault_memory(a->fault);
	else if (pem.n > 0)
		rv = write_pem(a, name, &pem);
	buffer_free(&pem);
	if (rv == 0)
		rv = say(a, a->options->group, name, N_("added"));
	a->added += rv == 0;
	return rv;
}

static int
add_stated(struct add *a, struct stated *stated, uint32_t match)
{
	const struct options *o = a->options;
	int rv = is_there(a, stated);

	if (rv != 0)
		return rv < 0 ? -1 : 0;
	stated->flags = (o->match != 0 ? o->match : match) | o->usage;
	stated->after = o->after;
	stated->note = o->note;
	if (o->label != NULL)
		stated_label(stated->label, (struct bytes){
			(const uint8_t *)o->label, strlen(o->label) });
	return put(a, stated);
}

/* ---- What a person means ----------------------------------------------- */

static int
add_file(struct add *a, const char *path)
{
	struct certificates c = { 0 };
	int rv = certificates_read(&c, path, a->fault);

	for (size_t i = 0; i < certificates_count(&c) && rv == 0; i++) {
		struct stated stated = { .der = certificates_at(&c, i) };

		rv = add_stated(a, &stated, CATALOG_MATCH_CERTIFICATE);
	}
	certificates_free(&c);
	return rv;
}

/* Hex with or without colons, as programs show fingerprints. */
static bool
take_digest(struct buffer *octets, const char *text)
{
	char hex[2 * CATALOG_SHA256 + 1];
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (*text == ':')
			continue;
		if (n == sizeof(hex) - 1)
			return false;
		hex[n++] = *text;
	}
	hex[n] = '\0';
	return n == sizeof(hex) - 1 && text_hex(hex, octets) == 0;
}

static bool
take_pin(struct buffer *octets, const char *text)
{
	return text_base64(text, octets) == 0 && octets->n == CATALOG_SHA256;
}

/* /TYPE=VALUE..., as OpenSSL writes it; a name rule minds no string type. */
static bool
take_name_text(struct buffer *octets, const char *text)
{
	X509_NAME *name = X509_NAME_new();
	unsigned char *der = NULL;
	char *copy = strdup(text), *save = NULL;
	bool good = name != NULL && copy != NULL;
	int n;

	for (char *part = good ? strtok_r(copy, "/", &save) : NULL;
	     good && part != NULL; part = strtok_r(NULL, "/", &save)) {
		char *value = strchr(part, '=');

		good = value != NULL;
		if (!good)
			break;
		*value++ = '\0';
		good = X509_NAME_add_entry_by_txt(name, part, MBSTRING_UTF8,
			(const unsigned char *)value, -1, -1, 0) == 1;
	}
	n = good ? i2d_X509_NAME(name, &der) : -1;
	good = n > 2 && buffer_add(octets, der, (size_t)n) == 0;
	OPENSSL_free(der);
	X509_NAME_free(name);
	free(copy);
	return good;
}

static bool
take_name(struct buffer *octets, const char *text)
{
	if (*text == '/')
		return take_name_text(octets, text);
	return text_base64(text, octets) == 0 &&
	       x509_is_name(octets_of(octets));
}

/* Base64 of an issuer, a colon, and a serial number in hex: views into the
 * facts. */
static bool
take_serial(struct buffer *octets, const char *text, struct stated *stated)
{
	const char *colon = strchr(text, ':');
	char *issuer;
	size_t n;
	bool good;

	if (colon == NULL)
		return false;
	issuer = strndup(text, (size_t)(colon - text));
	good = issuer != NULL && text_base64(issuer, octets) == 0 &&
	       x509_is_name(octets_of(octets));
	free(issuer);
	n = octets->n;
	if (!good || text_hex(colon + 1, octets) != 0 || octets->n == n)
		return false;
	stated->issuer = (struct bytes){ octets->p, n };
	stated->serial = (struct bytes){ (const uint8_t *)octets->p + n,
					 octets->n - n };
	return true;
}

static int
add_thing(struct add *a, const char *thing)
{
	struct stated stated = { .flags = 0 };
	struct buffer *facts = &a->facts;
	const bool by_key = a->options->match == CATALOG_MATCH_KEY;
	uint32_t match = CATALOG_MATCH_CERTIFICATE;

	buffer_clear(facts);
	if (strcmp(thing, "-") == 0 || paths_is_there(thing))
		return add_file(a, thing);
	if ((strncmp(thing, "sha256/", 7) == 0 && take_pin(facts, thing + 7)) ||
	    (strncmp(thing, "key:", 4) == 0 && take_digest(facts, thing + 4)) ||
	    (by_key && take_digest(facts, thing))) {
		match = CATALOG_MATCH_KEY;
		stated.spki_sha256 = octets_of(facts);
	} else if (strncmp(thing, "name:", 5) == 0 &&
		   take_name(facts, thing + 5)) {
		match = CATALOG_MATCH_NAME;
		stated.subject = octets_of(facts);
	} else if (take_digest(facts, thing)) {
		stated.sha256 = octets_of(facts);
	} else if (!take_serial(facts, thing, &stated)) {
		return fault_at(a->fault, thing, 0,
				"neither a file nor a fingerprint; see "
				"`distrust add --help`");
	}
	return add_stated(a, &stated, match);
}

/* ---- The command ------------------------------------------------------- */

static int
add_all(struct add *a, char **things, struct own_made *made)
{
	char name[PATHS_MAX];

	if (begin_group(a) != 0 || ini_name(a, name) != 0)
		return -1;
	for (size_t i = 0; things[i] != NULL; i++) {
		if (add_thing(a, things[i]) != 0)
			return -1;
	}
	if (a->added > 0 &&
	    own_write(a->own, name, octets_of(&a->ini)) != 0)
		return -1;
	return own_apply(a->own, made);
}

static int
add(const struct options *options, char **things)
{
	struct fault fault = { "" };
	struct own own;
	struct own_made made;
	struct add a = { .options = options, .own = &own, .fault = &fault };
	int rv = own_begin(&own, &options->scope, true, &fault);

	if (rv == 0)
		rv = add_all(&a, things, &made);
	if (rv == 0 && !options->json)
		fwrite(a.said.p, 1, a.said.n, stdout);
	if (rv == 0)
		own_say(&own, &made, options->json);
	else
		fprintf(stderr, "%s\n", fault.text);
	own_end(&own, rv == 0);
	buffer_free(&a.ini);
	buffer_free(&a.facts);
	buffer_free(&a.said);
	return rv == 0 ? TOOL_FINE : TOOL_FAILED;
}

static int
usage(FILE *to)
{
	fputs(_("usage: distrust add [OPTION]... THING...\n"
	      "\n"
	      "Distrusts, each THING being one of\n"
	      "  FILE or -         certificates in PEM, DER or PKCS #7\n"
	      "  SHA-256           a certificate's fingerprint, in hex\n"
	      "  key:SHA-256, sha256/BASE64\n"
	      "                    a key, by its SubjectPublicKeyInfo's "
	      "digest\n"
	      "  name:/C=KZ/CN=X, name:BASE64\n"
	      "                    whatever an authority of this name issues\n"
	      "  BASE64:SERIAL     DER issuer and serial number in hex\n"
	      "\n"
	      "  --match WORDS     certificate, name, key; with commas\n"
	      "  --usage WORDS     server, client, email, code; default all\n"
	      "  --after DATE      only what is issued later, YYYY-MM-DD\n"
	      "  --group NAME      folder of the sources; default \"own\"\n"
	      "  --title TEXT, --reason WORD\n"
	      "                    of a new group (see p11-distrust(8))\n"
	      "  --label TEXT, --note TEXT\n"), to);
	own_usage(to);
	return to == stdout ? TOOL_FINE : TOOL_FAILED;
}

static int
complain(const char *option, const char *value, const char *expected)
{
	fprintf(stderr, _("distrust add: bad --%s '%s'; %s\n"), option,
		value, _(expected));
	return TOOL_FAILED;
}

static const struct text_word matches[] = {
	{ "certificate", CATALOG_MATCH_CERTIFICATE },
	{ "name", CATALOG_MATCH_NAME },
	{ "key", CATALOG_MATCH_KEY },
}, usages[] = {
	{ "server", CATALOG_USAGE_SERVER },
	{ "client", CATALOG_USAGE_CLIENT },
	{ "email", CATALOG_USAGE_EMAIL },
	{ "code", CATALOG_USAGE_CODE },
};

/* The bits of words with commas between them, 0 if one is unknown. */
static uint32_t
bits_of(const char *text, const struct text_word *words, size_t count)
{
	uint32_t bits = 0, bit = 1;

	while (bit != 0 && *text != '\0') {
		size_t n = strcspn(text, ",");

		bit = text_bit(words, count, text, n);
		bits |= bit;
		text += n;
		text += *text == ',';
	}
	return bit != 0 ? bits : 0;
}

/* -1 to go on, or the exit status. */
static int
take_option(struct options *o, int option)
{
	switch (option) {
	case 'm':
		o->match = bits_of(optarg, matches,
				   sizeof(matches) / sizeof(*matches));
		return o->match != 0 ? -1 : complain("match", optarg,
			"certificate, name or key");
	case 'u':
		o->usage = bits_of(optarg, usages,
				   sizeof(usages) / sizeof(*usages));
		return o->usage != 0 ? -1 : complain("usage", optarg,
			"server, client, email or code");
	case 'a':
		o->after = text_date(optarg);
		return o->after != 0 ? -1 : complain("after", optarg,
			"YYYY-MM-DD");
	case 'g':
		o->group = optarg;
		return text_is_name(optarg) ? -1 : complain("group", optarg,
			"letters a to z, digits and '-'");
	case 't': o->title = optarg; return -1;
	case 'r': o->reason = optarg; return -1;
	case 'l': o->label = optarg; return -1;
	case 'n': o->note = optarg; return -1;
	case 'j': o->json = true; return -1;
	case 'h': return usage(stdout);
	default:
		return own_take_option(&o->scope, option, optarg) ? -1 :
			usage(stderr);
	}
}

int
tool_add(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "match", required_argument, NULL, 'm' },
		{ "usage", required_argument, NULL, 'u' },
		{ "after", required_argument, NULL, 'a' },
		{ "group", required_argument, NULL, 'g' },
		{ "title", required_argument, NULL, 't' },
		{ "reason", required_argument, NULL, 'r' },
		{ "label", required_argument, NULL, 'l' },
		{ "note", required_argument, NULL, 'n' },
		OWN_OPTIONS,
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = {
		.group = "own",
		.reason = "distrusted-ca",
		.usage = CATALOG_USAGE_ALL,
	};
	int option, status = -1;

	while (status < 0 &&
	       (option = getopt_long(argc, argv, "h", longs, NULL)) != -1)
		status = take_option(&options, option);
	if (status >= 0)
		return status;
	return optind < argc ? add(&options, argv + optind) : usage(stderr);
}
