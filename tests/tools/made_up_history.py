# A small history as the service would leave it behind, for the tests of the oracle: clean, to be damaged.
import base64
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "chaos"))
from evidence import Evidence, Letter, Row, Snapshot
from ledger import Ledger
from oracle import judge
from records import CREATE, EFFECT, LETTER, UPDATE, content

PRODUCT = "0" * 23 + "3"  # Partition 0.


def number(value):
    """LEB128, zigzag."""
    value, out = value << 1, b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def history(*seen):
    """A row's history with these fences: topic, offset, time."""
    blob = bytes([1, 0, len(seen)])
    for topic, offset, time in seen:
        blob += bytes([len(topic)]) + topic.encode() + number(0) + number(offset) + number(time)
    return blob


def a_ledger():
    """A create, two updates, and a message that must become a dead letter."""
    ledger = Ledger(1)
    for topic, expect, seq in [(CREATE, EFFECT, 0), (UPDATE, EFFECT, 1), (UPDATE, EFFECT, 2)]:
        ledger.add(topic, expect, "plain", PRODUCT, seq, b"")
    ledger.add(UPDATE, LETTER, "poison", None, 0, b"?", partition=0, key=b"k", code="invalid_argument")
    ledger.stamp(ledger.records, 5000)
    for record, offset in zip(ledger.records, [0, 0, 1, 2]):
        ledger.placed(record, offset)
    return ledger


def a_row(ledger, seq, *seen):
    times = [record.time for record in ledger.records]
    members = content(PRODUCT, seq)
    return Row(seq + 1, PRODUCT, seq + 1, times[0], times[seq], None, **members, history=history(*seen))


def written(value):
    """A dead letter's member."""
    return None if value is None else {"base64": base64.b64encode(value).decode()}


def letter_of(record, offset=0):
    """The dead letter that a record must become."""
    body = {"messageId": record.message_id, "topic": record.topic, "partition": record.partition}
    body |= {"offset": record.shown, "code": record.code, "error": f"{record.says}: no"}
    body |= {"key": written(record.key), "payload": written(record.value)}
    headers = [{"name": written(name), "value": written(value)} for name, value in record.headers]
    return Letter(0, offset, body | {"headers": headers})


def clean_evidence(ledger):
    create, first, second = ((r.topic, r.offset, r.time) for r in ledger.records[:3])
    rows = [a_row(ledger, 0, create), a_row(ledger, 1, create, first), a_row(ledger, 2, create, second)]
    end = Snapshot("end", {(CREATE, 0): (1, ""), (UPDATE, 0): (3, "")}, 3, {0: 1})
    return Evidence(rows, [letter_of(ledger.records[3])], [end], rows[-1:])


def verdicts(ledger, evidence):
    return {verdict for verdict, lines in judge(ledger, evidence).found.items() if lines}
