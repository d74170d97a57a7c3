# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

"""Web sites on 127.0.0.1, each with a chain of its own and a port that the
kernel chose.  It knows nothing of who asks."""

import http.server
import ssl
import threading

TITLE = "The page"


def client(connection):
    """The common name in a client's certificate, if it has shown one."""
    for part in (connection.getpeercert() or {}).get("subject", ()):
        for name, value in part:
            if name == "commonName":
                return value
    return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def do_GET(self):
        title = client(self.connection) or TITLE
        page = f"<!doctype html><title>{title}</title>{title}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Browsers break off what they do not like: that is the point."""


def serve(chain, key, clients=None):
    """Serve the certificates of a PEM file, to everybody or to those with a
    certificate of an authority; returns the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)
    server = Server(("127.0.0.1", 0), Handler)
    # The handshake belongs to the connection's thread, not to accept().
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port
