# Measures what the access log costs: CPU of a cached GET by REST and of GetByID by gRPC with every request in the log,
# less the same with Logger.Level at warn. Two services run side by side and are loaded in turns, so that what else the
# machine does falls on both: bench_logs.py [--rounds 15] [--seconds 2] [--binary build/release/productd]
import argparse
import pathlib
import statistics
import subprocess
import tempfile

import tools_path  # noqa: F401 Makes the modules of tools/ known.
from bench import GET_LUA, Measured, fill, grpc_load
from sources import ROOT

LEVELS = ("info", "warn")


class Pair:
    """A service at each level, whose lines go to `lines`."""

    def __init__(self, binary, folder, lines):
        self.services = {}
        for level in LEVELS:
            (folder / level).mkdir()
            self.services[level] = Measured(
                binary,
                folder / level,
                lines=lines,
                PRODUCTD_HTTP_ACCESS_LOG="all",
                PRODUCTD_LOGGER_LEVEL=level,
                PRODUCTD_LOGGER_ENCODING="json",
            )

    def start(self):
        for service in self.services.values():
            service.start()
            ids = fill(service, 1_000)
            (service.folder / "ids").write_text("\n".join(ids))
            (service.folder / "get.lua").write_text(GET_LUA % (service.folder / "ids"))

    def stop(self):
        for service in self.services.values():
            if hasattr(service, "process"):
                service.stop()

    def compare(self, title, command_for, rounds):
        """µs of CPU each at both levels, by turns; prints the medians, and that of the differences."""
        spent = {level: [] for level in LEVELS}
        for turn in range(rounds + 1):
            for level in LEVELS if turn % 2 else reversed(LEVELS):
                service = self.services[level]
                _, requests, seconds = service.under(title, command_for(service))
                spent[level].append(seconds / requests * 1e6)
        with_lines, without = (spent[level][1:] for level in LEVELS)  # The first turn warms up.
        differences = sorted(one - other for one, other in zip(with_lines, without))
        quarter = len(differences) // 4
        print(
            f"{title:<24} {statistics.median(with_lines):>5.1f} µs, without lines {statistics.median(without):>5.1f} µs: "
            f"the log costs {statistics.median(differences):.2f} µs (middle half {differences[quarter]:.2f} to "
            f"{differences[-1 - quarter]:.2f}, {rounds} rounds)",
            flush=True,
        )


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--seconds", type=int, default=2)
    options.add_argument("--connections", type=int, default=32)
    options.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/productd")
    chosen = options.parse_args()
    for where in ("a file", "a pipe"):
        with tempfile.TemporaryDirectory(prefix="productd-bench-") as folder:
            measure(chosen, pathlib.Path(folder), where)


def measure(chosen, folder, where):
    reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    with open(folder / "lines", "ab") as file:
        pair = Pair(chosen.binary.resolve(), folder, file if where == "a file" else reader.stdin)
        try:
            pair.start()
            wrk = ["wrk", "-t2", f"-c{chosen.connections}", f"-d{chosen.seconds}s"]
            ids = (folder / "info/ids").read_text().split()
            pair.compare(
                f"GET, lines to {where}", lambda one: [*wrk, "-s", one.folder / "get.lua", one.url], chosen.rounds
            )
            pair.compare(
                f"gRPC, lines to {where}", lambda one: grpc_load(one, ids[0], chosen.seconds * 10_000), chosen.rounds
            )
            for level, service in pair.services.items():
                if dropped := service.metric("productd_log_lines_dropped_total"):
                    print(f"{'':<26} {dropped:>9.0f} LINES WERE DROPPED at {level}")
        finally:
            pair.stop()
            reader.stdin.close()
            reader.wait(60)


if __name__ == "__main__":
    main()
