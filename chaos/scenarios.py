# What is done to the pipeline, a scenario a function. Each gets a Context, runs, and leaves its evidence in a Stage.
import random
import signal
import time
from dataclasses import dataclass

from evidence import Snapshot
from ledger import Ledger
from node import Served, Stage
from records import CREATE, EFFECT, LETTER, UPDATE
from stores import MongoStore, SqliteStore

POINTS = ["after-fetch", "before-write", "after-write", "before-letter", "after-letter", "before-commit", "after-commit"]
# Small batches and frequent commits: kills land inside of the work. Calls have a minute: a slow machine is no fault.
WORKER = {"--batch-max": 40, "--in-flight-max": 400, "--commit-interval-ms": 10, "--not-found-wait-ms": 3000}
WORKER |= {"--backoff-min-ms": 5, "--backoff-max-ms": 200, "--call-timeout-ms": 60_000}
WIDE = ["--in-flight-max", 50_000]  # All of the log: what one product has does not keep the others from being read.


@dataclass
class Context:
    seed: int
    short: bool
    folder: object
    say: object
    mutant: str | None = None
    patience: int = 120  # Seconds without any progress.
    mongodb: object = None  # The server products are kept in; none: SQLite.

    def dice(self, name):
        return random.Random(f"{self.seed} {name} decisions")

    def stage(self, name, count, fill=True, link=None, **shape):
        """`link`: what is done to the connections of the store, if that has any; `shape`: of the ledger."""
        ledger = Ledger(self.seed, name)
        ledger.fill(count, **shape)
        folder = self.folder / f"{name}{self.mutant or ''}"
        stage = Stage(folder, ledger, lambda data: self.store(data, folder.name), self.mutant)
        if link:
            stage.store.link.faults = link
        if fill:
            stage.publish()
        return stage

    def store(self, data, name):
        return MongoStore(self.mongodb, name) if self.mongodb else SqliteStore(data)

    def flags(self, name, *more):
        worker = [part for flag, value in WORKER.items() if flag not in more for part in (flag, value)]
        return [*worker, "--patience-ms", self.patience * 1000, "--seed", self.dice(name).getrandbits(63), *more]


def plain(context, name, *faults, count=4000, needs=(), **stage_options):
    """One life with faults, whose counts `needs` cannot be 0; then deleted products are made again, in a second one."""
    stage = context.stage(name, count, **stage_options)
    if stage.run(context.flags(name, *faults)):
        told = stage.told
        stage.need(*needs)
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
    if not stage.kills:
        stage.unproven.append("no kill took place")
    return stage


def redelivered(context, name):
    """All of it is delivered a second time, after it was finished: nothing may change."""
    stage = context.stage(name, 3000)
    stage.run(context.flags(name))
    stage.forget_commits()
    stage.run(context.flags(name))
    stage.need("superseded")
    return stage


def overtaken(context, name):
    """Updates come behind the deletion they are older than; then the products are made again, and all of it is
    delivered once more: what a deletion overtook stays overtaken."""
    stage = context.stage(name, 1500)
    stage.run(context.flags(name))
    stage.ledger.overtake()
    stage.publish()
    stage.run(context.flags(name))
    stage.need("superseded")
    stage.ledger.recreate(updates=0)
    stage.publish()
    stage.run(context.flags(name))
    stage.forget_commits()
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


def held(context, name, *how, count=4000, needs=()):
    """One product, the hot one, cannot be written until all others are finished."""
    stage = context.stage(name, count)
    hot = stage.ledger.hot
    others = sum(record.product != hot for record in stage.ledger.records)
    stage.run(context.flags(name, how[0], hot, "--others", others, *how[1:]))
    stage.need(*needs)
    return stage


def hot(context, name):
    """One product has half of all messages, and they come first; the store is slow. The others end before it."""
    stage = context.stage(name, 4000, hot_share=0.5, hot_pace=0.9)
    stage.ledger.ends_last = stage.ledger.hot
    stage.run(context.flags(name, "--store-delay-ms", 20, *WIDE))
    return stage


def damaged(context, name):
    """What is stored of one product is damaged while the worker is at work: its messages alone are condemned, at once.
    Once it is mended, its next ones are applied."""
    stage = context.stage(name, 1500)
    stage.run(context.flags(name))
    ledger, file = stage.ledger, stage.folder / "damaged"
    victim = next(id_ for id_, found in ledger.products.items() if found[0].cls == "plain")
    ledger.others_of(3000, victim, [(LETTER, "data_loss")] * 6)
    stage.publish()

    def damage():
        deadline = time.monotonic() + context.patience
        while not file.with_name("damaged.asked").exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        stage.store.damage(victim)
        file.touch()

    # None of its messages is among the first half, nor in flight when the first calls wait.
    stage.run(context.flags(name, "--wait-from", 8, "--wait-for", file), meanwhile=damage)
    stage.need("dead_lettered")
    stage.store.mend(victim)
    ledger.others_of(300, victim, [(EFFECT, None)] * 5)
    stage.publish()
    stage.run(context.flags(name))
    return stage


