# What clients of the members were told while things happened, and whether it holds: they write and read over REST. That
# each change has its effect is the oracle's to say, which gets their messages from the log.
import http.client
import json
import random
import ssl
import threading
import time
import urllib.request
from dataclasses import dataclass

from evidence import TOLERANCE
from findings import CORRUPT, LOST, UNSAFE, told
from records import CREATE, EFFECT, SOURCES, UPDATE, Record, content

PRODUCTS = "/api/v1/products"
BROKEN = (OSError, http.client.HTTPException, ValueError)
WRITERS, READERS = 3, 2
PAUSE = 0.01  # Seconds between two requests of one client.
UNSETTLED_PAUSE = 0.1  # Behind an answer that is not `applied`.
# Milliseconds in which an answer may be on its way whose write was there before.
ON_ITS_WAY = 1_000
LONG = 1_000  # Milliseconds without an `applied` that are the fault's doing, and not chance.
LOOKED_AT = 200  # Of the ledger's products, in the end.
LOOK_SECONDS = 5  # Until a cache has heard of the last change.


@dataclass
class Answer:
    time: int  # Milliseconds, when it was there.
    product: str
    seq: int
    state: str  # applied or accepted


class Answers:
    def __init__(self, stage, seed):
        self.stage, self.seed, self.ends = stage, seed, threading.Event()
        self.given, self.wrong, self.silences, self.strikes = [], [], [], []
        self.refused = self.looked_at = 0
        self.asked_for = {}  # (product, sequence) → its record.
        clients = [self.write] * WRITERS + [self.read] * READERS
        self.threads = [threading.Thread(target=self.kept, args=(client, n), daemon=True) for n, client in enumerate(clients)]

    # ------------------------------------------------------------------------------------------ what clients do

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.ends.set()
        for thread in self.threads:
            if thread.ident:
                thread.join(60)

    def kept(self, client, number):
        """A client for as long as there are members: each may be killed at any time."""
        dice = random.Random(f"{self.seed} client {number}")
        state = {"number": number, "made": 0, "own": []}
        while not self.ends.is_set():
            try:
                with Connection(dice.choice(list(self.stage.members))) as connection:
                    while not self.ends.wait(PAUSE):
                        client(connection, state, dice)
            except (*BROKEN, IndexError):
                self.ends.wait(0.1)

    def write(self, connection, state, dice):
        """Makes a product, or changes one of which the last change is known to be there: what was asked and not told
        stays as it is."""
        own = state["own"]
        at = dice.randrange(len(own)) if own and dice.random() < 0.6 else None
        if at is None:
            label, seq, product = f"asked-{state['number']}-{state['made']}", 0, None
            state["made"] += 1
        else:
            own[at], own[-1] = own[-1], own[at]
            label, seq, product = own.pop()
        verb, path = ("PUT", f"{PRODUCTS}/{product}") if product else ("POST", PRODUCTS)
        status, headers, body = connection.ask(verb, path, content(label, seq))
        if status in (503, 504, 429):
            self.refused += 1
            self.ends.wait(UNSETTLED_PAUSE)
            return
        if status not in (200, 201):
            self.wrong.append(f"{verb} of {label}, sequence {seq}, was answered {status}: {body}")
            return
        product, state = body["productId"], headers["Product-State"]
        self.given.append(Answer(milliseconds(), product, seq, state))
        if state == "applied":
            own.append((label, seq + 1, product))
        else:
            self.ends.wait(UNSETTLED_PAUSE)

    def read(self, connection, state, dice):
        """So that caches have something to keep."""
        if self.given:
            connection.ask("GET", f"{PRODUCTS}/{self.given[-dice.randint(1, min(50, len(self.given)))].product}")

    # ------------------------------------------------------------------------------------------ what is told of them

    def applied(self):
        return sum(answer.state == "applied" for answer in self.given)

    def await_applied(self, count, seconds):
        """So many more; if they do not come, the scenario has not done what it is for."""
        aim, deadline = self.applied() + count, time.monotonic() + seconds
        while self.applied() < aim:
            if time.monotonic() > deadline:
                self.stage.unproven.append(f"{self.applied() + count - aim} writes were answered `applied` within {seconds} s")
                return
            time.sleep(0.05)

    def strikes_now(self):
        """That the fault begins; what is told is how long it took from here to the next `applied`."""
        self.strikes.append(milliseconds())

    def silence(self, since):
        """Nothing may have been answered `applied` from a moment after `since` until now."""
        self.silences.append((since + ON_ITS_WAY, milliseconds()))

    def recoveries(self):
        """Of each fault, seconds until the end of the longest time without an `applied` that follows it; where none is
        long, until the first."""
        times = sorted(answer.time for answer in self.given if answer.state == "applied")
        found = []
        for strike, end in zip(self.strikes, [*self.strikes[1:], milliseconds()]):
            near = [strike, *[time_ for time_ in times if strike <= time_ < end]]
            gaps = [(later - earlier, later) for earlier, later in zip(near, near[1:])]
            longest = max((gap for gap in gaps if gap[0] >= LONG), default=gaps[0] if gaps else None)
            found.append((longest[1] - strike) / 1000 if longest else None)
        return found

    def told(self):
        applied = self.applied()
        text = f"of clients' writes {applied} were answered `applied`, {len(self.given) - applied} `accepted`, "
        text += f"{self.refused} refused or not told; {self.looked_at} reads at the end were as stored"
        after = ["-" if seconds is None else f"{seconds:.2f}" for seconds in self.recoveries()]
        return text + f"; s from fault to the next `applied`: {', '.join(after)}"

    # ------------------------------------------------------------------------------------------ the end

    def place(self):
        """Notes the clients' messages among the ledger's: every one that is in the log must have its effect."""
        stage, known = self.stage, set()
        for record, offset in stage.placed:
            known.add((*record.source, offset))
        for topic in SOURCES:
            for message in stage.client.read(stage.prefix + topic, range(stage.partitions)):
                if (topic, message.partition(), message.offset()) not in known:
                    self.note(topic, message)

    def note(self, topic, message):
        ledger, body = self.stage.ledger, json.loads(message.value())
        record = Record(
            len(ledger.records), topic, message.partition(), message.key(), message.value(), message.timestamp()[1],
            EFFECT, "asked for", body["productId"], body["quantity"],
        )
        record.prefix = ledger.prefix
        ledger.records.append(record)
        ledger.placed(record, message.offset())
        assert topic in (CREATE, UPDATE), topic
        self.asked_for[record.product, record.seq] = record

    def judge(self, findings, times):
        for sentence in self.wrong:
            findings.add(CORRUPT, sentence)
        for answer in self.given:
            record = self.asked_for.get((answer.product, answer.seq))
            what = f"product {answer.product}, sequence {answer.seq}, was answered `{answer.state}`"
            if record is None:
                findings.add(LOST, f"{what}, and its message is not in the log")
                continue
            place = findings.settled.get(record.id)
            if answer.state != "applied" or place is None:
                continue  # Without an effect it is lost, as the oracle has said.
            late = times.of_place(place[1]) - answer.time
            if late > TOLERANCE:
                findings.add(LOST, f"{what}, and what is there of it was written {late} ms later: {told(record)}")
            if any(begin <= answer.time < end for begin, end in self.silences):
                findings.add(UNSAFE, f"{what} when no two of the store's members could have it")

    def look(self):
        """Every member, and a new one whose cache is empty, shows what is stored, with all at rest."""
        stage = self.stage
        ids = list({answer.product for answer in self.given})
        ids += list({r.product: r for r in stage.ledger.records if r.product and r.expect == EFFECT})[:LOOKED_AT]
        stored = stage.store.documents(ids)
        for member in [*stage.members, stage.start()]:
            try:
                with Connection(member) as connection:
                    for product in ids:
                        self.compare(connection, product, stored.get(product))
            except BROKEN as error:
                stage.stuck.append(f"a member could not be read from: {error!r}")
        hits = metric(member, "productd_redis_hits_total")
        if not hits:
            stage.unproven.append("no read was answered by Redis")

    def compare(self, connection, product, document):
        # What waited in vain has waited for all: everything is at rest.
        deadline = time.monotonic() + (0 if self.wrong else LOOK_SECONDS)
        expected = None if document is None or "tombstone" in document else (document["version"], document["quantity"])
        while True:
            status, _, body = connection.ask("GET", f"{PRODUCTS}/{product}")
            shown = (body["version"], body["quantity"]) if status == 200 else None
            if shown == expected and status in (200, 404):
                self.looked_at += 1
                return
            if time.monotonic() > deadline:
                self.wrong.append(f"product {product} is shown as {status} {shown}, and stored as {expected}")
                return
            time.sleep(0.05)


class Connection:
    """To a member that is ready, over TLS."""

    def __init__(self, member):
        port = json.loads(member.ready.read_text())["http_port"]
        tls = ssl.create_default_context(cafile=member.folder / "data/tls/server.crt")
        self.to = http.client.HTTPSConnection("localhost", port, timeout=20, context=tls)

    def ask(self, verb, path, body=None):
        headers = {"Content-Type": "application/json"} if body else {}
        self.to.request(verb, path, json.dumps(body) if body else None, headers)
        answer = self.to.getresponse()
        return answer.status, answer.headers, json.loads(answer.read() or "null")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.to.close()


def metric(member, name):
    port = json.loads(member.ready.read_text())["metrics_port"]
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode()
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name + " "))


def milliseconds():
    return int(time.time() * 1000)
