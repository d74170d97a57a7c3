# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

"""Start-up times of Firefox in pairs, without and with the module.

usage: timing.py FOLDER PAIRS
"""

import math
import os
import shutil
import signal
import statistics
import sys
import time

import marionette
import setup
import sites


def measure(folder, name, address):
    """Seconds from the launch to the first page, on a copy of a profile."""
    profile = os.path.join(folder, "run")
    shutil.copytree(os.path.join(folder, name), profile)
    begin = time.monotonic()
    program = marionette.Program(["firefox-esr"], profile, setup.ENVIRONMENT)
    try:
        if not program.navigate(address):
            raise RuntimeError("the page did not load")
        return time.monotonic() - begin
    finally:
        program.kill()
        shutil.rmtree(profile, ignore_errors=True)


def prepare(folder, address):
    """Two profiles that differ in nothing else, both started once before."""
    profile = os.path.join(folder, "without")
    marionette.write_prefs(profile, marionette.QUIET)
    program = marionette.Program(["firefox-esr"], profile, setup.ENVIRONMENT)
    program.navigate(address)
    program.close()
    shutil.copytree(profile, os.path.join(folder, "with"), symlinks=True)
    for name in ("without", "with"):
        for lock in ("lock", ".parentlock"):
            path = os.path.join(folder, name, lock)
            if os.path.lexists(path):
                os.unlink(path)
    setup.distrust("install", "--profile", os.path.join(folder, "with"))


def main():
    folder, pairs = sys.argv[1], int(sys.argv[2])
    port = sites.serve(setup.certificate(folder, "healthy-site"),
                       os.path.join(folder, "healthy-site.key"))
    address = f"https://localhost:{port}/"
    prepare(folder, address)
    times = {"without": [], "with": []}
    for pair in range(pairs):
        order = list(times) if pair % 2 == 0 else list(reversed(times))
        for name in order:
            times[name].append(measure(folder, name, address))
        print(f"{pair + 1:2}  without {times['without'][-1]:6.3f} s"
              f"  with {times['with'][-1]:6.3f} s", flush=True)
    tell(times)


def tell(times):
    for name, values in times.items():
        print(f"{name:8} median {statistics.median(values):.3f} s, "
              f"mean {statistics.mean(values):.3f} s, "
              f"standard deviation {statistics.stdev(values):.3f} s")
    differences = [b - a for a, b in zip(times["without"], times["with"])]
    mean = statistics.mean(differences)
    # Two standard errors: about 95 of 100 such means lie within.
    error = 2 * statistics.stdev(differences) / math.sqrt(len(differences))
    print(f"difference, with less without: mean {mean * 1000:+.0f} ms, "
          f"give or take {error * 1000:.0f} ms")
    print("The difference is below the noise." if abs(mean) < error else
          "The difference is above the noise.")


# Whoever ends this ends the browser too.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
main()
