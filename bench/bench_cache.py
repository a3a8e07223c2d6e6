# Measures what a GET costs through the process's memory, through Redis and through the store, in one run: bench_cache.py
# [--seconds N] [--store sqlite]. Needs the servers of `make stack-up`. The load comes from wrk on the same machine, and the
# servers run on it too: their CPU is not counted.
import argparse
import os
import pathlib
import sys
import tempfile

import tools_path  # noqa: F401 Makes the modules of tools/ known.
import stack
import stack_mongodb
from bench import GET_LUA, Measured, fill
from sources import ROOT

WAYS = {
    "in-process memory": {},
    "Redis": {"PRODUCTD_CACHE_BYTES_MAX": "0"},
    "the store ({store})": {"PRODUCTD_CACHE_BYTES_MAX": "0", "PRODUCTD_CACHE": "memory"},
}


def address(name):
    running = stack.Running(stack.named(name))
    if not running.answers():
        sys.exit(f"bench: {name} is not running; start it with `make stack-up`")
    return f"127.0.0.1:{running.state()['port']}"


def mongodb_uri():
    """Of the replica set, which has to run."""
    for name in stack_mongodb.MEMBERS:
        address(name)
    return stack_mongodb.uri()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--connections", type=int, default=32)
    options.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/productd")
    options.add_argument("--store", choices=["mongodb", "sqlite"], default="mongodb")
    chosen = options.parse_args()
    os.environ |= {
        "PRODUCTD_CACHE": "redis",
        "PRODUCTD_REDIS_ADDRESS": address("redis"),
        "PRODUCTD_REDIS_DB": "999",
        "PRODUCTD_STORE": chosen.store,
    }
    if chosen.store == "mongodb":
        os.environ["PRODUCTD_MONGODB_URI"] = mongodb_uri()
        os.environ["PRODUCTD_MONGODB_DB"] = f"bench_cache_{os.getpid()}"
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
            title = f"GET through {way.format(store=chosen.store)}"
            service.loaded(title, [*wrk, "-s", folder / "get.lua", service.url])
            service.stop()
            for name in settings:
                os.environ.pop(name)
            os.environ |= inherited


if __name__ == "__main__":
    main()
