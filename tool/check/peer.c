/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Sockets that never block, and one deadline for all that is done on one.
 * Lines are read octet by octet: what follows them is not ours to take. */

#include "check/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/words.h"
#include "check/proxy.h"

/* ---- Addresses --------------------------------------------------------- */

bool
peer_is_numeric(const char *host)
{
	unsigned char octets[16];

	return inet_pton(AF_INET, host, octets) == 1 ||
	       inet_pton(AF_INET6, host, octets) == 1;
}

static bool
copy(char *out, size_t size, const char *text, size_t n)
{
	if (n == 0 || n >= size)
		return false;
	memcpy(out, text, n);
	out[n] = '\0';
	return strcspn(out, " \t\r\n/@\\") == n;
}

bool
peer_parse(struct peer_address *a, const char *text, const char *port)
{
	static const char scheme[] = "https://";
	const char *host = text, *colon, *end;
	bool is_url = strncmp(text, scheme, sizeof(scheme) - 1) == 0;
	size_t n;

	if (is_url)
		host += sizeof(scheme) - 1;
	n = is_url ? strcspn(host, "/?#") : strlen(host);
	end = host + n;
	colon = memchr(host, ':', n);
	if (*host == '[') {
		const char *bracket = memchr(host, ']', n);

		if (bracket == NULL)
			return false;
		colon = bracket + 1 < end ? bracket + 1 : NULL;
		if (colon != NULL && *colon != ':')
			return false;
		n = (size_t)(bracket - ++host);
	} else if (colon != NULL && memchr(colon + 1, ':',
					   (size_t)(end - colon - 1)) == NULL) {
		n = (size_t)(colon - host);
	} else {
		colon = NULL;	/* none, or more than one: IPv6 */
	}
	if (!copy(a->host, sizeof(a->host), host, n) ||
	    (strchr(a->host, ':') != NULL && !peer_is_numeric(a->host)))
		return false;
	if (colon == NULL)
		return copy(a->port, sizeof(a->port), port, strlen(port));
	return copy(a->port, sizeof(a->port), colon + 1,
		    (size_t)(end - colon - 1));
}

/* ---- Time -------------------------------------------------------------- */

/* Milliseconds that are left, 0 if none. */
static int
left(const struct peer *peer)
{
	struct timespec now;
	long long ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (long long)(peer->until.tv_sec - now.tv_sec) * 1000 +
	     (peer->until.tv_nsec - now.tv_nsec) / 1000000;
	return ms < 0 ? 0 : ms > 3600000 ? 3600000 : (int)ms;
}

static int
fail(struct peer *peer, const char *what, const char *expected)
{
	return fault_at(peer->fault, peer->name, 0, "%s; %s", _(what),
			_(expected));
}

/* 1: ready; 0: too late; -1: errno. */
static int
wait_for(const struct peer *peer, short events, int ms)
{
	struct pollfd fd = { .fd = peer->fd, .events = events };
	int n;

	do {
		n = poll(&fd, 1, ms);
	} while (n < 0 && errno == EINTR);
	return n;
}

int
peer_wait(struct peer *peer, bool write)
{
	int ready = wait_for(peer, write ? POLLOUT : POLLIN, left(peer));

	if (ready > 0)
		return 0;
	return fail(peer, ready == 0 ? "no answer in time" : strerror(errno),
		    "an answer");
}

/* ---- Octets ------------------------------------------------------------ */

int
peer_send(struct peer *peer, const void *p, size_t n)
{
	const char *octets = p;

	while (n > 0) {
		ssize_t done = send(peer->fd, octets, n, MSG_NOSIGNAL);

		if (done > 0) {
			octets += done;
			n -= (size_t)done;
		} else if (errno != EAGAIN && errno != EWOULDBLOCK &&
			   errno != EINTR) {
			return fail(peer, strerror(errno), "an answer");
		} else if (peer_wait(peer, true) != 0) {
			return -1;
		}
	}
	return 0;
}

