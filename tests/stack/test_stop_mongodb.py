# The service whose MongoDB hangs: it takes connections and answers nothing. It says so soon, keeps nobody waiting, and
# stops in its time. All time-outs but those under test are so long that who waits for one fails here.
import concurrent.futures
import struct
import time

import grpc
import pymongo
import pytest

from freezing import freeze, thaw
from products import UNKNOWN_ID, a_product, check_problem
from service import PRODUCTS, Service
from waiting import eventually

pytest_plugins = ["mongodb_fixture"]

LONG = {
    "PRODUCTD_HTTP_TIMEOUT": "10m",
    "PRODUCTD_HTTP_APPLYWAIT": "1m",
    "PRODUCTD_HTTP_LOOKWAIT": "1m",
    "PRODUCTD_SERVER_TIMEOUT": "10m",
    "PRODUCTD_WORKER_CALLTIMEOUT": "10m",
    "PRODUCTD_MONGODB_SOCKETTIMEOUT": "10m",
    "PRODUCTD_MONGODB_SERVERSELECTIONTIMEOUT": "10m",
}
# Calls that have little time. A connection may still be silent for ten minutes.
BRIEF = {
    "PRODUCTD_HTTP_TIMEOUT": "20s",
    "PRODUCTD_HTTP_APPLYWAIT": "5s",
    "PRODUCTD_HTTP_LOOKWAIT": "5s",
    "PRODUCTD_SERVER_TIMEOUT": "1s",
    "PRODUCTD_WORKER_CALLTIMEOUT": "2s",
    "PRODUCTD_MONGODB_CONNECTTIMEOUT": "1s",
    "PRODUCTD_MONGODB_SERVERSELECTIONTIMEOUT": "500ms",
}
STOP = 3  # seconds: Shutdown.Timeout
# Requests of product.proto: a search for all, a creation, a removal.
SEARCH = b""
CREATE = b"\x12\x03abc\x1a\x03abc\x21" + struct.pack("<d", 1)
DELETE = b"\x0a\x18" + UNKNOWN_ID.encode()


@pytest.fixture
def new_mongodb_service(tmp_path, mongodb):
    running = []

    def make(**environment):
        uri = f"mongodb://127.0.0.1:{mongodb.state()['port']}"
        chosen = {"PRODUCTD_STORE": "mongodb", "PRODUCTD_MONGODB_URI": uri, **LONG}
        chosen |= {"PRODUCTD_SHUTDOWN_TIMEOUT": f"{STOP}s", **environment}
        running.append(Service(tmp_path / f"service{len(running)}", environment=chosen))
        return running[-1].start()

    yield make
    for service in running:
        service.process.kill()
        service.ensure_stopped()


def hang(service, mongodb):
    """Returns once the service knows that its store does not answer."""
    freeze(mongodb.state()["pid"])
    eventually(lambda: service.get("/readyz").status_code == 503, 20, "not ready")


def rpc(channel, name, request):
    return channel.unary_unary(f"/productsService.ProductsService/{name}").future(request)


def test_a_read_that_meets_the_store_standing_still_is_told_how_long_was_waited(new_mongodb_service, mongodb):
    service = new_mongodb_service(PRODUCTD_HTTP_TIMEOUT="100ms", PRODUCTD_HTTP_APPLYWAIT="50ms")
    freeze(mongodb.state()["pid"])
    answers = []

    def told():
        answers.append(service.get(f"{PRODUCTS}/{UNKNOWN_ID}"))
        return answers[-1].status_code == 503

    eventually(told, 20, "refused at once")
    assert [answer.json()["detail"] for answer in answers if answer.status_code == 504], "none was under way"
    assert {answer.json()["detail"] for answer in answers if answer.status_code == 504} == {
        "The store did not answer within 0.1 s."
    }


