# A MongoDB of one test's own, so that it can be stopped, and a service that soon notices; and the replica set of
# `make stack-up`, which tests share.
import os

import pymongo
import pytest

import stack
import stack_mongodb
from freezing import thaw
from own_mongodb import own


@pytest.fixture
def mongodb(tmp_path):
    """One mongod without a replica set."""
    running = own(stack_mongodb.SINGLE, tmp_path)
    running.up()
    yield running
    if state := running.state():
        thaw(state["pid"])
    running.down()


@pytest.fixture
def mongodb_environment(mongodb):
    return {
        "PRODUCTD_STORE": "mongodb",
        "PRODUCTD_MONGODB_URI": f"mongodb://127.0.0.1:{mongodb.state()['port']}",
        "PRODUCTD_MONGODB_SOCKETTIMEOUT": "1s",
        "PRODUCTD_MONGODB_SERVERSELECTIONTIMEOUT": "500ms",
    }


@pytest.fixture
def replica_set():
    """Its URI; no test may stop a member of it."""
    members = [stack.Running(stack.named(name)) for name in stack_mongodb.MEMBERS]
    absent = [member.server.name for member in members if not member.answers()]
    if absent:
        assert not os.environ.get("CI"), f"NOT RUNNING: {', '.join(absent)}"
        pytest.skip(f"NOT RUNNING: {', '.join(absent)}; start with `make stack-up`")
    return stack_mongodb.uri()


@pytest.fixture
def environment(bus, replica_set):
    """Of a service on the topics of `bus` (kafka_fixtures) and a database of its own."""
    name = bus.prefix + "products"
    yield {
        **bus.environment,
        "PRODUCTD_STORE": "mongodb",
        "PRODUCTD_MONGODB_URI": replica_set,
        "PRODUCTD_MONGODB_DB": name,
    }
    with pymongo.MongoClient(replica_set) as client:
        client.drop_database(name)
