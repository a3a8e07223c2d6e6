# On three real brokers and a replica set: what `productd migrate --from` refuses before it writes anything, since what it
# moves would not stay, and how it goes on where a service has gone on meanwhile.
import datetime
import json

import bson
import confluent_kafka.admin
import pymongo
import pytest

from backups import backup
from lost_store import bytes_of_files
from products import a_product
from service import PRODUCTS, run_cli
from topics import publish
from waiting import eventually

pytest_plugins = ["kafka_fixtures", "mongodb_fixture"]
AN_ID = "a" * 24


def migrate(data, there, *arguments, code=0):
    done = run_cli("migrate", "--from", data, *arguments, environment=there, seconds=120)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def here(services):
    """Stopped, with a product and a message that nobody has read."""
    service = services({}, name="here").start()
    service.product = service.created(a_product())
    service.stop()
    publish(service, "create-product", json.dumps(a_product(productId=AN_ID)))
    return service


@pytest.fixture
def products(environment):
    with pymongo.MongoClient(environment["PRODUCTD_MONGODB_URI"]) as client:
        yield client[environment["PRODUCTD_MONGODB_DB"]]["products"]


def configure(bus, topic, settings):
    """These, and the brokers' own for all others."""
    resource = confluent_kafka.admin.ConfigResource("topic", bus.topic(topic), set_config=settings)
    admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": bus.brokers})
    for done in admin.alter_configs([resource]).values():
        done.result(30)


def published(bus):
    return sum(len(bus.positions(topic)) for topic in ("create", "update", "delete", "letters", "states"))


@pytest.mark.parametrize(
    "settings, why",
    [
        ({"retention.ms": "60000"}, "the topic drops messages after 60 seconds: raise retention.ms"),
        ({"retention.bytes": "500"}, "the topic drops the oldest of a partition beyond 500: raise retention.bytes"),
        ({"max.message.bytes": "300"}, "and the topic takes 300: raise max.message.bytes"),
        ({"message.timestamp.type": "LogAppendTime"}, "the times would be lost"),
    ],
)
def test_what_would_not_stay_as_it_is_is_refused_before_anything_is_written(
    here, environment, bus, products, settings, why
):
    bus.cli("topics", "create")
    configure(bus, "create", settings)
    for arguments in ([], ["--dry-run"]):
        told = migrate(here.data, environment, *arguments, code=1)
        assert f"Nothing was moved: of what is for {bus.topic('create')} " in told and why in told, told
    assert products.count_documents({}) == 0 and published(bus) == 0
    configure(bus, "create", {})
    assert "create-product: 1 message moved" in migrate(here.data, environment)


def test_compacted_topics_keep_what_is_old_and_a_topic_without_messages_may_be_anyhow(here, environment, bus):
    bus.cli("topics", "create")
    configure(bus, "create", {"cleanup.policy": "compact", "retention.ms": "1000"})
    configure(bus, "update", {"retention.ms": "1000"})
    publish(here, "create-product", "--key", AN_ID, json.dumps(a_product(productId=AN_ID)))
    told = migrate(here.data, environment, "--dry-run")
    assert "create-product: 2 messages would be moved" in told, told


def test_it_waits_for_services_there_to_end_and_goes_on_behind_what_they_changed(
    here, environment, bus, products, services
):
    bus.cli("topics", "create")
    assert "1 moved" in migrate(here.data, environment)
    there = services(environment, name="there").start()
    path = f"{PRODUCTS}/{here.product['productId']}"
    changed = there.request("PUT", path, json=a_product()).json()
    eventually(lambda: there.get(f"{PRODUCTS}/{AN_ID}").status_code == 200, 30, "what was moved unread")
    bus.caught_up()
    before = (list(products.find()), published(bus))
    told = migrate(here.data, environment, code=1)
    assert f"The consumer group {bus.environment['PRODUCTD_KAFKA_GROUPID']} has members (1)" in told, told
    there.stop()

    publish(here, "create-product", json.dumps(a_product(productId="b" * 24)))
    told = migrate(here.data, environment)
    assert "1 have a later version there, and were left" in told, told
    assert "create-product: 1 message moved, 1 there already" in told, told
    assert (list(products.find()), published(bus)) == (before[0], before[1] + 1)
    there.start()
    assert there.get(path).json() == changed
    eventually(lambda: there.get(f"{PRODUCTS}/{'b' * 24}").status_code == 200, 30, "the later one")
    bus.caught_up()
    there.stop()

    # What is there under an id and is no later state of what was moved.
    another = {"version": 9, "createdAt": datetime.datetime(2020, 1, 1)}
    products.update_one({"_id": bson.ObjectId(here.product["productId"])}, {"$set": another})
    assert "1 products are not the same there" in migrate(here.data, environment, code=1)


def test_a_backup_that_is_moved_stays_byte_for_byte_as_it_was(here, environment, bus, tmp_path):
    bus.cli("topics", "create")
    backup(here.data, tmp_path / "copy")
    (tmp_path / "copy").chmod(0o500)
    before = bytes_of_files(tmp_path / "copy")
    assert sorted(path.name for path in before) == ["log.db", "manifest.json", "store.db"]
    assert "create-product: 1 message would be moved" in migrate(tmp_path / "copy", environment, "--dry-run")
    assert bytes_of_files(tmp_path / "copy") == before
    assert "create-product: 1 message moved" in migrate(tmp_path / "copy", environment)
    assert bytes_of_files(tmp_path / "copy") == before
