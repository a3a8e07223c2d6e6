#!/usr/bin/python3
# Whether the package can be made again, byte for byte: after `make package` it is built once more, without what was compiled
# before, in another folder, time zone, language, umask and home, at a later time and with another number of jobs, and compared.
# Takes as long as compiling everything does. Where diffoscope is installed it shows what differs.
import argparse
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from sources import ROOT

OTHER = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "C", "CCACHE_DISABLE": "1"}


def build(folder, home):
    # The cache of what was fetched, not of what was compiled, is the same.
    fetched = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    environment = {**os.environ, **OTHER, "HOME": str(home), "XDG_CACHE_HOME": fetched}
    command = [sys.executable, ROOT / "tools/make_package.py", "--output", folder, "--jobs", str((os.cpu_count() or 1) + 1)]
    subprocess.run(command, check=True, env=environment, umask=0o077, stdout=subprocess.DEVNULL)


def packages(folder):
    return {file.name: file for file in folder.glob("*.deb")}


def differing(first, second):
    for name in sorted(first.keys() | second.keys()):
        sums = [hashlib.sha256(one[name].read_bytes()).hexdigest() if name in one else "none" for one in (first, second)]
        print(f"twice: {name}: {sums[0]}" if sums[0] == sums[1] else f"twice: {name} differs: {sums[0]}, {sums[1]}")
        if sums[0] != sums[1]:
            yield name


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--first", type=pathlib.Path, default=ROOT / "build/package", help="the folder of the first build")
    asked = parser.parse_args()
    first = packages(asked.first)
    if not first:
        sys.exit(f"twice: there is no package in {asked.first}; make one with `make package`")
    with tempfile.TemporaryDirectory(prefix="productd-twice-") as folder:
        again = pathlib.Path(folder, "a-somewhat-longer-folder")
        build(again, folder)
        second = packages(again)
        different = list(differing(first, second))
        if different and shutil.which("diffoscope"):
            for name in different:
                subprocess.run(["diffoscope", "--max-text-report-size", "20000", first[name], second[name]])
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
