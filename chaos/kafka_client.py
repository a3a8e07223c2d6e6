# The foreign client: what publishes the ledger and looks at topics and commits, on the brokers' own listener.
import sys
import time

import confluent_kafka
from confluent_kafka.admin import AdminClient, ConfigResource

from records import SOURCES

UNKNOWN_TOPIC = confluent_kafka.KafkaError.UNKNOWN_TOPIC_OR_PART
OFFSETS_PARTITIONS = 6  # Of __consumer_offsets, as tools/stack_kafka.py has it.


def murmur2(data):
    """As Kafka's own clients hash keys; https://github.com/apache/kafka, Utils.murmur2."""
    mix, mask = 0x5BD1E995, 0xFFFFFFFF
    state = 0x9747B28C ^ len(data)
    for at in range(0, len(data) - len(data) % 4, 4):
        word = int.from_bytes(data[at : at + 4], "little") * mix & mask
        state = state * mix & mask ^ (word ^ word >> 24) * mix & mask
    rest = data[len(data) - len(data) % 4 :]
    if rest:
        state = (state ^ int.from_bytes(rest, "little")) * mix & mask
    state = (state ^ state >> 13) * mix & mask
    return state ^ state >> 15


def keyed(product, partitions):
    return (murmur2(product.encode()) & 0x7FFFFFFF) % partitions


def offsets_partition(group):
    """Where a group's commits are: Java's hash of its name."""
    state = 0
    for character in group:
        state = state * 31 + ord(character) & 0xFFFFFFFF
    signed = state - (1 << 32) if state >> 31 else state
    return abs(signed) % OFFSETS_PARTITIONS


class Client:
    def __init__(self, brokers, group):
        self.brokers, self.group = brokers, group
        self.settings = {"bootstrap.servers": brokers, "log_level": 0, "message.max.bytes": 4 << 20}
        self.admin = AdminClient(self.settings)
        self.asking = confluent_kafka.Consumer(
            self.settings | {"group.id": group, "enable.auto.commit": False}
        )

    def producer(self):
        limits = {"acks": "all", "enable.idempotence": True, "linger.ms": 5, "message.timeout.ms": 300_000}
        return confluent_kafka.Producer(self.settings | limits)

    def leaders(self, topic):
        """{partition: its leader's number, -1 for none}."""
        about = self.admin.list_topics(topic, timeout=10).topics[topic]
        return {number: partition.leader for number, partition in about.partitions.items()}

    def partitions(self, topic):
        return sorted(self.leaders(topic))

    def committed(self, topic_names):
        """(topic's name, partition) → offset, or nothing while no broker tells."""
        wanted = [confluent_kafka.TopicPartition(name, p) for name, count in topic_names.items() for p in range(count)]
        try:
            found = self.asking.committed(wanted, timeout=3)
        except confluent_kafka.KafkaException:
            return None
        return {(one.topic, one.partition): max(0, one.offset) for one in found if not one.error}

    def ends(self, prefix, partitions):
        """(topic, partition) → behind its last message, whoever published that."""
        found = {}
        for topic in SOURCES:
            for number in range(partitions):
                one = confluent_kafka.TopicPartition(prefix + topic, number)
                found[topic, number] = self.asking.get_watermark_offsets(one, timeout=20)[1]
        return found

    def configure(self, topic, config):
        """Adds to what a topic of its own has configured."""
        entries = self.configured(ConfigResource("topic", topic))
        own = {name: entry.value for name, entry in entries.items() if entry.source == 1}
        changed = ConfigResource("topic", topic, set_config=own | config)
        self.admin.alter_configs([changed])[changed].result(20)

    def configured(self, resource):
        """Asked again for a while: brokers hear of a new topic one after the other."""
        until = time.monotonic() + 20
        while True:
            try:
                return self.admin.describe_configs([resource])[resource].result(20)
            except confluent_kafka.KafkaException as error:
                if error.args[0].code() != UNKNOWN_TOPIC or time.monotonic() > until:
                    raise

    def delete(self, topics):
        for future in self.admin.delete_topics(list(topics), operation_timeout=10).values():
            future.result(20)

    def read(self, topic, partitions):
        """Every record of some partitions, in order."""
        reader = confluent_kafka.Consumer(
            self.settings | {"group.id": f"judge-{self.group}", "enable.auto.commit": False, "check.crcs": True}
        )
        try:
            for partition in partitions:
                one = confluent_kafka.TopicPartition(topic, partition, 0)
                first, end = reader.get_watermark_offsets(one, timeout=20)
                one.offset = first
                reader.assign([one])
                yield from read_up_to(reader, end if end > first else 0, time.monotonic() + 120)
        finally:
            reader.close()

    def close(self):
        self.asking.close()


def read_up_to(reader, end, deadline):
    while end:
        message = reader.poll(1)
        if message is None or message.error():
            # The last offsets of a log may be those of records that were compacted or mark transactions.
            position = reader.position(reader.assignment())[0].offset
            if position >= end:
                return
            if time.monotonic() > deadline:
                sys.exit(f"chaos: cannot read up to {end}, only to {position}")
            continue
        yield message
        if message.offset() + 1 >= end:
            return

