# `make chaos ARGS="--bus kafka"`: the real service, several of one group, on three real brokers; the oracle judges.
import copy
import dataclasses
import socket
import time
from dataclasses import dataclass

from findings import LOST, UNSAFE, VERDICTS
from kafka_cluster import Cluster
from kafka_evidence import Times, redelivered, snapshots
import store_scenarios
from kafka_scenarios import KafkaContext, table
from mongodb import stack
from oracle import is_workers_own, judge
from replica_set import MountRefused, ReplicaSet


@dataclass
class Row:
    name: str
    findings: object
    unproven: list
    messages: int
    ends: int
    seconds: float
    figures: dict

    @property
    def is_good(self):
        return self.findings.clean and not self.unproven


def figures_of(stage, evidence, settled):
    """From the journal's times: when the first effect came after the fault, and when all published before its end had
    theirs; the longest time without one; and what was delivered again."""
    began, ended = stage.faults[0][0], stage.faults[-1][1]
    all_times = stage.times.journal_times
    after = [at for at in all_times if at >= ended]
    old = [r.id for r in stage.ledger.records if r.offset >= 0 and r.time < ended and settled.get(r.id, "x")[0] == "journal"]
    last = max((stage.times.of_place(settled[id_][1]) for id_ in old), default=ended)
    busy = [at for at in all_times if began <= at <= ended + 5000]
    again = [seconds for seconds in stage.answers.recoveries() if seconds is not None] if stage.answers else []
    return {
        "applied again": max(again, default=None),
        "first effect": (after[0] - ended) / 1000 if after else None,
        "caught up": max(0, last - ended) / 1000,
        "pause": max((b - a for a, b in zip(busy, busy[1:])), default=0) / 1000,
        "again": redelivered(stage.ledger, settled, evidence.snapshots, stage.times),
        "generations": sum(kind == "generation" for kind, _, _ in stage.history),
        "commits": sum(kind == "commit" for kind, _, _ in stage.history),
    }


