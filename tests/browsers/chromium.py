# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

"""Chromium, driven through ChromeDriver: WebDriver over HTTP.

It starts the program on a folder of its own, loads pages, clicks, and stops
it.  It knows nothing of what is tested.
"""

import base64
import http.client
import json
import os
import re
import signal
import subprocess

# Nothing of the network but what a test asks for.  A test runs as root in
# containers, where the sandbox cannot be set up.
QUIET = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
    "--disable-background-networking", "--disable-component-update",
    "--disable-default-apps", "--disable-sync", "--no-first-run",
    "--no-default-browser-check", "--disable-dev-shm-usage",
    "--disable-features=OptimizationHints,MediaRouter",
]


class Program:
    """A program that runs on a folder until close()."""

    def __init__(self, folder, environment):
        os.makedirs(folder, exist_ok=True)
        self.log = open(os.path.join(folder, "driver.log"), "ab")
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=self.log, start_new_session=True)
        try:
            self.begin(folder)
        except BaseException:
            self.close()
            raise

    def begin(self, folder):
        for line in self.driver.stdout:
            found = re.search(rb"started successfully on port (\d+)", line)
            if found:
                break
        self.port = int(found[1])
        options = {"binary": "/usr/bin/chromium",
                   "args": QUIET + [f"--user-data-dir={folder}"]}
        session = self.ask("POST", "/session", capabilities={
            "alwaysMatch": {"browserName": "chrome",
                            "acceptInsecureCerts": False,
                            "pageLoadStrategy": "none",
                            "goog:chromeOptions": options}})
        self.session = "/session/" + session["sessionId"]

    def ask(self, method, path, **parameters):
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=120)
        body = json.dumps(parameters) if method == "POST" else None
        connection.request(method, path, body,
                           {"Content-Type": "application/json"})
        value = json.load(connection.getresponse())["value"]
        connection.close()
        if isinstance(value, dict) and "error" in value:
            raise RuntimeError(value["error"] + ": " + value["message"])
        return value

    def tools(self, command, **parameters):
        """A command of the developer tools' protocol."""
        return self.ask("POST", self.session + "/goog/cdp/execute",
                        cmd=command, params=parameters)

    def open(self, addresses):
        """Load pages side by side, each in a window of its own; before a
        warning Chromium waits some seconds.  Returns the windows."""
        windows = []
        for address in addresses:
            window = self.ask("POST", self.session + "/window/new",
                              type="tab")["handle"]
            self.ask("POST", self.session + "/window", handle=window)
            self.page(f"void setTimeout(() => "
                      f"location.href = {json.dumps(address)})")
            windows.append(window)
        return windows

    def switch(self, window):
        self.ask("POST", self.session + "/window", handle=window)

    def page(self, expression):
        """What an expression has as its value in the page, in the end."""
        result = self.tools("Runtime.evaluate", expression=expression,
                            awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(str(result["exceptionDetails"]))
        return result["result"].get("value")

    def screenshot(self, path):
        picture = self.tools("Page.captureScreenshot")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture))

    def close(self):
        try:
            os.killpg(self.driver.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.driver.wait()
        self.driver.stdout.close()
        self.log.close()
