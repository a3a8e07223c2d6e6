# Messages that others write to the topics: the older producers' as they are, and anything at all.
import datetime
import hashlib
import json

import pytest

from products import a_full_product, a_product, check_product
from service import PRODUCTS, run_cli
from topics import DEAD, dead_letter_of, dead_letters, payload_of, publish, read
from waiting import eventually


def stored(service, id_):
    answer = service.get(f"{PRODUCTS}/{id_}", headers={"Cache-Control": "no-cache"})
    return answer.json() if answer.status_code == 200 else None


def found(service, text):
    return service.get(f"{PRODUCTS}/search", params={"search": text}).json()["products"]


def message_at(service, position):
    topic, partition, offset = position.split("/")
    return read(service, topic, "--partition", partition, "--from", offset, "--count", "1")[0]


def sample(samples, topic):
    return json.loads(next(message["value"] for message in samples["kafka"] if message["topic"] == topic))


@pytest.fixture
def alone(new_service):
    """A service of this test's own that gives up on an unknown product after half a second."""
    return new_service(environment={"PRODUCTD_WORKER_NOT_FOUND_WAIT": "500ms"}).start()


def test_a_create_of_the_older_producer_becomes_a_product(alone, samples):
    message = sample(samples, "create-product")
    position = publish(alone, "create-product", json.dumps(message))
    product = eventually(lambda: found(alone, "chair"), what="the product")[0]
    ignored = ("productId", "createdAt", "updatedAt")
    check_product(product, {name: value for name, value in message.items() if name not in ignored})
    assert (
        product["version"] == 1 and product["createdAt"] == product["updatedAt"] == message_at(alone, position)["time"]
    )
    alone.stop()


def test_a_create_without_an_id_gets_the_one_its_position_gives(alone):
    position = publish(alone, "create-product", json.dumps(a_product(name="derived")))
    product = eventually(lambda: found(alone, "derived"), what="the product")[0]
    time = datetime.datetime.fromisoformat(message_at(alone, position)["time"].replace("Z", "+00:00"))
    milliseconds = round(time.timestamp() * 1000)
    digest = hashlib.sha256(f"{position}/{milliseconds}".encode()).hexdigest()
    assert product["productId"] == f"{milliseconds // 1000:08x}{digest[:16]}"
    alone.stop()


def test_an_update_of_the_older_producer_keeps_category_and_photos(alone, samples):
    create, update = sample(samples, "create-product"), sample(samples, "update-product")
    publish(alone, "create-product", json.dumps({**create, "productId": update["productId"]}))
    eventually(lambda: stored(alone, update["productId"]), what="the create")
    publish(alone, "update-product", json.dumps(update))
    product = eventually(lambda: (p := stored(alone, update["productId"]))["version"] == 2 and p, what="the update")
    document = samples["mongodb"]["extendedJson"]  # What the older service made of the same two messages.
    assert product["categoryId"] == document["categoryId"]["$oid"] and product["photos"] == document["photos"]
    for name in ("name", "description", "price", "imageUrl", "quantity", "rating"):
        assert product[name] == document[name]
    alone.stop()


def test_an_explicit_id_is_used_once_and_its_second_create_is_a_dead_letter(service):
    id_ = "aaaaaaaaaaaaaaaaaaaaaaa1"
    publish(service, "create-product", json.dumps(a_product(productId=id_, name="first of its id")))
    eventually(lambda: stored(service, id_), what="the product")
    letter = dead_letter_of(
        service, publish(service, "create-product", json.dumps(a_product(productId=id_, name="second")))
    )
    assert letter["code"] == "already_exists"
    assert stored(service, id_)["name"] == "first of its id" and stored(service, id_)["version"] == 1


def test_a_delete_message_deletes(service):
    product = service.created(a_product())
    publish(service, "delete-product", json.dumps({"productId": product["productId"]}))
    eventually(lambda: stored(service, product["productId"]) is None, what="the deletion")


