# Two instances of one group on three real brokers, with the replica set of MongoDB and a Redis of this test's own.
import pytest

import stack
from answered_writes import Ledger, load
from products import a_product
from waiting import eventually

pytest_plugins = ["kafka_fixtures", "mongodb_fixture"]


@pytest.fixture
def shared(bus, replica_set, tmp_path):
    """What two instances of one group share beside Kafka: a database of MongoDB and a Redis of this test's own."""
    redis = stack.Running(stack.named("redis"), tmp_path)
    try:
        port = redis.up()
        bus.cli("topics", "create")
        yield bus.environment | {
            "PRODUCTD_STORE": "mongodb",
            "PRODUCTD_MONGODB_URI": replica_set,
            "PRODUCTD_MONGODB_DB": bus.prefix + "products",
            "PRODUCTD_CACHE": "redis",
            "PRODUCTD_REDIS_ADDRESS": f"127.0.0.1:{port}",
            "PRODUCTD_REDIS_TIMEOUT": "5s",
        }
    finally:
        redis.down()


@pytest.fixture
def pair(shared, services):
    both = [services(shared, name).start() for name in ("first", "second")]
    read = lambda one: one.metric("products_incoming_kafka_messages_total")
    eventually(lambda: both[0].create(a_product()) and all(map(read, both)), 30, "both have partitions", pause=0.1)
    return both


def test_two_instances_share_the_work_and_one_that_stops_leaves_it_to_the_other(bus, pair):
    first, second = pair
    answers = [one.create(a_product()) for _ in range(20) for one in pair]
    assert {(answer.status_code, answer.headers["Product-State"]) for answer in answers} == {(201, "applied")}
    for answer in answers:
        assert [one.get(answer.headers["Location"]).json() for one in pair] == [answer.json()] * 2
    ledger = Ledger(seed=1)
    end = [load(ledger, one, number, 4) for number, one in enumerate(pair)]
    eventually(lambda: ledger.answered > 300, 30, "writes under way")
    first.stop()
    before = ledger.answered
    eventually(lambda: ledger.answered > before + 300, 30, "the other goes on")
    check_nothing_is_lost(bus, second, ledger, end)
    second.stop()


def check_nothing_is_lost(bus, service, ledger, end):
    """Ends the writes of `ledger`; what was answered is there, once, whichever instance answered it."""
    for finish in end:
        finish()
    bus.caught_up()
    ledger.compare(service, ledger.entries)
    for number in range(len(end)):
        ledger.compare_names(service, number)
    assert bus.letters() == []
    assert service.created(a_product())


def test_an_instance_with_a_name_has_its_partitions_again_after_a_restart(bus, shared, services):
    named = shared | {"PRODUCTD_KAFKA_SESSIONTIMEOUT": "30s"}  # Of a restart that takes longer the others would hear.
    both = [services(named | {"PRODUCTD_KAFKA_GROUPINSTANCE": name}, name).start() for name in ("first", "second")]
    read = lambda one: one.metric("products_incoming_kafka_messages_total")
    eventually(lambda: both[0].create(a_product()) and all(map(read, both)), 60, "both have partitions", pause=0.1)
    first, second = both
    rebalances = lambda: second.metric("productd_worker_rebalances_total", what="revoked")
    before, had = rebalances(), first.metric("productd_worker_rebalances_total", what="assigned")
    assert had > 0
    first.kill()
    first.start()
    eventually(lambda: second.create(a_product()) and read(first), 20, "the first reads again", pause=0.1)
    assert rebalances() == before
    bus.caught_up()
    for one in both:
        one.stop()


def test_an_instance_whose_name_another_takes_ends_and_says_so(bus, shared, services):
    named = shared | {"PRODUCTD_KAFKA_GROUPINSTANCE": "the-one"}
    first = services(named, "first").start()
    eventually(lambda: first.create(a_product()).headers["Product-State"] == "applied", 30, "it works")
    second = services(named, "second").start()
    first.wait_end(1)
    assert "Kafka.GroupInstance" in first.output()
    eventually(lambda: second.create(a_product()).headers["Product-State"] == "applied", 30, "the other works")
    second.stop()


def test_an_instance_that_is_killed_loses_nothing_that_was_answered(bus, pair):
    first, second = pair
    ledger = Ledger(seed=2)
    end = [load(ledger, one, number, 4) for number, one in enumerate(pair)]
    eventually(lambda: ledger.answered > 300, 30, "writes under way")
    first.kill()
    before = ledger.answered
    eventually(lambda: ledger.answered > before + 300, 30, "the other goes on")
    check_nothing_is_lost(bus, second, ledger, end)
