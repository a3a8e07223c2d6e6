# Measures the release build and says with which commands: start-up, memory, POST and GET over REST, GetByID over gRPC.
# bench.py [--seconds 5] [--connections 32] [--products 100000] [--binary build/release/productd]
# The load comes from wrk and h2load on the same machine, so requests/s share its cores; CPU a request is the service's.
import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import tools_path  # noqa: F401 Makes the modules of tools/ known.
import process_readings
from sources import ROOT

PRODUCTS = "/api/v1/products"
A_PRODUCT = {
    "name": "Chair {}",
    "description": "A wooden chair, four legs, one back",
    "price": 10.5,
    "quantity": 3,
    "rating": 5,
}

POST_LUA = """
local thread, count = 0, 0
function setup(t) t:set("number", thread); thread = thread + 1 end
function request()
  count = count + 1
  local body = '{"name":"Chair ' .. number .. '-' .. count .. '","description":"A wooden chair, four legs, one back","price":10.5,"quantity":3,"rating":5}'
  return wrk.format("POST", nil, {["Content-Type"] = "application/json"}, body)
end
"""
GET_LUA = """
local ids, i = {}, 0
for line in io.lines("%s") do ids[#ids + 1] = line end
function request() i = i %% #ids + 1; return wrk.format("GET", "/api/v1/products/" .. ids[i]) end
"""


class Measured:
    """The service, started as a user does, and what the kernel says of it."""

    def __init__(self, binary, folder, lines=None, **environment):
        """`lines`: what its log lines go to; a file of the folder unless given."""
        self.binary, self.folder = binary, pathlib.Path(folder)
        self.lines = lines
        self.environment = {"PRODUCTD_HTTP_ACCESS_LOG": "failures", **environment}

    def start(self):
        ready_file = self.folder / "ready.json"
        ready_file.unlink(missing_ok=True)
        with open(self.folder / "log", "ab") as log:
            began = time.monotonic()
            self.process = subprocess.Popen(
                [
                    self.binary,
                    "serve",
                    "--data-dir",
                    self.folder / "data",
                    "--http-port",
                    "0",
                    "--grpc-port",
                    "0",
                    "--metrics-port",
                    "0",
                    "--ready-file",
                    ready_file,
                ],
                stdout=log,
                stderr=self.lines or log,
                env={**os.environ, **self.environment},
            )
        while not ready_file.exists():
            if self.process.poll() is not None:
                sys.exit((self.folder / "log").read_text())
            time.sleep(0.0005)
        took = time.monotonic() - began
        self.ports = json.loads(ready_file.read_text())
        self.url = f"https://localhost:{self.ports['http_port']}"
        return took

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def cpu_seconds(self):
        return process_readings.cpu_seconds(self.process.pid)

    def memory_mib(self, what="VmRSS"):
        return process_readings.memory_mib(self.process.pid, what)

    def metric(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['metrics_port']}/metrics") as answer:
            found = re.findall(rf"^{name}(?:{{.*}})? (\S+)$", answer.read().decode(), re.M)
        return sum(map(float, found))

    def under(self, title, command):
        """Runs a load generator: what it said, the requests it made, and the CPU seconds of the service for them."""
        before = process_readings.cpu_seconds_now(self.process.pid)
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        spent = process_readings.cpu_seconds_now(self.process.pid) - before
        said = done.stdout + done.stderr
        count = re.search(r"(\d+) requests in ([\d.]+)(m?s)", said) or re.search(r"(\d+) done, (\d+) succeeded", said)
        if done.returncode or not count:
            sys.exit(f"{title}: {said}")
        return said, int(count[1]), spent

    def loaded(self, title, command):
        """Runs a load generator, prints requests/s and the CPU of the service for each, and returns the two."""
        said, count, spent = self.under(title, command)
        rate = re.search(r"Requests/sec:\s+([\d.]+)|([\d.]+) req/s", said)
        latency = re.search(r"^ +50% +(\S+)[\s\S]*?99% +(\S+)", said, re.M)
        failed = re.search(r"Non-2xx or 3xx responses: (\d+)|(\d+) failed", said)
        print(
            f"{title:<26} {float(rate[1] or rate[2]):>9.0f} requests/s  {spent / count * 1e6:>6.1f} µs CPU each"
            + (f"  p50 {latency[1]}, p99 {latency[2]}" if latency else "")
            + (f"  FAILED: {failed[1] or failed[2]}" if failed and int(failed[1] or failed[2]) else "")
        )
        print(f"    {' '.join(map(str, command))}", flush=True)
        return float(rate[1] or rate[2]), spent / count


