# The feed of changes over gRPC: who does what proto/product/product.proto says has what the store has.
import random
import threading

import grpc
import pytest

from answered_writes import Ledger, load
from grpc_calls import INVALID, as_json, refusal, request, same
from products import a_full_product, a_product
from service import PRODUCTS
from store_under_test import embedded_only
from waiting import eventually

pytestmark = embedded_only  # MongoDB has no feed yet.


class Mirror:
    """A client that follows the stream, and knows nothing else."""

    def __init__(self, proto):
        self.pb, self.stub_of = proto.product_pb2, proto.product_pb2_grpc.ProductsServiceStub
        self.kind = self.pb.ProductChange
        self.since, self.products, self.versions, self.named = "", {}, {}, set()

    def watch(self, channel, **asked):
        return self.stub_of(channel).Watch(self.pb.WatchReq(Since=self.since, **asked))

    def take(self, change):
        if change.Kind == self.kind.SNAPSHOT:
            self.named.add(change.ProductID)
        if change.Kind == self.kind.SNAPSHOT_END:
            self.products = {id: product for id, product in self.products.items() if id in self.named}
            self.named = set()
        if change.Kind == self.kind.CHANGE and change.Version:
            assert change.Version >= self.versions.get(change.ProductID, 0), "nothing goes back"
            self.versions[change.ProductID] = change.Version
        if change.Deleted:
            self.products.pop(change.ProductID, None)
        elif change.ProductID:
            self.products[change.ProductID] = change.Product
        self.since = change.Position
        return change

    def follow(self, channel):
        """Up to where nothing follows."""
        for change in self.watch(channel, UntilEnd=True):
            self.take(change)
        assert change.Kind == self.kind.UP_TO_DATE
        return self

    def follow_on(self, service, is_over):
        """Over every end, until `is_over` is set."""
        while not is_over.is_set():
            try:
                with service.channel() as channel:
                    stream = self.watch(channel)
                    for change in stream:
                        self.take(change)
                        if is_over.is_set():
                            break
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.UNAVAILABLE, error
                is_over.wait(0.05)


@pytest.fixture
def channel(service):
    with service.channel() as opened:
        yield opened


def test_a_snapshot_and_then_each_change_with_its_cause(service, channel, proto):
    kept = service.created(a_full_product())
    mirror = Mirror(proto)
    stream = mirror.watch(channel)
    while mirror.take(next(stream)).Kind != mirror.kind.UP_TO_DATE:
        pass
    assert same(mirror.products[kept["productId"]], kept)

    made = service.created(a_product())
    change = mirror.take(next(stream))
    assert (change.Kind, change.ProductID, change.Version) == (mirror.kind.CHANGE, made["productId"], 1)
    assert same(change.Product, made) and change.Time == change.Product.UpdatedAt
    assert change.Cause.Topic == "create-product" and change.Cause.Offset >= 0

    stub = mirror.stub_of(channel)
    direct = stub.Create(request(mirror.pb.CreateReq, a_product())).Product
    change = mirror.take(next(stream))
    assert change.Product == direct and not change.HasField("Cause")
    stub.Delete(mirror.pb.DeleteReq(ProductID=direct.ProductID))
    change = mirror.take(next(stream))
    assert change.Deleted and change.Version == 2 and not change.HasField("Product")
    stream.cancel()
    assert Mirror(proto).follow(channel).products == mirror.products


def test_it_goes_on_from_rests_positions_and_leaves_products_out(service, channel, proto):
    mirror = Mirror(proto)
    page = service.get(f"{PRODUCTS}/changes", params={"limit": 1000}).json()
    while not page["end"] or page["snapshot"]:
        page = service.get(f"{PRODUCTS}/changes", params={"limit": 1000, "since": page["next"]}).json()
    mirror.since = page["next"]
    made = service.created(a_product())
    stream = mirror.watch(channel, WithoutProducts=True)
    change = next(stream)
    assert (change.ProductID, change.Version, change.HasField("Product")) == (made["productId"], 1, False)
    stream.cancel()


