# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

"""The matrix of tests/consumer/browsers.sh: what each browser makes of each
site, loaded in each way.  It knows cases and prints TAP and a table; how a
browser is set up and asked is said in firefox.py, chrome.py, thunderbird.py.

usage: matrix.py FOLDER CASES NATIVE-MANIFEST TABLE BROWSER...
"""

import collections
import os
import signal
import sys

import chrome
import firefox
import more
import sites
import thunderbird

Case = collections.namedtuple("Case", "what imported sent due")


class Tap:
    """Results, numbered on from where the script is."""

    def __init__(self):
        self.count = 0
        self.failures = 0

    def result(self, holds, what, seen=""):
        self.count += 1
        self.failures += not holds
        print(f"{'ok' if holds else 'not ok'} {self.count} - {what}")
        if not holds and seen:
            print("\n".join("#   " + line for line in seen.split("\n")))
        sys.stdout.flush()

    def end(self):
        print(f"1..{self.count}")
        return 1 if self.failures else 0


def read_cases(path):
    """The rows of the table: browser -> cases with a verdict a column."""
    cases = {"firefox": [], "chromium": []}
    with open(path) as file:
        for line in file:
            if line.startswith("#") or not line.strip():
                continue
            what, imported, sent, *due = map(str.strip, line.split("|"))
            for browser, verdicts in zip(cases, due):
                cases[browser].append(Case(what, imported, sent.split(),
                                           verdicts.split()))
    cases["thunderbird"] = for_thunderbird(cases["firefox"])
    return cases


def for_thunderbird(cases):
    """It does with what was imported before as Firefox does."""
    return [case for case in cases
            if case.due[0] == "loaded" and
            case.imported.startswith(("root:", "peer:"))]


def serve_all(folder, cases):
    """A site for each chain that is sent; returns their addresses."""
    addresses = {}
    for case in cases:
        if tuple(case.sent) in addresses:
            continue
        chain = os.path.join(folder, "+".join(case.sent) + ".chain")
        with open(chain, "w") as file:
            for name in case.sent:
                with open(os.path.join(folder, name + ".pem")) as pem:
                    file.write(pem.read())
        port = sites.serve(chain, os.path.join(folder, case.sent[0] + ".key"))
        addresses[tuple(case.sent)] = f"https://localhost:{port}/"
    return addresses


def accepts(verdict):
    """Whether a person gets to see the page, if only with a click."""
    return verdict == "loaded" or verdict.endswith("+")


# A word for more than one verdict.
ANY = {"HARD": ("ISSUER", "CERT")}


def agrees(verdict, due):
    return verdict in ANY.get(due, (due,))


def run(browser, cases, folder, tap):
    """All columns of one browser; returns the table's rows."""
    addresses = serve_all(folder, cases)
    table = [[case.what] for case in cases]
    accepted = set()
    for number, column in enumerate(browser.COLUMNS):
        found = browser.column(folder, column, [
            (case.imported, addresses[tuple(case.sent)]) for case in cases],
            tap)
        for row, case in enumerate(cases):
            verdict, due = found[row], case.due[number]
            table[row].append(verdict)
            what = f"{browser.NAME}, {column}: {case.what}: {due}"
            if number == 0 and accepts(verdict):
                accepted.add(row)
            tap.result(agrees(verdict, due) and row in accepted, what,
                       f"{verdict}; without the module it was "
                       f"{'' if row in accepted else 'not '}accepted")
    return table


def write_table(file, browser, version, table):
    head = [browser.NAME + " " + version, *browser.COLUMNS]
    widths = [max(len(row[i]) for row in [head, *table])
              for i in range(len(head))]
    for row in [head, ["-" * width for width in widths], *table]:
        file.write("  ".join(cell.ljust(width) for cell, width
                             in zip(row, widths)).rstrip() + "\n")
    file.write("\n")


BROWSERS = {"firefox": firefox, "chromium": chrome,
            "thunderbird": thunderbird}


def go_on(folder, cases, template, tap):
    """What Firefox must do besides."""
    root = [case for case in cases if case.imported == "root:a"]
    more.extension(folder, template,
                   serve_all(folder, root)[tuple(root[0].sent)], tap)
    more.clients(folder, tap)


def main():
    folder, cases_path, template, table_path, *wanted = sys.argv[1:]
    cases = read_cases(cases_path)
    tap = Tap()
    with open(table_path, "w") as file:
        for name, browser in BROWSERS.items():
            if wanted and name not in wanted:
                continue
            table = run(browser, cases[name], folder, tap)
            write_table(file, browser, browser.version(), table)
            if name == "firefox":
                go_on(folder, cases[name], template, tap)
    with open(table_path) as file:
        print("".join("# " + line for line in file), end="")
    return tap.end()


# Whoever ends this ends the browsers too.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
sys.exit(main())
