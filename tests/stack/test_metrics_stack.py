# docs/metrics.md and /metrics tell the same on Kafka, MongoDB and Redis too, and a real Prometheus has what it can have:
# native histograms and exemplars.
import os
import time

import httpx
import pytest

import load
import stack
import stack_telemetry
from metrics_table import differences
from prometheus_answers import asked
from products import a_product
from service import Service
from waiting import eventually

pytest_plugins = ["kafka_fixtures", "mongodb_fixture", "whole_stack", "generated", "own_prometheus"]


@pytest.fixture
def embedded(tmp_path):
    """Starts a service that needs no server."""
    made = []

    def start(environment=None):
        made.append(Service(tmp_path / "embedded", environment=environment))
        return made[-1].start()

    yield start
    for one in made:
        one.ensure_stopped()


def test_the_table_lists_what_is_exported_and_nothing_else(whole_stack, services, proto, publish):
    service = services(whole_stack).start()
    load.load(service, proto, publish)
    engines = {"bus": "kafka", "store": "mongodb", "cache": "redis"}
    assert list(differences(service.metrics_text(), engines)) == []
    assert service.metric("productd_kafka_up") == service.metric("productd_mongodb_up") == 1
    service.stop()


def test_prometheus_has_native_histograms_beside_classic_ones(prometheus, embedded):
    service = embedded()
    stack_telemetry.add_target(prometheus.folder, "productd-own", service.ready["metrics_port"])
    name, of = "productd_http_request_duration_seconds", 'route="/api/v1/products",job="productd"'

    def value(expression):
        service.created(a_product())
        found = asked(prometheus, "query", query=expression)["result"]
        return float(found[0]["value"][1]) if found and found[0]["value"][1] != "NaN" else None

    native = eventually(lambda: value(f"histogram_quantile(0.99, rate({name}{{{of}}}[1m]))"), 30, "a native quantile", 0.5)
    rate = f"sum by (le) (rate({name}_bucket{{{of}}}[1m]))"
    classic = eventually(lambda: value(f"histogram_quantile(0.99, {rate})"), 30, "a classic quantile", 0.5)
    # Both say when, the classic one only to the bounds of its bucket, of which each is 2.5 times the one before at most.
    assert classic / 2.6 < native < classic * 2.6
    counts = [f"histogram_count({name}{{{of}}})", f"{name}_count{{{of}}}"]
    assert eventually(lambda: value(counts[0]), 30, "a native count") <= service.metric(f"{name}_count", route="/api/v1/products")
    assert eventually(lambda: value(counts[1]), 30, "a classic count") > 0
    assert asked(prometheus, "query", query='count by (job) (up{job=~"productd.*"} == 1)')["result"][1:], "both jobs work"
    service.stop()


def test_prometheus_has_an_exemplar_of_a_trace_that_jaeger_has(prometheus, embedded):
    jaeger = stack.Running(stack.named("jaeger"))
    if not jaeger.answers():
        assert not os.environ.get("CI"), "NOT RUNNING: jaeger"
        pytest.skip("NOT RUNNING: jaeger; start with `make stack-up`")
    ports = jaeger.state()
    tracing = {"PRODUCTD_TRACING_ENDPOINT": f"127.0.0.1:{ports['otlp_port']}", "PRODUCTD_TRACING_INTERVAL": "50ms"}
    service = embedded(tracing)
    stack_telemetry.add_target(prometheus.folder, "productd-own", service.ready["metrics_port"])
    service.created(a_product())

    def shown(metric):
        now = time.time()
        told = asked(prometheus, "query_exemplars", query=metric, start=now - 600, end=now + 600)
        return [one["labels"] for series in told for one in series["exemplars"]]

    for metric in ("productd_http_request_duration_seconds_bucket", "productd_worker_message_duration_seconds_bucket"):
        labels = eventually(lambda: shown(metric), 30, f"an exemplar of {metric}", 0.5)[0]
        url = f"http://127.0.0.1:{ports['port']}/api/traces/{labels['trace_id']}"
        (trace,) = eventually(lambda: httpx.get(url).json().get("data"), 20, "its trace")
        assert labels["span_id"] in [span["spanID"] for span in trace["spans"]]
    service.stop()
