# What lines say of requests and messages: whose they are, however they end, and how many there were.
import json
import ssl
import socket

import grpc
import pytest

from grpc_calls import request
from log_lines import lines_of, lines_with
from products import a_product
from service import PRODUCTS
from store_under_test import damage, embedded_only
from topics import dead_letter_of, publish

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
IDS = {"trace_id": TRACE, "request_id": "order-77"}


def ids_as_headers(**more):
    return {"traceparent": TRACEPARENT, "X-Request-Id": IDS["request_id"], **more}


def test_a_condemned_messages_lines_have_the_trace_of_its_headers(new_service):
    service = new_service(environment={"PRODUCTD_WORKER_NOT_FOUND_WAIT": "300ms"}).start()
    orphan = json.dumps(a_product(productId="bbbbbbbbbbbbbbbbbbbbbbb1"))
    with_trace = publish(service, "update-product", orphan, "-H", f"traceparent={TRACEPARENT}")
    without = publish(service, "create-product", "{no product")
    letters = [dead_letter_of(service, position)["messageId"] for position in (with_trace, without)]
    service.stop()
    lines = [lines_with(service, message="A message becomes a dead letter", message_id=letter) for letter in letters]
    assert [len(found) for found in lines] == [1, 1]
    assert lines[0][0]["trace_id"] == TRACE and lines[0][0]["code"] == "not_found"
    assert "trace_id" not in lines[1][0] and "request_id" not in lines[1][0], "it is nobody's request"


def test_a_message_is_found_by_the_id_of_the_request_that_published_it(new_service):
    service = new_service(environment={"PRODUCTD_LOGGER_LEVEL": "debug"}).start()
    assert service.request("POST", PRODUCTS, json=a_product(), headers=ids_as_headers()).status_code == 201
    service.stop()
    (ended,) = lines_with(service, message="A message has ended")
    assert ended.items() >= {**IDS, "ending": "applied"}.items() and ended["message_id"].startswith("create-product/")
    (access,) = lines_with(service, message="request", method="POST")
    assert access.items() >= {**IDS, "status": 201, "path": PRODUCTS, "listener": "api"}.items()


def test_every_line_of_a_write_that_fails_or_waits_says_whose_it_is(new_service):
    service = new_service(environment={"PRODUCTD_HTTP_APPLYWAIT": "0ms"}).start()
    made = service.request("POST", PRODUCTS, json=a_product(), headers=ids_as_headers())
    assert made.headers["Product-State"] == "accepted"
    refused = service.request("POST", PRODUCTS, json={"name": ""}, headers=ids_as_headers())
    assert refused.status_code in (400, 422)
    service.stop()
    about = [line for line in lines_of(service) if line.get("request_id") == IDS["request_id"]]
    assert all(line["trace_id"] == TRACE for line in about)
    assert [line["status"] for line in about if line["message"] == "request"] == [201, refused.status_code]


@embedded_only
def test_the_cause_of_a_failure_stands_in_the_requests_own_line(new_service):
    service = new_service(environment={"PRODUCTD_CACHE_BYTES_MAX": "0"}).start()
    product = service.created(a_product())
    damage(service.data, product["productId"])
    answer = service.get(f"{PRODUCTS}/{product['productId']}", headers=ids_as_headers())
    assert answer.status_code == 500
    service.stop()
    (line,) = lines_with(service, **IDS)
    assert line["message"] == "request" and line["status"] == 500 and line["cause"]
    assert line["cause"] not in answer.text


def test_a_grpc_calls_line_says_whose_it_is_and_why_it_failed(new_service, proto):
    service = new_service().start()
    metadata = [("traceparent", TRACEPARENT), ("x-request-id", IDS["request_id"])]
    with service.channel() as channel:
        stub = proto.product_pb2_grpc.ProductsServiceStub(channel)
        made = stub.Create(request(proto.product_pb2.CreateReq, a_product()), metadata=metadata).Product
        with pytest.raises(grpc.RpcError):
            stub.GetByID(proto.product_pb2.GetByIDReq(ProductID="b" * 24), metadata=metadata)
    assert made.ProductID
    service.stop()
    created, missing = lines_with(service, message="grpc", **IDS)
    assert (created["method"], created["code"]) == ("Create", "OK")
    assert (missing["method"], missing["code"]) == ("GetByID", "NotFound")
    assert created["peer"].startswith("ipv") and created["duration_ms"] > 0


def test_what_a_client_sends_ends_no_line_and_makes_none(new_service):
    service = new_service().start()
    forged = '{"time":"2026-01-01T00:00:00.000Z","level":"error","message":"forged"}'
    hostile = [
        b"GET /a\x1b[31mred\x07 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /\xff\xfe\xc2\x9b HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /a\n" + forged.encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /\"}%0a" + forged.encode().replace(b" ", b"") + b" HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\"b\r\n\r\n",
        b"\"\n\x00\x7f / HTTP/1.1\r\nHost: x\r\n\r\n",
    ]
    for bytes_sent in hostile:
        with socket.create_connection(("localhost", service.http_port), timeout=20) as plain:
            with service.tls().wrap_socket(plain, server_hostname="localhost") as client:
                client.sendall(bytes_sent)
                try:
                    client.recv(65536)
                except (ssl.SSLError, OSError):
                    pass
    service.stop()
    with open(service.log_file, "rb") as log:
        raw = log.read()
    assert len(lines_with(service, message="request")) == len(hostile)
    assert not [line for line in lines_of(service) if line["message"] == "forged"]
    assert not set(raw) & (set(range(0x20)) - {0x0A}) and 0x7F not in raw
    raw.decode()  # All of it is UTF-8.


def test_a_sample_of_requests_says_how_many_there_were_and_hides_no_failure(new_service):
    requests = 2_000
    service = new_service(environment={"PRODUCTD_LOGGER_ACCESSSAMPLE": "0.25"}).start()
    connection = service.connection()
    for number in range(requests):
        connection.request("GET", "/livez")
        connection.getresponse().read()
        if number % 100 == 0:
            connection.request("GET", "/nowhere")
            connection.getresponse().read()
    service.stop()
    lines = lines_with(service, message="request")
    failed = [line for line in lines if line["status"] == 404]
    assert len(failed) == requests // 100 and not [line for line in failed if "sample" in line]
    told = sum(line.get("sample", 1) for line in lines if line["status"] == 200)
    deviation = (requests * 0.25 * 0.75) ** 0.5 * 4
    assert {line.get("sample") for line in lines if line["status"] == 200} == {4}
    assert abs(told - requests) < 6 * deviation


def test_a_slow_request_has_its_line_whatever_is_sampled(new_service):
    environment = {"PRODUCTD_LOGGER_ACCESSSAMPLE": "0", "PRODUCTD_LOGGER_ACCESSSLOW": "0ms"}
    service = new_service(environment=environment).start()
    service.get("/livez")
    service.stop()
    (line,) = lines_with(service, message="request")
    assert line["status"] == 200 and "sample" not in line


def test_the_same_words_again_and_again_are_told_once_with_their_number(new_service):
    service = new_service().start()
    poisons = 50
    publish(service, "create-product", lines="{no product\n" * poisons)
    service.created(a_product())
    service.stop()
    lines = lines_with(service, message="A message becomes a dead letter")
    assert sum(line.get("repeated", 1) for line in lines) == poisons
    assert len(lines) < poisons and lines[-1]["repeated"] >= 1
    assert lines[-1]["error"] == lines[0]["error"] and "message_id" not in lines[-1]
