# The service on three real brokers, beside kcat. The brokers are those of `make stack-up`, the topics a test's own.
import json

import pytest

from foreign_messages import BAD, WAYS
from kafka_bus import PARTITIONS, SOURCES, TOPICS, derived_id, lag_metrics, payload_bytes
from products import UNKNOWN_ID, a_product
from service import PRODUCTS, NotReady
from waiting import eventually

pytest_plugins = ["kafka_fixtures"]
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_serve_names_missing_topics_and_topics_create_makes_them_once(bus, services):
    with pytest.raises(NotReady) as refused:
        services(bus.environment).start()
    (sentence,) = [line for line in refused.value.output.splitlines() if "Kafka has no topic" in line]
    assert all(bus.topic(name) in sentence for name in TOPICS.values())
    assert "productd topics create" in sentence
    assert bus.cli("topics", "create").splitlines() == [f"{bus.topic(name)} was created" for name in TOPICS.values()]
    assert bus.cli("topics", "create").splitlines() == [f"{bus.topic(name)} already exists" for name in TOPICS.values()]
    services(bus.environment).start().stop()


def test_topics_grow_once_all_in_them_is_finished_and_not_before(bus, services):
    bus.cli("topics", "create")
    bus.kcat("-P", "-t", bus.topic("update"), "-p", "0", stdin=json.dumps(a_product()).encode())
    bus.environment["PRODUCTD_LOG_PARTITIONS"] = str(2 * PARTITIONS)
    assert "has 1 messages that" in bus.cli("topics", "create", code=1)
    assert bus.cli("topics", "describe", bus.topic("create")).count("\n  partition ") == PARTITIONS, "all or none"
    service = services(bus.environment).start()
    bus.caught_up()
    became = dict.fromkeys(SOURCES.values(), f"has {2 * PARTITIONS} partitions now")
    became |= dict.fromkeys(("letters", "states"), "already exists")  # Those of dead letters keep theirs.
    assert bus.cli("topics", "create").splitlines() == [f"{bus.topic(name)} {became[name]}" for name in TOPICS.values()]
    products = [service.create(a_product()) for _ in range(20)]
    eventually(lambda: all(service.get(one.headers["Location"]).status_code == 200 for one in products), 60, "them")
    assert max(int(place.split("/")[1]) for place in bus.positions("create")) >= PARTITIONS
    service.stop()


def test_writes_over_rest_are_plain_events_that_others_can_read(bus, service):
    product = a_product(photos=["a"])
    answer = service.create(product, traceparent=TRACEPARENT)
    assert answer.status_code == 201 and answer.headers["Product-State"] == "applied"
    made = answer.json()
    path = f"{PRODUCTS}/{made['productId']}"
    changed = service.request("PUT", path, json=a_product(name="Armchair"), headers={"If-Match": '"1"'})
    assert changed.status_code == 200 and changed.headers["Product-State"] == "applied"
    deleted = service.request("DELETE", path)
    assert deleted.status_code == 204 and deleted.headers["Product-State"] == "applied"
    (create,), (update,), (delete,) = (bus.read(name) for name in SOURCES.values())
    assert {event["key"] for event in (create, update, delete)} == {made["productId"]}
    event = json.loads(create["payload"])
    assert event == {**product, **{name: made[name] for name in ("productId", "createdAt", "updatedAt")}}
    assert json.loads(update["payload"])["name"] == "Armchair"
    assert json.loads(delete["payload"])["productId"] == made["productId"]
    headers = [dict(zip(e["headers"][::2], e["headers"][1::2])) for e in (create, update, delete)]
    assert headers[0]["traceparent"] == TRACEPARENT and headers[0]["productd-wait-id"]
    assert headers[1]["productd-expected-version"] == "1"
    assert {one["content-type"] for one in headers} == {"application/json"}
    bus.caught_up()


