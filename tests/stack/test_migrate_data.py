# On three real brokers and a replica set: the data of the embedded engine, moved there. Broken off and run again, nothing
# is lost, doubled or out of order, and what it was like here it is like there.
import base64
import datetime
import http.client
import json
import re
import signal
import socket
import sqlite3
import subprocess
import time

import pymongo
import pytest

from answered_writes import Ledger, load
from dead_letters import an_orphan, dlq, listed
from products import a_product
from service import BINARY, INHERITED, PRODUCTS, run_cli
from kafka_bus import derived_id
from topics import publish, read
from waiting import eventually

pytest_plugins = ["kafka_fixtures", "mongodb_fixture"]

UNREAD = 12_000
CHANGED = "c" * 24


@pytest.fixture
def there(environment):
    """Of the service that is to have the data."""
    return environment


def migrate(data, there, *arguments, code=0):
    done = run_cli("migrate", "--from", data, *arguments, environment=there, seconds=120)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def here(services):
    return services({"PRODUCTD_WORKER_NOT_FOUND_WAIT": "300ms"}, name="here").start()


def unread_messages(service):
    """Published while nobody reads: the changes of one product in order, and creates, of which the last has no id."""
    lines = [json.dumps(a_product(productId=CHANGED, name=f"Changed {n}")) for n in range(20)]
    publish(service, "create-product", json.dumps(a_product(productId=CHANGED)))
    publish(service, "update-product", "--key", CHANGED, "--file", "-", lines="\n".join(lines) + "\n")
    creates = [json.dumps(a_product(productId=f"{n:024x}", description="d" * 300)) for n in range(1, UNREAD + 1)]
    publish(service, "create-product", "--file", "-", lines="\n".join(creates) + "\n")
    return publish(service, "create-product", json.dumps(a_product(name="Without an id")))


def leave_unread(service, product):
    """An update of it that is later in the log than the one before, with an earlier time, while the store takes nothing:
    offsets alone tell that it is new. The service is killed."""
    payload = json.dumps({**product, "name": "Dated before"}).encode()
    record = {
        "topic": "update-product",
        "partition": None,
        "key": base64.b64encode(product["productId"].encode()).decode(),
        "value": base64.b64encode(payload).decode(),
        "headers": [],
        "time": round(time.time() * 1000) - 60_000,
    }
    with sqlite3.connect(service.data / "store.db", isolation_level=None) as store:
        store.execute("BEGIN IMMEDIATE")
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(service.data / "admin.sock"))
        connection.request("POST", "/admin/log/messages", json.dumps([record]), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        told = answer.read()
        assert answer.status == 200 and b"error" not in told, told
        service.kill()  # Some of what is finished is above the last commit, too.
    store.close()


def letters_of(service):
    return [
        {name: letter[name] for name in ("messageId", "code", "attempts", "state", "replays")}
        for letter in listed(service)
    ]


def published(bus):
    """How many messages the topic of creates has."""
    ends = (["-t", f"{bus.topic('create')}:{partition}:-1"] for partition in range(3))
    told = bus.kcat("-Q", *(word for end in ends for word in end)).decode()
    return sum(int(line.split()[-1]) for line in told.splitlines())


def kill_once(reached, data, there):
    process = subprocess.Popen([BINARY, "migrate", "--from", data], env={**INHERITED, **there}, stdout=subprocess.DEVNULL)
    eventually(lambda: process.poll() is not None or reached(), 30, "the middle", pause=0)
    process.kill()
    assert process.wait() == -signal.SIGKILL


def test_the_embedded_engines_data_are_there_once_and_in_order(here, there, bus, services, facts):
    ledger = Ledger(seed=3)
    end = load(ledger, here, 0, 6)
    eventually(lambda: ledger.answered > 200 or ledger.wrong, 30, "some load")
    an_orphan(here)
    dlq(here, "edit", "update-product", "--payload", "-", stdin=json.dumps(a_product(productId="b" * 24)))
    end()
    product = here.created(a_product())
    product = here.request("PUT", f"{PRODUCTS}/{product['productId']}", json=a_product()).json()
    leave_unread(here, product)
    before = letters_of(here)
    assert before[0]["state"] == "edited", before
    nameless = unread_messages(here)

    told = migrate(here.data, there, "--dry-run")
    unread = int(re.search(r"create-product: (\d+) messages would be moved", told)[1])
    assert unread >= UNREAD + 2, told  # And what the kill left.
    assert "dead-letter-queue: 1 message would be moved" in told, told
    assert "make what is missing with: productd topics create" in migrate(here.data, there, code=1)
    bus.cli("topics", "create")
    for least in (1, 3_000, 7_000):
        kill_once(lambda: published(bus) >= least, here.data, there)
    assert published(bus) < unread
    told = migrate(here.data, there)
    assert re.search(r"create-product: [1-9]\d+ messages moved, [1-9]\d+ there already", told), told
    assert len(re.findall("SHA-256 [0-9a-f]{64}", told)) == 2, told
    again = migrate(here.data, there)
    assert "0 moved" in again and re.findall("SHA-256 .*", again) == re.findall("SHA-256 .*", told)

    with pymongo.MongoClient(there["PRODUCTD_MONGODB_URI"]) as client:
        products = client[there["PRODUCTD_MONGODB_DB"]]["products"]
        assert products.count_documents({}) > 0
        # Under the contract's names of topics they would call moved messages seen.
        assert products.count_documents({"history.fences.0": {"$exists": True}}) == 0
    moved = services(there, name="there").start()
    bus.caught_up(60)
    ledger.compare(moved, ledger.entries)
    ledger.resolve(moved, ledger.entries)
    ledger.compare_names(moved, 0)
    changed = moved.get(f"{PRODUCTS}/{CHANGED}").json()
    assert (changed["name"], changed["version"]) == ("Changed 19", 21)
    dated_before = moved.get(f"{PRODUCTS}/{product['productId']}").json()
    assert (dated_before["name"], dated_before["version"]) == ("Dated before", 3)
    for n in (1, UNREAD // 2, UNREAD):
        assert moved.get(f"{PRODUCTS}/{n:024x}").json()["version"] == 1
    found = moved.get(f"{PRODUCTS}/search", params={"search": "without an id"}).json()
    assert found["totalCount"] == 1
    assert id_of(here, nameless) == found["products"][0]["productId"], "the one it would have got here"
    after = json.loads(bus.cli("dlq", "list", "--json").splitlines()[0])
    assert (after["messageId"], after["state"]) == (before[0]["messageId"], "edited")

    facts.append(
        f"migrate: {len(ledger.entries)} products, {ledger.answered} answered writes, {UNREAD} unread messages, killed "
        "3 times: none lost or doubled"
    )


def id_of(service, position):
    """Of a create without an id: as the contract derives it from where it was published."""
    topic, partition, offset = position.split("/")
    place = (int(partition), int(offset))
    message = next(m for m in read(service, topic) if (m["partition"], m["offset"]) == place)
    when = datetime.datetime.fromisoformat(message["time"].replace("Z", "+00:00"))
    return derived_id(f"{position}/{round(when.timestamp() * 1000)}")
