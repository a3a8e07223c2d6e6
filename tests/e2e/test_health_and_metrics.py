# What operators see: health, readiness and the metrics kept by name, counting what they say.
import re

import httpx
import pytest

from products import UNKNOWN_ID, a_product
from service import PRODUCTS

KEPT = [
    "http_microservice_total_requests",
    "http_products_success_incoming_messages_total",
    "http_products_create_incoming_requests_total",
    "http_products_update_incoming_requests_total",
    "http_products_get_by_id_incoming_requests_total",
    "http_products_search_incoming_requests_total",
    "http_products_error_incoming_message_total",
    "products_service_requests_total",
    "products_create_incoming_grpc_requests_total",
    "products_update_incoming_grpc_requests_total",
    "products_get_by_id_incoming_grpc_requests_total",
    "products_search_incoming_grpc_requests_total",
    "products_success_incoming_grpc_messages_total",
    "products_error_incoming_grpc_message_total",
    "products_incoming_kafka_messages_total",
    "products_success_incoming_kafka_messages_total",
    "products_error_incoming_kafka_message_total",
]
GRPC = [f"grpc_server_{what}_total" for what in ("started", "handled", "msg_received", "msg_sent")]
PROCESS = [
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_open_fds",
    "process_start_time_seconds",
]
SAMPLE = re.compile(
    r'^[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_]\w*="(\\.|[^"\\])*",?)*\})? (-?[0-9.]+([eE][-+]?\d+)?|NaN|[-+]?Inf)( \d+)?$'
)


def test_health_says_ok(service):
    answer = service.get("/health")
    assert (answer.status_code, answer.text) == (200, "Ok")


def test_liveness_and_readiness_say_yes(service):
    assert service.get("/livez").status_code == 200
    assert service.get("/readyz").status_code == 200


def test_verbose_readiness_names_each_dependency(service):
    answer = service.get("/readyz?verbose")
    assert answer.status_code == 200
    for dependency in ("log", "store"):
        assert dependency in answer.text, answer.text


def test_the_metrics_port_and_the_rest_port_show_the_same_families(service):
    def families(text):
        return {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}

    plain = httpx.get(f"http://127.0.0.1:{service.ready['metrics_port']}/metrics")
    tls = service.get("/metrics")
    assert plain.status_code == tls.status_code == 200
    assert plain.headers["Content-Type"].startswith("text/plain")
    assert families(plain.text) == families(tls.text)


@pytest.mark.parametrize("name", KEPT + PROCESS)
def test_a_metric_of_the_contract_is_there(service, name):
    assert re.search(rf"^{name}(\{{.*\}})? ", service.metrics_text(), re.M)


def test_the_text_is_well_formed_and_no_series_comes_twice(service):
    seen = set()
    for line in service.metrics_text().splitlines():
        if line and not line.startswith("#"):
            assert SAMPLE.match(line), line
            series = line.rpartition(" ")[0]
            assert series not in seen, series
            seen.add(series)


def counted(service, action, *names):
    """By how much each metric went up over `action`."""
    before = [service.metric(name) for name in names]
    action()
    return [service.metric(name) - was for name, was in zip(names, before)]


def test_rest_requests_are_counted_by_operation(service):
    product = service.created(a_product())
    path = f"{PRODUCTS}/{product['productId']}"

    def action():
        service.created(a_product())
        service.request("PUT", path, json=a_product())
        service.get(path)
        service.get(path)
        service.get(f"{PRODUCTS}/search")
        service.get(f"{PRODUCTS}/{UNKNOWN_ID}")

    up = counted(
        service,
        action,
        *(f"http_products_{name}_incoming_requests_total" for name in ("create", "update", "get_by_id", "search")),
        "http_products_success_incoming_messages_total",
        "http_products_error_incoming_message_total",
    )
    assert up == [1, 1, 3, 1, 5, 1]


def test_grpc_requests_are_counted_by_operation(service, stub, proto):
    pb = proto.product_pb2

    def action():
        made = stub.Create(pb.CreateReq(Name="abc", Description="abc", Price=1)).Product.ProductID
        stub.Update(pb.UpdateReq(ProductID=made, Name="abc", Description="abc", Price=2))
        stub.GetByID(pb.GetByIDReq(ProductID=made))
        stub.Search(pb.SearchReq(Search="abc"))
        with pytest.raises(Exception):
            stub.GetByID(pb.GetByIDReq(ProductID=UNKNOWN_ID))

    up = counted(
        service,
        action,
        *(f"products_{name}_incoming_grpc_requests_total" for name in ("create", "update", "get_by_id", "search")),
        "products_success_incoming_grpc_messages_total",
        "products_error_incoming_grpc_message_total",
        *GRPC,
    )
    assert up[:6] == [1, 1, 2, 1, 4, 1]
    assert up[6:] == [5, 5, 5, 4]
    assert service.metric("grpc_server_handled_total", grpc_method="GetByID", grpc_code="NotFound") >= 1


def test_events_are_counted_as_they_are_consumed(service):
    def action():
        path = f"{PRODUCTS}/{service.created(a_product())['productId']}"
        service.request("PUT", path, json=a_product())
        service.request("DELETE", path)

    assert counted(
        service, action, "products_incoming_kafka_messages_total", "products_success_incoming_kafka_messages_total"
    ) == [3, 3]


def test_the_total_counts_every_request(service):
    assert (
        counted(service, lambda: [service.get("/health") for _ in range(3)], "http_microservice_total_requests")[0] >= 3
    )


def test_labels_are_bounded_whatever_clients_ask_for(service):
    before = len(service.metrics_text().splitlines())
    for i in range(50):
        service.get(f"/nowhere/{i}")
        service.request(f"METHOD{i}", PRODUCTS)
        service.get(f"{PRODUCTS}/{i:024x}")
    assert len(service.metrics_text().splitlines()) - before < 60
