# kill -9 under load, many times: what was answered is there afterwards, once and exactly.
import os
import random
import threading

from answered_writes import Ledger, load
from waiting import eventually

CYCLES = int(os.environ.get("PRODUCTD_KILL_CYCLES", "10"))
WRITERS = 6


def test_nothing_answered_is_lost_or_doubled_by_kill(new_service, facts):
    dice = random.Random(CYCLES)
    ledger, service = Ledger(seed=dice.randrange(10**9)), new_service()
    for cycle in range(CYCLES):
        if cycle % 5 == 4:  # Killed while it starts, which is when it recovers.
            service.launch()
            threading.Event().wait(dice.uniform(0.005, 0.08))
            service.kill()
        service.start()
        ledger.compare(service, ledger.touched)
        ledger.resolve(service, ledger.touched)
        ledger.compare(service, dice.sample(ledger.entries, min(100, len(ledger.entries))))
        if cycle:
            ledger.compare_names(service, cycle - 1)
        ledger.touched = []
        answered, aim = ledger.answered, dice.randint(1, 400)
        end = load(ledger, service, cycle, WRITERS)
        eventually(lambda: ledger.answered >= answered + aim or ledger.wrong, 30, "the load")
        service.kill()
        end()
    service.start()
    ledger.compare(service, ledger.touched)
    ledger.resolve(service, ledger.touched)
    ledger.compare(service, ledger.entries)
    for cycle in range(CYCLES):
        ledger.compare_names(service, cycle)
    service.stop()
    facts.append(
        f"kill -9: {CYCLES} cycles, {ledger.answered} answered writes of {len(ledger.entries)} products, "
        "none lost, none doubled"
    )
