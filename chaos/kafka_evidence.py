# What a group on real brokers left behind: the records of __consumer_offsets, which bear the broker's time, the dead
# letters, which do too, and the journal of the store, whose clock is the same machine's.
import bisect
import json
import math
import struct

import confluent_kafka

import oplog
from evidence import TOLERANCE, Letter, Snapshot
from kafka_client import offsets_partition
from records import DEAD_LETTERS
from stores import row_of

class Fields:
    """Of a record of __consumer_offsets: big-endian; from version 4 on with compact lengths."""

    def __init__(self, data, at=0, compact=False):
        self.data, self.at, self.compact = data, at, compact

    def number(self, kind):
        value = struct.unpack_from(">" + kind, self.data, self.at)[0]
        self.at += struct.calcsize(kind)
        return value

    def text(self):
        if self.compact:
            size, shift = 0, 0
            while True:
                byte = self.number("B")
                size |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    break
            size -= 1
        else:
            size = self.number("h")
        self.at += max(0, size)
        return self.data[self.at - max(0, size) : self.at].decode()


def committed(value):
    """(offset, metadata) of a commit's value."""
    version = struct.unpack_from(">h", value)[0]
    fields = Fields(value, 2, version >= 4)
    offset = fields.number("q")
    if version >= 3:
        fields.number("i")  # The leader's epoch.
    return offset, fields.text()


def generation(value):
    version = struct.unpack_from(">h", value)[0]
    fields = Fields(value, 2, version >= 4)
    fields.text()
    return fields.number("i")


def group_history(client, prefix):
    """[(kind, broker's time, what)] in the order of the log: commits, ends of commits (their topic is gone) and
    generations of the group."""
    found = []
    for message in client.read("__consumer_offsets", [offsets_partition(client.group)]):
        fields = Fields(message.key())
        version = fields.number("h")
        if version > 2 or fields.text() != client.group:
            continue
        time, value = message.timestamp()[1], message.value()
        if version == 2:
            if value is not None:
                found.append(("generation", time, generation(value)))
            continue
        topic, partition = fields.text().removeprefix(prefix), fields.number("i")
        if value is None:
            found.append(("gone", time, (topic, partition)))
        else:
            found.append(("commit", time, ((topic, partition), *committed(value))))
    return found


class Times:
    """How far the journal and the dead letters had come at a time."""

    def __init__(self, journal, letters):
        self.journal_times = [time for time, _ in journal]
        self.places = [place for _, place in journal]
        self.letters = {}
        for time, partition, offset in letters:
            self.letters.setdefault(partition, []).append((offset, time))

    def place(self, time):
        at = bisect.bisect_right(self.journal_times, time + TOLERANCE)
        return self.places[at - 1] if at else 0

    def letter_ends(self, time):
        return {
            partition: max((offset + 1 for offset, at in written if at <= time + TOLERANCE), default=0)
            for partition, written in self.letters.items()
        }

    def of_place(self, place):
        return self.journal_times[bisect.bisect_left(self.places, place)]

    def of_letter(self, partition, offset):
        return dict(self.letters[partition])[offset]


def snapshots(history, times, lives):
    """The oracle's: each commit alone, and where the group stood at each generation."""
    found, standing, second = [], {}, set()
    for kind, time, what in history:
        ends = times.letter_ends(time)
        if kind == "generation":
            found.append(Snapshot("started", dict(standing), times.place(time), ends))
        elif kind == "gone":
            standing.pop(what, None)
            second.add(what)
        else:
            source, offset, metadata = what
            shift = lives.get(source, 0) if source in second else 0
            standing[source] = (offset + shift, metadata)
            found.append(Snapshot("commit", {source: standing[source]}, times.place(time), ends))
    return found


def read_letters(client, prefix):
    """(letters, [(broker's time, partition, offset)])."""
    letters, times = [], []
    topic = prefix + DEAD_LETTERS
    for message in client.read(topic, client.partitions(topic)):
        kind, time = message.timestamp()
        assert kind == confluent_kafka.TIMESTAMP_LOG_APPEND_TIME, f"{topic} has the producers' times"
        letters.append(Letter(message.partition(), message.offset(), json.loads(message.value())))
        times.append((time, message.partition(), message.offset()))
    return letters, times


def read_journal(store, prefix):
    """(rows, [(time, place)], rows as they are in the end); topics by the names the ledger has."""
    rows, times = [], []
    with store.server.client() as client:
        for at, time, document in oplog.documents(client, store.database):
            if "ballast" in document:
                continue  # Of preload().
            times.append((time, at))
            rows.append(row_of(named(document, prefix), at))
        final = [row_of(named(one, prefix), 0) for one in client[store.database]["products"].find({"ballast": None})]
    return rows, in_order(times), final


def in_order(times):
    """Writes at the same moment read the clock in any order, some milliseconds apart: an earlier one counts as made at
    the latest when a later one was."""
    ordered, earliest = [], math.inf
    for time, place in reversed(times):
        earliest = min(earliest, time)
        ordered.append((earliest, place))
    return ordered[::-1]


def named(document, prefix):
    for fence in (document.get("history") or {}).get("fences", []):
        fence["topic"] = fence["topic"].removeprefix(prefix)
    return document


def redelivered(ledger, settled, found, times):
    """How many messages had an effect or a letter before a generation began that no commit of then shows: these were
    delivered again. Counted once for each such generation."""
    from formats import finished_above

    count = 0
    by_source = ledger.by_source()
    for snapshot in (one for one in found if one.kind == "started"):
        for source, records in by_source.items():
            # A topic made anew has no commits, and of its messages before nothing comes any more.
            offset, metadata = snapshot.commits.get(source, (ledger.lives.get(source, 0), ""))
            above = finished_above(offset, metadata)
            for record in records[offset:]:
                place = settled.get(record.id)
                is_done = place and place[0] == "journal" and place[1] <= snapshot.journal
                count += bool(is_done and record.offset not in above)
    return count
