# One scenario on real brokers: its topics and group, a ledger that is published while things happen, the members, and
# what they left behind.
import dataclasses
import signal
import subprocess
import threading
import time

from evidence import Evidence
from kafka_client import Client, keyed
from kafka_evidence import Times, group_history, read_journal, read_letters, snapshots
from ledger import PARTITIONS, Ledger
from node import ENVIRONMENT, SERVICE, Served
from records import CREATE, DEAD_LETTERS, REMOVE, SOURCES, UPDATE

PATIENCE = 90  # Seconds without any progress.
SETTINGS = {CREATE: "CREATETOPIC", UPDATE: "UPDATETOPIC", REMOVE: "DELETETOPIC"}
SETTINGS |= {DEAD_LETTERS: "DEADLETTERTOPIC", "dead-letter-state": "DEADLETTERSTATETOPIC"}
# Small batches: what happens lands inside of the work. A session short enough to be outlived.
WORKER = {"BATCHMAX": "40", "INFLIGHTMAX": "400", "NOTFOUNDWAIT": "15s", "BACKOFFMAX": "500ms"}
# Products whose messages are near each other: many at once would all have messages on the way when something happens.
TOLD_AT_ONCE = 40
# As brokers were once set up: poison may be larger than the contract's topics take, and of times to come.
ANYTHING_GOES = {"max.message.bytes": str(3 << 20), "message.timestamp.after.max.ms": str(1 << 40)}


class DirectStore:
    """A database of the replica set, reached without a link."""

    def __init__(self, server, database):
        self.server, self.database = server, database
        self.settings = {"PRODUCTD_STORE": "mongodb", "PRODUCTD_MONGODB_URI": server.uri()}
        self.settings["PRODUCTD_MONGODB_DB"] = database

    def documents(self, products):
        """Product → what is stored of it."""
        import bson

        with self.server.client() as client:
            wanted = {"_id": {"$in": [bson.ObjectId(product) for product in products]}}
            return {str(found["_id"]): found for found in client[self.database]["products"].find(wanted)}

    def preload(self, count):
        """Products that nobody asks for, so that there is much to copy and to index."""
        with self.server.client() as client:
            text = "of no message, and only there to be many "
            many = ({"ballast": True, "version": 1, "name": f"ballast {n}", "description": text * 4} for n in range(count))
            client[self.database]["products"].insert_many(many, ordered=False)

    def close(self):
        with self.server.client() as client:
            client.drop_database(self.database)


