# `make mutants`: tries the tests. It changes one condition, bound, sign or line of the rules at a time, in a copy of the
# tree, and runs the tests that must notice. A mutant is killed when one of them fails, or stands in
# mutants_equal.txt with the reason why nobody could tell the difference.
#   mutants.py [--seed N] [--sample N] [--list] [PATH...]     all mutants of the files below PATH, or N of them
import argparse
import dataclasses
import hashlib
import os
import shutil
import subprocess
import sys
import time

from mutations import changes_of
from sources import CPP, ROOT, files, text

TREE = ROOT / "build/mutants"
BUILD = TREE / "build/dev"  # As far from its sources as ours is, or ccache knows nothing of it.
EQUAL = ROOT / "tools/mutants_equal.txt"
BETWEEN = " → "  # The parts of a mutant: code has every other separator.
SEEDS = 60  # Of the simulation, for each mutant of the worker.
SLOWEST = 5  # Times as long as the same tests without a mutant: it hangs.

# What is tried, and what must notice: programs of the build, in this order, the quick ones first.
TESTS = {
    "src/domain/": ["domain_test", "simulation", "app_test"],
    "src/codec/": ["codec_test", "contract_test", "app_test"],
    "src/app/worker/core/": ["simulation", "app_test"],
    "src/app/worker/offsets/": ["app_test", "simulation"],
}
SILENT = '_Pragma("clang diagnostic ignored \\"-Weverything\\"") '  # Tests are to notice, not warnings.


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

    def __str__(self):
        return f"{self.path}:{self.line}: {self.before.strip()}  →  {self.after.strip() or '(nothing)'}"


def mutants_of(path):
    for number, line in enumerate(text(path).splitlines(), 1):
        for after in dict.fromkeys(changes_of(line)):
            yield Mutant(path, number, line, after)


def all_mutants(under):
    named = [name for name in files(*CPP, under=tuple(TESTS)) if name.startswith(tuple(under))]
    named = [name for name in named if not name.endswith(("_test.cpp", "_fixture.hpp"))]
    return [mutant for name in named for mutant in mutants_of(name)]


def sample(mutants, count, seed):
    """By their own hash: a change elsewhere draws no other ones."""
    drawn = sorted(mutants, key=lambda mutant: hashlib.sha256(f"{seed} {mutant.key}".encode()).digest())
    return sorted(drawn[:count], key=str)


def known_equal():
    """Key → why."""
    lines = [line for line in EQUAL.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return dict(equal_of(line) for line in lines)


def equal_of(line):
    parts = line.split(BETWEEN, 3)
    if len(parts) < 4:
        sys.exit(f"{EQUAL.relative_to(ROOT)}: four parts with '{BETWEEN}' between them are wanted, not: {line}")
    return BETWEEN.join(parts[:3]), parts[3]


# ------------------------------------------------------------------------------------------------ the copy


def copy_tree():
    """Only what differs is written, so that only that is built again."""
    wanted = set(files())
    for name in wanted:
        there = TREE / name
        if there.is_file() and there.read_bytes() == (ROOT / name).read_bytes():
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, there)
    for there in TREE.rglob("*"):
        if there.is_file() and BUILD not in there.parents and str(there.relative_to(TREE)) not in wanted:
            there.unlink()


def program(name):
    found = next(path for path in (BUILD / "src" / name, BUILD / "tests" / name) if path.is_file())
    return [found, "--seeds", str(SEEDS), "--brief"] if name == "simulation" else [found, "--gtest_brief=1"]


def build(targets):
    return subprocess.run(["cmake", "--build", BUILD, "--target", *targets], capture_output=True, text=True)


def passes(name, limit):
    """Whether the tests pass, in time; a program of tests runs as two halves."""
    halves = 1 if name == "simulation" else 2
    running = []
    for half in range(halves):
        shard = {"GTEST_TOTAL_SHARDS": str(halves), "GTEST_SHARD_INDEX": str(half)} if halves > 1 else {}
        running.append(
            subprocess.Popen(
                program(name),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **shard, "GTEST_FAIL_FAST": "1"},
            )
        )
    good = True
    until = time.monotonic() + limit
    for process in running:
        try:
            good = process.wait(max(until - time.monotonic(), 0.1)) == 0 and good
        except subprocess.TimeoutExpired:
            good = False
    for process in running:
        if process.poll() is None:
            process.kill()
            process.wait()
    return good


def tests_of(path):
    return next(tests for folder, tests in TESTS.items() if path.startswith(folder))


def try_mutant(mutant, limits):
    """What noticed it: a program, the compiler, or None."""
    there = TREE / mutant.path
    whole = there.read_text(encoding="utf-8")
    lines = whole.splitlines(keepends=True)
    lines[mutant.line - 1] = mutant.after + "\n"
    lines[0] = SILENT + lines[0]
    there.write_text("".join(lines), encoding="utf-8")
    try:
        for name in tests_of(mutant.path):
            if build([name]).returncode:
                return "the compiler"
            if not passes(name, limits[name]):
                return name
        return None
    finally:
        there.write_text(whole, encoding="utf-8")


def measure(names):
    """Seconds each program may take; they must pass without a mutant."""
    limits = {}
    for name in names:
        began = time.monotonic()
        if not passes(name, 900):
            sys.exit(f"mutants: {name} fails without any mutant: mend that first")
        limits[name] = SLOWEST * (time.monotonic() - began) + 10
    return limits


def main():
    options = argparse.ArgumentParser(prog="make mutants")
    options.add_argument("paths", nargs="*", help="files or folders; none: all that is tried")
    options.add_argument("--sample", type=int, help="so many of them, drawn by the seed")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--list", action="store_true", help="only name them")
    asked = options.parse_args()
    chosen = all_mutants(asked.paths or list(TESTS))
    equal = known_equal()
    chosen = [mutant for mutant in chosen if mutant.key not in equal]
    if asked.sample is not None:
        chosen = sample(chosen, asked.sample, asked.seed)
    if not chosen:
        sys.exit("mutants: nothing to try: name files of domain, codec or the worker's core, and a sample above 0")
    if asked.list:
        print("\n".join(map(str, chosen)))
        return 0
    print(f"mutants: {len(chosen)} to try, {len(equal)} known as equal (seed {asked.seed})", flush=True)
    copy_tree()
    targets = sorted({name for mutant in chosen for name in tests_of(mutant.path)})
    configured = subprocess.run(["cmake", "--preset", "dev"], cwd=TREE, capture_output=True, text=True)
    built = configured if configured.returncode else build(targets)
    if built.returncode:
        sys.exit(built.stdout + built.stderr + "mutants: the tree does not build without any mutant")
    limits = measure(targets)
    return judge(chosen, limits)


def judge(chosen, limits):
    survived, uncompiled = [], 0
    for count, mutant in enumerate(chosen, 1):
        began = time.monotonic()
        killer = try_mutant(mutant, limits)
        uncompiled += killer == "the compiler"
        if killer is None:
            survived.append(mutant)
        told = f"killed by {killer}" if killer else "SURVIVED"
        print(f"  {count} of {len(chosen)}, {time.monotonic() - began:.0f} s, {told}: {mutant}", flush=True)
    tried = len(chosen) - uncompiled
    print(f"mutants: {tried - len(survived)} of {tried} killed, {uncompiled} did not compile")
    for mutant in survived:
        print(f"  survived: {mutant}")
    if survived:
        print(f"Write a test that fails with it, or put it into {EQUAL.relative_to(ROOT)} with the reason.")
    if not tried:
        print("It proves nothing: none of them compiles, so look at the build in build/mutants, or draw another sample.")
    return 1 if survived or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
