# Measures what tracing costs: a cached GET and a POST with tracing off, 1 % and everything sampled, by turns in one run, with
# the default settings otherwise. bench_tracing.py [--seconds 4] [--rounds 3] [--connections 32] [--binary PATH]
# A collector takes the spans and throws them away; it shares the machine's cores with the service and wrk.
import argparse
import pathlib
import statistics
import tempfile
from concurrent import futures

import grpc

from bench import GET_LUA, POST_LUA, PRODUCTS, Measured, fill
from sources import ROOT

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
RATIOS = {"off": None, "1 %": "0.01", "100 %": "1"}


class Collector(grpc.GenericRpcHandler):
    """Answers each export at once."""

    def service(self, call):
        if call.method != EXPORT:
            return None
        return grpc.unary_unary_rpc_method_handler(lambda request, context: b"")

    def start(self):
        self.server = grpc.server(futures.ThreadPoolExecutor(2), handlers=[self])
        return f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"


def environment(ratio, collector):
    every_line = {"PRODUCTD_HTTP_ACCESS_LOG": "all"}  # As by default.
    if ratio is None:
        return every_line
    return every_line | {"PRODUCTD_TRACING_ENDPOINT": collector, "PRODUCTD_TRACING_SAMPLERATIO": ratio}


def measure(service, chosen, ids):
    """{load: (requests/s, CPU seconds each)}."""
    folder = service.folder
    wrk = ["wrk", "-t2", f"-c{chosen.connections}", f"-d{chosen.seconds}s", "--latency"]
    (folder / "post.lua").write_text(POST_LUA)
    (folder / "ids").write_text("\n".join(ids))
    (folder / "get.lua").write_text(GET_LUA % (folder / "ids"))
    return {
        "GET": service.loaded("GET by id, 1,000 ids", [*wrk, "-s", folder / "get.lua", service.url]),
        "POST": service.loaded("POST, applied", [*wrk, "-s", folder / "post.lua", service.url + PRODUCTS]),
    }


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=4)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--connections", type=int, default=32)
    options.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/productd")
    chosen = options.parse_args()

    collector = Collector()
    address = collector.start()
    collector.server.start()
    seen = {name: [] for name in RATIOS}
    for number in range(chosen.rounds):
        for name, ratio in RATIOS.items():
            print(f"-- round {number + 1}, tracing {name}", flush=True)
            with tempfile.TemporaryDirectory(prefix="productd-bench-") as folder:
                service = Measured(chosen.binary.resolve(), folder, **environment(ratio, address))
                service.start()
                try:
                    seen[name].append(measure(service, chosen, fill(service, 1000)))
                    if dropped := service.metric("productd_tracing_spans_dropped_total"):
                        print(f"{'':<26} {dropped:>9.0f} spans were dropped")
                finally:
                    service.stop()
    collector.server.stop(None)
    print("-- medians, and beside tracing off")
    for load in ("GET", "POST"):
        for name in RATIOS:
            middle = [[statistics.median(one[load][at] for one in seen[way]) for at in (0, 1)] for way in (name, "off")]
            (rate, spent), (rate_off, spent_off) = middle
            print(
                f"{load:<5} tracing {name:<6} {rate:>9.0f} requests/s ({rate / rate_off:.2f})  {spent * 1e6:>6.1f} µs CPU each ({spent / spent_off:.2f})"
            )


if __name__ == "__main__":
    main()
