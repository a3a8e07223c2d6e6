# What a server of tools/stack.py is, and the row of Redis; the others' are in stack_mongodb.py and stack_kafka.py.
import os
import pathlib
import socket
import subprocess
from dataclasses import dataclass, field
from typing import Callable

from sources import ROOT

LIBS = ROOT / "build/stack-libs"
# The smaller stack has one of each, for a machine with little memory, and folders of its own.
SMALL = bool(os.environ.get("STACK_SMALL"))
STACK = ROOT / ("build/stack-small" if SMALL else "build/stack")


@dataclass(frozen=True)
class Server:
    name: str
    program: str  # The file that is run; absent means not installed.
    arguments: Callable[[pathlib.Path, int], list]  # (folder, port) → argv, the first as the program is to be called
    ready: Callable[[pathlib.Path, int], bool]  # (folder, port) → it answers
    install: str  # What to do when the program is absent.
    prepare: Callable[[pathlib.Path], None] = lambda folder: None  # Fetches or makes what it needs; quick when there.
    ports: Callable[[pathlib.Path], dict] | None = None  # (folder) → {"port": …, "secure_port": …}; else one, free.
    stop_seconds: int = 30  # What it has to stop in before it is killed.
    # (folder, port): makes what runs and is not ready a member of its group; called until it is ready.
    join: Callable[[pathlib.Path, int], None] = lambda folder, port: None
    environment: dict = field(default_factory=dict)  # Beside what is inherited.
    optional: bool = False  # Absent it is left out, loudly; in CI that fails.
    by_name: bool = False  # Started only when it is named.


def fetch(name, what, libs=None, properties=()):
    """The jars of tools/stack_NAME/pom.xml, all or nothing: one broken off leaves no folder that looks whole."""
    libs = libs or LIBS / name
    if libs.exists():
        return
    print(f"stack: fetching {what}", flush=True)
    part = libs.with_name(f"{libs.name}.part")
    pom = ROOT / f"tools/stack_{name}/pom.xml"
    command = ["mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={part}", *properties]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"Maven could not fetch {what}: {done.stdout[-500:]}")
    part.rename(libs)


def redis_arguments(folder, port):
    # Debian's redis-tools ships the server's program as redis-check-rdb; it looks at the name it is called by.
    return [
        "redis-server",
        "--bind",
        "127.0.0.1",
        "--port",
        str(port),
        "--dir",
        str(folder),
        "--save",
        "",
        "--appendonly",
        "no",
        "--daemonize",
        "no",
        "--maxmemory",
        "256mb",
        "--databases",
        "1000",
    ]


def redis_ready(_, port):
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # What waits after a close does not count.
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def keystore(store, trusted):
    """A key and its certificate for 127.0.0.1, made once; `trusted` is what clients have to trust."""
    if not store.exists():
        key = store.with_suffix(".part")
        names = ["-subj", "/CN=productd's stack", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", *names]
        subprocess.run([*command, "-keyout", key, "-out", trusted], check=True, capture_output=True)
        key.write_text(key.read_text() + trusted.read_text())
        key.rename(store)
    return store
