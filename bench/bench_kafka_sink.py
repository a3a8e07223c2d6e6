# Measures creates from Kafka into MongoDB, by turns through productd, through MongoDB's own sink connector in Kafka
# Connect, and by libmongoc alone, which has no Kafka to read and the documents of productd at hand:
# bench_kafka_sink.py [--messages N] [--rounds N] [--writes insert] [--without "sink connector"]. Needs the brokers and
# the replica set of `make stack-up`. All share the processors.
# The connector has its defaults, but three tasks and unordered batches of 1,000; it replaces by the product's id, which
# is what it can do to be safe from repetition.
import argparse
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import pymongo

import tools_path  # noqa: F401 Makes the modules of tools/ known.
import stack
import stack_kafka
import stack_mongodb
from bench_cache import mongodb_uri
from bench_kafka import kafka_environment
from bench_sink_parties import WRITES, Connector, Driver, Service
from bench_sink_readings import Reading
from process_readings import memory_mib
from sources import ROOT

PATIENCE_SECONDS = 300
POLL_SECONDS = 0.02
ROW = "{:<16} {:>10} {:>10} {:>14} {:>10} {:>10} {:>12}"


def stop(why):
    sys.exit(f"bench-sink: {why}")


def key(number):
    return f"6553f100{number:016x}"


def line(number):
    """KEY:VALUE of a create, a product of bench_products.hpp."""
    images = f"https://images.example.com/products/{number}"
    product = {
        "productId": key(number),
        "categoryId": "5ff4b6a0e0b1f0a1b2c3d4e5",
        "name": f"Portable wireless speaker {number}",
        "description": "Stainless steel and leather, with a battery for twelve hours, a compact charger and two "
        f"years of warranty; also sold in black, number {number}.",
        "price": 9.99,
        "imageUrl": f"{images}/main.jpg",
        "photos": [f"{images}/front.jpg", f"{images}/back.jpg"],
        "quantity": 100,
        "rating": 1,
    }
    return f"{key(number)}:{json.dumps(product, separators=(',', ':'))}\n"


class Comparison:
    def __init__(self, chosen, folder, environment):
        self.messages, self.writes, self.folder = chosen.messages, chosen.writes, folder
        self.binary, self.environment, self.left_out = chosen.binary, environment, chosen.without
        self.name, self.topic = environment["PRODUCTD_KAFKA_GROUP_ID"], environment["PRODUCTD_KAFKA_CREATE_TOPIC"]
        self.uri = mongodb_uri()
        self.client = pymongo.MongoClient(self.uri)
        brokers = [f"kafka{number}" for number in stack_kafka.NUMBERS]
        pids = lambda names: [stack.Running(stack.named(name)).state()["pid"] for name in names]
        self.others = {"store servers": pids(stack_mongodb.MEMBERS), "brokers": pids(brokers)}
        self.groups = []

    def publish(self):
        for command in (["create"], ["publish", self.topic, "-K", ":"]):
            given = "".join(map(line, range(self.messages))) if command[0] == "publish" else None
            done = subprocess.run([self.binary, "topics", *command], input=given, capture_output=True, text=True)
            if done.returncode:
                stop(done.stderr.strip())

    def service(self, number):
        group, database = f"{self.name}-{number}", f"{self.name}-productd-{number}"
        to = {"PRODUCTD_STORE": "mongodb", "PRODUCTD_MONGODB_URI": self.uri, "PRODUCTD_MONGODB_DB": database}
        return Service(self.binary, self.folder, {**to, "PRODUCTD_KAFKA_GROUP_ID": group}), database, group

    def connector(self, number):
        name = f"{self.name}-sink-{number}"
        settings = {
            "brokers": self.environment["PRODUCTD_KAFKA_BROKERS"],
            "topic": self.topic,
            "uri": self.uri,
            "writes": WRITES[self.writes],
        }
        return Connector(self.folder, {**settings, "name": name, "database": name}), name, f"connect-{name}"

    def driver(self, number):
        database = f"{self.name}-driver-{number}"
        binary = ROOT / "build/release/bench/bench_mongo_ingest"
        settings = {"uri": self.uri, "database": database, "products": self.messages}
        return Driver(binary, self.folder, settings), database, None

    def round(self, number):
        """All sides, in the other order each time; number 0 is the one that warms up the store's server."""
        sides = [self.driver(number), self.service(number), self.connector(number)]
        sides = [side for side in sides if side[0].name not in self.left_out]
        for party, database, group in sides if number % 2 else reversed(sides):
            self.groups += [group] if group else []
            measured = self.measure(party, self.client[database].products)
            if number:
                report(party.name, self.messages, *measured)
        for _, database, _ in sides:
            self.check(self.client[database].products)
            self.client.drop_database(database)

    def measure(self, party, products):
        """(began, seconds until something was stored, readings at half and at the end, MiB, remarks)"""
        first, readings = None, []
        try:
            began = party.start()
            pids = {party.name: [party.process.pid], **self.others}
            while len(readings) < 2:
                stored = products.estimated_document_count()
                if stored and first is None:
                    first = time.monotonic() - began
                if stored >= self.messages * (len(readings) + 1) / 2:
                    readings.append(Reading(stored, pids))
                elif party.process.poll() is not None or time.monotonic() > began + PATIENCE_SECONDS:
                    stop(f"{party.name} stored {stored} of {self.messages}: {party.log.read_text()[-1000:]}")
                time.sleep(POLL_SECONDS)
            return began, first, *readings, memory_mib(party.process.pid, "VmHWM"), party.remarks()
        finally:
            if party.process:
                party.process.terminate()
                party.process.wait(60)

    def check(self, products):
        """Whether each product is there, once."""
        keys = {str(document["_id"]) for document in products.find({}, {"_id": 1})}
        if keys != set(map(key, range(self.messages))):
            stop(f"{products.full_name} has {len(keys)} products and not the {self.messages} that were sent")

    def clean(self):
        broker = self.environment["PRODUCTD_KAFKA_BROKERS"].split(",")[0]
        groups = [argument for group in self.groups for argument in ("--group", group)]
        tools = "org.apache.kafka.tools"
        for command in (
            [f"{tools}.TopicCommand", "--delete", "--if-exists", "--topic", f"{self.name}-.*"],
            [f"{tools}.consumer.group.ConsumerGroupCommand", "--delete", *groups],
        ):
            tool = [*stack_kafka.JAVA, command[0], "--bootstrap-server", broker, *command[1:]]
            done = subprocess.run(tool, capture_output=True, text=True)
            if done.returncode or "Error" in done.stdout:
                print(f"bench-sink: not all is deleted: {done.stdout[-500:]}", file=sys.stderr)


