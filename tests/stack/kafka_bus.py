# Topics and a group of one test alone on the three brokers of `make stack-up`, with kcat as the foreign client.
import base64
import hashlib
import json
import os
import subprocess
import uuid

import pytest

import stack
import stack_kafka
from service import run_cli
from waiting import eventually

SOURCES = {"CREATE": "create", "UPDATE": "update", "DELETE": "delete"}
TOPICS = {**SOURCES, "DEADLETTER": "letters", "DEADLETTERSTATE": "states"}
PARTITIONS = 3


def running_brokers():
    """The brokers; skipped by name without them, failed in CI. They are shared: no test may stop one."""
    brokers = [stack.Running(stack.named(f"kafka{number}")) for number in stack_kafka.NUMBERS]
    absent = [broker.server.name for broker in brokers if not broker.answers()]
    if absent:
        assert not os.environ.get("CI"), f"NOT RUNNING: {', '.join(absent)}"
        pytest.skip(f"NOT RUNNING: {', '.join(absent)}; start with `make stack-up`")
    return brokers


class Bus:
    def __init__(self, brokers, session):
        self.prefix = f"{session}-{uuid.uuid4().hex[:8]}-"
        self.brokers = ",".join(f"127.0.0.1:{broker.state()['port']}" for broker in brokers)
        self.folders = [broker.folder for broker in brokers]
        self.secure = ",".join(f"127.0.0.1:{broker.state()['secure_port']}" for broker in brokers)
        self.certificate = str(stack_kafka.certificate(brokers[0].folder.parent))
        self.environment = {
            "PRODUCTD_BUS": "kafka",
            "PRODUCTD_KAFKA_BROKERS": self.brokers,
            "PRODUCTD_KAFKA_REPLICAS": "3",
            "PRODUCTD_KAFKA_MININSYNCREPLICAS": "2",
            "PRODUCTD_KAFKA_GROUPID": self.prefix + "group",
            "PRODUCTD_KAFKA_SESSIONTIMEOUT": "3s",
            "PRODUCTD_WORKER_NOTFOUNDWAIT": "500ms",
            **{f"PRODUCTD_KAFKA_{key}TOPIC": self.prefix + name for key, name in TOPICS.items()},
        }

    def topic(self, name):
        return self.prefix + name

    def cli(self, *arguments, code=0, **options):
        """What a command prints once it has ended with `code`: its answer, or why there is none."""
        done = run_cli(*arguments, environment=self.environment, **options)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stderr if code else done.stdout

    def kcat(self, *arguments, stdin=b""):
        done = subprocess.run(["kcat", "-b", self.brokers, *arguments], input=stdin, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def send_file(self, topic, file, *options):
        """One message with these bytes as its whole payload; without key unless `-k` is among the options."""
        self.kcat("-P", "-t", self.topic(topic), *options, str(file))

    def send_nothing(self, topic, *options, key=b"k"):
        """An empty payload; with -Z a null one. kcat sends neither without a key."""
        self.kcat("-P", "-t", self.topic(topic), "-K", ":", *options, stdin=key + b":\n")

    def read(self, topic):
        """What a topic has, as kcat's JSON lines; of payloads that are UTF-8 only."""
        told = self.kcat("-C", "-t", self.topic(topic), "-o", "beginning", "-e", "-q", "-J")
        return [json.loads(line) for line in told.splitlines()]

    def positions(self, topic):
        """`topic/partition/offset/time` of each message, whatever is in it."""
        format_ = self.topic(topic) + "/%p/%o/%T\n"
        return self.kcat("-C", "-t", self.topic(topic), "-o", "beginning", "-e", "-q", "-f", format_).decode().split()

    def letters(self):
        return [json.loads(message["payload"]) for message in self.read("letters")]

    def behind(self):
        """Messages of the sources that no commit covers."""
        total = 0
        told = self.cli("topics", "describe", *map(self.topic, SOURCES.values()))
        for line in (line for line in told.splitlines() if line.startswith("  partition")):
            left = line.rpartition("; ")[2].rpartition(", ")[2]  # `N behind`, or `N messages` without a commit.
            total += int(left.split()[0])
        return total

    def caught_up(self, seconds=30):
        eventually(lambda: self.behind() == 0, seconds, "a lag of 0", pause=0.2)


def lag_metrics(service):
    """(partitions this instance has, messages it is behind)."""
    lines = [line for line in service.metrics_text().splitlines() if line.startswith("productd_consumer_lag_messages{")]
    return len(lines), sum(float(line.rpartition(" ")[2]) for line in lines)


def derived_id(position):
    """Of a create without id, as section 3 of the contract has it."""
    seconds = int(position.rpartition("/")[2]) // 1000
    return (seconds.to_bytes(4, "big") + hashlib.sha256(position.encode()).digest()[:8]).hex()


def payload_bytes(letter):
    """None for a null payload; text is text, other bytes are base64."""
    payload = letter["payload"]
    if payload is None:
        return None
    return base64.b64decode(payload["base64"]) if isinstance(payload, dict) else payload.encode()


def delete_topics(session):
    """All that tests of this session made."""
    stack_kafka.delete_topics(f"127.0.0.1:{stack.Running(stack.named('kafka1')).state()['port']}", session)
