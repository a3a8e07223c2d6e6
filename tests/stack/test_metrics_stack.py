# docs/metrics.md and /metrics tell the same on Kafka, MongoDB and Redis too.
import load
from metrics_table import differences

pytest_plugins = ["kafka_fixtures", "mongodb_fixture", "whole_stack", "generated"]


def test_the_table_lists_what_is_exported_and_nothing_else(whole_stack, services, proto, publish):
    service = services(whole_stack).start()
    load.load(service, proto, publish)
    engines = {"bus": "kafka", "store": "mongodb", "cache": "redis"}
    assert list(differences(service.metrics_text(), engines)) == []
    assert service.metric("productd_kafka_up") == service.metric("productd_mongodb_up") == 1
    service.stop()
