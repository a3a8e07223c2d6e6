#!/usr/bin/python3
# The servers some tests need, run natively on loopback: stack.py up | down | status | port [NAME...]
# Each has a folder under build/stack with its data, its log, its pid and its port, and is stopped by its own pid.
# STACK_SMALL=1 is the smaller stack, in build/stack-small, with one of each.
# The port is free; PRODUCTD_STACK_<NAME>_PORT names another. A name is a server's, or `kafka` for kafka1 to kafka3 and
# `mongodb` for mongodb1 to mongodb3, of which two must be started together. `port kafka1 --listener secure` is the
# port that asks for a password, `port jaeger --listener otlp` takes traces. A new server is one row in stack_rows.py.
import argparse
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

import stack_status
from stack_rows import KNOWN, SERVERS, chosen_servers, named  # noqa: F401: others ask here for them
from stack_servers import STACK

READY_SECONDS = 60


class Running:
    """One server's folder, and whether its process lives."""

    def __init__(self, server, root=STACK):
        self.server = server
        self.folder = root / server.name
        self.state_file = self.folder / "state.json"

    def state(self):
        """{pid, port, started} of the live process, or nothing. The start time tells it from a later one of its pid.
        A server with more listeners has their ports here too: secure_port."""
        try:
            state = json.loads(self.state_file.read_text())
        except (OSError, ValueError):
            return None
        return state if started_at(state["pid"]) == state["started"] else None

    def answers(self):
        state = self.state()
        return bool(state) and answers(self.server, self.folder, state["port"])

    def up(self):
        self.await_answer(self.start())
        return self.state()["port"]

    def is_left_out(self):
        """Not installed, and what all others do without; never in CI, where all that can be tested is."""
        return self.server.optional and not os.environ.get("CI") and not os.access(self.server.program, os.X_OK)

    def start(self):
        """The process, which may not answer yet; nothing when it ran before and answers."""
        if self.answers():
            return None
        self.down()
        if not os.access(self.server.program, os.X_OK):
            raise RuntimeError(f"{self.server.name} is not installed; run {self.server.install}")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.server.prepare(self.folder)
        ports = self.ports()
        arguments = self.server.arguments(self.folder, ports["port"])
        with open(self.folder / "log", "ab") as log:
            process = subprocess.Popen(
                arguments,
                executable=self.server.program,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, **self.server.environment},
                start_new_session=True,
            )
        state = {"pid": process.pid, **ports, "started": started_at(process.pid)}
        self.state_file.write_text(json.dumps(state))
        return process

    def await_answer(self, process):
        """Until what start() gave answers; it is stopped when it does not."""
        if process is None:
            return
        port = json.loads(self.state_file.read_text())["port"]
        deadline = time.monotonic() + READY_SECONDS
        try:
            while not answers(self.server, self.folder, port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{self.server.name} did not get ready; see {self.folder / 'log'}")
                self.server.join(self.folder, port)
                time.sleep(0.02)
        except BaseException:
            self.down()  # Nobody else would.
            raise

    def down(self):
        """Stops the process we started; True when there was one."""
        return self.await_end(self.tell_to_stop(), time.monotonic())

    def tell_to_stop(self):
        """Tells the process we started to stop; its state, or nothing when there was none."""
        state = self.state()
        if state:
            with contextlib.suppress(ProcessLookupError):
                os.kill(state["pid"], signal.SIGTERM)
        return state

    def await_end(self, state, since):
        """Until the process of what tell_to_stop() gave is gone, which is killed when it takes too long."""
        while state and started_at(state["pid"]) == state["started"]:
            if time.monotonic() > since + self.server.stop_seconds:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(state["pid"], signal.SIGKILL)
            time.sleep(0.02)
        self.state_file.unlink(missing_ok=True)
        return bool(state)

    def ports(self):
        if self.server.ports:
            return self.server.ports(self.folder)
        configured = os.environ.get(f"PRODUCTD_STACK_{self.server.name.upper()}_PORT")
        if configured:
            return {"port": int(configured)}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return {"port": free.getsockname()[1]}

    def where(self):
        state = self.state()
        more = {"secure_port": "with TLS and a password", "otlp_port": "to traces over OTLP"}
        more |= {"grpc_port": "over gRPC", "metrics_port": "for metrics"}
        others = "".join(f", {how} on 127.0.0.1:{state[key]}" for key, how in more.items() if key in state)
        return f"{self.server.name} answers on 127.0.0.1:{state['port']}{others}"


def started_at(pid):
    """When a process started, in clock ticks after boot; nothing if there is none or it is only waited for. One whose
    first thread has ended has its ports until the last one has."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    state, threads, start = fields[0], int(fields[17]), int(fields[19])
    return None if state == "Z" and threads <= 1 else start


def answers(server, folder, port):
    try:
        return server.ready(folder, port)
    except OSError:
        return False


def say(line):
    print(line, flush=True)


def up(servers, say=say):
    """Starts all, then waits for each, as a broker is not ready without a second one; says which are not."""
    started, failed = [], []
    try:
        for running in servers:
            if running.is_left_out():
                say(f"stack: {running.server.name} IS LEFT OUT: it is not installed; see {running.server.install}")
                continue
            try:
                started.append((running, running.start()))
            except RuntimeError as error:
                failed.append(str(error))
        for running, process in started:
            try:
                running.await_answer(process)
                say(f"stack: {running.where()}")
            except RuntimeError as error:
                failed.append(str(error))
    except BaseException:
        down([running for running, process in started if process])
        raise
    return failed


def down(servers):
    """Tells all to stop, then waits for each, as the last broker has nobody to hand over to; True for what ran. Before that
    it has those end that use the others."""
    users = [running for running in servers if running.server.by_name]
    if 0 < len(users) < len(servers):
        ran = dict(zip(users, down(users)))
        rest = [running for running in servers if running not in ran]
        ran |= zip(rest, down(rest))
        return [ran[running] for running in servers]
    since = time.monotonic()
    states = [running.tell_to_stop() for running in servers]
    return [running.await_end(state, since) for running, state in zip(servers, states)]


def port(running, listener):
    state = running.state() if running.answers() else None
    key = "port" if listener == "plain" else f"{listener}_port"
    if state and key not in state:
        raise RuntimeError(f"{running.server.name} has no listener {listener}")
    return state[key] if state else ""


def act(chosen):
    servers = [Running(server) for server in chosen_servers(chosen.names, chosen.action)]
    if chosen.action == "up":
        return up(servers)
    if chosen.action == "down":
        for running, ran in zip(servers, down(servers)):
            print(f"stack: {running.server.name} {'stopped' if ran else 'was not running'}")
    if chosen.action == "status":
        stack_status.say(servers)
    if chosen.action == "port":
        for running in servers:
            print(port(running, chosen.listener))
    return []


def main():
    options = argparse.ArgumentParser()
    options.add_argument("action", choices=["up", "down", "status", "port"])
    options.add_argument("names", nargs="*", help=f"of {', '.join(s.name for s in KNOWN)}, kafka, mongodb or productd; none: all")
    options.add_argument("--listener", choices=["plain", "secure", "otlp"], default="plain", help="of `port`")
    try:
        failed = act(options.parse_args())
    except RuntimeError as error:
        failed = [str(error)]
    for error in failed:
        print(f"stack: {error}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
