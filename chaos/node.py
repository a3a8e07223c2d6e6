# Runs what is judged: the node of chaos/node, and the real service.
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import time

from evidence import Snapshot, commits_of, letters_of, read_history, snapshot

ROOT = pathlib.Path(__file__).resolve().parents[1]
RELEASE = ROOT / "build/release"
SERVICE = RELEASE / "productd"
STOPPED = 4  # How the node ends that was to stop with work left.
# What a developer has set for a service of his own must not reach ours.
ENVIRONMENT = {
    k: v for k, v in os.environ.items() if not k.startswith("PRODUCTD_") and k not in ("HTTP_PORT", "GRPC_PORT", "MODE")
}


def node_binary(mutant=None):
    return RELEASE / "chaos/node" / (f"chaos_node_{mutant}" if mutant else "chaos_node")


def completed(command, limit, meanwhile):
    """As subprocess.run() with what it said, while `meanwhile` is done."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            if meanwhile:
                meanwhile()
            said = process.communicate(timeout=limit)
        finally:
            if process.poll() is None:
                process.kill()
    return subprocess.CompletedProcess(command, process.returncode, *said)


class Stage:
    """One data folder, with a ledger's messages in it, and a store with a journal beside its products.
    `open_store`: makes it of the data folder."""

    def __init__(self, folder, ledger, open_store, mutant=None):
        self.folder, self.ledger, self.binary = folder, ledger, node_binary(mutant)
        self.data, self.history = folder / "data", folder / "history.ndjson"
        self.kills, self.stops, self.published = 0, 0, 0
        self.stuck, self.snapshots = [], []
        self.told = {}  # What the last life that ended by itself counted.
        self.unproven = []  # What was to happen to the service and did not.
        folder.mkdir(parents=True)
        self.store = open_store(self.data)

    def publish(self):
        """Publishes what the ledger has made since the last time, and notes where each message stands."""
        records = self.ledger.records[self.published :]
        self.ledger.stamp(records, int(time.time() * 1000))
        lines = "\n".join(record.line() for record in records)
        command = [node_binary(), "publish", "--data", self.data]
        done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
        positions = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(positions) == len(records), (len(positions), len(records))
        for record, position in zip(records, positions):
            assert position["partition"] == record.partition
            self.ledger.placed(record, position["offset"])
        if not self.published:
            self.store.prepare()
        self.published = len(self.ledger.records)

    def run(self, flags, limit=900, meanwhile=None):
        """One life of the node; True when it ended by itself, with all done. `meanwhile` is called while it runs."""
        command = [self.binary, "run", "--data", self.data, "--history", self.history]
        command += map(str, [*self.store.flags, *flags])
        try:
            done = completed(command, limit, meanwhile)
        except subprocess.TimeoutExpired:
            self.stuck.append(f"the node did not end within {limit} s: {' '.join(map(str, flags))}")
            return False
        if done.returncode in (-signal.SIGKILL, STOPPED):
            was_killed = done.returncode != STOPPED
            self.kills += was_killed
            self.stops += not was_killed
            self.snapshots.append(self.snapshot("killed" if was_killed else "stopped"))
            return False
        if done.returncode:
            said = done.stdout.strip() + done.stderr[-2000:].strip()
            self.stuck.append(f"the node ended with {done.returncode}: {said}")
            return False
        self.told = json.loads(done.stdout)
        return True

    def snapshot(self, kind):
        """The group's commits and what was done, of a service that does not run."""
        return snapshot(self.data, self.store, kind)

    def ended(self, code, how):
        """Notes how a life of the service ended."""
        self.kills += how == signal.SIGKILL
        self.stops += how == signal.SIGTERM
        if code != (0 if how == signal.SIGTERM else -how):
            self.stuck.append(f"the service ended with {code} by {how.name}")

    def need(self, *counts):
        """Without these the scenario has not done what it is for."""
        told = self.told | self.link_counts()
        self.unproven += [f"{count} is 0" for count in counts if not told.get(count)]

    def link_counts(self):
        """What was done to the connections of the store."""
        return dict(self.store.link.counts) if self.store.link else {}

    def forget_commits(self):
        """All is delivered again to the next life."""
        with sqlite3.connect(self.data / "log.db") as log:
            log.execute("DELETE FROM commits")
        log.close()

    def is_finished(self):
        """Whether all that was published is. Only while the service runs."""
        commits = commits_of(self.data / "log.db")
        return all(commits.get(source, 0) >= len(records) for source, records in self.ledger.by_source().items())

    def settle(self, evidence):
        """Fills in what is read once nothing runs any more."""
        if self.store.link:
            self.store.link.settle()
        evidence.journal, evidence.final = self.store.read()
        evidence.snapshots = [*read_history(self.history), *self.snapshots]
        evidence.stuck = self.stuck
        command = [SERVICE, "topics", "read", "dead-letter-queue", "--json", "--data-dir", self.data]
        done = subprocess.run(command, capture_output=True, check=True, env=ENVIRONMENT)
        evidence.letters = letters_of(done.stdout.splitlines())
        last = self.snapshot("end")
        evidence.snapshots.append(last)
        self.left_over(last)

    def left_over(self, last: Snapshot):
        for source, records in self.ledger.by_source().items():
            offset = last.commits.get(source, (0, ""))[0]
            if offset < len(records):
                self.stuck.append(f"{source[0]}/{source[1]} ended at {offset} of {len(records)}")


class Served:
    """The real service over a stage's data folder."""

    def __init__(self, stage, settings):
        self.ready = stage.folder / "ready.json"
        self.ready.unlink(missing_ok=True)
        command = [SERVICE, "serve", "--data-dir", stage.data, "--ready-file", self.ready]
        for port in ("--http-port", "--grpc-port", "--metrics-port"):
            command += [port, "0"]
        self.log = open(stage.folder / "service.log", "ab")
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            cwd=stage.folder,
            env=ENVIRONMENT | stage.store.settings | settings,
        )

    def wait(self, probe, seconds):
        """Whether `probe` became true in time, while the process lives."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.ready.exists() and probe():
                return True
            time.sleep(0.01)
        return False

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait(60)
        self.log.close()
        return self.process.returncode
