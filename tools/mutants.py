# `make mutants`: tries the tests. It changes one condition, bound, sign or line of the rules at a time, and runs the tests
# that must notice. A mutant is killed when one of them fails, or stands in mutants_equal.txt with the reason why nobody
# could tell the difference.
#   mutants.py [--fast] [--sample N] [--seed S] [--all] [--list] [PATH...]
# The whole is half of the lines that can be changed, drawn by their text, with one change of each: a new line comes in by
# itself, and a moved one stays what it was. Turning a whole condition round is left out where something finer can be
# changed. --all is each change of each line, five times as many, which takes hours and found little more.
# --sample draws from the whole, without --fast from its .cpp files alone. --fast uses a build of its own without sanitizers (preset mutants): it has to be built
# first, and then tries three in the time of one.
import argparse
import collections
import concurrent.futures
import dataclasses
import hashlib
import itertools
import os
import queue
import re
import shutil
import subprocess
import sys
import time

from mutant_build import Build, Changed
from mutations import changes_of
from sources import CPP, ROOT, files, text

EQUAL = ROOT / "tools/mutants_equal.txt"
BETWEEN = " → "  # The parts of a mutant: code has every other separator.
SLOWEST = 5  # Times as long as the same tests without a mutant: it hangs.

# What must notice: a program of the build and, where it is only a part of its tests, which ones. Those that wait for
# long, or drive what is not tried here, are not among the quick ones.
CORE = "-MessageWorker*:OffsetTracker.*:HangingStoreTest.*:Catalog*:DeadLetter*:LateWrites*:ProductSize*"
STEPS = {
    "domain_test": ("domain_test", ""),
    "codec_test": ("codec_test", ""),
    "simulation": ("simulation", ""),
    "app_test": ("app_test", "-MessageWorker*:HangingStoreTest.*:OffsetTracker.*"),
    "app_test of the core": ("app_test", CORE),
    "app_test of the offsets": ("app_test", "OffsetTracker.*"),
    "app_test of the worker": ("app_test", "MessageWorker*"),
}
# What is tried, and in which order it is tried with: the quick ones first.
TESTS = {
    "src/domain/": ["domain_test", "app_test", "simulation", "app_test of the worker"],
    "src/codec/": ["codec_test", "app_test", "app_test of the worker"],
    "src/app/worker/core/": ["app_test of the core", "simulation", "app_test of the worker"],
    "src/app/worker/offsets/": ["app_test of the core", "app_test of the offsets", "simulation", "app_test of the worker"],
}
NOT_TRIED = ("_test.cpp", "_fixture.hpp", "/worker_settings.hpp")
# Defaults and constants of the worker say how much, not what: no test tells 1,000 from 1,001.
TUNING = re.compile(r"^\s*(?:static )?constexpr [^()]*[={]\s*[\d']+\w*\}?;")


@dataclasses.dataclass(frozen=True)
class Mutant:
    path: str
    line: int  # From 1.
    before: str
    after: str  # Empty: the line is gone.

    @property
    def key(self):
        """Without the number: lines move."""
        return BETWEEN.join((self.path, self.before.strip(), self.after.strip()))

    @property
    def is_coarse(self):
        return self.after.count("(!(") > self.before.count("(!(")

    def drawn(self, seed=""):
        """Its place among the others: by its own text, so that a change elsewhere draws no other ones."""
        return hashlib.sha256(f"{seed} {self.key}".encode()).digest()

    def __str__(self):
        return f"{self.path}:{self.line}: {self.before.strip()}  →  {self.after.strip() or '(nothing)'}"


def mutants_of(path):
    for number, line in enumerate(text(path).splitlines(), 1):
        if path.startswith("src/app/worker/core/") and TUNING.match(line):
            continue
        for after in dict.fromkeys(changes_of(line)):
            yield Mutant(path, number, line, after)


def all_mutants(under):
    named = [name for name in files(*CPP, under=tuple(TESTS)) if name.startswith(tuple(under))]
    named = [name for name in named if not name.endswith(NOT_TRIED)]
    return [mutant for name in named for mutant in mutants_of(name)]


def whole(mutants):
    """Of half of the lines one each."""
    kept = []
    for _, line in itertools.groupby(mutants, key=lambda mutant: (mutant.path, mutant.line)):
        line = list(line)
        one = min([mutant for mutant in line if not mutant.is_coarse] or line, key=Mutant.drawn)
        if hashlib.sha256(f"{one.path} {one.before.strip()}".encode()).digest()[0] % 2 == 0:
            kept.append(one)
    return kept


def sample(mutants, count, seed):
    return sorted(sorted(mutants, key=lambda mutant: mutant.drawn(seed))[:count], key=str)


