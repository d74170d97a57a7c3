# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

"""The columns of Chromium: a home folder whose database trusts what the cases
say, set up in one way, and one start that visits all sites."""

import json
import os
import time

import chromium
import setup
import sites

NAME = "Chromium"
COLUMNS = ["without", "install", "policy", "both", "proxy"]
MANAGED = "/etc/chromium/policies/managed"

WORDS = {"net::ERR_CERT_AUTHORITY_INVALID": "AUTHORITY"}


def version():
    return setup.version("chromium", "--no-sandbox")


# ---- Setting up -----------------------------------------------------------

def set_up(folder, column, imports):
    """A home folder with an NSS database, as environment."""
    home = os.path.join(folder, "chromium-" + column)
    database = os.path.join(home, ".pki/nssdb")
    os.makedirs(os.path.dirname(database))
    setup.database(folder, database, imports)
    os.makedirs(MANAGED, exist_ok=True)
    with open(os.path.join(MANAGED, "test.json"), "w") as file:
        json.dump({"CACertificates": [
            setup.der(folder, name)
            for name in setup.names(imports, "policy")]}, file)
    if column in ("install", "both"):
        setup.distrust("install", "nssdb", HOME=home)
    if column == "policy":
        setup.distrust("install", "--system", "chromium")
    elif column == "both":
        setup.distrust("install", "--system", "--strict", "chromium")
    elif column == "proxy":
        setup.add_proxy(database)
    return home, database


# ---- Visiting -------------------------------------------------------------

# Nothing yet; or what stopped the page, and whether a person gets on.
STATE = """(() => {
    if (document.readyState != "complete" || location.href == "about:blank")
        return null;
    const error = document.querySelector("#error-code");
    if (!error)
        return location.protocol == "https:" ? [document.title] : null;
    document.querySelector("#details").classList.contains("hidden") &&
        document.querySelector("#details-button").click();
    const link = document.querySelector("#proceed-link");
    return [error.textContent.trim(), !!link && link.checkVisibility()];
})()"""

CLICK = "document.querySelector('#proceed-link').click()"


def poll(program, expression, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            value = program.page(expression)
        except RuntimeError:	# between two pages
            value = None
        if value:
            return value
        time.sleep(0.05)
    return None


def verdict(program, clicks):
    state = poll(program, STATE)
    if state is None:
        return "nothing"
    if len(state) == 1:
        return "loaded" if state[0] == sites.TITLE else state[0]
    word = WORDS.get(state[0], state[0])
    if state[1] and clicks:
        program.page(CLICK)
        if not poll(program, f"document.title == {json.dumps(sites.TITLE)}"):
            return word + " and no way on"
    return word + ("+" if state[1] else "")


def visit_all(program, folder, column, database, visits):
    for name in setup.names([imported for imported, _ in visits], "running"):
        setup.import_into(database, folder, name, "CT,C,C")
    windows = program.open([address for _, address in visits])
    found = []
    for window in windows:
        program.switch(window)
        found.append(verdict(program, column == "without"))
        if column == "install" and len(found) == 1:
            program.screenshot(os.path.join(setup.RESULTS,
                                            "chromium-error.png"))
    return found


def column(folder, name, visits, tap):
    """What Chromium makes of each visit (imported, address)."""
    home, database = set_up(folder, name, [imported for imported, _ in visits])
    program = setup.start(chromium.Program, os.path.join(home, "profile"),
                          setup.ENVIRONMENT | {"HOME": home})
    try:
        return visit_all(program, folder, name, database, visits)
    finally:
        program.close()
        if name in ("policy", "both"):
            setup.distrust("uninstall", "--system", "chromium")
        tap.result(os.listdir(MANAGED) == ["test.json"],
                   f"Chromium, {name}: no policy of ours is left",
                   str(os.listdir(MANAGED)))
