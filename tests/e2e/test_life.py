# The life of a process: start, stop under load, a second one on the same data, a new certificate.
import concurrent.futures
import os
import signal
import ssl
import subprocess

import pytest

from answered_writes import Ledger, load
from products import a_full_product, a_product
from service import PRODUCTS, NotReady, call
from waiting import eventually

READ_BACKS = int(os.environ.get("PRODUCTD_READ_BACKS", "2000"))


def test_the_ready_file_names_pid_and_ports_and_the_output_says_where_each_is(new_service):
    service = new_service().start()
    ports = [service.ready[name] for name in ("http_port", "grpc_port", "metrics_port")]
    assert len(set(ports)) == 3 and all(ports)
    shown = service.output()
    assert all(str(port) in shown for port in ports), shown
    assert " is ready: bus sqlite, store " in shown
    assert service.metric("productd_check_passed", check="log") == 1
    service.stop()


def test_start_up_is_told(new_service, facts):
    service = new_service().start()
    empty = service.start_seconds
    for _ in range(200):
        service.created(a_product())
    service.stop()
    existing = []
    for _ in range(3):
        service.start()
        existing.append(service.start_seconds)
        service.stop()
    facts.append(
        f"start to ready: {empty * 1000:.0f} ms with no data (certificate included), {min(existing) * 1000:.0f} ms with data"
    )


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_service_keeps_what_it_stored(new_service, signal_):
    service = new_service().start()
    stored = service.created(a_full_product())
    service.process.send_signal(signal_)
    service.wait_end()
    service.start()
    assert service.get(f"{PRODUCTS}/{stored['productId']}").json() == stored
    assert service.get(f"{PRODUCTS}/search", params={"search": stored["name"]}).json()["totalCount"] == 1
    service.stop()


def test_sigterm_under_load_ends_with_0_and_everything_answered_is_there(new_service):
    ledger, service = Ledger(seed=1), new_service()
    for round_ in range(3):
        service.start()
        ledger.compare(service, ledger.touched)
        ledger.resolve(service, ledger.touched)
        ledger.touched = []
        answered = ledger.answered
        end = load(ledger, service, round_, writers=6)
        eventually(lambda: ledger.answered >= answered + 300 or ledger.wrong, 30, "the load")
        service.stop()
        end()
    service.start()
    ledger.compare(service, ledger.entries)
    service.stop()


def test_what_is_answered_applied_is_seen_at_once(service, facts):
    def lane(number):
        connection, waited = service.connection(), 0
        for i in range(READ_BACKS // 4):
            stored = a_product(name=f"lane {number} {i}")
            path = None
            for verb in ("POST", "PUT", "DELETE"):
                body = None if verb == "DELETE" else {**stored, "quantity": i, "description": verb * 2}
                status, headers, answer = call(connection, verb, path or PRODUCTS, body)
                assert status == {"POST": 201, "PUT": 200, "DELETE": 204}[verb], answer
                path = path or f"{PRODUCTS}/{answer['productId']}"
                status, _, seen = call(connection, "GET", path)
                if headers["Product-State"] != "applied":
                    eventually(lambda: call(connection, "GET", path)[0] == (404 if verb == "DELETE" else 200))
                    waited += 1
                elif verb == "DELETE":
                    assert status == 404
                else:
                    assert status == 200 and seen == answer
        connection.close()
        return waited

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        waited = sum(pool.map(lane, range(4)))
    assert waited <= READ_BACKS * 3 // 10, "too many writes were not applied within the wait"
    facts.append(
        f"read back at once: {READ_BACKS} times POST, PUT, DELETE, each seen by the next GET ({waited} answered `accepted`)"
    )


def test_a_second_service_on_the_same_data_is_refused_with_a_sentence(new_service):
    first = new_service().start()
    second = new_service(name="second")
    second.data = first.data
    with pytest.raises(NotReady) as refused:
        second.start()
    assert refused.value.code not in (0, None) and refused.value.code > 0
    assert str(first.data) in refused.value.output and "another" in refused.value.output.lower()
    assert first.created(a_product())["version"] == 1
    first.stop()


def test_a_port_in_use_is_refused_with_a_sentence_that_names_it(new_service):
    first = new_service().start()
    second = new_service(http_port=first.http_port, name="second")
    with pytest.raises(NotReady) as refused:
        second.start()
    assert refused.value.code > 0 and str(first.http_port) in refused.value.output
    first.stop()


def make_certificate(folder, name):
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-noenc",
            "-days",
            "2",
            "-subj",
            f"/CN={name}",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout",
            folder / "server.pem",
            "-out",
            folder / "server.crt",
        ],
        check=True,
        capture_output=True,
    )


def served_certificate(service):
    return ssl.get_server_certificate(("localhost", service.http_port))


def test_sighup_takes_the_new_certificate_and_keeps_connections(new_service, tmp_path):
    make_certificate(tmp_path, "first")
    files = {
        "PRODUCTD_TLS_CERT_FILE": str(tmp_path / "server.crt"),
        "PRODUCTD_TLS_KEY_FILE": str(tmp_path / "server.pem"),
    }
    service = new_service(environment=files, certificate=tmp_path / "server.crt").start()
    old = served_certificate(service)
    kept = service.connection()
    assert call(kept, "GET", "/health")[0] == 200
    make_certificate(tmp_path, "second")
    service.process.send_signal(signal.SIGHUP)
    eventually(lambda: served_certificate(service) != old, 10, "the new certificate")
    assert call(kept, "GET", "/health")[0] == 200
    with service.channel() as channel:
        assert channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=10) == b"\x08\x01"
    service.stop()
