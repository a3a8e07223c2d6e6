# UNSAFE COMMIT: was everything that a commit covers done by then? Knows the formats of formats.py.
from collections import Counter

from findings import UNSAFE, told
from formats import finished_above
from records import NONE


def was_done(record, place, snapshot):
    """Whether a message was finished at that moment, as far as anything on record tells. `place`: where it is."""
    if record.expect == NONE:
        return True
    if place is None:
        return False
    if place[0] == "journal":
        return place[1] <= snapshot.journal
    return any(offset < snapshot.letters.get(partition, 0) for partition, offset in place[1])


def judge_commits(ledger, evidence, settled, add):
    """Whether anything was committed before it was finished. `settled`: record id → where it is on record."""
    Commits(ledger, evidence, settled, add).judge()


class Commits:
    def __init__(self, ledger, evidence, settled, add):
        self.ledger, self.evidence, self.settled, self.add = ledger, evidence, settled, add
        self.sources = ledger.by_source()

    def judge(self):
        reported = Counter()
        for source, records in self.sources.items():
            prefix = self.prefixes(records)
            self.apart = [r for r in records if self.settled.get(r.id, ("none",))[0] != "journal"]
            for snapshot in self.evidence.snapshots:
                if source not in snapshot.commits:
                    continue
                offset, metadata = snapshot.commits[source]
                anew = self.ledger.lives.get(source, 0)
                first = anew if offset >= anew else 0  # Its first life is no more once the second is committed.
                for record in self.unfinished(records, prefix, first, offset, snapshot):
                    reported[record.id] += 1
                    if reported[record.id] == 1:
                        self.add(UNSAFE, f"the {snapshot.kind} at {offset} covers an unfinished one: {told(record)}")
                above = finished_above(offset, metadata)
                for at in above:
                    if at < len(records) and not self.is_done(records[at], snapshot):
                        what = f"the metadata of the {snapshot.kind} at {offset}"
                        self.add(UNSAFE, f"{what} covers an unfinished one: {told(records[at])}")

    def prefixes(self, records):
        """For each offset: the latest journal entry that anything below it needs."""
        latest, found = 0, [0]
        for record in records:
            place = self.settled.get(record.id)
            if place and place[0] == "journal":
                latest = max(latest, place[1])
            found.append(latest)
        return found

    def unfinished(self, records, prefix, first, offset, snapshot):
        special = [r for r in self.apart if first <= r.offset < offset]
        if prefix[min(offset, len(records))] > snapshot.journal:
            special = records[first:offset]
        return [r for r in special if not self.is_done(r, snapshot)]

    def is_done(self, record, snapshot):
        return was_done(record, self.settled.get(record.id), snapshot)
