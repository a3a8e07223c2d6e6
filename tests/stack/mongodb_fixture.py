# A MongoDB of one test's own, so that it can be stopped, and a service that soon notices.
import pytest

import stack
from freezing import thaw


@pytest.fixture
def mongodb(tmp_path):
    running = stack.Running(stack.named("mongodb"), tmp_path)
    running.up()
    yield running
    if state := running.state():
        thaw(state["pid"])
    running.down()


@pytest.fixture
def mongodb_environment(mongodb):
    return {
        "PRODUCTD_STORE": "mongodb",
        "PRODUCTD_MONGODB_URI": f"mongodb://127.0.0.1:{mongodb.state()['port']}",
        "PRODUCTD_MONGODB_SOCKETTIMEOUT": "1s",
        "PRODUCTD_MONGODB_SERVERSELECTIONTIMEOUT": "500ms",
    }
