# The names of our spans' attributes are those of OpenTelemetry's semantic conventions, and none that was given up.
import pathlib
import re
import shutil
import subprocess
import tarfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSION = "1.45.0"
PACKAGE = f"@opentelemetry/semantic-conventions@{VERSION}"  # Of npm: the published list.
LIST = ROOT / f"tests/fixtures/semantic-conventions-{VERSION}.txt"
TABLE = (ROOT / "src/tracing/span_names.hpp").read_text()
NO_ATTRIBUTES = {"schema_url", "exception_event"}


def listed():
    return {line for line in LIST.read_text().splitlines() if line and not line.startswith("#")}


def ours():
    """{constant: name} of the table."""
    return dict(re.findall(r'inline constexpr Name (\w+) = "([^"]+)";', TABLE))


def test_each_name_is_a_published_one_and_its_constant_is_called_like_it():
    names = {constant: name for constant, name in ours().items() if constant not in NO_ATTRIBUTES}
    assert len(names) > 30
    assert sorted(set(names.values()) - listed()) == []
    assert {constant for constant, name in names.items() if constant != re.sub(r"\W", "_", name)} == set()
    assert ours()["schema_url"].endswith(f"/{VERSION}")


def test_no_span_is_told_a_name_that_is_not_in_the_table():
    sources = [path for path in (ROOT / "src").rglob("*.cpp") if not path.name.endswith("_test.cpp")]
    told = {}
    for path in [*sources, *(ROOT / "src").rglob("*.hpp")]:
        for name in re.findall(r'(?:span|span_)[.>-]+set\(\s*"([^"]+)"', path.read_text()):
            told[name] = path.name
    assert told == {}


def test_a_name_that_nobody_publishes_would_be_noticed():
    assert "rpc.system.name" in listed() and "rpc.system" not in listed(), "the older one was given up"
    assert "messaging.system" not in listed()


def published(folder):
    """The names of the package that are not deprecated."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), PACKAGE]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    if done.returncode:
        pytest.skip(f"npm does not have {PACKAGE} for us: {done.stderr[-200:]}")
    (archive,) = folder.glob("*.tgz")
    names = set()
    with tarfile.open(archive) as files:
        for member in files:
            if not re.search(r"dist/\w*attributes\.d\.mts$", member.name):
                continue
            text = files.extractfile(member).read().decode()
            for comment, name in re.findall(r'/\*\*((?:(?!\*/).)*)\*/\s*(?:export )?(?:declare )?const ATTR_\w+: "([^"]+)";', text, re.S):
                if "@deprecated" not in comment:
                    names.add(name)
    return names


def test_the_list_is_the_published_one(tmp_path):
    if not shutil.which("npm"):
        pytest.skip("npm is not installed: the list is not compared with the package")
    prefixes = {name.split(".")[0] + "." for name in listed()}
    assert listed() == {name for name in published(tmp_path) if name.split(".")[0] + "." in prefixes}
