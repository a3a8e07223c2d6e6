# `make simulation-controls`: puts known defects back into the worker, one at a time, and says after how many seeds the
# simulation finds each, or else by which of its scenarios. What neither finds fails the run.
import argparse
import concurrent.futures
import dataclasses
import os
import queue
import re
import shutil
import subprocess
import sys

from mutant_build import Build, Changed
from sources import ROOT, text

CORE = "src/app/worker/core/"
CHAOS = "chaos/node/mutants.cmake"
# What the model has a part of its own for: the shell and its letters, and the driver of MongoDB.
SCENARIOS_SECONDS = 300
ELSEWHERE = ("src/app/worker/message_worker.cpp", "src/app/worker/letter_writer.cpp", "src/outbound/")


@dataclasses.dataclass(frozen=True)
class Defect:
    name: str
    path: str
    before: str
    after: str


# Defects that the worker had, or a draft of its core. Not here is what another part makes up for, or what only a unit test
# can tell, since it costs no more than time.
KNOWN = [
    Defect("passes a condemned message", f"{CORE}ends.cpp", "    lanes_.await_letter(item);\n", ""),
    Defect(
        "has no record of its own for proof",
        f"{CORE}isolation.cpp",
        "bool Isolation::wants_proof(const Now& now) {",
        "bool Isolation::wants_proof(const Now& now) { return false;",
    ),
    Defect(
        "probes with what fails alone",
        f"{CORE}dispatcher.cpp",
        "    if (std::exchange(probes_failing_, !probes_failing_)) {",
        "    if (true) {",
    ),
    Defect(
        "mixes a culprit with others again",
        f"{CORE}isolation.cpp",
        "parts_.lanes.trust(lane, is_own ? Trust::culprit : std::max(lane.trust, Trust::suspect));",
        "parts_.lanes.trust(lane, Trust::trusted);",
    ),
    Defect(
        "condemns the good with the bad",
        f"{CORE}isolation.cpp",
        "        if (trial.left.size() > 1) {",
        "        for (; trial.left.size() > 1; trial.left.pop_back()) parts_.ends.reject(trial.left.back(), *trial.failure);\n"
        "        if (false) {",
    ),
    Defect(
        "holds nothing while too much waits",
        f"{CORE}partition_gates.cpp",
        "return parking_.is_crowded(partition) || intake_.is_waiting_share_full() || !intake_.has_ordinary_room();",
        "return false;",
    ),
    Defect(
        "gives up what no look has missed",
        f"{CORE}parking.cpp",
        "    return item.overdue && known_ >= *item.overdue && is_read_to_the_told_end();",
        "    return item.overdue.has_value();",
    ),
    Defect("sleeps through a breaker that half opens", f"{CORE}worker_core.cpp", "    if (!is_probing && phase_ == Phase::working) at(breaker_.next_change());", ""),
]


def of_chaos():
    """The mutants of `make chaos` that lie in what the simulation drives."""
    found = re.findall(r'productd_mutant\((\w+)\s+FILE (\S+)\s+FROM "((?:[^"\\]|\\.)*)"\s+TO "((?:[^"\\]|\\.)*)"\)', text(CHAOS))
    plain = [[part.replace('\\"', '"') for part in one] for one in found]
    return [Defect(*one) for one in plain if not one[1].startswith(ELSEWHERE)]


def found_after(build, defect, seeds, folder):
    """The number of seeds and the verdict, or `-` and the scenario; nothing and why where it was not found."""
    there = text(defect.path)
    if defect.before not in there:
        return None, f"{defect.path} has not the text that this changes: mend tools/simulation_controls.py"
    changed = Changed(build, folder, defect.path, there.replace(defect.before, defect.after))
    program = changed.program("simulation")
    if not program:
        return None, "it does not compile"
    begin, size = 1, 25
    while begin <= seeds:
        done = subprocess.run(
            [program, "--from", str(begin), "--seeds", str(size), "--brief"], capture_output=True, text=True
        )
        told = re.search(r"seed (\d+): ([A-Z ]+[A-Z])", done.stdout)
        if told:
            return int(told[1]), told[2]
        if done.returncode:
            return begin, f"it ends with {done.returncode}"
        begin, size = begin + size, min(3 * size, seeds)
    return by_scenario(changed)


def by_scenario(changed):
    """The first scenario that fails."""
    program = changed.program("simulation_test")
    try:
        done = subprocess.run([program, "--gtest_fail_fast"], capture_output=True, text=True, timeout=SCENARIOS_SECONDS)
    except subprocess.TimeoutExpired:
        return None, f"the scenarios do not end within {SCENARIOS_SECONDS} s"
    failed = re.search(r"FAILED  \] \w+\.(\w+)", done.stdout)
    return ("-", failed[1]) if failed else (None, "not found")


def main():
    options = argparse.ArgumentParser(prog="make simulation-controls")
    options.add_argument("--seeds", type=int, default=2_000)
    asked = options.parse_args()
    build = Build("release", ["simulation", "simulation_test"])
    wrong = build.make()
    if wrong:
        sys.exit(wrong + "simulation-controls: the tree does not build without any defect")
    base, folders = build.folder / "simulation-controls", queue.SimpleQueue()
    for number in range(os.cpu_count()):
        folders.put(base / str(number))

    def one(defect):
        folder = folders.get()
        try:
            return defect, *found_after(build, defect, asked.seeds, folder)
        finally:
            folders.put(folder)

    missed = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
        for defect, seed, told in workers.map(one, [*of_chaos(), *KNOWN]):
            print(f"  {defect.name:50} {seed or '?':>6}  {told}", flush=True)
            missed += [] if seed else [defect.name]
    shutil.rmtree(base)
    print(f"simulation-controls: {'not found: ' + ', '.join(missed) if missed else 'all found'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
