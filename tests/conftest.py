# What the tests in Python share: the tools they test, the fixtures' own modules, and lines for the end of a run.
import os
import pathlib
import sys

import pytest

# Or gRPC has every fork, as of a process that is started under a filter of system calls, wait for its own threads, which on
# Debian 13 is for ever. Read when it is imported.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

ROOT = pathlib.Path(__file__).resolve().parents[1]
for folder in ("tools", "tests/e2e"):
    sys.path.insert(0, str(ROOT / folder))

told = []


@pytest.fixture(scope="session")
def facts():
    """Lines for the end of the run: what was measured on the way."""
    return told


def pytest_terminal_summary(terminalreporter):
    for line in told:
        terminalreporter.write_line(line)
