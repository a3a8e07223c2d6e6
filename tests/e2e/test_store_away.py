# What a caller reads while the store is away or hangs: what happened, in words of the API; the rest is the log's.
import json
import socket

import pytest

from products import UNKNOWN_ID, check_problem
from service import PRODUCTS
from waiting import eventually

PATHS = [f"{PRODUCTS}/{UNKNOWN_ID}", f"{PRODUCTS}/search?search=lamp"]


@pytest.fixture
def on(new_service):
    """A service whose MongoDB is at a port of ours."""

    def start(port, **settings):
        environment = {"PRODUCTD_STORE": "mongodb", "PRODUCTD_MONGODB_URI": f"mongodb://127.0.0.1:{port}"}
        return new_service(environment=environment | {f"PRODUCTD_{key}": value for key, value in settings.items()}).start()

    return start


def test_the_operators_hints_are_in_the_log_and_not_in_answers(on):
    with socket.socket() as closed:  # Bound and not listening: nobody else gets the port, and nobody answers.
        closed.bind(("127.0.0.1", 0))
        service = on(closed.getsockname()[1], MONGODB_SERVERSELECTIONTIMEOUT="100ms")
        for path in PATHS:
            answer = service.get(path)
            assert check_problem(answer, 503)["detail"] == "The store does not answer now: try again in a moment."
            assert int(answer.headers["Retry-After"]) > 0
        assert "MongoDB.URI" not in service.get("/readyz?verbose").text

        def causes():
            lines = [json.loads(line) for line in service.output(100_000).splitlines() if line.startswith("{")]
            return [line["cause"] for line in lines if line.get("check") == "store" and "cause" in line]

        cause = eventually(causes, what="the log's line of the check")[0]
        assert cause.startswith("see MongoDB.URI: ")
        service.stop()
