# More than can be answered in time: new requests are refused early, and what this process answers by itself is not.
import concurrent.futures
import json

import grpc

from products import a_product
from service import PRODUCTS, run_cli
from waiting import eventually

CALLERS = 64
STORED = 20_000  # A search takes longer than callers written in Python do, on whatever machine.
SEARCH = f"{PRODUCTS}/search?search=o&size=100"


def until_refused(ask):
    """Asks from many threads at a time until one is told that more come than can be answered; returns that answer."""
    with concurrent.futures.ThreadPoolExecutor(CALLERS) as callers:
        for _ in range(200):
            for answer in callers.map(ask, range(2 * CALLERS)):
                if answer is not None:
                    return answer
    raise AssertionError("nobody was refused")


def fill(service):
    lines = "\n".join(json.dumps(a_product(name=f"Wooden {number}")) for number in range(STORED))
    published = run_cli("topics", "publish", "create-product", "--data-dir", service.data, stdin=lines)
    assert published.returncode == 0, published.stderr
    stored = "products_success_incoming_kafka_messages_total"
    eventually(lambda: service.metric(stored) >= STORED, 120, "the products to be stored")


def test_what_is_not_answered_in_time_is_refused_and_cached_reads_are_not(new_service, proto):
    service = new_service(
        environment={"PRODUCTD_LIMITS_ANSWER_TIME": "1ms", "PRODUCTD_STORE_READERTHREADS": "1"}
    ).start()
    fill(service)
    cached = f"{PRODUCTS}/{service.created(a_product())['productId']}"

    def search(_):
        answer = service.get(SEARCH)
        return answer if answer.status_code != 200 else None

    refused = until_refused(search)
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["content-type"] == "application/problem+json"
    assert "More searches come" in refused.json()["detail"]
    assert service.metric("productd_load_refused_total", kind="search") > 0
    assert service.metric("productd_load_refused_total", kind="read") == 0
    assert service.get(cached).status_code == 200, "it is held by the process itself"

    with service.channel() as channel:
        stub = proto.product_pb2_grpc.ProductsServiceStub(channel)

        def call(_):
            try:
                stub.Search(proto.product_pb2.SearchReq(Search="o", page=1, size=100))
            except grpc.RpcError as failed:
                return failed
            return None

        assert until_refused(call).code() == grpc.StatusCode.UNAVAILABLE
    service.stop()


def test_at_an_answer_time_of_zero_nobody_is_refused(new_service):
    service = new_service(environment={"PRODUCTD_LIMITS_ANSWER_TIME": "0"}).start()
    with concurrent.futures.ThreadPoolExecutor(CALLERS) as callers:
        states = callers.map(lambda _: service.create(a_product()).status_code, range(10 * CALLERS))
    assert set(states) == {201}
    assert service.metric("productd_load_refused_total") == 0
    service.stop()
