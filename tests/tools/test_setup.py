# tools/setup.sh: which packages each Debian lacks, by the names they have there, and what other systems are told. apt, dpkg and
# the release are made up, so nothing is installed.
import os
import re
import subprocess

import pytest

from sources import ROOT, text

RELEASES = {
    "12": 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    "13": 'ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
    "14": 'ID=debian\nVERSION_ID="14"\nPRETTY_NAME="Debian GNU/Linux 14 (forky)"\n',
    "ubuntu": 'ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04 LTS"\n',
}


@pytest.fixture
def set_up(tmp_path):
    """Runs it on a system of that release, with these packages installed; apt fails at once, so nothing is done after it."""

    def run(release, *installed, group="package"):
        tools = tmp_path / "bin"
        tools.mkdir(exist_ok=True)
        programs = {
            "dpkg-query": "\n".join(f'echo "installed {name}"' for name in installed) or "exit 1",
            "apt-get": "exit 1",
            "sudo": "exit 1",
        }
        for name, script in programs.items():
            (tools / name).write_text(f"#!/bin/sh\n{script}\n")
            (tools / name).chmod(0o755)
        (tmp_path / "os-release").write_text(release)
        environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}", "SETUP_OS_RELEASE": str(tmp_path / "os-release")}
        return subprocess.run([ROOT / "tools/setup.sh", group], capture_output=True, text=True, env=environment)

    return run


def rows(group):
    return [names.split("|") for names in re.findall(rf"^{group} +(\S+)", text("tools/packages.txt"), re.M)]


def missing(said):
    (line,) = re.findall(r"^setup: missing: (.*)$", said, re.M)
    return line.split()


@pytest.mark.parametrize("release, at", [("12", 0), ("13", 1)])
@pytest.mark.parametrize("group", ["build", "stack"])
def test_each_debian_is_asked_for_the_names_it_has(set_up, release, at, group):
    done = set_up(RELEASES[release], group=group)
    names = [row[at] if len(row) > 1 else row[0] for row in rows(group)]
    assert done.returncode == 1 and missing(done.stderr) == names, done.stderr
    assert any(len(row) > 1 for row in rows(group)), "the table has a package of two names"
    assert f"setup: installing {len(names)} packages: {' '.join(names)}\n" in done.stdout


@pytest.mark.parametrize("release", ["14", "ubuntu"])
def test_another_system_is_told_in_a_sentence_what_is_needed_and_nothing_is_installed(set_up, release):
    done = set_up(RELEASES[release], group="build")
    assert done.returncode == 1 and "installing" not in done.stdout
    sentence = done.stderr.splitlines()[0]
    assert sentence.startswith("setup: this is neither Debian 12 nor Debian 13 (it says ") and sentence.endswith(".")
    assert re.search(r'^PRETTY_NAME="(.*)"$', RELEASES[release], re.M)[1] in sentence
    assert "libboost1.83-dev" in missing(done.stderr) and "libboost1.81-dev" not in missing(done.stderr)


def test_a_system_without_a_name_is_told_so(set_up):
    assert "(it says nothing)" in set_up("").stderr


def test_another_system_that_has_the_packages_goes_on(set_up):
    done = set_up(RELEASES["ubuntu"], *[row[-1] for row in rows("package")])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("at", [0, 1])
def test_either_name_of_a_package_will_do(set_up, at):
    have = [row[at] if len(row) > 1 else row[0] for row in rows("build")]
    done = set_up(RELEASES["14"], *have[1:], group="build")
    assert missing(done.stderr) == have[:1]


def test_every_package_has_one_name_or_one_for_each_release(set_up):
    (releases,) = re.findall(r"^releases=\((.*)\)$", text("tools/setup.sh"), re.M)
    for group in ("build", "test", "check", "stack", "bench", "package"):
        assert all(len(row) in (1, len(releases.split())) for row in rows(group)), group
