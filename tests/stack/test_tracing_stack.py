# Traces of the service on Kafka, MongoDB and Redis, as a real Jaeger shows them.
import json
import os
import uuid

import httpx
import pytest

import stack
from products import a_product
from waiting import eventually

pytest_plugins = ["kafka_fixtures", "mongodb_fixture", "whole_stack", "generated"]

CALLER = "b7ad6b7169203331"


@pytest.fixture
def jaeger():
    running = stack.Running(stack.named("jaeger"))
    if not running.answers():
        assert not os.environ.get("CI"), "NOT RUNNING: jaeger"
        pytest.skip("NOT RUNNING: jaeger; start with `make stack-up`")
    return running.state()


@pytest.fixture
def environment(whole_stack, jaeger):
    return {
        **whole_stack,
        "PRODUCTD_TRACING_ENDPOINT": f"127.0.0.1:{jaeger['otlp_port']}",
        "PRODUCTD_TRACING_INTERVAL": "50ms",
    }


def new_trace():
    trace = uuid.uuid4().hex
    return trace, {"traceparent": f"00-{trace}-{CALLER}-01"}


def spans_of(jaeger, trace, names, seconds=30):
    """{name: span} once there is one of each name; `parent`, `tags` and `instance` as one reads them."""

    def probe():
        found = httpx.get(f"http://127.0.0.1:{jaeger['port']}/api/traces/{trace}").json().get("data")
        if not found:
            return None
        spans = {}
        for span in found[0]["spans"]:
            process = found[0]["processes"][span["processID"]]
            parents = [one["spanID"] for one in span["references"] if one["refType"] == "CHILD_OF"]
            span["parent"] = parents[0] if parents else None
            span["service"] = process["serviceName"]
            span["instance"] = next(t["value"] for t in process["tags"] if t["key"] == "service.instance.id")
            span["tags"] = {tag["key"]: tag["value"] for tag in span["tags"]}
            spans[span["operationName"]] = span
        return spans if set(names) <= spans.keys() else None

    return eventually(probe, seconds, f"spans {names} of {trace}")


def test_a_post_is_one_trace_through_kafka_mongodb_and_redis(bus, services, environment, jaeger):
    service = services(environment).start()
    trace, header = new_trace()
    assert service.create(a_product(), **header).headers["Product-State"] == "applied"
    topic = bus.topic("create")
    names = [f"send {topic}", f"poll {topic}", f"process {topic}", f"commit {topic}", "apply", "write products", "put 0"]
    spans = spans_of(jaeger, trace, names)
    server = spans["POST /api/v1/products"]
    assert server["parent"] == CALLER and spans[names[0]]["parent"] == server["spanID"]
    for name in names[1:4]:
        assert spans[name]["parent"] == spans[names[0]]["spanID"], name
    assert spans["apply"]["parent"] == spans[f"process {topic}"]["spanID"]
    for name in names[5:]:
        assert spans[name]["parent"] == spans["apply"]["spanID"], name
    assert {span["service"] for span in spans.values()} == {"products_microservice"}

    tags = spans[names[0]]["tags"]
    assert tags["messaging.system.name"] == "kafka" and tags["messaging.destination.name"] == topic
    assert tags["span.kind"] == "producer" and tags["server.address"] == "127.0.0.1"
    assert spans["write products"]["tags"]["db.system.name"] == "mongodb"
    assert spans["put 0"]["tags"]["db.system.name"] == "redis"
    assert not [span for span in spans.values() if span["tags"].get("error")]
    service.stop()


def test_two_instances_are_of_one_trace(bus, services, environment, jaeger):
    one, other = [services(environment, name).start() for name in ("one", "other")]
    topic = bus.topic("create")

    def crosses():
        """Which partition a product goes to, and so whose it is, is its id's."""
        trace, header = new_trace()
        assert one.create(a_product(), **header).status_code == 201
        spans = spans_of(jaeger, trace, [f"process {topic}", "POST /api/v1/products"])
        return spans[f"process {topic}"]["instance"] != spans["POST /api/v1/products"]["instance"]

    eventually(crosses, 60, "a product that the other instance applies")
    handed_on = lambda: other.metric("productd_outcome_delay_seconds_count") > 0
    eventually(handed_on, 20, "how long its outcome took, counted by who told it")
    for service in (one, other):
        service.stop()


def test_a_poison_messages_trace_ends_in_its_letter(bus, services, environment, jaeger):
    service = services(environment).start()
    trace, header = new_trace()
    create, letters = bus.topic("create"), bus.topic("letters")
    bus.kcat("-P", "-t", create, "-H", f"traceparent={header['traceparent']}", stdin=json.dumps({"name": "Table"}).encode())
    spans = spans_of(jaeger, trace, [f"process {create}", f"send {letters}"])
    process, letter = spans[f"process {create}"], spans[f"send {letters}"]
    assert process["parent"] == CALLER and process["tags"]["error"] is True
    assert process["tags"]["error.type"] == "invalid_argument"
    assert [field["value"] for log in process["logs"] for field in log["fields"]][0] == "exception"
    assert letter["parent"] == process["spanID"]
    service.stop()


def test_an_instance_under_load_keeps_its_pace_while_jaeger_is_not_there(services, whole_stack):
    """Nobody listens: what is not sent is counted, and no write waits for it."""
    service = services({**whole_stack, "PRODUCTD_TRACING_QUEUEMAX": "100"}).start()
    for _ in range(60):
        assert service.create(a_product()).headers["Product-State"] == "applied"
    assert service.metric("productd_tracing_spans_dropped_total") > 0
    assert service.metric("productd_tracing_collector_up") == 0
    service.stop()
