# The bounds of the metrics port and of the socket that the program's commands use.
import contextlib
import socket

from service import run_cli

ASK = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"


def idle_after_an_answer(family, address):
    """A connection that has had an answer and asks nothing more."""
    client = socket.socket(family)
    client.settimeout(30)
    client.connect(address)
    client.sendall(ASK)
    assert client.recv(4096).startswith(b"HTTP/1.1 ")
    return contextlib.closing(client)


def is_closed_by_the_service(client):
    return client.recv(1) == b""  # A time-out is an error.


def test_an_idle_connection_makes_room_on_the_metrics_port(new_service):
    service = new_service(environment={"PRODUCTD_METRICS_CONNECTIONSMAX": "1"}).start()
    address = ("127.0.0.1", service.ready["metrics_port"])
    with idle_after_an_answer(socket.AF_INET, address) as first, idle_after_an_answer(socket.AF_INET, address):
        assert is_closed_by_the_service(first)
    service.stop()


def test_an_idle_connection_makes_room_on_the_commands_socket(new_service):
    service = new_service(environment={"PRODUCTD_ADMIN_CONNECTIONSMAX": "1"}).start()
    with idle_after_an_answer(socket.AF_UNIX, str(service.data / "admin.sock")) as idle:
        told = run_cli("dlq", "list", "--data-dir", service.data)
        assert told.returncode == 0, told.stderr
        assert is_closed_by_the_service(idle)
    service.stop()


def test_an_idle_connection_to_the_commands_socket_is_closed(new_service):
    service = new_service(environment={"PRODUCTD_ADMIN_IDLETIMEOUT": "100ms"}).start()
    with idle_after_an_answer(socket.AF_UNIX, str(service.data / "admin.sock")) as idle:
        assert is_closed_by_the_service(idle)
    service.stop()
