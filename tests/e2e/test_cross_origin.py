# What a path serves, as OPTIONS tells it, and whether pages of other origins may call: only those that are named.
import re
import socket

import httpx
import pytest

from products import UNKNOWN_ID, a_product
from service import PRODUCTS, Service, run_cli

SHOP, OTHER = "https://shop.example", "https://other.example"
PRODUCT = f"{PRODUCTS}/{UNKNOWN_ID}"
SERVED = {
    PRODUCTS: {"POST"},
    PRODUCT: {"GET", "HEAD", "PUT", "DELETE"},
    f"{PRODUCTS}/search": {"GET", "HEAD"},
    "/metrics": {"GET", "HEAD"},
    "/": {"GET", "HEAD"},
    "/swagger/index.html": {"GET", "HEAD"},
}


def names(header):
    return {name.strip() for name in header.split(",")}


def of_cors(answer):
    return [name for name in answer.headers if name.lower().startswith("access-control")]


def preflight(method="PUT", origin=SHOP, asked="content-type,if-match"):
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": asked,
    }


@pytest.fixture(scope="module")
def for_the_shop(tmp_path_factory):
    service = Service(tmp_path_factory.mktemp("shop"), environment={"PRODUCTD_HTTP_CORSORIGINS": SHOP}).start()
    yield service
    service.stop()


@pytest.mark.parametrize("path, methods", SERVED.items())
def test_options_tells_what_a_path_serves_and_that_is_true(service, path, methods):
    answer = service.request("OPTIONS", path)
    assert answer.status_code == 204 and not answer.content and "Content-Type" not in answer.headers
    assert names(answer.headers["Allow"]) == methods | {"OPTIONS"}
    assert not of_cors(answer)
    for method in {"GET", "POST", "PUT", "DELETE", "PATCH"} - methods:
        refused = service.request(method, path)
        assert refused.status_code == 405 and refused.headers["Allow"] == answer.headers["Allow"]


def test_options_of_nothing_is_404_and_of_the_whole_service_is_not(service):
    assert service.request("OPTIONS", "/nothing").status_code == 404
    with service.tls().wrap_socket(connected(service), server_hostname="localhost") as connection:
        connection.sendall(b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = read_all(connection).decode()
    assert answer.startswith("HTTP/1.1 204"), answer
    allowed = re.search(r"\r\nAllow: (.+)\r\n", answer)[1]
    assert names(allowed) == {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"}


@pytest.mark.parametrize(
    "origin", ["shop.example", "https://shop.example/", "https://Shop.example", "https://shop.example:443", "null"]
)
def test_an_origin_that_no_browser_sends_stops_the_start(tmp_path, origin):
    told = run_cli("serve", "--data-dir", tmp_path, environment={"PRODUCTD_HTTP_CORS_ORIGINS": origin})
    assert told.returncode == 1 and f"Http.CorsOrigins has {origin}" in told.stderr


def connected(service):
    return socket.create_connection(("localhost", service.http_port), timeout=5)


def read_all(connection):
    parts = []
    while part := connection.recv(4096):
        parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("path", ["/health", PRODUCT, "/", "/swagger/openapi.json"])
def test_no_page_of_another_origin_may_read_an_answer_unless_it_is_named(service, for_the_shop, path):
    assert not of_cors(service.get(path, headers={"Origin": SHOP}))
    assert not of_cors(for_the_shop.get(path, headers={"Origin": OTHER}))
    assert not of_cors(for_the_shop.get(path))
    answer = for_the_shop.get(path, headers={"Origin": SHOP})
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP and "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert {"ETag", "Location", "Product-State"} <= names(answer.headers["Access-Control-Expose-Headers"])


@pytest.mark.parametrize("path, methods", SERVED.items())
def test_a_preflight_of_a_named_origin_is_offered_what_the_path_serves(for_the_shop, path, methods):
    answer = for_the_shop.request("OPTIONS", path, headers=preflight())
    assert answer.status_code == 204 and answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert names(answer.headers["Access-Control-Allow-Methods"]) == methods | {"OPTIONS"}
    read = {name.lower() for name in names(answer.headers["Access-Control-Allow-Headers"])}
    assert {"content-type", "if-match", "idempotency-key", "traceparent"} <= read and "authorization" not in read
    assert int(answer.headers["Access-Control-Max-Age"]) > 0


def test_a_preflight_of_an_origin_that_is_not_named_is_offered_nothing(service, for_the_shop):
    for one, origin in ((service, SHOP), (for_the_shop, OTHER)):
        answer = one.request("OPTIONS", PRODUCT, headers=preflight(origin=origin))
        assert answer.status_code == 204 and not of_cors(answer)
    nothing = for_the_shop.request("OPTIONS", "/nothing", headers=preflight())
    assert nothing.status_code == 404 and "Access-Control-Allow-Methods" not in nothing.headers


def test_every_origin_may_call_where_the_operator_says_so(new_service):
    service = new_service(environment={"PRODUCTD_HTTP_CORSORIGINS": "*"}).start()
    assert service.get("/health", headers={"Origin": OTHER}).headers["Access-Control-Allow-Origin"] == "*"
    service.stop()


def test_the_metrics_port_lets_no_page_read_it(for_the_shop):
    answer = httpx.get(f"http://127.0.0.1:{for_the_shop.ready['metrics_port']}/metrics", headers={"Origin": SHOP})
    assert answer.status_code == 200 and not of_cors(answer)
