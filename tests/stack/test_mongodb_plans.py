# That each query of the service is served by the index that was written for it, among 100,000 products. The server's
# profiler tells how each query that really came was carried out, which says more than asking for its plan.
from datetime import datetime, timedelta

import pymongo
import pytest

from products import a_product
from service import PRODUCTS, Service
from waiting import eventually

pytest_plugins = ["mongodb_fixture"]

PRODUCTS_THERE = 100_000
BATCH = 10_000
PAGES = "createdAt_-1__id_1"
# How many products the page and the count of a search may read; `first` and what is made meanwhile have no such word.
SEARCHES = {
    "a page": (30, 10_001),
    "a common word": (10 + 1, 10_001 + 3),
    "a word of one in a hundred": (10 * 100 + 1, PRODUCTS_THERE + 1),
}


@pytest.fixture
def service(tmp_path, mongodb_environment):
    running = Service(tmp_path / "service", environment={**mongodb_environment, "PRODUCTD_CACHE_BYTES_MAX": "0"}).start()
    yield running
    running.ensure_stopped()


def fill(products, sample):
    """Products like one that the service wrote, older than it; each hundredth says `seldom`."""
    import bson

    for start in range(0, PRODUCTS_THERE, BATCH):
        documents = []
        for number in range(start, start + BATCH):
            name = f"lamp {number}{' seldom' if number % 100 == 0 else ''}"
            at = sample["createdAt"] - timedelta(seconds=1 + PRODUCTS_THERE - number)
            own = {"_id": bson.ObjectId(), "name": name, "createdAt": at, "updatedAt": at}
            documents.append({**sample, **own, "folded": {"text": name, "at": at}})
        products.insert_many(documents, ordered=False)


def test_each_query_is_served_by_the_index_written_for_it(service, mongodb):
    first = service.created(a_product(name="first"))
    path = f"{PRODUCTS}/{first['productId']}"
    with pymongo.MongoClient("127.0.0.1", mongodb.state()["port"]) as client:
        database = client["products"]
        names = lambda: set(database.products.index_information())
        eventually(lambda: names() == {"_id_", PAGES, "expireAt_1"}, what="the indexes")
        fill(database.products, database.products.find_one())
        asked = {
            "find": lambda: service.get(path),
            "a page": lambda: service.get(f"{PRODUCTS}/search?search=&size=10&page=3"),
            "a common word": lambda: service.get(f"{PRODUCTS}/search?search=lamp&size=10"),
            "a word of one in a hundred": lambda: service.get(f"{PRODUCTS}/search?search=seldom&size=10"),
            "create": lambda: service.request("POST", PRODUCTS, json=a_product()),
            "update": lambda: service.request("PUT", path, json=a_product(name="second")),
            "removal": lambda: service.request("DELETE", path),
        }
        told = {}
        for what, ask in asked.items():
            database.command("profile", 2)
            assert ask().status_code in (200, 201, 204), what
            database.command("profile", 0)
            told[what] = list(database["system.profile"].find({"ns": "products.products"}))
            database.drop_collection("system.profile")
        expiry = {"expireAt": {"$lt": datetime.utcnow()}}
        plan = database.products.find(expiry).explain()["queryPlanner"]["winningPlan"]
    assert (plan["stage"], plan["inputStage"]["indexName"]) == ("FETCH", "expireAt_1"), plan
    check(told)


def check(told):
    for what, entries in told.items():
        assert entries, f"{what} asked the store nothing"
        for entry in entries:
            if what in SEARCHES:
                check_search(what, entry)
            else:
                # What is asked after by its id is read alone; an insertion reads nothing.
                assert entry["op"] == "insert" or entry["planSummary"] == "IXSCAN { _id: 1 }", (what, entry)
                assert entry.get("docsExamined", 0) <= 1, (what, entry)
    kinds = {what: {entry["op"] for entry in entries} for what, entries in told.items()}
    assert kinds["find"] == {"query"} and kinds["create"] == {"insert"}
    assert kinds["update"] == kinds["removal"] == {"query", "update"}


def check_search(what, entry):
    """No index serves the count of a substring: it reads until it has enough, or its time is over."""
    page_reads, count_reads = SEARCHES[what]
    assert entry["command"]["maxTimeMS"] > 0, (what, entry)
    if "aggregate" in entry["command"]:
        assert entry["docsExamined"] <= count_reads, (what, entry)
    else:
        # The order of an index: nothing is sorted, and a search ends when its page is full.
        assert entry["planSummary"] == "IXSCAN { createdAt: -1, _id: 1 }" and not entry.get("hasSortStage"), (what, entry)
        assert entry["docsExamined"] <= page_reads, (what, entry)
