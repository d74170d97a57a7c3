/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* SMTP (RFC 3207), IMAP and POP3 (RFC 2595), FTP (RFC 4217), XMPP (RFC 6120)
 * and LDAP (RFC 4511). */

#include "check/starttls.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { LINE = 4096, LINES = 100 };

struct starttls {
	const char *name;
	const char *ports;	/* with blanks around each */
	int (*begin)(struct peer *peer, const char *host);
};

static int
say(struct peer *peer, const char *text)
{
	return peer_send(peer, text, strlen(text));
}

static int
refuse(struct peer *peer, const char *what)
{
	return fault_at(peer->fault, peer->name, 0,
			"said '%.200s'; that TLS may begin", what);
}

/* ---- SMTP, FTP: three digits, and '-' where more lines follow ----------- */

static int
expect_code(struct peer *peer, const char *code)
{
	char line[LINE];

	for (int i = 0; i < LINES; i++) {
		if (peer_line(peer, line, sizeof(line)) != 0)
			return -1;
		if (strlen(line) < 4 || line[3] != '-')
			return strncmp(line, code, 3) == 0 ? 0 :
				refuse(peer, line);
	}
	return refuse(peer, "too many lines");
}

static int
begin_smtp(struct peer *peer, const char *host)
{
	(void)host;
	if (expect_code(peer, "220") != 0 ||
	    say(peer, "EHLO localhost\r\n") != 0 ||
	    expect_code(peer, "250") != 0 || say(peer, "STARTTLS\r\n") != 0)
		return -1;
	return expect_code(peer, "220");
}

static int
begin_ftp(struct peer *peer, const char *host)
{
	(void)host;
	if (expect_code(peer, "220") != 0 || say(peer, "AUTH TLS\r\n") != 0)
		return -1;
	return expect_code(peer, "234");
}

/* ---- IMAP, POP3 -------------------------------------------------------- */

static int
begin_imap(struct peer *peer, const char *host)
{
	char line[LINE];

	(void)host;
	if (peer_line(peer, line, sizeof(line)) != 0 ||
	    say(peer, "a STARTTLS\r\n") != 0)
		return -1;
	for (int i = 0; i < LINES; i++) {
		if (peer_line(peer, line, sizeof(line)) != 0)
			return -1;
		if (strncmp(line, "a ", 2) == 0)
			return strncmp(line, "a OK", 4) == 0 ? 0 :
				refuse(peer, line);
	}
	return refuse(peer, "too many lines");
}

static int
begin_pop3(struct peer *peer, const char *host)
{
	char line[LINE];

	(void)host;
	if (peer_line(peer, line, sizeof(line)) != 0 ||
	    say(peer, "STLS\r\n") != 0 ||
	    peer_line(peer, line, sizeof(line)) != 0)
		return -1;
	return strncmp(line, "+OK", 3) == 0 ? 0 : refuse(peer, line);
}

/* ---- XMPP -------------------------------------------------------------- */

/* Read until one of two words has come: 0 for the first, 1 for the second. */
static int
read_until(struct peer *peer, const char *first, const char *second)
{
	enum { TEXT = 16384 };
	char text[TEXT];
	size_t n = 0;

	while (n + 1 < sizeof(text)) {
		if (peer_receive(peer, text + n, 1) != 0)
			return -1;
		text[++n] = '\0';
		if (text[n - 1] != '>')
			continue;
		if (strstr(text, first) != NULL)
			return 0;
		if (strstr(text, second) != NULL)
			return 1;
	}
	return refuse(peer, "more than was due");
}

static int
begin_xmpp(struct peer *peer, const char *host)
{
	char hello[PEER_HOST + 256];
	int rv;

	snprintf(hello, sizeof(hello),
		 "<?xml version='1.0'?><stream:stream to='%s' "
		 "xmlns='jabber:client' "
		 "xmlns:stream='http://etherx.jabber.org/streams' "
		 "version='1.0'>", host);
	if (strpbrk(host, "<>&'\"") != NULL)
		return refuse(peer, host);
	if (say(peer, hello) != 0)
		return -1;
	rv = read_until(peer, "</stream:features>", "</stream:stream>");
	if (rv != 0)
		return rv < 0 ? -1 : refuse(peer, "no features");
	if (say(peer, "<starttls "
		"xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>") != 0)
		return -1;
	rv = read_until(peer, "<proceed", "<failure");
	return rv <= 0 ? rv : refuse(peer, "<failure>");
}

/* ---- LDAP -------------------------------------------------------------- */

/* ExtendedRequest 1.3.6.1.4.1.1466.20037, and of the response only what says
 * whether it succeeded: messageID, then resultCode ENUMERATED. */
static int
begin_ldap(struct peer *peer, const char *host)
{
	static const uint8_t request[] = {
		0x30, 0x1d, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, 0x16, '1',
		'.', '3', '.', '6', '.', '1', '.', '4', '.', '1', '.', '1',
		'4', '6', '6', '.', '2', '0', '0', '3', '7'
	};
	static const uint8_t success[] = { 0x0a, 0x01, 0x00 };
	uint8_t head[2], more[4], body[4096];
	size_t n, skip;

	(void)host;
	if (peer_send(peer, request, sizeof(request)) != 0 ||
	    peer_receive(peer, head, sizeof(head)) != 0)
		return -1;
	n = head[1];
	if (n >= 0x80) {
		size_t octets = n & 0x7f;

		if (octets > sizeof(more))
			return refuse(peer, "no LDAP");
		if (peer_receive(peer, more, octets) != 0)
			return -1;
		n = 0;
		for (size_t i = 0; i < octets; i++)
			n = n << 8 | more[i];
	}
	if (head[0] != 0x30 || n > sizeof(body) || n < 10)
		return refuse(peer, "no LDAP");
	if (peer_receive(peer, body, n) != 0)
		return -1;
	/* INTEGER 1, then [APPLICATION 24] with a length in either form. */
	skip = 3 + (body[4] >= 0x80 ? 2u + (body[4] & 0x7fu) : 2u);
	if (body[3] != 0x78 || skip + sizeof(success) > n ||
	    memcmp(body + skip, success, sizeof(success)) != 0)
		return refuse(peer, "an LDAP error");
	return 0;
}

/* ---- The table --------------------------------------------------------- */

static const struct starttls protocols[] = {
	{ "smtp", " 25 587 smtp submission ", begin_smtp },
	{ "imap", " 143 imap imap2 ", begin_imap },
	{ "pop3", " 110 pop3 ", begin_pop3 },
	{ "ftp", " 21 ftp ", begin_ftp },
	{ "xmpp", " 5222 xmpp-client ", begin_xmpp },
	{ "ldap", " 389 ldap ", begin_ldap },
};

enum { PROTOCOLS = sizeof(protocols) / sizeof(*protocols) };

const char *
starttls_name(size_t i)
{
	return i < PROTOCOLS ? protocols[i].name : NULL;
}

const struct starttls *
starttls_named(const char *name)
{
	for (size_t i = 0; i < PROTOCOLS; i++) {
		if (strcmp(protocols[i].name, name) == 0)
			return &protocols[i];
	}
	return NULL;
}

const struct starttls *
starttls_at_port(const char *port)
{
	char word[PEER_PORT + 3];

	snprintf(word, sizeof(word), " %s ", port);
	for (size_t i = 0; i < PROTOCOLS; i++) {
		if (strstr(protocols[i].ports, word) != NULL)
			return &protocols[i];
	}
	return NULL;
}

int
starttls_begin(const struct starttls *protocol, struct peer *peer,
	       const char *host)
{
	return protocol->begin(peer, host);
}