def hang_at_stop(context, name, lives=3):
    """The worker is stopped while calls of the store hang that never answer: it ends, and the next life finishes."""
    stage = context.stage(name, 1500)
    dice = context.dice(name)
    limits = ["--call-timeout-ms", 3_600_000, "--drain-limit-ms", 200]
    for _ in range(lives):
        stage.run(context.flags(name, "--hang-from", dice.randint(1, 12), "--stop-when-hanging", *limits))
    if not stage.stops:
        stage.unproven.append("no life was stopped while a call hung")
    stage.run(context.flags(name))
    return stage


def random_ends(context, name, how, count, ends, **stage_options):
    """The real service, ended at random moments of its work."""
    stage = context.stage(name, count, **stage_options)
    dice = context.dice(name)
    settings = {"PRODUCTD_WORKER_BATCH_MAX": "40", "PRODUCTD_WORKER_COMMIT_INTERVAL": "20ms"}
    settings |= {"PRODUCTD_WORKER_IN_FLIGHT_MAX": "800", "PRODUCTD_WORKER_NOT_FOUND_WAIT": "5s"}
    store, writes = stage.store, 0
    stage.snapshots.append(Snapshot("started", {}, 0, {}))
    for n in range(ends):
        # There are about a third as many writes as messages.
        aim = writes + dice.randint(1, max(2, count // (ends * 3)))
        service = Served(stage, settings)
        service.wait(lambda: store.writes(store.end()) >= aim or stage.is_finished(), context.patience)
        if store.writes(store.end()) < aim:
            context.say(f"  life {n + 1}: nothing more to write")
        stage.ended(service.end(how), how)
        # What the next life starts from; the last one is a node's, which notes that itself.
        end = stage.snapshot("started" if n < ends - 1 else "killed")
        stage.snapshots.append(end)
        writes = store.writes(end.journal)
        if (n + 1) % 10 == 0 or n + 1 == ends:
            context.say(f"  {how.name} {n + 1} of {ends} at {writes} writes")
    stage.run(context.flags(name))  # To its end, where it is known to have come.
    return stage


def table(context):
    """name → what to call, in order."""
    seconds = 3 if context.short else 60
    found = {"calm": lambda: plain(context, "calm")}
    faults = {
        "store down": (["--store-down-ms", seconds * 1000, "--store-down-from", 20], ["failed_calls", "breaker_opened"]),
        "store slow": (["--store-delay-ms", 20], []),
        "nth item fails": (["--fail-every", 9], ["failed_items"]),
        "calls fail": (["--calls-fail-ms", seconds * 500], ["failed_calls"]),
        # Attempts that would condemn within the outage: what all fail for condemns nobody.
        "items fail for all": (
            ["--items-fail-ms", seconds * 1000, "--store-down-from", 20, "--item-attempts-max", 3]
            + ["--item-retry-limit-ms", 300],
            ["failed_items", "breaker_opened"],
        ),
        "letters down": (["--letters-down-ms", seconds * 500], ["log_failures"]),
        "letters too large": (["--letter-bytes-max", 3000], ["letters_refused"]),
        "commits fail": (["--commit-fail-every", 3], ["log_failures"]),
        "rebalances": (["--rebalance-every", 250, "--store-delay-ms", 2, "--fail-every", 13], ["rebalances"]),
    }
    for name, (flags, needs) in faults.items():
        found[name] = lambda name=name, flags=flags, needs=needs: plain(
            context, name.replace(" ", "-"), *flags, needs=needs
        )
    # An update published before its create may go early where too many are parked.
    found["too many parked"] = lambda: plain(
        context, "too-many-parked", "--parked-max", 1, needs=["parked_too_many"], without="early"
    )
    hanging = ["--hang", *WIDE, "--call-timeout-ms", 500]
    found["one product blocked"] = lambda: held(context, "blocked", "--block", *WIDE, needs=["failed_items"])
    found["one product hangs"] = lambda: held(context, "hangs", *hanging, needs=["hung_calls"])
    found["one product damaged"] = lambda: damaged(context, "damaged")
    found["one product hot"] = lambda: hot(context, "hot")
    found["store hangs at stop"] = lambda: hang_at_stop(context, "hang-at-stop")
    found["delivered again"] = lambda: redelivered(context, "redelivered")
    found["deletion remembered"] = lambda: overtaken(context, "overtaken")
    found["topics made anew"] = lambda: made_anew(context, "anew")
    for point in POINTS:
        found[f"kill {point}"] = lambda point=point: named_kills(context, f"kill-{point}", point)
    stops, kills = ((2000, 3), (6000, 6)) if context.short else ((10_000, 10), (100_000, 50))
    found["stop at random"] = lambda: random_ends(context, "random-stops", signal.SIGTERM, *stops)
    found["kill at random"] = lambda: random_ends(context, "random-kills", signal.SIGKILL, *kills)
    return found
