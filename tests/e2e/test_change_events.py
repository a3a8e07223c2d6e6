# The feed of changes as server-sent events, over both versions of HTTP.
import json
import threading

import pytest

from products import a_product
from service import PRODUCTS
from store_under_test import embedded_only
from waiting import eventually

pytestmark = embedded_only  # MongoDB has no feed yet.
CHANGES = f"{PRODUCTS}/changes"
EVENTS = {"Accept": "text/event-stream"}


class Stream:
    """The events of one answer, as a browser reads them."""

    def __init__(self, service, http2=False, since=None, **headers):
        self.client = service.new_client(http2=http2)
        asked = {**EVENTS, **headers, **({"Last-Event-ID": since} if since else {})}
        self.context = self.client.stream("GET", CHANGES, headers=asked, timeout=60)
        self.answer = self.context.__enter__()
        assert self.answer.status_code == 200
        assert self.answer.headers["Content-Type"] == "text/event-stream"
        self.lines, self.id = self.answer.iter_lines(), None

    def next(self):
        """(name, data); (None, None) of what only moves the id on; nothing at the end."""
        name, data, is_there = None, None, False
        for line in self.lines:
            field, _, value = line.strip("\n").partition(": ")
            if not line.strip("\n") and is_there:
                return name, json.loads(data) if data else None
            is_there = True
            if field == "id":
                self.id = value
            elif field == "event":
                name = value
            elif field == "data":
                data = value
        return None

    def until(self, wanted):
        told = []
        while not told or told[-1][0] != wanted:
            told.append(self.next())
            assert told[-1] is not None, told
        return told

    def close(self):
        self.context.__exit__(None, None, None)
        self.client.close()


@pytest.mark.parametrize("http2", [False, True])
def test_a_snapshot_and_then_each_change_as_it_comes(service, http2):
    made = service.created(a_product())
    stream = Stream(service, http2)
    named = {data["productId"] for name, data in stream.until("snapshot")[:-1] if name == "change"}
    assert made["productId"] in named
    later = service.created(a_product())
    (*_, (name, change)) = stream.until("change")
    assert change["product"] == later and change["position"] == stream.id
    reached = stream.id
    stream.close()
    assert service.request("DELETE", f"{PRODUCTS}/{made['productId']}").status_code == 204
    again = Stream(service, http2, since=reached, Prefer="return=minimal")
    (*_, (name, change)) = again.until("change")
    assert (change["productId"], change["deleted"], "product" in change) == (made["productId"], True, False)
    again.close()


def test_what_is_no_position_is_refused_before_the_stream_begins(service):
    for since, status in [("nowhere", 400), ("s-0000000000000000.0000000000000000", 410)]:
        assert service.get(CHANGES, headers={**EVENTS, "Last-Event-ID": since}).status_code == status


def test_a_stream_on_which_nothing_happens_tells_where_it_stands(new_service):
    service = new_service(environment={"PRODUCTD_FEED_HEARTBEAT": "100ms", "PRODUCTD_HTTP_TIMEOUT": "300ms"}).start()
    stream = Stream(service)
    stream.until("snapshot")
    for _ in range(6):  # Together longer than a request may take.
        assert stream.next() == (None, None) and stream.id.startswith("s-")
    stream.close()
    eventually(lambda: service.metric("productd_feed_watchers") == 0, 20, "its place")


def test_a_stream_ends_with_its_age_and_goes_on_from_its_last_position(new_service):
    service = new_service(environment={"PRODUCTD_FEED_STREAMAGE": "1s"}).start()
    stream = Stream(service)
    (*_, (name, data)) = stream.until("end")
    assert "go on from the last id" in data["detail"] and stream.next() is None
    made = service.created(a_product())
    again = Stream(service, since=stream.id)
    assert again.until("change")[-1][1]["product"] == made


def test_a_stop_ends_all_streams_at_once_with_a_word(new_service):
    service = new_service(environment={"PRODUCTD_SHUTDOWN_TIMEOUT": "60s"}).start()
    # h2 takes GOAWAY for the end of what it still reads: Http2PiecesEnds has streams of HTTP/2.
    streams = [Stream(service) for _ in range(20)]
    for stream in streams:
        stream.until("snapshot")
    ends = []
    readers = [threading.Thread(target=lambda one=one: ends.append(one.until("end")[-1][1])) for one in streams]
    for reader in readers:
        reader.start()
    service.terminate()
    for reader in readers:
        reader.join()
    service.wait_end()
    assert [end["code"] for end in ends] == ["unavailable"] * 20


def test_who_is_gone_gives_back_its_place(new_service):
    service = new_service(environment={"PRODUCTD_FEED_WATCHERSMAX": "2"}).start()
    for http2 in (False, True):
        streams = [Stream(service, http2) for _ in range(2)]
        for stream in streams:
            stream.until("snapshot")
        assert service.get(CHANGES).status_code == 429
        for stream in streams:
            stream.close()
        eventually(lambda: service.get(CHANGES).status_code == 200, 20, "a free place")
