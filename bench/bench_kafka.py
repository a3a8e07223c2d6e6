# Measures a POST acknowledged by Kafka and applied, at 1, 32 and 256 connections, and the service at rest:
# bench_kafka.py [--seconds N] [--store mongodb]. With MongoDB also what the two writes take without the service, before
# and after. Needs the brokers of `make stack-up`; topics of three replicas, two of which must have a write. The load
# comes from wrk on the same machine, and the servers run on it too: their CPU is not counted.
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import uuid

import tools_path  # noqa: F401 Makes the modules of tools/ known.
import stack_kafka
from bench import POST_LUA, PRODUCTS, Measured
from bench_cache import address, mongodb_uri
from bench_sink_readings import threads
from sources import ROOT

TOPICS = ["create", "update", "delete", "dead_letter", "dead_letter_state"]
CONNECTIONS = [1, 32, 256]


def kafka_environment():
    """Topics and a group of this run alone."""
    name = f"bench-{uuid.uuid4().hex[:12]}"
    return {
        "PRODUCTD_BUS": "kafka",
        "PRODUCTD_KAFKA_BROKERS": ",".join(address(f"kafka{number}") for number in stack_kafka.NUMBERS),
        "PRODUCTD_KAFKA_REPLICAS": "3",
        "PRODUCTD_KAFKA_MIN_INSYNC_REPLICAS": "2",
        "PRODUCTD_KAFKA_GROUP_ID": name,
        **{f"PRODUCTD_KAFKA_{topic.upper()}_TOPIC": f"{name}-{topic}" for topic in TOPICS},
    }


def bare():
    """Prints the medians of a record to Kafka, a document to MongoDB, and both one after the other."""
    done = subprocess.run(
        [
            ROOT / "build/release/bench/bench_bare_write",
            f"--brokers={os.environ['PRODUCTD_KAFKA_BROKERS']}",
            f"--topic={os.environ['PRODUCTD_KAFKA_DEAD_LETTER_TOPIC']}",  # The service applies nothing of it.
            f"--uri={os.environ['PRODUCTD_MONGODB_URI']}",
            f"--database={os.environ['PRODUCTD_MONGODB_DB']}_bare",
            "--products=1000",
        ],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"bench-kafka: {done.stderr}")
    publish, insert, both = done.stdout.split()
    print(f"without the service: publish {publish} ms, insert {insert} ms, both {both} ms (p50)", flush=True)


def at_rest(service, seconds):
    """Prints the CPU that it uses without any request, and which of its threads use it."""
    time.sleep(2)  # What the load left to do is done.
    before, threads_before = service.cpu_seconds(), threads([service.process.pid])
    time.sleep(seconds)
    spent, used = service.cpu_seconds() - before, {}
    for key, now in threads([service.process.pid]).items():
        ran = now.ran - threads_before[key].ran if key in threads_before else now.ran
        used[now.name] = used.get(now.name, 0) + ran
    busiest = sorted(used.items(), key=lambda thread: -thread[1])[:6]
    names = ", ".join(f"{name} {ran / seconds * 1e3:.1f}" for name, ran in busiest)
    print(f"at rest {spent / seconds * 1e3:.1f} ms of CPU a second: {names}", flush=True)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/productd")
    options.add_argument("--store", choices=["mongodb", "sqlite"], default="sqlite")
    chosen = options.parse_args()
    os.environ |= kafka_environment() | {"PRODUCTD_STORE": chosen.store}
    if chosen.store == "mongodb":
        os.environ["PRODUCTD_MONGODB_URI"] = mongodb_uri()
        os.environ["PRODUCTD_MONGODB_DB"] = f"bench_kafka_{os.getpid()}"
    made = subprocess.run([chosen.binary, "topics", "create"], capture_output=True, text=True)
    if made.returncode:
        sys.exit(f"bench-kafka: {made.stderr}")
    with tempfile.TemporaryDirectory(prefix="productd-bench-") as folder:
        folder = pathlib.Path(folder)
        (folder / "post.lua").write_text(POST_LUA)
        service = Measured(chosen.binary.resolve(), folder)
        service.start()
        if chosen.store == "mongodb":
            bare()
        warm_up = ["wrk", "-t1", "-c8", "-d2s", "-s", folder / "post.lua", service.url + PRODUCTS]
        subprocess.run(list(map(str, warm_up)), capture_output=True)
        for count in CONNECTIONS:
            wrk = ["wrk", f"-t{min(count, 2)}", f"-c{count}", f"-d{chosen.seconds}s", "--latency"]
            service.loaded(f"POST, {count} connections", [*wrk, "-s", folder / "post.lua", service.url + PRODUCTS])
        if chosen.store == "mongodb":
            bare()
        at_rest(service, 3 * chosen.seconds)
        print(f"memory {service.memory_mib():.0f} MiB, at most {service.memory_mib('VmHWM'):.0f}", flush=True)
        service.stop()
    stack_kafka.delete_topics(address("kafka1"), os.environ["PRODUCTD_KAFKA_GROUP_ID"])


if __name__ == "__main__":
    main()
