# gRPC: each call, each error with its fields, and the standard services beside it.
import concurrent.futures

import grpc
import pytest

from products import NONE_ID, UNKNOWN_ID, a_full_product, a_product, check_product
from service import PRODUCTS

FIELDS = {
    "categoryId": "CategoryID", "name": "Name", "description": "Description", "price": "Price", "imageUrl": "ImageURL",
    "photos": "Photos", "quantity": "Quantity", "rating": "Rating",
}


def request(message, product, **more):
    """A CreateReq or UpdateReq with the members of a JSON product."""
    return message(**{FIELDS[name]: value for name, value in product.items()}, **more)


def as_json(product):
    """A proto Product as REST shows it."""
    shown = {
        "productId": product.ProductID, "categoryId": product.CategoryID, "name": product.Name, "description": product.Description,
        "price": product.Price, "imageUrl": product.ImageURL, "photos": list(product.Photos), "quantity": product.Quantity,
        "rating": product.Rating, "createdAt": product.CreatedAt.ToJsonString(), "updatedAt": product.UpdatedAt.ToJsonString(),
        "version": product.Version,
    }
    return {name: value for name, value in shown.items() if name not in ("categoryId", "imageUrl") or value}


def same(from_grpc, from_rest):
    """Equal but for how many digits a time is written with."""
    def times(product):
        return {k: (v.replace(".000Z", "Z") if k.endswith("At") else v) for k, v in product.items()}

    return times(as_json(from_grpc)) == times(from_rest)


def refusal(proto, code, call, *arguments, **options):
    """{field: reason} of the error `call` must end with."""
    with pytest.raises(grpc.RpcError) as raised:
        call(*arguments, **options)
    assert raised.value.code() == code, raised.value.details()
    assert raised.value.details()
    for name, value in raised.value.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            status = proto.status_pb2.Status.FromString(value)
            assert status.code == code.value[0]
            bad = proto.error_details_pb2.BadRequest()
            for detail in status.details:
                if detail.Unpack(bad):
                    return {violation.field: violation.description for violation in bad.field_violations}
    return {}


INVALID, MISSING, ABORTED = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.ABORTED


def test_a_product_made_over_rest_is_the_same_over_grpc(service, stub, proto):
    made = service.created(a_full_product(name="ünï😀", price=0.1, quantity=2**63 - 1, photos=["a", "", "ü"]))
    got = stub.GetByID(proto.product_pb2.GetByIDReq(ProductID=made["productId"])).Product
    assert same(got, made)


def test_a_product_made_over_grpc_is_the_same_over_rest(service, stub, proto):
    given = a_full_product(name="ünï😀", price=1e-7, quantity=2**53 + 1, photos=["a", "", "ü"])
    made = stub.Create(request(proto.product_pb2.CreateReq, given)).Product
    rest = service.get(f"{PRODUCTS}/{made.ProductID}")
    check_product(rest.json(), given)
    assert same(made, rest.json()) and made.Version == 1
    assert made.CreatedAt == made.UpdatedAt


def test_writes_of_both_sides_count_one_version(service, stub, proto):
    pb = proto.product_pb2
    path = f"{PRODUCTS}/{(made := service.created(a_full_product()))['productId']}"
    updated = stub.Update(request(pb.UpdateReq, a_product(name="by grpc"), ProductID=made["productId"])).Product
    assert updated.Version == 2 and same(updated, service.get(path).json())
    answer = service.request("PUT", path, json=a_product(name="by rest"))
    assert answer.json()["version"] == 3
    assert same(stub.GetByID(pb.GetByIDReq(ProductID=made["productId"])).Product, answer.json())


def test_update_without_a_mask_keeps_empty_optional_fields(service, stub, proto):
    made = service.created(a_full_product())
    updated = stub.Update(request(proto.product_pb2.UpdateReq, a_product(name="New"), ProductID=made["productId"])).Product
    assert (updated.CategoryID, updated.ImageURL, list(updated.Photos)) == (made["categoryId"], made["imageUrl"], made["photos"])
    assert updated.Name == "New"


def test_update_with_a_mask_changes_what_it_names_and_clears_what_is_empty(service, stub, proto):
    pb = proto.product_pb2
    made = service.created(a_full_product())
    change = pb.UpdateReq(ProductID=made["productId"], Price=77)
    change.UpdateMask.paths.extend(["Price", "ImageURL", "Photos", "CategoryID"])
    updated = as_json(stub.Update(change).Product)
    assert updated["price"] == 77 and updated["photos"] == [] and "imageUrl" not in updated and "categoryId" not in updated
    for name in ("name", "description", "quantity", "rating"):
        assert updated[name] == made[name]


