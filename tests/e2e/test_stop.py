# How a process stops: first not ready, then all servers at once; a second signal, and what hangs, do not keep it.
import contextlib
import json
import os
import signal
import socket
import ssl

import grpc
import pytest

from products import a_product
from service import PRODUCTS, call
from waiting import eventually

LONG = {"PRODUCTD_SHUTDOWN_TIMEOUT": "5m", "PRODUCTD_HTTP_BODYTIMEOUT": "5m", "PRODUCTD_HTTP_TIMEOUT": "5m"}


def accepts(port):
    """Whether somebody listens there."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


@contextlib.contextmanager
def half_a_request(service):
    """A POST of which half is sent: what the servers drain for. Gives a function that sends the rest."""
    context = ssl.create_default_context(cafile=service.certificate)
    body = json.dumps(a_product()).encode()
    with socket.create_connection(("localhost", service.http_port), timeout=60) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as stream:
            head = f"POST {PRODUCTS} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            stream.sendall(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body[:10])

            def finish():
                stream.sendall(body[10:])
                return stream.recv(65536).split(b"\r\n")[0]

            yield finish


def says_serving(channel):
    return channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=10) == b"\x08\x01"


def takes_no_call(channel):
    """Unavailable, or cancelled where it met the end of the connection."""
    try:
        says_serving(channel)
    except grpc.RpcError:
        return True
    return False


def test_a_lame_duck_is_not_ready_and_serves_all_the_same(new_service, proto):
    service = new_service(environment={**LONG, "PRODUCTD_SHUTDOWN_LAMEDUCK": "4m"}).start()
    stored = service.created(a_product())
    with service.channel() as channel:
        assert says_serving(channel)
        service.terminate()
        eventually(lambda: service.get("/readyz").status_code == 503, 30, "not ready")
        eventually(lambda: not says_serving(channel), 30, "gRPC's health service says so")
    told = service.get("/readyz?verbose").json()
    assert {"name": "service", "ok": False, "detail": "It is stopping."}.items() <= told["checks"][-1].items(), told
    assert service.created(a_product())["version"] == 1
    fresh = service.connection()
    assert call(fresh, "GET", f"{PRODUCTS}/{stored['productId']}")[0] == 200, "new connections are served"
    with service.channel() as channel:
        stub = proto.product_pb2_grpc.ProductsServiceStub(channel)
        request = proto.product_pb2.GetByIDReq(ProductID=stored["productId"])
        assert stub.GetByID(request, timeout=20).Product.Name == stored["name"]
        assert not says_serving(channel), "it stays so"
    assert service.get("/readyz").status_code == 503
    ended_by_another(service, signal.SIGTERM)


def ended_by_another(service, number):
    """Sent until it is taken for another than the one that it follows."""
    eventually(lambda: service.process.send_signal(number) or service.process.poll() is not None, 30, "it ends")
    service.wait_end(128 + number)


def test_a_lame_duck_ends_by_itself(new_service):
    service = new_service(environment={"PRODUCTD_SHUTDOWN_LAMEDUCK": "200ms"}).start()
    service.created(a_product())
    service.stop()
    assert "Not ready any more, and still serving" in service.output()


def test_a_lame_duck_as_long_as_the_stop_is_refused(new_service):
    service = new_service(environment={"PRODUCTD_SHUTDOWN_LAMEDUCK": "15s"}).launch()
    assert service.process.wait(20) != 0
    assert "Shutdown.LameDuck is a part of Shutdown.Timeout" in service.output()


def test_all_servers_stop_taking_calls_while_one_request_is_finished(new_service):
    service = new_service(environment=LONG).start()
    with service.channel() as channel, half_a_request(service) as finish:
        assert says_serving(channel)
        service.terminate()
        for port in ("grpc_port", "http_port", "metrics_port"):
            eventually(lambda: not accepts(service.ready[port]), 30, f"{port} takes no connection")
        eventually(lambda: takes_no_call(channel), 30, "no call on an open connection")
        assert service.process.poll() is None, "it waits for the request"
        assert finish() == b"HTTP/1.1 201 Created"
    service.wait_end(0)


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_a_stop_at_once(new_service, second):
    service = new_service(environment=LONG).start()
    with half_a_request(service):
        service.terminate()
        eventually(lambda: not accepts(service.http_port), 30, "it stops")
        ended_by_another(service, second)
    last = json.loads(service.output().splitlines()[-1])
    assert last["level"] == "warn" and last["message"].startswith("Stopped at once by a second signal"), last


def test_one_signal_that_comes_twice_at_once_is_one(new_service):
    service = new_service(environment=LONG).start()
    with half_a_request(service) as finish:
        # Again and again until the first is seen to be taken: signals that wait are one to the kernel.
        for _ in range(3):
            service.terminate()
            os.sched_yield()
        eventually(lambda: not accepts(service.http_port), 30, "it stops")
        assert finish() == b"HTTP/1.1 201 Created"
    service.wait_end(0)


def a_full_pipe():
    """(read end, write end): who writes into it waits for ever."""
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    with contextlib.suppress(BlockingIOError):
        while os.write(writes, b"." * 4096):
            pass
    os.set_blocking(writes, True)
    return reads, writes


def test_a_stop_ends_in_its_time_where_nobody_reads_standard_error(new_service):
    reads, writes = a_full_pipe()
    try:
        service = new_service(environment={"PRODUCTD_SHUTDOWN_TIMEOUT": "1s", "PRODUCTD_WORKER_DRAINLIMIT": "1s"}, preexec=lambda: os.dup2(writes, 2))
        service.start().created(a_product())
        service.terminate()
        service.wait_end(1)
    finally:
        os.close(reads)
        os.close(writes)
