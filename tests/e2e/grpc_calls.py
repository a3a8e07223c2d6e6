# Products between JSON and gRPC, and the errors of a call, for the tests of gRPC.
import grpc
import pytest

from for_callers import check_for_callers

FIELDS = {
    "categoryId": "CategoryID",
    "name": "Name",
    "description": "Description",
    "price": "Price",
    "imageUrl": "ImageURL",
    "photos": "Photos",
    "quantity": "Quantity",
    "rating": "Rating",
}


def request(message, product, **more):
    """A CreateReq or UpdateReq with the members of a JSON product."""
    return message(**{FIELDS[name]: value for name, value in product.items()}, **more)


def as_json(product):
    """A proto Product as REST shows it."""
    shown = {
        "productId": product.ProductID,
        "categoryId": product.CategoryID,
        "name": product.Name,
        "description": product.Description,
        "price": product.Price,
        "imageUrl": product.ImageURL,
        "photos": list(product.Photos),
        "quantity": product.Quantity,
        "rating": product.Rating,
        "createdAt": product.CreatedAt.ToJsonString(),
        "updatedAt": product.UpdatedAt.ToJsonString(),
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
    check_for_callers(raised.value.details())
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
