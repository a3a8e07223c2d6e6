# More than can be answered in time: new requests are refused early, and what this process answers by itself is not.
import concurrent.futures
import itertools

import grpc

from grpc_calls import request
from products import a_product
from service import PRODUCTS

CALLERS = 64


def until_refused(ask):
    """Asks from many threads at a time until one is told that more come than can be answered; returns that answer."""
    with concurrent.futures.ThreadPoolExecutor(CALLERS) as callers:
        for _ in range(200):
            for answer in callers.map(lambda number: ask(number), range(2 * CALLERS)):
                if answer is not None:
                    return answer
    raise AssertionError("nobody was refused")


def refusal(response):
    return response if response.status_code == 503 else None


def test_what_is_not_answered_in_time_is_refused_and_cached_reads_are_not(new_service, proto):
    # Nothing that has to wait for the disk is done in a millisecond.
    service = new_service(environment={"PRODUCTD_LIMITS_ANSWER_TIME": "1ms"}).start()
    cached = f"{PRODUCTS}/{service.created(a_product())['productId']}"
    assert service.get(cached).status_code == 200

    refused = until_refused(lambda _: refusal(service.create(a_product())))
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["content-type"] == "application/problem+json"
    assert "More writes come" in refused.json()["detail"]
    assert service.metric("productd_load_refused_total") > 0
    assert service.get(cached).status_code == 200, "of another kind"

    number = itertools.count()
    with service.channel() as channel:
        stub = proto.product_pb2_grpc.ProductsServiceStub(channel)

        def create(_):
            try:
                stub.Create(request(proto.product_pb2.CreateReq, a_product(name=f"Chair {next(number)}")))
            except grpc.RpcError as failed:
                return failed
            return None

        assert until_refused(create).code() == grpc.StatusCode.UNAVAILABLE
    service.stop()


def test_at_an_answer_time_of_zero_nobody_is_refused(new_service):
    service = new_service(environment={"PRODUCTD_LIMITS_ANSWER_TIME": "0"}).start()
    with concurrent.futures.ThreadPoolExecutor(CALLERS) as callers:
        states = callers.map(lambda _: service.create(a_product()).status_code, range(10 * CALLERS))
    assert set(states) == {201}
    assert service.metric("productd_load_refused_total") == 0
    service.stop()
