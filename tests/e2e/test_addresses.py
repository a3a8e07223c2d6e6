# The addresses a service listens on: each is shown where it is, and one that cannot be had is told by its key.
import json
import re
import subprocess

import pytest

from service import PRODUCTS, run_cli

APART = {
    "PRODUCTD_HTTP_ADDRESS": "127.0.0.2",
    "PRODUCTD_SERVER_ADDRESS": "127.0.0.3",
    "PRODUCTD_METRICS_ADDRESS": "127.0.0.4",
}
IPV6 = dict.fromkeys(APART, "::1")


@pytest.mark.parametrize(
    "environment, rest, grpc, metrics",
    [
        ({}, "localhost", "localhost", "localhost"),
        (APART, "127.0.0.2", "127.0.0.3", "127.0.0.4"),
        (IPV6, "[::1]", "[::1]", "[::1]"),
    ],
    ids=["default", "apart", "IPv6"],
)
def test_each_listener_is_shown_at_its_own_address_and_the_line_to_try_works(
    new_service, environment, rest, grpc, metrics
):
    service = new_service(environment=environment).start()
    shown, ports = service.output(), service.ready
    assert f"  REST         https://{rest}:{ports['http_port']}{PRODUCTS}\n" in shown, shown
    assert f"  Swagger      https://{rest}:{ports['http_port']}/swagger/index.html\n" in shown, shown
    assert f"  gRPC         {grpc}:{ports['grpc_port']} (TLS)\n" in shown, shown
    assert f"  Metrics      http://{metrics}:{ports['metrics_port']}/metrics\n" in shown, shown
    line = re.search(r"  (curl .*?\}')", shown, re.DOTALL)[1]
    tried = subprocess.run(["bash", "-c", f"{line} -s"], capture_output=True, text=True, timeout=30)
    assert tried.returncode == 0 and json.loads(tried.stdout)["version"] == 1, line + tried.stderr + tried.stdout
    service.stop()


@pytest.mark.parametrize("address", ["192.0.2.1", "999.1.1.1", "nohost.invalid"])
@pytest.mark.parametrize("section", ["Http", "Server", "Metrics"])
def test_an_address_that_is_not_here_is_told_by_its_key_and_not_by_the_port(tmp_path, section, address):
    environment = {f"PRODUCTD_{section.upper()}_ADDRESS": address}
    ports = ["--http-port", "0", "--grpc-port", "0", "--metrics-port", "0"]
    done = run_cli("serve", "--data-dir", tmp_path, *ports, environment=environment)
    assert done.returncode == 1
    assert address in done.stderr and f"set {section}.Address to" in done.stderr, done.stderr
    assert "-port" not in done.stderr, done.stderr
