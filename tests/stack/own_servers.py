# Servers of the stack of a test's own.
import os

import pytest

import stack


@pytest.fixture
def own(tmp_path):
    """Makes and starts one by its name, as `server` says where that is given; all are gone after the test."""
    made = []

    def start(name, server=None):
        running = stack.Running(server or stack.named(name), tmp_path)
        if not os.access(running.server.program, os.X_OK):
            assert not os.environ.get("CI"), f"{name} is not there: run {running.server.install}"
            pytest.skip(f"{name} is not there; run {running.server.install}")
        made.append(running)
        running.up()
        return running

    yield start
    stack.down(made)
