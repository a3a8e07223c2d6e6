# Tests of when a mutant counts as killed: by programs that do as told, since a mutant is no more than a program that fails.
import os
import pathlib
import sys

import pytest
from mutant_build import Changed
from mutant_trials import Trials
from sources import ROOT

FAILS = "print('[ RUN      ] A.B'); print('[  FAILED  ] A.B (1 ms)'); sys.exit(1)"


class Programs:
    """In place of a build's: Python that knows its filter, and by MUTANT whether it is one."""

    def __init__(self, code):
        self.code = code

    def command(self, program, only="", at=None):
        return [sys.executable, "-c", f"import os, sys, threading; only = {only!r}; {self.code}"]

    def environment(self):
        return dict(os.environ)


@pytest.fixture
def trials(monkeypatch, tmp_path):
    def made(code):
        monkeypatch.setenv("COUNT", str(tmp_path / "count"))
        return Trials(Programs(code), ["codec_test"])

    return made


def failure_of(trials):
    return trials.failure("codec_test", environment={"MUTANT": "1"})


def test_what_fails_is_named(trials):
    assert failure_of(trials(f"\nif os.environ.get('MUTANT'): {FAILS}")) == "A.B"


def test_what_crashes_is_named_by_what_was_running(trials):
    crash = "print('[ RUN      ] A.C', flush=True); os.abort()"
    assert failure_of(trials(f"\nif os.environ.get('MUTANT'): {crash}")) == "A.C"


def test_what_passes_kills_nobody(trials):
    assert not failure_of(trials(""))


def test_a_test_that_fails_only_once_kills_nobody(trials):
    once = "open(os.environ['COUNT'], 'x')"
    code = f"\nif os.environ.get('MUTANT') and not os.path.exists(os.environ['COUNT']): {once}; {FAILS}"
    assert not failure_of(trials(code))


def test_a_test_that_fails_only_beside_the_others_says_so(trials):
    told = failure_of(trials(f"\nif os.environ.get('MUTANT') and not only: {FAILS}"))
    assert told == "A.B, only beside the others"


def test_what_never_ends_hangs(trials):
    hanging = trials("\nif os.environ.get('MUTANT'): threading.Event().wait(60)")
    hanging.limits["codec_test"] = 1
    assert failure_of(hanging).startswith("hangs for ")


def test_a_machine_that_became_slow_kills_nobody(trials):
    slow = trials("\nif os.path.exists(os.environ['COUNT']): threading.Event().wait(1.2)")
    open(os.environ["COUNT"], "x").close()
    slow.limits["codec_test"] = 0.7
    assert not failure_of(slow)
    assert slow.limits["codec_test"] > 1.2


def test_what_fails_without_a_mutant_is_no_measure(trials):
    with pytest.raises(SystemExit, match="fails without any mutant"):
        trials(FAILS)




def test_of_files_compiled_together_only_the_changed_one_is_another(tmp_path):
    path, other = "src/domain/decide.cpp", f'#include "{ROOT}/src/domain/fences.cpp"\n'
    batch = tmp_path / "unity_0_cxx.cxx"
    batch.write_text(f'#include "{ROOT / path}"\n{other}', encoding="utf-8")
    changed = Changed(None, tmp_path / "changed", path, "// changed\n")
    made = pathlib.Path(changed.source_of(batch))
    assert made.read_text(encoding="utf-8") == f'#include "{changed.there}"\n{other}'
    assert changed.source_of(ROOT / path) == str(changed.there)
    assert changed.source_of(ROOT / "src/domain/fences.cpp") == str(ROOT / "src/domain/fences.cpp")
