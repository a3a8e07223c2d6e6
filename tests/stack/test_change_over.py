# From the older service to this one and back, on its topics, its group and its collection, with what it was recorded to
# write. kcat stands for its consumer: it joins the group, reads, commits and leaves.
import json
import time

import bson
import pymongo
import pytest

import older_service
from service import PRODUCTS
from waiting import eventually

pytest_plugins = ["kafka_fixtures", "mongodb_fixture"]


@pytest.fixture
def collection(environment):
    with pymongo.MongoClient(environment["PRODUCTD_MONGODB_URI"]) as client:
        yield client[environment["PRODUCTD_MONGODB_DB"]]["products"]


def send(bus, topic, *payloads):
    """As the older service does: without a key, to any partition."""
    bus.kcat("-P", "-t", bus.topic(topic), stdin="".join(payload + "\n" for payload in payloads).encode())


def consume_as_older(bus, count):
    """What the older service's group reads next of creates; committed, and left."""
    group = bus.environment["PRODUCTD_KAFKA_GROUPID"]
    told = bus.kcat("-G", group, "-c", str(count), "-q", "-X", "auto.offset.reset=earliest", bus.topic("create"))
    return [json.loads(line) for line in told.decode().splitlines()]


def test_what_the_older_service_finished_stays_and_what_it_left_is_applied_once(bus, environment, collection, services, facts):
    bus.cli("topics", "create")
    messages = [older_service.message("create-product", name=f"Recorded {n}") for n in range(10)]
    send(bus, "create", *messages)
    for number, product in enumerate(consume_as_older(bus, 6), 1):
        collection.insert_one(older_service.document(number, name=product["name"]))
    assert bus.behind() == 4

    began = time.monotonic()
    service = services(environment).start()
    ready = time.monotonic() - began
    eventually(lambda: collection.count_documents({}) == 10, 30, "the four that were left")
    seconds = time.monotonic() - began
    assert sorted(collection.distinct("name")) == sorted(f"Recorded {n}" for n in range(10))
    bus.caught_up()

    first = f"{PRODUCTS}/{1:024x}"
    assert service.get(first).headers["ETag"] == '"0"'
    send(bus, "update", older_service.message("update-product", productId=f"{1:024x}"))
    changed = eventually(lambda: (p := service.get(first).json())["version"] == 1 and p, 20, "its update")
    recorded = older_service.SAMPLES["mongodb"]["extendedJson"]
    assert changed["photos"] == recorded["photos"] and changed["categoryId"] == recorded["categoryId"]["$oid"]
    assert not bus.letters()
    facts.append(f"change over: ready after {ready:.2f} s, the older service's unread messages applied after {seconds:.1f} s")


def test_the_older_service_can_have_its_data_back(bus, environment, collection, services):
    bus.cli("topics", "create")
    service = services(environment).start()
    kept = service.created({**json.loads(older_service.message("create-product")), "name": "Kept"})
    gone = service.created(json.loads(older_service.message("create-product")))
    assert service.request("DELETE", f"{PRODUCTS}/{gone['productId']}").status_code == 204
    bus.caught_up()
    service.stop()

    assert collection.delete_many({"tombstone": {"$exists": True}}).deleted_count == 1
    (document,) = collection.find()
    for name, value in older_service.RECORDED.items():
        assert type(document[name]) is type(value) or name == "rating", name  # It reads both kinds of integer.
    assert document["_id"] == bson.ObjectId(kept["productId"])
    send(bus, "create", older_service.message("create-product", name="For the older one"))
    assert [product["name"] for product in consume_as_older(bus, 1)] == ["For the older one"]
