# /metrics in the format that whoever asks accepts: text, OpenMetrics and protocol buffers, on both ports.
import re
import uuid

import httpx
import pytest
import yaml

import metrics_protobuf
import openmetrics
from products import a_product
from service import PRODUCTS, ROOT
from test_metrics_table import KEPT_SPELLING
from traced_services import collector, traced  # noqa: F401
from waiting import eventually

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PROTOBUF = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
OPENMETRICS_Q = (
    "application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
# As Prometheus 2.42 and 3 send it.
ACCEPTED = {
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited," + OPENMETRICS_Q: PROTOBUF,
    OPENMETRICS_Q: OPENMETRICS,
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;"
    "escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1": OPENMETRICS,
    "text/plain;version=0.0.4;q=1,*/*;q=0.1": TEXT,
    "*/*": TEXT,
    "image/png": TEXT,
    "no header at all //;;q=,": TEXT,
    "": TEXT,
}
DURATION = "productd_http_request_duration_seconds"


@pytest.fixture(params=["metrics port", "REST port"])
def scrape(request, service):
    """Asks one of the two ports."""

    def ask(accept=None, path="/metrics", **headers):
        headers |= {} if accept is None else {"Accept": accept}
        if request.param == "REST port":
            return service.get(path, headers=headers)
        return httpx.get(f"http://127.0.0.1:{service.ready['metrics_port']}{path}", headers=headers)

    return ask


@pytest.mark.parametrize("accept", ACCEPTED)
def test_the_answer_has_the_format_that_is_accepted(scrape, accept):
    answer = scrape(accept)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == ACCEPTED[accept]
    assert "Accept" in re.split(r", *", answer.headers["Vary"])


def test_several_accept_headers_are_one_list(service):
    address = f"http://127.0.0.1:{service.ready['metrics_port']}/metrics"
    answer = httpx.get(address, headers=[("Accept", "text/plain;q=0.5"), ("Accept", "application/openmetrics-text")])
    assert answer.headers["Content-Type"] == OPENMETRICS


def of_text(text):
    """{name: type}"""
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))


def test_all_formats_have_the_same_families_and_the_older_names_stay(service, scrape):
    service.created(a_product())
    text = of_text(scrape(TEXT).text)
    open_families = openmetrics.parse(scrape(OPENMETRICS).text)
    protobuf = metrics_protobuf.parse(scrape(PROTOBUF).content)
    types = {"counter": metrics_protobuf.COUNTER, "gauge": metrics_protobuf.GAUGE, "histogram": metrics_protobuf.HISTOGRAM}
    assert {name: types[kind] for name, kind in text.items()} == {name: one.type for name, one in protobuf.items()}
    kinds = {one.name + ("_total" if one.type == "counter" else ""): one.type for one in open_families.values()}
    assert kinds == {**text, KEPT_SPELLING: "unknown"}
    assert [name for name, kind in kinds.items() if kind == "unknown"] == [KEPT_SPELLING]
    assert open_families["process_cpu_seconds"].unit == protobuf["process_cpu_seconds_total"].unit == "seconds"
    assert open_families["process_resident_memory_bytes"].unit == "bytes"
    assert protobuf[KEPT_SPELLING].metric[0].counter.value > 0


def test_an_exemplar_names_the_trace_of_the_request_just_made(service, scrape):
    trace = uuid.uuid4().hex
    assert service.create(a_product(), traceparent=f"00-{trace}-b7ad6b7169203331-01").status_code == 201
    family = openmetrics.parse(scrape(OPENMETRICS).text)[DURATION]
    exemplars = [one.exemplar for one in family.samples if one.labels.get("route") == PRODUCTS and one.exemplar]
    assert trace in [one.labels["trace_id"] for one in exemplars]
    assert all(re.fullmatch("[0-9a-f]{16}", one.labels["span_id"]) for one in exemplars)
    assert "trace_id" not in scrape(TEXT).text


def test_grafana_looks_for_the_trace_under_the_label_that_it_has(service):
    service.create(a_product(), traceparent=f"00-{uuid.uuid4().hex}-b7ad6b7169203331-01")
    family = openmetrics.parse(service.get("/metrics", headers={"Accept": OPENMETRICS}).text)[DURATION]
    (exemplar, *_) = [one.exemplar for one in family.samples if one.exemplar]
    sources = yaml.safe_load((ROOT / "deploy/grafana/provisioning/datasources/productd.yml").read_text())["datasources"]
    uids = {one["uid"] for one in sources if one["type"] == "jaeger"}
    (prometheus,) = [one for one in sources if one["type"] == "prometheus"]
    for destination in prometheus["jsonData"]["exemplarTraceIdDestinations"]:
        assert destination["name"] in exemplar.labels and destination["datasourceUid"] in uids


