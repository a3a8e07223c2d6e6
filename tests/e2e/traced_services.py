# A collector, services whose spans go to it, and what they count.
import pytest

from otlp_collector import Collector
from products import a_product

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
SAMPLED = {"traceparent": f"00-{TRACE}-{CALLER}-01"}


@pytest.fixture
def collector():
    with Collector() as one:
        yield one


@pytest.fixture
def traced(new_service, collector):
    """Starts services whose spans go to `collector`."""

    def start(name="service", **environment):
        return new_service(
            name=name,
            environment={
                "PRODUCTD_TRACING_ENDPOINT": f"127.0.0.1:{collector.port}",
                "PRODUCTD_TRACING_INTERVAL": "20ms",
                "PRODUCTD_WORKER_NOT_FOUND_WAIT": "300ms",
                **environment,
            },
        ).start()

    return start


def counted(service, name):
    return service.metric(f"productd_tracing_{name}")


def created(service, **headers):
    answer = service.create(a_product(), **headers)
    assert answer.status_code == 201 and answer.headers["Product-State"] == "applied", answer.text
