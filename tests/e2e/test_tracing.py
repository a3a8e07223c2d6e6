# Traces of the real service, as a collector gets them: across REST, gRPC, the log, the worker and the store.
import json
import re

import grpc
import pytest

from dead_letters import ID, dlq
from products import UNKNOWN_ID, a_product
from service import PRODUCTS
from topics import dead_letter_of, publish, read
from traced_services import CALLER, SAMPLED, TRACE, collector, created, traced  # noqa: F401
from waiting import eventually

def test_a_post_is_one_trace_from_the_request_to_the_store(traced, collector):
    service = traced()
    product = service.created(a_product())
    root = next(s for s in collector.wait_for(lambda all: any(s.kind == "server" for s in all)) if s.kind == "server")
    names = ["send create-product", "poll create-product", "process create-product", "apply", "commit create-product"]
    spans = collector.trace(root.trace, [*names, "write products"])
    assert root.name == f"POST {PRODUCTS}" and root.parent is None
    send, process, apply_ = (spans[name] for name in ("send create-product", "process create-product", "apply"))
    assert send.parent == root.id and send.kind == "producer"
    assert process.parent == send.id and process.kind == "consumer"
    assert spans["poll create-product"].parent == spans["commit create-product"].parent == send.id
    assert apply_.parent == process.id and apply_.kind == "internal"
    assert spans["write products"].parent == apply_.id and spans["write products"].kind == "client"
    assert root.start <= send.start <= send.end <= root.end
    assert process.start <= apply_.start <= apply_.end <= process.end

    assert root.attributes["http.request.method"] == "POST"
    assert root.attributes["http.route"] == root.attributes["url.path"] == PRODUCTS
    assert root.attributes["http.response.status_code"] == 201
    assert root.attributes["url.scheme"] == "https"
    assert send.attributes["messaging.operation.type"] == "send"
    assert send.attributes["messaging.destination.name"] == "create-product"
    assert send.attributes["kafka.message.key"] == product["productId"]
    assert process.attributes["messaging.operation.type"] == "process"
    assert process.attributes["productd.ending"] == "applied"
    assert {span.resource["service.name"] for span in spans.values()} == {"products_microservice"}
    assert not any(span.failed for span in spans.values())


def test_what_comes_with_a_request_goes_on_with_its_event(traced, collector):
    service = traced()
    lists = {"tracestate": "vendor=opaque", "baggage": "user=alice,tier=gold"}
    created(service, **SAMPLED, **lists)
    spans = collector.trace(TRACE, [f"POST {PRODUCTS}", "send create-product", "process create-product"])
    assert spans[f"POST {PRODUCTS}"].parent == CALLER
    assert spans[f"POST {PRODUCTS}"].tracestate == lists["tracestate"]
    headers = {header["name"]: header["value"] for header in read(service, "create-product")[0]["headers"]}
    assert headers["traceparent"] == f"00-{TRACE}-{spans['send create-product'].id}-01"
    assert {name: headers[name] for name in lists} == lists


def test_what_its_caller_does_not_record_is_not_recorded_here(traced, collector):
    service = traced()
    created(service, traceparent=f"00-{TRACE}-{CALLER}-00")
    headers = {header["name"]: header["value"] for header in read(service, "create-product")[0]["headers"]}
    assert re.fullmatch(f"00-{TRACE}-[0-9a-f]{{16}}-00", headers["traceparent"])
    created(service, traceparent="00-" + "1" * 32 + "-" + "2" * 16 + "-01")
    collector.trace("1" * 32, ["process create-product"])
    assert not [span for span in collector.spans if span.trace == TRACE]


def test_a_grpc_call_continues_its_callers_trace(traced, collector, proto):
    service = traced()
    product = service.created(a_product())
    with service.channel() as channel:
        stub = proto.product_pb2_grpc.ProductsServiceStub(channel)
        metadata = (("traceparent", SAMPLED["traceparent"]),)
        update = proto.product_pb2.UpdateReq(ProductID=product["productId"], Name="Stool", Description="A stool", Price=1)
        stub.Update(update, metadata=metadata, timeout=10)
        with pytest.raises(grpc.RpcError):
            stub.GetByID(proto.product_pb2.GetByIDReq(ProductID=UNKNOWN_ID), metadata=metadata, timeout=10)
    update, get = "productsService.ProductsService/Update", "productsService.ProductsService/GetByID"
    spans = collector.trace(TRACE, [update, get, "write products", "find products"])
    assert spans[update].parent == spans[get].parent == CALLER
    assert spans[update].kind == "server" and spans[update].attributes["rpc.system.name"] == "grpc"
    assert spans[update].attributes["rpc.method"] == update
    assert spans[update].attributes["rpc.status_code"] == "OK"
    assert spans[get].attributes["rpc.status_code"] == "NOT_FOUND"
    assert not spans[get].failed, "what a client did wrong is no failure of the service"
    assert spans["write products"].parent == spans[update].id


