# HTTP/1.1 as RFC 9110 and RFC 9112 ask for it: each case of the table over TLS and, where it applies, on the metrics port.
import pytest

from http_cases import CASES, http11probe
from http_cases.case import CLOSES, LARGE, ONE, UNKNOWN
from http_cases.run import Targets, filled, run
from products import a_product
from service import ROOT
from waiting import eventually


@pytest.fixture(scope="module")
def targets(service):
    return Targets(service, lambda **members: service.created(a_product(**members))["productId"].encode())


@pytest.mark.parametrize(
    "case, listener",
    [
        pytest.param(case, listener, id=f"{listener} {case.section} {case.what}"[:100].encode("unicode_escape").decode())
        for case in CASES
        for listener in case.on
    ],
)
def test_a_request_is_answered_as_the_rfcs_ask(targets, case, listener):
    exchange = run(case, targets, listener)
    assert not exchange.found, "\n" + exchange.report()


@pytest.mark.parametrize(
    "target, line",
    [("/health", ""), (ONE, ""), (LARGE, ""), (LARGE, "Accept-Encoding: gzip\r\n"), (UNKNOWN, ""), ("/nowhere", "")],
)
def test_head_has_the_header_of_get(targets, target, line):
    sent = "{} {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n"
    with targets.connect("api") as wire:
        headers = []
        for method in ("GET", "HEAD"):
            wire.send(filled(sent.format(method, target, line).encode(), targets.ids))
            answer = wire.answer(to_head=method == "HEAD")
            own = ("date", "x-request-id")
            headers.append((answer.status, [field for field in answer.fields if field[0] not in own]))
        assert headers[0] == headers[1]
        assert not wire.received


def test_nothing_behind_a_request_that_ends_its_connection_is_handled(targets):
    for case in CASES:
        if case.ends == CLOSES and not case.half:
            run(case, targets, "metrics" if case.probe else case.on[0])
    with targets.connect("api") as wire:
        wire.send(b"GET /in-front HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert wire.answer().status == 404
    log = eventually(lambda: with_text(targets.service.output(tail=10**9), '"/in-front"'), what="its line in the access log")
    assert "/behind" not in log


def with_text(log, text):
    return log if text in log else None


def test_names_of_http11probe_are_given_once():
    names = [case.probe for case in CASES if case.probe]
    assert len(names) == len(set(names)) == 215
    assert set(http11probe.OF_NAME) <= set(names) and http11probe.UNSCORED | http11probe.GONE <= set(names)
    assert sum(map(http11probe.is_scored, CASES)) == 159


def test_the_figures_tell_our_score_in_http11probe(targets):
    verdicts = {"passed": [], "warned": [], "failed": []}
    for case in filter(http11probe.is_scored, CASES):
        verdicts[http11probe.verdict(run(case, targets, "api"))].append(case.probe)
    row = "| productd | {} | {} | {} |".format(*map(len, verdicts.values()))
    print(row, "warned", *verdicts["warned"], "failed", *verdicts["failed"])
    assert row in (ROOT / "docs/figures.md").read_text(), f"{row}, {verdicts['warned']}, {verdicts['failed']}"
