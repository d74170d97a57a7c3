/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust audit: is a tree of sources true, and does it spare what others
 * trust?  It knows options and the order of the checks; each check is in a
 * file of its own.  Where stores and browsers keep their lists is for the
 * caller to know.
 */

#include "audit/audit.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

enum audit_option {
	OPTION_EXCEPTIONS = 1, OPTION_TRUSTED, OPTION_INTERMEDIATES,
	OPTION_ONECRL, OPTION_JDK, OPTION_NSS, OPTION_P11KIT, OPTION_HELP
};

static const struct option longs[] = {
	{ "exceptions", required_argument, NULL, OPTION_EXCEPTIONS },
	{ "trusted", required_argument, NULL, OPTION_TRUSTED },
	{ "intermediates", required_argument, NULL, OPTION_INTERMEDIATES },
	{ "onecrl", required_argument, NULL, OPTION_ONECRL },
	{ "jdk", required_argument, NULL, OPTION_JDK },
	{ "nss", required_argument, NULL, OPTION_NSS },
	{ "p11-kit", required_argument, NULL, OPTION_P11KIT },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static int
usage(FILE *to)
{
	fputs("usage: distrust audit [OPTION]... DIR\n"
	      "\n"
	      "Checks every fact that DIR states, and that nothing which is\n"
	      "on hits what others trust.\n"
	      "\n"
	      "  --trusted NAME=FILE   what NAME trusts: PEM, DER, or a\n"
	      "                        program that holds certificates; any\n"
	      "                        number of times\n"
	      "  --intermediates FILE  Firefox's intermediates.json\n"
	      "  --onecrl FILE         Firefox's onecrl.json\n"
	      "  --jdk FILE            Java's blocked.certs\n"
	      "  --nss FILE            certificates that NSS refuses\n"
	      "  --p11-kit FILE        certificates that p11-kit refuses\n"
	      "  --exceptions FILE     what is found and meant, with reasons\n",
	      to);
	return to == stdout ? TOOL_FINE : TOOL_FAILED;
}

/* ---- Options ----------------------------------------------------------- */

/* NAME=FILE; several of a NAME are one source.  NAME is made of the argument
 * itself. */
static int
take_trusted(struct audit *a, char *argument)
{
	char *path = strchr(argument, '=');
	struct audit_source *known = a->trusted.p;
	struct audit_source s = { .name = argument };

	if (path == NULL || path == argument)
		return fault_at(a->fault, argument, 0,
				"not NAME=FILE; for example Debian=FILE");
	*path++ = '\0';
	for (size_t i = 0; known != NULL &&
			   i < a->trusted.n / sizeof(*known); i++) {
		if (strcmp(known[i].name, argument) == 0)
			return harvest_file(&known[i].harvest, path, a->fault);
	}
	s.path = path;
	if (harvest_file(&s.harvest, path, a->fault) == 0) {
		if (buffer_add(&a->trusted, &s, sizeof(s)) == 0)
			return 0;
		fault_memory(a->fault);
	}
	harvest_free(&s.harvest);
	return -1;
}

static int
take_refused(struct audit *a, enum audit_list list, const char *name,
	     const char *path)
{
	a->refused[list].name = name;
	a->refused[list].path = path;
	return harvest_file(&a->refused[list].harvest, path, a->fault);
}

/* 0, or -1 with a fault. */
static int
take_option(struct audit *a, enum audit_option option, char *argument)
{
	switch (option) {
	case OPTION_EXCEPTIONS:
		return audit_read_exceptions(a, argument);
	case OPTION_TRUSTED:
		return take_trusted(a, argument);
	case OPTION_INTERMEDIATES:
		a->intermediates = argument;
		return 0;
	case OPTION_ONECRL:
		a->onecrl = argument;
		return 0;
	case OPTION_JDK:
		a->jdk = argument;
		return 0;
	case OPTION_NSS:
		return take_refused(a, AUDIT_NSS, "NSS", argument);
	case OPTION_P11KIT:
		return take_refused(a, AUDIT_P11KIT, "p11-kit", argument);
	case OPTION_HELP:
		break;
	}
	return 0;
}

/* ---- The command ------------------------------------------------------- */

static int
check(struct audit *a)
{
	if (audit_open(a) != 0)
		return -1;
	printf("%s: list %u.%u, %u entries in %u incidents\n", a->root,
	       (unsigned)a->catalog.header->version >> 8,
	       (unsigned)a->catalog.header->version & 0xff,
	       (unsigned)catalog_entries(&a->catalog),
	       (unsigned)catalog_groups(&a->catalog));
	if (audit_texts(a) != 0 || audit_facts(a) != 0 ||
	    audit_authorities(a) != 0 || audit_lists(a) != 0 ||
	    audit_coverage(a) != 0)
		return -1;
	puts("\nResult");
	audit_unused_exceptions(a);
	printf("  found, and not explained: %u\n", a->findings);
	return 0;
}

int
tool_audit(int argc, char **argv)
{
	struct fault fault = { "" };
	struct audit a = { .fault = &fault };
	int status = TOOL_FAILED, option, rv = 0;

	while (rv == 0 &&
	       (option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (option == '?' || option == OPTION_HELP) {
			status = usage(option == '?' ? stderr : stdout);
			goto out;
		}
		rv = take_option(&a, (enum audit_option)option, optarg);
	}
	if (rv == 0 && argc - optind != 1) {
		usage(stderr);
		goto out;
	}
	a.root = argv[optind];
	if (rv == 0 && check(&a) == 0)
		status = a.findings == 0 ? TOOL_FINE : TOOL_FOUND;
	else
		fprintf(stderr, "%s\n", fault.text);
out:
	audit_close(&a);
	return status;
}
