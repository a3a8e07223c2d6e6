# Every query of every dashboard, rule and alert, asked of a real Prometheus that has seen a load on two services: one
# embedded, one on Kafka, MongoDB and Redis. What gives nothing stands in deployed_queries.EMPTY with the reason.
import contextlib
import math

import pytest

import deployed_queries
import load
import stack_telemetry
import topics
from prometheus_answers import asked
from service import Service
from waiting import eventually

pytest_plugins = ["kafka_fixtures", "mongodb_fixture", "whole_stack", "generated", "own_prometheus"]


def answer(prometheus, expression):
    """How many series with a number it gives; what it refuses fails."""
    series_of = asked(prometheus, "query", query=expression)["result"]
    return sum(1 for series in series_of if not math.isnan(float(series["value"][1])))


def test_a_query_that_gives_nothing_is_seen(prometheus):
    """Of the question itself; and what Prometheus refuses is no answer."""
    assert answer(prometheus, "vector(1)") == 1
    assert answer(prometheus, "productd_no_such_metric") == answer(prometheus, "vector(0) / 0") == 0
    with pytest.raises(AssertionError, match="parse error"):
        answer(prometheus, "sum by (")


def test_every_deployed_query_gives_data_after_a_load(prometheus, whole_stack, services, proto, publish, tmp_path):
    distributed = services(whole_stack).start()
    embedded = Service(tmp_path / "embedded", environment=load.ENVIRONMENT).start()
    senders = [(distributed, publish), (embedded, lambda *message: topics.publish(embedded, *message))]
    queries = [*deployed_queries.of_rules(), *deployed_queries.of_dashboards()]
    try:
        for number, (service, send) in enumerate(senders):
            load.load(service, proto, send)
            stack_telemetry.add_target(prometheus.folder, f"productd-{number}", service.ready["metrics_port"])

        silent, may_be = set(queries), deployed_queries.may_be_empty(queries)

        def all_have_answered():
            for service, send in senders:
                load.all_of_rest(service)
                load.all_of_grpc(service, proto)
                send("create-product", load.POISON)
            silent.difference_update([one for one in silent if answer(prometheus, one[1])])
            return silent <= may_be

        with contextlib.suppress(AssertionError):
            eventually(all_have_answered, 60, "an answer to every query", pause=1)
        assert sorted(silent - may_be) == [], "these give nothing"
        assert sorted(may_be - silent) == [], "these give something, so they need no reason not to"
    finally:
        embedded.ensure_stopped()
