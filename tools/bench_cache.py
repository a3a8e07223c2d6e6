# Measures what a GET costs through the process's memory, through Redis and through the store, in one run: bench_cache.py
# [--seconds N]. Needs the Redis of `make stack-up`; the store is what PRODUCTD_STORE says. The load comes from wrk on the
# same machine, and Redis runs on it too: its CPU is not counted.
import argparse
import os
import pathlib
import sys
import tempfile

import stack
from bench import GET_LUA, Measured, fill
from sources import ROOT

WAYS = {
    "in-process memory": {},
    "Redis": {"PRODUCTD_CACHE_BYTESMAX": "0"},
    "store": {"PRODUCTD_CACHE_BYTESMAX": "0", "PRODUCTD_CACHE": "memory"},
}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--connections", type=int, default=32)
    options.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/productd")
    chosen = options.parse_args()
    redis = stack.Running(next(server for server in stack.SERVERS if server.name == "redis"))
    if not redis.answers():
        sys.exit("bench-cache: redis is not running; start it with `make stack-up`")
    os.environ |= {
        "PRODUCTD_CACHE": "redis",
        "PRODUCTD_REDIS_ADDRESS": f"127.0.0.1:{redis.state()['port']}",
        "PRODUCTD_REDIS_DB": "999",
        "PRODUCTD_HTTP_ACCESSLOG": "off",
    }
    with tempfile.TemporaryDirectory(prefix="productd-bench-") as folder:
        folder = pathlib.Path(folder)
        service = Measured(chosen.binary.resolve(), folder)
        service.start()
        (folder / "ids").write_text("\n".join(fill(service, 10_000)))
        (folder / "get.lua").write_text(GET_LUA % (folder / "ids"))
        service.stop()
        inherited = dict(os.environ)
        for way, settings in [*WAYS.items(), *WAYS.items()]:  # Twice, so that drift is seen.
            os.environ |= settings
            service.start()
            wrk = ["wrk", "-t2", f"-c{chosen.connections}", f"-d{chosen.seconds}s", "--latency"]
            service.loaded(f"GET through {way}", [*wrk, "-s", folder / "get.lua", service.url])
            service.stop()
            for name in settings:
                os.environ.pop(name)
            os.environ |= inherited


if __name__ == "__main__":
    main()
