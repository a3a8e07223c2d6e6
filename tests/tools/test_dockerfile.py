# How the Dockerfile is read by those who do it without an engine, and what of the sources a build gets to see.
import dockerfile
import pytest

from sources import files


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
LABEL version="3"
"""
    stages, arguments = dockerfile.read(source)
    assert [stage.base for stage in stages] == ["debian:12", "scratch"] and arguments == {"BASE": "debian:12"}
    assert stages[0].steps == [("RUN", "a && b"), ("COPY", ". .")]
    assert stages[1].environment == {"A": "1", "B": "two words"} and stages[1].labels == {"version": "3"}
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
