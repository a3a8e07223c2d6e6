# A Prometheus of a test's own, with the deployed configuration, that scrapes each second.
import dataclasses

import pytest

import stack
import stack_telemetry


def often(folder):
    """The deployed configuration but for its intervals."""
    stack_telemetry.prepare_prometheus(folder)
    (folder / "prometheus.yml").unlink()
    deployed = (stack_telemetry.CONFIGURATION / "prometheus.yml").read_text()
    assert deployed.count("_interval: 10s") == 2
    (folder / "prometheus.yml").write_text(deployed.replace("_interval: 10s", "_interval: 1s"))


@pytest.fixture
def prometheus(tmp_path):
    """And a node-exporter beside it."""
    servers = [stack.named("node-exporter"), dataclasses.replace(stack.named("prometheus"), prepare=often)]
    running = [stack.Running(server, tmp_path) for server in servers]
    try:
        assert stack.up(running) == []
        yield running[1]
    finally:
        stack.down(running)
