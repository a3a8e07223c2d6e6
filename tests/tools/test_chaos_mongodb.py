# What the chaos runs see of products in MongoDB, and that their link does what it counts.
import socket
import threading
from datetime import datetime, timedelta

import bson
import made_up_history  # noqa: F401 Makes the tool's modules known.
import oplog
import pytest
from formats import fences
from link import CUTS, Link, LinkFaults
from stores import MongoStore, row_of
from waiting import eventually

EPOCH = datetime(1970, 1, 1)
COMMAND = b"\0" * 25 + b"\x02update\0" + b"x" * 40


def date(milliseconds):
    return EPOCH + timedelta(milliseconds=milliseconds)


def test_a_document_is_read_as_a_row():
    history = {"fences": [{"topic": "update-product", "partition": 2, "offset": 7, "readUpTo": date(1_700_000_000_123)}]}
    document = {"_id": "0" * 24, "version": 3, "name": "n", "description": "d", "price": 0.5, "quantity": 4, "rating": 1}
    document |= {"createdAt": date(5), "updatedAt": date(6), "folded": {}, "history": history}
    row = row_of(document, 17)
    assert (row.seq, row.id, row.version, row.created_at, row.updated_at, row.buried_at) == (17, "0" * 24, 3, 5, 6, None)
    assert (row.name, row.description, row.price, row.quantity, row.rating) == ("n", "d", 0.5, 4, 1)
    assert fences(row.history) == {("update-product", 2): (7, 1_700_000_000_123)}


def test_a_tombstone_has_the_time_of_its_deletion():
    tombstone = {"_id": "0" * 24, "version": 4, "createdAt": date(5), "tombstone": {"deletedAt": date(8)}}
    row = row_of(tombstone | {"expireAt": date(99)}, 1)
    assert (row.updated_at, row.buried_at, row.name, fences(row.history)) == (8, 99, None, {})


class Client:
    """Answers with made-up entries of the oplog, as far as it is asked."""

    def __init__(self, entries):
        self.made, self.local = entries, {"oplog.rs": self}

    def find(self, wanted):
        found = [e for e in self.made if e["ts"] > wanted["ts"]["$gt"] and e["op"] in wanted["op"]["$in"]]
        upto = wanted["ts"].get("$lte")
        self.found = [e for e in found if e["ns"] == wanted["ns"] and (upto is None or e["ts"] <= upto)]
        return self

    def sort(self, *_):
        return iter(self.found)


def entry(second, number, op, change, id_=None):
    made = {"ts": bson.timestamp.Timestamp(second, number), "op": op, "ns": "shop.products", "wall": date(second * 1000)}
    return made | {"o": change} | ({"o2": {"_id": id_}} if id_ else {})


def test_the_oplog_gives_each_write_as_it_left_its_document():
    difference = {"d": {"gone": False}, "u": {"version": 2}, "i": {"more": [1, 2, 3]}, "sin": {"u": {"x": 2}}}
    of_list = {"smore": {"a": True, "l": 2, "u0": 9}}
    client = Client(
        [
            entry(5, 1, "i", {"_id": "a", "version": 1, "gone": 1, "in": {"x": 1, "y": 1}}),
            entry(5, 2, "u", {"$v": 2, "diff": difference}, "a"),
            entry(6, 1, "u", {"$v": 2, "diff": of_list}, "a"),
            entry(6, 2, "u", {"_id": "a", "version": 4}, "a"),
            entry(6, 3, "d", {"_id": "a"}),
            entry(6, 4, "i", {"_id": "a", "version": 1}),
        ]
    )
    second = {"_id": "a", "version": 2, "in": {"x": 2, "y": 1}}
    assert list(oplog.documents(client, "shop")) == [
        ((5 << 32) + 1, 5000, {"_id": "a", "version": 1, "gone": 1, "in": {"x": 1, "y": 1}}),
        ((5 << 32) + 2, 5000, second | {"more": [1, 2, 3]}),
        ((6 << 32) + 1, 6000, second | {"more": [9, 2]}),
        ((6 << 32) + 2, 6000, {"_id": "a", "version": 4}),
        ((6 << 32) + 4, 6000, {"_id": "a", "version": 1}),
    ]


def test_an_entry_of_the_oplog_that_is_not_understood_is_no_write_of_nothing():
    first = entry(5, 1, "i", {"_id": "a"})
    strange = entry(5, 2, "u", {"$v": 2, "diff": {"x": 1}}, "a")
    with pytest.raises(AssertionError, match="does not know"):
        list(oplog.documents(Client([first, strange]), "shop"))


def test_writes_are_counted_up_to_a_place():
    store = MongoStore.__new__(MongoStore)
    entries = [entry(5, n, "i", {"_id": n}) for n in (1, 2)] + [entry(6, 1, "d", {"_id": 1}), entry(7, 1, "i", {"_id": 3})]
    store.client, store.database, store.counted, store.counted_to = Client(entries), "shop", 0, 0
    assert [store.writes(second << 32 | 1) for second in (4, 5, 6, 7)] == [0, 1, 2, 3]


class Server:
    """Answers each piece with itself, and keeps what it was sent."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.got = self.listener.getsockname()[1], b""
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection):
        try:
            while piece := connection.recv(65536):
                self.got += piece
                connection.sendall(piece)
        except OSError:
            pass  # Cut.

    def go_on(self):
        pass


@pytest.fixture
def server():
    server = Server()
    yield server
    server.listener.close()


@pytest.fixture
def link(server):
    link = Link(server)
    yield link
    link.close()


def ask(link, timeout=5):
    """What comes back until the whole answer is there or the connection ends."""
    with socket.create_connection(("127.0.0.1", link.port), timeout=timeout) as connection:
        connection.sendall(COMMAND)
        got = b""
        try:
            while len(got) < len(COMMAND) and (piece := connection.recv(65536)):
                got += piece
        except ConnectionError:
            pass
        return got


def test_a_link_without_faults_passes_everything(link, server):
    assert (ask(link), server.got, dict(link.counts)) == (COMMAND, COMMAND, {})


def test_each_way_to_cut_does_what_it_is_called(link, server):
    link.faults = LinkFaults(cut_every=1)
    half = len(COMMAND) // 2
    # What the server is sent, and what comes back at most: a torn answer may be lost with its connection.
    expected = {"request lost": (0, 0), "request torn": (half, half), "reply lost": (len(COMMAND), 0)}
    expected["reply torn"] = (len(COMMAND), half)
    for cut in CUTS:
        server.got = b""
        back = ask(link)
        eventually(lambda: len(server.got) == expected[cut][0], what=f"what the server is sent by {cut}")
        assert len(back) <= expected[cut][1], cut
        assert link.counts[cut] == 1


def test_what_froze_arrives_late_while_new_connections_pass(link, server):
    link.faults = LinkFaults(freeze_every=1, freezes=1, freeze_seconds=1, spares_new=True)
    with pytest.raises(TimeoutError):
        ask(link, timeout=0.2)
    assert ask(link) == COMMAND
    assert server.got == COMMAND
    link.settle()
    assert server.got == COMMAND * 2
    assert link.counts == {"freezes": 1, "held": 1, "late updates": 1}
