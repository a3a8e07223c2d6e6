# The oracle itself: made-up histories, each of which must give its verdict, and a clean one that must give none.
import copy
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/chaos"))
from evidence import Evidence, Letter, Row, Snapshot
from formats import fences, finished_above
from findings import CORRUPT, DOUBLED, LOST, REORDERED, STUCK, UNSAFE
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
    ledger.add(UPDATE, LETTER, "poison", None, 0, b"?", partition=0, code="invalid_argument")
    ledger.stamp(ledger.records, 5000)
    for record, offset in zip(ledger.records, [0, 0, 1, 2]):
        ledger.placed(record, offset)
    return ledger


def a_row(ledger, seq, *seen):
    times = [record.time for record in ledger.records]
    members = content(PRODUCT, seq)
    return Row(seq + 1, PRODUCT, seq + 1, times[0], times[seq], None, **members, history=history(*seen))


def a_letter(ledger, offset=0):
    body = {"messageId": ledger.records[3].message_id, "code": "invalid_argument", "error": "no"}
    return Letter(0, offset, body | {"payload": "?", "headers": []})


@pytest.fixture
def ledger():
    return a_ledger()


@pytest.fixture
def clean(ledger):
    create, first, second = ((r.topic, r.offset, r.time) for r in ledger.records[:3])
    rows = [a_row(ledger, 0, create), a_row(ledger, 1, create, first), a_row(ledger, 2, create, second)]
    end = Snapshot("end", {(CREATE, 0): (1, ""), (UPDATE, 0): (3, "")}, 3, {0: 1})
    return Evidence(rows, [a_letter(ledger)], [end], rows[-1:])


def verdicts(ledger, evidence):
    return {verdict for verdict, lines in judge(ledger, evidence).found.items() if lines}


def test_a_clean_history_gives_no_verdict(ledger, clean):
    assert verdicts(ledger, clean) == set()


def test_a_change_without_effect_is_lost(ledger, clean):
    clean.journal, clean.final = clean.journal[:2], clean.journal[1:2]
    assert LOST in verdicts(ledger, clean)


def test_a_change_that_was_passed_over_is_lost(ledger, clean):
    del clean.journal[1]
    clean.journal[-1].version = clean.final[0].version = 2
    assert LOST in verdicts(ledger, clean)


def test_a_missing_dead_letter_is_lost(ledger, clean):
    clean.letters = []
    assert LOST in verdicts(ledger, clean)


def test_a_good_message_among_the_dead_letters_is_lost(ledger, clean):
    clean.letters.append(a_letter(ledger, 1))
    clean.letters[-1].body["messageId"] = ledger.records[1].message_id
    assert LOST in verdicts(ledger, clean)


def test_a_version_more_than_there_are_changes_is_doubled(ledger, clean):
    clean.journal.append(copy.copy(clean.journal[-1]))
    clean.journal[-1].version, clean.journal[-1].seq = 4, 4
    clean.final = clean.journal[-1:]
    assert DOUBLED in verdicts(ledger, clean)


def test_a_second_letter_is_doubled_unless_the_message_was_delivered_again(ledger, clean):
    clean.letters.append(a_letter(ledger, 1))
    assert verdicts(ledger, clean) == {DOUBLED}
    clean.snapshots += [Snapshot("started", {}, 0, {}), Snapshot("started", {}, 3, {0: 1})]
    assert verdicts(ledger, clean) == set()


def test_a_sequence_that_goes_backwards_is_reordered(ledger, clean):
    rows = clean.journal
    for member in ("name", "description", "price", "quantity", "rating", "updated_at"):
        first, second = getattr(rows[1], member), getattr(rows[2], member)
        setattr(rows[1], member, second)
        setattr(rows[2], member, first)
    assert verdicts(ledger, clean) == {REORDERED}


@pytest.mark.parametrize("member, value", [("name", "x"), ("price", 9.0), ("updated_at", 1), ("quantity", 7)])
def test_content_that_is_not_the_messages_is_corrupt(ledger, clean, member, value):
    setattr(clean.journal[-1], member, value)
    assert CORRUPT in verdicts(ledger, clean)


def test_a_letter_with_another_payload_is_corrupt(ledger, clean):
    clean.letters[0].body["payload"] = "!"
    assert verdicts(ledger, clean) == {CORRUPT}


def test_a_commit_before_the_work_is_unsafe(ledger, clean):
    clean.snapshots.append(Snapshot("commit", {(UPDATE, 0): (2, "")}, 2, {}))
    assert verdicts(ledger, clean) == {UNSAFE}


def test_a_commit_before_the_letter_is_unsafe(ledger, clean):
    clean.snapshots.append(Snapshot("commit", {(UPDATE, 0): (3, "")}, 3, {0: 0}))
    assert verdicts(ledger, clean) == {UNSAFE}


@pytest.mark.parametrize("metadata", ["1;0;2+1", "2;0;E"])
def test_metadata_that_covers_unfinished_work_is_unsafe(ledger, clean, metadata):
    clean.snapshots.append(Snapshot("commit", {(UPDATE, 0): (0, metadata)}, 3, {}))
    assert verdicts(ledger, clean) == {UNSAFE}


def test_what_the_runner_saw_not_end_is_stuck(ledger, clean):
    clean.stuck.append("the node did not end")
    assert verdicts(ledger, clean) == {STUCK}


def test_both_formats_of_metadata_are_read():
    assert finished_above(10, "1;5;1+2,3+1") == {11, 12, 16}
    assert finished_above(10, "2;5;GB") == {11, 12, 16}
    assert finished_above(10, "another's") == set()


def test_fences_are_read_from_a_history():
    assert fences(history((CREATE, 300, 70_000))) == {(CREATE, 0): (300, 70_000)}
    assert fences(None) == {}


def test_a_seed_makes_the_same_messages():
    def lines(seed):
        ledger = Ledger(seed, "x")
        ledger.fill(500)
        return [record.line() for record in ledger.records]

    assert lines(7) == lines(7) != lines(8)
