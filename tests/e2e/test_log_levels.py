# Which lines are written, and in what form: on a terminal, by command, and by SIGHUP.
import json
import os
import pty
import re
import signal
import subprocess

import pytest

from admin_proxy import raw_call
from log_lines import lines_of, lines_with
from products import a_product
from service import BINARY, INHERITED, run_cli
from waiting import eventually

FREE_PORTS = ["--http-port", "0", "--grpc-port", "0", "--metrics-port", "0"]
CHANGED = "The level of the log is changed"


def log_level(service, *arguments, code=0):
    done = run_cli("log-level", *arguments, "--data-dir", service.data)
    assert done.returncode == code, done.stdout + done.stderr
    return (done.stdout if code == 0 else done.stderr).strip()


def has_debug_lines(service):
    """A product more, and whether a line of the least level tells of it."""
    before = len(lines_with(service, level="debug"))
    service.created(a_product())
    service.get("/livez")
    return lambda: len(lines_with(service, level="debug")) > before


def test_a_command_changes_the_level_while_the_service_runs(new_service):
    service = new_service().start()
    assert log_level(service) == "info"
    assert log_level(service, "debug") == "debug"
    eventually(has_debug_lines(service), what="lines of the level debug")
    assert log_level(service, "error") == "error" and log_level(service) == "error"
    service.stop()
    changes = [(line["from"], line["to"], line["by"]) for line in lines_with(service, message=CHANGED)]
    assert changes == [("info", "debug", "productd log-level"), ("debug", "error", "productd log-level")]
    assert "The service has stopped" not in service.output(), "which is of the level info"


def test_a_level_for_a_time_goes_back_by_itself(new_service):
    service = new_service().start()
    assert re.fullmatch(r"debug; info again in (60m0s|59m59s)", log_level(service, "debug", "--for", "1h"))
    assert log_level(service).startswith("debug; info again in ")
    log_level(service, "debug", "--for", "1s")
    back = lambda: lines_with(service, message=CHANGED, to="info")
    (line,) = eventually(back, what="the end of the time")
    assert line["from"] == "debug" and line["by"] == "the end of its time"
    assert log_level(service) == "info"


@pytest.mark.parametrize("milliseconds", [-1, 0, 999, 24 * 3600 * 1000 + 1, 2**63 - 1])
def test_the_socket_takes_no_other_time_than_the_command(new_service, milliseconds):
    service = new_service().start()
    body = json.dumps({"level": "debug", "milliseconds": milliseconds})
    head = f"POST /admin/lines/level HTTP/1.1\r\nHost: admin\r\nConnection: close\r\nContent-Length: {len(body)}"
    answer = raw_call(str(service.data / "admin.sock"), f"{head}\r\n\r\n{body}".encode())
    assert b"invalid_argument" in answer and log_level(service) == "info"


def test_a_level_that_is_kept_beyond_its_time_is_told(new_service):
    service = new_service().start()
    log_level(service, "debug", "--for", "1h")
    log_level(service, "debug")
    eventually(lambda: len(lines_with(service, message=CHANGED, to="debug")) == 2, what="both lines")
    assert log_level(service) == "debug"


def test_sighup_takes_the_level_of_the_configuration(new_service, tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text("Logger:\n  Level: info\n")
    service = new_service("--config", file).start()
    log_level(service, "warn")
    file.write_text("Logger:\n  Level: debug\n")
    service.process.send_signal(signal.SIGHUP)
    eventually(lambda: lines_with(service, message=CHANGED, by="SIGHUP", to="debug"), what="the level of the file")
    eventually(has_debug_lines(service), what="lines of the level debug")
    file.write_text("Logger:\n  Level: loud\n")
    service.process.send_signal(signal.SIGHUP)
    wrong = lambda: [line for line in lines_of(service) if "cannot be read: the level" in line["message"]]
    (line,) = eventually(wrong, what="the complaint")
    assert line["level"] == "error" and "loud" in line["error"] and "own.yaml:2" in line["error"]
    assert log_level(service) == "debug"
    service.stop()


@pytest.mark.parametrize(
    "arguments, why",
    [
        (["loud"], "loud is none of debug, info, warn, error"),
        (["debug", "--for", "soon"], "soon is not a duration from 1s to 1d"),
        (["--for", "10m"], "--for: needs a LEVEL before it"),
    ],
)
def test_what_is_no_level_is_refused_with_a_sentence(service, arguments, why):
    assert why in log_level(service, *arguments, code=2)
    assert log_level(service) == "info"


def test_without_a_service_there_is_no_level_to_change(tmp_path):
    done = run_cli("log-level", "debug", "--data-dir", tmp_path)
    assert done.returncode == 1 and "No service answers" in done.stderr


def said_on_a_terminal(tmp_path, **environment):
    """What `serve` writes to a terminal at standard error until it cannot start."""
    (tmp_path / "data").write_text("a file, so that it ends at once")
    ours, theirs = pty.openpty()
    command = [BINARY, "serve", "--data-dir", tmp_path / "data", *FREE_PORTS]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env={**INHERITED, **environment})
    os.close(theirs)
    text = b""
    while True:
        try:
            some = os.read(ours, 65536)
        except OSError:  # The other end is closed.
            break
        if not some:
            break
        text += some
    os.close(ours)
    assert process.wait(20) == 1
    return text.decode()


def test_a_person_at_a_terminal_reads_text(tmp_path):
    said = said_on_a_terminal(tmp_path)
    assert re.match(r"\d{4}-\d\d-\d\dT[\d:.]{12}Z error [^{]", said), said


def test_a_terminal_gets_json_when_it_is_asked_for(tmp_path):
    said = said_on_a_terminal(tmp_path, PRODUCTD_LOGGER_ENCODING="json")
    assert said.startswith('{"time":'), said