VALID = json.dumps(a_product())
GARBAGE = {
    "text": "garbage",
    "an array": "[]",
    "null": "null",
    "half": VALID[:-5],
    "no members": "{}",
    "deep": "[" * 50_000,
    "a bad price": VALID.replace("10.5", "-1"),
    "a member twice": VALID[:-1] + ',"price":1}',
    "control characters": "\x01\x02\x7f",
    "long noise": "ab\u0000é😀" * 20_000,
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_a_message_that_is_no_product_becomes_a_complete_dead_letter(service, kind):
    position = publish(
        service, "create-product", "--key", "the key", "--header", "origin=a test", lines=GARBAGE[kind] + "\n"
    )
    letter = dead_letter_of(service, position)
    topic, partition, offset = position.split("/")
    assert (letter["topic"], letter["partition"], letter["offset"]) == (topic, int(partition), int(offset))
    assert (
        letter["error"]
        and letter["code"] == "invalid_argument"
        and letter["attempts"] == 1
        and letter["group"] == "products_group"
    )
    assert payload_of(letter) == GARBAGE[kind].encode() and letter["key"] == "the key"
    assert {"name": "origin", "value": "a test"} in letter["headers"]
    time = message_at(service, position)["time"]
    assert letter["messageTime"] == time and letter["messageId"].endswith(
        f"/{round(datetime.datetime.fromisoformat(time.replace('Z', '+00:00')).timestamp() * 1000)}"
    )
    for name in ("time", "firstFailure", "lastFailure"):
        assert letter[name] >= time


@pytest.mark.parametrize("topic", ["create-product", "update-product", "delete-product"])
@pytest.mark.parametrize("arguments", [["--null"], [""]], ids=["null", "empty"])
def test_a_message_without_a_payload_becomes_a_dead_letter(service, topic, arguments):
    letter = dead_letter_of(service, publish(service, topic, *arguments))
    assert payload_of(letter) == b""


def test_garbage_among_good_messages_touches_none_of_them(alone):
    lines = [json.dumps(a_product(name=f"neighbour {i}")) if i % 3 else f"garbage {i}" for i in range(300)]
    done = run_cli("topics", "publish", "create-product", "--data-dir", alone.data, stdin="\n".join(lines) + "\n")
    assert done.returncode == 0, done.stderr
    eventually(lambda: len(dead_letters(alone)) == 100, 20, "100 dead letters", pause=0.1)
    answer = alone.get(f"{PRODUCTS}/search", params={"search": "neighbour", "size": 100}).json()
    eventually(
        lambda: alone.get(f"{PRODUCTS}/search", params={"search": "neighbour"}).json()["totalCount"] == 200,
        20,
        f"200 products, not {answer['totalCount']}",
    )
    assert {letter["payload"] for letter in dead_letters(alone)} == {f"garbage {i}" for i in range(0, 300, 3)}
    alone.stop()


def test_an_update_of_an_unknown_product_waits_and_then_becomes_a_dead_letter(service):
    letter = dead_letter_of(service, publish(service, "update-product", json.dumps(a_product(productId="b" * 24))))
    assert letter["code"] == "not_found"
    assert (
        dead_letter_of(service, publish(service, "delete-product", '{"productId":"' + "c" * 24 + '"}'))["code"]
        == "not_found"
    )


def test_an_update_that_comes_before_its_create_is_applied_after_it(new_service):
    service, id_ = new_service().start(), "d" * 24
    publish(service, "update-product", json.dumps(a_full_product(productId=id_, name="updated early")))
    publish(service, "create-product", json.dumps(a_full_product(productId=id_, name="created late")))
    product = eventually(
        lambda: (p := stored(service, id_)) and p["version"] == 2 and p, 10, "the update behind its create"
    )
    assert product["name"] == "updated early" and dead_letters(service) == []
    service.stop()


def test_messages_published_while_the_service_is_stopped_are_applied_when_it_starts(new_service):
    service = new_service().start()
    service.stop()
    publish(service, "create-product", json.dumps(a_product(name="meanwhile")))
    service.start()
    eventually(lambda: found(service, "meanwhile"), what="the product")
    service.stop()


def test_a_dead_letter_survives_a_kill_and_is_not_written_twice(alone):
    positions = [publish(alone, "create-product", f"garbage {i}") for i in range(5)]
    dead_letter_of(alone, positions[-1])
    eventually(lambda: len(dead_letters(alone)) == 5, what="five letters")
    alone.kill()
    alone.start()
    publish(alone, "create-product", json.dumps(a_product(name="after the kill")))
    eventually(lambda: found(alone, "after the kill"), what="the next message")
    ids = [letter["messageId"] for letter in dead_letters(alone)]
    assert {id_.rpartition("/")[0] for id_ in ids} == set(positions)
    alone.stop()


def test_the_dead_letters_are_counted(service):
    before = service.metric("products_error_incoming_kafka_message_total")
    dead_letter_of(service, publish(service, "create-product", "counted garbage"))
    eventually(lambda: service.metric("products_error_incoming_kafka_message_total") == before + 1, what="the count")
    assert read(service, DEAD, "--from", "-1")
