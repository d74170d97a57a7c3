# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

"""The columns of Firefox: a profile that trusts what the cases say, set up in
one way, and one start that visits all sites."""

import json
import os
import time

import marionette
import setup
import sites

NAME = "Firefox"
COLUMNS = ["without", "install", "policy", "proxy"]
POLICIES = "/etc/firefox/policies/policies.json"

# With it Firefox would load modules where nobody asks them; both ways of
# installing have to prevent that.
UTILITY = "security.utility_pkcs11_module_process.enabled"

WORDS = {
    "SEC_ERROR_UNTRUSTED_ISSUER": "ISSUER",
    "SEC_ERROR_UNTRUSTED_CERT": "CERT",
    "SEC_ERROR_UNKNOWN_ISSUER": "UNKNOWN",
    "SEC_ERROR_REVOKED_CERTIFICATE": "REVOKED",
    "MOZILLA_PKIX_ERROR_ISSUER_NO_LONGER_TRUSTED": "AFTER",
}


def version():
    return setup.version("firefox-esr")


# ---- Setting up -----------------------------------------------------------

def set_up(folder, column, imports):
    """A profile and its program's environment."""
    profile = os.path.join(folder, "firefox-" + column)
    home = profile + "-home"
    os.mkdir(home)
    setup.database(folder, profile, imports)
    prefs = dict(marionette.QUIET)
    if column in ("install", "policy"):
        prefs[UTILITY] = True
    marionette.write_prefs(profile, prefs)
    write_policies([setup.certificate(folder, name)
                    for name in setup.names(imports, "policy")])
    if column == "install":
        setup.distrust("install", "--profile", profile, HOME=home)
    elif column == "policy":
        setup.distrust("install", "--system", "firefox")
    elif column == "proxy":
        setup.add_proxy(profile)
    return profile, setup.ENVIRONMENT | {"HOME": home}


def write_policies(certificates):
    os.makedirs(os.path.dirname(POLICIES), exist_ok=True)
    with open(POLICIES, "w") as file:
        json.dump({"policies": {"Certificates": {"Install": certificates}}},
                  file)


def tear_down(column, tap):
    if column != "policy":
        return
    with open(POLICIES) as file:
        merged = file.read()
    setup.distrust("uninstall", "--system", "firefox")
    with open(POLICIES) as file:
        left = file.read()
    tap.result("SecurityDevices" in merged and "Install" in merged and
               "SecurityDevices" not in left,
               "Firefox, policy: merged with other policies, and taken back",
               merged + left)


# ---- Visiting -------------------------------------------------------------

# Its own list of revoked certificates comes a moment after the start.
HAS_ONECRL = """
    const storage = Cc["@mozilla.org/security/certstorage;1"]
        .getService(Ci.nsICertStorage);
    return await new Promise(done => storage.hasPriorData(
        Ci.nsICertStorage.DATA_TYPE_REVOCATION, (rv, has) => done(has)));
"""

IMPORT = """
    Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB)
        .addCertFromBase64(args[0], "CT,CT,");
"""

FIND = """
    const find = (root, id) => {
        for (const e of root.querySelectorAll("*")) {
            const found = e.id == id ? e : e.shadowRoot &&
                find(e.shadowRoot, id);
            if (found)
                return found;
        }
        return null;
    };
    const wait = async id => {
        for (let i = 0; i < 1000 && !find(document, id); i++)
            await new Promise(done => setTimeout(done, 20));
        return find(document, id);
    };
"""

# What an error page says, and whether it offers a way on.
ERROR = FIND + """
    const info = document.getFailedCertSecurityInfo();
    const more = await wait("advanced-button");
    more.click();
    if (info.errorIsOverridable)
        await wait("exception-button");
    await new Promise(done => setTimeout(done, 100));
    return [info.errorCodeString, info.errorIsOverridable,
            !!find(document, "exception-button")];
"""

# The button comes to life after a moment, so that nobody hits it by chance.
CLICK = FIND + """
    const button = await wait("exception-button");
    for (let i = 0; i < 1000 && button.disabled; i++)
        await new Promise(done => setTimeout(done, 20));
    button.click();
"""


def poll(question, seconds=60):
    until = time.monotonic() + seconds
    while not question():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def is_page(program):
    try:
        return program.page("return document.title") == sites.TITLE
    except marionette.Refused:
        return False


def visit(program, address, clicks):
    if program.navigate(address):
        return "loaded" if is_page(program) else "nothing"
    code, overridable, offered = program.page(ERROR)
    verdict = WORDS.get(code, code)
    if overridable != offered:
        return f"{verdict} {overridable} {offered}"
    if offered and clicks:
        program.page(CLICK)
        if not poll(lambda: is_page(program)):
            return verdict + " and no way on"
    return verdict + ("+" if offered else "")


def visit_all(program, folder, column, visits):
    found = []
    for imported, address in visits:
        way, name = setup.split(imported)
        if way == "running":
            program.chrome(IMPORT, setup.der(folder, name))
        found.append(visit(program, address, column == "without"))
        if column == "install" and len(found) == 1:
            program.screenshot(os.path.join(setup.RESULTS,
                                            "firefox-error.png"))
    return found


# ---- What else must hold --------------------------------------------------

OPEN_DEVICES = """
    const window = Services.ww.openWindow(null,
        "chrome://pippki/content/device_manager.xhtml", "_blank",
        "chrome,resizable,width=760,height=420", null);
    await new Promise(done => window.addEventListener("load", done,
                                                      { once: true }));
"""

DEVICES = """
    const window = Services.wm.getMostRecentWindow("mozilla:devicemanager");
    const view = window.document.getElementById("device_tree").view;
    const column = window.document.getElementById("device_tree").columns[0];
    return Array.from({ length: view.rowCount },
                      (_, i) => view.getCellText(i, column));
"""


def look_at_devices(program, tap):
    """The dialog where a person looks for modules shows ours."""
    program.chrome(OPEN_DEVICES)
    shown = program.chrome(DEVICES)
    program.call("Marionette:SetContext", value="chrome")
    for handle in program.call("WebDriver:GetWindowHandles"):
        program.call("WebDriver:SwitchToWindow", handle=handle, focus=True)
        if program.chrome("return document.documentURI"
                          ).endswith("device_manager.xhtml"):
            break
    program.screenshot(os.path.join(setup.RESULTS,
                                    "firefox-security-devices.png"), "chrome")
    tap.result("Distrusted certificate authorities" in shown,
               "Firefox, install: the dialog Security Devices shows the token",
               str(shown))


def column(folder, name, visits, tap):
    """What Firefox makes of each visit (imported, address)."""
    profile, environment = set_up(folder, name,
                                  [imported for imported, _ in visits])
    program = setup.start(marionette.Program, ["firefox-esr"], profile,
                          environment)
    try:
        if not poll(lambda: program.chrome(HAS_ONECRL)):
            raise RuntimeError("no OneCRL")
        found = visit_all(program, folder, name, visits)
        if name == "install":
            look_at_devices(program, tap)
    finally:
        program.kill()
        tear_down(name, tap)
    return found
