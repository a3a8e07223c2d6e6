# What the service left behind, read without it: rows of the store and the journal of every write to it (stores.py), the
# group's commits and the dead letters.
import base64
import json
import pathlib
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass, field

from records import DEAD_LETTERS, GROUP

TOLERANCE = 2  # Milliseconds between two processes' readings of one clock.
OFFSET_BITS = 44  # A message's row in log.db is partition id << 44 | offset.


@dataclass
class Row:
    seq: int
    id: str
    version: int
    created_at: int | None
    updated_at: int
    buried_at: int | None
    name: str | None
    description: str | None
    price: float | None
    quantity: int | None
    rating: int | None
    history: bytes | dict | None  # As the store has it.

    @classmethod
    def of(cls, values):
        return cls(values[0], values[1].hex(), *values[2:])


@dataclass
class Letter:
    partition: int
    offset: int
    body: dict

    @property
    def key(self):
        return bytes_of(self.body["key"])

    @property
    def payload(self):
        return bytes_of(self.body["payload"])

    @property
    def headers(self):
        return [(bytes_of(header["name"]), bytes_of(header["value"])) for header in self.body["headers"]]


@dataclass
class Snapshot:
    """Where the group stood at one moment, and what had been done by then. `assigned` (of some partitions) and
    `started` (of all) begin a stretch of delivery: what they do not show as finished may be delivered again. At
    `lifted` the fault of one product ends: all others had the time to finish."""

    kind: str  # commit, assigned, started, lifted, killed, stopped or end
    commits: dict  # (topic, partition) → (offset, metadata)
    journal: int
    letters: dict  # partition of the dead letter topic → its end
    product: str = ""  # Whose fault was lifted.


@dataclass
class Evidence:
    journal: list = field(default_factory=list)
    letters: list = field(default_factory=list)
    snapshots: list = field(default_factory=list)  # In the order of time.
    final: list = field(default_factory=list)  # Rows as they are in the end.
    stuck: list = field(default_factory=list)  # Sentences of the runner.


def bytes_of(value):
    """A dead letter's member: text, bytes in base64, or null."""
    if value is None:
        return None
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value.encode()


def commits_of(log):
    """(topic, partition) → the offset the group stands at. Only while the service runs."""
    database = sqlite3.connect(f"file:{log}?mode=ro", uri=True, timeout=20)
    try:
        query = "SELECT topic, partition, next FROM commits JOIN partitions ON id = partition_id WHERE reader = ?"
        return {(topic, partition): next_ for topic, partition, next_ in database.execute(query, (GROUP,))}
    finally:
        database.close()


def copied(file, folder):
    """A copy with its write-ahead log: to look at the original would do the recovery that its service is to do."""
    for suffix in ("", "-wal"):
        if pathlib.Path(f"{file}{suffix}").exists():
            shutil.copyfile(f"{file}{suffix}", folder / f"{file.name}{suffix}")
    return sqlite3.connect(folder / file.name)


def snapshot(data, store, kind):
    """The group's commits and what was done, of a service that does not run."""
    with tempfile.TemporaryDirectory(dir=data.parent) as folder:
        folder = pathlib.Path(folder)
        log = copied(data / "log.db", folder)
        rows = log.execute("SELECT id, topic, partition FROM partitions")
        sources = {id_: (topic, partition) for id_, topic, partition in rows}
        rows = log.execute("SELECT partition_id, next, metadata FROM commits WHERE reader = ?", (GROUP,))
        commits = {sources[id_]: (next_, metadata) for id_, next_, metadata in rows}
        letters = {}
        for id_, (topic, partition) in sources.items():
            if topic == DEAD_LETTERS:
                bounds = (id_ << OFFSET_BITS, id_ + 1 << OFFSET_BITS)
                last = log.execute("SELECT max(id) FROM messages WHERE id >= ? AND id < ?", bounds).fetchone()[0]
                letters[partition] = 0 if last is None else (last & (1 << OFFSET_BITS) - 1) + 1
        log.close()
        end = store.end_at_rest(folder)
    return Snapshot(kind, commits, end, letters)


def read_history(path):
    """The node's own snapshots: each of one partition, or of the moment when a fault was lifted."""
    found = []
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            note = json.loads(line)
        except ValueError:
            continue  # The process ended in the middle of it.
        letters = {int(partition): end for partition, end in note["letters"].items()}
        if note["kind"] == "lifted":
            found.append(Snapshot("lifted", {}, note["journal"], letters, note["product"]))
            continue
        commits = {(note["topic"], note["partition"]): (note["offset"], note["metadata"])}
        found.append(Snapshot(note["kind"], commits, note["journal"], letters))
    return found


def letters_of(lines):
    """Dead letters from the lines of `productd topics read dead-letter-queue --json`."""
    found = []
    for line in lines:
        message = json.loads(line)
        found.append(Letter(message["partition"], message["offset"], json.loads(message["value"])))
    return found
