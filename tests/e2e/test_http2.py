# HTTP/2 beside HTTP/1.1: the same answers, many at a time on one connection, and what slow readers cost. Frames that no
# client should send are in src/inbound/http/http2/*_test.cpp.
import json
import socket
import ssl
import subprocess

import h2.config
import h2.connection
import h2.events
import h2.settings
import pytest

from process_readings import memory_mib
from products import a_product
from service import PRODUCTS
from waiting import eventually

UNKNOWN = "0123456789abcdef01234567"
# What differs from answer to answer, or belongs to a version of HTTP.
VARYING = {"x-request-id", "date", "connection"}


@pytest.fixture
def http2(service):
    with service.new_client(http2=True) as client:
        yield client


def connect(service, protocols, receive_bytes=None):
    plain = socket.socket()
    if receive_bytes:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    plain.settimeout(20)
    plain.connect(("localhost", service.http_port))
    tls = service.tls()
    if protocols:
        tls.set_alpn_protocols(protocols)
    return tls.wrap_socket(plain, server_hostname="localhost")


def test_the_client_chooses_the_version(service):
    for offered, chosen in (["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1"), (None, None):
        with connect(service, offered) as connection:
            assert connection.selected_alpn_protocol() == chosen
    with pytest.raises(ssl.SSLError):
        connect(service, ["http/0.9"])


def test_http2_can_be_turned_off(new_service):
    service = new_service(environment={"PRODUCTD_HTTP_HTTP2": "false"}).start()
    with connect(service, ["h2", "http/1.1"]) as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"


def requests(product):
    path = f"{PRODUCTS}/{product['productId']}"
    body = json.dumps(a_product(name="over either")).encode()
    as_json = {"content-type": "application/json"}
    yield "GET", path, {}, None
    yield "HEAD", path, {}, None
    yield "GET", path, {"if-none-match": '"1"'}, None
    yield "GET", path, {"accept-encoding": "gzip"}, None
    yield "GET", f"{PRODUCTS}/{UNKNOWN}", {}, None
    yield "GET", f"{PRODUCTS}/none", {}, None
    yield "GET", f"{PRODUCTS}/search?search=zzz&page=0", {}, None
    yield "GET", "/health", {}, None
    yield "GET", path, {"if-match": '"7"'}, None
    yield "OPTIONS", path, {}, None
    yield "TRACE", path, {}, None
    yield "GET", "/nowhere", {"origin": "https://shop.example"}, None
    yield "PATCH", path, {}, None
    yield "PUT", path, {}, body
    yield "PUT", f"{PRODUCTS}/{UNKNOWN}", as_json, body
    yield "PUT", path, {**as_json, "if-match": '"7"'}, body
    yield "POST", PRODUCTS, as_json, b"{"
    yield "POST", PRODUCTS, as_json, b'{"name": "", "price": -1}'
    yield "POST", PRODUCTS, {**as_json, "expect": "wonders"}, body
    yield "POST", PRODUCTS, as_json, b" " * (2 * 2**20 + 1)
    yield "POST", PRODUCTS, as_json, [b" " * 2**20, b" " * 2**20, b" "]
    yield "DELETE", f"{PRODUCTS}/{UNKNOWN}", {}, None


def shown(answer):
    headers = sorted((name.lower(), value) for name, value in answer.headers.items() if name.lower() not in VARYING)
    body = answer.content
    if answer.headers.get("content-type") == "application/problem+json":
        headers = [(name, value) for name, value in headers if name != "content-length"]
        body = {key: value for key, value in answer.json().items() if key != "requestId"}
    return answer.status_code, headers, body


def test_answers_as_over_http1(service, http2):
    product = service.created(a_product(name="over both"))
    for method, path, headers, body in requests(product):
        first = service.request(method, path, headers=headers, content=body)
        second = http2.request(method, path, headers=headers, content=body)
        assert (first.http_version, second.http_version) == ("HTTP/1.1", "HTTP/2")
        assert shown(second) == shown(first), f"{method} {path}"


class Many:
    """Requests side by side on one connection."""

    def __init__(self, connection):
        self.connection = connection
        self.client = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.client.initiate_connection()
        self.client.increment_flow_control_window(2**30)

    def ask(self, requests):
        """Sends all, then reads all: [(headers, body)] in the order of the requests."""
        answers = {}
        for method, path, body in requests:
            stream = self.client.get_next_available_stream_id()
            answers[stream] = ({}, bytearray())
            head = [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
            head.append(("content-type", "application/json"))
            self.client.send_headers(stream, head, end_stream=body is None)
            if body is not None:
                self.client.send_data(stream, body, end_stream=True)
        waiting = set(answers)
        while waiting:
            self.connection.sendall(self.client.data_to_send())
            for event in self.client.receive_data(self.connection.recv(65_536)):
                assert not isinstance(event, (h2.events.StreamReset, h2.events.ConnectionTerminated)), event
                if isinstance(event, h2.events.ResponseReceived):
                    answers[event.stream_id][0].update(event.headers)
                elif isinstance(event, h2.events.DataReceived):
                    answers[event.stream_id][1].extend(event.data)
                elif isinstance(event, h2.events.StreamEnded):
                    waiting.remove(event.stream_id)
        return list(answers.values())


def test_writes_and_reads_side_by_side_on_one_connection(service):
    names = [f"side by side {number}" for number in range(90)]
    with connect(service, ["h2"]) as connection:
        client = Many(connection)
        for _ in range(3):
            created = client.ask([("POST", PRODUCTS, json.dumps(a_product(name=name)).encode()) for name in names])
            assert {headers[":status"] for headers, _ in created} == {"201"}
            read = client.ask([("GET", headers["location"], None) for headers, _ in created])
            assert [json.loads(body)["name"] for _, body in read] == names


def test_curl_reads_why_its_body_is_refused(service, tmp_path):
    (tmp_path / "large").write_bytes(b" " * 3_000_000)
    answer = ["--silent", "--max-time", "20", "--output", "/dev/null", "--write-out", "%{http_version} %{http_code}"]
    body = ["--header", "Content-Type: application/json", "--data-binary", f"@{tmp_path}/large"]
    command = ["curl", "--cacert", service.certificate, *answer, *body, service.url + PRODUCTS]
    assert subprocess.run(command, capture_output=True, text=True).stdout == "2 413"


def test_its_requests_say_so_in_the_log(new_service):
    service = new_service().start()
    with service.new_client(http2=True) as client:
        client.get("/health")
    service.get("/health")
    service.stop()
    lines = [json.loads(line) for line in service.output().splitlines() if '"message":"request"' in line]
    assert [line.get("protocol") for line in lines if line["path"] == "/health"] == ["2", None]


def ask_without_reading(service, path, streams):
    """A client that asks for as much as it may, gives room for all of it, and takes nothing from its socket."""
    connection = connect(service, ["h2"], receive_bytes=4_096)
    client = h2.connection.H2Connection(h2.config.H2Configuration())
    client.initiate_connection()
    client.increment_flow_control_window(2**30)
    client.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 2**30})
    head = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
    for stream in range(1, 2 * streams, 2):
        client.send_headers(stream, head, end_stream=True)
    connection.sendall(client.data_to_send())
    return connection


