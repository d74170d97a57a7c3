# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

"""What Firefox must do besides refusing: go on as before for somebody with
fifty client certificates and a smart card, and let an extension load the
module."""

import json
import os
import shutil

import firefox
import marionette
import setup
import sites

# ---- Fifty client certificates and a smart card ---------------------------

CLIENTS = """
    const certificates = await Cc["@mozilla.org/security/x509certdb;1"]
        .getService(Ci.nsIX509CertDB).getCerts();
    return certificates.filter(c => c.certType & Ci.nsIX509Cert.USER_CERT)
        .map(c => `${c.tokenName}: ${c.commonName}`).sort();
"""

MODULES = """
    const names = [];
    for (const module of await Cc["@mozilla.org/security/pkcs11moduledb;1"]
             .getService(Ci.nsIPKCS11ModuleDB).listModules())
        for (const slot of module.slots)
            names.push([module.name, slot.name, slot.tokenName]);
    return names;
"""


def start(folder, name, prefs, home):
    profile = os.path.join(folder, name)
    marionette.write_prefs(profile, marionette.QUIET | prefs)
    return setup.start(
        marionette.Program, ["firefox-esr"], profile,
        setup.ENVIRONMENT | {"HOME": home, "SOFTHSM2_CONF":
                             os.path.join(folder, "softhsm2.conf")})


# Firefox asks for the card's PIN amid a page: whoever asks is answered at once.
ANSWER = """
    const prompt = {
        QueryInterface: ChromeUtils.generateQI(["nsIPrompt"]),
        promptPassword(title, text, value) {
            value.value = "1234";
            return true;
        },
    };
    const prompts = {
        QueryInterface: ChromeUtils.generateQI(["nsIPromptFactory"]),
        getPrompt: () => prompt,
    };
    Components.manager.QueryInterface(Ci.nsIComponentRegistrar)
        .registerFactory(Services.uuid.generateUUID(), "answers",
            "@mozilla.org/prompter;1", {
                QueryInterface: ChromeUtils.generateQI(["nsIFactory"]),
                createInstance: iid => prompts.QueryInterface(iid),
            });
"""


def visit(program, address):
    """Load a page; its title."""
    if not program.navigate(address):
        return "refused"
    return program.page("return document.title")


def behaviour(folder, name, home, address):
    """All that a person with certificates would notice."""
    program = start(folder, name, {
        "security.default_personal_cert": "Select Automatically"}, home)
    try:
        program.chrome(ANSWER)
        seen = {"the site sees": visit(program, address),
                "certificates": program.chrome(CLIENTS),
                "modules": program.chrome(MODULES)}
    finally:
        program.kill()
    seen["keys on the card"] = setup.run(
        "certutil", "-K", "-d", "sql:" + os.path.join(folder, name),
        "-h", "card", "-f", os.path.join(folder, "pin"),
        SOFTHSM2_CONF=os.path.join(folder, "softhsm2.conf"))
    return seen


def clients(folder, tap):
    home = os.path.join(folder, "clients-home")
    os.mkdir(home)
    site = os.path.join(folder, "healthy-sub-site")
    port = sites.serve(site + "+healthy-sub.chain", site + ".key",
                       setup.certificate(folder, "healthy"))
    address = f"https://localhost:{port}/"
    for name in ("before", "after"):
        shutil.copytree(os.path.join(folder, "clients"),
                        os.path.join(folder, "clients-" + name))
    setup.distrust("install", "--profile",
                   os.path.join(folder, "clients-after"), HOME=home)
    before = behaviour(folder, "clients-before", home, address)
    after = behaviour(folder, "clients-after", home, address)
    tap.result(len(before["certificates"]) == 51 and
               before["the site sees"].startswith("Client ") and
               any("card" in names for names in before["modules"]),
               "Firefox: fifty client certificates and a card, without us",
               str(before))
    ours = [names for names in after["modules"] if names[0] == "p11-distrust"]
    after["modules"] = [names for names in after["modules"]
                        if names[0] != "p11-distrust"]
    tap.result(len(ours) == 1 and before == after,
               "Firefox: all is as before beside us", f"{before}\n{after}")


# ---- A WebExtension -------------------------------------------------------

MANIFEST = {
    "manifest_version": 2, "name": "Test", "version": "1",
    "permissions": ["pkcs11"],
    "background": {"scripts": ["load.js"]},
}

LOAD = 'browser.pkcs11.installModule("p11_distrust");\n'


def write_extension(folder, home, template):
    """The manifest of the package in a home folder, and an extension that it
    allows."""
    with open(template) as file:
        native = "".join(line for line in file if not line.startswith("#"))
    native = json.loads(native.replace("@module@", setup.MODULE))
    where = os.path.join(home, ".mozilla/pkcs11-modules")
    os.makedirs(where)
    with open(os.path.join(where, native["name"] + ".json"), "w") as file:
        json.dump(native, file)
    extension = os.path.join(folder, "extension")
    os.mkdir(extension)
    gecko = {"gecko": {"id": native["allowed_extensions"][0]}}
    with open(os.path.join(extension, "manifest.json"), "w") as file:
        json.dump(MANIFEST | {"browser_specific_settings": gecko}, file)
    with open(os.path.join(extension, "load.js"), "w") as file:
        file.write(LOAD)
    return extension


def has_module(program):
    return any(names[0] == "p11-distrust"
               for names in program.chrome(MODULES))


def extension(folder, template, address, tap):
    profile = os.path.join(folder, "extension-profile")
    home = profile + "-home"
    os.mkdir(home)
    shutil.copytree(os.path.join(folder, "imported"), profile)
    path = write_extension(folder, home, template)
    program = start(folder, "extension-profile", {}, home)
    try:
        without = has_module(program)
        program.call("Addon:Install", path=path, temporary=True)
        loaded = firefox.poll(lambda: has_module(program))
        verdict = firefox.visit(program, address, False)
    finally:
        program.kill()
    tap.result(not without and loaded and verdict == "ISSUER",
               "Firefox: an extension loads the module by its manifest",
               f"{without} {loaded} {verdict}")