def test_what_is_not_sampled_is_no_exemplar(service, scrape):
    trace = uuid.uuid4().hex
    assert service.create(a_product(), traceparent=f"00-{trace}-b7ad6b7169203331-00").status_code == 201
    assert trace not in scrape(OPENMETRICS).text


def traces_of(exemplars):
    return {metrics_protobuf.labels(one)["trace_id"] for one in exemplars}


def test_durations_of_rest_grpc_and_messages_have_exemplars_of_their_spans(traced, collector, proto):
    service = traced()
    trace = uuid.uuid4().hex
    header = f"00-{trace}-b7ad6b7169203331-01"
    assert service.create(a_product(), traceparent=header).status_code == 201
    with service.channel() as channel:
        stub = proto.product_pb2_grpc.ProductsServiceStub(channel)
        stub.Search(proto.product_pb2.SearchReq(Search="wood"), metadata=(("traceparent", header),), timeout=10)

    def shown():
        body = service.get("/metrics", headers={"Accept": PROTOBUF}).content
        families = metrics_protobuf.parse(body)
        of = {}
        for name in (DURATION, "productd_grpc_request_duration_seconds", "productd_worker_message_duration_seconds"):
            of[name] = [one for metric in families[name].metric for one in metric.histogram.exemplars]
        return of if all(trace in traces_of(ones) for ones in of.values()) else None

    of = eventually(shown, 10, "an exemplar of each")
    spans = {"POST " + PRODUCTS: DURATION, "process create-product": "productd_worker_message_duration_seconds"}
    spans["productsService.ProductsService/Search"] = "productd_grpc_request_duration_seconds"
    recorded = collector.trace(trace, list(spans))
    for span, name in spans.items():
        assert recorded[span].id in [metrics_protobuf.labels(one)["span_id"] for one in of[name]], name
    # Probes leave no span, and so no exemplar.
    routes = metrics_protobuf.parse(service.get("/metrics", headers={"Accept": PROTOBUF}).content)[DURATION].metric
    (probe,) = [one for one in routes if metrics_protobuf.labels(one)["route"] == "/metrics"]
    assert probe.histogram.sample_count > 0 and not probe.histogram.exemplars


def test_a_histogram_has_both_kinds_of_buckets_or_the_one_that_is_asked_for(service, scrape):
    service.created(a_product())

    def histogram(query):
        (one, *_) = metrics_protobuf.parse(scrape(PROTOBUF, "/metrics" + query).content)[DURATION].metric
        return one.histogram

    for query in ("", "?histograms=anything"):
        both = histogram(query)
        assert len(both.bucket) == 17 and both.schema == 3 and len(both.positive_span) > 0
    classic, native = histogram("?histograms=classic"), histogram("?histograms=native")
    assert len(classic.bucket) == 17 and not classic.HasField("schema") and not classic.positive_span
    assert not native.bucket and native.schema == 3 and native.positive_span
    families = metrics_protobuf.parse(scrape(PROTOBUF, "/metrics?histograms=native").content)
    assert {one.type for one in families.values()} == {metrics_protobuf.HISTOGRAM}
    assert scrape(OPENMETRICS, "/metrics?histograms=native").text == "# EOF\n"


def test_native_buckets_say_the_same_as_classic_ones(service, scrape):
    service.created(a_product())
    for metric in metrics_protobuf.parse(scrape(PROTOBUF).content)[DURATION].metric:
        for bucket in metric.histogram.bucket:
            # What lies surely below the bound is not more than what the classic bucket counts, and surely above not less.
            below = sum(count for *_, upper, count in metrics_protobuf.native_buckets(metric.histogram) if upper <= bucket.upper_bound)
            at_most = sum(count for lower, _, count in metrics_protobuf.native_buckets(metric.histogram) if lower < bucket.upper_bound)
            assert below <= bucket.cumulative_count <= at_most


@pytest.mark.parametrize("accept", [TEXT, OPENMETRICS, PROTOBUF])
def test_each_format_comes_packed_to_who_takes_that(scrape, accept):
    packed = scrape(accept, **{"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < len(packed.content) / 2
