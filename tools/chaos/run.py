# `make chaos`: runs every scenario, has the oracle judge each, and prints a table. Prints its seed first; the same seed
# makes the same messages and the same decisions. --short is for CI, --controls adds the negative controls.
import argparse
import pathlib
import random
import shutil
import sys
import tempfile
import time

from evidence import Evidence
from node import ROOT
from oracle import VERDICTS, judge
from scenarios import Context, table

EVIDENCE_LINES = 5


def say(text):
    print(text, flush=True)


def examine(context, name, scenario):
    """Runs and judges one scenario; (name, messages, kills, findings, seconds)."""
    began = time.monotonic()
    stage, evidence = scenario(), Evidence()
    stage.settle(evidence)
    findings = judge(stage.ledger, evidence)
    seconds = time.monotonic() - began
    shutil.rmtree(stage.folder)
    return name, len(stage.ledger.records), stage.kills, findings, seconds, stage.told


def show(findings):
    for verdict, lines in findings.found.items():
        for line in lines[:EVIDENCE_LINES]:
            say(f"  {verdict}: {line}")
        if len(lines) > EVIDENCE_LINES:
            say(f"  {verdict}: … and {len(lines) - EVIDENCE_LINES} more")


def print_table(rows):
    say(f"\n{'scenario':24}{'messages':>9}{'kills':>6}" + "".join(f"{v:>15}" for v in VERDICTS) + f"{'seconds':>9}")
    for name, messages, kills, findings, seconds, _ in rows:
        counts = "".join(f"{count:>15}" for count in findings.counts().values())
        say(f"{name:24}{messages:>9}{kills:>6}{counts}{seconds:>9.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--short", action="store_true", help="for CI: fewer messages, shorter outages")
    parser.add_argument("--controls", action="store_true", help="and the variants that must be found out")
    parser.add_argument("-k", dest="only", default="", help="only scenarios whose name has this")
    asked = parser.parse_args()
    say(f"chaos: seed {asked.seed}" + (" (short)" if asked.short else ""))
    (ROOT / "build").mkdir(exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chaos-", dir=ROOT / "build"))
    rows = []
    try:
        context = Context(asked.seed, asked.short, folder, say)
        for name, scenario in table(context).items():
            if asked.only not in name:
                continue
            say(f"{name} …")
            rows.append(examine(context, name, scenario))
            say(f"  {rows[-1][-1]}")
            show(rows[-1][3])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print_table(rows)
    bad = [row[0] for row in rows if not row[3].clean]
    say(f"chaos: {'verdicts in ' + ', '.join(bad) if bad else 'no verdict'} (seed {asked.seed})")
    return 1 if bad or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
