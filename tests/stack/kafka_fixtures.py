# Fixtures of the tests on Kafka: a bus and services of a test's own, none of which is left afterwards.
import uuid

import pytest

from kafka_bus import Bus, delete_topics, running_brokers
from service import Service


@pytest.fixture(scope="module")
def session():
    running_brokers()
    name = f"test-kafka-{uuid.uuid4().hex[:8]}"
    yield name
    delete_topics(name)


@pytest.fixture
def bus(session):
    return Bus(running_brokers(), session)


@pytest.fixture
def services(tmp_path):
    """Makes services; all of them are gone after the test."""
    made = []

    def make(environment, name="service"):
        made.append(Service(tmp_path / name, environment=environment))
        return made[-1]

    yield make
    for one in made:
        one.ensure_stopped()


@pytest.fixture
def service(bus, services):
    bus.cli("topics", "create")
    return services(bus.environment).start()
