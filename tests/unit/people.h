/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Two small lists with an entry of every sort, and the certificates that
 * they are about: listed ones, and others that share a name, a key or a
 * serial number with them.  It knows records and certificates; it must not
 * know what is asked of the lists.
 */

#ifndef PEOPLE_H
#define PEOPLE_H

#include "flags.h"
#include "lists.h"
#include "made.h"

/* ---- Certificates ----------------------------------------------------- */

/* Facts of a certificate that a template can name. */
struct facts {
	struct encoded der, issuer, serial, raw, subject, key;
	uint8_t sha1[CATALOG_SHA1];
};

/* Empty text: an empty Name. */
static inline void
write_name(struct encoded *e, uint8_t tag, const char *cn)
{
	if (cn[0] != '\0') {
		made_name(e, tag, cn);
		return;
	}
	e->n = 0;
	encode_wrap(e, 0, 0x30);
}

static inline void
make_facts(struct facts *f, const char *issuer, const char *serial,
	   const char *subject, const char *key, uint8_t tag)
{
	write_name(&f->issuer, tag, issuer);
	write_name(&f->subject, tag, subject);
	f->raw.n = 0;
	encode_octets(&f->raw, serial, strlen(serial));
	made_integer(&f->serial, encoded_bytes(&f->raw));
	made_key(&f->key, key);
	made_certificate(&f->der, encoded_bytes(&f->issuer),
			 encoded_bytes(&f->serial),
			 encoded_bytes(&f->subject), encoded_bytes(&f->key));
	made_must(x509_sha1(encoded_bytes(&f->der), f->sha1) == 0);
}

/* The certificates; the lists hold those before LISTED. */
enum who {
	ROOT,		/* interception root: certificate, name, key */
	FORMER,		/* former public CA: certificate alone */
	LEAKED,		/* leaked key: certificate, key */
	SERVER_ONLY,	/* certificate for servers */
	EMAIL_ONLY,
	LATER,		/* certificate, if issued after a day */
	IDENTITY,	/* known by issuer and serial, and hashes */
	BARE,		/* known by issuer and serial alone */
	SWITCHED_OFF,	/* its group is off */
	BELOW,		/* issued by ROOT, in the list itself */
	TWIN,		/* FORMER's name, another key */
	SAME_SERIAL,	/* FORMER's serial, another issuer */
	ODD_SERIAL,	/* content octets 02 01 35 */
	PLAIN_SERIAL,	/* content octets 35, same issuer as ODD_SERIAL */
	NAMELESS,	/* an empty subject */
	REVOKED,	/* certificate, name; OneCRL has it too */
	OTHER_LIST,	/* in the second list: certificate, name */
	LISTED,
	REISSUED = LISTED,	/* ROOT's name, other key, other serial */
	RESPELLED,	/* the same in another string type */
	NEW_NAME,	/* LEAKED's key under a new name */
	BOTH,		/* ROOT's name, LEAKED's key */
	SUB,		/* issued by ROOT, in no list */
	OTHERS_NAME,	/* OTHER_LIST's name, LEAKED's key */
	MAIL_NAME,	/* a name distrusted for mail, LEAKED's key */
	LATER_NAME,	/* bears a name that is distrusted from a day on */
	NAME_ONLY,	/* bears the name of an entry that is no certificate */
	KEY_ONLY,	/* has the key of an entry that is no certificate */
	HEALTHY,
	FORMERS_SITE,	/* issued by FORMER */
	NAMELESS_SITE,
	EVERYBODY
};

static struct facts facts[EVERYBODY];

