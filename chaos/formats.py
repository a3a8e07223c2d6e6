# What the service writes, read without its code: the metadata of commits, the history of products and times.
from datetime import datetime, timedelta

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def finished_above(commit, metadata):
    """The offsets a commit says are finished above it; nothing for metadata of another format. Whether its checksum holds
    is not asked: what is unsafe is so whoever would refuse it, and the oracle moves the commits of a second life."""
    kind, _, text = metadata.partition(";")
    text = text.split(";", 2)[-1]
    found, last = set(), commit
    if kind == "3":
        for part in filter(None, text.split(",")):
            gap, length = map(int, part.split("+"))
            found.update(range(last + gap, last + gap + length))
            last += gap + length
    elif kind == "4":
        for at, character in enumerate(text):
            bits = ALPHABET.index(character)
            found.update(commit + 6 * at + bit for bit in range(6) if bits >> bit & 1)
    return found


class Reader:
    """LEB128 numbers and texts, one behind the other."""

    def __init__(self, blob):
        self.blob, self.at = blob, 0

    def byte(self):
        self.at += 1
        return self.blob[self.at - 1]

    def number(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def signed(self):
        value = self.number()
        return value >> 1 ^ -(value & 1)

    def text(self):
        length = self.number()
        self.at += length
        return self.blob[self.at - length : self.at].decode()


def fences(history):
    """{(topic, partition): (offset, read up to)} of a row's history: SQLite's bytes, or MongoDB's document."""
    if not history:
        return {}
    if isinstance(history, dict):
        return {(f["topic"], f["partition"]): (f["offset"], milliseconds(f["readUpTo"])) for f in history["fences"]}
    reader = Reader(history)
    form = reader.byte()
    if form not in (1, 2):
        raise ValueError("a history of an unknown format")
    if reader.byte():
        reader.at += 32
    if form == 2:
        reader.signed()  # When a product made again had been deleted.
    found = {}
    for _ in range(reader.number()):
        topic, partition = reader.text(), reader.signed()
        found[topic, partition] = reader.signed(), reader.signed()
    return found


def milliseconds(date):
    """Since 1970, of a date of BSON; nothing of none."""
    return None if date is None else (date - datetime(1970, 1, 1)) // timedelta(milliseconds=1)
