# What a command says of a value that it does not take, and by which names one is taken.
import re

import pytest

from service import run_cli


@pytest.mark.parametrize("command", ["serve", "config", "doctor"])
def test_a_port_that_is_none_is_a_command_line_not_understood(command):
    done = run_cli(command, "--http-port", "abc")
    assert done.returncode == 2 and done.stdout == ""
    assert '--http-port: Http.Port is "abc"; it must be a port' in done.stderr


def test_a_header_without_a_value_is_told_in_one_sentence():
    done = run_cli("topics", "publish", "create-product", "x", "-H", "bad")
    assert done.returncode == 2 and "-H bad must be NAME=VALUE. See" in done.stderr, done


@pytest.mark.parametrize("name", ["GRPC_PORT", "PRODUCTD_GRPC_PORT", "PRODUCTD_SERVER_PORT"])
def test_the_port_of_grpc_has_its_older_name_too(name):
    done = run_cli("config", environment={name: "6000"})
    assert re.search(rf"  Port: 6000 +# {name}\n", done.stdout) and done.stderr == "", done


def test_a_map_is_called_one(tmp_path):
    (tmp_path / "c.yaml").write_text("Http:\n  Port: {a: 1}\nKafka:\n  Brokers: {a: 1}\n")
    said = run_cli("config", "--config", tmp_path / "c.yaml").stderr
    assert 'c.yaml:2: Http.Port is "a map"' in said and 'c.yaml:4: Kafka.Brokers is "a map"' in said, said
