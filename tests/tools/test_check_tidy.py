# What check_tidy.py remembers, on a made-up project with a stand-in for clang-tidy that writes down each call and finds
# the word BAD in a file and the headers beside it.
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import pytest

import tidy_cache
import tidy_compile

TOOLS = pathlib.Path(tidy_cache.__file__).parent
CLANG_TIDY = """#!/usr/bin/python3
import pathlib, re, sys
if "--version" in sys.argv:
    print((pathlib.Path(__file__).parent / "version").read_text())
    sys.exit(0)
name = sys.argv[-1]
with open(pathlib.Path(__file__).parent / "calls", "a") as calls:
    calls.write(name + "\\n")
folder = pathlib.Path(name).parent
included = map(pathlib.Path, re.findall('#include "(/[^"]+)"', pathlib.Path(name).read_text()))
bad = [path for path in [pathlib.Path(name), *folder.glob("*.hpp"), *included] if "BAD" in path.read_text()]
for path in bad:
    print(f"{path.absolute()}:1:1: error: a bad word [made-up,-warnings-as-errors]")
sys.exit(1 if bad else 0)
"""


class Project:
    """Two files, src/a/one.cpp and src/b/two.cpp; only the first includes src/a/one.hpp, through src/a/between.hpp."""

    def __init__(self, root, home):
        self.root, self.home, self.bin = root, home, home / "bin"
        self.bin.mkdir(exist_ok=True)
        self.cache = home / "cache" / "productd" / "tidy"
        (root / "tools").mkdir(parents=True)
        for name in ("check_tidy.py", "tidy_batches.py", "tidy_cache.py", "tidy_compile.py", "tidy_scope.cpp", "sources.py"):
            shutil.copy(TOOLS / name, root / "tools")
        self.write(".clang-tidy", "Checks: all\n")
        self.write(".gitignore", "build/\n")
        self.write("src/a/one.cpp", '#include "a/between.hpp"\n')
        self.write("src/a/between.hpp", '#include "one.hpp"\n')
        self.write("src/a/one.hpp", "int one();\n")
        self.write("src/b/two.cpp", "#include <vector>\n")
        self.compile("-O1")
        self.program("clang-tidy-19", CLANG_TIDY)
        self.program("clang++-19", "#!/bin/sh\nexit 1\n")
        (self.bin / "version").write_text("19.1.7")
        subprocess.run(["git", "init", "--quiet", root], check=True)

    def write(self, name, content):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def program(self, name, content):
        (self.bin / name).write_text(content)
        (self.bin / name).chmod(0o755)

    def compile(self, *flags):
        entries = []
        for name in ("src/a/one.cpp", "src/b/two.cpp"):
            words = ["clang++-19", f"-I{self.root}/src", *flags, "-o", "x.o", "-c", f"{self.root}/{name}"]
            entries.append({"directory": str(self.root), "file": f"{self.root}/{name}", "command": " ".join(words)})
        self.write("build/tidy/compile_commands.json", json.dumps(entries))

    def check(self, *arguments):
        """(exit code, what was printed, the files clang-tidy looked at)."""
        calls = self.bin / "calls"
        calls.write_text("")
        environment = {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}", "XDG_CACHE_HOME": str(self.home / "cache")}
        done = subprocess.run(
            [sys.executable, self.root / "tools/check_tidy.py", *arguments], env=environment, capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr, sorted(calls.read_text().split())


def plugin_headers():
    try:
        there = subprocess.run(["llvm-config-19", "--includedir"], capture_output=True, text=True).stdout.strip()
    except OSError:
        return False
    return (pathlib.Path(there) / "clang/AST/ASTConsumer.h").exists() and (pathlib.Path(there) / "llvm").exists()


ONE, TWO = "src/a/one.cpp", "src/b/two.cpp"


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "checkout", tmp_path)


def test_what_was_clean_is_not_looked_at_again(project):
    code, said, looked = project.check()
    assert (code, looked) == (0, [ONE, TWO]), said
    code, said, looked = project.check()
    assert (code, looked) == (0, [])
    assert said.endswith("tidy: 2 files, 2 unchanged\n")


