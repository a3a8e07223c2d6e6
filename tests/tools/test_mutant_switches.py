# Tests of both forms of a line in one build, as `make mutants --fast` has them for headers.
import subprocess

import pytest
from mutant_switches import VARIABLE, Switched, switched
from mutants import all_mutants, whole


@pytest.mark.parametrize(
    "line, after, form",
    [
        ("    failures_ = 0;", "", "if (mutant::is(7)) {  } else { failures_ = 0; }"),
        (
            "    if (a) return b;  // So that.",
            "    if (!(a)) return b;  // So that.",
            "if (mutant::is(7)) { if (!(a)) return b; } else { if (a) return b; }",
        ),
        ("    int left_ = 0;  ///< Of all.", "    int left_ = 1;  ///< Of all.", "    int left_ = (mutant::is(7) ? (1) : (0));"),
        ("    milliseconds most{5};", "    milliseconds most{6};", "    milliseconds most{(mutant::is(7) ? (6) : (5))};"),
        (
            "    bool ok() const { return a > b; }",
            "    bool ok() const { return a >= b; }",
            "    bool ok() const { if (mutant::is(7)) { return a >= b; } else { return a > b; } }",
        ),
        (
            "    } else if (f(a) || b) {",
            "    } else if (f(a) && b) {",
            "    } else if ((mutant::is(7) ? (bool(f(a) && b)) : (bool(f(a) || b)))) {",
        ),
        (
            "    for (int i = 0; i < n; ++i) {",
            "    for (int i = 1; i < n; ++i) {",
            "    for (int i = (mutant::is(7) ? (1) : (0)); i < n; ++i) {",
        ),
    ],
)
def test_a_line_has_both_forms(line, after, form):
    assert switched(7, line, after) == form


@pytest.mark.parametrize(
    "line, after",
    [
        ("static constexpr int none = -1;", "static constexpr int none = -2;"),
        ("    std::array<Ready, 3> ready_;", "    std::array<Ready, 4> ready_;"),
        ("    if (const auto found = f(a > b); found) {", "    if (const auto found = f(a >= b); found) {"),
        ("    return a > b &&", "    return a >= b &&"),
        ("    for (int i = 0; i < n; ++i) {", "    for (int i = 0; i <= n; ++i) {"),
        ("    void go(int times = 3);", "    void go(int times = 4);"),
    ],
)
def test_what_the_compiler_needs_to_know_or_goes_on_has_no_second_form(line, after):
    assert switched(7, line, after) is None


@pytest.fixture
def tree(tmp_path):
    made = Switched([], whole(all_mutants(["src/app/worker/core/pace.hpp", "src/app/worker/core/lane.hpp"])))
    made.root = tmp_path
    return made


def test_the_copy_has_the_forms_and_writes_again_only_what_changed(tree):
    tree.write()
    there = tree.root / "src/app/worker/core/pace.hpp"
    assert there.read_text().startswith('#include "mutant_switch.hpp"')
    for mutant in tree.mutants:
        assert tree.forms[mutant][1] in (tree.root / mutant.path).read_text()
    before = there.stat().st_mtime_ns
    (tree.root / "src/gone.cpp").write_text("")
    tree.write()
    assert there.stat().st_mtime_ns == before
    assert not (tree.root / "src/gone.cpp").exists()


def test_a_form_that_does_not_compile_is_left_out(tree, monkeypatch):
    told = []

    def make(self):
        told.append(len(self.forms))
        mutant = self.mutants[0]
        at = f"{self.root}/{mutant.path}:{mutant.line + 1}:7: error: no such thing"
        return at if len(told) == 1 else ""

    monkeypatch.setattr("mutant_build.Build.make", make)
    assert tree.make() == ""
    assert told[1] == told[0] - 1


def test_each_has_a_switch_of_its_own_and_none_is_on_without_one(tree):
    numbers = [tree.switch(mutant)[VARIABLE] for mutant in tree.mutants]
    assert len(set(numbers)) == len(numbers) > 3
    assert "0" not in numbers


def test_a_switch_turns_its_line_over(tmp_path):
    form = switched(7, "    return a > b;", "    return a <= b;")
    tree = Switched([], [])
    tree.root = tmp_path
    tree.write()
    code = f'#include "src/mutant_switch.hpp"\nbool f(int a, int b) {{ {form} }}\nint main() {{ return f(1, 2); }}\n'
    (tmp_path / "a.cpp").write_text(code)
    subprocess.run(["clang++-19", "-std=c++23", "-o", tmp_path / "a", tmp_path / "a.cpp"], check=True)
    assert subprocess.run([tmp_path / "a"]).returncode == 0
    assert subprocess.run([tmp_path / "a"], env={VARIABLE: "7"}).returncode == 1
    assert subprocess.run([tmp_path / "a"], env={VARIABLE: "8"}).returncode == 0
