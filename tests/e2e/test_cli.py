# Each subcommand, with the service running and without.
import json
import os
import re

import pytest
import yaml

from products import a_product
from service import ROOT, run_cli
from store_under_test import embedded_only
from topics import publish, read
from waiting import eventually

COMMANDS = [
    [],
    *([name] for name in ("serve", "config", "doctor", "health", "rebuild", "backup", "restore", "migrate", "log-level", "topics")),
    *(["topics", name] for name in ("create", "list", "describe", "publish", "read")),
]
CONTRACT = {"create-product", "update-product", "delete-product", "dead-letter-queue", "dead-letter-state"}


def ok(*arguments, **options):
    done = run_cli(*arguments, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wrong(*arguments, **options):
    """The sentence of a command that must fail, on standard error and with a code of its own."""
    done = run_cli(*arguments, **options)
    assert done.returncode in (1, 2), done
    assert done.stderr.strip()
    return done.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_of_each_command_shows_an_example(command):
    shown = ok(*command, "--help")
    assert "Example: productd" in shown and "Usage: productd" in shown


def test_version_is_told():
    assert re.fullmatch(r"productd \d+\.\d+\.\d+\n", ok("--version"))


@pytest.mark.parametrize(
    "command, meant",
    [(["sevre"], "serve"), (["serve", "--htpp-port", "1"], "--http-port"), (["topics", "raed"], "read")],
)
def test_a_slip_is_answered_with_what_was_meant(command, meant):
    assert meant in wrong(*command)


# ------------------------------------------------------------------------------------------------ configuration


def test_config_prints_what_is_in_effect_from_flag_environment_and_file(tmp_path):
    file = tmp_path / "productd.yaml"
    file.write_text("Http:\n  Port: 6001\n  ApplyWait: 3s\nServer:\n  Port: 6002\nSearch:\n  CountMax: 500\n")
    shown = ok(
        "config",
        "--config",
        file,
        "--http-port",
        "6003",
        environment={"PRODUCTD_HTTP_PORT": "6004", "PRODUCTD_SERVER_PORT": "6005"},
    )
    effective = yaml.safe_load(shown)
    assert effective["Http"]["Port"] == 6003 and effective["Server"]["Port"] == 6005
    assert effective["Http"]["ApplyWait"] == "3s" and effective["Search"]["CountMax"] == 500


def test_the_older_environment_names_are_kept():
    effective = yaml.safe_load(ok("config", environment={"HTTP_PORT": "6001", "GRPC_PORT": "6002"}))
    assert (effective["Http"]["Port"], effective["Server"]["Port"]) == (6001, 6002)


def test_the_reference_file_is_what_defaults_prints():
    assert ok("config", "--defaults") == (ROOT / "config/productd.yaml").read_text()


@pytest.mark.parametrize("name", ["older-config.yaml", "older-config-docker.yaml"])
def test_the_older_configuration_is_accepted_as_it_is(name):
    assert ok("config", "--config", ROOT / "tests/fixtures" / name)


def test_secrets_are_read_from_files_and_never_printed(tmp_path):
    (tmp_path / "secret").write_text("very-secret-word\n")
    done = run_cli(
        "config",
        environment={
            "PRODUCTD_MONGODB_PASSWORD_FILE": str(tmp_path / "secret"),
            "PRODUCTD_REDIS_PASSWORD": "other-secret",
        },
    )
    assert done.returncode == 0, done.stderr
    for word in ("very-secret-word", "other-secret"):
        assert word not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "text, told",
    [
        ("Http:\n  Port: 99999\n", ["2", "Http.Port", "65535"]),
        ("Http:\n  Timeout: soon\n", ["2", "Http.Timeout", "1h"]),
        ("Logger:\n  Level: loud\n", ["2", "Logger.Level", "debug"]),
        ("Http:\n  Port: [1\n", ["3"]),
    ],
)
def test_a_wrong_value_names_file_line_key_and_range(tmp_path, text, told):
    file = tmp_path / "wrong.yaml"
    file.write_text(text)
    for command in ("config", "serve"):
        said = wrong(command, "--config", file)
        assert "wrong.yaml" in said and all(word in said for word in told), said


def test_an_unknown_key_is_warned_of_with_the_nearest_name(tmp_path):
    file = tmp_path / "slip.yaml"
    file.write_text("Http:\n  ApplyWiat: 3s\n")
    done = run_cli("config", "--config", file)
    assert done.returncode == 0 and "ApplyWiat" in done.stderr and "ApplyWait" in done.stderr


# ------------------------------------------------------------------------------------------------ topics


def test_topics_are_listed_and_described_through_the_running_service(service):
    listed = ok("topics", "list", "--data-dir", service.data)
    assert CONTRACT <= set(re.findall(r"^[\w-]+", listed, re.M))
    described = ok("topics", "describe", "create-product", "--data-dir", service.data)
    assert all(f"partition {i}" in described for i in range(3))