def test_foreign_messages_of_every_kind_are_products_or_dead_letters(bus, service, tmp_path):
    file = tmp_path / "payload"
    for number, way in enumerate(WAYS):
        file.write_text(json.dumps(a_product(name=f"Way {number}", description="made elsewhere")))
        bus.send_file("create", file, *way)
    for number, payload in enumerate(BAD):
        file.write_bytes(payload)
        bus.send_file("create", file, *(["-p", str(number % PARTITIONS)] if number % 2 else WAYS[number % 8]))
        bus.send_file("update", file)
    for topic in SOURCES.values():
        bus.send_nothing(topic)
        bus.send_nothing(topic, "-Z")
        bus.send_nothing(topic, "-Z", key=b"")
    nowhere = json.dumps(a_product(productId=UNKNOWN_ID)).encode()
    file.write_bytes(nowhere)
    bus.send_file("update", file)
    bus.caught_up(60)

    bad = 2 * BAD + 3 * [b"", None, None] + [nowhere]
    letters = bus.letters()
    assert sorted(map(repr, map(payload_bytes, letters))) == sorted(map(repr, bad))
    for letter in letters:
        assert {"messageId", "offset", "partition", "topic", "error", "time"} <= letter.keys()
        position = "/".join(str(letter[part]) for part in ("topic", "partition", "offset"))
        assert letter["messageId"].startswith(position + "/") and letter["error"] and letter["time"]
    positions = {position for topic in SOURCES.values() for position in bus.positions(topic)}
    dead = {letter["messageId"] for letter in letters}
    assert len(dead) == len(letters) and dead <= positions and len(positions) == len(WAYS) + len(bad)
    names = {service.get(f"{PRODUCTS}/{derived_id(position)}").json().get("name") for position in positions - dead}
    assert names == {f"Way {number}" for number in range(len(WAYS))}
    found = service.get(f"{PRODUCTS}/search", params={"search": "made elsewhere", "page": 1, "size": 100}).json()
    assert {product["name"] for product in found["products"]} == names and len(found["products"]) == len(WAYS)
    assert lag_metrics(service) == (PARTITIONS * len(SOURCES), 0)


def test_foreign_changes_by_id_are_applied_and_a_second_create_of_it_is_a_dead_letter(bus, service, tmp_path):
    file = tmp_path / "payload"
    kept, gone = (service.created(a_product())["productId"] for _ in range(2))
    file.write_text(json.dumps(a_product(productId=kept, name="Renamed")))
    bus.send_file("update", file)
    bus.send_file("create", file)
    file.write_text(json.dumps({"productId": gone}))
    bus.send_file("delete", file)
    bus.caught_up()
    assert service.get(f"{PRODUCTS}/{kept}").json()["name"] == "Renamed"
    assert service.get(f"{PRODUCTS}/{gone}").status_code == 404
    assert [letter["code"] for letter in bus.letters()] == ["already_exists"]


def test_a_dead_letter_is_listed_mended_and_replayed(bus, service, tmp_path):
    file = tmp_path / "payload"
    for name in ("Table", "Lamp"):
        file.write_text(json.dumps({"name": name}))
        bus.send_file("create", file)
    letters = eventually(lambda: len(found := bus.letters()) == 2 and found, 20, "two dead letters", pause=0.1)
    table = next(letter["messageId"] for letter in letters if "Table" in letter["payload"])
    assert states(bus) == {letter["messageId"]: "open" for letter in letters}
    bus.cli("dlq", "edit", table, "--payload", "-", stdin=json.dumps(a_product(name="Table")))
    bus.cli("dlq", "replay", table)
    path = f"{PRODUCTS}/{derived_id(table)}"
    eventually(lambda: service.get(path).status_code == 200, 20, "the replayed product")
    assert service.get(path).json()["name"] == "Table"
    bus.caught_up()
    assert states(bus) == {letter["messageId"]: "open" for letter in letters} | {table: "replayed"}


def states(bus):
    """Of the letters that are there, by id."""
    listed = map(json.loads, bus.cli("dlq", "list", "--json").splitlines())
    return {letter["messageId"]: letter["state"] for letter in listed}


def test_letters_that_were_never_touched_are_purged(bus, service):
    for _ in range(5):
        bus.send_nothing("create", "-Z")
    bus.caught_up()
    assert set(states(bus).values()) == {"open"} and len(states(bus)) == 5
    bus.cli("dlq", "purge", "--all", "--yes")
    assert set(states(bus).values()) <= {"purged"}
    assert bus.letters() == []


def test_letters_that_were_replayed_are_purged(bus, service):
    for _ in range(2):
        bus.send_nothing("create", "-Z")
    bus.caught_up()
    replayed, other = states(bus)
    bus.cli("dlq", "edit", replayed, "--payload", "-", stdin=json.dumps(a_product()))
    bus.cli("dlq", "replay", replayed)
    bus.caught_up()
    bus.cli("dlq", "purge", "--replayed", "--yes")
    left = states(bus)
    assert left.get(replayed, "purged") == "purged" and left[other] == "open"


def test_an_instance_that_is_killed_finds_all_that_was_answered_when_it_starts_again(service):
    made = [service.created(a_product(name=f"Before {n}"))["productId"] for n in range(20)]
    service.kill()
    service.start()
    for product in made:
        assert service.get(f"{PRODUCTS}/{product}").json()["version"] == 1
    # The group gives the partitions of the killed one to this one when its session is over: until then, accepted.
    answer = service.create(a_product(name="After"))
    assert answer.status_code == 201
    eventually(lambda: service.get(answer.headers["Location"]).status_code == 200, 40, "the product")
    service.stop()
