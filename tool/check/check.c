/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust check: are certificates in a file, or those that a host sends,
 * distrusted, by which rule, and why?  It knows its command line and what a
 * target is; connecting and judging are done elsewhere.
 */

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/input.h"
#include "base/jobs.h"
#include "base/paths.h"
#include "base/text.h"
#include "base/told.h"
#include "base/words.h"
#include "certificates/chain.h"
#include "certificates/trusted.h"
#include "check/handshake.h"
#include "check/starttls.h"
#include "check/tell.h"
#include "tool.h"

struct check {
	struct peer_options peer;
	const char *connect;		/* HOST[:PORT], or NULL */
	const char *name;		/* for SNI, or NULL: the host's */
	const struct starttls *starttls;
	bool plain;			/* no STARTTLS, whatever the port */
	bool json;
	unsigned at_once;
	uint32_t usages;
	struct buffer hosts_text;	/* of --hosts */
	struct buffer targets;		/* const char * */
	size_t hosts;			/* the first so many are of --hosts */
	struct judge judge;
	struct harvest authorities;
};

/* One target and what came of it. */
struct looked {
	const char *target;
	bool is_server;
	struct certificates certificates;
	struct chain_verdict verdict;
	struct fault fault;
};

/* ---- Looking ----------------------------------------------------------- */

static bool
is_file(const char *target)
{
	return strcmp(target, "-") == 0 || paths_is_there(target) ||
	       (strchr(target, '/') != NULL &&
		strncmp(target, "https://", 8) != 0);
}

static int
shake_hands(const struct check *check, const struct peer_address *address,
	    struct peer *peer, struct looked *l)
{
	const struct starttls *protocol = check->starttls;
	const char *name = check->name != NULL ? check->name : address->host;

	if (protocol == NULL && !check->plain)
		protocol = starttls_at_port(address->port);
	if (protocol != NULL && starttls_begin(protocol, peer, name) != 0)
		return -1;
	return handshake(peer, peer_is_numeric(name) ? NULL : name,
			 &l->certificates);
}

static int
look_at_host(const struct check *check, struct looked *l)
{
	struct peer_address address, other;
	struct peer peer;
	int rv;

	if (!peer_parse(&address, l->target, "443"))
		return fault_at(&l->fault, l->target, 0,
				"neither a file nor a host; FILE or "
				"HOST[:PORT]");
	other = address;
	if (check->connect != NULL &&
	    !peer_parse(&other, check->connect, address.port))
		return fault_at(&l->fault, check->connect, 0,
				"no host; HOST[:PORT]");
	if (peer_open(&peer, &other, &check->peer, l->target, &l->fault) != 0)
		return -1;
	rv = shake_hands(check, &address, &peer, l);
	peer_close(&peer);
	return rv;
}

static int
look(const struct check *check, struct looked *l)
{
	struct chain_question question = { .judge = &check->judge };
	int rv;

	rv = l->is_server ? look_at_host(check, l) :
		certificates_read(&l->certificates, l->target, &l->fault);
	if (l->is_server)
		question.authorities = &check->authorities;
	return rv != 0 ? rv : chain_judge(&question, &l->certificates,
					  &l->verdict, &l->fault);
}

/* ---- Telling ----------------------------------------------------------- */

/* The same entry, often said of several certificates, once. */
static bool
is_first(const struct chain_verdict *v, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (chain_at(v, k)->why.entry->group ==
		    chain_at(v, i)->why.entry->group &&
		    chain_at(v, k)->why.catalog == chain_at(v, i)->why.catalog)
			return false;
	}
	return true;
}

static void
print_after(FILE *out, const struct judgement *why)
{
	struct bytes after = catalog_fixed(why->catalog, why->entry->after,
					   CATALOG_AFTER);

	if (after.n > 0)
		fprintf(out, _("    (only what was issued after %s%.2s-%.2s-%.2s)"
			       "\n"), after.p[0] < '5' ? "20" : "19",
			(const char *)after.p, (const char *)after.p + 2,
			(const char *)after.p + 4);
}

static void
tell_person(const struct looked *l, FILE *out)
{
	const struct chain_verdict *v = &l->verdict;
	const size_t n = certificates_count(&l->certificates);

	fprintf(out, "%s: ", l->target);
	if (v->is_distrusted)
		fputs(_("DISTRUSTED\n"), out);
	else
		fprintf(out, ngettext("nothing distrusted (%zu certificate)\n",
				      "nothing distrusted (%zu "
				      "certificates)\n", n), n);
	for (size_t i = 0; i < chain_count(v); i++) {
		const struct chain_finding *f = chain_at(v, i);

		tell_finding(out, certificates_at(&l->certificates, f->index),
			     _(chain_text(f)), &f->why);
		print_after(out, &f->why);
	}
	for (size_t i = 0; v->is_distrusted && i < chain_count(v); i++) {
		if (is_first(v, i))
			tell_advice(out, &chain_at(v, i)->why, l->is_server ?
				    TELL_SERVER : TELL_FILE);
	}
	if (!v->is_distrusted && chain_count(v) > 0)
		fputs(_("  Another chain, without that, ends at an authority "
			"that this machine trusts.\n"), out);
}

