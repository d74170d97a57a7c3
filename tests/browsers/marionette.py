# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

"""Firefox and Thunderbird, driven through Marionette: JSON over TCP.

It starts a program on a profile, runs scripts in its pages and in itself, and
stops it.  It knows nothing of what is tested.
"""

import base64
import json
import os
import signal
import socket
import subprocess
import time

# A profile for tests: no network but what a test asks for, nothing that moves.
QUIET = {
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage": "about:blank",
    "browser.startup.page": 0,
    "captivedetect.canonicalURL": "",
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "marionette.port": 0,
    "media.gmp-manager.url": "",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.prefetch-next": False,
    "remote.log.level": "Error",
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
    "ui.prefersReducedMotion": 1,
}


class Refused(Exception):
    """What Marionette answers instead of a result."""


class Program:
    """A program that runs on a profile until close()."""

    def __init__(self, command, profile, environment=None, wait=120):
        self.profile = profile
        self.number = 0
        port_file = os.path.join(profile, "MarionetteActivePort")
        if os.path.exists(port_file):
            os.unlink(port_file)
        self.log = open(os.path.join(profile, "program.log"), "ab")
        self.process = subprocess.Popen(
            command + ["--marionette", "--headless", "--no-remote",
                       "--remote-allow-system-access",
                       "--profile", profile],
            env=environment, stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, start_new_session=True)
        try:
            self.connect(port_file, time.monotonic() + wait)
        except BaseException:
            self.kill()
            raise

    def connect(self, port_file, until):
        while True:
            try:
                with open(port_file) as file:
                    port = int(file.read())
                self.socket = socket.create_connection(("127.0.0.1", port))
                break
            except (OSError, ValueError):
                if self.process.poll() is not None:
                    raise RuntimeError(
                        f"ended with {self.process.returncode}") from None
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)
        self.socket.settimeout(120)
        self.stream = self.socket.makefile("rb")
        self.receive()
        self.call("WebDriver:NewSession",
                  strictFileInteractability=False,
                  pageLoadStrategy="normal")

    def receive(self):
        length = b""
        while not length.endswith(b":"):
            octet = self.stream.read(1)
            if not octet:
                raise RuntimeError("the program has gone")
            length += octet
        return json.loads(self.stream.read(int(length[:-1])))

    def call(self, command, **parameters):
        self.number += 1
        message = json.dumps([0, self.number, command, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(message), message))
        while True:
            _, number, error, result = self.receive()
            if number == self.number:
                break
        if error:
            raise Refused(error["error"], error["message"])
        return result

    # ---- Scripts ---------------------------------------------------------

    def chrome(self, script, *arguments):
        """Run a script in the program itself; an await may stand in it."""
        return self.run("chrome", script, arguments)

    def page(self, script, *arguments):
        """Run a script in the page."""
        return self.run("content", script, arguments)

    def run(self, context, script, arguments):
        self.call("Marionette:SetContext", value=context)
        asynchronous = (
            "const done = arguments[arguments.length - 1];"
            "const given = Array.from(arguments).slice(0, -1);"
            f"(async (...args) => {{ {script} }})(...given).then("
            "value => done({ value }), error => done({ error: `${error}` }));")
        result = self.call("WebDriver:ExecuteAsyncScript",
                           script=asynchronous, args=list(arguments),
                           newSandbox=True)["value"]
        if result is None:
            raise Refused("script", "the page has gone")
        if "error" in result:
            raise Refused("script", result["error"])
        return result.get("value")

    def navigate(self, address):
        """Load a page; True if it is the page, False if an error page."""
        self.call("Marionette:SetContext", value="content")
        try:
            self.call("WebDriver:Navigate", url=address)
        except Refused as refused:
            if refused.args[0] in ("insecure certificate", "unknown error"):
                return False
            raise
        return True

    def screenshot(self, path, context="content"):
        self.call("Marionette:SetContext", value=context)
        picture = self.call("WebDriver:TakeScreenshot", full=False)["value"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture))

    # ---- The end ---------------------------------------------------------

    def close(self):
        try:
            self.call("Marionette:Quit", flags=["eForceQuit"])
            self.process.wait(20)
        except Exception:
            pass
        self.kill()

    def kill(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.log.close()


def write_prefs(profile, prefs):
    """Preferences as a person would have set them, in prefs.js."""
    with open(os.path.join(profile, "prefs.js"), "a") as file:
        for name, value in prefs.items():
            words = f"{json.dumps(name)}, {json.dumps(value)}"
            file.write(f"user_pref({words});\n")
