# The service on three real Kafka brokers, with kcat as the foreign producer and consumer.
import json
import os
import subprocess
import uuid

import pytest

import stack
from products import a_product
from service import PRODUCTS, NotReady, Service, run_cli
from waiting import eventually

BROKERS = [stack.Running(stack.named(f"kafka{number}")) for number in (1, 2, 3)]
TOPICS = {"CREATE": "create", "UPDATE": "update", "DELETE": "delete", "DEADLETTER": "letters", "DEADLETTERSTATE": "states"}
# What can never be applied, and why the worker says so is another test's matter.
BAD = [b"\x00\xff\xfe noise", b"{", b"[" * 5_000, b'{"name":"\xff\xfe"}', b'{"name":"x"}', b"null", b"42"]


class Bus:
    """Topics and a group of one test alone."""

    def __init__(self):
        self.prefix = f"e2e-{uuid.uuid4().hex[:12]}-"
        self.brokers = ",".join(f"127.0.0.1:{broker.state()['port']}" for broker in BROKERS)
        self.environment = {
            "PRODUCTD_BUS": "kafka",
            "PRODUCTD_KAFKA_BROKERS": self.brokers,
            "PRODUCTD_KAFKA_REPLICAS": "3",
            "PRODUCTD_KAFKA_MININSYNCREPLICAS": "2",
            "PRODUCTD_KAFKA_GROUPID": self.prefix + "group",
            "PRODUCTD_KAFKA_SESSIONTIMEOUT": "6s",
            **{f"PRODUCTD_KAFKA_{key}TOPIC": self.prefix + name for key, name in TOPICS.items()},
        }

    def cli(self, *arguments):
        return run_cli(*arguments, environment=self.environment)

    def topic(self, name):
        return self.prefix + name

    def kcat(self, *arguments, stdin=b""):
        done = subprocess.run(["kcat", "-b", self.brokers, *arguments], input=stdin, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def send(self, topic, payload, *options, folder):
        """One message with these bytes as its whole payload."""
        file = folder / "payload"
        file.write_bytes(payload)
        self.kcat("-P", "-t", self.topic(topic), *options, str(file))

    def read(self, topic):
        """What a topic has, as kcat's JSON lines."""
        told = self.kcat("-C", "-t", self.topic(topic), "-o", "beginning", "-e", "-q", "-J")
        return [json.loads(line) for line in told.splitlines()]

    def lag(self):
        """Messages no commit covers yet, of the sources."""
        told = [self.cli("topics", "describe", self.topic(name)).stdout for name in ("create", "update", "delete")]
        lines = [line for text in told for line in text.splitlines() if "messages" in line]
        return sum(int(line.rpartition(", ")[2].split()[0]) if "behind" in line else messages(line) for line in lines)


def messages(line):
    return int(line.partition(", ")[2].split()[0])


@pytest.fixture
def bus():
    if not all(broker.answers() for broker in BROKERS):
        assert not os.environ.get("CI"), "kafka is not running"
        pytest.skip("kafka IS NOT RUNNING; start it with `make stack-up`")
    return Bus()


@pytest.fixture
def service(bus, tmp_path):
    made = bus.cli("topics", "create")
    assert made.returncode == 0, made.stderr
    running = Service(tmp_path / "service", environment=bus.environment).start()
    yield running
    running.ensure_stopped()


def test_serve_says_which_topics_are_missing_and_topics_create_makes_them_once(bus, tmp_path):
    with pytest.raises(NotReady) as refused:
        Service(tmp_path / "service", environment=bus.environment).start()
    assert bus.topic("create") in refused.value.output and "productd topics create" in refused.value.output
    assert bus.cli("topics", "create").stdout.count("was made") == 5
    assert bus.cli("topics", "create").stdout.count("was there") == 5
    service = Service(tmp_path / "service", environment=bus.environment).start()
    service.stop()


def test_writes_over_rest_are_events_on_kafka_that_others_can_read(bus, service):
    made = service.created(a_product(name="Chair"))
    path = f"{PRODUCTS}/{made['productId']}"
    assert service.request("PUT", path, json=a_product(name="Armchair")).headers["Product-State"] == "applied"
    assert service.request("DELETE", path).status_code == 204
    (create,) = bus.read("create")
    assert create["key"] == made["productId"]
    assert json.loads(create["payload"])["name"] == "Chair"
    assert len(bus.read("update")) == 1 and len(bus.read("delete")) == 1
    eventually(lambda: bus.lag() == 0, 30, "lag 0")


def test_foreign_messages_are_applied_or_become_whole_dead_letters(bus, service, tmp_path):
    good = {"name": "Foreign", "description": "made elsewhere", "price": 1.5, "quantity": 1, "rating": 1}
    bus.send("create", json.dumps({**good, "name": "Plain"}).encode(), folder=tmp_path)
    bus.send("create", json.dumps({**good, "name": "Zipped"}).encode(), "-z", "gzip", folder=tmp_path)
    bus.send("create", json.dumps({**good, "name": "Lz4"}).encode(), "-z", "lz4", "-p", "2", folder=tmp_path)
    sent = 0
    for payload in BAD:
        bus.send("create", payload, "-p", str(sent % 3), folder=tmp_path)
        sent += 1
    for options in (["-Z"], []):  # A null payload, and an empty one.
        bus.kcat("-P", "-t", bus.topic("create"), "-K", ":", *options, stdin=b"key:\n")
        sent += 1
    bus.send("update", b'{"productId":"zz"}', "-H", "name=\xff", folder=tmp_path)
    sent += 1
    eventually(lambda: bus.lag() == 0, 60, "lag 0")
    found = service.get(f"{PRODUCTS}/search?search=made%20elsewhere").json()
    assert sorted(product["name"] for product in found["products"]) == ["Lz4", "Plain", "Zipped"]
    letters = [json.loads(message["payload"]) for message in bus.read("letters")]
    assert len(letters) == sent
    for letter in letters:
        assert {"messageId", "offset", "partition", "topic", "error", "time"} <= letter.keys()
    assert bus.cli("dlq", "list").returncode == 0


def test_an_instance_that_is_killed_loses_nothing_that_was_answered(bus, service):
    made = [service.created(a_product(name=f"Before {n}"))["productId"] for n in range(20)]
    service.process.kill()
    service.wait_end(expected=-9)
    service.start()
    for product in made:
        assert service.get(f"{PRODUCTS}/{product}").json()["version"] == 1
    # The group gives the partitions of the killed one to this one when its session is over: until then, accepted.
    answer = service.request("POST", PRODUCTS, json=a_product(name="After"))
    assert answer.status_code == 201
    eventually(lambda: service.get(answer.headers["Location"]).status_code == 200, 40, "the product")
    service.stop()


def test_without_brokers_a_write_is_refused_in_time_and_readiness_names_the_log(bus, tmp_path):
    environment = bus.environment | {"PRODUCTD_KAFKA_BROKERS": "127.0.0.1:1", "PRODUCTD_KAFKA_DELIVERYTIMEOUT": "500ms"}
    service = Service(tmp_path / "service", environment=environment).start()
    answer = service.request("POST", PRODUCTS, json=a_product())
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    told = service.get("/readyz?verbose")
    assert told.status_code == 503
    assert [check["name"] for check in told.json()["checks"] if not check["ok"]] == ["log"]
    service.stop()


def test_logs_in_by_sasl_and_says_so_when_the_password_is_wrong(bus, tmp_path):
    secure = ",".join(f"127.0.0.1:{broker.state()['secure_port']}" for broker in BROKERS)
    login = {"KAFKA_BROKERS": secure, "KAFKA_MECHANISM": "PLAIN", "KAFKA_USER": "productd", "KAFKA_PASSWORD": "made-up-for-tests"}
    right = bus.environment | {f"PRODUCTD_{name}": value for name, value in login.items()}
    assert run_cli("topics", "create", environment=right).returncode == 0
    service = Service(tmp_path / "service", environment=right).start()
    assert service.created(a_product())
    service.stop()
    wrong = run_cli("topics", "list", environment=right | {"PRODUCTD_KAFKA_PASSWORD": "wrong"}, seconds=60)
    assert wrong.returncode == 1
    assert "Kafka" in wrong.stderr
