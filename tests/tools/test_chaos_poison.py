# Messages nobody can apply: every kind is in every ledger, and each is judged for itself.
import copy

import made_up_history as made_up
import pytest
from evidence import Evidence
from findings import CORRUPT, LOST
from ledger import Ledger
from oracle import judge
from poison import KINDS
from records import LETTER


def poison_of(ledger):
    return [record for record in ledger.records if record.cls.startswith("poison ")]


@pytest.fixture(scope="module")
def poisoned():
    """One message of each kind, where it was published, and the dead letter it must become."""
    ledger = Ledger(5)
    for name in KINDS:
        *fields, members = ledger.poison(name)
        ledger.add(*fields, **members)
    ledger.stamp(ledger.records, 5000)
    for n, record in enumerate(ledger.records):
        ledger.placed(record, n)
        record.partition = 0
    return ledger, [made_up.letter_of(record, n) for n, record in enumerate(ledger.records)]


def told(ledger, letters):
    found = judge(ledger, Evidence(letters=letters)).found
    return {verdict: lines for verdict, lines in found.items() if lines}


def test_there_are_at_least_twenty_kinds_and_no_two_are_alike(poisoned):
    ledger, _ = poisoned
    assert len(KINDS) >= 20
    looks = {(r.topic, r.key, r.value, len(r.headers), bool(r.ahead)) for r in ledger.records}
    assert len(looks) == len(KINDS)


@pytest.mark.parametrize("seed", range(5))
def test_a_ledger_has_every_kind_whatever_its_seed(seed):
    ledger = Ledger(seed, "poison")
    ledger.fill(300)
    assert {record.cls.removeprefix("poison ") for record in poison_of(ledger)} == set(KINDS)
    assert all(record.expect == LETTER and record.code for record in poison_of(ledger))


def test_letters_of_every_kind_give_no_verdict(poisoned):
    assert told(*poisoned) == {}


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_that_has_no_letter_is_lost_and_that_alone(poisoned, name):
    ledger, letters = poisoned
    at = list(KINDS).index(name)
    found = told(ledger, letters[:at] + letters[at + 1 :])
    assert list(found) == [LOST] and len(found[LOST]) == 1 and f"poison {name} " in found[LOST][0]


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_whose_letter_says_something_else_is_corrupt_and_that_alone(poisoned, name):
    ledger, letters = poisoned
    changed = copy.deepcopy(letters)
    changed[list(KINDS).index(name)].body["payload"] = made_up.written(b"something else")
    found = told(ledger, changed)
    assert list(found) == [CORRUPT] and len(found[CORRUPT]) == 1 and f"poison {name} " in found[CORRUPT][0]
