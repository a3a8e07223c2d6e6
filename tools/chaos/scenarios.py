# What is done to the pipeline, a scenario a function. Each gets a Context, runs, and leaves its evidence in a Stage.
import random
import signal
import sqlite3
from dataclasses import dataclass

from evidence import Snapshot, journal_end, snapshot
from ledger import Ledger
from node import Served, Stage
from records import CREATE, UPDATE

POINTS = ["after-fetch", "before-write", "after-write", "before-letter", "after-letter", "before-commit", "after-commit"]
# Small batches and frequent commits: kills land inside of the work.
WORKER = ["--batch-max", 40, "--in-flight-max", 400, "--commit-interval-ms", 10, "--not-found-wait-ms", 3000]
WORKER += ["--backoff-min-ms", 5, "--backoff-max-ms", 200]


@dataclass
class Context:
    seed: int
    short: bool
    folder: object
    say: object
    mutant: str | None = None

    def dice(self, name):
        return random.Random(f"{self.seed} {name} decisions")

    def stage(self, name, count, fill=True, **shape):
        ledger = Ledger(self.seed, name)
        ledger.fill(count, **shape)
        stage = Stage(self.folder / f"{name}{self.mutant or ''}", ledger, self.mutant)
        if fill:
            stage.publish()
        return stage

    def flags(self, name, *more):
        return [*WORKER, "--patience-ms", 60_000 if self.short else 180_000, "--seed", self.dice(name).getrandbits(63), *more]


def plain(context, name, *faults, count=4000):
    """One life with faults; then deleted products are made again, in a second one."""
    stage = context.stage(name, count)
    if stage.run(context.flags(name, *faults)):
        told = stage.told
        stage.ledger.recreate()
        stage.publish()
        stage.run(context.flags(name))
        stage.told = told
    return stage


def named_kills(context, name, point):
    """Killed three times at one point, then left to end."""
    stage = context.stage(name, 1500)
    dice = context.dice(name)
    most = {"after-fetch": 12, "before-letter": 2, "after-letter": 2}.get(point, 25)
    for _ in range(3):
        stage.run(context.flags(name, "--kill", f"{point}:{dice.randint(1, most)}"))
    stage.run(context.flags(name))
    return stage


def redelivered(context, name):
    """All of it is delivered a second time, after it was finished: nothing may change."""
    stage = context.stage(name, 3000)
    stage.run(context.flags(name))
    with sqlite3.connect(stage.data / "log.db") as log:
        log.execute("DELETE FROM commits")
    log.close()
    stage.run(context.flags(name))
    return stage


def made_anew(context, name):
    """Two topics are made anew in the middle of the work: offsets begin at 0 again, with later times."""
    stage = context.stage(name, 3000, fill=False)
    counts = {}
    for record in stage.ledger.records:
        counts[record.source] = counts.get(record.source, 0) + 1
    lives = {(topic, p): counts[topic, p] * 3 // 5 for topic in (CREATE, UPDATE) for p in range(3)}
    stage.ledger.lives = lives
    stage.publish()
    faults = [f for (topic, p), at in lives.items() for f in ("--new-life", f"{topic}:{p}:{at}")]
    stage.run(context.flags(name, *faults, "--letters-down-ms", 1500, "--fail-every", 7, "--store-delay-ms", 2))
    return stage


def blocked(context, name):
    """One product, the hot one, cannot be written for a while; all others go on."""
    stage = context.stage(name, 4000)
    hot = next(r.product for r in stage.ledger.records if r.cls == "hot")
    stage.run(context.flags(name, "--block", hot, "--block-ms", 2000 if context.short else 10_000))
    return stage


def random_kills(context, name):
    """The real service, killed at random moments of its work."""
    count, kills = (6000, 6) if context.short else (100_000, 50)
    stage = context.stage(name, count)
    dice = context.dice(name)
    settings = {"PRODUCTD_WORKER_BATCH_MAX": "40", "PRODUCTD_WORKER_COMMIT_INTERVAL": "20ms"}
    settings |= {"PRODUCTD_WORKER_IN_FLIGHT_MAX": "800", "PRODUCTD_WORKER_NOT_FOUND_WAIT": "5s"}
    store = stage.data / "store.db"
    writes = 0
    stage.snapshots.append(Snapshot("started", {}, 0, {}))
    for n in range(kills):
        # The journal has about half as many entries as there are messages.
        aim = writes + dice.randint(1, max(2, count // (kills * 2)))
        service = Served(stage, settings)
        if not service.wait(lambda: journal_end(store) >= aim, 30):
            context.say(f"  life {n + 1}: nothing more to write")
        service.end(signal.SIGKILL)
        stage.kills += 1
        # What the next life starts from; the last one is a node's, which notes that itself.
        killed = snapshot(stage.data, "started" if n < kills - 1 else "killed")
        stage.snapshots.append(killed)
        writes = killed.journal
        context.say(f"  kill {n + 1} of {kills} at {writes} writes")
    stage.run(context.flags(name))  # To its end, where it is known to have come.
    return stage


def table(context):
    """name → what to call, in order."""
    seconds = 3 if context.short else 60
    found = {"calm": lambda: plain(context, "calm")}
    faults = {
        "store down": ["--store-down-ms", seconds * 1000, "--store-down-from", 20],
        "store slow": ["--store-delay-ms", 20],
        "nth item fails": ["--fail-every", 9],
        "calls fail": ["--calls-fail-ms", seconds * 500],
        "letters down": ["--letters-down-ms", seconds * 500],
        "commits fail": ["--commit-fail-every", 3],
        "rebalances": ["--rebalance-every", 250, "--store-delay-ms", 2, "--fail-every", 13],
    }
    for name, flags in faults.items():
        found[name] = lambda name=name, flags=flags: plain(context, name.replace(" ", "-"), *flags)
    found["one product blocked"] = lambda: blocked(context, "blocked")
    found["delivered again"] = lambda: redelivered(context, "redelivered")
    found["topics made anew"] = lambda: made_anew(context, "anew")
    for point in POINTS:
        found[f"kill {point}"] = lambda point=point: named_kills(context, f"kill-{point}", point)
    found["kill at random"] = lambda: random_kills(context, "random-kills")
    return found