def grpc_load(service, product_id, calls):
    """The command for so many calls of GetByID on four connections, eight at a time on each."""
    call = service.folder / "call"
    call.write_bytes(b"\0\0\0\0\x1a\x0a\x18" + product_id.encode())
    url = f"https://localhost:{service.ports['grpc_port']}/productsService.ProductsService/GetByID"
    headers = ["-H", "content-type: application/grpc", "-H", "te: trailers"]
    return ["h2load", "-t2", "-c4", "-m8", f"-n{calls}", "-d", call, *headers, url]


def fill(service, products):
    """Publishes creates until `products` are stored; returns some of their ids."""
    stored = int(service.metric("products_success_incoming_kafka_messages_total"))
    lines = "\n".join(
        json.dumps({**A_PRODUCT, "productId": f"{number + 0x600000000000000000000000:024x}", "name": f"Chair {number}"})
        for number in range(max(products - stored, 1000))
    )
    command = [service.binary, "topics", "publish", "create-product", "--data-dir", service.folder / "data"]
    began = time.monotonic()
    subprocess.run(command, input=lines, text=True, check=True, stdout=subprocess.DEVNULL)
    while service.metric("products_success_incoming_kafka_messages_total") < products:
        time.sleep(0.05)
        if time.monotonic() - began > 600:
            sys.exit("the products were not stored within ten minutes")
    took = time.monotonic() - began
    print(
        f"{'ingest of events':<26} {max(products - stored, 1000) / took:>9.0f} messages/s (published and applied, {products} products now)"
    )
    print(f"    {' '.join(map(str, command))} < lines")
    return [f"{number + 0x600000000000000000000000:024x}" for number in range(1000)]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--connections", type=int, default=32)
    options.add_argument("--products", type=int, default=100_000)
    options.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/productd")
    chosen = options.parse_args()

    with tempfile.TemporaryDirectory(prefix="productd-bench-") as folder:
        service = Measured(chosen.binary.resolve(), folder)
        try:
            measure(service, chosen, pathlib.Path(folder))
        finally:
            service.stop()


def measure(service, chosen, folder):
    print(f"{'start, no data':<26} {service.start() * 1000:>9.0f} ms (a certificate is made)")
    print(f"{'memory, idle, empty':<26} {service.memory_mib():>9.1f} MiB resident")
    wrk = ["wrk", "-t2", f"-c{chosen.connections}", f"-d{chosen.seconds}s", "--latency"]
    (folder / "post.lua").write_text(POST_LUA)
    service.loaded("POST, applied", [*wrk, "-s", folder / "post.lua", service.url + PRODUCTS])
    ids = fill(service, chosen.products)
    print(
        f"{'memory, with products':<26} {service.memory_mib():>9.1f} MiB resident, {service.memory_mib('VmHWM'):.1f} MiB at most so far"
    )

    (folder / "ids").write_text("\n".join(ids))
    (folder / "get.lua").write_text(GET_LUA % (folder / "ids"))
    service.loaded("GET by id, 1,000 ids", [*wrk, "-s", folder / "get.lua", service.url])
    service.loaded("gRPC GetByID", grpc_load(service, ids[0], chosen.seconds * 10_000))
    if failed := service.metric("products_error_incoming_grpc_message_total"):
        print(f"{'':<26} {failed:>9.0f} OF THE CALLS FAILED")  # h2load looks at the HTTP status only.
    service.loaded("search, first page", [*wrk, f"{service.url}{PRODUCTS}/search?search=chair%2077"])
    print(
        f"{'memory, under load':<26} {service.memory_mib('VmHWM'):>9.1f} MiB at most, {service.memory_mib():.1f} MiB now"
    )

    service.stop()
    starts = []
    for _ in range(5):
        starts.append(service.start())
        if len(starts) < 5:
            service.stop()
    print(f"{'start, with products':<26} {sorted(starts)[2] * 1000:>9.0f} ms (median of 5)")
    print(f"{'memory, idle, with products':<27}{service.memory_mib():>9.1f} MiB resident")


if __name__ == "__main__":
    main()
