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
            assert check_problem(answer, 503)["detail"] == "The store cannot be reached."
            request = answer.headers["X-Request-Id"]

            def causes():
                lines = [json.loads(line) for line in service.output(100_000).splitlines() if line.startswith("{")]
                return [line["cause"] for line in lines if line.get("request_id") == request and "cause" in line]

            (cause,) = eventually(causes, what="the log's line of the request")
            assert cause.startswith("see MongoDB.URI: ")
        service.stop()


def test_a_store_that_does_not_answer_is_told_with_the_time_it_had(on):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # The kernel takes connections, and nobody reads them.
        service = on(silent.getsockname()[1], MONGODB_SERVERSELECTIONTIMEOUT="60s", HTTP_TIMEOUT="1s")
        for path in PATHS:
            assert check_problem(service.get(path), 504)["detail"] == "The store did not answer within 1 s."
        service.kill()
