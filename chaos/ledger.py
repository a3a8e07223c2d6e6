# Makes the whole stream of messages from a seed, with what must become of each. Order between topics is not promised,
# so a stream only has what must end in one way, or says in which ways it may.
import json
import random

from poison import KINDS
from records import CREATE, EFFECT, LETTER, MAYBE, NONE, REMOVE, UPDATE, Record, content, derived_id

PARTITIONS = 3
HUGE_SHARE = 0.02  # Of the poison that is large: it would crowd out all else.


class Ledger:
    def __init__(self, seed, name="", prefix="", place=None):
        """`prefix`: of the topics' names. `place`: product → its partition."""
        self.dice = random.Random(f"{seed} {name}")
        self.prefix, self.place = prefix, place or (lambda product: int(product[-8:], 16) % PARTITIONS)
        self.records = []
        self.products = {}  # id → records, as published.
        self.deleted = []  # (product, its next sequence)
        self.seqs = {}  # Of products that were changed by next_update().
        self.ends_last = None  # A product with so many messages that all others must be done before it.
        self.lives = {}  # (topic, partition) → offset where it is shown to begin anew.

    # ------------------------------------------------------------------------------------------ making

    def add(self, topic, expect, cls, product=None, seq=0, value=None, **members):
        key = product.encode() if product else None
        partition = self.place(product) if product else self.dice.randrange(PARTITIONS)
        record = Record(len(self.records), topic, partition, key, value, 0, expect, cls, product, seq)
        record.prefix = self.prefix
        for name, member in members.items():
            setattr(record, name, member)
        self.records.append(record)
        return record

    def change(self, topic, expect, cls, product, seq, **members):
        body = {"productId": product} if topic == REMOVE else {"productId": product} | content(product, seq)
        return [topic, expect, cls, product, seq, json.dumps(body).encode(), members]

    def product_id(self):
        return f"{self.dice.getrandbits(96):024x}"

    def story(self, kind, updates):
        """The messages of one product, in its order."""
        product = self.product_id()
        create = self.change(CREATE, EFFECT, kind, product, 0)
        expect = MAYBE if kind == "deleted" else EFFECT
        later = [self.change(UPDATE, expect, kind, product, n + 1) for n in range(updates)]
        if kind == "early":
            return later[:1] + [create] + later[1:]
        if kind == "deleted":
            self.deleted.append((product, updates + 2))
            return [create, *later, self.change(REMOVE, EFFECT, kind, product, updates + 1)]
        if kind == "twice":
            return [create, *later, self.change(CREATE, LETTER, kind, product, updates + 1, code="already_exists")]
        if kind == "refused":
            header = [(b"productd-expected-version", b"999999")]
            return [create, *later, self.change(UPDATE, NONE, kind, product, updates + 1, headers=header)]
        if kind == "unkeyed":
            for change in later:
                change[-1].update(key=None, partition=self.dice.randrange(PARTITIONS))
        return [create, *later]

    def single(self):
        """A message that stands alone."""
        kind = self.dice.choices(["poison", "unknown", "no id"], [5, 2, 2])[0]
        if kind == "no id":
            label = f"foreign {self.dice.getrandbits(64):x}"
            return [CREATE, EFFECT, kind, None, 0, json.dumps(content(label, 0)).encode(), {}]
        if kind == "unknown":
            topic = self.dice.choice([UPDATE, REMOVE])
            return self.change(topic, LETTER, kind, self.product_id(), 1, code="not_found")
        name = self.dice.choice(list(KINDS))
        if name in ("huge", "10,000 headers", "deep nesting") and self.dice.random() > HUGE_SHARE * 10:
            name = "noise"
        return self.poison(name)

    def poison(self, name):
        topic, value, members = KINDS[name]
        members = {"key": b"poison", "code": "invalid_argument", **members}
        return [topic, LETTER, f"poison {name}", None, 0, value(self.dice), members]

    def fill(self, count, singles=0.06, hot_share=0.2, hot_pace=0.2, without=None, told_at_once=200):
        """Adds about `count` messages: stories interleaved, one hot product, and messages that stand alone.
        `hot_pace`: how many of the messages are the hot product's, while it has any. `without`: no such stories.
        `told_at_once`: how many stories are on their way."""
        stories = [[self.poison(name) for name in KINDS], self.story("hot", int(count * hot_share))]
        made = sum(map(len, stories))
        kinds = ["plain", "early", "deleted", "twice", "refused", "unkeyed"]
        while made < count:
            alone = self.dice.random() < singles * 3
            updates = min(60, int(self.dice.paretovariate(1.1)))
            kind = self.dice.choices(kinds, [8, 3, 3, 1, 1, 1])[0]
            kind = "plain" if kind == without else kind
            stories.append([self.single()] if alone else self.story(kind, updates))
            made += len(stories[-1])
        self.interleave(stories, hot_pace, told_at_once)

    @property
    def hot(self):
        return next(record.product for record in self.records if record.cls == "hot")

    def recreate(self, updates=3):
        """What may follow only once everything before is finished: deleted products made again."""
        stories = []
        for product, seq in self.deleted:
            later = [self.change(UPDATE, EFFECT, "recreated", product, seq + 1 + n) for n in range(updates)]
            stories.append([self.change(CREATE, EFFECT, "recreated", product, seq), *later])
        self.deleted = []
        self.interleave(stories)

    def overtake(self):
        """The same, of updates that come late: older than the deletion of their product, and behind it."""
        stories, deleted = [], self.deleted
        for product, seq in deleted:
            removal = next(r for r in self.products[product] if r.topic == REMOVE)
            late = self.change(UPDATE, NONE, "overtaken", product, seq, dated=removal.time - 1)
            stories.append([late])
        self.deleted = [(product, seq + 1) for product, seq in deleted]
        self.interleave(stories)

    def others_of(self, updates, victim, ends):
        """Updates of standing products, and among the last half of them some of one more, that end so: (expect, code)."""
        standing = [id_ for id_, found in self.products.items() if found[0].cls == "plain" and id_ != victim]
        changes = [self.next_update(self.dice.choice(standing)) for _ in range(updates)]
        for n, (expect, code) in enumerate(ends):
            at = updates // 2 + n * (updates // 2) // len(ends) + n
            changes.insert(at, self.next_update(victim, expect, code=code))
        for *fields, members in changes:
            self.add(*fields, **members)

    def next_update(self, product, expect=EFFECT, **members):
        seq = self.seqs[product] = self.seqs.get(product, max(r.seq for r in self.products[product])) + 1
        return self.change(UPDATE, expect, "later", product, seq, **members)

    def interleave(self, stories, hot_pace=0.2, told_at_once=200):
        """Some stories are told at a time, so that a product's messages are near each other."""
        self.dice.shuffle(stories)
        stories.sort(key=len, reverse=True)  # The longest, the hot one, begins first and lasts.
        stories = [iter(story) for story in stories[:1]] + [iter(s) for s in self.shuffled(stories[1:])]
        told, waiting = stories[:told_at_once], stories[told_at_once:]
        while told:
            at = 0 if self.dice.random() < hot_pace else self.dice.randrange(len(told))
            change = next(told[at], None)
            if change:
                *fields, members = change
                self.add(*fields, **members)
            elif waiting:
                told[at] = waiting.pop()
            else:
                told.pop(at)

    def shuffled(self, items):
        items = list(items)
        self.dice.shuffle(items)
        return items

    # ------------------------------------------------------------------------------------------ publishing

    def stamp(self, records, now):
        """Gives each message its time: one millisecond after the one before, all of them past."""
        for n, record in enumerate(records):
            record.time = record.dated or (now + record.ahead if record.ahead else now - len(records) + n)

    def placed(self, record, offset):
        """Notes where a message came to stand."""
        record.offset = record.shown = offset
        anew = self.lives.get(record.source)
        if anew is not None and offset >= anew:
            record.shown = offset - anew
        if record.cls == "no id":
            record.product = derived_id(record)
        if record.product:
            self.products.setdefault(record.product, []).append(record)

    def by_source(self):
        found = {}
        for record in self.records:
            if record.offset >= 0:
                found.setdefault(record.source, []).append(record)
        for records in found.values():
            records.sort(key=lambda record: record.offset)
        return found
