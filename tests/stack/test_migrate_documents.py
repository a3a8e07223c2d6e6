# On a replica set: documents that the older service wrote, and that it changed after productd had, get their versions and
# folded text where they are, and nothing else of them changes.
import re
import signal
import subprocess
import threading
import uuid

import bson
import pymongo
import pytest

import older_service
from service import BINARY, INHERITED, PRODUCTS, run_cli

pytest_plugins = ["kafka_fixtures", "mongodb_fixture"]


@pytest.fixture
def there(replica_set):
    name = f"test_migrate_{uuid.uuid4().hex[:8]}"
    yield {"PRODUCTD_STORE": "mongodb", "PRODUCTD_MONGODB_URI": replica_set, "PRODUCTD_MONGODB_DB": name}
    with pymongo.MongoClient(replica_set) as client:
        client.drop_database(name)


@pytest.fixture
def collection(there):
    with pymongo.MongoClient(there["PRODUCTD_MONGODB_URI"]) as client:
        yield client[there["PRODUCTD_MONGODB_DB"]]["products"]


def migrate(there, *arguments):
    done = run_cli("migrate", "--first-generation", *arguments, environment=there, seconds=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def content(collection):
    """All but what is given."""
    left_out = {"version": 0, "folded": 0}
    return {document["_id"]: document for document in collection.find({}, left_out)}


def search(service, text):
    return service.get(f"{PRODUCTS}/search", params={"search": text}).json()["totalCount"]


def test_documents_get_version_and_folded_text_and_nothing_else(there, collection, services):
    collection.insert_many(older_service.document(n, name=f"Stuhl {n}") for n in range(1, 2_501))
    service = services(there, name="service").start()
    changed = older_service.document(0, name="Masse")
    for n in (1, 2):
        path = f"{PRODUCTS}/{n:024x}"
        body = {name: changed[name] for name in ("name", "description", "price", "quantity", "rating")}
        assert service.request("PUT", path, json=body).json()["version"] == 1
    deleted = f"{PRODUCTS}/{3:024x}"
    assert service.request("DELETE", deleted).status_code == 204
    older_service.update(collection, 1, name="Fußbank")  # The text alone tells: updatedAt is as it was.
    older_service.update(collection, 2, price=99.5)
    collection.insert_one({"_id": bson.ObjectId(), "name": "no product"})
    collection.insert_one({"_id": "another kind of id", "name": "nor this"})
    before = content(collection)
    assert (search(service, "fussbank"), search(service, "masse")) == (0, 2), "what was folded says otherwise"

    documents = list(collection.find())
    assert "Documents: 2501; 2498 would be given" in migrate(there, "--dry-run")
    assert list(collection.find()) == documents
    told = migrate(there)
    assert "Documents: 2501; 2498 given a version and folded text, 2500 had both." in told, told
    assert "1 is no product, and left: " in told and re.search(r"All else is as it was: SHA-256 [0-9a-f]{64}", told)
    assert content(collection) == before
    versions = {int(str(d["_id"]), 16): d["version"] for d in collection.find({"version": {"$exists": True}})}
    assert versions == {n: 2 if n == 1 else 1 for n in range(1, 2_501)}
    assert (search(service, "fussbank"), search(service, "masse")) == (1, 1)
    product = service.get(f"{PRODUCTS}/{1:024x}", headers={"Cache-Control": "no-cache"}).json()
    assert (product["name"], product["version"]) == ("Fußbank", 2)
    assert service.get(deleted).status_code == 404
    assert "0 given a version and folded text, 2500 had both" in migrate(there)


def test_killed_in_the_middle_it_goes_on_and_nothing_is_given_twice(there, collection):
    collection.insert_many(older_service.document(n) for n in range(1, 8_001))
    half = threading.Event()

    def watch():
        with pymongo.MongoClient(there["PRODUCTD_MONGODB_URI"]) as client:
            watched = client[there["PRODUCTD_MONGODB_DB"]]["products"]
            while not watched.find_one({"version": 1}):
                pass
            half.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    process = subprocess.Popen(
        [BINARY, "migrate", "--first-generation"], env={**INHERITED, **there}, stdout=subprocess.DEVNULL
    )
    assert half.wait(30)
    process.kill()
    watcher.join()
    assert process.wait() == -signal.SIGKILL
    assert collection.count_documents({"version": 1}) < 8_000  # What the server has begun it ends.
    given = int(re.search(r"; (\d+) given a version", migrate(there))[1])
    assert 0 < given < 8_000
    assert collection.count_documents({"version": 1}) == 8_000


def test_what_others_change_meanwhile_is_kept(there, collection):
    collection.insert_many(older_service.document(n) for n in range(1, 3_001))
    stop = threading.Event()

    def change():
        with pymongo.MongoClient(there["PRODUCTD_MONGODB_URI"]) as client:
            changing = client[there["PRODUCTD_MONGODB_DB"]]["products"]
            n = 0
            while not stop.is_set():
                n = n % 3_000 + 1
                older_service.update(changing, n, name=f"Changed {n}", quantity=n)
                done.add(n)

    done = set()
    other = threading.Thread(target=change)
    other.start()
    try:
        meanwhile = run_cli("migrate", "--first-generation", environment=there, seconds=120)
    finally:
        stop.set()
        other.join()
    # Who is fast enough leaves something behind after the last pass, which is told.
    left = " were changed by the older service since: run this again" in meanwhile.stdout
    assert meanwhile.returncode == (1 if left else 0), meanwhile.stdout + meanwhile.stderr
    assert " were changed by the older service since" not in migrate(there)
    for document in collection.find():
        n = int(str(document["_id"]), 16)
        assert document["version"] >= 1
        if n in done:
            assert (document["name"], document["quantity"]) == (f"Changed {n}", n)
            assert document["folded"]["text"].startswith(f"changed {n}")
    assert done


def test_texts_that_exceed_a_command_together_and_a_page_are_renewed(there, collection):
    # More than the 16 MiB of one command, each well within one; and one whose text no more fits beside itself.
    size = 300_000
    for start in range(0, 120, 20):
        collection.insert_many(older_service.document(n, description="D" * size) for n in range(start + 1, start + 21))
    huge = older_service.document(999, description="H" * (9 << 20))
    collection.insert_one(huge)
    told = migrate(there)
    assert "Documents: 121; 120 given a version and folded text, 120 had both." in told, told
    assert f"1 is too large for folded text beside its own, and left: {999:024x}" in told, told
    assert collection.count_documents({"version": 1, "folded": {"$exists": True}}) == 120
    assert collection.find_one({"_id": huge["_id"]}) == huge
    assert "0 given a version and folded text, 120 had both" in migrate(there)


def test_documents_without_a_text_are_told_and_left_and_an_empty_one_is_given_a_version_once(there, collection):
    documents = [older_service.document(n) for n in range(1, 5)]
    documents[0]["name"] = None
    del documents[1]["description"]
    documents[2].update(name="", description="")
    documents[3]["version"] = None
    collection.insert_many(documents)
    told = migrate(there)
    assert "Documents: 4; 2 given a version and folded text, 2 had both." in told, told
    assert " changed between reading and writing" not in told
    assert f"2 are no product, and left: {1:024x}, {2:024x}" in told
    assert [document.get("version") for document in collection.find(sort=[("_id", 1)])] == [None, None, 1, 1]
    assert "0 given a version and folded text, 2 had both" in migrate(there)
