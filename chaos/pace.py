# STUCK, beside what the runner saw: was a product held up by another one? Judged by what was on record, not by the clock.
from commits import was_done
from findings import STUCK, told


def judge_pace(ledger, evidence, settled, add):
    """Whether others waited for a product that could not be written, or for the one with the most messages.
    `settled`: record id → where it is on record."""
    for snapshot in evidence.snapshots:
        if snapshot.kind != "lifted":
            continue
        for record in ledger.records:
            is_other = record.offset >= 0 and record.product != snapshot.product
            if is_other and not was_done(record, settled.get(record.id), snapshot):
                add(STUCK, f"was held up by product {snapshot.product}: {told(record)}")
    if ledger.ends_last:
        judge_last(ledger, settled, add)


def judge_last(ledger, settled, add):
    """Everything that was written of other products was so before the last of the one that must end last."""
    places = [(record, settled.get(record.id, ("none", 0))) for record in ledger.records]
    written = [(record, place[1]) for record, place in places if place[0] == "journal"]
    last = max((at for record, at in written if record.product == ledger.ends_last), default=0)
    for record, at in written:
        if at > last:
            add(STUCK, f"was written behind all of product {ledger.ends_last}, which has the most: {told(record)}")
