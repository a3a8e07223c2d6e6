# The backup commands as a person gives them.
from lost_store import history_of
from service import run_cli


def backup(data, to, code=0):
    done = run_cli("backup", to, "--data-dir", data)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def restore(source, data, code=0):
    done = run_cli("restore", source, "--data-dir", data)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def check_is_well(service):
    is_ready, history = history_of(service)
    assert is_ready and history["ok"], history
