# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

"""Servers for tests/consumer/check.sh, on 127.0.0.1 (and ::1) alone.

`servers.py CHAIN KEY [PORT]` prints "NAME PORT" for each of them, then a line
"ready", and serves until it is killed.  The mail, file, chat and directory
servers say what must be said before TLS; "http" and "socks" are proxies that
lead to PORT, whatever they are asked for, and need the login "u:p"; "odd"
speaks no TLS, "mute" says nothing, "alert" ends TLS after its certificates.
"""

import base64
import socket
import ssl
import sys
import threading

chain, key = sys.argv[1:3]
behind = int(sys.argv[3]) if len(sys.argv) > 3 else 0
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(chain, key)
asked = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
asked.load_cert_chain(chain, key)
asked.verify_mode = ssl.CERT_REQUIRED
asked.load_verify_locations(chain)


def line(s):
    text = b""
    while not text.endswith(b"\n"):
        octet = s.recv(1)
        if not octet:
            raise OSError("closed")
        text += octet
    return text.strip()


def until(s, end):
    text = b""
    while end not in text:
        octet = s.recv(1)
        if not octet:
            raise OSError("closed")
        text += octet
    return text


def expect(s, words):
    if line(s).upper() != words:
        s.sendall(b"500 what?\r\n")
        raise OSError("unexpected")


def tls(s, how=None):
    with (how or context).wrap_socket(s, server_side=True) as t:
        t.recv(1)


def smtp(s):
    s.sendall(b"220-hello\r\n220 there\r\n")
    if not line(s).startswith(b"EHLO "):
        raise OSError("unexpected")
    s.sendall(b"250-localhost\r\n250-SIZE 1\r\n250 STARTTLS\r\n")
    expect(s, b"STARTTLS")
    s.sendall(b"220 go\r\n")
    tls(s)


def imap(s):
    s.sendall(b"* OK hello\r\n")
    expect(s, b"A STARTTLS")
    s.sendall(b"* CAPABILITY IMAP4rev1\r\na OK go\r\n")
    tls(s)


def pop3(s):
    s.sendall(b"+OK hello\r\n")
    expect(s, b"STLS")
    s.sendall(b"+OK go\r\n")
    tls(s)


def ftp(s):
    s.sendall(b"220 hello\r\n")
    expect(s, b"AUTH TLS")
    s.sendall(b"234 go\r\n")
    tls(s)


def xmpp(s):
    if b"to='localhost'" not in until(s, b"version='1.0'>"):
        raise OSError("unexpected")
    s.sendall(b"<?xml version='1.0'?><stream:stream id='1'>"
              b"<stream:features><starttls/></stream:features>")
    until(s, b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    s.sendall(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    tls(s)


def ldap(s):
    request = s.recv(64)
    if b"1.3.6.1.4.1.1466.20037" not in request:
        raise OSError("unexpected")
    s.sendall(bytes.fromhex("300c020101780702010004000400")
              .replace(b"\x02\x01\x00\x04", b"\x0a\x01\x00\x04"))
    tls(s)


def refusing(s):
    s.sendall(b"220 hello\r\n")
    line(s)
    s.sendall(b"250 no TLS here\r\n")
    line(s)
    s.sendall(b"454 not today\r\n")


def join(a, b):
    def copy(x, y):
        try:
            while True:
                octets = x.recv(65536)
                if not octets:
                    break
                y.sendall(octets)
        except OSError:
            pass
        for z in (x, y):
            try:
                z.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
    threading.Thread(target=copy, args=(a, b), daemon=True).start()
    copy(b, a)


def http(s):
    request = until(s, b"\r\n\r\n")
    login = base64.b64encode(b"u:p")
    if not request.startswith(b"CONNECT far.example:443 HTTP/1.1\r\n") or \
            b"Basic " + login + b"\r\n" not in request:
        s.sendall(b"HTTP/1.1 407 Log in\r\n\r\n")
        return
    s.sendall(b"HTTP/1.1 200 Fine\r\nVia: x\r\n\r\n")
    join(s, socket.create_connection(("127.0.0.1", behind)))


def socks(s):
    hello = s.recv(4)
    if hello != b"\x05\x02\x00\x02":
        raise OSError("unexpected")
    s.sendall(b"\x05\x02")
    if s.recv(5) != b"\x01\x01u\x01p":
        s.sendall(b"\x01\x01")
        return
    s.sendall(b"\x01\x00")
    if s.recv(64) != b"\x05\x01\x00\x03\x0bfar.example\x01\xbb":
        s.sendall(b"\x05\x01\x00\x01" + bytes(6))
        return
    s.sendall(b"\x05\x00\x00\x03\x03abc" + bytes(2))
    join(s, socket.create_connection(("127.0.0.1", behind)))


def odd(s):
    s.sendall(b"HTTP/1.0 400 No\r\n\r\n")


def mute(s):
    s.recv(65536)
    s.recv(65536)
    threading.Event().wait()


def alert(s):
    tls(s, asked)


def serve(listener, handler):
    def one(s):
        try:
            with s:
                handler(s)
        except (OSError, ssl.SSLError):
            pass
    while True:
        s, _ = listener.accept()
        threading.Thread(target=one, args=(s,), daemon=True).start()


def start(name, handler, family=socket.AF_INET, host="127.0.0.1"):
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.bind((host, 0))
    except OSError:
        return
    listener.listen(64)
    print(name, listener.getsockname()[1])
    threading.Thread(target=serve, args=(listener, handler),
                     daemon=True).start()


for server in (smtp, imap, pop3, ftp, xmpp, ldap, refusing, http, socks, odd,
               mute, alert, tls):
    start(server.__name__, server)
start("six", tls, socket.AF_INET6, "::1")
print("ready", flush=True)
threading.Event().wait()
