#!/usr/bin/python3
# The way of a newcomer, on a Debian that has nothing but git, make, curl and sudo: clones what is committed here, does `make run`
# until the curl line that it prints is answered, then `make test`, and says how long each took. The Debian is a root made by
# debootstrap, with this machine's network and its ways to packages. Needs root, debootstrap, and as long as a build from nothing
# and all tests take; by hand, as tools/fresh.sh. Ends with 0 when both went through.
import argparse
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import fresh_root
from sources import ROOT

PACKAGES = ["ca-certificates", "curl", "git", "make", "sudo"]
PORTS = (5007, 5000, 7070)
FREE_PORTS = "--http-port 0 --grpc-port 0 --metrics-port 0"
STOP_SECONDS = 60


def say(line):
    print(f"fresh: {line}", flush=True)


def are_free(ports):
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def printed_curl(said):
    """The command below `Try it:` in what the service printed, once all of it is there."""
    found = re.search(r"^Try it:\n\n(  curl .*?)\n\n", said, re.M | re.S)
    return found and found[1].strip()


def closing_lines(said):
    """What the runners of the tests say at the end: `100% tests passed, 0 tests failed out of 9`, `9 passed in 9.99s`."""
    return re.findall(r"^(?:=+ )?(\d+% tests passed.*?|(?:\d+ \w+, )*\d+ (?:passed|failed|skipped)\b.*?)(?: =+)?$", said, re.M)


class Newcomer:
    def __init__(self, root, as_root):
        self.root, self.name = root, "root" if as_root else "newcomer"
        self.home = "/root" if as_root else f"/home/{self.name}"
        self.log = root / "var/log/fresh.log"

    def words(self, command):
        return fresh_root.inside(self.root, ["/bin/bash", "-c", f"cd; {command}"], self.name)

    def environment(self):
        path = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
        return {"PATH": path, "HOME": self.home, "USER": self.name, "LANG": "C.UTF-8", **fresh_root.PROXIES}

    def run(self, command):
        done = subprocess.run(self.words(command), env=self.environment(), capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{command} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-3_000:]}")
        return done.stdout

    def start(self, command):
        """Runs it as from a terminal: what is said goes into the log, and a signal to all of its processes."""
        with open(self.log, "wb") as log:
            options = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, "start_new_session": True}
            return subprocess.Popen(self.words(command), env=self.environment(), **options)

    def said(self):
        return self.log.read_text(errors="replace")

    # ---------------------------------------------------------------------------------------- what is done

    def arrives(self):
        """A user who may become root, with a clone."""
        if self.name != "root":
            add = ["chroot", self.root, "useradd", "--create-home", "--shell", "/bin/bash", self.name]
            subprocess.run(add, check=True)
            (self.root / "etc/sudoers.d/newcomer").write_text(f"{self.name} ALL=(ALL) NOPASSWD: ALL\n")
        clone = self.root / self.home.lstrip("/") / "productd"
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, clone], check=True)
        subprocess.run(["chroot", self.root, "chown", "-R", f"{self.name}:", f"{self.home}/productd"], check=True)

    def does_make_run(self):
        free = are_free(PORTS)
        if not free:
            say(f"one of the ports {PORTS} is taken here, so the service is told to take others")
        began = time.monotonic()
        process = self.start("cd productd && exec make run" + ("" if free else f' ARGS="{FREE_PORTS}"'))
        installed = None
        try:
            while not (curl := printed_curl(self.said())):
                if process.poll() is not None:
                    raise RuntimeError(f"make run ended with {process.returncode}:\n{self.said()[-3_000:]}")
                if installed is None and "setup: done" in self.said():
                    installed = time.monotonic() - began
                time.sleep(0.1)
            answer = self.run(f"cd productd && {curl}")
            if '"name":"Chair"' not in answer:
                raise RuntimeError(f"the printed curl line was answered with: {answer[:1_000]}")
            packages = f", {installed:.0f} s of them for packages" if installed else ""
            say(f"{time.monotonic() - began:.0f} s from `make run` to the first answered curl{packages}")
            os.killpg(process.pid, signal.SIGINT)  # Ctrl-C.
            process.wait(STOP_SECONDS)
            if "The service has stopped" not in self.said():
                raise RuntimeError(f"Ctrl-C did not stop it in order:\n{self.said()[-3_000:]}")
        finally:
            self.end(process)

    def does_make_test(self):
        began = time.monotonic()
        process = self.start("cd productd && exec make test")
        try:
            code = process.wait()
        finally:
            self.end(process)
        for line in closing_lines(self.said()):
            say(f"make test: {line}")
        if code:
            raise RuntimeError(f"make test ended with {code}:\n{self.said()[-6_000:]}")
        say(f"{time.monotonic() - began:.0f} s for `make test`")

    @staticmethod
    def end(process):
        """With the first of its processes all others end."""
        process.kill()
        process.wait()


def attempt(asked, folder):
    if asked.root is None:
        began = time.monotonic()
        fresh_root.make(asked.suite, folder, PACKAGES)
        say(f"{time.monotonic() - began:.0f} s for a {asked.suite} with {', '.join(PACKAGES)}")
    newcomer = Newcomer(folder, asked.as_root)
    if not (folder / newcomer.home.lstrip("/") / "productd").exists():
        newcomer.arrives()
    if asked.only in (None, "run"):
        newcomer.does_make_run()
    if asked.only in (None, "test"):
        newcomer.does_make_test()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("suite", choices=["bookworm", "trixie"])
    options.add_argument("--only", choices=["run", "test"], help="one of the two commands")
    options.add_argument("--as-root", action="store_true", help="as root, instead of a user with sudo")
    options.add_argument("--keep", action="store_true", help="leaves the root, and says where")
    options.add_argument("--root", type=pathlib.Path, help="one that was left, with its clone, instead of a new one; it stays")
    asked = options.parse_args()
    folder = asked.root or pathlib.Path(tempfile.mkdtemp(prefix=f"productd-fresh-{asked.suite}-"))
    folder.chmod(0o755)
    try:
        attempt(asked, folder)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        say(error)
        return 1
    finally:
        if asked.keep or asked.root:
            say(f"the root is {folder}; what was said last is in {folder / 'var/log/fresh.log'}")
        else:
            shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
