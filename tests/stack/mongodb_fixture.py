# A fixture: a MongoDB of one test's own, so that it can be stopped.
import os
import signal

import pytest

import stack


@pytest.fixture
def mongodb(tmp_path):
    running = stack.Running(stack.named("mongodb"), tmp_path)
    running.up()
    yield running
    if state := running.state():
        os.kill(state["pid"], signal.SIGCONT)
    running.down()
