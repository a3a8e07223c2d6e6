#!/usr/bin/python3
# Builds the h2spec that tests/stack/test_http2_conformance.py runs, once a user: from its Go module, as Debian has none. Where
# no Go is new enough it is left out, loudly; in CI that is an error.
import json
import os
import pathlib
import sys
import tempfile

from fetch_jaeger import NoGo, check_go, run
from fetch_mongod import cache

MODULE, VERSION = "github.com/summerwind/h2spec", "2.2.1"
# Of all files of the module. Its own go.sum has those of what it needs.
MODULE_SUM = "h1:Ex8kpG4LjIeudEtfbM892Os2PawIZBsEvukHJcvZHho="
# It names no versions of what it needs: these are the newest that Go 1.22 takes.
REQUIRED = {
    "github.com/fatih/color": "v1.18.0",
    "github.com/spf13/cobra": "v1.8.1",
    "golang.org/x/net": "v0.35.0",
}


def place():
    """Where the program is, or will be."""
    return cache() / f"h2spec-{VERSION}"


def build(program):
    program.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place, so that moving it there is all or nothing.
    with tempfile.TemporaryDirectory(dir=program.parent) as folder:
        check_go(folder)
        print(f"setup: building h2spec {VERSION}", flush=True)
        module = json.loads(run("mod", "download", "-json", f"{MODULE}@v{VERSION}+incompatible", cwd=folder))
        if module["Sum"] != MODULE_SUM:
            raise RuntimeError(f"h2spec's module is not the one that was looked at: its sum is {module['Sum']}")
        required = {MODULE: f"v{VERSION}+incompatible", **REQUIRED}
        lines = "".join(f"require {name} {version}\n" for name, version in required.items())
        (pathlib.Path(folder) / "go.mod").write_text(f"module h2spec-here\n\ngo 1.22\n\n{lines}")
        part = pathlib.Path(folder) / program.name
        run("build", "-mod=mod", "-trimpath", "-ldflags=-s -w", "-o", part, f"{MODULE}/cmd/h2spec", cwd=folder)
        part.rename(program)


def main():
    if place().exists():
        return 0
    try:
        build(place())
    except NoGo as missing:
        if os.environ.get("CI"):
            print(f"setup: h2spec must be there in CI: {missing}", file=sys.stderr)
            return 1
        print(f"setup: H2SPEC IS LEFT OUT: {missing}; all else works, but HTTP/2 is not examined by it", file=sys.stderr)
    except (OSError, RuntimeError, ValueError) as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