static const struct {
	const char *issuer, *serial, *subject, *key;
	uint8_t tag;
	uint32_t flags;
} people[EVERYBODY] = {
	[ROOT] = { "Qaznet", "4root", "Qaznet", "qaznet key", UTF8,
		   CERTIFICATE | NAME | KEY | ALL | CA },
	[FORMER] = { "Former CA", "4former", "Former CA", "former key", UTF8,
		     CERTIFICATE | ALL | CA },
	[LEAKED] = { "Leaked", "4leaked", "Leaked", "leaked key", UTF8,
		     CERTIFICATE | KEY | ALL | CA },
	[SERVER_ONLY] = { "Servers", "4server", "Servers", "server key", UTF8,
			  CERTIFICATE | SERVER | CA },
	[EMAIL_ONLY] = { "Mails", "4email", "Mails", "email key", UTF8,
			 CERTIFICATE | EMAIL | CA },
	[LATER] = { "Later", "4later", "Later", "later key", UTF8,
		    CERTIFICATE | ALL | CA },
	[IDENTITY] = { "Identity", "4identity", "Sub", "identity key", UTF8,
		       CERTIFICATE | ALL },
	[BARE] = { "Identity", "4bare", "Sub", "bare key", UTF8,
		   CERTIFICATE | ALL },
	[SWITCHED_OFF] = { "Off", "4off", "Off", "off key", UTF8,
			   CERTIFICATE | NAME | KEY | ALL | CA },
	[BELOW] = { "Qaznet", "4below", "Below", "below key", UTF8,
		    CERTIFICATE | ALL | CA },
	[TWIN] = { "Former CA", "4twin", "Former CA", "twin key", UTF8,
		   CERTIFICATE | ALL | CA },
	[SAME_SERIAL] = { "Another", "4former", "Another", "another key",
			  UTF8, CERTIFICATE | ALL },
	[ODD_SERIAL] = { "Odd", "\x02\x01\x35", "Odd 1", "odd key", UTF8,
			 CERTIFICATE | ALL },
	[PLAIN_SERIAL] = { "Odd", "\x35", "Odd 2", "plain key", UTF8,
			   CERTIFICATE | ALL },
	[NAMELESS] = { "Nameless", "4nameless", "", "nameless key", UTF8,
		       CERTIFICATE | ALL },
	[REVOKED] = { "Revoked", "4revoked", "Revoked", "revoked key", UTF8,
		      CERTIFICATE | NAME | ALL | CA | CATALOG_IN_ONECRL },
	[OTHER_LIST] = { "Other", "4other", "Other", "other key", UTF8,
			 CERTIFICATE | NAME | ALL | CA },
	[REISSUED] = { "Qaznet", "4new", "Qaznet", "new key", UTF8, 0 },
	[RESPELLED] = { "QAZNET ", "4spelt", "QAZNET ", "another new key",
			PRINTABLE, 0 },
	[NEW_NAME] = { "Innocent", "4innocent", "Innocent", "leaked key",
		       UTF8, 0 },
	[BOTH] = { "Qaznet", "4both", "Qaznet", "leaked key", UTF8, 0 },
	[SUB] = { "Qaznet", "4sub", "Sub of it", "sub key", UTF8, 0 },
	[OTHERS_NAME] = { "Other", "4others", "Other", "leaked key", UTF8,
			  0 },
	[MAIL_NAME] = { "Mail name", "4mail", "Mail name", "leaked key", UTF8,
			0 },
	[LATER_NAME] = { "Later name", "4late", "Later name", "late key",
			 UTF8, 0 },
	[NAME_ONLY] = { "Bare name", "4any", "Bare name", "any key", UTF8, 0 },
	[KEY_ONLY] = { "Any name", "4some", "Any name", "bare key alone",
		       UTF8, 0 },
	[HEALTHY] = { "Healthy", "4healthy", "Healthy", "healthy key", UTF8,
		      0 },
	[FORMERS_SITE] = { "Former CA", "4site", "Site", "site key", UTF8,
			   0 },
	[NAMELESS_SITE] = { "Healthy", "4nobody", "", "nobody's key", UTF8,
			    0 },
};

/* ---- Lists ------------------------------------------------------------ */

static struct made made[2];
static struct lists both;

static inline void
add(struct made *m, enum who who, uint32_t group)
{
	const struct facts *f = &facts[who];
	bool whole = who != IDENTITY && who != BARE;
	struct made_entry e = {
		.label = people[who].subject,
		.flags = people[who].flags,
		.after = who == LATER ? "190401000000Z" : NULL,
		.group = group,
		.hashes = who == IDENTITY,
	};

	if (whole) {
		e.certificate = encoded_bytes(&f->der);
	} else {
		e.issuer = encoded_bytes(&f->issuer);
		e.serial = encoded_bytes(&f->serial);
	}
	made_add(m, e);
}

static inline void
add_bare_rules(struct made *m, uint32_t group)
{
	static struct encoded key;

	made_add(m, (struct made_entry){
		.subject = encoded_bytes(&facts[NAME_ONLY].subject),
		.label = "Bare name", .flags = NAME | ALL, .group = group });
	made_add(m, (struct made_entry){
		.subject = encoded_bytes(&facts[MAIL_NAME].subject),
		.label = "Mail name", .flags = NAME | EMAIL, .group = group });
	made_add(m, (struct made_entry){
		.subject = encoded_bytes(&facts[LATER_NAME].subject),
		.label = "Later name", .flags = NAME | ALL, .group = group,
		.after = "190401000000Z" });
	made_add(m, (struct made_entry){
		.spki = made_key(&key, people[KEY_ONLY].key),
		.label = "Bare key", .flags = KEY | ALL, .group = group });
}

static inline void
make_lists(void)
{
	uint32_t on, off;

	for (unsigned i = 0; i < EVERYBODY; i++)
		make_facts(&facts[i], people[i].issuer, people[i].serial,
			   people[i].subject, people[i].key, people[i].tag);
	made_begin(&made[0]);
	on = made_group(&made[0], "on", true);
	off = made_group(&made[0], "off", false);
	for (unsigned i = 0; i < OTHER_LIST; i++)
		add(&made[0], (enum who)i, i == SWITCHED_OFF ? off : on);
	add_bare_rules(&made[0], on);
	made_end(&made[0]);
	made_begin(&made[1]);
	add(&made[1], OTHER_LIST, made_group(&made[1], "own", true));
	add(&made[1], FORMER, 0);	/* in both lists */
	made_end(&made[1]);
	both.count = 0;
	lists_add(&both, &made[0].catalog);
	lists_add(&both, &made[1].catalog);
}

static inline void
free_lists(void)
{
	made_free(&made[0]);
	made_free(&made[1]);
}

#endif
