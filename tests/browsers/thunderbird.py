# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

"""The columns of Thunderbird, which has no pages to visit: it fetches over
HTTPS as it does for calendars and address books, and connects as to an IMAP
server with TLS."""

import os

import firefox
import marionette
import setup

NAME = "Thunderbird"
COLUMNS = ["without", "install"]


def version():
    return setup.version("thunderbird")


# The error of NSS in words; null where all is fine.
FETCH = """
    const request = new XMLHttpRequest({ mozAnon: true });
    request.open("GET", args[0]);
    await new Promise(done => {
        request.onloadend = done;
        request.send();
    });
    return request.status == 200 ? null :
        request.channel.securityInfo.errorCodeString;
"""

CONNECT = """
    const socket = Cc["@mozilla.org/network/socket-transport-service;1"]
        .getService(Ci.nsISocketTransportService)
        .createTransport(["ssl"], "localhost", args[0], null, null);
    const output = socket.openOutputStream(0, 0, 0)
        .QueryInterface(Ci.nsIAsyncOutputStream);
    const input = socket.openInputStream(0, 0, 0)
        .QueryInterface(Ci.nsIAsyncInputStream);
    await new Promise(done => output.asyncWait({ onOutputStreamReady: done },
                                               0, 0, Services.tm.mainThread));
    try {
        output.write("1 NOOP\\r\\n\\r\\n", 10);
    } catch (error) {}
    await new Promise(done => input.asyncWait({ onInputStreamReady: done }, 0,
                                              0, Services.tm.mainThread));
    let fine = true;
    try {
        input.available();
    } catch (error) {
        fine = error.result == Cr.NS_BASE_STREAM_CLOSED;
    }
    const { securityInfo } = await socket.tlsSocketControl;
    socket.close(Cr.NS_OK);
    return fine ? null : securityInfo.errorCodeString;
"""


def word(code):
    return "loaded" if code is None else firefox.WORDS.get(code, code)


def visit(program, address):
    """Both ways must agree."""
    port = int(address.rstrip("/").rpartition(":")[2])
    fetched = word(program.chrome(FETCH, address))
    connected = word(program.chrome(CONNECT, port))
    return fetched if fetched == connected else f"{fetched}, {connected}"


def column(folder, name, visits, tap):
    """What Thunderbird makes of each visit (imported, address)."""
    profile = os.path.join(folder, "thunderbird-" + name)
    home = profile + "-home"
    os.mkdir(home)
    setup.database(folder, profile, [imported for imported, _ in visits])
    marionette.write_prefs(profile, marionette.QUIET)
    if name == "install":
        setup.distrust("install", "--profile", profile, HOME=home)
    program = setup.start(marionette.Program, ["thunderbird"], profile,
                          setup.ENVIRONMENT | {"HOME": home})
    try:
        if not firefox.poll(lambda: program.chrome(firefox.HAS_ONECRL)):
            raise RuntimeError("no OneCRL")
        return [visit(program, address) for _, address in visits]
    finally:
        program.kill()
