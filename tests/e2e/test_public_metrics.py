# /metrics on the port of REST, which more people reach than the metrics port: what it tells, and that it can be taken away.
import re

import httpx

from products import UNKNOWN_ID, a_product, check_problem
from service import PRODUCTS
from store_under_test import embedded_only
from waiting import eventually

FORMATS = ("text/plain", "application/openmetrics-text;version=1.0.0")
ADDRESS = re.compile(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b|localhost|://|:\d{4,5}\b")
EXEMPLAR = re.compile(r' # {trace_id="[0-9a-f]{32}",span_id="[0-9a-f]{16}"} [^#]*$')
SECRET, NOBODY = "hush-7c1", "127.0.0.1:1"
SERVERS = {
    "PRODUCTD_BUS": "kafka",
    "PRODUCTD_KAFKA_BROKERS": NOBODY,
    "PRODUCTD_STORE": "mongodb",
    "PRODUCTD_MONGODB_URI": f"mongodb://a-user:{SECRET}@{NOBODY}/?serverSelectionTimeoutMS=300",
    "PRODUCTD_CACHE": "redis",
    "PRODUCTD_REDIS_ADDRESS": NOBODY,
    "PRODUCTD_REDIS_PASSWORD": SECRET,
}


def of_metrics_port(service, path):
    return httpx.get(f"http://127.0.0.1:{service.ready['metrics_port']}{path}")


def labels(text):
    return re.findall(r'\w+="((?:\\.|[^"\\])*)"', text)


def check_tells_nothing(service, *unwanted):
    for accept in FORMATS:
        text = service.get("/metrics", headers={"Accept": accept}).text
        assert "productd_build_info" in text
        # Exemplars are behind the samples of OpenMetrics: the ids of a trace, which say nothing by themselves.
        samples = "\n".join(EXEMPLAR.sub("", line) for line in text.splitlines() if not line.startswith("#"))
        found = [label for label in labels(samples) if ADDRESS.search(label) or re.search("[0-9a-f]{24}", label)]
        assert not found
        for word in (*unwanted, str(service.data), "onnection refused", "transport failure", "No suitable"):
            assert word not in samples, word


def test_it_holds_no_id_and_no_path_of_what_was_asked(service):
    product = service.created(a_product())["productId"]
    traced = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    service.get(f"{PRODUCTS}/{product}", headers={"X-Request-Id": "my-own-request", "traceparent": traced})
    service.get(f"{PRODUCTS}/{UNKNOWN_ID}")
    service.get(f"{PRODUCTS}/search?search=a-secret-search")
    service.get("/a-path-of-nobody")
    service.request("A-METHOD", PRODUCTS)
    check_tells_nothing(
        service, product, UNKNOWN_ID, "my-own-request", "a-secret-search", "a-path-of-nobody", "A-METHOD"
    )


@embedded_only
def test_it_holds_no_address_and_no_word_of_a_driver_while_all_servers_are_away(new_service):
    service = new_service(environment=SERVERS).start()
    eventually(lambda: NOBODY in of_metrics_port(service, "/readyz?verbose").text, what="there is something to tell")
    service.create(a_product())
    service.get(f"{PRODUCTS}/{UNKNOWN_ID}")
    check_tells_nothing(service, NOBODY, "a-user", SECRET)


def test_it_can_be_taken_away_from_the_port_of_rest(new_service):
    service = new_service(environment={"PRODUCTD_METRICS_ONAPI": "false"}).start()
    check_problem(service.get("/metrics"), 404)
    check_problem(service.request("POST", "/metrics"), 404)
    assert 'href="metrics"' not in service.get("/").text
    assert of_metrics_port(service, "/metrics").status_code == 200
    assert service.get("/readyz").status_code == 200
    service.stop()
