# Measures a POST acknowledged by Kafka and applied, at 1, 32 and 256 connections: bench_kafka.py [--seconds N]
# [--store mongodb]. Needs the brokers of `make stack-up`; topics of three replicas, two of which must have a write. The
# load comes from wrk on the same machine, and the brokers run on it too: their CPU is not counted.
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import uuid

import tools_path  # noqa: F401 Makes the modules of tools/ known.
import stack_kafka
from bench import POST_LUA, PRODUCTS, Measured
from bench_cache import address, mongodb_uri
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
        warm_up = ["wrk", "-t1", "-c8", "-d2s", "-s", folder / "post.lua", service.url + PRODUCTS]
        subprocess.run(list(map(str, warm_up)), capture_output=True)
        for count in CONNECTIONS:
            wrk = ["wrk", f"-t{min(count, 2)}", f"-c{count}", f"-d{chosen.seconds}s", "--latency"]
            service.loaded(f"POST, {count} connections", [*wrk, "-s", folder / "post.lua", service.url + PRODUCTS])
        print(f"memory {service.memory_mib():.0f} MiB, at most {service.memory_mib('VmHWM'):.0f}", flush=True)
        service.stop()
    stack_kafka.delete_topics(address("kafka1"), os.environ["PRODUCTD_KAFKA_GROUP_ID"])


if __name__ == "__main__":
    main()