static const struct chain_finding *
finding_of(const struct chain_verdict *v, size_t index)
{
	for (size_t i = 0; i < chain_count(v); i++) {
		if (chain_at(v, i)->index == index)
			return chain_at(v, i);
	}
	return NULL;
}

static json_t *
certificates_json(const struct looked *l)
{
	json_t *array = json_array();
	int rv = 0;

	for (size_t i = 0; i < certificates_count(&l->certificates); i++) {
		const struct chain_finding *f = finding_of(&l->verdict, i);

		rv |= json_array_append_new(array, tell_json(
			certificates_at(&l->certificates, i),
			f != NULL ? chain_text(f) : NULL,
			f != NULL ? &f->why : NULL));
	}
	if (rv == 0)
		return array;
	json_decref(array);
	return NULL;
}

static void
tell_program(const struct looked *l, bool failed, FILE *out)
{
	json_t *object = json_object();
	int rv;

	rv = json_object_set_new(object, "target", json_string(l->target)) |
	     json_object_set_new(object, "verdict", json_string(
		failed ? "failed" :
		l->verdict.is_distrusted ? "distrusted" : "clean"));
	if (failed)
		rv |= json_object_set_new(object, "error",
					  json_string(l->fault.text));
	rv |= json_object_set_new(object, "certificates",
				  certificates_json(l));
	told_json(out, object, rv, JSON_COMPACT);
}

/* One job. */
static int
check_one(void *arg, size_t i, FILE *out, FILE *err)
{
	const struct check *check = arg;
	const char *const *targets = check->targets.p;
	struct looked l = {
		.target = targets[i],
		.is_server = i < check->hosts || !is_file(targets[i]),
	};
	const bool failed = look(check, &l) != 0;
	const int status = failed ? TOOL_FAILED :
		l.verdict.is_distrusted ? TOOL_FOUND : TOOL_FINE;

	if (check->json)
		tell_program(&l, failed, out);
	else if (failed)
		fprintf(err, "%s\n", l.fault.text);
	else
		tell_person(&l, out);
	chain_free(&l.verdict);
	certificates_free(&l.certificates);
	return status;
}

/* ---- Targets ----------------------------------------------------------- */

static int
add_target(struct check *check, const char *target)
{
	return buffer_add(&check->targets, &target, sizeof(target));
}

/* A host a line; comments begin with '#'. */
static int
add_hosts(struct check *check, const char *path, struct fault *fault)
{
	char *line, *save = NULL;
	int rv;

	if (check->hosts > 0)
		return fault_at(fault, path, 0,
				"a second file of hosts; one at most");
	rv = input_read(path, &check->hosts_text, "hosts, one a line", fault);
	if (rv != 0 || buffer_add(&check->hosts_text, "", 1) != 0)
		return rv != 0 ? rv : fault_memory(fault);
	for (line = strtok_r(check->hosts_text.p, "\r\n", &save); line != NULL;
	     line = strtok_r(NULL, "\r\n", &save)) {
		line += strspn(line, " \t");
		line[strcspn(line, " \t#")] = '\0';
		if (line[0] != '\0' && add_target(check, line) != 0)
			return fault_memory(fault);
	}
	check->hosts = check->targets.n / sizeof(const char *);
	return 0;
}

/* ---- The command ------------------------------------------------------- */

static int
usage(FILE *to)
{
	fputs(_("usage: distrust check [OPTION]... FILE|-|HOST[:PORT]...\n"
	      "\n"
	      "Tells whether certificates are distrusted, by which rule and "
	      "why: those in a\nfile (PEM, DER, PKCS #7), or those that a "
	      "host sends, which are believed in\nnothing.\n"
	      "\n"
	      "  --hosts FILE      hosts, one a line\n"
	      "  --at-once N       how many at a time; default 16\n"
	      "  --timeout SECONDS for each; default 10\n"
	      "  --connect HOST[:PORT]\n"
	      "                    connect there, but ask for the target\n"
	      "  --servername NAME ask for another name (SNI)\n"
	      "  --starttls smtp|imap|pop3|ftp|xmpp|ldap|none\n"
	      "                    default as the port says\n"
	      "  --no-proxy        not even if the environment names one\n"
	      "  -4, -6            only IPv4, only IPv6\n"
	      "  --usage WORDS     server, client, email, code; default "
	      "server\n"
	      "  --json            tell a program, a line a target\n"
	      "\n"
	      "Exit status: 0 nothing distrusted, 1 distrusted, 2 could not "
	      "check.\n"), to);
	return to == stdout ? TOOL_FINE : TOOL_FAILED;
}

