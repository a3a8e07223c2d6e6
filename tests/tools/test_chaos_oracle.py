# The oracle itself: made-up histories, each of which must give its verdict, and a clean one that must give none.
import copy
import hashlib

import made_up_history as made_up
import pytest
from made_up_history import PRODUCT, verdicts
from evidence import Snapshot
from findings import CORRUPT, DOUBLED, LOST, REORDERED, STUCK, UNSAFE, VERDICTS
from formats import fences, finished_above
from records import CREATE, NONE, UPDATE


@pytest.fixture
def ledger():
    return made_up.a_ledger()


@pytest.fixture
def clean(ledger):
    return made_up.clean_evidence(ledger)


def test_a_clean_history_gives_no_verdict(ledger, clean):
    assert verdicts(ledger, clean) == set()


def lose(evidence):
    evidence.journal, evidence.final = evidence.journal[:2], evidence.journal[1:2]


def double(evidence):
    evidence.letters.append(copy.copy(evidence.letters[0]))


def reorder(evidence):
    """The two updates change places, and all of their content with them."""
    first, second = evidence.journal[1:]
    for member in ("name", "description", "price", "quantity", "rating", "updated_at"):
        one, other = getattr(first, member), getattr(second, member)
        setattr(first, member, other)
        setattr(second, member, one)


def corrupt(evidence):
    evidence.final[0].price = 9.0


def commit_early(evidence):
    evidence.snapshots.append(Snapshot("commit", {(UPDATE, 0): (2, "")}, 2, {}))


def stand_still(evidence):
    evidence.stuck.append("the node did not end")


DAMAGE = {
    LOST: lose,
    DOUBLED: double,
    REORDERED: reorder,
    CORRUPT: corrupt,
    UNSAFE: commit_early,
    STUCK: stand_still,
}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_each_verdict_is_given_for_its_damage_and_not_without(ledger, clean, verdict):
    assert verdicts(ledger, clean) == set()
    DAMAGE[verdict](clean)
    assert verdict in verdicts(ledger, clean)


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
    clean.letters.append(made_up.letter_of(ledger.records[1], 1))
    assert LOST in verdicts(ledger, clean)


def test_a_version_more_than_there_are_changes_is_doubled(ledger, clean):
    clean.journal.append(copy.copy(clean.journal[-1]))
    clean.journal[-1].version, clean.journal[-1].seq = 4, 4
    clean.final = clean.journal[-1:]
    assert DOUBLED in verdicts(ledger, clean)


def test_a_second_letter_is_doubled_unless_the_message_was_delivered_again(ledger, clean):
    clean.letters.append(made_up.letter_of(ledger.records[3], 1))
    assert verdicts(ledger, clean) == {DOUBLED}
    clean.snapshots += [Snapshot("started", {}, 0, {}), Snapshot("started", {}, 3, {0: 1})]
    assert verdicts(ledger, clean) == set()


def test_the_workers_own_record_is_nobodys_and_its_like_with_content_is_corrupt(ledger, clean):
    own = copy.copy(clean.journal[-1])
    own.seq, own.id, own.buried_at, own.history = 99, "70726f62" + "0" * 16, 1, b""
    clean.journal.append(own)
    assert verdicts(ledger, clean) == set()
    own.buried_at = None
    assert verdicts(ledger, clean) == {CORRUPT}


def test_a_sequence_that_goes_backwards_is_reordered(ledger, clean):
    reorder(clean)
    assert verdicts(ledger, clean) == {REORDERED}


@pytest.mark.parametrize("member, value", [("name", "x"), ("price", 9.0), ("updated_at", 1), ("quantity", 7)])
def test_content_that_is_not_the_messages_is_corrupt(ledger, clean, member, value):
    setattr(clean.journal[-1], member, value)
    assert CORRUPT in verdicts(ledger, clean)