def known_equal():
    """Key → why."""
    lines = [line for line in EQUAL.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return dict(equal_of(line) for line in lines)


def equal_of(line):
    parts = line.split(BETWEEN, 3)
    if len(parts) < 4:
        sys.exit(f"{EQUAL.relative_to(ROOT)}: four parts with '{BETWEEN}' between them are wanted, not: {line}")
    return BETWEEN.join(parts[:3]), parts[3]


# ------------------------------------------------------------------------------------------------ trying


def tests_of(path):
    return next(tests for folder, tests in TESTS.items() if path.startswith(folder))


def passes(build, step, limit, at=None):
    """Whether the tests pass, in time."""
    try:
        return not subprocess.run(
            build.command(*STEPS[step], at),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=build.environment(),
            timeout=limit,
        ).returncode
    except subprocess.TimeoutExpired:
        return False


def try_mutant(build, mutant, limits, folder):
    """What noticed it: a program, the compiler, or None."""
    lines = text(mutant.path).splitlines()
    lines[mutant.line - 1] = mutant.after
    changed = Changed(build, folder, mutant.path, "\n".join(lines) + "\n")
    steps = tests_of(mutant.path)
    # A header is a part of much: the file and the test of its name are tried first, with the rest as it was.
    own = mutant.path.removesuffix(".hpp")
    has_own = any((ROOT / f"{own}{end}").is_file() for end in (".cpp", "_test.cpp"))
    near = [(steps[0], True)] if has_own and mutant.path.endswith(".hpp") else []
    for step, is_near in near + [(step, False) for step in steps]:
        program = changed.program(STEPS[step][0], is_near)
        if not program:
            return "the compiler"
        if not passes(build, step, limits[step], program):
            return step
    return None


def measure(build, steps):
    """Seconds each may take; they must pass without a mutant."""
    limits = {}
    for step in steps:
        began = time.monotonic()
        if not passes(build, step, 900):
            sys.exit(f"mutants: {step} fails without any mutant: mend that first")
        limits[step] = SLOWEST * (time.monotonic() - began) + 5
    return limits


def try_all(build, chosen, limits):
    """Mutant, what noticed it and the seconds, one more at a time than there are cores: some tests wait."""
    base = build.folder / "mutants"
    folders = queue.SimpleQueue()
    at_a_time = os.cpu_count() + 1
    for number in range(at_a_time):
        folders.put(base / str(number))

    def one(mutant):
        folder, began = folders.get(), time.monotonic()
        try:
            return mutant, try_mutant(build, mutant, limits, folder), time.monotonic() - began
        finally:
            folders.put(folder)

    with concurrent.futures.ThreadPoolExecutor(at_a_time) as workers:
        trials = [workers.submit(one, mutant) for mutant in chosen]
        for trial in concurrent.futures.as_completed(trials):
            yield trial.result()
    shutil.rmtree(base)


def judge(trials):
    survived, killers = [], collections.Counter()
    for count, (mutant, killer, seconds) in enumerate(trials, 1):
        killers[killer] += 1
        if killer is None:
            survived.append(mutant)
        told = f"killed by {killer}" if killer else "SURVIVED"
        print(f"  {count}, {seconds:.0f} s, {told}: {mutant}", flush=True)
    uncompiled = killers.pop("the compiler", 0)
    tried = killers.total()
    print(f"mutants: {tried - len(survived)} of {tried} killed, {uncompiled} did not compile")
    for killer, count in killers.most_common():
        if killer:
            print(f"  by {killer}: {count}")
    for mutant in sorted(survived, key=str):
        print(f"  survived: {mutant}")
    if survived:
        print(f"Write a test that fails with it, or put it into {EQUAL.relative_to(ROOT)} with the reason.")
    if not tried:
        print("It proves nothing: none of them compiles, so look at the build, or draw another sample.")
    return 1 if survived or not tried else 0


def main():
    options = argparse.ArgumentParser(prog="make mutants")
    options.add_argument("paths", nargs="*", help="files or folders; none: all that is tried")
    options.add_argument("--sample", type=int, help="so many of them, drawn by the seed")
    options.add_argument("--seed", default="1", help="any text")
    options.add_argument("--all", action="store_true", help="every change of every line")
    options.add_argument("--fast", action="store_true", help="a build without sanitizers")
    options.add_argument("--list", action="store_true", help="only name them")
    asked = options.parse_args()
    chosen = all_mutants(asked.paths or list(TESTS))
    chosen = chosen if asked.all else whole(chosen)
    equal = known_equal()
    chosen = [mutant for mutant in chosen if mutant.key not in equal]
    if asked.sample is not None:
        # With sanitizers a header takes minutes: all that includes it is compiled again.
        chosen = [mutant for mutant in chosen if asked.fast or mutant.path.endswith(".cpp")]
        chosen = sample(chosen, asked.sample, asked.seed)
    if not chosen:
        sys.exit("mutants: nothing to try: name files of domain, codec or the worker's core, and a sample above 0")
    if asked.list:
        print("\n".join(map(str, chosen)))
        return 0
    print(f"mutants: {len(chosen)} to try, {len(equal)} known as equal (seed {asked.seed})", flush=True)
    steps = sorted({step for one in chosen for step in tests_of(one.path)})
    build = Build("mutants" if asked.fast else "dev", sorted({STEPS[step][0] for step in steps}))
    wrong = build.make()
    if wrong:
        sys.exit(wrong + "mutants: the tree does not build without any mutant")
    return judge(try_all(build, chosen, measure(build, steps)))


if __name__ == "__main__":
    sys.exit(main())
