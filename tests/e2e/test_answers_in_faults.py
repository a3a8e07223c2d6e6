# What callers are told while something below fails: what happened, and nothing of how the service is built or run.
import contextlib
import socket
import sqlite3

import grpc
import pytest

import store_under_test
from for_callers import check_for_callers
from grpc_calls import request
from products import UNKNOWN_ID, a_product, check_problem
from service import PRODUCTS
from store_under_test import embedded_only
from waiting import eventually


@contextlib.contextmanager
def locked(file):
    """Another program that is in the middle of writing to it."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def refused_by_grpc(service, proto, call, message):
    with service.channel() as channel, pytest.raises(grpc.RpcError) as raised:
        getattr(proto.product_pb2_grpc.ProductsServiceStub(channel), call)(message, timeout=20)
    return check_for_callers(raised.value.details())


def readiness(service):
    """What the port of the API says of each check that fails."""
    checks = service.get("/readyz?verbose").json()["checks"]
    return [check_for_callers(check["detail"]) for check in checks if not check["ok"]]


@embedded_only
def test_of_files_that_another_program_holds_callers_learn_no_name(new_service, proto):
    service = new_service(environment={"PRODUCTD_HTTP_TIMEOUT": "20s"}).start()
    with locked(service.data / "log.db"):
        answer = service.create(a_product())
        check_problem(answer, 503)
        assert "locked by another process" in answer.json()["detail"]
    with locked(service.data / "store.db"):
        told = refused_by_grpc(service, proto, "Create", request(proto.product_pb2.CreateReq, a_product()))
        assert "locked by another process" in told
    said = eventually(lambda: (s := service.output(100_000)).count("end that one") >= 2 and s, what="the causes")
    assert "log.db is locked by another process" in said and "store.db is locked by another process" in said
    service.stop()


def test_of_a_product_that_cannot_be_read_callers_learn_that_alone(new_service, proto):
    service = new_service().start()
    product = service.created(a_product())["productId"]
    store_under_test.damage(service.data, product)
    answer = service.get(f"{PRODUCTS}/{product}", headers={"Cache-Control": "no-cache"})
    check_problem(answer, 500)
    update = request(proto.product_pb2.UpdateReq, a_product(), ProductID=product)
    refused_by_grpc(service, proto, "Update", update)
    service.stop()


@pytest.mark.parametrize("away", ["bus", "store", "cache"])
def test_of_servers_that_are_away_callers_learn_no_address_and_no_key(new_service, proto, away):
    with socket.socket() as closed:  # Bound and not listening: nobody else gets the port, and nobody answers.
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
        chosen = {
            "bus": {"BUS": "kafka", "KAFKA_BROKERS": address, "KAFKA_DELIVERYTIMEOUT": "1s"},
            "store": {"STORE": "mongodb", "MONGODB_URI": f"mongodb://{address}", "MONGODB_SERVERSELECTIONTIMEOUT": "1s"},
            "cache": {"CACHE": "redis", "REDIS_ADDRESS": address},
        }[away]
        service = new_service(environment={f"PRODUCTD_{key}": value for key, value in chosen.items()}).start()
        assert eventually(lambda: readiness(service), what="a check that fails")
        for answer in (
            service.create(a_product()),
            service.request("PUT", f"{PRODUCTS}/{UNKNOWN_ID}", json=a_product(), headers={"If-Match": '"1"'}),
            service.get(f"{PRODUCTS}/{UNKNOWN_ID}"),
            service.get(f"{PRODUCTS}/search?search=lamp"),
        ):
            if answer.status_code >= 400:
                check_problem(answer, answer.status_code)
        if away == "bus":
            check_problem(service.create(a_product()), 503)
        if away == "store":
            refused_by_grpc(service, proto, "GetByID", proto.product_pb2.GetByIDReq(ProductID=UNKNOWN_ID))
            refused_by_grpc(service, proto, "Create", request(proto.product_pb2.CreateReq, a_product()))
        service.stop()