static int
complain(const char *option, const char *value)
{
	fprintf(stderr, _("distrust check: bad --%s '%s'\n"), option, value);
	return TOOL_FAILED;
}

/* A number from 1 to `most`; 0 if it is none. */
static unsigned
number(const char *text, unsigned most)
{
	unsigned n = 0;

	for (; *text >= '0' && *text <= '9' && n <= most; text++)
		n = n * 10 + (unsigned)(*text - '0');
	return *text == '\0' && n <= most ? n : 0;
}

static int
take_starttls(struct check *check, const char *name)
{
	check->starttls = starttls_named(name);
	check->plain = check->starttls == NULL;
	return check->plain && strcmp(name, "none") != 0 ?
		complain("starttls", name) : -1;
}

static int
take_usages(struct check *check, const char *text)
{
	static const struct text_word words[] = {
		{ "server", CATALOG_USAGE_SERVER },
		{ "client", CATALOG_USAGE_CLIENT },
		{ "email", CATALOG_USAGE_EMAIL },
		{ "code", CATALOG_USAGE_CODE },
	};

	check->usages = 0;
	for (const char *p = text; *p != '\0'; p += *p == ',') {
		size_t n = strcspn(p, ",");
		uint32_t bit = text_bit(words, 4, p, n);

		if (bit == 0)
			return complain("usage", text);
		check->usages |= bit;
		p += n;
	}
	return check->usages == 0 ? complain("usage", text) : -1;
}

/* -1 to go on, or the exit status. */
static int
take_option(struct check *check, int option, struct fault *fault)
{
	switch (option) {
	case 'H':
		if (add_hosts(check, optarg, fault) == 0)
			return -1;
		fprintf(stderr, "%s\n", fault->text);
		return TOOL_FAILED;
	case 'a':
		check->at_once = number(optarg, 256);
		return check->at_once != 0 ? -1 : complain("at-once", optarg);
	case 't':
		check->peer.seconds = number(optarg, 3600);
		return check->peer.seconds != 0 ? -1 :
			complain("timeout", optarg);
	case 'c': check->connect = optarg; return -1;
	case 'n': check->name = optarg; return -1;
	case 's': return take_starttls(check, optarg);
	case 'u': return take_usages(check, optarg);
	case 'p': check->peer.no_proxy = true; return -1;
	case '4': check->peer.family = AF_INET; return -1;
	case '6': check->peer.family = AF_INET6; return -1;
	case 'j': check->json = true; return -1;
	default: return usage(option == 'h' ? stdout : stderr);
	}
}

static int
fail_for_memory(void)
{
	struct fault fault = { "" };

	fault_memory(&fault);
	fprintf(stderr, "%s\n", fault.text);
	return TOOL_FAILED;
}

static int
run(struct check *check)
{
	struct fault fault = { "" }, unread = { "" };
	int status;

	signal(SIGPIPE, SIG_IGN);
	if (judge_begin_user(&check->judge, check->usages, &fault) != 0)
		fprintf(stderr, "%s\n", fault.text);
	trusted_bundles(&check->authorities, "", &unread);
	status = jobs_do(check_one, check,
			 check->targets.n / sizeof(const char *),
			 check->at_once);
	harvest_free(&check->authorities);
	judge_end(&check->judge);
	return status < 0 ? fail_for_memory() : status;
}

int
tool_check(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "hosts", required_argument, NULL, 'H' },
		{ "at-once", required_argument, NULL, 'a' },
		{ "timeout", required_argument, NULL, 't' },
		{ "connect", required_argument, NULL, 'c' },
		{ "servername", required_argument, NULL, 'n' },
		{ "starttls", required_argument, NULL, 's' },
		{ "no-proxy", no_argument, NULL, 'p' },
		{ "usage", required_argument, NULL, 'u' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct check check = {
		.peer = { .family = AF_UNSPEC, .seconds = 10 },
		.at_once = 16,
		.usages = CATALOG_USAGE_SERVER,
	};
	struct fault fault = { "" };
	int option, status = -1;

	while (status < 0 &&
	       (option = getopt_long(argc, argv, "46h", longs, NULL)) != -1)
		status = take_option(&check, option, &fault);
	for (int i = optind; status < 0 && i < argc; i++) {
		if (add_target(&check, argv[i]) != 0)
			status = fail_for_memory();
	}
	if (status < 0)
		status = check.targets.n > 0 ? run(&check) : usage(stderr);
	buffer_free(&check.targets);
	buffer_free(&check.hosts_text);
	return status;
}
