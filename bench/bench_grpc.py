# Measures GetByID over gRPC with default settings, access log included, beside an empty handler of gRPC's C++ library that
# answers the same product over TLS: 32 callers on four connections. bench_grpc.py [--seconds 3] [--rounds 5] [--binary …]
import argparse
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import tools_path  # noqa: F401 Makes the modules of tools/ known.
import process_readings
from bench import Measured, fill, grpc_load
from sources import ROOT

EMPTY = ROOT / "build/release/bench/bench_grpc_empty"


class Empty:
    """The empty handler, with the service's certificate; what grpc_load() asks of a service."""

    def __init__(self, service):
        self.folder = service.folder
        tls = service.folder / "data/tls"
        command = [EMPTY, "--certificate", tls / "server.crt", "--key", tls / "server.pem"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ports = {"grpc_port": int(self.process.stdout.readline())}

    def stop(self):
        self.process.communicate()


def turn(server, product_id, calls):
    """Calls a second, and µs of the server's CPU each."""
    command = list(map(str, grpc_load(server, product_id, calls)))
    before = process_readings.cpu_seconds_now(server.process.pid)
    said = subprocess.run(command, capture_output=True, text=True).stdout
    spent = process_readings.cpu_seconds_now(server.process.pid) - before
    if f"{calls} succeeded" not in said or f"{calls} 2xx" not in said:
        sys.exit(said)
    return float(re.search(r"([\d.]+) req/s", said)[1]), spent / calls * 1e6


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=3)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/productd")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="productd-bench-") as folder:
        service = Measured(chosen.binary.resolve(), folder, PRODUCTD_HTTP_ACCESS_LOG="all", PRODUCTD_LOGGER_ENCODING="json")
        service.start()
        ids = fill(service, 1_000)
        empty = Empty(service)
        found = {service: [], empty: []}
        try:
            for number in range(chosen.rounds + 1):
                for server in (service, empty) if number % 2 else (empty, service):
                    found[server].append(turn(server, ids[0], chosen.seconds * 10_000))
        finally:
            empty.stop()
            service.stop()
    medians = {}
    for server, title in ((service, "productd"), (empty, "an empty handler")):
        rates, spent = zip(*found[server][1:])  # The first turn warms up.
        medians[server] = statistics.median(rates), statistics.median(spent)
        print(f"{title:<20} {medians[server][0]:>8.0f} calls/s {medians[server][1]:>6.1f} µs CPU each")
    (rate, spent), (rate_empty, spent_empty) = medians[service], medians[empty]
    print(f"productd has {rate / rate_empty:.2f} of its calls/s and {spent_empty / spent:.2f} of its calls per CPU second")


if __name__ == "__main__":
    main()
