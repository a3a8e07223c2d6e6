# How the Dockerfile is read by those who do it without an engine, and what of the sources a build gets to see.
import os
import re
import subprocess

import dockerfile
import pytest

from sources import ROOT, files


def test_stages_are_read_with_all_that_is_said_of_them():
    source = """ARG BASE=debian:12
FROM ${BASE} AS one
SHELL ["/bin/sh", "-c"]
RUN a \\
    && b
# A comment.
COPY . .
FROM scratch
ENV A=1 B="two words"
USER 1:1
HEALTHCHECK --interval=5s CMD ["x", "health"]
ARG BASE
LABEL version="3" base="${BASE}"
"""
    stages, arguments = dockerfile.read(source)
    assert [stage.base for stage in stages] == ["debian:12", "scratch"] and arguments == {"BASE": "debian:12"}
    assert stages[0].steps == [("RUN", "a && b"), ("COPY", ". .")]
    assert stages[1].environment == {"A": "1", "B": "two words"} and stages[1].labels == {"version": "3", "base": "debian:12"}
    assert stages[1].settings == {"USER": "1:1", "HEALTHCHECK": ["x", "health"]}


def test_an_instruction_that_nobody_knows_is_not_passed_over():
    with pytest.raises(RuntimeError, match="ONBUILD"):
        dockerfile.read("FROM scratch\nONBUILD RUN x\n")


@pytest.mark.parametrize(
    "path, ignored",
    [
        ("build/release/productd", True),
        ("src/main.cpp", False),
        ("src/a/__pycache__/b.pyc", True),
        ("tests/own.pem", True),
        ("chaos/node/node.cpp", False),
        ("chaos/run.py", True),
        (".git/config", True),
    ],
)
def test_what_is_ignored_is_as_the_engine_has_it(path, ignored):
    patterns = ["*", "!src", "!tests", "!chaos/node", "**/__pycache__", "**/*.pem"]
    assert dockerfile.is_ignored(path, patterns) is ignored


@pytest.mark.parametrize(
    "available, cores, jobs",
    [(7_900_000, 4, 4), (3_900_000, 4, 3), (1_000_000, 4, 1), (400_000, 4, 1), (16_000_000, 1, 1), (None, 4, 1)],
)
def test_a_build_has_no_more_compilers_than_memory_and_cores_for_them(tmp_path, available, cores, jobs):
    told = f"MemAvailable:   {available} kB\n" if available else ""
    (tmp_path / "meminfo").write_text(f"MemTotal:   32000000 kB\nMemFree:  9000000 kB\n{told}")
    (tmp_path / "nproc").write_text(f"#!/bin/sh\necho {cores}\n")
    (tmp_path / "nproc").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = [ROOT / "tools/build_jobs.sh", tmp_path / "meminfo"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert int(done.stdout) == jobs


@pytest.mark.parametrize("given, jobs", [("3", "3"), ("", None)])
def test_the_image_is_built_with_as_many_jobs_as_are_given_or_there_is_room_for(tmp_path, given, jobs):
    """The step itself, with a cmake that tells what it was asked, and nothing after it."""
    stages, arguments = dockerfile.read()
    assert arguments["JOBS"] == ""
    (step,) = [words for name, words in stages[0].steps if name == "RUN" and "cmake --build" in words]
    (tmp_path / "cmake").write_text('#!/bin/sh\necho "$@"\n')
    (tmp_path / "cmake").chmod(0o755)
    environment = {**os.environ, "JOBS": given, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = [*stages[0].settings["SHELL"], step.partition(" && SOURCE_DATE_EPOCH")[0]]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, check=True).stdout
    asked = re.search(r"--build --preset release --target productd --parallel (\d+)$", told, re.M)[1]
    assert asked == jobs if jobs else 1 <= int(asked) <= os.cpu_count()


def test_the_image_tells_what_it_is_built_from():
    stages, arguments = dockerfile.read()
    assert stages[-1].labels["org.opencontainers.image.base.name"] == stages[0].base == arguments["BASE"]


def test_a_build_sees_what_it_needs_and_nothing_of_what_was_made_here():
    seen = set(dockerfile.context())
    assert seen <= set(files()), "only what is of the repository"
    assert {"CMakeLists.txt", "CMakePresets.json", "src/main.cpp", "tools/setup.sh", "api/openapi.yaml"} <= seen
    assert not [name for name in seen if name.startswith(("build/", "data/", "ssl/", ".git", "deploy/", "docs/"))]


def test_the_last_stage_is_shut():
    last = dockerfile.read()[0][-1]
    assert last.base == "scratch" and not [step for step in last.steps if step[0] == "RUN"]
    assert last.settings["USER"].split(":")[0] not in ("0", "root")
    copies = [words for name, words in last.steps if name == "COPY"]
    assert all(words.startswith("--from=build ") for words in copies), "nothing of the sources as they are"
    assert last.settings["HEALTHCHECK"][0] == last.settings["ENTRYPOINT"][0] == "/usr/bin/productd"
