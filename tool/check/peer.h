/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A connection to a host that ends in time, whatever the host does: directly
 * or through the proxy that the environment names.  It knows sockets and
 * proxies; it must not know what is said over the connection.  Any thread.
 */

#ifndef PEER_H
#define PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/fault.h"

enum { PEER_HOST = 256, PEER_PORT = 32 };

/* Where to: a name or an address without brackets, and a port or service. */
struct peer_address {
	char host[PEER_HOST];
	char port[PEER_PORT];
};

/* HOST, HOST:PORT, [ADDRESS]:PORT or a bare IPv6 address, and the host of
 * an https:// address.  False where it is none of them. */
bool peer_parse(struct peer_address *address, const char *text,
		const char *port);

/* Whether a host is an address and not a name. */
bool peer_is_numeric(const char *host);

struct peer {
	int fd;			/* does not block; -1: there is none */
	struct timespec until;	/* CLOCK_MONOTONIC */
	struct fault *fault;
	const char *name;	/* for faults; not owned */
};

struct peer_options {
	int family;		/* AF_UNSPEC, AF_INET, AF_INET6 */
	unsigned seconds;	/* for everything */
	bool no_proxy;
};

/* Functions return 0, or -1 with a fault. */
int peer_open(struct peer *peer, const struct peer_address *to,
	      const struct peer_options *options, const char *name,
	      struct fault *fault);
void peer_close(struct peer *peer);

/* Wait until the socket can be read (or written). */
int peer_wait(struct peer *peer, bool write);

/* Send all; receive exactly so many octets. */
int peer_send(struct peer *peer, const void *p, size_t n);
int peer_receive(struct peer *peer, void *p, size_t n);

/* A line, its end (LF or CRLF) cut off; a longer one is a fault. */
int peer_line(struct peer *peer, char *line, size_t size);

#endif
