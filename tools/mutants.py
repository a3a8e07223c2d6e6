# `make mutants`: tries the tests. It changes one condition, bound, sign or line of the rules at a time, and runs the tests
# that must notice. A mutant is killed when one of them fails, or stands in mutants_equal.txt with the reason why nobody
# could tell the difference.
#   mutants.py [--fast] [--sample N] [--seed S] [--all] [--from N] [--list] [PATH...]
# The whole is half of the lines that can be changed, drawn by their text, with one change of each: a new line comes in by
# itself, and a moved one stays what it was. Turning a whole condition round is left out where something finer can be
# changed. --all is each change of each line, five times as many, which takes hours and found little more.
# --sample draws from the whole, without --fast from its .cpp files alone. --fast uses a build of its own without sanitizers
# (preset mutants): it has to be built first, and then tries three in the time of one; those of headers have one build for
# all (mutant_switches.py). --from goes on with the Nth, by the numbers that --list and a run print: they end in another order.
import argparse
import collections
import dataclasses
import hashlib
import itertools
import re
import sys

from mutant_build import Build
from mutant_switches import Switched
from mutant_trials import COMPILER, STEPS, TESTS, Trials, tests_of, try_all
from mutations import changes_of
from sources import CPP, ROOT, files, text

EQUAL = ROOT / "tools/mutants_equal.txt"
BETWEEN = " → "  # The parts of a mutant: code has every other separator.
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


def judge(trials, numbers=None):
    """Tells each, then all; returns the exit code."""
    survived, killers = [], collections.Counter()
    for count, (mutant, killer, seconds) in enumerate(trials, 1):
        killers[killer and killer.by] += 1
        if killer is None:
            survived.append(mutant)
        told = f"killed by {killer}" if killer else "SURVIVED"
        print(f"  {numbers[mutant] if numbers else count}, {seconds:.0f} s, {told}: {mutant}", flush=True)
    uncompiled = killers.pop(COMPILER.by, 0)
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


def built(build):
    wrong = build.make()
    if wrong:
        sys.exit(wrong + "mutants: the tree does not build without any mutant")
    return build


def trials_of(chosen, is_fast):
    """Of each: the mutant, its killer and the seconds."""
    steps = sorted({step for one in chosen for step in tests_of(one.path)})
    programs = sorted({STEPS[step][0] for step in steps})
    alone = chosen
    if is_fast and any(mutant.path.endswith(".hpp") for mutant in chosen):
        switched = built(Switched(programs, [mutant for mutant in chosen if mutant.path.endswith(".hpp")]))
        trials = Trials(switched, steps)
        noticed = set()
        for trial in try_all(switched.folder / "mutants", switched.mutants, trials.switched):
            if trial[1]:
                noticed.add(trial[0])
                yield trial
        # Who survives a switch has to survive without it.
        alone = [mutant for mutant in chosen if mutant not in noticed]
    if alone:
        build = built(Build("mutants" if is_fast else "dev", programs))
        yield from try_all(build.folder / "mutants", alone, Trials(build, steps).compiled)


def main():
    options = argparse.ArgumentParser(prog="make mutants")
    options.add_argument("paths", nargs="*", help="files or folders; none: all that is tried")
    options.add_argument("--sample", type=int, help="so many of them, drawn by the seed")
    options.add_argument("--seed", default="1", help="any text")
    options.add_argument("--all", action="store_true", help="every change of every line")
    options.add_argument("--fast", action="store_true", help="a build without sanitizers")
    options.add_argument("--from", dest="first", type=int, default=1, help="go on with the Nth")
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
    numbers = {mutant: number for number, mutant in enumerate(chosen, 1)}
    chosen = chosen[max(asked.first, 1) - 1 :]
    if not chosen:
        sys.exit("mutants: nothing to try: name files of domain, codec or the worker's core, and a sample above 0")
    if asked.list:
        print("\n".join(f"{numbers[mutant]}, {mutant}" for mutant in chosen))
        return 0
    print(f"mutants: {len(chosen)} to try, {len(equal)} known as equal (seed {asked.seed})", flush=True)
    return judge(trials_of(chosen, asked.fast), numbers)


if __name__ == "__main__":
    sys.exit(main())