def test_another_checkout_uses_what_was_clean(project, tmp_path):
    project.check()
    assert Project(tmp_path / "clone", tmp_path).check()[2] == []


@pytest.mark.parametrize(
    "changed, looked",
    [
        (lambda project: project.write("src/a/one.hpp", "int other();\n"), [ONE]),
        (lambda project: project.write("src/b/two.cpp", "\n"), [TWO]),
        (lambda project: project.write("src/a/a/between.hpp", ""), [ONE]),  # Now it is found before the other.
        (lambda project: project.write(".clang-tidy", "Checks: fewer\n"), [ONE, TWO]),
        (lambda project: project.write("src/b/.clang-tidy", "Checks: fewer\n"), [ONE, TWO]),
        (lambda project: (project.bin / "version").write_text("20"), [ONE, TWO]),
        (lambda project: project.compile("-DOTHER"), [ONE, TWO]),
        (lambda project: project.program("dpkg-query", "#!/bin/sh\necho libboost-dev 2\n"), [ONE, TWO]),
        (lambda project: project.compile("-O2", "-Wall"), []),  # Nothing clang-tidy sees.
    ],
)
def test_what_a_verdict_depends_on_has_its_files_looked_at_again(project, changed, looked):
    project.check()
    changed(project)
    assert project.check()[2] == looked


def test_without_a_list_of_packages_nothing_is_kept(project):
    project.program("dpkg-query", "#!/bin/sh\nexit 1\n")
    project.check()
    assert project.check()[2] == [ONE, TWO]


def test_a_finding_fails_each_time_until_it_is_mended(project):
    project.write("src/a/one.hpp", "int BAD();\n")
    for _ in range(2):
        code, said, looked = project.check()
        assert code == 1 and ONE in looked
        assert "src/a/one.hpp:1:1: error: a bad word [made-up]" in said
        assert said.endswith("tidy: 1 problem(s) in 2 files, 1 unchanged\n" if TWO not in looked else "2 files, 0 unchanged\n")
    project.write("src/a/one.hpp", "int one();\n")
    assert project.check()[::2] == (0, [ONE])


@pytest.mark.parametrize("damage", [b"", b"clean", b"\xff\xfe", b"clean " + b"0" * 64 + b"\n"])
def test_a_damaged_entry_has_its_file_looked_at_again(project, damage):
    project.check()
    entries = list(project.cache.iterdir())
    assert len(entries) == 2
    for entry in entries:
        entry.write_bytes(damage)
    assert project.check()[::2] == (0, [ONE, TWO])
    assert project.check()[2] == []


def test_a_cache_that_cannot_be_written_costs_only_time(project):
    (project.home / "cache").write_text("a file where the folder should be")
    for _ in range(2):
        assert project.check()[::2] == (0, [ONE, TWO])
    project.write("src/b/two.cpp", "BAD\n")
    assert project.check()[0] == 1


def test_a_file_that_changes_while_it_is_looked_at_is_looked_at_again(project):
    project.program("clang-tidy-19", CLANG_TIDY.replace("sys.exit(1 if", f"open(name, 'a').write(' ')\nsys.exit(1 if"))
    project.check()
    project.program("clang-tidy-19", CLANG_TIDY)
    assert project.check()[2] == [ONE, TWO]


def test_the_quick_way_has_no_last_word_on_a_finding(project):
    project.program("clang++-19", '#!/bin/sh\nfor last; do [ "$before" = -o ] && : >"$last"; before=$last; done\n')
    project.program("clang-tidy-19", CLANG_TIDY.replace("name = sys", "if 'tidy/quick' in str(sys.argv): sys.exit(2)\nname = sys"))
    code, said, looked = project.check()
    assert (code, looked) == (0, [ONE, TWO]), said
    project.write("src/b/two.cpp", "BAD\n")
    assert project.check()[::2] == (1, [TWO])


