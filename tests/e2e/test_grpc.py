# gRPC: each call with products, the same as over REST.
import concurrent.futures

import grpc

from grpc_calls import ABORTED, INVALID, MISSING, as_json, refusal, request, same
from products import a_full_product, a_product, check_product
from service import PRODUCTS


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
    updated = stub.Update(
        request(proto.product_pb2.UpdateReq, a_product(name="New"), ProductID=made["productId"])
    ).Product
    assert (updated.CategoryID, updated.ImageURL, list(updated.Photos)) == (
        made["categoryId"],
        made["imageUrl"],
        made["photos"],
    )
    assert updated.Name == "New"


def test_update_with_a_mask_changes_what_it_names_and_clears_what_is_empty(service, stub, proto):
    pb = proto.product_pb2
    made = service.created(a_full_product())
    change = pb.UpdateReq(ProductID=made["productId"], Price=77)
    change.UpdateMask.paths.extend(["Price", "ImageURL", "Photos", "CategoryID"])
    updated = as_json(stub.Update(change).Product)
    assert (
        updated["price"] == 77 and updated["photos"] == [] and "imageUrl" not in updated and "categoryId" not in updated
    )
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
            return stub.Update(
                request(pb.UpdateReq, a_product(name=f"caller {caller}"), ProductID=made, ExpectedVersion=1)
            ).Product.Name
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