@pytest.mark.parametrize(
    "member, value",
    [
        ("payload", "!"),
        ("key", None),
        ("headers", [{"name": "a", "value": "b"}]),
        ("topic", CREATE),
        ("partition", 1),
        ("offset", 1),
        ("code", "not_found"),
    ],
)
def test_a_letter_that_is_not_its_messages_is_corrupt(ledger, clean, member, value):
    clean.letters[0].body[member] = value
    assert verdicts(ledger, clean) == {CORRUPT}


def test_a_letter_must_name_what_is_wrong_where_the_ledger_says_so(ledger, clean):
    ledger.records[3].says = "bad_time"
    assert verdicts(ledger, clean) == {CORRUPT}
    clean.letters[0].body["error"] = "bad_time: the message's time is more than an hour ahead."
    assert verdicts(ledger, clean) == set()


@pytest.mark.parametrize("value, found", [(b"?", set()), (b"!", {CORRUPT})])
def test_a_cut_letter_has_the_digest_of_what_was_published(ledger, clean, value, found):
    cut = {"payload": None, "headers": [], "truncated": True}
    clean.letters[0].body |= cut | {"payloadBytes": 1, "payloadSha256": hashlib.sha256(value).hexdigest()}
    assert verdicts(ledger, clean) == found


def test_a_commit_before_the_work_is_unsafe(ledger, clean):
    clean.snapshots.append(Snapshot("commit", {(UPDATE, 0): (2, "")}, 2, {}))
    assert verdicts(ledger, clean) == {UNSAFE}


def test_a_commit_before_the_letter_is_unsafe(ledger, clean):
    clean.snapshots.append(Snapshot("commit", {(UPDATE, 0): (3, "")}, 3, {0: 0}))
    assert verdicts(ledger, clean) == {UNSAFE}


@pytest.mark.parametrize("metadata", ["3;01234567;0;2+1", "4;01234567;0;E"])
def test_metadata_that_covers_unfinished_work_is_unsafe(ledger, clean, metadata):
    clean.snapshots.append(Snapshot("commit", {(UPDATE, 0): (0, metadata)}, 3, {}))
    assert verdicts(ledger, clean) == {UNSAFE}


def test_what_the_runner_saw_not_end_is_stuck(ledger, clean):
    clean.stuck.append("the node did not end")
    assert verdicts(ledger, clean) == {STUCK}


@pytest.mark.parametrize("journal, letters, found", [(3, {0: 1}, set()), (2, {0: 1}, {STUCK}), (3, {0: 0}, {STUCK})])
def test_what_was_unfinished_when_anothers_fault_was_lifted_is_stuck(ledger, clean, journal, letters, found):
    clean.snapshots.insert(0, Snapshot("lifted", {}, journal, letters, "another"))
    assert verdicts(ledger, clean) == found


def test_the_product_that_could_not_be_written_may_be_unfinished_then(ledger, clean):
    clean.snapshots.insert(0, Snapshot("lifted", {}, 0, {0: 1}, PRODUCT))
    assert verdicts(ledger, clean) == set()


def test_what_is_written_behind_the_product_that_must_end_last_is_stuck(ledger, clean):
    ledger.ends_last = PRODUCT
    assert verdicts(ledger, clean) == set()
    ledger.ends_last = "another"
    assert verdicts(ledger, clean) == {STUCK}


def test_an_update_that_a_deletion_overtook_and_that_has_an_effect_is_doubled(ledger, clean):
    ledger.records[2].expect = NONE
    assert DOUBLED in verdicts(ledger, clean)


def test_both_formats_of_metadata_are_read():
    assert finished_above(10, "3;01234567;5;1+2,3+1") == {11, 12, 16}
    assert finished_above(10, "4;01234567;5;GB") == {11, 12, 16}
    assert finished_above(10, "another's") == set()


def test_fences_are_read_from_a_history():
    assert fences(made_up.history((CREATE, 300, 70_000))) == {(CREATE, 0): (300, 70_000)}
    assert fences(None) == {}