def test_what_is_no_position_is_refused_with_what_to_do(stub, proto):
    watch = lambda since: list(stub.Watch(proto.product_pb2.WatchReq(Since=since)))
    for since in ["x", "s-1.2", "../..", "\0"]:
        assert refusal(proto, INVALID, watch, since) == {"Since": "This is no position in the feed of changes."}
    for since in ["s-0000000000000000.0000000000000000", "m-00.82"]:
        with pytest.raises(grpc.RpcError) as raised:
            watch(since)
        if raised.value.code() != INVALID:
            assert raised.value.code() == grpc.StatusCode.OUT_OF_RANGE
            assert "without Since" in raised.value.details()


def test_more_than_may_watch_are_refused_and_a_stop_lets_go_of_all(new_service, proto):
    service = new_service(environment={"PRODUCTD_FEED_WATCHERSMAX": "20", "PRODUCTD_SERVER_CALLSMAX": "10"}).start()
    mirror = Mirror(proto)
    with service.channel() as channel:
        streams = [mirror.watch(channel) for _ in range(20)]
        for stream in streams:
            while next(stream).Kind != mirror.kind.UP_TO_DATE:
                pass
        assert service.metric("productd_feed_watchers") == 20
        with pytest.raises(grpc.RpcError) as raised:
            next(mirror.watch(channel))
        assert raised.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert service.get(f"{PRODUCTS}/changes").status_code == 429, "of both sides together"
        streams.pop().cancel()
        eventually(lambda: service.metric("productd_feed_watchers") == 19, 20, "its place is free")
        service.terminate()
        for stream in streams:
            with pytest.raises(grpc.RpcError) as raised:
                list(stream)
            assert raised.value.code() == grpc.StatusCode.UNAVAILABLE
        service.wait_end()


def test_a_connection_at_its_age_ends_its_streams_and_they_go_on(new_service, proto):
    environment = {"PRODUCTD_SERVER_MAXCONNECTIONAGE": "1s", "PRODUCTD_SERVER_MAXCONNECTIONAGEGRACE": "1s"}
    service = new_service(environment=environment).start()
    mirror, is_over = Mirror(proto), threading.Event()
    following = threading.Thread(target=mirror.follow_on, args=(service, is_over))
    following.start()
    begun = lambda: service.metric("grpc_server_started_total", grpc_method="Watch")
    eventually(lambda: begun() >= 3, 60, "the client has begun anew twice")
    made = service.created(a_product())
    eventually(lambda: made["productId"] in mirror.products, 20, "it still follows")
    is_over.set()
    service.stop()
    following.join()


def test_mirrors_keep_up_with_writers_over_kills(new_service, proto, facts):
    dice = random.Random(11)
    ledger, service = Ledger(seed=11), new_service().start()
    mirrors = [Mirror(proto) for _ in range(3)]
    for cycle in range(5):
        is_over = threading.Event()
        following = [threading.Thread(target=one.follow_on, args=(service, is_over)) for one in mirrors]
        for one in following:
            one.start()
        answered = ledger.answered
        end = load(ledger, service, cycle, 4)
        aim = answered + dice.randint(50, 250)
        eventually(lambda: ledger.answered >= aim or ledger.wrong, 60, "enough writes")
        service.kill()
        is_over.set()
        for one in following:
            one.join()
        end()
        service.start()
        ledger.resolve(service, ledger.touched)
        with service.channel() as channel:
            whole = Mirror(proto).follow(channel).products
            for mirror in mirrors:
                assert mirror.follow(channel).products == whole
            for product in dice.sample(sorted(whole), min(20, len(whole))):
                assert service.get(f"{PRODUCTS}/{product}").json()["version"] == as_json(whole[product])["version"]
    assert not ledger.wrong
    facts.append(f"changes: {len(mirrors)} mirrors over gRPC of {len(whole)} products over 5 kills, none differs")
