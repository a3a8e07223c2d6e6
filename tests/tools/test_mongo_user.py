# tools/mongo_user.py before it speaks with any server: where the administrator's password may be, and where not. tests/stack
# has it make a user.
import os
import pty
import subprocess
import sys

import pytest

from sources import ROOT

COMMAND = [sys.executable, "-B", ROOT / "tools/mongo_user.py"]
# Nobody is there; what would be said to whom is only of interest before that.
NOBODY = "127.0.0.1:1/?serverSelectionTimeoutMS=1"


def refused(*arguments, tmp_path, **environment):
    """What it says where it has not tried anything, which no file shows either."""
    made = tmp_path / "made"
    command = [*COMMAND, "--password-file", made, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env={**os.environ, **environment})
    assert done.returncode == 1 and done.stderr.startswith("mongo: ") and "Traceback" not in done.stderr, done.stderr
    assert not made.exists(), "it was about to go to the server"
    return done.stderr


def test_a_password_among_the_arguments_is_refused_and_not_repeated(tmp_path):
    said = refused(f"mongodb://admin:geheim@{NOBODY}", tmp_path=tmp_path)
    assert "--admin-password-file" in said and "PRODUCTD_MONGODB_ADMIN_PASSWORD" in said and "geheim" not in said


def test_without_a_terminal_nobody_is_asked(tmp_path):
    assert "no terminal" in refused(f"mongodb://admin@{NOBODY}", tmp_path=tmp_path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    missing = tmp_path / "missing"
    said = refused("--admin-password-file", missing, f"mongodb://admin@{NOBODY}", tmp_path=tmp_path)
    assert str(missing) in said


@pytest.mark.parametrize("given", ["file", "variable", "nobody"])
def test_a_password_that_is_given_is_enough_to_go_to_the_server(tmp_path, given):
    (tmp_path / "admin").write_text("geheim\n")
    flags = ["--admin-password-file", tmp_path / "admin"] if given == "file" else []
    variable = {"PRODUCTD_MONGODB_ADMIN_PASSWORD": "geheim"} if given == "variable" else {}
    who = "" if given == "nobody" else "admin@"
    command = [*COMMAND, "--password-file", tmp_path / "made", *flags, f"mongodb://{who}{NOBODY}"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env={**os.environ, **variable})
    assert done.returncode == 1 and "127.0.0.1:1" in done.stderr and "geheim" not in done.stderr, done.stderr
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o600


def test_on_a_terminal_it_asks_and_does_not_show_what_is_typed(tmp_path):
    ours, theirs = pty.openpty()
    command = [*COMMAND, "--password-file", tmp_path / "made", f"mongodb://admin@{NOBODY}"]
    # Of a session of its own, so that the terminal it asks on can be no other.
    asking = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    shown = b""
    while b"Password of admin: " not in shown:
        shown += os.read(ours, 1000)
    os.write(ours, b"geheim\n")
    assert asking.wait(timeout=60) == 1
    shown += os.read(ours, 10_000)
    os.close(ours)
    os.close(theirs)
    assert b"127.0.0.1:1" in shown and b"geheim" not in shown
