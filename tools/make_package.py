#!/usr/bin/python3
# `make package`: the Debian package of the files that are here, under build/package. Exports them into a folder of its own, puts
# Swagger UI beside them, builds there, and lets lintian look at the result.
import argparse
import os
import pathlib
import shutil
import subprocess
import sys

import fetch_swagger
from sources import ROOT, files


def export(folder):
    """A clean copy of our files as they are now, whether committed or not."""
    for name in files():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)


def add_swagger(folder):
    found = fetch_swagger.place()
    if not found.is_dir():
        print("package: Swagger UI was not fetched, so its page is the plain one", file=sys.stderr)
        return
    shutil.copytree(found, folder / "debian/swagger-ui", copy_function=shutil.copy)


def build(folder, jobs):
    # debhelper gives the build a home of its own, in which ccache would find nothing.
    environment = {"CCACHE_DIR": os.path.expanduser("~/.cache/ccache"), **os.environ}
    command = ["dpkg-buildpackage", "--build=binary", "--unsigned-changes", "--unsigned-buildinfo", f"--jobs={jobs}"]
    subprocess.run(command, cwd=folder, check=True, env=environment)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "build/package", help="folder for the result")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    output = asked.output.resolve()
    shutil.rmtree(output, ignore_errors=True)
    source = output / "source"
    export(source)
    add_swagger(source)
    try:
        build(source, asked.jobs)
        (changes,) = output.glob("*.changes")
        subprocess.run(["lintian", "--fail-on=error,warning", "--info", "--allow-root", changes], check=True)
    except subprocess.CalledProcessError as failed:
        print(f"package: {failed.cmd[0]} ended with {failed.returncode}", file=sys.stderr)
        return 1
    for package in sorted(output.glob("*.deb")):
        print(f"package: {package.relative_to(ROOT) if package.is_relative_to(ROOT) else package}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