@pytest.mark.parametrize("running", [True, False])
def test_a_topic_is_made_written_and_read_with_the_service_and_without(new_service, running):
    service = new_service().start()
    if not running:
        service.stop()
    data = ["--data-dir", service.data]
    ok("topics", "create", "price-lists", "--partitions", "2", *data)
    assert "price-lists: 2 partitions" in ok("topics", "list", *data)
    ok("topics", "create", "price-lists", "--partitions", "2", *data)  # Made already: nothing to do.
    position = publish(service, "price-lists", "value one", "--key", "k", "--header", "a=b", "--partition", "1")
    assert position == "price-lists/1/0"
    publish(service, "price-lists", "--key-delimiter", ":", "--partition", "1", lines="k2:value two\nk3:value: three\n")
    messages = read(service, "price-lists")
    assert [(m["key"], m["value"]) for m in messages] == [
        ("k", "value one"),
        ("k2", "value two"),
        ("k3", "value: three"),
    ]
    assert messages[0]["headers"] == [{"name": "a", "value": "b"}] and [m["offset"] for m in messages] == [0, 1, 2]
    assert [m["value"] for m in read(service, "price-lists", "--from", "-1")] == ["value: three"]
    assert [m["value"] for m in read(service, "price-lists", "--from", "1", "--count", "1")] == ["value two"]
    assert "value one" in ok("topics", "read", "price-lists", *data)
    if running:
        service.stop()


def test_reading_follows_what_comes(service):
    import subprocess

    from service import BINARY, INHERITED

    ok("topics", "create", "followed", "--partitions", "1", "--data-dir", service.data)
    reader = subprocess.Popen(
        [BINARY, "topics", "read", "followed", "--follow", "--json", "--count", "2", "--data-dir", service.data],
        stdout=subprocess.PIPE,
        text=True,
        env=INHERITED,
    )
    publish(service, "followed", "one")
    publish(service, "followed", "two")
    out, _ = reader.communicate(timeout=20)
    assert reader.returncode == 0 and [json.loads(line)["value"] for line in out.splitlines()] == ["one", "two"]


def test_a_topic_or_message_that_is_not_there_is_a_sentence(service):
    data = ["--data-dir", service.data]
    assert "no-such-topic" in wrong("topics", "read", "no-such-topic", *data)
    assert "no-such-topic" in wrong("topics", "publish", "no-such-topic", "x", *data)
    assert "no-such-topic" in wrong("topics", "describe", "no-such-topic", *data)
    wrong("topics", "publish", "create-product", "x", "--partition", "99", *data)
    wrong("topics", "create", "bad name!", *data)


def test_describe_tells_how_far_the_service_has_applied(new_service):
    service = new_service().start()
    for _ in range(3):
        service.created(a_product())
    eventually(
        lambda: re.search(
            r"applied|committed|lag 0|0 behind", ok("topics", "describe", "create-product", "--data-dir", service.data)
        ),
        what="the group's place",
    )
    service.stop()


# ------------------------------------------------------------------------------------------------ doctor


def doctor(*arguments, **options):
    done = run_cli("doctor", *arguments, "--grpc-port", "0", "--metrics-port", "0", **options)
    return done.returncode, done.stdout + done.stderr


def test_doctor_finds_a_healthy_place_healthy(tmp_path):
    code, said = doctor("--data-dir", tmp_path / "data", "--http-port", "0")
    assert code == 0, said
    for subject in ("configuration", "data folder", "certificate", "ports", "clock"):
        assert subject in said


def test_doctor_names_what_is_wrong_and_its_fix(service, tmp_path):
    code, said = doctor("--data-dir", tmp_path / "data", "--http-port", str(service.http_port))
    assert code == 1 and str(service.http_port) in said and "Http.Port" in said
    (tmp_path / "file").write_text("")
    code, said = doctor("--data-dir", tmp_path / "file", "--http-port", "0")
    assert code == 1 and str(tmp_path / "file") in said


@embedded_only
def test_doctor_names_a_damaged_file(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/store.db").write_bytes(b"noise" * 1000)
    code, said = doctor("--data-dir", tmp_path / "data", "--http-port", "0")
    assert code == 1 and "store.db" in said
    assert (tmp_path / "data/store.db").read_bytes() == b"noise" * 1000


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_doctor_names_a_certificate_that_cannot_be_read(tmp_path):
    (tmp_path / "server.crt").write_text("")
    (tmp_path / "server.crt").chmod(0)
    code, said = doctor(
        "--data-dir",
        tmp_path / "data",
        "--http-port",
        "0",
        environment={"PRODUCTD_TLS_CERT_FILE": str(tmp_path / "server.crt")},
    )
    assert code == 1 and "server.crt cannot be read (Permission denied)" in said
