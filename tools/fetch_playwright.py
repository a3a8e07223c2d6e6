#!/usr/bin/python3
# Fetches the Playwright that drives Debian's Chromium in tests/stack, once a user: its driver out of a wheel of PyPI, which
# brings the Node.js that it needs. Debian's is too old for it, and its npm does not go with a Node.js from elsewhere.
import pathlib
import sys
import tempfile
import zipfile

from fetch_mongod import cache, check_sum, download

VERSION = "1.65.2"
WHEEL = f"playwright=={VERSION}"
WHEEL_SHA256 = "58932d35f56767ab7ebcdd3d4a733bfb3e62a1a5bc43c08e28b9fa9b3e61cf33"
DRIVER = "playwright/driver/"


def place():
    """The driver's folder: `node`, and `package`, which is playwright-core."""
    return cache() / f"playwright-{VERSION}"


def check(wheel):
    check_sum(wheel, WHEEL_SHA256)


def fetch():
    print(f"setup: fetching Playwright {VERSION}", flush=True)
    place().parent.mkdir(parents=True, exist_ok=True)
    # Beside its place, so that moving it there is all or nothing.
    with tempfile.TemporaryDirectory(dir=place().parent) as folder:
        wheel = download(WHEEL, folder)
        check(wheel)
        with zipfile.ZipFile(wheel) as parts:
            parts.extractall(folder, [name for name in parts.namelist() if name.startswith(DRIVER)])
        driver = pathlib.Path(folder) / DRIVER
        (driver / "node").chmod(0o755)
        try:
            driver.rename(place())
        except OSError:
            if not place().is_dir():  # Another set-up was faster otherwise.
                raise


def main():
    if place().exists():
        return 0
    try:
        fetch()
    except (OSError, RuntimeError) as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
