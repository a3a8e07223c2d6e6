# What libraries say by themselves: within our lines, at their levels, and without a secret.
import json
import signal
import socket
import subprocess

import pytest

from service import BINARY, INHERITED
from waiting import eventually

SECRET = "hush-9f3"
IN_URI = "p%40ss-7c1"
FREE_PORTS = ["--http-port", "0", "--grpc-port", "0", "--metrics-port", "0"]
DEAD = {
    "kafka": {
        "PRODUCTD_BUS": "kafka",
        "PRODUCTD_KAFKA_BROKERS": "127.0.0.1:1",
        "PRODUCTD_KAFKA_MECHANISM": "plain",
        "PRODUCTD_KAFKA_USER": "keeper",
        "PRODUCTD_KAFKA_PASSWORD": SECRET,
    },
    "mongodb": {
        "PRODUCTD_STORE": "mongodb",
        "PRODUCTD_MONGODB_URI": f"mongodb://keeper:{IN_URI}@127.0.0.1:1/?replicaSet=rs0",
        "PRODUCTD_MONGODB_SERVERSELECTIONTIMEOUT": "200ms",
    },
    "redis": {"PRODUCTD_CACHE": "redis", "PRODUCTD_REDIS_ADDRESS": "127.0.0.1:1", "PRODUCTD_REDIS_PASSWORD": SECRET},
    "otlp": {
        "PRODUCTD_TRACING_ENDPOINT": "127.0.0.1:1",
        "PRODUCTD_TRACING_HEADERS": f"authorization={SECRET}",
        "PRODUCTD_TRACING_TIMEOUT": "100ms",
        "PRODUCTD_TRACING_INTERVAL": "10ms",
    },
}
DEAD["all of them"] = {key: value for one in DEAD.values() for key, value in one.items()}


def send_nonsense(port):
    """What TLS does not understand, and the libraries complain of; returns when the server has closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"nonsense\r\n\r\n" * 10)
        try:
            while client.recv(4096):
                pass
        except OSError:
            pass


@pytest.fixture
def serving(tmp_path):
    """Starts `serve` with standard error in a file of its own; gives the process and a reader of its lines."""
    started = []

    def start(environment):
        with open(tmp_path / "lines", "wb") as lines, open(tmp_path / "welcome", "wb") as welcome:
            process = subprocess.Popen(
                [BINARY, "serve", "--data-dir", tmp_path / "data", *FREE_PORTS, "--ready-file", tmp_path / "ready.json"],
                stdout=welcome,
                stderr=lines,
                env={**INHERITED, **environment},
            )
        started.append(process)
        return process, lambda: (tmp_path / "lines").read_text().splitlines()

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.mark.parametrize("level", ["info", "debug"])
@pytest.mark.parametrize("servers", DEAD)
def test_against_servers_that_are_not_there_every_line_is_json_and_shows_no_secret(serving, servers, level, tmp_path):
    process, lines = serving({**DEAD[servers], "PRODUCTD_LOGGER_LEVEL": level})
    eventually((tmp_path / "ready.json").exists, 20, "the start")
    ports = json.loads((tmp_path / "ready.json").read_text())
    for name in ("http_port", "grpc_port"):
        send_nonsense(ports[name])
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    parsed = [json.loads(line) for line in lines()]
    assert parsed and all({"time", "level", "message"} <= line.keys() for line in parsed)
    text = "\n".join(lines())
    for secret in (SECRET, IN_URI, "p@ss-7c1"):
        assert secret not in text
    if "kafka" in servers or servers == "all of them":
        said = [line for line in parsed if line["message"] == "Kafka"]
        assert [line for line in said if line["level"] == "warn" and "Connection refused" in line["said"]]
        assert all(line["said"] and line["origin"] for line in said if "repeated" not in line)


def test_what_a_library_says_of_the_configurations_secrets_is_masked(serving, tmp_path):
    """A password that librdkafka is sure to say: it is how a closed port is told."""
    process, lines = serving({**DEAD["kafka"], "PRODUCTD_KAFKA_PASSWORD": "refused"})
    eventually((tmp_path / "ready.json").exists, 20, "the start")
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    said = [line["said"] for line in map(json.loads, lines()) if line["message"] == "Kafka"]
    assert any("Connection ****" in text for text in said) and not any("refused" in text for text in said)


def test_a_librarys_repetitions_are_counted(serving, tmp_path):
    process, lines = serving({})
    eventually((tmp_path / "ready.json").exists, 20, "the start")
    port = json.loads((tmp_path / "ready.json").read_text())["grpc_port"]
    handshakes = 30
    for _ in range(handshakes):
        send_nonsense(port)
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    said = [json.loads(line) for line in lines() if "Handshake failed" in line]
    assert len(said) < handshakes and sum(line.get("repeated", 1) for line in said) == handshakes
    assert {line["message"] for line in said} == {"gRPC's library"} and said[-1]["repeated"] > 1
