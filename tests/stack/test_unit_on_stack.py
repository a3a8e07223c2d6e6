# The service on Kafka, MongoDB and Redis needs no system call that the unit of its package takes away.
import signal

import pytest

from products import a_product
from service import PRODUCTS, Service
from unit_calls import calls_of_the_unit, only
from waiting import eventually

pytest_plugins = ["kafka_fixtures", "mongodb_fixture", "whole_stack"]


@pytest.fixture
def confined(whole_stack, tmp_path):
    one = Service(tmp_path / "service", environment=whole_stack, preexec=only(calls_of_the_unit()))
    yield one
    one.ensure_stopped()


def test_it_lives_on_kafka_mongodb_and_redis_with_the_system_calls_that_its_unit_leaves(confined):
    confined.start()
    stored = confined.created(a_product())
    assert confined.get(f"{PRODUCTS}/{stored['productId']}").json() == stored
    assert confined.get(f"{PRODUCTS}/search", params={"search": stored["name"]}).json()["totalCount"] == 1
    confined.process.send_signal(signal.SIGHUP)
    eventually(lambda: "The certificate was read again" in confined.output(), 10, "the reload")
    confined.stop()
