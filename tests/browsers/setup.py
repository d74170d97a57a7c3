# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

"""What both browsers' columns share: programs to run, NSS databases, and
where things are.  It knows nothing of browsers."""

import base64
import os
import re
import shutil
import subprocess

DISTRUST = os.environ["DISTRUST"]
MODULE = os.environ["P11_DISTRUST_MODULE"]
RESULTS = os.environ["B"]		# for screenshots
PROXY = os.environ["P11_KIT_PROXY"]
FIREFOX = "/usr/lib/firefox-esr"

# A list of its own may not steer a browser that is under test.
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if not name.startswith(("XDG_", "NSS_", "DBUS_"))}


def run(*command, **environment):
    """What a program prints; it must succeed."""
    done = subprocess.run(command, env=ENVIRONMENT | environment, text=True,
                          stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT,
                          stdout=subprocess.PIPE)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.returncode}\n{done.stdout}")
    return done.stdout


def version(program, *options):
    return re.search(r"\b(\d+\.\d[\w.]*)",
                     run(program, "--version", *options))[1]


def distrust(command, *arguments, **environment):
    return run(DISTRUST, command, "--module", MODULE, *arguments,
               **environment)


def start(program, *arguments):
    """Start a browser, and once more where it did not come up, as happens on
    a machine that has too much to do.  What it answers is asked once."""
    for _ in range(2):
        try:
            return program(*arguments)
        except Exception as reason:
            print(f"# {arguments[0]} did not start: {reason}", flush=True)
    return program(*arguments)


def certificate(folder, name):
    return os.path.join(folder, name + ".pem")


def der(folder, name):
    """A certificate in base64, as programs want it in JSON."""
    return base64.b64encode(subprocess.run(
        ["openssl", "x509", "-in", certificate(folder, name),
         "-outform", "DER"], check=True, capture_output=True).stdout).decode()


def split(imported):
    """WAY:CERTIFICATE, both None where nothing is imported."""
    way, _, name = imported.partition(":")
    return (way, name) if name else (None, None)


def names(imports, way):
    """The certificates that are imported in one way, each once."""
    found = [name for got, name in map(split, imports) if got == way]
    return list(dict.fromkeys(found))


def import_into(database, folder, name, trust):
    run("certutil", "-A", "-d", "sql:" + database, "-n", name, "-t", trust,
        "-i", certificate(folder, name))


def database(folder, to, imports):
    """A database with all that the cases import before the start."""
    made = os.path.join(folder, "imported")
    if not os.path.isdir(made):
        shutil.copytree(os.path.join(folder, "empty"), made)
        for name in names(imports, "root"):
            import_into(made, folder, name, "CT,C,C")
        for name in names(imports, "peer"):
            import_into(made, folder, name, "P,,")
    shutil.copytree(made, to)


def add_proxy(to):
    run("modutil", "-force", "-dbdir", "sql:" + to, "-add", "p11-kit-proxy",
        "-libfile", PROXY)
