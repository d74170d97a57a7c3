/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* What curl, git and others take from the same variables. */

#include "check/proxy.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "certificates/stated.h"

/* ---- The environment --------------------------------------------------- */

static const char *
variable(const char *const *names)
{
	for (; *names != NULL; names++) {
		const char *value = getenv(*names);

		if (value != NULL && value[0] != '\0')
			return value;
	}
	return NULL;
}

/* Whether an item of no_proxy is the host or a domain above it. */
static bool
covers(const char *item, size_t n, const char *host)
{
	size_t length = strlen(host);

	if (n == 1 && *item == '*')
		return true;
	if (n > 0 && *item == '.') {
		item++;
		n--;
	}
	return n > 0 && n <= length &&
	       strncasecmp(host + length - n, item, n) == 0 &&
	       (n == length || host[length - n - 1] == '.');
}

static bool
is_exempt(const char *host)
{
	static const char *const names[] = { "no_proxy", "NO_PROXY", NULL };
	const char *list = variable(names);

	while (list != NULL && *list != '\0') {
		size_t n;

		list += strspn(list, ", \t");
		n = strcspn(list, ", \t");
		if (covers(list, n, host))
			return true;
		list += n;
	}
	return false;
}

/* Behind SCHEME://; NULL where the scheme is one that we do not speak. */
static const char *
take_scheme(struct proxy *p, const char *value)
{
	static const struct {
		const char *scheme;
		enum proxy_kind kind;
	} schemes[] = {
		{ "http://", PROXY_HTTP },
		{ "socks5://", PROXY_SOCKS },
		{ "socks5h://", PROXY_SOCKS },
		{ "socks://", PROXY_SOCKS },
	};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		size_t n = strlen(schemes[i].scheme);

		if (strncasecmp(value, schemes[i].scheme, n) == 0) {
			p->kind = schemes[i].kind;
			return value + n;
		}
	}
	p->kind = PROXY_HTTP;
	return strstr(value, "://") == NULL ? value : NULL;
}

static bool
take_value(struct proxy *p, const char *value)
{
	char place[PEER_HOST + PEER_PORT];
	const char *rest = take_scheme(p, value), *at;
	size_t n;

	if (rest == NULL)
		return false;
	at = strrchr(rest, '@');
	if (at != NULL) {
		n = (size_t)(at - rest);
		if (n >= sizeof(p->login))
			return false;
		memcpy(p->login, rest, n);
		rest = at + 1;
	}
	n = strcspn(rest, "/");
	if (n >= sizeof(place))
		return false;
	memcpy(place, rest, n);
	place[n] = '\0';
	return peer_parse(&p->address, place,
			  p->kind == PROXY_SOCKS ? "1080" : "3128");
}

int
proxy_find(struct proxy *p, const char *host, struct fault *fault)
{
	static const char *const names[] = {
		"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL
	};
	const char *value = variable(names);

	*p = (struct proxy){ .kind = PROXY_NONE };
	if (value == NULL || is_exempt(host))
		return 0;
	return take_value(p, value) ? 0 :
		fault_at(fault, "https_proxy", 0,
			 "unknown kind of proxy; http://HOST:PORT or "
			 "socks5h://HOST:PORT");
}

/* ---- HTTP -------------------------------------------------------------- */

static int
refuse(struct peer *peer, const char *what)
{
	return fault_at(peer->fault, peer->name, 0, "the proxy said '%s'; a "
			"connection", what);
}

static int
put_login(const struct proxy *p, struct buffer *request)
{
	static const char header[] = "Proxy-Authorization: Basic ";
	struct bytes login = { (const uint8_t *)p->login, strlen(p->login) };

	if (login.n == 0)
		return 0;
	return buffer_add(request, header, sizeof(header) - 1) |
	       stated_base64(request, login) | buffer_add(request, "\r\n", 2);
}

static int
send_connect(const struct proxy *p, struct peer *peer,
	     const struct peer_address *to)
{
	const bool is_v6 = strchr(to->host, ':') != NULL;
	char line[2 * (PEER_HOST + PEER_PORT) + 64];
	struct buffer request = { 0 };
	int n, rv;

	n = snprintf(line, sizeof(line),
		     "CONNECT %s%s%s:%s HTTP/1.1\r\nHost: %s%s%s:%s\r\n",
		     is_v6 ? "[" : "", to->host, is_v6 ? "]" : "", to->port,
		     is_v6 ? "[" : "", to->host, is_v6 ? "]" : "", to->port);
	rv = n < 0 || buffer_add(&request, line, (size_t)n) != 0 ||
	     put_login(p, &request) != 0 ||
	     buffer_add(&request, "\r\n", 2) != 0 ?
		fault_memory(peer->fault) :
		peer_send(peer, request.p, request.n);
	buffer_free(&request);
	return rv;
}

