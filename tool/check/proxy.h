/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Proxies as the environment names them (https_proxy, all_proxy, no_proxy),
 * and how to ask one for a connection: HTTP CONNECT, or SOCKS 5 as Tor has
 * it, with names that the proxy resolves.  It must not know what for.
 */

#ifndef PROXY_H
#define PROXY_H

#include "check/peer.h"

enum proxy_kind { PROXY_NONE, PROXY_HTTP, PROXY_SOCKS };

struct proxy {
	enum proxy_kind kind;
	struct peer_address address;
	char login[PEER_HOST];	/* USER:PASSWORD, or empty */
};

/* Functions return 0, or -1 with a fault. */

/* The proxy for a host; of kind PROXY_NONE if there is none. */
int proxy_find(struct proxy *proxy, const char *host, struct fault *fault);

/* Over a connection to the proxy, ask for one to a host. */
int proxy_ask(const struct proxy *proxy, struct peer *peer,
	      const struct peer_address *to);

#endif
