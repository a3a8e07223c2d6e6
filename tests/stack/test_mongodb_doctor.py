# What `productd doctor` says of a MongoDB that is not as it should be, and of one that is.
import re
import uuid

import pymongo
import pytest

from products import a_product
from service import Service, run_cli
from waiting import eventually

pytest_plugins = ["mongodb_fixture"]


def doctor(environment):
    """Its lines about databases."""
    told = run_cli("doctor", environment=environment).stdout
    return [line for line in told.splitlines() if "MongoDB" in line]


@pytest.fixture
def start(tmp_path):
    """Starts a service in an environment; it is gone after the test."""
    started = []

    def begin(environment):
        started.append(Service(tmp_path / f"service{len(started)}", environment=environment).start())
        return started[-1]

    yield begin
    for service in started:
        service.ensure_stopped()


@pytest.fixture
def database(replica_set):
    """The environment of a database of the test's own, and a client of it."""
    name = f"test_doctor_{uuid.uuid4().hex[:8]}"
    with pymongo.MongoClient(replica_set) as client:
        yield {
            "PRODUCTD_STORE": "mongodb",
            "PRODUCTD_MONGODB_URI": replica_set,
            "PRODUCTD_MONGODB_DB": name,
        }, client[name]
        client.drop_database(name)


def test_a_server_without_a_replica_set_serves_and_is_told_of(mongodb_environment, start):
    service = start(mongodb_environment)
    product = service.created(a_product())
    path = f"/api/v1/products/{product['productId']}"
    assert service.request("PUT", path, json=a_product(name="second")).status_code == 200
    assert service.request("DELETE", path).status_code == 204
    told = eventually(lambda: (t := doctor(mongodb_environment)) and len(t) == 1 and t, what="nothing but this")
    assert re.search("warn .* it is no replica set: an answered write is on one disk alone", told[0])
    service.stop()


def test_a_member_that_is_not_the_primary_is_told_of_and_makes_nobody_ready(database, start):
    environment, products = database
    host, port = min(products.client.secondaries or eventually(lambda: products.client.secondaries))
    environment["PRODUCTD_MONGODB_URI"] = f"mongodb://{host}:{port}"
    told = doctor(environment)
    assert len(told) == 1 and re.search("fail .* takes no writes.*name the replica set there", told[0])
    service = start(environment)
    answer = eventually(lambda: (a := service.get("/readyz?verbose")).status_code == 503 and a)
    assert "The store takes no writes." in answer.text
    service.stop()


def test_a_replica_set_of_three_with_the_indexes_of_the_service_is_as_it_should_be(database, start):
    environment, products = database
    service = start(environment)
    (line,) = eventually(lambda: (t := doctor(environment)) and t[0].startswith("ok") and t, what="the indexes", pause=0.2)
    assert "its replica set has 3 members, indexes are there, writes wait for most members" in line
    assert set(products.products.index_information()) == {"_id_", "createdAt_-1__id_1", "expireAt_1"}
    service.stop()


def test_indexes_of_the_older_service_are_made_on_demand_stay_and_are_told_with_their_price(database, start):
    environment, products = database
    older = {"name_1_description_1", "name_text_description_text"}
    there = lambda: set(products.products.index_information())
    service = start({**environment, "PRODUCTD_MONGODB_FIRSTGENERATIONINDEXES": "true"})
    eventually(lambda: older < there(), what="the indexes of the older service")
    service.stop()
    service = start(environment)
    service.created(a_product())
    told = eventually(lambda: len(t := doctor(environment)) == 2 and t, what="both indexes, and nothing else")
    for line in told:
        name, size, command = re.search(r"the index (\S+) of .* takes (\d+) KiB and slows .*: (db\..*)$", line).groups()
        assert int(size) > 0
        assert command == f'db.getSiblingDB("{products.name}").products.dropIndex("{name}")'
        assert name in there(), "it stays until somebody drops it"
        products.products.drop_index(name)
        older.remove(name)
    assert not older
    assert [line.split()[0] for line in doctor(environment)] == ["ok"]
    service.stop()
