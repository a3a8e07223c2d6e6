# `make chaos`: runs every scenario, has the oracle judge each, and prints a table. Prints its seed first; the same seed
# makes the same messages and the same decisions. --short is for CI, --controls adds the negative controls, and
# --store mongodb has products in a replica set of MongoDB, the connections to which fail too.
import argparse
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass

import connections
import controls
from evidence import Evidence
from findings import VERDICTS
from mongodb import MongoServer
from node import ROOT
from oracle import judge
from scenarios import Context, table


@dataclass
class Row:
    """Of the table."""

    name: str
    stage: object
    findings: object
    seconds: float

    @property
    def is_good(self):
        return self.findings.clean and not self.stage.unproven


def say(text):
    print(text, flush=True)


def examine(context, name, scenario):
    """Runs and judges one scenario."""
    began = time.monotonic()
    stage, evidence = scenario(), Evidence()
    stage.settle(evidence)
    findings = judge(stage.ledger, evidence)
    stage.store.close()
    seconds = time.monotonic() - began
    shutil.rmtree(stage.folder)
    return Row(name, stage, findings, seconds)


def show(row):
    for sentence in row.stage.unproven:
        say(f"  proves nothing: {sentence}")
    row.findings.show(say)


def print_table(rows):
    say(f"\n{'scenario':28}{'messages':>9}{'ends':>5}" + "".join(f"{v:>15}" for v in VERDICTS) + f"{'seconds':>9}")
    for row in rows:
        stage = row.stage
        counts = "".join(f"{count:>15}" for count in row.findings.counts().values())
        ends = stage.kills + stage.stops
        say(f"{row.name:28}{len(stage.ledger.records):>9}{ends:>5}{counts}{row.seconds:>9.1f}")
    say(f"{sum(row.stage.kills for row in rows)} kills, {sum(row.stage.stops for row in rows)} stops")


def run_scenarios(context, is_asked):
    """The rows of the table, and which of them are bad."""
    rows, scenarios = [], table(context)
    if context.mongodb:
        scenarios |= connections.table(context)
    for name, scenario in scenarios.items():
        if is_asked(name):
            say(f"{name} …")
            rows.append(examine(context, name, scenario))
            say(f"  {rows[-1].stage.told}")
            if counts := rows[-1].stage.link_counts():
                say(f"  the store's connections: {counts}")
            show(rows[-1])
    return rows, [row.name for row in rows if not row.is_good]


def run_controls(context, is_asked):
    """The same of the negative controls, where a row is bad that does not have its verdict."""
    rows, silent = [], []
    for mutant, (scenario, verdicts) in controls.table(context).items():
        name = f"control {mutant}"
        if not is_asked(name):
            continue
        say(f"{name}: must give {' or '.join(sorted(verdicts))} …")
        rows.append(examine(context, name, scenario))
        findings = rows[-1].findings
        given = [verdict for verdict in sorted(verdicts) if findings.found[verdict]]
        for verdict in given:
            say(f"  found out: {verdict}: {findings.found[verdict][0]}")
        if not given:
            say(f"  {rows[-1].stage.told}; the store's connections: {rows[-1].stage.link_counts()}")
            show(rows[-1])
            say("  NOT found out")
            silent.append(name)
    return rows, silent


def parsed():
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--short", action="store_true", help="for CI: fewer messages, shorter outages")
    parser.add_argument("--controls", action="store_true", help="and the variants that must be found out")
    parser.add_argument("--store", choices=["sqlite", "mongodb"], default="sqlite", help="where products are")
    parser.add_argument("--bus", choices=["sqlite", "kafka"], default="sqlite", help="kafka: on three real brokers")
    parser.add_argument("-k", dest="only", action="append", help="only scenarios whose name has this, or another -k")
    parser.add_argument("--keep", action="store_true", help="with --bus kafka: leave the folder, with the members' logs")
    asked = parser.parse_args()
    asked.is_asked = lambda name: not asked.only or any(part in name for part in asked.only)
    return asked


def main():
    asked = parsed()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("chaos: stopped"))  # What was started is ended on the way out.
    store = "mongodb" if asked.bus == "kafka" else asked.store
    say(f"chaos: seed {asked.seed}, bus {asked.bus}, store {store}" + (", short" if asked.short else ""))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chaos-", dir=ROOT / "build"))
    if asked.bus == "kafka":
        try:
            import kafka_run  # Here, for who has no need of it.
        except ImportError as error:
            sys.exit(f"chaos: {error}; install what it needs with: tools/setup.sh stack")
        try:
            return kafka_run.run(asked, folder, say)
        finally:
            if not asked.keep:
                shutil.rmtree(folder, ignore_errors=True)
    control_rows, silent, mongodb = [], [], None
    try:
        if asked.store == "mongodb":
            mongodb = MongoServer(folder)
        context = Context(asked.seed, asked.short, folder, say, mongodb=mongodb)
        rows, bad = run_scenarios(context, asked.is_asked)
        if asked.controls:
            control_rows, silent = run_controls(context, asked.is_asked)
    finally:
        if mongodb:
            mongodb.close()
        shutil.rmtree(folder, ignore_errors=True)
    print_table(rows + control_rows)
    say(f"chaos: {'verdicts in ' + ', '.join(bad) if bad else 'no verdict'} (seed {asked.seed})")
    if asked.controls:
        say(f"controls: {'not found out: ' + ', '.join(silent) if silent else f'all {len(control_rows)} found out'}")
    return 1 if bad or silent or not rows + control_rows else 0


if __name__ == "__main__":
    sys.exit(main())
