/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* The words, one piece of advice for each kind of reason. */

#include "check/tell.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "certificates/stated.h"
#include "compile/x509.h"
#include "der.h"
#include "show/describe.h"

static struct bytes
bytes_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static struct bytes
subject_of(struct bytes der)
{
	static const uint8_t none[1];
	struct der_certificate fields;

	return der_certificate(der, &fields) ? fields.subject :
		(struct bytes){ none, 0 };
}

/* ---- For a person ------------------------------------------------------ */

static void
print_subject(FILE *to, struct bytes der)
{
	struct bytes subject = subject_of(der);

	if (subject.n > 2)
		describe_print_name(to, subject);
	else
		fputs(_("A certificate without a name"), to);
}

void
tell_finding(FILE *to, struct bytes der, const char *what,
	     const struct judgement *why)
{
	const struct catalog_group *group =
		catalog_group(why->catalog, why->entry->group);

	fputs("  ", to);
	print_subject(to, der);
	fprintf(to, " %s:\n    ", what);
	describe_text(to, catalog_bytes(why->catalog, why->entry->label));
	if (group != NULL) {
		fputs(" (", to);
		describe_text(to, catalog_bytes(why->catalog, group->name));
		fputs(": ", to);
		describe_text(to, catalog_bytes(why->catalog, group->title));
		fputs(")", to);
	}
	fputc('\n', to);
}

static const struct advice {
	const char *reason;
	const char *server;
	const char *file;
} advices[] = {
	{ "state-interception",
	  N_("Somebody reads, and can change, what passes between you and this "
	  "host. Enter nothing there. Use another network, a VPN or Tor "
	  "Browser."),
	  N_("Do not install it, whoever asks you to: it lets others read what "
	  "you send. `distrust scan` finds where it is installed.") },
	{ "interception",
	  N_("Somebody reads, and can change, what passes between you and this "
	  "host. Enter nothing there until you know who."),
	  N_("Do not install it: it lets others read what you send. `distrust "
	  "scan` finds where it is installed.") },
	{ "leaked-key",
	  N_("Its key is public: anybody can pose as this host. Enter nothing "
	  "there."),
	  N_("Its key is public: anybody can pose as any site to those who "
	  "trust it. `distrust scan` finds where it is installed.") },
	{ "compromised-ca",
	  N_("Others could have had this certificate made. Enter nothing there, "
	  "and tell who runs it."),
	  N_("Others could have had certificates made under it. `distrust scan` "
	  "finds where it is installed.") },
	{ "",
	  N_("Browsers refuse it. If this host is yours, have a certificate "
	  "made by another authority."),
	  N_("Nobody needs to trust it for the web. `distrust scan` finds where "
	  "it is installed.") },
};

static const struct advice *
find_advice(struct bytes reason)
{
	const struct advice *a = advices;

	while (a->reason[0] != '\0' && !bytes_equal(reason,
						    bytes_of(a->reason)))
		a++;
	return a;
}

void
tell_advice(FILE *to, const struct judgement *why, enum tell_place place)
{
	const struct catalog_group *group =
		catalog_group(why->catalog, why->entry->group);
	const struct advice *a;
	struct bytes name;

	if (group == NULL)
		return;
	a = find_advice(catalog_bytes(why->catalog, group->reason));
	fputs("  ", to);
	describe_wrapped(to, bytes_of(place == TELL_SERVER ? _(a->server) :
							     _(a->file)), 2);
	name = catalog_bytes(why->catalog, group->name);
	fprintf(to, _("  `distrust show %.*s` tells the story.\n"),
		(int)name.n, (const char *)name.p);
}

/* ---- For a program ----------------------------------------------------- */

static int
set_text(json_t *object, const char *key, struct bytes text)
{
	if (text.n == 0)
		return 0;
	return json_object_set_new(object, key,
		text_is_utf8(text.p, text.n) ?
		json_stringn((const char *)text.p, text.n) :
		json_string("?"));
}

static int
set_names(json_t *object, struct bytes der)
{
	struct der_certificate fields;
	struct buffer subject = { 0 }, issuer = { 0 };
	int rv = 0;

	if (!der_certificate(der, &fields))
		return 0;
	rv = describe_name(fields.subject, &subject) |
	     describe_name(fields.issuer, &issuer) |
	     set_text(object, "subject", (struct bytes){ subject.p,
							 subject.n }) |
	     set_text(object, "issuer", (struct bytes){ issuer.p, issuer.n });
	buffer_free(&subject);
	buffer_free(&issuer);
	return rv;
}

static int
set_digest(json_t *object, struct bytes der)
{
	uint8_t digest[CATALOG_SHA256];
	struct buffer hex = { 0 };
	int rv;

	rv = x509_sha256(der, digest) |
	     stated_hex(&hex, (struct bytes){ digest, sizeof(digest) });
	rv = rv != 0 ? rv : set_text(object, "sha256",
				     (struct bytes){ hex.p, hex.n });
	buffer_free(&hex);
	return rv;
}

static int
set_why(json_t *object, const char *what, const struct judgement *why)
{
	const struct catalog *c = why->catalog;
	const struct catalog_group *group =
		catalog_group(c, why->entry->group);
	int rv;

	rv = json_object_set_new(object, "distrusted", json_string(what)) |
	     set_text(object, "entry", catalog_bytes(c, why->entry->label));
	if (group == NULL)
		return rv;
	return rv | set_text(object, "incident", catalog_bytes(c, group->name)) |
	       set_text(object, "title", catalog_bytes(c, group->title)) |
	       set_text(object, "reason", catalog_bytes(c, group->reason));
}

json_t *
tell_json(struct bytes der, const char *what, const struct judgement *why)
{
	json_t *object = json_object();

	if ((set_names(object, der) | set_digest(object, der)) == 0 &&
	    (why == NULL || set_why(object, what, why) == 0))
		return object;
	json_decref(object);
	return NULL;
}
