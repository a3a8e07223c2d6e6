#!/usr/bin/python3
# Fetches the two files of Swagger UI that are embedded in the binary, once a user: from npm, or where there is no npm or it
# does not answer, from PyPI. They are the same files, so one hash of each serves both. Where neither answers the build
# goes on, and /swagger/index.html is a page without Swagger UI. `--where` prints the folder they are in, or would be.
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile

from fetch_mongod import cache

VERSION = "5.34.0"
FILES = {
    "swagger-ui.css": "c3cfe8248c4b0b89673600fb829924eafbac6de4bc4b2b06f5f5243483074d0a",
    "swagger-ui-bundle.js": "3f6abf70480db7e07914df4c98a77385f22ea585eaf457a3e6415ba0eae2d167",
}
# Neither may hold up a build for long: there is a page without them.
NPM = ["npm", "pack", "--loglevel=error", "--ignore-scripts", "--fetch-retries=1", "--fetch-timeout=20000"]
PIP = ["/usr/bin/python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
PIP += ["--only-binary=:all:", "--retries=1", "--timeout=20"]
SECONDS_MAX = 120


class NotFetched(Exception):
    """A registry did not give it; says why."""


def place():
    """The folder they are in, or will be."""
    return cache() / f"swagger-ui-{VERSION}"


def run(command, folder):
    options = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": SECONDS_MAX}
    try:
        done = subprocess.run(command, cwd=folder, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotFetched(f"{command[0]}: {error}") from error
    if done.returncode:
        last = (done.stderr.strip() or "it says nothing").splitlines()[-1]
        raise NotFetched(f"{'pip' if 'pip' in command else 'npm'}: {last[:300]}")


def from_npm(folder):
    if not shutil.which("npm"):
        raise NotFetched("there is no npm")
    run([*NPM, "--pack-destination", folder, f"swagger-ui-dist@{VERSION}"], folder)
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as parts:
        return {name: parts.extractfile(f"package/{name}").read() for name in FILES}


def from_pypi(folder):
    run([*PIP, "--dest", folder, f"flask-swagger-ui=={VERSION}"], folder)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as parts:
        return {name: parts.read(f"flask_swagger_ui/dist/{name}") for name in FILES}


def check(name, content):
    found = hashlib.sha256(content).hexdigest()
    if found != FILES[name]:
        raise RuntimeError(f"{name} is not the file that was looked at: its SHA-256 is {found}")


def fetched(folder):
    reasons = []
    for source in (from_npm, from_pypi):
        own = folder / source.__name__
        own.mkdir()
        try:
            return source(own)
        except NotFetched as reason:
            reasons.append(str(reason))
        except (ValueError, KeyError, tarfile.TarError, zipfile.BadZipFile) as reason:
            reasons.append(f"{source.__name__} gave no archive of it: {reason}")
    raise NotFetched("; ".join(reasons))


def fetch():
    print(f"setup: fetching Swagger UI {VERSION}", flush=True)
    place().parent.mkdir(parents=True, exist_ok=True)
    # Beside its place, so that moving it there is all or nothing.
    with tempfile.TemporaryDirectory(dir=place().parent) as folder:
        whole = pathlib.Path(folder) / "whole"
        whole.mkdir()
        for name, content in fetched(pathlib.Path(folder)).items():
            check(name, content)
            (whole / name).write_bytes(content)
        try:
            whole.rename(place())
        except OSError:
            if not place().is_dir():  # Another set-up was faster otherwise.
                raise


def missed():
    """Is there since no registry answered: who has no network waits for them once a day, not with each build."""
    return place().with_name(f"{place().name}.missed")


def was_missed_lately():
    try:
        return time.time() - missed().stat().st_mtime < 24 * 3_600 and not os.environ.get("CI")
    except OSError:
        return False


def main(arguments):
    if arguments == ["--where"]:
        print(place())
        return 0
    if place().is_dir() or was_missed_lately():
        return 0
    try:
        fetch()
    except NotFetched as reason:
        missed().touch()
        print(f"setup: no registry gave Swagger UI, so its page will be a plain one ({reason})", file=sys.stderr)
        return 0
    except (OSError, RuntimeError, KeyError) as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