def test_readers_that_take_nothing_hold_no_memory(new_service, facts):
    clients, streams, answer_bytes = 10, 90, 200_000
    service = new_service().start()
    product = service.created(a_product(photos=[f"{number:01000}" for number in range(answer_bytes // 1_000)]))
    path = f"{PRODUCTS}/{product['productId']}"
    assert len(service.get(path, headers={"accept-encoding": "identity"}).content) > answer_bytes
    before = memory_mib(service.process.pid, "VmRSS")
    readers = [ask_without_reading(service, path, streams) for _ in range(clients)]
    eventually(lambda: service.metric("productd_http_connections", listener="api") > clients, 20, "their connections")
    for _ in range(20):
        assert service.get(path).status_code == 200
    grown = memory_mib(service.process.pid, "VmHWM") - before
    asked = clients * streams * answer_bytes / 2**20
    facts.append(f"memory: {clients} readers of HTTP/2 that take nothing of {asked:.0f} MiB: {grown:.0f} MiB more")
    assert grown < asked / 3
    for reader in readers:
        reader.close()


def test_a_stop_answers_what_is_in_flight_and_says_so(new_service):
    service = new_service().start()
    connection = connect(service, ["h2"])
    client = h2.connection.H2Connection(h2.config.H2Configuration())
    client.initiate_connection()
    client.send_headers(
        1, [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/health")], end_stream=True
    )
    connection.sendall(client.data_to_send())
    seen = []

    def read():
        received = connection.recv(65_536)
        seen.extend(client.receive_data(received) if received else [None])
        connection.sendall(client.data_to_send())
        return seen

    while not any(isinstance(event, h2.events.StreamEnded) for event in seen):
        read()
    service.terminate()
    while seen[-1] is not None:
        read()
    ends = [event for event in seen if isinstance(event, h2.events.ConnectionTerminated)]
    assert ends and all(event.error_code == 0 for event in ends)
    service.wait_end()
