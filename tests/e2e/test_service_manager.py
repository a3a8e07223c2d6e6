# What systemd is told, over a socket of the tests, and that the service needs no system call its unit takes away.
import re
import signal
import socket
import time

import pytest

from products import a_product
from service import PRODUCTS, NotReady
from unit_calls import calls_of_the_unit, only
from waiting import eventually


class Manager:
    """Who is told; a state is {"READY": "1", …}."""

    def __init__(self, folder):
        self.address = folder / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.address))
        self.socket.settimeout(20)
        self.environment = {"NOTIFY_SOCKET": str(self.address)}

    def next(self):
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())

    def has_more(self):
        self.socket.setblocking(False)
        try:
            return self.next()
        except BlockingIOError:
            return None


@pytest.fixture
def manager(tmp_path):
    one = Manager(tmp_path)
    yield one
    one.socket.close()


def test_a_service_manager_is_told_of_start_reload_and_stop(new_service, manager):
    service = new_service(environment={**manager.environment, "PRODUCTD_SHUTDOWN_TIMEOUT": "40s"}).launch()
    told = manager.next()
    assert told["READY"] == "1"
    service.wait_ready()
    assert re.findall(r"\d+", told["STATUS"]) == [str(service.ready[f"{name}_port"]) for name in ("http", "grpc", "metrics")]

    began = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    service.process.send_signal(signal.SIGHUP)
    reloading = manager.next()
    assert reloading["RELOADING"] == "1" and int(reloading["MONOTONIC_USEC"]) >= began
    assert manager.next() == {"READY": "1"}
    eventually(lambda: "The certificate was read again" in service.output(), 10, "the log line")

    service.stop()
    stopping = manager.next()
    # Longer than the service itself gives a stop: it ends itself, and says what it waited for.
    assert stopping["STOPPING"] == "1" and int(stopping["EXTEND_TIMEOUT_USEC"]) > 40_000_000
    assert manager.has_more() is None


def test_when_it_is_told_that_the_service_is_ready_every_listener_answers(new_service, manager):
    first = new_service().start()
    # Its port is the manager's only word of it: no ready file is waited for.
    service = new_service(environment=manager.environment, name="second").launch()
    http, grpc, metrics = re.findall(r"\d+", manager.next()["STATUS"])
    for port in (http, grpc, metrics):
        socket.create_connection(("127.0.0.1", int(port)), timeout=5).close()
    service.wait_ready()
    assert service.get(f"{PRODUCTS}/search", params={"search": "x"}).status_code == 200
    first.stop()


def test_a_start_that_fails_is_not_told(new_service, manager):
    taken = new_service().start()
    with pytest.raises(NotReady):
        new_service(http_port=taken.http_port, name="second", environment=manager.environment).start()
    assert manager.has_more() is None


def test_a_service_manager_that_is_gone_is_a_warning(new_service, tmp_path):
    service = new_service(environment={"NOTIFY_SOCKET": str(tmp_path / "nobody")}).start()
    eventually(lambda: "The service manager cannot be told" in service.output(), 10, "the warning")
    service.created(a_product())
    service.stop()


# ------------------------------------------------------------------------------------------ the system calls


def whole_life(service):
    service.start()
    stored = service.created(a_product())
    assert service.get(f"{PRODUCTS}/search", params={"search": stored["name"]}).json()["totalCount"] == 1
    with service.channel() as channel:
        assert channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=10) == b"\x08\x01"
    assert service.metric("process_open_fds") > 0
    service.process.send_signal(signal.SIGHUP)
    eventually(lambda: "The certificate was read again" in service.output(), 10, "the reload")
    service.stop()


def test_it_lives_with_the_system_calls_that_its_unit_leaves(new_service):
    service = new_service(preexec=only(calls_of_the_unit()))
    whole_life(service)
    whole_life(service)  # With data that is there.


def test_a_call_that_the_unit_took_away_would_be_noticed(new_service):
    with pytest.raises(NotReady) as ended:
        new_service(preexec=only(calls_of_the_unit() - {"fdatasync", "fsync"})).start()
    assert ended.value.code == -signal.SIGSYS
