# What happens when connections would take all descriptors the process may have.
import os
import resource
import socket

import grpc
import httpx

from service import PRODUCTS
from waiting import eventually

GET = "/productsService.ProductsService/GetByID"


def open_files(service):
    return len(os.listdir(f"/proc/{service.process.pid}/fd"))


def grpc_code(service):
    """Of a call on a connection of its own."""
    with service.channel(options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
        return channel.unary_unary(GET).future(b"\x0a\x186b03ef3e1b0abb1f10e4ee16", timeout=2).code()


def connect(port, count):
    return [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(count)]


def is_closed(connection):
    connection.settimeout(10)
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def test_the_grpc_listener_hears_again_after_descriptors_ran_out(new_service):
    service = new_service().start()
    assert grpc_code(service) == grpc.StatusCode.NOT_FOUND
    assert service.get("/readyz").status_code == 200  # Its connection stays open for what is asked below.
    few = open_files(service) + 20
    resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE, (few, few))
    held = connect(service.ready["grpc_port"], 60)
    eventually(lambda: open_files(service) >= few - 2, what="the descriptors to run out")
    assert grpc_code(service) in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
    eventually(lambda: service.get("/readyz").status_code == 503, what="readiness to tell that nobody new is heard")

    for connection in held:
        connection.close()
    eventually(lambda: open_files(service) < few - 10, what="the descriptors to come back")
    eventually(lambda: grpc_code(service) == grpc.StatusCode.NOT_FOUND, what="a gRPC call to be answered")
    eventually(lambda: service.get("/readyz").status_code == 200, what="the service to be ready")
    service.stop()


def test_connections_of_both_servers_leave_descriptors_for_the_rest(new_service, facts):
    def few_files():
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, 420))

    service = new_service(preexec=few_files).start()
    assert "Http.ConnectionsMax" in service.output() and "Server.ConnectionsMax" in service.output()
    assert service.metric("process_max_fds") == 420
    held = connect(service.ready["grpc_port"], 300) + connect(service.http_port, 150)
    # Those that found no place were closed at once.
    eventually(lambda: service.metric("productd_grpc_rejected_total", reason="connections") > 100, what="refusals")
    used = open_files(service)
    facts.append(f"descriptors: 450 connections to a service that may have 420 open files: {used} open")
    assert used < 400
    assert httpx.get(f"http://127.0.0.1:{service.ready['metrics_port']}/metrics", timeout=10).status_code == 200
    for connection in held:
        connection.close()
    eventually(lambda: service.metric("productd_grpc_connections") == 0, what="the connections to end")
    assert grpc_code(service) == grpc.StatusCode.NOT_FOUND
    assert service.get(f"{PRODUCTS}/search").status_code == 200
    service.stop()


def test_grpc_connections_above_their_bound_are_closed_and_those_below_are_served(new_service):
    service = new_service(environment={"PRODUCTD_SERVER_CONNECTIONSMAX": "5"}).start()
    held = connect(service.ready["grpc_port"], 5)
    eventually(lambda: service.metric("productd_grpc_connections") == 5, what="five connections")
    (more,) = connect(service.ready["grpc_port"], 1)
    assert is_closed(more)
    held.pop().close()
    eventually(lambda: grpc_code(service) == grpc.StatusCode.NOT_FOUND, what="the place to be free")
    for connection in held:
        connection.close()
    service.stop()
