# `productd health`, which a container's health check runs: ready, not ready, gone, and others in the service's place.
import os
import shutil
import signal
import socket
import threading

import pytest

import certificate_chains
from service import run_cli
from waiting import eventually

NOWHERE = {"PRODUCTD_STORE": "mongodb", "PRODUCTD_MONGODB_URI": "mongodb://127.0.0.1:1/?replicaSet=rs0"}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def health(service, *flags, data=None, **options):
    """(exit code, the one sentence it says), asked in the service's folder."""
    ports = ["--http-port", service.http_port, "--metrics-port", service.ready["metrics_port"]]
    at = ["--data-dir", data or service.data, *ports]
    done = run_cli("health", *at, *flags, cwd=service.folder, **options)
    told, silent = (done.stderr, done.stdout) if done.returncode else (done.stdout, done.stderr)
    assert not silent, silent
    return done.returncode, told.strip()


def test_a_ready_service_is_ready(service):
    assert health(service) == (0, f"https://127.0.0.1:{service.http_port} is ready.")


def test_one_that_listens_on_every_interface_is_asked_on_loopback(new_service):
    service = new_service(environment={"MODE": "DOCKER"}).start()
    code, told = eventually(lambda: (tried := health(service, environment={"MODE": "DOCKER"}))[0] == 0 and tried)
    assert told == f"https://127.0.0.1:{service.http_port} is ready."


def test_one_whose_store_is_away_is_not_ready_and_says_why(new_service):
    service = new_service(environment=NOWHERE).start()
    code, told = health(service, environment=NOWHERE)
    assert code == 1 and "is not ready: store: " in told, told


def test_one_that_stops_is_not_ready(new_service):
    service = new_service(environment={"PRODUCTD_SHUTDOWN_TIMEOUT": "5m", "PRODUCTD_SHUTDOWN_LAMEDUCK": "4m"}).start()
    eventually(lambda: health(service)[0] == 0, what="readiness")
    service.terminate()
    code, told = eventually(lambda: (tried := health(service))[0] == 1 and tried, what="the end of readiness")
    assert told.endswith("is not ready: service: It is stopping."), told
    service.kill()  # It would go on for minutes.


def test_one_that_has_ended_is_not_there(new_service):
    service = new_service().start()
    service.stop()
    code, told = health(service)
    assert code == 1 and told.startswith(f"No service listens on https://127.0.0.1:{service.http_port}."), told


def test_where_none_ever_ran_it_says_so(service, tmp_path):
    code, told = health(service, data=tmp_path / "none")
    assert code == 1 and told.startswith("No service has run on this data folder."), told


def test_another_with_a_certificate_of_its_own_is_not_believed(service, new_service):
    other = new_service(name="other").start()
    code, told = health(service, data=other.data)
    assert code == 1 and "does not show the certificate" in told, told


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """Of two servers, `server` and `sibling`, with one signer, who is in the file of each."""
    folder = certificate_chains.make_chain(tmp_path_factory.mktemp("chain") / "ecdsa", "ecdsa")
    certificate_chains.add_server(folder, "ecdsa", "sibling")
    return folder


def told_of(chain, name):
    return {"PRODUCTD_TLS_CERT_FILE": str(chain / f"{name}.crt"), "PRODUCTD_TLS_KEY_FILE": str(chain / f"{name}.key")}


def test_one_whose_certificate_others_signed_is_trusted_for_its_own_alone(new_service, chain):
    service = new_service(environment=told_of(chain, "server"), certificate=chain / "root.crt").start()
    assert health(service, environment=told_of(chain, "server")) == (0, f"https://127.0.0.1:{service.http_port} is ready.")
    code, told = health(service, environment=told_of(chain, "sibling"))
    assert code == 1 and "does not show the certificate" in told and "sibling.crt" in told, told


def test_one_on_every_interface_is_asked_where_there_is_no_loopback_but_that_of_ipv4(service):
    """It listens there alone, which to who asks is the same."""
    everywhere = {"PRODUCTD_HTTP_ADDRESS": "::"}
    assert health(service, environment=everywhere) == (0, f"https://127.0.0.1:{service.http_port} is ready.")
    other = free_port()
    done = run_cli("health", "--data-dir", service.data, "--http-port", other, environment=everywhere)
    assert done.returncode == 1 and f"No service listens on https://[::1]:{other}." in done.stderr, done.stderr


def test_where_clients_must_show_a_certificate_the_metrics_port_is_asked(new_service):
    service = new_service().start()
    ours = service.folder / "signers.pem"
    shutil.copy(service.certificate, ours)
    service.stop()
    environment = {"PRODUCTD_TLS_CLIENT_CA_FILE": str(ours)}
    service.environment.update(environment)
    service.start()
    code, told = eventually(lambda: (tried := health(service, environment=environment))[0] == 0 and tried)
    assert told == f"http://127.0.0.1:{service.ready['metrics_port']} is ready."


@pytest.mark.parametrize("over_tls", [True, False])
def test_one_that_hangs_is_given_up(new_service, over_tls):
    """Stopped, it still has its port, and the kernel takes connections for it."""
    service = new_service().start()
    environment = {}
    if not over_tls:
        environment["PRODUCTD_TLS_CLIENT_CA_FILE"] = str(service.certificate)
    os.kill(service.process.pid, signal.SIGSTOP)
    try:
        code, told = health(service, environment=environment)
    finally:
        os.kill(service.process.pid, signal.SIGCONT)
    assert code == 1 and told.endswith("did not answer within 4000 ms."), told


def test_a_program_that_speaks_something_else_is_no_service(service):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        def greet():
            with other.accept()[0] as connection:
                connection.sendall(b"220 mail.example ESMTP\r\n")

        greeter = threading.Thread(target=greet)
        greeter.start()
        done = run_cli("health", "--data-dir", service.data, "--http-port", port)
        greeter.join()
    assert done.returncode == 1 and "gave no answer" in done.stderr, done.stderr


def test_a_port_that_nobody_knows_is_named(service):
    done = run_cli("health", "--data-dir", service.data, "--http-port", "0")
    assert done.returncode == 1 and done.stderr.startswith("Http.Port is 0") and "--http-port" in done.stderr


def test_wrong_configuration_is_told_as_by_the_service():
    done = run_cli("health", environment={"PRODUCTD_HTTP_PORT": "none"})
    assert done.returncode == 1 and "Http.Port" in done.stderr
