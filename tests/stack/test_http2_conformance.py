# HTTP/2 as others examine it: h2spec's cases of RFC 9113's forerunner and HPACK, and h2load with many streams.
import os
import re
import shutil
import subprocess

import fetch_go_tools
import pytest

from products import a_product
from service import PRODUCTS, Service

CASES_MIN = 145


def here(program, what):
    """Whether it is; in CI it has to be."""
    if not program or not os.access(program, os.X_OK):
        assert not os.environ.get("CI"), f"{what} is missing: tools/setup.sh stack"
        pytest.skip(f"{what} is missing: tools/setup.sh stack")
    return program


@pytest.fixture
def service(tmp_path):
    running = Service(tmp_path / "service").start()
    yield running
    running.ensure_stopped()


def test_h2spec_finds_nothing(service):
    program = here(fetch_go_tools.H2SPEC.place(), "h2spec")
    at = ["--host", "localhost", "--port", str(service.http_port), "--tls", "--insecure", "--path", "/health"]
    done = subprocess.run([program, "--strict", *at], capture_output=True, text=True, timeout=300)
    told = re.search(r"(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed", done.stdout)
    assert told and told[4] == "0" and int(told[2]) >= CASES_MIN - 1, done.stdout[-4_000:]
    assert service.get("/health").status_code == 200


@pytest.mark.parametrize("streams", [1, 32, 100])
def test_h2load_gets_every_answer(service, streams):
    program = here(shutil.which("h2load"), "h2load")
    path = f"{PRODUCTS}/{service.created(a_product())['productId']}"
    load = ["-n", "20000", "-c", "16", "-m", str(streams), "-t", "2"]
    done = subprocess.run([program, *load, service.url + path], capture_output=True, text=True, timeout=120)
    assert "20000 succeeded, 0 failed, 0 errored, 0 timeout" in done.stdout, done.stdout
    assert service.metric("productd_http_rejected_total") == 0
