# gRPC: each error with its fields, limits, and the standard services beside the products.
import grpc
import pytest

from grpc_calls import INVALID, MISSING, refusal, request
from products import NONE_ID, UNKNOWN_ID, a_product
from service import PRODUCTS


def test_every_bad_field_of_a_create_is_named_at_once(stub, proto):
    bad = proto.product_pb2.CreateReq(
        CategoryID="x", Name="ab", Description="", Price=float("nan"), Quantity=-1, Rating=11
    )
    assert refusal(proto, INVALID, stub.Create, bad).keys() == {
        "CategoryID",
        "Name",
        "Description",
        "Price",
        "Quantity",
        "Rating",
    }


@pytest.mark.parametrize("price", [float("inf"), float("nan"), 0.0, -1.0])
def test_a_price_that_is_none_is_refused(stub, proto, price):
    assert refusal(
        proto, INVALID, stub.Create, request(proto.product_pb2.CreateReq, a_product(price=price))
    ).keys() == {"Price"}


@pytest.mark.parametrize("bad", ["", "x", "1" * 23, 'ObjectID("' + "1" * 24 + '")', NONE_ID])
def test_an_id_that_is_none_is_refused(stub, proto, bad):
    pb = proto.product_pb2
    for call, message in (
        (stub.GetByID, pb.GetByIDReq(ProductID=bad)),
        (stub.Delete, pb.DeleteReq(ProductID=bad)),
        (stub.Update, request(pb.UpdateReq, a_product(), ProductID=bad)),
    ):
        assert refusal(proto, INVALID, call, message).keys() == {"ProductID"}


def test_an_unknown_id_is_not_found(stub, proto):
    refusal(proto, MISSING, stub.GetByID, proto.product_pb2.GetByIDReq(ProductID=UNKNOWN_ID))


def test_text_that_is_not_utf8_is_refused(service, proto):
    name = b"\x12\x06ab\xff\xfecd"  # CreateReq.Name
    with service.channel() as channel:
        create = channel.unary_unary("/productsService.ProductsService/Create")
        with pytest.raises(grpc.RpcError) as raised:
            create(name + b"\x1a\x03abc\x21" + b"\x00\x00\x00\x00\x00\x00\xf0\x3f")
        assert raised.value.code() in (INVALID, grpc.StatusCode.INTERNAL)


def test_search_pages_like_rest(service, stub, proto):
    pb = proto.product_pb2
    for _ in range(12):
        service.created(a_product(name="Grpcsearch"))
    page = stub.Search(pb.SearchReq(Search="GRPCSEARCH", page=2, size=5))
    rest = service.get(f"{PRODUCTS}/search", params={"search": "grpcsearch", "page": 2, "size": 5}).json()
    assert (page.TotalCount, page.TotalPages, page.Page, page.Size, page.HasMore) == (12, 3, 2, 5, True)
    assert [p.ProductID for p in page.Products] == [p["productId"] for p in rest["products"]]
    assert not page.TotalCountCapped
    first = stub.Search(pb.SearchReq(Search="grpcsearch"))
    assert (first.Page, first.Size, len(first.Products)) == (1, 10, 10)


@pytest.mark.parametrize(
    "page, size, bad",
    [(-1, 10, {"page"}), (1, -1, {"size"}), (1, 101, {"size"}), (1, 10**18, {"size"}), (-1, 101, {"page", "size"})],
)
def test_a_page_or_size_out_of_range_is_refused(stub, proto, page, size, bad):
    assert (
        refusal(proto, INVALID, stub.Search, proto.product_pb2.SearchReq(Search="x", page=page, size=size)).keys()
        == bad
    )


def test_a_far_page_is_refused(stub, proto):
    refusal(proto, INVALID, stub.Search, proto.product_pb2.SearchReq(Search="x", page=101, size=100))


def test_a_call_without_time_left_ends_by_its_deadline(stub, proto):
    refusal(
        proto, grpc.StatusCode.DEADLINE_EXCEEDED, stub.Search, proto.product_pb2.SearchReq(Search="x"), timeout=0.000001
    )


def test_a_product_too_large_is_refused_and_a_message_above_the_limit_too(stub, proto):
    for photos in (["x" * 1000] * 300, ["x" * 100_000] * 60):
        with pytest.raises(grpc.RpcError) as raised:
            stub.Create(request(proto.product_pb2.CreateReq, a_product(photos=photos)))
        assert raised.value.code() in (grpc.StatusCode.OUT_OF_RANGE, grpc.StatusCode.RESOURCE_EXHAUSTED, INVALID)


@pytest.mark.parametrize("name", [b"", b"productsService.ProductsService"])
def test_the_standard_health_service_says_serving(service, name):
    with service.channel() as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        message = b"\x0a" + bytes([len(name)]) + name if name else b""
        assert check(message, timeout=5) == b"\x08\x01"


def test_reflection_lists_the_services(service):
    with service.channel() as channel:
        ask = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
        answer = b"".join(ask(iter([b"\x3a\x00"]), timeout=5))
    assert b"productsService.ProductsService" in answer and b"grpc.health.v1.Health" in answer


def test_an_unknown_call_is_unimplemented(service):
    with service.channel() as channel, pytest.raises(grpc.RpcError) as raised:
        channel.unary_unary("/productsService.ProductsService/Explode")(b"", timeout=5)
    assert raised.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_grpc_without_tls_is_not_served(service):
    with grpc.insecure_channel(f"localhost:{service.ready['grpc_port']}") as channel, pytest.raises(
        grpc.RpcError
    ) as raised:
        channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=5)
    assert raised.value.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
