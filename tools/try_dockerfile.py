#!/usr/bin/python3
# Does what the Dockerfile says, without a container engine: try_dockerfile.py [--suite bookworm] [--keep]. The first stage is
# a root made by debootstrap (minbase, as the slim image is, more or less) with this machine's own sources of packages; each
# RUN is run in it by chroot, each COPY copies what .dockerignore leaves, and the last stage is run by tools/try_image.py.
# Needs root, debootstrap, and as long as a build from nothing takes; by hand. Says how long each step took.
import argparse
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

import dockerfile
import fresh_root
import try_image
from sources import ROOT


def say(line):
    print(line, flush=True)


class Build:
    """The stages so far, each a folder."""

    def __init__(self, folder, suite):
        self.folder, self.suite, self.roots = folder, suite, {}

    def make(self, stage, arguments):
        root = self.folder / (stage.name or "root")
        self.roots[stage.name] = root
        if stage.base == "scratch":
            root.mkdir()
        else:
            self.timed(f"FROM {stage.base}", lambda: fresh_root.make(self.suite, root))
        where = "/"
        for name, rest in stage.steps:
            if name == "WORKDIR":
                where = rest
                (root / where.lstrip("/")).mkdir(parents=True, exist_ok=True)
            elif name == "COPY":
                self.timed(f"COPY {rest}", lambda: self.copy(root, where, shlex.split(rest)))
            else:
                command = [*stage.settings["SHELL"], f"cd {where}; {rest}"]
                self.timed(f"RUN {rest[:60]}", lambda: self.run(root, command, arguments))

    @staticmethod
    def timed(what, work):
        began = time.monotonic()
        work()
        say(f"image: {time.monotonic() - began:6.1f} s  {what}")

    @staticmethod
    def run(root, command, arguments):
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        environment = {"PATH": path, "HOME": "/root", **fresh_root.PROXIES, **arguments}
        done = subprocess.run(fresh_root.inside(root, command), env=environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"RUN {command[-1]} failed:\n{(done.stdout + done.stderr)[-3_000:]}")

    def copy(self, root, where, words):
        flags = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
        source, place = [word for word in words if not word.startswith("--")]
        target = root / (pathlib.PurePath(where) / place).relative_to("/")
        if "from" in flags:
            begin = self.roots[flags["from"]] / source.strip("/")
            if begin.is_dir():
                shutil.copytree(begin, target, symlinks=True, dirs_exist_ok=True)
            else:
                shutil.copy2(begin, target / begin.name)
        else:
            for name in dockerfile.context():
                if source == "." or name == source or name.startswith(f"{source}/"):
                    inside = target / (name if source == "." else pathlib.PurePath(name).relative_to(source))
                    inside.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(ROOT / name, inside)
        if "chown" in flags:
            user, _, group = flags["chown"].partition(":")
            for each in [target, *target.rglob("*")]:
                os.chown(each, int(user), int(group), follow_symlinks=False)


def sizes(root):
    files = [place for place in root.rglob("*") if place.is_file() and not place.is_symlink()]
    return f"{sum(place.stat().st_size for place in files) / 1e6:.0f} MB in {len(files)} files"


def attempt(folder, suite):
    stages, arguments = dockerfile.read()
    build = Build(folder, suite)
    for stage in stages:
        build.make(stage, arguments)
    say(f"image: the runtime image has {sizes(folder / 'root')}")
    return try_image.tell(*try_image.attempt(folder))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--suite", default="bookworm", help="of Debian")
    options.add_argument("--keep", action="store_true", help="leaves the roots, and says where")
    chosen = options.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="productd-dockerfile-"))
    try:
        return attempt(folder, chosen.suite)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        say(f"image: {error}")
        return 1
    finally:
        if chosen.keep:
            say(f"image: the roots are in {folder}")
        else:
            shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