def check_refused(answer):
    check_problem(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0


def test_nobody_waits_for_a_store_that_hangs(new_mongodb_service, mongodb):
    service = new_mongodb_service()
    stored = service.created(a_product())
    path = f"{PRODUCTS}/{stored['productId']}"
    hang(service, mongodb)
    check_refused(service.get(f"{PRODUCTS}/search"))
    check_refused(service.get(f"{PRODUCTS}/{UNKNOWN_ID}"))
    check_refused(service.get(path, headers={"Cache-Control": "no-cache"}))
    check_refused(service.request("PUT", path, json=a_product(), headers={"If-Match": '"1"'}))
    for answer in (
        service.create(a_product()),
        service.create(a_product(), Idempotency_Key="one"),
        service.request("PUT", path, json=a_product()),
        service.request("DELETE", path),
    ):
        assert answer.is_success and answer.headers["Product-State"] == "accepted", answer.text
    with service.channel() as channel:
        for call in (rpc(channel, "Search", SEARCH), rpc(channel, "Create", CREATE), rpc(channel, "Delete", DELETE)):
            assert call.exception(timeout=60).code() == grpc.StatusCode.UNAVAILABLE


def test_who_already_waits_when_the_store_begins_to_hang_is_told(new_mongodb_service, mongodb):
    service = new_mongodb_service()
    service.created(a_product())
    freeze(mongodb.state()["pid"])
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        reads = [pool.submit(service.new_client().get, f"{PRODUCTS}/{n:024x}") for n in range(1, 9)]
        for read in reads:
            check_refused(read.result(60))


@pytest.mark.parametrize("store_down", ["fail", "degrade"])
def test_readiness_while_the_store_hangs_is_as_configured(new_mongodb_service, mongodb, store_down):
    service = new_mongodb_service(PRODUCTD_HEALTH_STOREDOWN=store_down, PRODUCTD_WORKER_OLDESTUNFINISHEDMAX="1s")
    serving = lambda channel: channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=10) == b"\x08\x01"
    failing = lambda: {c["name"] for c in service.get("/readyz?verbose").json()["checks"] if not c["ok"]}
    freeze(mongodb.state()["pid"])
    eventually(lambda: "store" in failing(), 20, "the store's check fails")
    assert service.create(a_product()).headers["Product-State"] == "accepted"
    eventually(lambda: "progress" in failing(), 30, "an event stays unfinished")
    told = service.get("/readyz?verbose").json()
    assert told["ready"] == (store_down == "degrade") and told["degraded"] == (store_down == "degrade"), told
    assert service.get("/readyz").status_code == (200 if store_down == "degrade" else 503)
    with service.channel() as channel:
        eventually(lambda: serving(channel) == (store_down == "degrade"), 20, "gRPC's health service says the same")


def seconds_to_stop(service):
    began = time.monotonic()
    service.terminate()
    service.wait_end(1)
    assert "stopping waited for calls of the store or the cache that do not return; all is committed" in service.output()
    return time.monotonic() - began


def test_a_stop_with_a_store_that_hangs_ends_by_itself_when_idle(new_mongodb_service, mongodb):
    service = new_mongodb_service()
    service.created(a_product())
    hang(service, mongodb)
    began = time.monotonic()
    service.stop()  # Its exit code is 0.
    assert time.monotonic() - began < STOP + 1


def test_a_stop_with_a_store_that_hangs_ends_in_its_time_with_calls_in_flight(new_mongodb_service, mongodb):
    service = new_mongodb_service()
    freeze(mongodb.state()["pid"])
    with service.channel() as channel:
        calls = [rpc(channel, "Create", CREATE), rpc(channel, "Search", SEARCH)]
        started = lambda: service.metric("grpc_server_started_total", grpc_service="productsService.ProductsService")
        eventually(lambda: started() == len(calls), 20, "the calls are in flight")
        assert seconds_to_stop(service) < STOP + 1
        assert all(call.exception(timeout=20) for call in calls)


def test_a_stop_with_a_store_that_hangs_waits_for_calls_that_run_out_of_their_time(new_mongodb_service, mongodb):
    service = new_mongodb_service(**BRIEF, PRODUCTD_SHUTDOWN_TIMEOUT="15s")
    service.created(a_product())
    freeze(mongodb.state()["pid"])
    answer = service.new_client().post(PRODUCTS, json=a_product(), timeout=60)  # The worker's call hangs.
    assert answer.headers["Product-State"] == "accepted"
    service.terminate()
    service.wait_end(0)
    assert "do not return" not in service.output()


def writes_under_way(client):
    running = client.admin.aggregate([{"$currentOp": {}}, {"$match": {"appName": "productd", "active": True}}])
    return [command for command in running if {"insert", "update", "delete"} & set(command.get("command", {}))]


def test_a_store_that_is_slow_ends_a_write_itself_and_its_thread_serves_others(new_mongodb_service, mongodb):
    service = new_mongodb_service(**BRIEF, PRODUCTD_MONGODB_POOLSIZE="2")  # One thread for calls.
    service.created(a_product())
    with pymongo.MongoClient("127.0.0.1", mongodb.state()["port"]) as client:
        client.admin.command("fsync", lock=True)  # It takes no write, and answers all else.
        try:
            with service.channel() as channel:
                created = rpc(channel, "Create", CREATE)
                eventually(lambda: writes_under_way(client), 20, "the write waits in the store")
                assert created.exception(timeout=60).code() == grpc.StatusCode.DEADLINE_EXCEEDED
            eventually(lambda: not writes_under_way(client), 20, "the store has ended it")
            assert service.get(f"{PRODUCTS}/{UNKNOWN_ID}").status_code == 404
        finally:
            client.admin.command("fsyncUnlock")


def test_a_stop_in_the_middle_of_applying_loses_nothing(new_mongodb_service, mongodb):
    service = new_mongodb_service()
    service.created(a_product())
    freeze(mongodb.state()["pid"])
    answer = service.new_client().post(PRODUCTS, json=a_product(), timeout=60)  # Held by the worker's hanging call.
    assert answer.headers["Product-State"] == "accepted"
    assert seconds_to_stop(service) < STOP + 1
    thaw(mongodb.state()["pid"])
    service.start()
    eventually(lambda: service.get(answer.headers["Location"]).status_code == 200, 30, "the product")
    assert service.get(answer.headers["Location"]).json()["version"] == 1
