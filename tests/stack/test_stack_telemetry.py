# Prometheus, node-exporter and Jaeger as tools/stack.py runs them, of these tests' own.
import socket

import httpx
import pytest

import stack
import stack_telemetry
from otlp import send_span
from waiting import eventually

pytest_plugins = ["own_servers"]


def targets(prometheus):
    """{(address, job)} of what it scrapes, or will."""
    told = httpx.get(f"http://127.0.0.1:{prometheus.state()['port']}/api/v1/targets").json()
    active = told["data"]["activeTargets"]
    return {(one["discoveredLabels"]["__address__"], one["labels"]["job"]) for one in active}


def test_prometheus_runs_the_deployed_file_with_the_targets_of_the_contract(own):
    prometheus = own("prometheus")
    assert (prometheus.folder / "prometheus.yml").resolve() == stack_telemetry.CONFIGURATION / "prometheus.yml"
    service = {("127.0.0.1:7070", "productd"), ("127.0.0.1:7070", "productd-native")}
    wanted = service | {("127.0.0.1:9101", "node"), ("127.0.0.1:9090", "prometheus")}
    eventually(lambda: targets(prometheus) == wanted, 20, "the targets of the contract")


def test_a_further_instance_is_scraped_and_the_machine_is_told_of(own):
    node, prometheus = own("node-exporter"), own("prometheus")
    assert httpx.get(f"http://127.0.0.1:{node.state()['port']}/metrics").text.count("\nnode_load1 ") == 1
    stack_telemetry.add_target(prometheus.folder, "productd-2", 7071)
    address = f"127.0.0.1:{node.state()['port']}"
    wanted = {("127.0.0.1:7071", "productd"), ("127.0.0.1:7071", "productd-native"), (address, "node")}
    eventually(lambda: wanted <= targets(prometheus), 20, "the further targets")


def test_jaeger_takes_a_span_and_answers_for_it(own):
    state = own("jaeger").state()
    trace = send_span(state["otlp_port"], "a-service", "GET /somewhere")
    query = f"http://127.0.0.1:{state['port']}/api/traces/{trace}"
    (found,) = eventually(lambda: httpx.get(query).json().get("data"), 20, "the trace")
    assert [span["operationName"] for span in found["spans"]] == ["GET /somewhere"]
    assert [process["serviceName"] for process in found["processes"].values()] == ["a-service"]


@pytest.mark.parametrize("name", ["prometheus", "node-exporter", "jaeger"])
def test_it_answers_on_loopback_alone_and_starting_it_twice_is_starting_it_once(own, name):
    running = own(name)
    before = running.state()
    for key, port in before.items():
        if key == "port" or key.endswith("_port") and "udp" not in key:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.2", port), timeout=5)
    running.up()
    assert running.state() == before
    assert running.down() is True and running.down() is False


def test_a_server_that_others_do_without_is_left_out_by_name_and_never_in_ci(monkeypatch, tmp_path):
    absent = stack_telemetry.server("jaeger", str(tmp_path / "absent"), None, None, 1, optional=True)
    running = stack.Running(absent, tmp_path)
    said = []
    monkeypatch.delenv("CI", raising=False)
    assert stack.up([running], said.append) == []
    assert len(said) == 1 and said[0].startswith("stack: jaeger IS LEFT OUT")
    monkeypatch.setenv("CI", "true")
    assert stack.up([running], said.append) == ["jaeger is not installed; run tools/setup.sh stack"]
