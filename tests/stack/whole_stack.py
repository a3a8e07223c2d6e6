# A service on Kafka, MongoDB and Redis at once, for tests that look at all of it.
import os

import pytest

import load
import stack


@pytest.fixture
def whole_stack(bus, replica_set):
    """Its environment; the topics are there. Skipped by name without the servers, failed in CI."""
    redis = stack.Running(stack.named("redis"))
    if not redis.answers():
        assert not os.environ.get("CI"), "NOT RUNNING: redis"
        pytest.skip("NOT RUNNING: redis; start with `make stack-up`")
    bus.cli("topics", "create")
    return {
        **bus.environment,
        **load.ENVIRONMENT,
        "PRODUCTD_STORE": "mongodb",
        "PRODUCTD_MONGODB_URI": replica_set,
        "PRODUCTD_MONGODB_DB": bus.prefix + "products",
        "PRODUCTD_CACHE": "redis",
        "PRODUCTD_REDIS_ADDRESS": f"127.0.0.1:{redis.state()['port']}",
    }


@pytest.fixture
def publish(bus, tmp_path):
    """As load.load() wants it: with kcat, as another producer."""

    def send(topic, payload):
        file = tmp_path / "payload"
        file.write_text(payload)
        bus.send_file(topic.removesuffix("-product"), file)

    return send
