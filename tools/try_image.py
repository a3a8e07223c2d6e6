#!/usr/bin/python3
# Runs the image's files as a container engine would, without one: try_image.py [PROGRAM]. The root that the Dockerfile copies
# is made in a temporary folder and mounted read-only, with /proc, a small /dev and a /data that can be written, in name spaces
# of its own; in it the program runs as the Dockerfile says: its user, without any capability, its command, its environment.
# It must get ready by the Dockerfile's health check, answer curl, write nowhere but in /data, and stop in order. Needs root.
# Says what it saw; exit code 1 where anything is not as it must be.
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import dockerfile
import image_root
from sources import ROOT

READY_SECONDS, STOP_SECONDS = 20, 20
# `unshare` gives the shell name spaces that end with it, mounts and all. $1 the root, $2 the folder that is mounted at $3, $4
# who runs what follows in the root. The program of chroot is the machine's, there is none in the root; the three capabilities are what it
# needs, and it gives them up with the user.
INSIDE = """set -e
mount --bind "$1" "$1"
mount -o remount,bind,ro,nosuid,nodev "$1"
mount -t proc -o nosuid,nodev,noexec proc "$1/proc"
mount -t tmpfs -o nosuid,mode=755,size=64k tmpfs "$1/dev"
for name in null zero random urandom; do touch "$1/dev/$name"; mount --bind "/dev/$name" "$1/dev/$name"; done
mount --bind "$2" "$1$3"
root=$1 user=$4
shift 4
exec setpriv --no-new-privs --bounding-set=-all,+sys_chroot,+setuid,+setgid --inh-caps=-all --ambient-caps=-all -- \\
    chroot --userspec="$user" --groups= "$root" "$@"
"""


class Image:
    """The program in its root, running as the Dockerfile says."""

    def __init__(self, root, data, environment):
        stage = dockerfile.read()[0][-1]
        self.root, self.environment = root, stage.environment | environment
        self.user, self.check = stage.settings["USER"], stage.settings["HEALTHCHECK"]
        (volume,) = stage.settings["VOLUME"]
        spaces = ["--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child=TERM"]
        inside = ["/bin/sh", "-c", INSIDE, "image", str(root), str(data), volume, self.user]
        command = ["unshare", *spaces, *inside, *stage.settings["ENTRYPOINT"], *stage.settings["CMD"]]
        with open(data.parent / "log", "wb") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)

    def pid(self):
        """Of the program itself, child of unshare."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0]) if children else None

    def run(self, *command):
        """Another process in the same container, as the engine runs health checks."""
        enter = ["nsenter", f"--target={self.pid()}", "--mount", "--pid", "--ipc", "--uts", "setpriv", "--no-new-privs"]
        enter += ["chroot", f"--userspec={self.user}", "--groups=", str(self.root)]
        done = subprocess.run([*enter, *command], env=self.environment, capture_output=True, text=True)
        return done.returncode, (done.stdout + done.stderr).strip()

    def await_health(self):
        deadline = time.monotonic() + READY_SECONDS
        while True:
            if self.process.poll() is not None:
                raise RuntimeError("the program ended before it was ready")
            code, said = self.run(*self.check) if self.pid() else (1, "it has not begun")
            if code == 0:
                return said
            if time.monotonic() > deadline:
                raise RuntimeError(f"it did not get ready: {said}")
            time.sleep(0.05)

    def stop(self):
        os.kill(self.pid(), signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)


def free_ports(count):
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [str(one.getsockname()[1]) for one in sockets]


def environment_of(ports):
    """Beside that of the Dockerfile: ports that are free here, on loopback alone, since no engine is around it."""
    rest, grpc, metrics = ports
    at = {f"PRODUCTD_{section}_ADDRESS": "127.0.0.1" for section in ("HTTP", "SERVER", "METRICS")}
    path = "/usr/sbin:/usr/bin:/sbin:/bin"  # Of those that set the container up.
    return {"PATH": path, "HTTP_PORT": rest, "GRPC_PORT": grpc, "PRODUCTD_METRICS_PORT": metrics, **at}


def curl(data, port, *more):
    """What a client outside sees."""
    command = ["curl", "--silent", "--show-error", "--fail", "--cacert", str(data / "tls/server.crt"), *more]
    return subprocess.run(
        [*command, f"https://localhost:{port}/api/v1/products"], check=True, capture_output=True, text=True
    ).stdout


def status_of(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def problems_of(image, root):
    """What is not as a container must be."""
    status = status_of(image.pid())
    if status["Uid"].split() != [str(image_root.USER)] * 4:
        yield f"it runs as {status['Uid']}"
    for kind in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
        if int(status[kind], 16):
            yield f"it has capabilities: {kind} {status[kind]}"
    for line in pathlib.Path(f"/proc/{image.pid()}/mountinfo").read_text().splitlines():
        place, options = line.split()[4:6]  # As the process sees them: / is its root.
        if options.startswith("rw") and place != "/data" and not place.startswith(("/proc", "/dev")):
            yield f"{place} can be written"
    if status["NoNewPrivs"] != "1":
        yield "it can get new privileges"
    for name in ("bin/sh", "usr/bin/sh", "usr/bin/bash", "usr/bin/env", "usr/bin/dpkg"):
        if (root / name).exists():
            yield f"there is a {name} in it"
    code, said = image.run("/bin/sh", "-c", "true")
    if code == 0:
        yield "a shell can be run in it"


def look_at(image, folder, ports):
    """(what was seen, what is wrong)"""
    seen = [f"health: {image.await_health()}"]
    product = '{"name":"Chair","description":"A wooden chair","price":10.5,"quantity":3,"rating":5}'
    made = curl(folder / "data", ports[0], "-H", "Content-Type: application/json", "-d", product)
    seen.append(f"curl: {made.strip()}")
    wrong = list(problems_of(image, folder / "root"))
    if '"Chair"' not in made:
        wrong.append("the product was not made")
    code = image.stop()
    seen.append(f"stopped: exit code {code}")
    if code:
        wrong.append("it did not stop in order")
    return seen, wrong


def attempt(folder):
    """With the root in `folder`."""
    (folder / "data").mkdir(mode=0o700)
    os.chown(folder / "data", image_root.USER, image_root.USER)
    folder.chmod(0o755)
    ports = free_ports(3)
    image = Image(folder / "root", folder / "data", environment_of(ports))
    try:
        return look_at(image, folder, ports)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        log = (folder / "log").read_text(errors="replace")[-2_000:]
        return [], [f"{error}\n{getattr(error, 'stderr', '') or ''}{log}"]
    finally:
        image.process.kill()
        image.process.wait()


def main(program):
    if os.geteuid() != 0:
        print("image: needs root, for mounts and chroot", file=sys.stderr)
        return 1
    folder = pathlib.Path(tempfile.mkdtemp(prefix="productd-image-"))
    try:
        image_root.make(pathlib.Path(program).resolve(), folder / "root")
        seen, wrong = attempt(folder)
    finally:
        shutil.rmtree(folder)
    return tell(seen, wrong)


def tell(seen, wrong):
    for line in seen:
        print(f"image: {line}")
    for line in wrong:
        print(f"image: WRONG: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:] or [ROOT / "build/release/productd"]))
