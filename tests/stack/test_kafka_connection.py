# How the service connects to Kafka: with TLS and a password, refused, and without brokers.
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor

import httpx
import stack_kafka
from products import UNKNOWN_ID, a_product, check_problem
from service import PRODUCTS
from waiting import eventually

pytest_plugins = ["kafka_fixtures"]


def login(bus, **changes):
    """The environment of one that logs in at the secure listeners."""
    keys = {"BROKERS": bus.secure, "SECURITY": "tls", "TLSCAFILE": bus.certificate}
    keys |= {"MECHANISM": "PLAIN", "USER": stack_kafka.USER, "PASSWORD": stack_kafka.PASSWORD}
    return bus.environment | {f"PRODUCTD_KAFKA_{name}": value for name, value in (keys | changes).items()}


def test_a_user_with_its_password_is_let_in_over_tls(bus, services):
    bus.environment = login(bus)
    bus.cli("topics", "create")
    service = services(bus.environment).start()
    assert service.created(a_product())
    service.stop()


def test_with_a_wrong_password_it_starts_not_ready_and_refuses_writes(bus, services):
    environment = login(bus, PASSWORD="another")
    service = services(environment).start()
    check_refuses_writes(service)
    bus.environment = environment
    assert "Kafka" in bus.cli("topics", "list", code=1)
    assert "Invalid username or password" in service.output()
    service.stop()


def test_a_refused_login_names_the_keys_that_mend_it(bus, services):
    bus.environment = login(bus, PASSWORD="another")
    service = services(bus.environment).start()
    service.kill()
    for told in (bus.cli("topics", "list", code=1), service.output()):
        assert [line for line in told.splitlines() if all(f"Kafka.{key}" in line for key in ("User", "Password"))]


def test_brokers_whose_certificate_is_not_trusted_get_no_password_and_the_keys_are_named(bus, services, tmp_path):
    bus.environment = login(bus, TLSCAFILE=another_certificate(tmp_path))
    service = services(bus.environment).start()
    check_refuses_writes(service)
    for told in (bus.cli("topics", "list", code=1), service.output(tail=100_000)):  # Every attempt has a line in it.
        assert "TLS to Kafka fails" in told and "Kafka.TlsCaFile" in told
    service.stop()


def test_a_file_of_certificates_that_is_none_is_named(bus, tmp_path):
    bus.environment = login(bus, TLSCAFILE=str(tmp_path / "missing.pem"))
    assert "Kafka.TlsCaFile" in bus.cli("topics", "list", code=1)


def another_certificate(folder):
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=another"]
    subprocess.run([*made, "-keyout", folder / "key.pem", "-out", folder / "ca.pem"], check=True, capture_output=True)
    return str(folder / "ca.pem")


def check_refuses_writes(service):
    """Of a service without its log: in time, and readiness says which dependency it is."""
    answer = service.create(a_product())
    check_problem(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.elapsed.total_seconds() < 5, "Http.Timeout"
    told = service.get("/readyz?verbose")
    assert told.status_code == 503
    # Only the log tells whether the store has what its commits rest on.
    assert [check["name"] for check in told.json()["checks"] if not check["ok"]] == ["log", "history"]
    assert service.get(f"{PRODUCTS}/{UNKNOWN_ID}").status_code == 404, "reads need no log"
    assert service.get("/livez").status_code == 200


def check_refuses_all_at_once(service):
    """None waits for its turn to find out."""
    with ThreadPoolExecutor(30) as threads:
        answers = list(threads.map(lambda _: service.create(a_product()), range(30)))
    assert {answer.status_code for answer in answers} == {503}


def test_without_brokers_a_write_is_refused_in_time_and_readiness_names_the_log(bus, services):
    with socket.socket() as closed:  # Bound and not listening: nobody else gets the port, and nobody answers.
        closed.bind(("127.0.0.1", 0))
        nowhere = f"127.0.0.1:{closed.getsockname()[1]}"
        service = services(bus.environment | {"PRODUCTD_KAFKA_BROKERS": nowhere}).start()
        assert "runs, but is not ready yet: bus kafka" in service.output()
        assert "  log " in service.output() and "Kafka.Brokers" in service.output()

        def cause():
            for_operators = httpx.get(f"http://127.0.0.1:{service.ready['metrics_port']}/readyz?verbose").json()
            return next(check.get("cause", "") for check in for_operators["checks"] if check["name"] == "log")

        eventually(lambda: nowhere in cause() and "Kafka.Brokers" in cause(), 30, "the cause")
        check_refuses_writes(service)
        check_refuses_all_at_once(service)
        service.stop()