static int
ask_http(const struct proxy *p, struct peer *peer,
	 const struct peer_address *to)
{
	enum { LINES = 100 };
	char status[1024], line[8192];

	if (send_connect(p, peer, to) != 0 ||
	    peer_line(peer, status, sizeof(status)) != 0)
		return -1;
	if (strncmp(status, "HTTP/1.", 7) != 0 || strlen(status) < 12 ||
	    status[9] != '2')
		return refuse(peer, status);
	for (int i = 0; i < LINES; i++) {
		if (peer_line(peer, line, sizeof(line)) != 0)
			return -1;
		if (line[0] == '\0')
			return 0;
	}
	return refuse(peer, "headers without an end");
}

/* ---- SOCKS (RFC 1928, RFC 1929) ---------------------------------------- */

static int
log_in(const struct proxy *p, struct peer *peer)
{
	const char *colon = strchr(p->login, ':');
	size_t user = colon != NULL ? (size_t)(colon - p->login) :
				      strlen(p->login);
	size_t secret = colon != NULL ? strlen(colon + 1) : 0;
	uint8_t request[3 + 2 * 255], answer[2];

	if (user == 0 || user > 255 || secret > 255)
		return refuse(peer, "log in, USER:PASSWORD");
	request[0] = 1;
	request[1] = (uint8_t)user;
	memcpy(request + 2, p->login, user);
	request[2 + user] = (uint8_t)secret;
	if (secret > 0)
		memcpy(request + 3 + user, colon + 1, secret);
	if (peer_send(peer, request, 3 + user + secret) != 0 ||
	    peer_receive(peer, answer, sizeof(answer)) != 0)
		return -1;
	return answer[1] == 0 ? 0 : refuse(peer, "wrong login");
}

static int
greet(const struct proxy *p, struct peer *peer)
{
	enum { VERSION = 5, NO_LOGIN = 0, LOGIN = 2 };
	static const uint8_t hello[] = { VERSION, 2, NO_LOGIN, LOGIN };
	uint8_t answer[2];

	if (peer_send(peer, hello, sizeof(hello)) != 0 ||
	    peer_receive(peer, answer, sizeof(answer)) != 0)
		return -1;
	if (answer[0] != VERSION)
		return refuse(peer, "not SOCKS 5");
	if (answer[1] == LOGIN)
		return log_in(p, peer);
	return answer[1] == NO_LOGIN ? 0 : refuse(peer, "no way to log in");
}

/* A number, since SOCKS knows no services. */
static bool
port_number(const char *port, uint8_t out[2])
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE };
	struct addrinfo *all;
	char digits[16];
	unsigned long number = 0;

	if (getaddrinfo(NULL, port, &hints, &all) != 0)
		return false;
	if (getnameinfo(all->ai_addr, all->ai_addrlen, NULL, 0, digits,
			sizeof(digits), NI_NUMERICSERV) == 0)
		number = strtoul(digits, NULL, 10);
	freeaddrinfo(all);
	out[0] = (uint8_t)(number >> 8);
	out[1] = (uint8_t)number;
	return number > 0;
}

static int
take_answer(struct peer *peer)
{
	enum { IPV4 = 1, NAME = 3, IPV6 = 4 };
	uint8_t answer[4], rest[256 + 2], length = 4;

	if (peer_receive(peer, answer, sizeof(answer)) != 0)
		return -1;
	if (answer[1] != 0)
		return refuse(peer, "no connection to the host");
	if (answer[3] == NAME && peer_receive(peer, &length, 1) != 0)
		return -1;
	if (answer[3] == IPV6)
		length = 16;
	else if (answer[3] != IPV4 && answer[3] != NAME)
		return refuse(peer, "an unknown kind of address");
	return peer_receive(peer, rest, length + (size_t)2);
}

static int
ask_socks(const struct proxy *p, struct peer *peer,
	  const struct peer_address *to)
{
	const size_t n = strlen(to->host);
	uint8_t request[7 + PEER_HOST] = { 5, 1, 0, 3, (uint8_t)n };

	memcpy(request + 5, to->host, n);
	if (!port_number(to->port, request + 5 + n))
		return fault_at(peer->fault, peer->name, 0,
				"unknown port; a number");
	if (greet(p, peer) != 0 || peer_send(peer, request, 7 + n) != 0)
		return -1;
	return take_answer(peer);
}

int
proxy_ask(const struct proxy *p, struct peer *peer,
	  const struct peer_address *to)
{
	return p->kind == PROXY_SOCKS ? ask_socks(p, peer, to) :
					ask_http(p, peer, to);
}
