# HTTP/1.1 and TLS as they are on the wire: limits, pipelining, headers clients see, clients that misbehave.
import re
import socket
import ssl
import warnings

import pytest

from products import UNKNOWN_ID, a_product
from service import PRODUCTS


def connect(service, context=None, seconds=20):
    plain = socket.create_connection(("localhost", service.http_port), timeout=seconds)
    return (context or service.tls()).wrap_socket(plain, server_hostname="localhost")


def read_all(connection):
    """Everything until the other side closes."""
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except (ConnectionError, ssl.SSLError):
        pass
    return received


def exchange(service, sent, seconds=20):
    with connect(service, seconds=seconds) as connection:
        try:
            connection.sendall(sent)
        except (ConnectionError, ssl.SSLError):
            pass  # The service may have answered and closed before it had it all.
        return read_all(connection)


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else None


def test_pipelined_requests_are_answered_in_order(service):
    ids = [service.created(a_product())["productId"] for _ in range(5)]
    sent = b"".join(f"GET {PRODUCTS}/{id_} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() for id_ in ids)
    answer = exchange(service, sent + b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert re.findall(rb'"productId":"([0-9a-f]{24})"', answer) == [id_.encode() for id_ in ids]
    assert answer.count(b"HTTP/1.1 200") == 6 and answer.endswith(b"Ok")


def test_a_connection_is_kept_until_it_is_asked_to_close(service):
    with connect(service) as connection:
        for _ in range(3):
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(4096).endswith(b"Ok")
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert read_all(connection).endswith(b"Ok")


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /health\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /health HTTP/9.9\r\n\r\n",
        b"GET /health HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST " + PRODUCTS.encode() + b" HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST " + PRODUCTS.encode() + b" HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST " + PRODUCTS.encode() + b" HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        b"GET /he\x00alth HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nBad Header: 1\r\n\r\n",
    ],
    ids=lambda sent: repr(sent[:40]),
)
def test_what_is_no_http_is_400_or_closed_and_the_service_lives(service, sent):
    with connect(service) as connection:
        connection.sendall(sent)
        connection.settimeout(1)
        answer = read_all_or_answer(connection)
    assert status_of(answer) in (None, 400, 404, 501, 505), answer
    assert service.get("/health").text == "Ok"


def read_all_or_answer(connection):
    try:
        return connection.recv(65536)
    except (TimeoutError, ConnectionError, ssl.SSLError):
        return b""


def test_a_header_over_1_mib_is_431(service):
    answer = exchange(
        service, b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Large: " + b"x" * (1024 * 1024 + 16) + b"\r\n\r\n"
    )
    assert status_of(answer) == 431


def test_many_headers_are_answered_or_refused_in_order(service):
    headers = b"".join(b"X-%d: y\r\n" % i for i in range(10_000))
    answer = exchange(service, b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers + b"\r\n")
    assert status_of(answer) in (200, 431)


def test_expect_100_continue_is_answered(service):
    body = b'{"name":"Expected","description":"by expect","price":1,"quantity":1,"rating":1}'
    with connect(service) as connection:
        connection.sendall(
            b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
            b"Expect: 100-continue\r\nConnection: close\r\n\r\n" % (PRODUCTS.encode(), len(body))
        )
        assert connection.recv(4096).startswith(b"HTTP/1.1 100")
        connection.sendall(body)
        assert status_of(read_all(connection)) == 201


def test_a_request_id_is_kept_if_it_is_sane_and_made_otherwise(service):
    assert service.get("/health", headers={"X-Request-Id": "abc-123.DEF_4"}).headers["X-Request-Id"] == "abc-123.DEF_4"
    made = [service.get("/health").headers["X-Request-Id"] for _ in range(2)]
    assert made[0] != made[1] and all(made)
    insane = service.get("/health", headers={"X-Request-Id": "x" * 5000}).headers["X-Request-Id"]
    assert insane and insane != "x" * 5000


