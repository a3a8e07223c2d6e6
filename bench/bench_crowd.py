# Shows what idle and slow connections do to everybody else, and what they occupy: the times of a cached GET beside 10,000
# idle connections, and beside 1,000 slow clients, and the memory of each. Half of the slow ones send a byte of their
# request a second, half read a byte of their answer. bench_crowd.py [--idle 10000] [--slow 1000] [--seconds 5] [--binary …]
import argparse
import pathlib
import resource
import subprocess
import tempfile

import tools_path  # noqa: F401 Makes the modules of tools/ known.
from bench import PRODUCTS, Measured, fill
from bench_overload import asked, row
from sources import ROOT

CROWD = ROOT / "build/release/bench/bench_crowd"
PRODUCTS_STORED = 1_000
LIMITS = {"PRODUCTD_HTTP_CONNECTIONSMAX": "12000"}


class Crowd:
    """So many connections for as long as it is entered."""

    def __init__(self, service, path, **kinds):
        options = [word for kind, count in kinds.items() for word in (f"--{kind}", str(count))]
        self.command = [CROWD, "--port", str(service.ports["http_port"]), "--path", path, *options]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "there\n"
        return self

    def __exit__(self, *_):
        self.process.communicate()


def measure(service, chosen, what, **kinds):
    ids = fill(service, PRODUCTS_STORED)
    cached = f"{PRODUCTS}/{ids[0]}"
    search = f"{PRODUCTS}/search?search=chair&page=1&size=100"  # An answer that no socket's buffer hides.
    count = sum(kinds.values())
    row("a cached GET, alone", asked(service, cached, chosen.seconds, rate=2_000, connections=32))
    before = service.memory_mib()
    with Crowd(service, search, **kinds):
        row(f"beside {count} {what}", asked(service, cached, chosen.seconds, rate=2_000, connections=32))
        print(f"  {'memory':<28} {(service.memory_mib() - before) * 1024 / count:.1f} KiB each", flush=True)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--idle", type=int, default=10_000)
    options.add_argument("--slow", type=int, default=1_000)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/productd")
    chosen = options.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # Of the crowd; the service raises its own.
    for what, kinds in (
        ("idle connections", {"idle": chosen.idle}),
        ("slow clients", {"senders": chosen.slow // 2, "readers": chosen.slow // 2}),
    ):
        with tempfile.TemporaryDirectory(prefix="productd-bench-") as folder:
            service = Measured(chosen.binary.resolve(), folder, **LIMITS)
            service.start()
            try:
                measure(service, chosen, what, **kinds)
            finally:
                service.stop()


if __name__ == "__main__":
    main()
