# `make run-stack`: two instances on the servers of `make stack-up`, which share the work; `make stack-status` tells of them.
import re
import ssl
import subprocess
import sys

import httpx
import pytest

import stack
import stack_instances
from products import a_product
from service import PRODUCTS, ROOT
from waiting import eventually


@pytest.fixture
def instances():
    """Both, on the shared servers; stopped afterwards. Those that somebody runs already are left alone."""
    needed = [stack.Running(server) for server in stack.SERVERS if not server.optional]
    absent = [running.server.name for running in needed if not running.answers()]
    if absent:
        pytest.skip(f"NOT RUNNING: {', '.join(absent)}; start with `make stack-up`")
    running = [stack.Running(server) for server in stack_instances.SERVERS]
    if any(one.state() for one in running):
        pytest.skip("`make run-stack` is running; stop it with tools/stack.py down productd")
    done = subprocess.run([sys.executable, ROOT / "tools/run_stack.py"], capture_output=True, text=True, timeout=120)
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        yield running, done.stdout
    finally:
        stack.down(running)
        for one in running:  # The shared Prometheus looks for them no more.
            (one.folder.parent / f"prometheus/targets/{one.server.name}.json").unlink(missing_ok=True)


def client(one):
    tls = ssl.create_default_context(cafile=one.folder / "data/tls/server.crt")
    return httpx.Client(base_url=f"https://localhost:{one.state()['port']}", verify=tls, timeout=20)


def test_what_one_instance_is_told_the_other_knows_and_the_status_shows_both(instances):
    (first, second), said = instances
    with client(first) as here, client(second) as there:
        made = here.post(PRODUCTS, json=a_product())
        assert made.status_code == 201 and made.headers["Product-State"] == "applied", made.text
        path = f"{PRODUCTS}/{made.json()['productId']}"
        assert there.get(path).json() == made.json()
        assert there.delete(path).status_code in (200, 202, 204)
        eventually(lambda: here.get(path).status_code == 404, what="the deletion on the first instance")
    assert f"https://localhost:{first.state()['port']}/" in said and "--config build/stack/productd-1/productd.yaml" in said
    told = subprocess.run([sys.executable, ROOT / "tools/stack.py", "status"], capture_output=True, text=True).stdout
    for name in ("productd-1", "productd-2", "kafka3", "mongodb1", "redis"):
        assert re.search(rf"^stack: {name} answers on 127\.0\.0\.1:\d+.*, \d+ MiB$", told, re.M), told
    parts = [int(mebibytes) for mebibytes in re.findall(r", (\d+) MiB$", told, re.M)]
    total = int(re.search(r"^stack: (\d+) MiB in all$", told, re.M)[1])
    assert abs(total - sum(parts)) <= len(parts), "each is rounded"
    finding = stack_instances.run(first.folder, "doctor", *stack_instances.flags(first.folder))
    assert "3 brokers answer" in finding.stdout and "fail" not in finding.stdout, finding.stdout


def test_stopped_they_are_gone_and_start_again_on_what_they_had(instances):
    (first, second), _ = instances
    with client(first) as here:
        path = f"{PRODUCTS}/{here.post(PRODUCTS, json=a_product()).json()['productId']}"
    stack.down([first, second])
    assert first.state() is None and "The service has stopped" in (first.folder / "log").read_text()
    assert stack.up([first, second], say=lambda line: None) == []
    with client(second) as there:
        assert there.get(path).status_code == 200
        there.delete(path)
