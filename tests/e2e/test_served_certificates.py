# Certificates that are not the one it makes itself: chains of RSA and of elliptic curves, and one exchanged for the other
# while clients come all the time.
import concurrent.futures
import os
import shutil
import signal
import socket
import subprocess
import threading

import grpc
import httpx
import pytest

from certificate_chains import KINDS, make_chain
from grpc_calls import request
from log_lines import lines_with
from products import a_product
from service import PRODUCTS
from waiting import eventually

RELOADS = 6
CLIENTS = 4


@pytest.fixture(scope="module")
def chains(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chains")
    made = {kind: make_chain(folder / kind, kind) for kind in KINDS}
    roots = folder / "roots.crt"
    roots.write_text("".join((made[kind] / "root.crt").read_text() for kind in KINDS))
    return made, roots


def show(chain, folder):
    """Puts a chain and its key where the service reads them."""
    for name in ("server.crt", "server.key"):
        shutil.copy(chain / name, folder / f"{name}.new")
        os.replace(folder / f"{name}.new", folder / name)


@pytest.fixture
def start(new_service, chains, tmp_path):
    def started(kind):
        show(chains[0][kind], tmp_path)
        files = {"PRODUCTD_TLS_CERT_FILE": tmp_path / "server.crt", "PRODUCTD_TLS_KEY_FILE": tmp_path / "server.key"}
        return new_service(environment=files, certificate=chains[1]).start()

    return started


@pytest.mark.parametrize("kind", KINDS)
def test_a_chain_is_verified_by_who_knows_its_root_alone(start, proto, kind):
    service = start(kind)
    made = service.created(a_product())
    pb = proto.product_pb2
    with service.channel() as channel:
        stub = proto.product_pb2_grpc.ProductsServiceStub(channel)
        assert stub.GetByID(pb.GetByIDReq(ProductID=made["productId"])).Product.Name == made["name"]
        assert stub.Create(request(pb.CreateReq, a_product())).Product.Version == 1
    service.stop()


def kind_shown(service):
    address = ("127.0.0.1", service.http_port)
    with service.tls().wrap_socket(socket.create_connection(address, timeout=20), server_hostname="localhost") as shown:
        certificate = shown.getpeercert(binary_form=True)
    told = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-text"], input=certificate, capture_output=True)
    return "rsa" if b"rsaEncryption" in told.stdout else "ecdsa"


def wait_for_reloads(service, number):
    """Waits until the certificate was read again so often."""
    eventually(lambda: len(lines_with(service, message="The certificate was read again")) >= number, 20, "it to be read")


def test_no_request_fails_while_one_is_exchanged_for_the_other(start, chains, proto, tmp_path):
    service = start("ecdsa")
    product = service.created(a_product())
    path = f"{PRODUCTS}/{product['productId']}"
    is_over = threading.Event()

    def always_new():
        asked = 0
        while not is_over.is_set():
            with httpx.Client(base_url=service.url, verify=service.tls(), timeout=20) as client:
                assert client.get(path).status_code == 200
            asked += 1
        return asked

    def always_the_same():
        asked = 0
        with httpx.Client(base_url=service.url, verify=service.tls(), timeout=20) as client:
            while not is_over.is_set():
                assert client.get(path).status_code == 200
                asked += 1
        return asked

    def calls():
        asked = 0
        while not is_over.is_set():
            with service.channel(options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
                stub = proto.product_pb2_grpc.ProductsServiceStub(channel)
                assert stub.GetByID(proto.product_pb2.GetByIDReq(ProductID=product["productId"]), timeout=20)
            asked += 1
        return asked

    kinds = ["ecdsa", "rsa"]
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as clients:
        asking = [clients.submit(client) for client in (always_new, always_new, always_the_same, calls)]
        try:
            for number in range(1, RELOADS + 1):
                show(chains[0][kinds[number % 2]], tmp_path)
                service.process.send_signal(signal.SIGHUP)
                wait_for_reloads(service, number)
                assert kind_shown(service) == kinds[number % 2]
        finally:
            is_over.set()
        assert all(client.result() > 0 for client in asking)
    service.stop()