def test_tests_are_looked_at_together_and_alone_where_something_is_found(project):
    for name in (ONE, TWO):
        project.write(name, "#include <gtest/gtest.h>\n")
    together = "build/tidy/tidy/batches/0.cpp"
    assert project.check()[::2] == (0, [together])
    assert project.check()[2] == []
    project.write(ONE, "#include <gtest/gtest.h>\n// other\n")
    assert project.check()[2] == [ONE], "the one that changed has no like"
    for name in (ONE, TWO):
        project.write(name, f"#include <gtest/gtest.h>\n// {name}\n")
    project.write("src/b/near.hpp", "BAD\n")
    project.write(TWO, "#include <gtest/gtest.h>\nBAD\n")
    code, said, looked = project.check()
    assert (code, looked) == (1, [together, ONE, TWO])
    assert f"{TWO}:1:1: error: a bad word" in said and f"{ONE}:1:1" not in said
    assert project.check()[2] == [TWO]


@pytest.mark.skipif(not plugin_headers(), reason="needs tools/setup.sh check")
def test_the_real_clang_tidy_finds_in_files_and_headers_what_the_quick_ways_leave_out(project):
    for name in ("clang-tidy-19", "clang++-19"):
        (project.bin / name).unlink()
    project.write(".clang-tidy", "Checks: '-*,modernize-use-nullptr'\nWarningsAsErrors: '*'\nHeaderFilterRegex: '.*'\n")
    project.write("src/a/one.hpp", "#include <vector>\ntemplate <class T> T* made() { return 0; }\n")
    project.write("src/a/one.cpp", '#include <vector>\n#include "a/between.hpp"\nstd::vector<int*> two{made<int>(), 0};\n')
    code, said, _ = project.check()
    assert code == 1 and "could not build" not in said, said
    assert "src/a/one.hpp:2:" in said and "src/a/one.cpp:3:" in said
    assert said.endswith("tidy: 2 problem(s) in 2 files, 0 unchanged\n")
    assert [path.suffix for path in sorted((project.root / "build/tidy/tidy").glob("*-*"))] == [".pch", ".so"]
    project.write("src/a/one.hpp", "#include <vector>\ntemplate <class T> T* made() { return nullptr; }\n")
    project.write("src/a/one.cpp", '#include <vector>\n#include "a/between.hpp"\nstd::vector<int*> two{made<int>()};\n')
    code, said, _ = project.check()
    assert code == 0 and said.endswith("tidy: 2 files, 1 unchanged\n"), said


def test_some_files_can_be_named_and_unknown_ones_are_refused(project):
    assert project.check(TWO)[::2] == (0, [TWO])
    code, said, _ = project.check("src/none.cpp")
    assert code == 1 and "src/none.cpp" in said


def test_entries_not_used_for_long_and_too_many_go(tmp_path, monkeypatch):
    verdicts = tidy_cache.Verdicts(tmp_path)
    for age, name in enumerate(["new", "used", "old", "older"]):
        verdicts.keep(name)
        os.utime(tmp_path / name, (time.time() - age * 20 * 24 * 3600,) * 2)
    assert verdicts.clean("old")  # Which counts as used.
    verdicts.prune()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["new", "old", "used"]
    monkeypatch.setattr(tidy_cache, "KEPT_MAX", 2)
    verdicts.prune()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["new", "old"]


def test_compile_commands_lose_the_builds_precompiled_header_and_keep_what_it_includes():
    given = (
        "clang++-19 -DX=1 -I/r/src -isystem /r/lib -O1 -g -Wall -Winvalid-pch -Werror -fsanitize=address -std=c++2b"
        " -fpch-instantiate-templates -Xclang -include-pch -Xclang /r/b/cmake_pch.hxx.pch -Xclang -include"
        " -Xclang /r/b/cmake_pch.hxx -include /r/other.hpp -MD -MT x.o -MF x.d -o x.o -c /r/src/x.cpp"
    )
    kept = (
        "clang++-19 -pthread -Wno-everything -Wshadow -DX=1 -I/r/src -isystem /r/lib -fsanitize=address -std=c++2b -Xclang -include"
        " -Xclang /r/b/cmake_pch.hxx -Xclang -include -Xclang /r/other.hpp /r/src/x.cpp"
    )
    assert tidy_compile.arguments(given.split(), "/r/src/x.cpp") == kept.split()
