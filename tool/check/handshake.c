/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* TLS through OpenSSL.  The certificates are taken where OpenSSL would have
 * verified them. */

#include "check/handshake.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

static int
add(struct certificates *c, X509 *x, struct fault *fault)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	int rv = n <= 0 ? fault_memory(fault) :
		certificates_add(c, (struct bytes){ der, (size_t)n }, fault);

	OPENSSL_free(der);
	return rv;
}

struct taking {
	struct certificates *certificates;
	struct fault *fault;
};

/* In OpenSSL's stack the server's own certificate comes first. */
static int
take_chain(X509_STORE_CTX *store, void *arg)
{
	struct taking *t = arg;
	STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(store);

	for (int i = 0; i < sk_X509_num(sent); i++) {
		if (add(t->certificates, sk_X509_value(sent, i),
			t->fault) != 0)
			return 0;
	}
	return 1;
}

/* SSL_connect() until it is done, or has what we came for. */
static int
connect_tls(SSL *ssl, struct peer *peer, const struct certificates *got)
{
	for (;;) {
		int done = SSL_connect(ssl), error;

		if (done == 1 || certificates_count(got) > 0)
			return 0;
		error = SSL_get_error(ssl, done);
		if (error != SSL_ERROR_WANT_READ &&
		    error != SSL_ERROR_WANT_WRITE)
			return 1;
		if (peer_wait(peer, error == SSL_ERROR_WANT_WRITE) != 0)
			return -1;
	}
}

static SSL_CTX *
new_context(struct taking *taking)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (context == NULL)
		return NULL;
	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
	SSL_CTX_set_cipher_list(context, "ALL:!aNULL:!eNULL");
	SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(context, take_chain, taking);
	return context;
}

/* SSL_set_tlsext_host_name(), whose own cast drops a const. */
static bool
set_name(SSL *ssl, const char *name)
{
	return name == NULL ||
	       SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
			TLSEXT_NAMETYPE_host_name,
			(void *)(uintptr_t)name) == 1;
}

static int
shake(SSL *ssl, struct peer *peer, const char *name, struct taking *taking)
{
	const char *reason;
	int rv;

	if (ssl == NULL || SSL_set_fd(ssl, peer->fd) != 1 ||
	    !set_name(ssl, name))
		return fault_memory(peer->fault);
	ERR_clear_error();
	rv = connect_tls(ssl, peer, taking->certificates);
	if (rv == 0 && certificates_count(taking->certificates) == 0)
		return fault_at(peer->fault, peer->name, 0,
				"sent no certificate; one");
	if (rv <= 0)
		return rv;
	reason = ERR_reason_error_string(ERR_peek_last_error());
	return fault_at(peer->fault, peer->name, 0, "no TLS (%s); a TLS "
			"server", reason != NULL ? reason :
			"the connection was closed");
}

int
handshake(struct peer *peer, const char *name,
	  struct certificates *certificates)
{
	struct taking taking = { certificates, peer->fault };
	SSL_CTX *context = new_context(&taking);
	SSL *ssl = context != NULL ? SSL_new(context) : NULL;
	int rv = shake(ssl, peer, name, &taking);

	SSL_free(ssl);
	SSL_CTX_free(context);
	ERR_clear_error();
	return rv;
}
