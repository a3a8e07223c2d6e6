# The servers some tests need, run natively on loopback: stack.py up | down | status | port [NAME...]
# Each has a folder under build/stack with its data, its log, its pid and its port, and is stopped by its own pid.
# The port is free and kept over restarts; PRODUCTD_STACK_<NAME>_PORT names another. A new server is one row of SERVERS.
import argparse
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Callable

from sources import ROOT

READY_SECONDS = 30


@dataclass(frozen=True)
class Server:
    name: str
    program: str  # The file that is run; absent means not installed.
    arguments: Callable[[pathlib.Path, int], list]  # (folder, port) → argv, the first as the program is to be called
    ready: Callable[[int], bool]  # (port) → it answers
    install: str  # What to do when the program is absent.
    prepare: Callable[[], None] = lambda: None  # Fetches what it needs besides; quick when it is there.


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


MONGODB = ROOT / "tools/stack_mongodb"
MONGODB_LIBS = ROOT / "build/stack-libs/mongodb"


def mongodb_prepare():
    # All or nothing: a fetch that was broken off leaves no folder that looks whole.
    if MONGODB_LIBS.exists():
        return
    print("stack: fetching the server of MongoDB's protocol", flush=True)
    part = MONGODB_LIBS.with_suffix(".part")
    command = ["mvn", "-q", "-B", "-f", MONGODB / "pom.xml", "dependency:copy-dependencies", f"-DoutputDirectory={part}"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"Maven could not fetch the server of MongoDB's protocol: {done.stdout[-500:]}")
    part.rename(MONGODB_LIBS)


def mongodb_arguments(folder, port):
    return ["java", "-Xmx768m", "-cp", f"{MONGODB_LIBS}/*", str(MONGODB / "Main.java"), str(port)]


def mongodb_ready(port):
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True


SERVERS = [
    Server("redis", "/usr/bin/redis-check-rdb", redis_arguments, redis_ready, "tools/setup.sh stack"),
    Server("mongodb", "/usr/bin/java", mongodb_arguments, mongodb_ready, "tools/setup.sh stack", mongodb_prepare),
]


def named(name):
    return next(server for server in SERVERS if server.name == name)


class Running:
    """One server's folder, and whether its process lives."""

    def __init__(self, server, root=ROOT / "build/stack"):
        self.server = server
        self.folder = root / server.name
        self.state_file = self.folder / "state.json"

    def state(self):
        """{pid, port, started} of the live process, or nothing. The start time tells it from a later one of its pid."""
        try:
            state = json.loads(self.state_file.read_text())
        except (OSError, ValueError):
            return None
        return state if started_at(state["pid"]) == state["started"] else None

    def answers(self):
        state = self.state()
        return bool(state) and answers(self.server, state["port"])

    def up(self):
        if self.answers():
            return self.state()["port"]
        self.down()
        if not os.access(self.server.program, os.X_OK):
            raise RuntimeError(f"{self.server.name} is not installed; run {self.server.install}")
        self.server.prepare()
        self.folder.mkdir(parents=True, exist_ok=True)
        port = self.port()
        arguments = self.server.arguments(self.folder, port)
        with open(self.folder / "log", "ab") as log:
            process = subprocess.Popen(
                arguments,
                executable=self.server.program,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )
        state = {"pid": process.pid, "port": port, "started": started_at(process.pid)}
        self.state_file.write_text(json.dumps(state))
        try:
            self.await_answer(process, port)
        except BaseException:
            self.down()  # Nobody else would.
            raise
        return port

    def await_answer(self, process, port):
        deadline = time.monotonic() + READY_SECONDS
        while not answers(self.server, port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.server.name} did not get ready; see {self.folder / 'log'}")
            time.sleep(0.02)

    def down(self):
        """Stops the process we started; True when there was one."""
        state = self.state()
        if state:
            os.kill(state["pid"], signal.SIGTERM)
            deadline = time.monotonic() + READY_SECONDS
            while started_at(state["pid"]) == state["started"]:
                if time.monotonic() > deadline:
                    os.kill(state["pid"], signal.SIGKILL)
                time.sleep(0.02)
        self.state_file.unlink(missing_ok=True)
        return bool(state)

    def port(self):
        configured = os.environ.get(f"PRODUCTD_STACK_{self.server.name.upper()}_PORT")
        if configured:
            return int(configured)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return free.getsockname()[1]


def started_at(pid):
    """When a process started, in clock ticks after boot; nothing if there is none or it is only waited for."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def answers(server, port):
    try:
        return server.ready(port)
    except OSError:
        return False


def main():
    options = argparse.ArgumentParser()
    options.add_argument("action", choices=["up", "down", "status", "port"])
    options.add_argument("names", nargs="*", help=f"of {', '.join(s.name for s in SERVERS)}; none: all")
    chosen = options.parse_args()
    code = 0
    for server in [s for s in SERVERS if not chosen.names or s.name in chosen.names]:
        running = Running(server)
        try:
            if chosen.action == "port":
                print(running.state()["port"] if running.answers() else "")
            elif chosen.action == "up":
                print(f"stack: {server.name} answers on 127.0.0.1:{running.up()}")
            elif chosen.action == "down":
                print(f"stack: {server.name} {'stopped' if running.down() else 'was not running'}")
            else:
                where = (
                    f"answers on 127.0.0.1:{running.state()['port']}"
                    if running.answers()
                    else "IS NOT RUNNING (make stack-up)"
                )
                print(f"stack: {server.name} {where}")
        except RuntimeError as error:
            print(f"stack: {error}", file=sys.stderr)
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