def test_a_poison_messages_trace_ends_in_its_letter_and_goes_on_in_its_replay(traced, collector):
    service = traced()
    orphan = json.dumps(a_product(productId=ID))
    position = publish(service, "update-product", orphan, "-H", f"traceparent={SAMPLED['traceparent']}")
    letter = dead_letter_of(service, position)
    spans = collector.trace(TRACE, ["send update-product", "process update-product", "send dead-letter-queue"])
    process, sent = spans["process update-product"], spans["send dead-letter-queue"]
    assert spans["send update-product"].parent == CALLER and process.parent == spans["send update-product"].id
    assert process.failed and process.events == ["exception"]
    assert process.attributes["error.type"] == "not_found"
    assert process.attributes["productd.ending"] == "dead_lettered"
    assert sent.parent == process.id
    assert letter["traceparent"] == f"00-{TRACE}-{process.id}-01"

    publish(service, "create-product", orphan)
    eventually(lambda: service.get(f"{PRODUCTS}/{ID}").status_code == 200, what="the product")
    assert "1 replayed" in dlq(service, "replay", letter["messageId"])
    under_process = lambda all: [s for s in all if s.parent == process.id and s.name == "send update-product"]
    again = under_process(collector.wait_for(under_process))[0]
    collector.wait_for(lambda all: any(s.parent == again.id and s.name == "process update-product" for s in all))


def test_what_cannot_be_read_is_of_its_senders_trace_too(traced, collector):
    service = traced()
    publish(service, "create-product", "no JSON", "-H", f"traceparent={SAMPLED['traceparent']}")
    process = collector.trace(TRACE, ["process create-product"])["process create-product"]
    assert process.failed and process.attributes["error.type"] == "invalid_argument"


def test_messages_of_one_call_refer_to_the_first_ones_span(traced, collector):
    service = traced()
    lines = "".join(json.dumps(a_product()) + "\n" for _ in range(200))
    publish(service, "create-product", "--file", "-", "-H", f"traceparent={SAMPLED['traceparent']}", lines=lines)
    spans = collector.wait_for(lambda all: len([s for s in all if s.name == "process create-product"]) == 200)
    applied = {span.id for span in spans if span.name == "apply"}
    for process in (span for span in spans if span.name == "process create-product"):
        served = [link for link in process.links if link in applied]
        own = [span for span in spans if span.name == "apply" and span.parent == process.id]
        assert len(served) + len(own) == 1, "each is served by one call"
    assert len(applied) < 200 and any(process.links for process in spans)


def test_probes_and_scrapes_leave_no_spans(traced, collector):
    service = traced()
    for path in ("/health", "/livez", "/readyz", "/metrics"):
        assert service.get(path).status_code == 200
    service.metrics_text()
    service.get(f"{PRODUCTS}/{UNKNOWN_ID}", headers=SAMPLED)
    collector.trace(TRACE, [f"GET {PRODUCTS}/{{id}}"])
    assert {span.name for span in collector.spans if span.kind == "server"} == {f"GET {PRODUCTS}/{{id}}"}


def test_a_failing_request_is_a_failed_span_that_names_its_route_and_no_secret(traced, collector):
    service = traced()
    service.get(f"{PRODUCTS}/search?search=secret", headers=SAMPLED)
    service.get("/nowhere\x7f", headers=SAMPLED)
    spans = collector.trace(TRACE, [f"GET {PRODUCTS}/search", "GET"])
    assert "secret" not in json.dumps([span.attributes for span in spans.values()])
    assert spans["GET"].attributes["http.response.status_code"] in (400, 404)


def test_lines_of_a_request_name_its_trace(traced, collector):
    service = traced()
    service.get(f"{PRODUCTS}/{UNKNOWN_ID}", headers=SAMPLED)
    service.get(f"{PRODUCTS}/{UNKNOWN_ID}")
    ours = collector.wait_for(lambda all: len([s for s in all if s.kind == "server"]) == 2)
    own = next(span.trace for span in ours if span.trace != TRACE)
    lines = [f'"trace_id":"{trace}"' for trace in (TRACE, own)]
    eventually(lambda: all(line in service.output() for line in lines), what="both lines")