def test_a_mask_with_an_unknown_path_is_refused(service, stub, proto):
    change = proto.product_pb2.UpdateReq(ProductID=service.created(a_product())["productId"])
    change.UpdateMask.paths.append("Colour")
    assert refusal(proto, INVALID, stub.Update, change)


def test_an_expected_version_that_is_not_the_stored_one_is_aborted(service, stub, proto):
    pb = proto.product_pb2
    made = service.created(a_product())["productId"]
    wrong = request(pb.UpdateReq, a_product(), ProductID=made, ExpectedVersion=7)
    refusal(proto, ABORTED, stub.Update, wrong)
    refusal(proto, ABORTED, stub.Delete, pb.DeleteReq(ProductID=made, ExpectedVersion=7))
    assert stub.Update(request(pb.UpdateReq, a_product(), ProductID=made, ExpectedVersion=1)).Product.Version == 2
    stub.Delete(pb.DeleteReq(ProductID=made, ExpectedVersion=2))


def test_of_concurrent_updates_with_one_expected_version_exactly_one_wins(service, stub, proto):
    pb = proto.product_pb2
    made = service.created(a_product())["productId"]

    def update(caller):
        try:
            return stub.Update(request(pb.UpdateReq, a_product(name=f"caller {caller}"), ProductID=made, ExpectedVersion=1)).Product.Name
        except grpc.RpcError as error:
            assert error.code() == ABORTED
            return None

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        won = [name for name in pool.map(update, range(12)) if name]
    assert len(won) == 1 and service.get(f"{PRODUCTS}/{made}").json()["name"] == won[0]


def test_a_deleted_product_is_gone_on_both_sides(service, stub, proto):
    pb = proto.product_pb2
    made = service.created(a_product())["productId"]
    stub.Delete(pb.DeleteReq(ProductID=made))
    assert service.get(f"{PRODUCTS}/{made}").status_code == 404
    refusal(proto, MISSING, stub.GetByID, pb.GetByIDReq(ProductID=made))
    refusal(proto, MISSING, stub.Update, request(pb.UpdateReq, a_product(), ProductID=made))
    refusal(proto, MISSING, stub.Delete, pb.DeleteReq(ProductID=made))


def test_every_bad_field_of_a_create_is_named_at_once(stub, proto):
    bad = proto.product_pb2.CreateReq(CategoryID="x", Name="ab", Description="", Price=float("nan"), Quantity=-1, Rating=11)
    assert refusal(proto, INVALID, stub.Create, bad).keys() == {"CategoryID", "Name", "Description", "Price", "Quantity", "Rating"}


@pytest.mark.parametrize("price", [float("inf"), float("nan"), 0.0, -1.0])
def test_a_price_that_is_none_is_refused(stub, proto, price):
    assert refusal(proto, INVALID, stub.Create, request(proto.product_pb2.CreateReq, a_product(price=price))).keys() == {"Price"}


@pytest.mark.parametrize("bad", ["", "x", "1" * 23, 'ObjectID("' + "1" * 24 + '")', NONE_ID])
def test_an_id_that_is_none_is_refused(stub, proto, bad):
    pb = proto.product_pb2
    for call, message in ((stub.GetByID, pb.GetByIDReq(ProductID=bad)), (stub.Delete, pb.DeleteReq(ProductID=bad)),
                          (stub.Update, request(pb.UpdateReq, a_product(), ProductID=bad))):
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


@pytest.mark.parametrize("page, size, bad", [(-1, 10, {"page"}), (1, -1, {"size"}), (1, 101, {"size"}), (1, 10**18, {"size"}), (-1, 101, {"page", "size"})])
def test_a_page_or_size_out_of_range_is_refused(stub, proto, page, size, bad):
    assert refusal(proto, INVALID, stub.Search, proto.product_pb2.SearchReq(Search="x", page=page, size=size)).keys() == bad


def test_a_far_page_is_refused(stub, proto):
    refusal(proto, INVALID, stub.Search, proto.product_pb2.SearchReq(Search="x", page=101, size=100))


def test_a_call_without_time_left_ends_by_its_deadline(stub, proto):
    refusal(proto, grpc.StatusCode.DEADLINE_EXCEEDED, stub.Search, proto.product_pb2.SearchReq(Search="x"), timeout=0.000001)


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
    with grpc.insecure_channel(f"localhost:{service.ready['grpc_port']}") as channel, pytest.raises(grpc.RpcError) as raised:
        channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=5)
    assert raised.value.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