def pauses(stage):
    """How long there was no effect around each joining and leaving: the longest gap within 2 s after it began."""
    found = {"join": [], "leave": []}
    for what, at in stage.marks:
        near = [time_ for time_ in stage.times.journal_times if at - 100 <= time_ <= at + 2500]
        if len(near) > 1:
            found[what].append(max(b - a for a, b in zip(near, near[1:])))
    return {what: (sorted(gaps)[len(gaps) // 2], max(gaps)) for what, gaps in found.items() if gaps}


def doctored(stage, evidence):
    """name → (evidence with one thing wrong, the verdict it must bring)."""
    dropped = copy.copy(evidence)
    last = {row.id: row for row in evidence.journal}
    written = [row for row in evidence.journal if last[row.id] is row and row.version > 1 and not is_workers_own(row)]
    gone = written[-1]
    dropped.journal = [row for row in evidence.journal if row is not gone]
    commits = [one for one in stage.history if one[0] == "commit"]
    shifted = copy.copy(evidence)
    # The first commit, as if it had been when nothing was written yet.
    first = next(one for one in commits if one[2][1] > 0)
    history = [("commit", 0, what[2]) if what is first else what for what in stage.history]
    shifted.snapshots = snapshots(history, stage.times, stage.ledger.lives)
    return {"journal line dropped": (dropped, LOST), "commit time shifted": (shifted, UNSAFE)}


def examine(name, scenario, say, controls):
    began = time.monotonic()
    stage = scenario()
    silent = []
    try:
        evidence = stage.settle()
        findings = judge(stage.ledger, evidence)
        if stage.answers:
            stage.answers.judge(findings, stage.times)
            say(f"  {stage.answers.told()}")
        figures = figures_of(stage, evidence, findings.settled)
        if stage.marks:
            say(f"  longest time without an effect, ms (median, most): {pauses(stage)}")
        if controls and findings.clean:
            for what, (wrong, verdict) in doctored(stage, evidence).items():
                lines = judge(stage.ledger, wrong).found[verdict]
                say(f"  control, {what}: " + (f"found out: {lines[0]}" if lines else f"NOT found out ({verdict})"))
                silent += [] if lines else [what]
    finally:
        stage.close()
    ends, seconds = stage.kills + stage.stops, time.monotonic() - began
    return Row(name, findings, stage.unproven, len(stage.placed), ends, seconds, figures), silent


def show(row, say):
    say("  " + ", ".join(f"{name} {value}" for name, value in row.figures.items()))
    for sentence in row.unproven:
        say(f"  proves nothing: {sentence}")
    row.findings.show(say)


def print_table(rows, say):
    short = [verdict.split()[0] for verdict in VERDICTS]
    say(f"\n{'scenario':28}{'messages':>9}{'ends':>5}" + "".join(f"{v:>10}" for v in short)
        + f"{'applied s':>10}{'effect s':>10}{'caught s':>10}{'pause s':>9}{'again %':>9}{'seconds':>9}")
    for row in rows:
        counts = "".join(f"{count:>10}" for count in row.findings.counts().values())
        of = row.figures
        again = 100 * of["again"] / max(1, row.messages)
        applied, first = ("-" if of[what] is None else f"{of[what]:.2f}" for what in ("applied again", "first effect"))
        say(f"{row.name:28}{row.messages:>9}{row.ends:>5}{counts}{applied:>10}{first:>10}{of['caught up']:>10.2f}"
            f"{of['pause']:>9.2f}{again:>9.2f}{row.seconds:>9.1f}")


class OwnRedis:
    """Keeps its port over its ends, and nothing else."""

    def __init__(self, folder):
        server = stack.named("redis")
        self.running, self.port = stack.Running(server, folder), None
        self.running.server = dataclasses.replace(server, ports=lambda _: {"port": self.port or free_port()})

    def up(self):
        self.port = self.running.up()
        return self.port

    def down(self):
        self.running.down()

    close = down


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def run(asked, folder, say):
    """0 when every scenario is clean and every control was found out."""
    rows, silent, skipped, running, controls = [], [], [], [], []
    try:
        running.append(mongodb := ReplicaSet(folder))
        running.append(redis := OwnRedis(folder))
        running.append(cluster := Cluster(folder / "brokers"))
        context = KafkaContext(asked.seed, asked.short, folder, say, cluster, mongodb, redis)
        doctors = True  # They cost nothing: the evidence of the first clean scenario with one thing wrong.
        for name, scenario in (table(context) | store_scenarios.table(context)).items():
            if not asked.is_asked(name):
                continue
            say(f"{name} …")
            try:
                row, unseen = examine(name, scenario, say, doctors)
            except MountRefused as refused:
                skipped.append(name)
                say(f"  SKIPPED {name}: there can be no small disk here: {refused}")
                continue
            doctors, silent = doctors and not row.findings.clean, silent + unseen
            rows.append(row)
            show(row, say)
        silent += ["no scenario was clean, so none was tried"] if doctors and rows else []
        control, scenario = store_scenarios.UNCONFIRMED, store_scenarios.control(context)
        if asked.controls and asked.is_asked(control):
            say(f"{control}: must give {LOST} …")
            row, _ = examine(control, scenario, say, False)
            controls.append(row)
            lines = row.findings.found[LOST]
            say(f"  found out: {lines[0]}" if lines else "  NOT found out")
            silent += [] if lines else [control]
    finally:
        for one in reversed(running):
            one.close()
    print_table(rows + controls, say)
    bad = [row.name for row in rows if not row.is_good]
    say(f"chaos: {'verdicts in ' + ', '.join(bad) if bad else 'no verdict'} (seed {asked.seed})")
    if skipped:
        say(f"chaos: SKIPPED {', '.join(skipped)}")
    say(f"controls: {'not found out: ' + ', '.join(silent) if silent else 'all found out'}")
    return 1 if bad or silent or not rows + controls else 0
