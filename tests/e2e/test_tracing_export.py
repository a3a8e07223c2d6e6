# What becomes of spans whose collector is away, slow or refuses, and what says where they go.
import grpc

from otlp_collector import Collector
from products import UNKNOWN_ID, a_product
from service import PRODUCTS
from topics import read
from traced_services import SAMPLED, TRACE, collector, counted, created, traced  # noqa: F401
from waiting import eventually


def test_spans_of_a_collector_that_is_away_arrive_once_it_is_back(new_service):
    with Collector() as first:
        port = first.port
    service = new_service(
        environment={"PRODUCTD_TRACING_ENDPOINT": f"127.0.0.1:{port}", "PRODUCTD_TRACING_INTERVAL": "20ms"}
    ).start()
    service.get(f"{PRODUCTS}/{UNKNOWN_ID}", headers=SAMPLED)
    eventually(lambda: counted(service, "export_failures_total") >= 2, what="failures")
    assert counted(service, "collector_up") == 0
    assert service.output().count("Traces cannot be sent") == 1
    with Collector(port) as back:
        back.trace(TRACE, [f"GET {PRODUCTS}/{{id}}"])
        eventually(lambda: counted(service, "collector_up") == 1, what="the collector")
        assert counted(service, "spans_given_up_total") == 0


def test_a_collector_that_refuses_or_does_not_answer_costs_no_request(traced, collector):
    service = traced(PRODUCTD_TRACING_QUEUE_MAX="10", PRODUCTD_TRACING_TIMEOUT="200ms")
    collector.refuse_with = grpc.StatusCode.INVALID_ARGUMENT
    service.get(f"{PRODUCTS}/{UNKNOWN_ID}")
    eventually(lambda: counted(service, "spans_refused_total") >= 2, what="refused spans")
    collector.refuse_with = None
    collector.held.clear()
    for _ in range(40):
        assert service.get(f"{PRODUCTS}/{UNKNOWN_ID}").status_code == 404
    eventually(lambda: counted(service, "spans_dropped_total") > 0, what="dropped spans")
    assert counted(service, "queue_spans") <= 10
    collector.held.set()
    service.get(f"{PRODUCTS}/{UNKNOWN_ID}")
    total = lambda: sum(
        counted(service, f"spans_{what}_total") for what in ("exported", "refused", "dropped", "given_up")
    )
    eventually(lambda: counted(service, "queue_spans") == 0 and total() == counted(service, "spans_total"))


def test_a_stop_sends_what_is_left_and_waits_for_no_dead_collector(traced, collector, new_service):
    service = traced(PRODUCTD_TRACING_INTERVAL="1m")
    service.get(f"{PRODUCTS}/{UNKNOWN_ID}", headers=SAMPLED)
    service.stop()
    collector.trace(TRACE, [f"GET {PRODUCTS}/{{id}}", "find products"], seconds=5)

    collector.close()
    other = new_service(
        name="other",
        environment={"PRODUCTD_TRACING_ENDPOINT": f"127.0.0.1:{collector.port}", "PRODUCTD_TRACING_INTERVAL": "20ms"},
    ).start()
    other.get(f"{PRODUCTS}/{UNKNOWN_ID}", headers=SAMPLED)
    eventually(lambda: counted(other, "collector_up") == 0, what="the failure")
    other.stop()


def test_the_variables_of_opentelemetry_are_understood(new_service, collector):
    service = new_service(
        environment={
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.port}",
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20token,x-scope=one",
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test,service.name=mine",
            "OTEL_SERVICE_NAME": "other",
            "OTEL_TRACES_SAMPLER": "parentbased_always_off",
            "OTEL_BSP_SCHEDULE_DELAY": "20",
        }
    ).start()
    service.get(f"{PRODUCTS}/{UNKNOWN_ID}")
    service.get(f"{PRODUCTS}/{UNKNOWN_ID}", headers=SAMPLED)
    spans = collector.trace(TRACE, [f"GET {PRODUCTS}/{{id}}"])
    assert {span.trace for span in collector.spans} == {TRACE}, "what begins here is not recorded"
    resource = spans[f"GET {PRODUCTS}/{{id}}"].resource
    assert resource["deployment.environment.name"] == "test"
    assert resource["service.name"] == "other", "its own variable wins over the list"
    assert collector.metadata[0]["authorization"] == "Bearer token"
    assert "token" not in service.output()


def test_tracing_can_be_disabled_and_then_passes_on_what_it_gets(new_service, collector):
    service = new_service(
        environment={"PRODUCTD_TRACING_ENDPOINT": f"127.0.0.1:{collector.port}", "OTEL_SDK_DISABLED": "true"}
    ).start()
    created(service, **SAMPLED)
    headers = {header["name"]: header["value"] for header in read(service, "create-product")[0]["headers"]}
    assert headers["traceparent"] == SAMPLED["traceparent"]
    service.stop()
    assert collector.requests == 0
