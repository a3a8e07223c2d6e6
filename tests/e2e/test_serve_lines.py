# What `serve` says on standard error: lines a machine can read from the first to the last, and an outage told once.
import json
import os
import socket
import subprocess

import pytest

from service import BINARY, INHERITED, run_cli
from store_under_test import embedded_only

FREE_PORTS = ["--http-port", "0", "--grpc-port", "0", "--metrics-port", "0"]


def lines_of(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_warnings_and_notes_of_the_configuration_are_lines_like_all_others(new_service, tmp_path):
    file = tmp_path / "old.yaml"
    file.write_text("AppVersion: 1.0.0\nHttp:\n  Prt: 1\n  Development: true\nLogger:\n  Encoding: json\n")
    service = new_service("--config", file).start()
    service.stop()
    output = service.output()
    lines = lines_of(output)
    (warning,) = [line for line in lines if "Http.Prt is not a key" in line["message"]]
    assert warning["level"] == "warn" and warning["time"]
    assert [line["level"] for line in lines if "AppVersion" in line["message"]] == ["info"]
    assert not [line for line in output.splitlines() if line.startswith(("warning:", "note:"))], output


@embedded_only
@pytest.mark.parametrize("encoding", ["json", "console"])
def test_start_and_end_of_the_service_are_a_line_each(new_service, encoding):
    service = new_service(environment={"PRODUCTD_LOGGER_ENCODING": encoding}).start()
    ports = {name: service.ready[name] for name in ("http_port", "grpc_port", "metrics_port")}
    service.stop()
    output = service.output()
    assert output.count("The service has started") == 1 and output.count("The service has stopped") == 1, output
    assert output.rstrip().splitlines()[-1].count("The service has stopped") == 1
    if encoding == "json":
        started = next(line for line in lines_of(output) if line["message"] == "The service has started")
        assert started["level"] == "info" and started.items() >= {**ports, "pid": service.ready["pid"]}.items()
        assert started.items() >= {"bus": "sqlite", "cache": "memory"}.items()


def test_why_it_cannot_start_is_a_line_too(tmp_path):
    (tmp_path / "data").write_text("a file")
    done = run_cli("serve", "--data-dir", tmp_path / "data", *FREE_PORTS)
    assert done.returncode == 1 and done.stdout == ""
    (line,) = [json.loads(line) for line in done.stderr.splitlines()]
    assert line["level"] == "error" and "another one with --data-dir" in line["message"]


@pytest.mark.parametrize("what", ["no folder", "a file for a folder", "a folder"])
def test_a_ready_file_that_cannot_be_written_is_told_before_anything_is_made(tmp_path, what):
    path = {"no folder": "none/ready.json", "a file for a folder": "file/ready.json", "a folder": "folder"}[what]
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    done = run_cli("serve", "--data-dir", tmp_path / "data", "--ready-file", tmp_path / path, *FREE_PORTS)
    assert done.returncode == 1
    assert done.stdout == "", "it never was ready"
    assert f"The ready file {tmp_path / path} cannot be written" in done.stderr and "--ready-file" in done.stderr
    assert not (tmp_path / "data").exists()


def test_the_help_of_serve_tells_a_start_from_readiness():
    shown = " ".join(run_cli("serve", "--help").stdout.split())
    assert "once the service has started and listens; /readyz says whether it is ready" in shown


def test_doctor_tells_another_ones_port_from_the_services(service):
    with socket.create_server(("127.0.0.1", 0)) as other:
        ours = ["--grpc-port", service.ready["grpc_port"], "--metrics-port", service.ready["metrics_port"]]
        told = run_cli("doctor", "--data-dir", service.data, "--http-port", other.getsockname()[1], *ours)
    ports = [line.split(None, 2) for line in told.stdout.splitlines() if " ports " in line]
    assert [verdict for verdict, _, _ in ports] == ["fail", "ok", "ok"], told.stdout
    assert "not by the service" in ports[0][2] and "by the service" in ports[1][2]
    right = run_cli("doctor", "--data-dir", service.data, "--http-port", service.http_port, *ours)
    assert right.returncode == 0, right.stdout


def test_standard_input_that_cannot_be_read_is_no_defect(tmp_path):
    folder = os.open(tmp_path, os.O_RDONLY)
    command = [BINARY, "topics", "publish", "create-product", "--data-dir", tmp_path / "data"]
    done = subprocess.run(command, stdin=folder, capture_output=True, text=True, env=INHERITED, timeout=30)
    os.close(folder)
    assert done.returncode == 1 and "defect" not in done.stderr
    assert done.stderr.startswith("Standard input cannot be read to its end"), done.stderr
