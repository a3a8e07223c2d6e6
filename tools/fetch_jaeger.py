#!/usr/bin/python3
# Builds the Jaeger that tools/stack_telemetry.py runs, once a user: from its Go module, as Debian has no Jaeger. Where no Go
# is new enough it is left out, loudly; in CI that is an error.
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from fetch_mongod import cache

MODULE, VERSION = "github.com/jaegertracing/jaeger", "1.62.0"
# Of all files of the module. Its own go.sum has those of what it needs.
MODULE_SUM = "h1:YoaJ2e8oVz5sqGGlVAKSUCED8DzJ1q7PojBmZFNKoJA="
GO_MIN = (1, 22)


def place():
    """Where the program is, or will be."""
    return cache() / f"jaeger-{VERSION}"


class NoGo(Exception):
    """There is none that can build it; says why."""


def run(*command, cwd):
    # No other Go is fetched for it: the one here is new enough, or there is none.
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0"}
    options = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
    try:
        done = subprocess.run(["nice", "go", *command], cwd=cwd, env=environment, **options)
    except FileNotFoundError as error:
        raise NoGo("there is no Go") from error
    if done.returncode == 127:
        raise NoGo("there is no Go")
    if done.returncode:
        raise RuntimeError(f"go {command[0]} failed: {(done.stderr + done.stdout)[-500:]}")
    return done.stdout.strip()


def check_go(folder):
    said = run("env", "GOVERSION", cwd=folder)
    found = re.match(r"go(\d+)\.(\d+)", said)
    if not found or (int(found[1]), int(found[2])) < GO_MIN:
        raise NoGo(f"Go is {said or 'of no known version'}, and {'.'.join(map(str, GO_MIN))} is needed")


def download_module(title, name, version, wanted_sum, folder):
    """What `go mod download` tells of it, once it is the one that was looked at."""
    module = json.loads(run("mod", "download", "-json", f"{name}@v{version}", cwd=folder))
    if module["Sum"] != wanted_sum:
        raise RuntimeError(f"{title}'s module is not the one that was looked at: its sum is {module['Sum']}")
    return module


def build(program):
    program.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place, so that moving it there is all or nothing.
    with tempfile.TemporaryDirectory(dir=program.parent) as folder:
        check_go(folder)
        print(f"setup: building Jaeger {VERSION}, which takes some minutes once", flush=True)
        module = download_module("Jaeger", MODULE, VERSION, MODULE_SUM, folder)
        # As the main module, so that the versions and replacements of its own go.mod hold.
        source = pathlib.Path(folder) / "source"
        shutil.copytree(module["Dir"], source, copy_function=shutil.copyfile)
        source.chmod(0o755)
        part = pathlib.Path(folder) / program.name
        run("build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", part, "./cmd/all-in-one", cwd=source)
        part.rename(program)


def main():
    if place().exists():
        return 0
    try:
        build(place())
    except NoGo as missing:
        if os.environ.get("CI"):
            print(f"setup: Jaeger must be there in CI: {missing}", file=sys.stderr)
            return 1
        print(f"setup: JAEGER IS LEFT OUT: {missing}; all else works, but traces cannot be looked at", file=sys.stderr)
    except (OSError, RuntimeError, ValueError) as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
