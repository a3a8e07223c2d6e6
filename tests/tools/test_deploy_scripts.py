# deploy/secrets.sh, tools/certificate.sh and the rows of the native stack: what they make, and what they refuse.
import hashlib
import os
import re
import shutil
import subprocess
import sys

import pytest

from sources import ROOT

READERS = {"mongodb", "redis", "productd", "grafana"}


# All that the script calls, but for what hashes.
NEEDED = ("od", "tr", "cut", "mkdir", "cat", "id", "chown", "touch")


def secrets(folder, **environment):
    command = ["/bin/sh", ROOT / "deploy/secrets.sh", folder]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})


@pytest.fixture
def only(tmp_path):
    """A PATH with these tools alone; those that are given a text are a script of it."""

    def made(*names, **scripts):
        folder = tmp_path / "bin"
        folder.mkdir()
        for name in names:
            (folder / name).symlink_to(shutil.which(name))
        for name, script in scripts.items():
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)
        return str(folder)

    return made


def kept(folder):
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("secrets")
    done = secrets(folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_each_password_is_its_own_and_known_to_its_two_sides_alone(made):
    of = kept(made)
    words = [text for name, text in of.items() if name.endswith(("-password", ".key"))]
    assert all(re.fullmatch(r"[0-9a-f]{48}|[0-9a-f]{96}", word) for word in words)
    assert of["mongodb/productd-password"] == of["productd/mongodb-password"]
    assert len(set(words)) == len(words) - 1, "that one alone is there twice"
    assert not [word for word in words if word in of["redis/users.acl"]], "Redis has but the hash"


def test_nobody_else_reads_them(made):
    assert {folder.name for folder in made.iterdir()} == READERS
    for place in made.rglob("*"):
        assert place.stat().st_mode & 0o077 == 0, place


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_as_root_each_reader_has_its_own(made):
    owners = {name: {file.stat().st_uid for file in (made / name).iterdir() if file.name != "complete"} for name in READERS}
    assert owners == {"mongodb": {999}, "redis": {999}, "productd": {10001}, "grafana": {472}}


def test_they_stay_as_they_are(made):
    before = kept(made)
    done = secrets(made)
    assert done.returncode == 0 and "already" in done.stdout and kept(made) == before


def test_what_was_broken_off_is_made_again_whole(tmp_path):
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis/users.acl").write_text("half")
    assert secrets(tmp_path).returncode == 0
    assert "user productd on #" in (tmp_path / "redis/users.acl").read_text()


def test_where_there_is_no_sha256sum_shasum_does(only, tmp_path):
    shasum = f"[ \"$*\" = '-a 256' ] && exec {shutil.which('sha256sum')}"
    done = secrets(tmp_path / "made", PATH=only(*NEEDED, shasum=shasum))
    assert done.returncode == 0, done.stderr
    of = kept(tmp_path / "made")
    hashed = hashlib.sha256(of["productd/redis-password"].encode()).hexdigest()
    assert f"user productd on #{hashed} ~" in of["redis/users.acl"]


@pytest.mark.parametrize(
    "needed, scripts, said",
    [
        (NEEDED, {}, "neither sha256sum nor shasum"),
        (NEEDED, {"sha256sum": "exit 1"}, "neither sha256sum nor shasum"),
        (NEEDED, {"sha256sum": "echo sha256sum: no such thing"}, "neither sha256sum nor shasum"),
        (NEEDED[1:], {"od": "exit 1", "sha256sum": "echo"}, "/dev/urandom"),
        (NEEDED[1:], {"od": "echo ' 1f 2e'", "sha256sum": "echo"}, "/dev/urandom"),
    ],
)
def test_where_a_tool_does_not_do_its_work_nothing_is_made(only, tmp_path, needed, scripts, said):
    done = secrets(tmp_path / "made", PATH=only(*needed, **scripts))
    assert done.returncode != 0 and said in done.stderr
    assert not (tmp_path / "made").exists()


def test_what_the_documents_have_it_make_is_kept_out_of_the_repository():
    folders = re.findall(r"^deploy/secrets\.sh (\S+)", (ROOT / "docs/deployment.md").read_text(), re.M)
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert folders and all(f"/{folder}/" in ignored for folder in folders)


# ------------------------------------------------------------------------------------------------ certificate


@pytest.fixture
def certificate(tmp_path):
    """Runs the script in a copy of the sources that has but itself."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools/certificate.sh", tmp_path / "tools")

    def run(*names):
        return subprocess.run([tmp_path / "tools/certificate.sh", *names], capture_output=True, text=True)

    run.folder = tmp_path / "ssl"
    return run


def test_a_certificate_is_for_localhost_and_for_what_is_named(certificate):
    done = certificate("products.example", "*.shop.example", "192.0.2.7", "2001:db8::1")
    assert done.returncode == 0, done.stderr
    command = ["openssl", "x509", "-noout", "-ext", "subjectAltName", "-in", certificate.folder / "server.crt"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.replace("\n", ",")
    for name in ("DNS:localhost", "IP Address:127.0.0.1", "DNS:products.example", "DNS:*.shop.example", "IP Address:192.0.2.7"):
        assert f"{name}," in names.replace(", ", ",")
    assert (certificate.folder / "server.pem").stat().st_mode & 0o077 == 0
    before = (certificate.folder / "server.crt").read_bytes()
    assert "already" in certificate("other.example").stdout and (certificate.folder / "server.crt").read_bytes() == before


@pytest.mark.parametrize("name", ["two words", "999.0.0.1", "-x", "a,DNS:evil.example"])
def test_a_name_that_is_none_makes_no_certificate(certificate, name):
    done = certificate(name)
    assert done.returncode != 0 and done.stderr.startswith("certificate: ")
    assert not list(certificate.folder.glob("*")) if certificate.folder.exists() else True


# ------------------------------------------------------------------------------------------------ native stack


def rows(**environment):
    """{started by itself: names} of the stack in that environment."""
    code = "import stack_rows as r; print(*(s.name for s in r.SERVERS)); print(*(s.name for s in r.KNOWN if s.by_name))"
    done = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=ROOT / "tools", capture_output=True, text=True, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


def test_the_smaller_stack_has_one_of_each():
    servers, instances = rows(STACK_SMALL="1")
    assert servers == ["redis", "mongodb1", "kafka1", "node-exporter", "prometheus", "jaeger"]
    assert instances == ["productd-1"]


def test_the_whole_stack_has_three_and_instances_only_by_name():
    servers, instances = rows(STACK_SMALL="")
    assert {"kafka3", "mongodb3", "mongodb-secure"} <= set(servers)
    assert instances == ["productd-1", "productd-2"]


def test_another_version_of_kafka_has_jars_and_data_of_its_own():
    def places(**environment):
        code = "import pathlib, stack_kafka as k; print(k.JARS.name, k.data_folder(pathlib.Path('kafka1')).name)"
        where = os.environ | {"PYTHONPATH": str(ROOT / "tools"), "PRODUCTD_STACK_KAFKA_VERSION": ""} | environment
        return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=where).stdout.split()

    assert places() == ["kafka", "data"]
    assert places(PRODUCTD_STACK_KAFKA_VERSION="3.9.2") == ["kafka-3.9.2", "data-3.9.2"]