def test_the_headers_clients_of_the_older_service_see_are_there(service):
    for answer in (service.get("/health"), service.get(f"{PRODUCTS}/{UNKNOWN_ID}"), service.create(a_product())):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert answer.headers["X-XSS-Protection"] == "1; mode=block"


def test_large_answers_are_compressed_for_those_who_ask(service):
    path = f"{PRODUCTS}/{service.created(a_product(photos=['compressible'] * 2000))['productId']}"
    packed = service.get(path, headers={"Accept-Encoding": "gzip"})
    plain = service.get(path, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert "accept-encoding" in packed.headers["Vary"].lower()
    assert packed.json() == plain.json() and int(packed.headers["Content-Length"]) < len(plain.content) / 5


@pytest.mark.parametrize("version, served", [("TLSv1_1", False), ("TLSv1_2", True), ("TLSv1_3", True)])
def test_tls_1_2_and_1_3_are_served_and_nothing_older(service, version, served):
    context = service.tls()
    context.set_ciphers("ALL:@SECLEVEL=0")
    warnings.simplefilter("ignore", DeprecationWarning)  # Of naming TLS 1.1, which is the point.
    context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version)
    if served:
        with connect(service, context) as connection:
            assert connection.version() == version.replace("_", ".")
    else:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            connect(service, context).close()


def test_plain_http_on_the_https_port_is_closed_and_the_service_lives(service):
    with socket.create_connection(("localhost", service.http_port), timeout=5) as plain:
        plain.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200" not in read_all(plain)[:20]
    assert service.get("/health").text == "Ok"


def test_slow_and_silent_clients_are_cut_off(new_service):
    limits = {f"PRODUCTD_HTTP_{name}_TIMEOUT": "200ms" for name in ("HEADER", "BODY", "IDLE", "HANDSHAKE")}
    slow = new_service(environment=limits).start()
    head = (
        b"POST "
        + PRODUCTS.encode()
        + b" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    )
    for sent in (b"", b"GET /health HTT", b"GET /health HTTP/1.1\r\nHost: loc", head, head + b'{"name":'):
        answer = exchange(slow, sent, seconds=10)  # read_all ends only because the service closes.
        assert status_of(answer) in (None, 408), answer
    with socket.create_connection(("localhost", slow.http_port), timeout=10) as silent:
        assert read_all(silent) == b""  # Never began the TLS handshake.
    assert slow.get("/health").text == "Ok"
    slow.stop()


def test_connections_above_the_limit_wait_until_one_of_the_others_ends(new_service):
    few = new_service(environment={"PRODUCTD_HTTP_CONNECTIONS_MAX": "4"}).start()
    health = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    kept = [connect(few) for _ in range(4)]
    for connection in kept:  # Their next request is under way: none is idle.
        connection.sendall(health + b"GET /hea")
        assert connection.recv(4096).endswith(b"Ok")
    with socket.create_connection(("localhost", few.http_port), timeout=0.3) as waiting:
        with pytest.raises(TimeoutError):
            few.tls().wrap_socket(waiting, server_hostname="localhost")
    kept[0].sendall(b"lth HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea")
    assert kept[0].recv(4096).endswith(b"Ok")
    kept.pop().close()
    with connect(few) as next_:
        next_.sendall(health)
        assert next_.recv(4096).endswith(b"Ok")
    for connection in kept:
        connection.close()
    few.stop()


def test_idle_connections_make_room_for_new_clients(new_service):
    few = new_service(
        environment={"PRODUCTD_HTTP_CONNECTIONS_MAX": "4", "PRODUCTD_HTTP_HANDSHAKE_TIMEOUT": "5m"}
    ).start()
    silent = [socket.create_connection(("localhost", few.http_port)) for _ in range(4)]
    for _ in range(6):
        assert status_of(exchange(few, b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")) == 200
    for connection in silent:
        connection.close()
    few.stop()
