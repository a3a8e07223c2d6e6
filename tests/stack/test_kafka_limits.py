# What a service on Kafka keeps within while more comes than it can write.
import json

import pytest

from freezing import freeze, thaw
from kafka_bus import lag_metrics
from process_readings import memory_mib
from products import a_product
from waiting import eventually

pytest_plugins = ["kafka_fixtures", "mongodb_fixture"]
PREFETCH_MIB, IN_FLIGHT_MIB = 8, 4
MESSAGES, MESSAGE_BYTES = 30_000, 4_000


@pytest.fixture
def service(bus, services, mongodb_environment):
    bus.cli("topics", "create")
    environment = {
        **bus.environment,
        **mongodb_environment,
        "PRODUCTD_KAFKA_PREFETCHBYTESMAX": f"{PREFETCH_MIB}MiB",
        "PRODUCTD_WORKER_INFLIGHTBYTESMAX": f"{IN_FLIGHT_MIB}MiB",
    }
    return services(environment).start()


def test_a_backlog_stays_with_the_brokers_while_the_store_is_down(bus, service, mongodb, tmp_path):
    service.created(a_product(name="before"))
    idle = memory_mib(service.process.pid)
    freeze(mongodb.state()["pid"])
    lines = tmp_path / "lines"
    with lines.open("w") as file:
        for _ in range(MESSAGES):
            file.write(json.dumps(a_product(note="x" * MESSAGE_BYTES)) + "\n")
    bus.kcat("-P", "-t", bus.topic("create"), "-l", str(lines))
    eventually(lambda: lag_metrics(service)[1] >= MESSAGES, 60, "the whole backlog", pause=0.2)

    thaw(mongodb.state()["pid"])
    bus.caught_up(120)
    assert bus.letters() == []
    more = memory_mib(service.process.pid, "VmHWM") - idle
    # What is read is decoded besides, and a fetch goes past the limit by what it brings.
    limit = 3 * (PREFETCH_MIB + IN_FLIGHT_MIB)
    assert limit < MESSAGES * MESSAGE_BYTES / 2**20 / 3, "the whole backlog would be far above"
    assert more < limit
    service.stop()
