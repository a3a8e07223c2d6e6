# What we write is, on the brokers' disks, as the contract has it: compressed, numbered by its producer, and each product
# in the partition that Java's clients give its id. The format is https://kafka.apache.org/documentation/#recordbatch.
import struct
from dataclasses import dataclass

import stack_kafka
from products import a_product
from waiting import eventually

pytest_plugins = ["kafka_fixtures"]
SNAPPY = 2
HEADER = struct.Struct(">qiibIhiqqqhii")


@dataclass
class Batch:
    codec: int
    producer: int
    sequence: int


def batches(file):
    data, at = file.read_bytes(), 0
    while at + HEADER.size <= len(data):
        _, length, _, magic, _, attributes, _, _, _, producer, _, sequence, _ = HEADER.unpack_from(data, at)
        if not length:
            return  # The rest is room that is not used yet.
        assert magic == 2
        yield Batch(attributes & 7, producer, sequence)
        at += 12 + length


def by_broker(bus, topic):
    """Of each broker: {partition: its batches}."""
    name = bus.topic(topic) + "-"
    of = lambda folder: {
        int(found.name.removeprefix(name)): list(batches(found / f"{0:020}.log")) for found in folder.glob(f"{name}*")
    }
    return [of(stack_kafka.data_folder(folder)) for folder in bus.folders]


def test_batches_are_compressed_and_numbered_and_on_every_replica(bus, service):
    for _ in range(30):
        service.created(a_product(description="A wooden chair " * 30))
    bus.caught_up()
    first, *others = eventually(lambda: (found := by_broker(bus, "create"))[1:] == found[:-1] and found, what="replicas")
    assert len(others) == 2 and sum(map(len, first.values())) == 30, "each POST waited for the one before"
    for found in first.values():
        assert {batch.codec for batch in found} <= {SNAPPY}
        assert [batch.sequence for batch in found] == list(range(len(found)))
        assert all(batch.producer >= 0 for batch in found) and len({batch.producer for batch in found}) <= 1
    service.stop()


def test_a_product_is_where_javas_clients_would_put_it(bus, service):
    for _ in range(20):
        service.created(a_product())
    ours = {event["key"]: event["partition"] for event in bus.read("create")}
    assert len(ours) == 20 and len(set(ours.values())) > 1
    lines = "".join(f"{key}:theirs\n" for key in ours)
    bus.kcat("-P", "-t", bus.topic("letters"), "-X", "topic.partitioner=murmur2", "-K", ":", stdin=lines.encode())
    theirs = {event["key"]: event["partition"] for event in bus.read("letters")}
    assert theirs == ours
    service.stop()
