# Writes over REST while brokers are gone or do not answer. The three brokers are this module's own, so they may be.
import collections
import contextlib
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import stack
import stack_kafka
from answered_writes import Ledger, load
from freezing import freeze, thaw
from kafka_bus import Bus
from products import a_product, check_problem
from waiting import eventually

pytest_plugins = ["kafka_fixtures"]
DELIVERY_SECONDS = 4
WRITERS = 24


@pytest.fixture(scope="module")
def brokers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("brokers")
    running = [stack.Running(stack.named(f"kafka{number}"), folder) for number in stack_kafka.NUMBERS]
    try:
        assert stack.up(running) == []
        yield running
    finally:
        for pid in (state["pid"] for broker in running if (state := broker.state())):
            thaw(pid)
        stack.down(running)


@pytest.fixture
def bus(brokers):
    return Bus(brokers, "own")


@contextlib.contextmanager
def frozen(brokers):
    pids = [broker.state()["pid"] for broker in brokers]
    for pid in pids:
        freeze(pid)
    try:
        yield
    finally:
        for pid in pids:
            thaw(pid)


def kill(broker):
    os.kill(broker.state()["pid"], signal.SIGKILL)
    eventually(lambda: not broker.state(), what="its end", pause=0.01)


def test_with_one_of_three_brokers_gone_writes_go_on_and_none_that_was_answered_is_lost(bus, brokers, service):
    ledger = Ledger(seed=1)
    end = load(ledger, service, 0, 4)
    eventually(lambda: ledger.answered > 100, 30, "writes under way")
    kill(brokers[0])
    gone = ledger.answered
    eventually(lambda: ledger.answered > gone + 300, 30, "writes without the broker")
    assert stack.up(brokers[:1]) == []
    back = ledger.answered
    eventually(lambda: ledger.answered > back + 100, 30, "writes with the broker")
    end()
    bus.caught_up()
    ledger.compare(service, ledger.entries)
    ledger.compare_names(service, 0)
    assert bus.letters() == []
    service.stop()


def test_while_a_replica_stands_still_its_leaders_take_no_record_twice(bus, brokers, services):
    """They have what they do not acknowledge: given up and sent again as another it would be there twice."""
    bus.cli("topics", "create")
    # As many as possible are to be under way: else they would be refused at once after the first quarter of a second.
    service = services({**bus.environment, "PRODUCTD_LIMITS_ANSWER_TIME": "0"}).start()
    assert service.created(a_product())
    pace = threading.Event()
    with ThreadPoolExecutor(20 * WRITERS) as threads:
        for broker in brokers:
            with frozen([broker]):
                ends = time.monotonic() + 2 * DELIVERY_SECONDS  # Some are given up by then, and some are not.
                while time.monotonic() < ends:
                    threads.submit(service.create, a_product())
                    pace.wait(0.02)
            eventually(lambda: service.create(a_product()).status_code == 201, 60, "writes again")
    bus.caught_up(60)
    asked = collections.Counter(record["key"] for record in bus.read("create"))
    assert [key for key, times in asked.items() if times > 1] == []
    assert bus.letters() == []
    assert len(asked) > 100, len(asked)
    service.stop()


def test_with_too_few_replicas_in_sync_it_is_not_ready_and_says_so_until_they_are_back(bus, brokers, service):
    assert service.created(a_product())
    passes = lambda: service.metric("productd_check_passed", check="log")
    eventually(lambda: passes() == 1, what="ready")
    for broker in brokers[:2]:
        broker.down()  # One after the other: while two of three controllers are there, they note who is in sync.
    log_of = lambda: next(check for check in service.get("/readyz?verbose").json()["checks"] if check["name"] == "log")
    eventually(lambda: "replicas in sync that a write needs" in (log_of().get("detail") or ""), 30, "why")
    assert service.get("/readyz").status_code == 503
    eventually(lambda: passes() == 0, what="the metric")
    answer = service.create(a_product())
    assert answer.status_code in (503, 504), "504 of one that the one broker has and may not acknowledge"
    assert stack.up(brokers[:2]) == []
    eventually(lambda: service.get("/readyz").status_code == 200, 60, "ready again")
    eventually(lambda: service.create(a_product()).status_code == 201, 60, "writes again")
    said = lambda text: f'"{text}"' in service.output(tail=100_000)
    assert "Kafka.MinInsyncReplicas" in service.output(tail=100_000)
    assert said("A check fails")
    eventually(lambda: said("A check passes again"), what="the line")
    bus.caught_up(60)
    service.stop()


def test_writes_that_no_broker_takes_are_refused_at_once_when_the_buffer_is_full(bus, brokers, services):
    bus.cli("topics", "create")
    limits = {"KAFKA_BUFFERBYTESMAX": "1MiB", "KAFKA_DELIVERYTIMEOUT": f"{DELIVERY_SECONDS}s"}
    service = services(bus.environment | {f"PRODUCTD_{key}": value for key, value in limits.items()}).start()
    assert service.created(a_product())
    large = a_product(photos=["x" * 100_000])
    with frozen(brokers), ThreadPoolExecutor(WRITERS) as threads:
        answers = list(threads.map(lambda _: service.create(large), range(WRITERS)))
    at_once = [answer for answer in answers if "Too much waits to be written" in answer.text]
    waited = [answer for answer in answers if answer not in at_once]
    assert {answer.status_code for answer in at_once} == {503}
    assert len(waited) <= 10, "ten of them fill the buffer"
    for answer in at_once:
        check_problem(answer, 503)
        assert int(answer.headers["Retry-After"]) > 0
    # Of what was sent nobody knows what became; what was not is refused, too.
    assert {answer.status_code for answer in waited} <= {503, 504}
    took = lambda answer: answer.elapsed.total_seconds()
    assert max(map(took, at_once)) < DELIVERY_SECONDS < min(map(took, waited))
    eventually(lambda: service.create(large).status_code == 201, 60, "writes again")
    bus.caught_up(60)
    service.stop()
