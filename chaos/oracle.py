# The verdict: compares what a ledger says must be with what the service left behind. Knows nothing of the service but
# its formats (formats.py, evidence.py).
from collections import defaultdict, deque

from commits import judge_commits
from findings import CORRUPT, DOUBLED, LOST, REORDERED, STUCK, Findings, told
from formats import fences, finished_above
from letters import differences
from pace import judge_pace
from records import CREATE, EFFECT, LETTER, MAYBE, REMOVE, content

# Ids that the worker keeps for a record of its own: "prob" (src/app/worker/store_probe.cpp).
WORKERS_OWN = "70726f62"


def judge(ledger, evidence):
    """Every verdict over one run."""
    findings = Findings()
    judging = Judging(ledger, evidence, findings)
    judging.journal()
    judging.products()
    judging.letters()
    judge_commits(ledger, evidence, judging.settled, findings.add)
    judge_pace(ledger, evidence, judging.settled, findings.add)
    for sentence in evidence.stuck:
        findings.add(STUCK, sentence)
    findings.settled = judging.settled
    return findings


def is_workers_own(row):
    """The record by which a worker finds out whether the store takes writes: a tombstone of no message's."""
    return row.id.startswith(WORKERS_OWN) and row.buried_at is not None and not fences(row.history)


class Judging:
    def __init__(self, ledger, evidence, findings):
        self.ledger, self.evidence, self.add = ledger, evidence, findings.add
        self.sources = ledger.by_source()
        # Where what became of a record is on record: ("journal", number) or ("letter", places).
        self.settled = {}
        self.starts = []
        # When a partition was made anew, its messages are later than this.
        self.anew_from = {
            source: min((r.time for r in self.sources.get(source, []) if r.offset >= offset and not r.ahead), default=0)
            for source, offset in ledger.lives.items()
        }

    # ------------------------------------------------------------------------------------------ the journal

    def journal(self):
        """Row by row: does each write hold exactly the changes it must, in their order, and nothing else?"""
        before, self.last_places = {}, defaultdict(dict)
        self.open, self.by_seq = {}, {}
        for id_, records in self.ledger.products.items():
            self.open[id_] = defaultdict(deque)
            for record in sorted(records, key=lambda r: r.offset):
                if record.expect in (EFFECT, MAYBE):
                    self.open[id_][record.source].append(record)
            self.by_seq[id_] = {r.seq: r for r in records if r.topic != REMOVE and r.expect != LETTER}
        for row in self.evidence.journal:
            if row.id not in self.open:
                if is_workers_own(row):
                    continue
                self.add(CORRUPT, f"journal {row.seq}: product {row.id} is nobody's")
                continue
            last = before.get(row.id)
            before[row.id] = row
            if last and (last.version, last.history, last.buried_at) == (row.version, row.history, row.buried_at):
                continue  # The row was moved, not changed.
            self.count(row, last.version if last else 0)
            self.contents(row)

    def count(self, row, version_before):
        """A version more for each change, and a change for each version."""
        covered = fences(row.history)
        taken = []
        for waiting in self.open[row.id].values():
            while waiting and self.is_covered(waiting[0], covered):
                taken.append(waiting.popleft())
        for record in taken:
            self.settled.setdefault(record.id, ("journal", row.seq))
        gained = row.version - version_before
        if gained > len(taken):
            self.add(DOUBLED, f"journal {row.seq}: {row.id} went from version {version_before} to {row.version} by "
                     f"{len(taken)} changes that were not applied before")
        for record in taken if gained < len(taken) else []:
            self.add(LOST, f"journal {row.seq}: {row.id} at version {row.version} passed over one of: {told(record)}")
        if row.buried_at is None:
            return
        for source, waiting in self.open[row.id].items():
            # Superseded by the deletion, if it comes after it: no fence tells of it.
            gone = [r for r in waiting if r.expect == MAYBE and r.time < row.updated_at]
            self.settled.update({r.id: ("journal", row.seq) for r in gone})
            self.open[row.id][source] = deque(r for r in waiting if r.id not in self.settled)

    def is_covered(self, record, covered):
        offset, read_up_to = covered.get(record.source, (-1, -1))
        anew = self.anew_from.get(record.source)
        if anew and record.time < anew <= read_up_to:
            return True  # The fence is of the partition's second life, which came behind this.
        return record.shown <= offset and record.time <= read_up_to

    def contents(self, row):
        if row.buried_at is not None:
            return
        records = self.ledger.products[row.id]
        record = self.by_seq[row.id].get(row.quantity)
        if record is None:
            return self.add(CORRUPT, f"journal {row.seq}: {row.id} has quantity {row.quantity}, as none of its messages")
        if record.cls in ("no id", "asked for"):
            expected = content(row.name.rsplit(" ", 2)[0] if row.name else "", record.seq)
        else:
            expected = content(row.id, record.seq)
        for member, value in expected.items():
            if getattr(row, member) != value:
                found = f"{member} is {getattr(row, member)!r}, not {value!r}"
                self.add(CORRUPT, f"journal {row.seq}: {found}: {told(record)}")
        created = [r.time for r in records if r.topic == CREATE]
        if row.updated_at != record.time or row.created_at not in created:
            self.add(CORRUPT, f"journal {row.seq}: times {row.created_at}, {row.updated_at} are not of {told(record)}")
        last = self.last_places[row.id].get(record.source, -1)
        if record.offset < last:
            self.add(REORDERED, f"journal {row.seq}: {told(record)} was applied after offset {last} of its partition")
        self.last_places[row.id][record.source] = max(last, record.offset)

    # ------------------------------------------------------------------------------------------ the end

    def products(self):
        """The final state of each product, and that each change came to it once."""
        final = {row.id: row for row in self.evidence.final}
        for id_, records in self.ledger.products.items():
            effects = [r for r in records if r.expect == EFFECT]
            row = final.get(id_)
            for record in effects:
                if record.id not in self.settled:
                    self.add(LOST, f"no effect: {told(record)}")
            if not effects:
                if row and all(record.expect != MAYBE for record in records):
                    self.add(CORRUPT, f"{id_} is stored, and was never made")
                continue
            if row is None:
                self.add(LOST, f"{id_} is not stored")
                continue
            most = len(effects) + sum(r.expect == MAYBE for r in records)
            if row.version > most:
                self.add(DOUBLED, f"{id_} has version {row.version} by {most} changes")
            if row.version < len(effects):
                self.add(LOST, f"{id_} has version {row.version} by at least {len(effects)} changes")
            self.last_state(row, effects)

    def last_state(self, row, effects):
        removals = [r for r in effects if r.topic == REMOVE]
        creates = [r for r in effects if r.topic == CREATE]
        is_gone = bool(removals) and removals[-1].time > creates[-1].time
        if is_gone != (row.buried_at is not None):
            state = "there, and was deleted" if is_gone else "a tombstone, and was made again"
            return self.add(REORDERED, f"{row.id} is {state}")
        if is_gone:
            return None
        since = [r for r in effects if r.time >= creates[-1].time and r.topic != REMOVE]
        # An update may be read before its create, so with one create all of them come behind it.
        began = creates[-1].time if len(creates) > 1 else 0
        updates = [r for r in effects if r.topic not in (CREATE, REMOVE) and r.time > began]
        last = {r.source: r.seq for r in updates or since}
        if row.quantity not in last.values():
            self.add(REORDERED, f"{row.id} ends with sequence {row.quantity}, not one of {sorted(last.values())}")

    # ------------------------------------------------------------------------------------------ dead letters

    def letters(self):
        by_message = defaultdict(list)
        for letter in self.evidence.letters:
            by_message[letter.body["messageId"]].append(letter)
        for records in self.sources.values():
            for record in records:
                self.letters_of(record, by_message.pop(record.message_id, []))
        for message_id in by_message:
            self.add(CORRUPT, f"a dead letter of {message_id}, which nobody published")

    def letters_of(self, record, letters):
        if record.expect != LETTER:
            if letters:
                self.add(LOST, f"a dead letter ({letters[0].body['error']}) of a good message: {told(record)}")
            return
        if not letters:
            return self.add(LOST, f"no dead letter: {told(record)}")
        # Any of several will do: which of them was first is not known across partitions.
        self.settled[record.id] = ("letter", [(letter.partition, letter.offset) for letter in letters])
        allowed = self.deliveries(record)
        if len(letters) > allowed:
            self.add(DOUBLED, f"{len(letters)} dead letters, and it was delivered {allowed} times: {told(record)}")
        for letter in letters:
            for difference in differences(record, letter):
                self.add(CORRUPT, f"the dead letter {difference}: {told(record)}")

    def deliveries(self, record):
        """How often it may have been delivered: once, and again for each assignment or start that found it
        unfinished."""
        if not self.starts:
            self.starts = [defaultdict(list)]
            for snapshot in self.evidence.snapshots:
                if snapshot.kind not in ("assigned", "started"):
                    continue
                # The start of a service is one of every partition, also of those it has not committed yet.
                for source in self.sources if snapshot.kind == "started" else snapshot.commits:
                    offset, metadata = snapshot.commits.get(source, (0, ""))
                    self.starts[0][source].append((offset, finished_above(offset, metadata)))
        starts = self.starts[0][record.source]
        return max(1, sum(record.offset >= at and record.offset not in above for at, above in starts))