int
peer_receive(struct peer *peer, void *p, size_t n)
{
	char *octets = p;

	while (n > 0) {
		ssize_t done = recv(peer->fd, octets, n, 0);

		if (done == 0)
			return fail(peer, "the connection was closed",
				    "an answer");
		if (done > 0) {
			octets += done;
			n -= (size_t)done;
		} else if (errno != EAGAIN && errno != EWOULDBLOCK &&
			   errno != EINTR) {
			return fail(peer, strerror(errno), "an answer");
		} else if (peer_wait(peer, false) != 0) {
			return -1;
		}
	}
	return 0;
}

int
peer_line(struct peer *peer, char *line, size_t size)
{
	size_t n = 0;

	for (;;) {
		if (n + 1 >= size)
			return fail(peer, "a line without an end",
				    "an answer of the protocol");
		if (peer_receive(peer, line + n, 1) != 0)
			return -1;
		if (line[n] == '\n')
			break;
		n++;
	}
	if (n > 0 && line[n - 1] == '\r')
		n--;
	line[n] = '\0';
	return 0;
}

/* ---- Connecting -------------------------------------------------------- */

static int
set_up(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	       fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? 0 : -1;
}

/* 0, or an errno. */
static int
connect_to(struct peer *peer, const struct addrinfo *ai, int ms)
{
	socklen_t n = sizeof(int);
	int error = 0, ready;

	peer->fd = socket(ai->ai_family, SOCK_STREAM, 0);
	if (peer->fd < 0 || set_up(peer->fd) != 0)
		return errno;
	if (connect(peer->fd, ai->ai_addr, ai->ai_addrlen) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	ready = wait_for(peer, POLLOUT, ms);
	if (ready <= 0)
		return ready == 0 ? ETIMEDOUT : errno;
	if (getsockopt(peer->fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0)
		return errno;
	return error;
}

/* One address after the other, none of which may use up all the time. */
static int
connect_to_any(struct peer *peer, const struct addrinfo *all)
{
	int error = ETIMEDOUT;

	for (const struct addrinfo *ai = all; ai != NULL; ai = ai->ai_next) {
		int ms = left(peer);

		error = connect_to(peer, ai, ai->ai_next != NULL ? ms / 2 : ms);
		if (error == 0)
			return 0;
		peer_close(peer);
	}
	return fail(peer, error == ETIMEDOUT ? "no answer in time" :
		    strerror(error), "a host that can be reached");
}

static int
dial(struct peer *peer, const struct peer_address *to, int family)
{
	struct addrinfo hints = { .ai_family = family,
				  .ai_socktype = SOCK_STREAM };
	struct addrinfo *all;
	int error, rv;

	error = getaddrinfo(to->host, to->port, &hints, &all);
	if (error != 0)
		return fail(peer, error == EAI_SYSTEM ? strerror(errno) :
			    gai_strerror(error), "a host that is known");
	rv = connect_to_any(peer, all);
	freeaddrinfo(all);
	return rv;
}

int
peer_open(struct peer *peer, const struct peer_address *to,
	  const struct peer_options *options, const char *name,
	  struct fault *fault)
{
	struct proxy proxy = { .kind = PROXY_NONE };

	*peer = (struct peer){ .fd = -1, .name = name, .fault = fault };
	clock_gettime(CLOCK_MONOTONIC, &peer->until);
	peer->until.tv_sec += options->seconds;
	if (!options->no_proxy && proxy_find(&proxy, to->host, fault) != 0)
		return -1;
	if (proxy.kind == PROXY_NONE)
		return dial(peer, to, options->family);
	if (dial(peer, &proxy.address, AF_UNSPEC) == 0 &&
	    proxy_ask(&proxy, peer, to) == 0)
		return 0;
	peer_close(peer);
	return -1;
}

void
peer_close(struct peer *peer)
{
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
}
