/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What a GnuTLS program pays for a module that p11-kit registers:
 * `handshake NAME TURNS CHAIN KEY`.  A server and a client in one thread, a
 * pair of sockets between them; the client verifies the server by what p11-kit
 * has.  Prints the time of a handshake, both sides of it, under NAME.  It
 * knows nothing of modules: which there are is p11-kit's to say.
 *
 * `handshake NAME 0 CHAIN KEY` prints whether the server is refused.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

#include <valgrind/callgrind.h>

#include "measure.h"

static gnutls_certificate_credentials_t server_has, client_believes;

static void
must(bool done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "handshake: %s failed\n", what);
	exit(1);
}

static gnutls_session_t
new_session(unsigned side, int socket, gnutls_certificate_credentials_t has)
{
	gnutls_session_t session;

	must(gnutls_init(&session, side | GNUTLS_NONBLOCK) == 0 &&
	     gnutls_set_default_priority(session) == 0 &&
	     gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, has) == 0,
	     "a session");
	gnutls_transport_set_int(session, socket);
	return session;
}

/* Let both speak until they are done, or one has said no. */
static int
speak(gnutls_session_t server, gnutls_session_t client)
{
	int served = GNUTLS_E_AGAIN, asked = GNUTLS_E_AGAIN;

	while (served != 0 || asked != 0) {
		if (asked != 0)
			asked = gnutls_handshake(client);
		if (asked != 0 && gnutls_error_is_fatal(asked))
			return asked;
		if (served != 0)
			served = gnutls_handshake(server);
		if (served != 0 && gnutls_error_is_fatal(served))
			return served;
	}
	return 0;
}

static int
handshake(void)
{
	gnutls_session_t server, client;
	int ends[2], said;

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 &&
	     fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 &&
	     fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0, "a pair of sockets");
	server = new_session(GNUTLS_SERVER, ends[0], server_has);
	client = new_session(GNUTLS_CLIENT, ends[1], client_believes);
	gnutls_session_set_verify_cert(client, "localhost", 0);
	said = speak(server, client);
	gnutls_deinit(client);
	gnutls_deinit(server);
	close(ends[0]);
	close(ends[1]);
	return said;
}

static void
shake_often(unsigned turns)
{
	while (turns-- > 0)
		must(handshake() == 0, "a handshake");
}

static void
measure(const char *name, unsigned turns)
{
	double start;

	shake_often(3);
	if (RUNNING_ON_VALGRIND) {
		CALLGRIND_ZERO_STATS;
		shake_often(turns);
		CALLGRIND_DUMP_STATS_AT(name);
		printf("%s\t%u\n", name, turns);
		return;
	}
	start = measure_thread();
	shake_often(turns);
	measure_tell("handshake", name, "us",
		     (measure_thread() - start) / turns / 1e3);
}

int
main(int argc, char *argv[])
{
	unsigned turns;
	int said;

	if (argc != 5)
		return 2;
	turns = (unsigned)strtoul(argv[2], NULL, 10);
	must(gnutls_certificate_allocate_credentials(&server_has) == 0 &&
	     gnutls_certificate_allocate_credentials(&client_believes) == 0 &&
	     gnutls_certificate_set_x509_key_file(server_has, argv[3], argv[4],
						  GNUTLS_X509_FMT_PEM) == 0,
	     "the server's certificate");
	must(gnutls_certificate_set_x509_trust_file(client_believes, "pkcs11:",
						    GNUTLS_X509_FMT_PEM) >= 0,
	     "what p11-kit has");
	if (turns > 0) {
		measure(argv[1], turns);
	} else {
		said = handshake();
		must(said == 0 ||
		     said == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR,
		     gnutls_strerror(said));
		measure_tell("handshake-refuses", argv[1], "", said != 0);
	}
	gnutls_certificate_free_credentials(client_believes);
	gnutls_certificate_free_credentials(server_has);
	return 0;
}
