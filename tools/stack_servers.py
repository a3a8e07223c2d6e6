# What a server of tools/stack.py is, and the rows of Redis and of MongoDB's protocol; Kafka's are in stack_kafka.py.
import pathlib
import socket
import subprocess
from dataclasses import dataclass
from typing import Callable

from sources import ROOT

LIBS = ROOT / "build/stack-libs"


@dataclass(frozen=True)
class Server:
    name: str
    program: str  # The file that is run; absent means not installed.
    arguments: Callable[[pathlib.Path, int], list]  # (folder, port) → argv, the first as the program is to be called
    ready: Callable[[int], bool]  # (port) → it answers
    install: str  # What to do when the program is absent.
    prepare: Callable[[pathlib.Path], None] = lambda folder: None  # Fetches or makes what it needs; quick when there.
    ports: Callable[[pathlib.Path], dict] | None = None  # (folder) → {"port": …, "secure_port": …}; else one, free.
    stop_seconds: int = 30  # What it has to stop in before it is killed.


def fetch(name, what):
    """The jars of tools/stack_NAME/pom.xml, all or nothing: one broken off leaves no folder that looks whole."""
    libs = LIBS / name
    if libs.exists():
        return
    print(f"stack: fetching {what}", flush=True)
    part = libs.with_suffix(".part")
    pom = ROOT / f"tools/stack_{name}/pom.xml"
    command = ["mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={part}"]
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


def redis_ready(port):
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")


def mongodb_prepare(_):
    fetch("mongodb", "the server of MongoDB's protocol")


def mongodb_arguments(folder, port):
    main = ROOT / "tools/stack_mongodb/Main.java"
    return ["java", "-Xmx768m", "-cp", f"{LIBS / 'mongodb'}/*", str(main), str(port)]


def mongodb_ready(port):
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
