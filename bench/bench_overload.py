# Shows what four times the load that saturates does to those let in, with Limits.answer_time as it comes and without:
# searches, which cost much more than a refusal, and a cached GET beside them. The service has one core and the load
# generator the other. bench_overload.py [--seconds 5] [--products 100000] [--binary build/release/productd]
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import tools_path  # noqa: F401 Makes the modules of tools/ known.
from bench import PRODUCTS, Measured, fill
from sources import ROOT

LOAD = ROOT / "build/release/bench/bench_load"
SEARCH = f"{PRODUCTS}/search?search=chair%2077&page=1&size=20"
SERVICE_CORE, LOAD_CORE = 0, 1
CALLERS = 1_000  # So many may wait for an answer; more are not sent.


def command(service, path, seconds, rate=0, connections=CALLERS):
    return [
        *("taskset", "-c", LOAD_CORE, LOAD, "--port", service.ports["http_port"], "--path", path),
        *("--seconds", seconds, "--warm-up", 2, "--rate", rate, "--connections", connections),
    ]


def answers(said):
    """By status: how many a second, and the median and 99th percentile in milliseconds."""
    lines = re.findall(r"^(\w+) (\d+)/s p50 ([\d.]+) p99 ([\d.]+) ms$", said, re.M)
    return {status: tuple(map(float, numbers)) for status, *numbers in lines}


def asked(service, path, seconds, **load):
    made = subprocess.run(list(map(str, command(service, path, seconds, **load))), capture_output=True, text=True)
    if made.returncode:
        sys.exit(made.stderr)
    return answers(made.stdout)


def row(title, found):
    told = "; ".join(
        f"{status} {count:.0f}/s, p50 {half:.1f}, p99 {most:.1f} ms"
        for status, (count, half, most) in sorted(found.items())
        if status != "late"
    )
    print(f"  {title:<28} {told}", flush=True)


def measure(service, chosen):
    for thread in os.listdir(f"/proc/{service.process.pid}/task"):
        os.sched_setaffinity(int(thread), {SERVICE_CORE})
    ids = fill(service, chosen.products)
    cached = f"{PRODUCTS}/{ids[0]}"
    saturated = asked(service, SEARCH, chosen.seconds, connections=8)
    row("searches, 8 callers", saturated)
    capacity = saturated["200"][0]
    for times in (0.5, 1, 4):
        row(f"searches at {times:g} × that", asked(service, SEARCH, chosen.seconds, rate=times * capacity))
    over = command(service, SEARCH, chosen.seconds + 2, rate=4 * capacity)
    with subprocess.Popen(list(map(str, over)), stdout=subprocess.DEVNULL) as flood:
        row("a cached GET beside 4 ×", asked(service, cached, chosen.seconds, rate=200, connections=16))
        flood.wait()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--products", type=int, default=100_000)
    options.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/productd")
    chosen = options.parse_args()
    for title, environment in (
        ("Limits.answer_time as it comes", {}),
        ("Limits.answer_time 0: no limit", {"PRODUCTD_LIMITS_ANSWER_TIME": "0"}),
    ):
        print(title)
        with tempfile.TemporaryDirectory(prefix="productd-bench-") as folder:
            service = Measured(chosen.binary.resolve(), folder, **environment)
            service.start()
            try:
                measure(service, chosen)
            finally:
                service.stop()


if __name__ == "__main__":
    main()
