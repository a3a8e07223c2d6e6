# Tries mutants on a build: what is run for each, in which order, and when it counts as killed. Not by chance: a test that
# fails has to fail twice, and what takes too long hangs only if the same tests without the mutant end in that time right
# afterwards, on a machine as busy.
import concurrent.futures
import os
import queue
import re
import shutil
import subprocess
import sys
import time
import typing

from mutant_build import Changed
from sources import ROOT, text

SLOWEST = 5  # Times as long as the same tests without a mutant: it hangs.
LONGEST_SECONDS = 900
TIMES = 3  # Tried again where the test that failed passes alone.

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


class Killer(typing.NamedTuple):
    by: str  # A step, or the compiler.
    told: str = ""  # Which test, or the verdict of which seed.

    def __str__(self):
        return f"{self.by}: {self.told}" if self.told else self.by


COMPILER = Killer("the compiler")


def tests_of(path):
    return next(tests for folder, tests in TESTS.items() if path.startswith(folder))


class Trials:
    """Of mutants of one build, whose programs pass without any."""

    def __init__(self, build, steps):
        self.build = build
        self.limits = {step: self._measured(step) for step in steps}

    def failure(self, step, at=None, environment=None):
        """What shows that the build's program, or the one at this place, fails with this environment; nothing if it passes."""
        program, only = STEPS[step]
        for _ in range(TIMES):
            told = self._told(program, only, self.limits[step], at, environment)
            while told is None and self._is_as_slow_without(step):
                told = self._told(program, only, self.limits[step], at, environment)
            if told is None:
                return f"hangs for {self.limits[step]:.0f} s"
            named = test_named(told)
            if not told or not named or program == "simulation":
                return named or told.strip()
            if self._told(program, named, self.limits[step], at, environment) != "":
                return named
        return f"{named}, only beside the others"

    def _is_as_slow_without(self, step):
        """Whether the limit is too short for a machine as busy as now; then it is longer afterwards."""
        if self._told(*STEPS[step], self.limits[step]) is not None:
            return False
        self.limits[step] *= 2
        if self.limits[step] > LONGEST_SECONDS:
            sys.exit(f"mutants: {step} does not end in {LONGEST_SECONDS} s without any mutant: the machine is too busy")
        return True

    def _told(self, program, only, limit, at=None, environment=None):
        """Nothing where all pass, what it printed where not, None where it did not end in time."""
        try:
            done = subprocess.run(
                self.build.command(program, only, at),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**self.build.environment(), **(environment or {})},
                timeout=limit,
            )
        except subprocess.TimeoutExpired:
            return None
        return done.stdout.decode(errors="replace") + f"\nended with {done.returncode}" if done.returncode else ""

    def _measured(self, step):
        began = time.monotonic()
        told = self._told(*STEPS[step], LONGEST_SECONDS)
        if told != "":
            why = "does not end" if told is None else test_named(told) or told[-500:]
            sys.exit(f"mutants: {step} fails without any mutant ({why}): mend that first")
        return SLOWEST * (time.monotonic() - began) + 5

    def switched(self, mutant, _):
        """What noticed the mutant with its switch on; or None."""
        for step in tests_of(mutant.path):
            failure = self.failure(step, environment=self.build.switch(mutant))
            if failure:
                return Killer(step, failure)
        return None

    def compiled(self, mutant, folder):
        """What noticed the mutant, compiled by itself; or None."""
        lines = text(mutant.path).splitlines()
        lines[mutant.line - 1] = mutant.after
        changed = Changed(self.build, folder, mutant.path, "\n".join(lines) + "\n")
        steps = tests_of(mutant.path)
        # A header is a part of much: the file and the test of its name are tried first, with the rest as it was.
        own = mutant.path.removesuffix(".hpp")
        has_own = any((ROOT / f"{own}{end}").is_file() for end in (".cpp", "_test.cpp"))
        near = [(steps[0], True)] if has_own and mutant.path.endswith(".hpp") else []
        for step, is_near in near + [(step, False) for step in steps]:
            program = changed.program(STEPS[step][0], is_near)
            if not program:
                return COMPILER
            failure = self.failure(step, program)
            if failure:
                return Killer(step, failure)
        return None


def test_named(told):
    """The first that failed, or that was running when the program ended; of the simulation, the seed and its verdict."""
    found = re.search(r"FAILED  \] ([\w./]+)|(seed \d+: [A-Z ]+[A-Z])", told)
    running = re.findall(r"RUN      \] ([\w./]+)", told)
    return (found[1] or found[2]) if found else running[-1] if running else ""


def try_all(folder, chosen, one):
    """Mutant, its killer by `one(mutant, folder)`, and the seconds: one more at a time than there are cores, as some wait."""
    folders = queue.SimpleQueue()
    at_a_time = os.cpu_count() + 1
    for number in range(at_a_time):
        folders.put(folder / str(number))

    def timed(mutant):
        own, began = folders.get(), time.monotonic()
        try:
            return mutant, one(mutant, own), time.monotonic() - began
        finally:
            folders.put(own)

    with concurrent.futures.ThreadPoolExecutor(at_a_time) as workers:
        trials = [workers.submit(timed, mutant) for mutant in chosen]
        for trial in concurrent.futures.as_completed(trials):
            yield trial.result()
    shutil.rmtree(folder, ignore_errors=True)
