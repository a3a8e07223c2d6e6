# Writes that are answered before they are applied: safely in the log, no version yet, visible once applied.
import json

import pytest

from products import a_full_product, a_product, check_problem, check_product
from service import PRODUCTS
from topics import read
from waiting import eventually


@pytest.fixture(scope="module")
def hasty(tmp_path_factory):
    """A service that does not wait for its worker."""
    from service import Service

    service = Service(tmp_path_factory.mktemp("hasty"), environment={"PRODUCTD_HTTP_APPLY_WAIT": "0s"}).start()
    yield service
    service.stop()


def applied(service, path, version):
    """The product once it has this version."""

    def probe():
        answer = service.get(path, headers={"Cache-Control": "no-cache"})
        return answer.status_code == 200 and answer.json()["version"] == version and answer.json()

    return eventually(probe, what=f"version {version}")


def test_an_accepted_create_has_no_version_and_is_stored_as_it_was_answered(hasty):
    given = a_full_product()
    answer = hasty.create(given)
    assert answer.status_code == 201 and answer.headers["Product-State"] == "accepted"
    assert "ETag" not in answer.headers and "version" not in answer.json()
    check_product(answer.json(), given)
    assert applied(hasty, answer.headers["Location"], 1) == {**answer.json(), "version": 1}


def test_an_accepted_update_and_delete_are_applied_later(hasty):
    path = hasty.create(a_product()).headers["Location"]
    applied(hasty, path, 1)
    changed = hasty.request("PUT", path, json=a_product(name="changed later"))
    assert changed.status_code == 200 and changed.headers["Product-State"] == "accepted"
    assert applied(hasty, path, 2)["name"] == "changed later"
    deleted = hasty.request("DELETE", path)
    assert deleted.status_code == 204 and deleted.headers["Product-State"] == "accepted"
    eventually(lambda: hasty.get(path, headers={"Cache-Control": "no-cache"}).status_code == 404, what="the deletion")


def test_accepted_writes_are_counted_by_why_they_were_not_waited_for(hasty):
    accepted = lambda: hasty.metric("productd_writes_accepted_total", reason="wait_is_off")
    before = accepted()
    hasty.create(a_product())
    assert accepted() == before + 1
    assert hasty.metric("productd_writes_accepted_total") == accepted(), "no other reason"
    assert 'productd_writes_accepted_total{reason="worker_behind"} 0' in hasty.metrics_text(), "there before it happens"


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_conditional_write_that_would_not_be_waited_for_is_503_and_nothing_is_published(hasty, method):
    path = hasty.create(a_product()).headers["Location"]
    product = applied(hasty, path, 1)
    tag = hasty.get(path).headers["ETag"]
    body = a_product() if method == "PUT" else None
    answer = hasty.request(method, path, json=body, headers={"If-Match": tag})
    check_problem(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0
    topic = "update-product" if method == "PUT" else "delete-product"
    assert product["productId"] not in json.dumps(read(hasty, topic))


def test_an_event_carries_the_trace_of_its_request(service):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = service.create(a_product(name="traced"), traceparent=f"00-{trace}-00f067aa0ba902b7-01")
    message = next(
        m
        for m in read(service, "create-product")
        if answer.json()["productId"] in (m["value"] or "") + (m["key"] or "")
    )
    carried = {header["name"]: header["value"] for header in message["headers"]}
    assert trace in carried["traceparent"]


def test_log_lines_are_json_objects_without_payloads(new_service):
    service = new_service().start()
    service.create(a_product(name="confidential name", description="confidential description"))
    service.create({"name": "confidential name"})
    service.get(f"{PRODUCTS}/search", params={"search": "confidential"})
    service.get("/health", headers={"X-Request-Id": "find-me-in-the-log", "Authorization": "Bearer confidential"})
    service.stop()
    lines = [line for line in service.output(tail=10**6).splitlines() if line.startswith("{")]
    parsed = [json.loads(line) for line in lines]
    assert parsed and all({"time", "level", "message"} <= line.keys() for line in parsed)
    assert any(line.get("request_id") == "find-me-in-the-log" for line in parsed)
    assert "confidential" not in service.output(tail=10**6)


def test_the_access_log_can_be_turned_down(new_service):
    service = new_service(
        environment={"PRODUCTD_HTTP_ACCESS_LOG": "failures", "PRODUCTD_LOGGER_ENCODING": "console"}
    ).start()
    service.get("/health", headers={"X-Request-Id": "fine-request"})
    service.get("/nowhere", headers={"X-Request-Id": "failed-request"})
    service.stop()
    assert "failed-request" in service.output() and "fine-request" not in service.output()
