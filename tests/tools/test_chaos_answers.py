# What the chaos runs make of the answers that clients got: each way in which one can be untrue is found out.
import pytest
from made_up_history import PRODUCT, a_ledger

from answers import ON_ITS_WAY, Answer, Answers
from findings import LOST, UNSAFE, Findings

WRITTEN = 10_000  # Milliseconds, of each change.


class Stage:
    def __init__(self):
        self.ledger, self.members = a_ledger(), []


class Times:
    def of_place(self, place):
        return WRITTEN


def an_answer(seq=1, state="applied", time=WRITTEN + 5):
    return Answer(time, PRODUCT, seq, state)


@pytest.fixture
def answers():
    found = Answers(Stage(), 1)
    for record in found.stage.ledger.products[PRODUCT]:
        found.asked_for[PRODUCT, record.seq] = record
    return found


def judged(answers):
    findings = Findings()
    findings.settled = {record.id: ("journal", 1) for record in answers.stage.ledger.records}
    answers.judge(findings, Times())
    return {verdict: lines for verdict, lines in findings.found.items() if lines}


def test_an_answer_that_holds_is_no_finding(answers):
    answers.given = [an_answer(0), an_answer(1), an_answer(2, "accepted", WRITTEN - 500)]
    assert judged(answers) == {}


@pytest.mark.parametrize("state", ["applied", "accepted"])
def test_an_answer_whose_message_is_not_in_the_log_was_lost(answers, state):
    answers.given = [an_answer(7, state)]
    assert list(judged(answers)) == [LOST]


def test_what_was_answered_and_then_taken_back_is_lost_though_it_came_again(answers):
    answers.given = [an_answer(time=WRITTEN - 50)]
    (line,) = judged(answers)[LOST]
    assert "written 50 ms later" in line


def test_nothing_is_applied_while_no_two_members_could_have_it(answers):
    answers.given = [an_answer(time=WRITTEN + 5)]
    answers.silences = [(WRITTEN, WRITTEN + 10)]
    assert list(judged(answers)) == [UNSAFE]


def test_an_answer_on_its_way_when_the_others_went_is_none_of_that_time(answers):
    answers.silence(since=WRITTEN)
    assert answers.silences[0][0] == WRITTEN + ON_ITS_WAY


def test_the_time_to_the_next_applied_ends_behind_the_longest_time_without_one(answers):
    answers.strikes = [WRITTEN]
    answers.given = [an_answer(time=WRITTEN + after) for after in (-900, 3, 20, 4020, 4030)]
    answers.given.append(an_answer(state="accepted", time=WRITTEN + 100))
    assert answers.recoveries() == [4.02]


def test_a_fault_behind_which_nothing_is_applied_has_no_such_time(answers):
    answers.strikes = [WRITTEN]
    assert answers.recoveries() == [None]


def test_a_fault_behind_which_writes_go_on_is_over_with_the_first(answers):
    answers.strikes = [WRITTEN]
    answers.given = [an_answer(time=WRITTEN + after) for after in (30, 40, 900)]
    assert answers.recoveries() == [0.03]