class KafkaStage:
    def __init__(self, context, name, count, rate, replicas=3, in_sync=2, settings=None):
        """`settings`: of the members, beside those that all scenarios have."""
        self.cluster, self.name, self.rate, self.say = context.cluster, name, rate, context.say
        self.prefix, self.group = f"{name}-", f"{name}-group"
        self.folder = context.folder / name
        self.folder.mkdir()
        self.ledger = Ledger(context.seed, name, self.prefix, lambda product: keyed(product, PARTITIONS))
        # Updates without a key may be with a member that does not see their create's partition: no order is promised.
        self.ledger.fill(count, singles=0.01, without="unkeyed", told_at_once=TOLD_AT_ONCE)
        self.client = Client(self.cluster.plain, self.group)
        self.store = DirectStore(context.mongodb, name.replace("-", "_"))
        self.environment = self.store.settings | {
            "PRODUCTD_BUS": "kafka",
            "PRODUCTD_KAFKA_BROKERS": self.cluster.behind_proxies,
            "PRODUCTD_KAFKA_REPLICAS": str(replicas),
            "PRODUCTD_KAFKA_MININSYNCREPLICAS": str(in_sync),
            "PRODUCTD_KAFKA_GROUPID": self.group,
            "PRODUCTD_KAFKA_SESSIONTIMEOUT": "3s",
            **{f"PRODUCTD_WORKER_{setting}": value for setting, value in WORKER.items()},
            **{f"PRODUCTD_KAFKA_{setting}": self.prefix + topic for topic, setting in SETTINGS.items()},
            **(settings or {}),
        }
        self.create_topics()
        # When a letter was there is to be the broker's word, not the service's.
        self.client.configure(self.prefix + DEAD_LETTERS, {"message.timestamp.type": "LogAppendTime"})
        self.stuck, self.unproven, self.faults, self.marks = [], [], [], []
        self.members, self.made, self.kills, self.stops = [], 0, 0, 0
        self.ends, self.published, self.latest = {}, 0, 0
        self.placed, self.hurry = [], threading.Event()
        # Where publishing waits until `goes_on`, and how many messages a partition had before its topic was made anew.
        self.halt, self.halted, self.goes_on = None, threading.Event(), threading.Event()
        self.before, self.partitions = {}, PARTITIONS
        self.moves_group = False  # What happens must divide the group anew.
        self.answers = None  # What clients of the members were told (answers.py), where a scenario has any.
        self.publishing = threading.Thread(target=self.publish, daemon=True)

    def create_topics(self, **more):
        environment = ENVIRONMENT | self.environment | {"PRODUCTD_KAFKA_BROKERS": self.cluster.plain} | more
        made = [SERVICE, "topics", "create"]
        done = subprocess.run(made, env=environment, cwd=self.folder, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise RuntimeError(done.stderr + done.stdout)
        for topic in SOURCES:
            self.client.configure(self.prefix + topic, ANYTHING_GOES)

    # ------------------------------------------------------------------------------------------ publishing

    def publish(self):
        """All of the ledger at its pace; what is left at once when there is a hurry."""
        producer, records = self.client.producer(), self.ledger.records
        while self.published < len(records):
            if self.published == self.halt:
                producer.flush(240)
                self.halted.set()
                self.goes_on.wait()
                # What a broker knows of a producer's sequence goes with the topic.
                producer = self.client.producer()
            step = 200 if self.hurry.is_set() else max(1, self.rate // 20)
            ends = self.halt if self.halt and self.published < self.halt else len(records)
            few = records[self.published : min(self.published + step, ends)]
            now = max(int(time.time() * 1000), self.latest + len(few))
            self.ledger.stamp(few, now)
            self.latest = now
            for record in few:
                producer.produce(
                    record.topic_name,
                    record.value,
                    record.key,
                    record.partition,
                    on_delivery=lambda error, message, record=record: self.arrived(error, message, record),
                    timestamp=record.time,
                    headers=[(name.decode(), value) for name, value in record.headers],
                )
            self.published += len(few)
            producer.poll(0)
            self.hurry.wait(0.05) if not self.hurry.is_set() else producer.poll(0.005)
        producer.flush(240)

    def arrived(self, error, message, record):
        if error:
            self.stuck.append(f"the foreign client could not publish #{record.id}: {error}")
            return
        self.placed.append((record, message.offset() + self.before.get(record.source, 0)))
        self.ends[record.source] = message.offset() + 1

    # ------------------------------------------------------------------------------------------ members

    def start(self, wait=True):
        folder = self.folder / f"member{self.made}"
        self.made += 1
        folder.mkdir()
        ours = dataclasses.make_dataclass("Ours", ["folder", "data", "store"])(folder, folder / "data", self.store)
        member = Served(ours, self.environment)
        member.folder = folder
        self.members.append(member)
        if wait and not member.wait(lambda: True, 30):
            self.stuck.append(f"a member did not get ready: {self.said(member)}")
        return member

    def said(self, member):
        return (member.folder / "service.log").read_text(errors="replace")[-400:]

    def end(self, member, how=signal.SIGTERM):
        self.members.remove(member)
        self.kills += how == signal.SIGKILL
        self.stops += how == signal.SIGTERM
        code = member.end(how) if member.process.poll() is None else member.process.returncode
        if code != (0 if how == signal.SIGTERM else -how):
            self.stuck.append(f"a member ended with {code} at {how.name}: {self.said(member)}")

    def begins(self):
        self.faults.append([int(time.time() * 1000), None])

    def ended(self):
        self.faults[-1][1] = int(time.time() * 1000)

    # ------------------------------------------------------------------------------------------ the end

    def behind(self):
        """Messages no commit covers; nothing while no broker tells."""
        commits = self.client.committed({self.prefix + topic: self.partitions for topic in SOURCES})
        if commits is None:
            return None
        ends = self.ends.copy()
        return sum(max(0, end - commits.get((self.prefix + t, p), 0)) for (t, p), end in ends.items())

    def finish(self):
        """Publishes what is left and waits until the group has finished all; then stops the members."""
        self.hurry.set()
        self.publishing.join(300)
        if len(self.placed) != len(self.ledger.records):
            self.unproven.append(f"of {len(self.ledger.records)} messages {len(self.placed)} were published")
        if self.answers:
            self.answers.stop()
            self.ends |= self.client.ends(self.prefix, self.partitions)
        self.await_finished()
        if self.answers:
            self.answers.look()
        for member in list(self.members):
            self.end(member)

    def await_finished(self):
        """Of what is published."""
        last, since = None, time.monotonic()
        while (behind := self.behind()) != 0:
            if all(member.process.poll() is not None for member in self.members):
                self.stuck.append(f"{behind} messages were left uncommitted, and every member has ended")
                break
            if behind is not None and behind != last:
                last, since = behind, time.monotonic()
            if time.monotonic() - since > PATIENCE:
                self.stuck.append(f"{behind} messages were left uncommitted, and nothing went on for {PATIENCE} s")
                break
            time.sleep(0.1)

    def settle(self):
        for record, offset in sorted(self.placed, key=lambda pair: pair[0].id):
            self.ledger.placed(record, offset)
        if self.answers:
            self.answers.place()
        evidence = Evidence(stuck=self.stuck)
        evidence.journal, journal_times, evidence.final = read_journal(self.store, self.prefix)
        evidence.letters, letter_times = read_letters(self.client, self.prefix)
        self.times = Times(journal_times, letter_times)
        self.history = group_history(self.client, self.prefix)
        began = self.faults[0][0]
        if self.moves_group and not any(kind == "generation" and at >= began for kind, at, _ in self.history):
            self.unproven.append("the group was not divided anew")
        evidence.snapshots = snapshots(self.history, self.times, self.ledger.lives)
        return evidence

    def close(self):
        """Nothing is left, whatever came."""
        self.hurry.set()
        self.goes_on.set()
        if self.answers:
            self.answers.stop()
        for member in list(self.members):
            member.process.send_signal(signal.SIGCONT)
            member.end(signal.SIGKILL)
        self.cluster.heal()
        self.publishing.join(60)
        self.client.delete(self.prefix + topic for topic in SETTINGS)
        self.client.close()
        self.store.close()