def report(name, messages, began, first, half, end, peak, remarks):
    seconds, stored = end.time - half.time, end.stored - half.stored
    cpu = {who: end.cpu[who] - half.cpu[who] for who in end.cpu}
    rates = [messages / (end.time - began), stored / seconds]
    each = [end.cpu[name] / messages * 1e6, cpu[name] / stored * 1e6]
    figures = [*(f"{rate:.0f}" for rate in rates), *(f"{spent:.1f}" for spent in each), f"{peak:.0f}", f"{first:.1f}"]
    print(ROW.format(name, *figures))
    shares = {who: spent / seconds for who, spent in cpu.items()} | {"idle": (end.idle - half.idle) / seconds}
    shares["others"] = os.cpu_count() - sum(shares.values())
    cores = ", ".join(f"{who} {share:.2f}" for who, share in shares.items())
    print(f"    of {os.cpu_count()} cores in the second half: {cores}")
    for who in cpu:
        one = end.busiest(who, half)
        times = f"runs {one.ran / seconds:.0%} of the time and waits for a core {one.queued / seconds:.0%}"
        print(f"    busiest thread of {who}: {one.name} {times}", flush=True)
    if remarks:
        print(f"    {remarks}", flush=True)


def compare(chosen, environment):
    with tempfile.TemporaryDirectory(prefix="productd-bench-") as folder, contextlib.ExitStack() as ends:
        comparison = Comparison(chosen, folder, environment)
        ends.callback(comparison.clean)
        comparison.publish()
        print(f"{chosen.messages} creates of {len(line(0)) - 26} bytes of JSON; the connector's writes: {chosen.writes}")
        print(ROW.format("", "messages/s", "2nd half", "µs CPU each", "2nd half", "MiB most", "s to first"), flush=True)
        for number in range(chosen.rounds + 1):
            comparison.round(number)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--messages", type=int, default=300_000)
    options.add_argument("--rounds", type=int, default=2, help="after one that does not count")
    options.add_argument("--writes", choices=WRITES, default="replace", help="what the connector does")
    options.add_argument("--without", action="append", default=[], metavar="SIDE", help="a side that is left out")
    options.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/productd")
    chosen = options.parse_args()
    environment = kafka_environment()
    os.environ |= environment
    try:
        compare(chosen, environment)
    except RuntimeError as error:
        stop(error)


if __name__ == "__main__":
    main()
