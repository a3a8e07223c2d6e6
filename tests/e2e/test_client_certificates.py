# Mutual TLS: clients of REST and gRPC show a certificate that is verified, and whose name stands in the log.
import json
import os
import signal
import socket
import subprocess

import grpc
import httpx
import pytest

from service import run_cli
from waiting import eventually


def run(*command):
    subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)


def make_ca(folder, name):
    """(certificate, key) of who signs."""
    pair = folder / f"{name}.crt", folder / f"{name}.key"
    made = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    run("req", *made, "-subj", f"/CN={name}", "-out", pair[0], "-keyout", pair[1])
    return pair


def make_client(folder, name, ca):
    """(certificate, key) signed by `ca`."""
    pair, request = (folder / f"{name}.crt", folder / f"{name}.key"), folder / f"{name}.csr"
    made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    run("req", *made, "-subj", f"/O=Shop/CN={name}", "-out", request, "-keyout", pair[1])
    signed = ["-req", "-days", "1", "-CA", ca[0], "-CAkey", ca[1], "-CAcreateserial"]
    run("x509", *signed, "-in", request, "-out", pair[0])
    return pair


class Callers:
    def __init__(self, folder):
        self.ours, self.theirs = make_ca(folder, "ours"), make_ca(folder, "theirs")
        self.known = make_client(folder, "till", self.ours)
        self.stranger = make_client(folder, "stranger", self.theirs)


@pytest.fixture(scope="module")
def callers(tmp_path_factory):
    return Callers(tmp_path_factory.mktemp("callers"))


@pytest.fixture
def start(new_service, callers):
    def started(**environment):
        service = new_service(environment={"PRODUCTD_TLS_CLIENT_CA_FILE": callers.ours[0], **environment})
        return service.start()

    return started


def rest(service, pair=None, http2=False):
    """The status of a request, or nothing where TLS was refused."""
    tls = service.tls()
    if pair:
        tls.load_cert_chain(*pair)
    try:
        with httpx.Client(base_url=service.url, verify=tls, http2=http2, timeout=20) as client:
            return client.get("/health").status_code
    except httpx.TransportError:
        return None


def health(service, proto, pair=None):
    """The code of a gRPC call."""
    files = [path.read_bytes() for path in reversed(pair)] if pair else [None, None]
    credentials = grpc.ssl_channel_credentials(service.certificate.read_bytes(), *files)
    with grpc.secure_channel(f"localhost:{service.ready['grpc_port']}", credentials) as channel:
        try:
            stub = proto.product_pb2_grpc.ProductsServiceStub(channel)
            stub.GetByID(proto.product_pb2.GetByIDReq(ProductID="0123456789abcdef01234567"), timeout=5)
        except grpc.RpcError as error:
            return error.code()
    return grpc.StatusCode.OK


@pytest.mark.parametrize("http2", [False, True])
def test_without_a_certificate_of_a_known_signer_rest_says_nothing(start, callers, http2):
    service = start()
    assert rest(service, callers.known, http2) == 200
    assert rest(service, None, http2) is None and rest(service, callers.stranger, http2) is None
    assert service.metric("productd_http_handshake_failures_total", listener="api") == 2
    assert httpx.get(f"http://127.0.0.1:{service.ready['metrics_port']}/livez").status_code == 200


def test_without_a_certificate_of_a_known_signer_grpc_says_nothing(start, callers, proto):
    service = start()
    assert health(service, proto, callers.known) == grpc.StatusCode.NOT_FOUND
    assert health(service, proto) == health(service, proto, callers.stranger) == grpc.StatusCode.UNAVAILABLE


def test_a_certificate_may_be_optional(start, callers, proto):
    service = start(PRODUCTD_TLS_CLIENT_CERTIFICATES="optional")
    assert rest(service) == rest(service, callers.known) == 200 and rest(service, callers.stranger) is None
    assert health(service, proto) == health(service, proto, callers.known) == grpc.StatusCode.NOT_FOUND


def test_who_asked_stands_in_the_log(start, callers, proto):
    service = start()
    rest(service, callers.known)
    health(service, proto, callers.known)
    service.stop()
    lines = [json.loads(line) for line in service.output().splitlines() if line.startswith("{")]
    asked = {line["message"]: line["client"] for line in lines if line["message"] in ("request", "grpc")}
    assert asked == {"request": "CN=till,O=Shop", "grpc": "CN=till,O=Shop"}


@pytest.mark.parametrize("http2", [False, True])
def test_who_is_refused_is_told_why_and_stands_in_the_log(start, callers, http2):
    service = start()
    tls = service.tls()
    tls.load_cert_chain(*callers.stranger)
    # In TLS 1.3 the client has sent its request by then, and an answer must not be lost for what is unread of it.
    for _ in range(5):
        with pytest.raises(httpx.TransportError, match="unknown ca|UNKNOWN_CA"):
            with httpx.Client(base_url=service.url, verify=tls, http2=http2, timeout=20) as client:
                client.get("/health")
    service.stop()
    lines = [json.loads(line) for line in service.output().splitlines() if line.startswith("{")]
    refused = [line for line in lines if line["message"] == "A TLS handshake failed"]
    assert len(refused) == 5 and all(line["remote"].startswith("127.0.0.1:") for line in refused)
    assert "unable to get local issuer certificate" in refused[0]["error"]


def test_doctor_and_the_start_tell_of_client_certificates(start, callers, tmp_path):
    service = start()
    assert f"Clients      show a certificate that {callers.ours[0]} has signed, or are refused" in service.output()
    assert "--cert YOURS.crt --key YOURS.key" in service.output()
    environment = {"PRODUCTD_TLS_CLIENT_CA_FILE": callers.ours[0]}
    assert "(required)" in run_cli("doctor", "--data-dir", tmp_path, environment=environment).stdout
    environment = {"PRODUCTD_TLS_CLIENT_CA_FILE": tmp_path / "none.pem"}
    told = run_cli("doctor", "--data-dir", tmp_path, environment=environment)
    assert told.returncode == 1 and "Tls.ClientCaFile" in told.stdout


def test_who_signs_is_read_again_and_old_sessions_are_not_believed(new_service, callers, tmp_path):
    signers = tmp_path / "signers.pem"
    signers.write_bytes(callers.ours[0].read_bytes())
    service = new_service(environment={"PRODUCTD_TLS_CLIENT_CA_FILE": signers}).start()
    tls = service.tls()
    tls.load_cert_chain(*callers.known)
    known = session_of(service, tls, None)
    assert session_of(service, tls, known)
    signers.write_bytes(callers.theirs[0].read_bytes())
    os.kill(service.process.pid, signal.SIGHUP)
    eventually(lambda: rest(service, callers.stranger) == 200, 10, "the new signer")
    assert rest(service, callers.known) is None
    with pytest.raises(OSError):
        session_of(service, tls, known)


def session_of(service, tls, known):
    """Asks with that session; the one to go on with."""
    plain = socket.create_connection(("localhost", service.http_port), timeout=20)
    with tls.wrap_socket(plain, server_hostname="localhost", session=known) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = connection.recv(4_096)
        if not received:
            raise OSError("closed")
        assert connection.session_reused == (known is not None)
        return connection.session


@pytest.mark.parametrize("text", [None, b"nothing of the kind"])
def test_signers_that_cannot_be_read_stop_the_start(new_service, tmp_path, text):
    file = tmp_path / "signers.pem"
    if text:
        file.write_bytes(text)
    service = new_service(environment={"PRODUCTD_TLS_CLIENT_CA_FILE": file})
    service.launch()
    service.wait_end(expected=1)
    assert "Tls.ClientCaFile" in service.output() and "signers.pem" in service.output()
