# REST: what a client does with products, and what each answer says.
import json

import pytest

from products import NONE_ID, UNKNOWN_ID, a_full_product, a_product, check_problem, check_product
from service import PRODUCTS


def test_post_answers_201_with_the_stored_product_its_place_and_its_version(service):
    given = a_full_product()
    answer = service.create(given)
    assert answer.status_code == 201
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["Product-State"] == "applied"
    stored = answer.json()
    check_product(stored, given)
    assert stored["version"] == 1 and stored["createdAt"] == stored["updatedAt"]
    assert answer.headers["Location"].endswith(f"{PRODUCTS}/{stored['productId']}")
    assert answer.headers["ETag"].startswith('"')


def test_get_answers_what_post_answered(service):
    posted = service.create(a_full_product())
    got = service.get(f"{PRODUCTS}/{posted.json()['productId']}")
    assert got.status_code == 200
    assert got.json() == posted.json()
    assert got.headers["ETag"] == posted.headers["ETag"]


def test_head_answers_the_headers_of_get_and_no_body(service):
    path = f"{PRODUCTS}/{service.created(a_product())['productId']}"
    got = service.get(path, headers={"Accept-Encoding": "identity"})
    head = service.request("HEAD", path, headers={"Accept-Encoding": "identity"})
    assert head.status_code == 200 and head.content == b""
    for header in ("ETag", "Content-Type", "Content-Length"):
        assert head.headers[header] == got.headers[header]
    assert service.request("HEAD", f"{PRODUCTS}/{UNKNOWN_ID}").status_code == 404


def test_put_replaces_the_required_members_and_counts_the_version(service):
    stored = service.created(a_full_product())
    change = a_product(name="Table", description="A round table", price=99.25, quantity=0, rating=10)
    answer = service.request("PUT", f"{PRODUCTS}/{stored['productId']}", json=change)
    assert answer.status_code == 200 and answer.headers["Product-State"] == "applied"
    kept = {name: stored[name] for name in ("categoryId", "imageUrl", "photos")}
    check_product(answer.json(), {**change, **kept})
    assert answer.json()["version"] == 2
    assert answer.json()["createdAt"] == stored["createdAt"] <= answer.json()["updatedAt"]
    assert service.get(f"{PRODUCTS}/{stored['productId']}").json() == answer.json()


@pytest.mark.parametrize(
    "cleared",
    [{"categoryId": None, "imageUrl": None, "photos": None}, {"categoryId": "", "imageUrl": "", "photos": []}],
)
def test_null_or_an_empty_value_clears_an_optional_member(service, cleared):
    stored = service.created(a_full_product())
    answer = service.request("PUT", f"{PRODUCTS}/{stored['productId']}", json={**a_product(), **cleared})
    assert answer.status_code == 200, answer.text
    assert "categoryId" not in answer.json() and "imageUrl" not in answer.json()
    assert answer.json()["photos"] == []


def test_the_id_of_24_zeros_leaves_the_stored_category(service):
    stored = service.created(a_full_product())
    answer = service.request("PUT", f"{PRODUCTS}/{stored['productId']}", json=a_product(categoryId=NONE_ID))
    assert answer.json()["categoryId"] == stored["categoryId"]


def test_delete_answers_204_and_the_product_is_gone(service):
    path = f"{PRODUCTS}/{service.created(a_product())['productId']}"
    answer = service.request("DELETE", path)
    assert answer.status_code == 204 and answer.content == b""
    assert answer.headers["Product-State"] == "applied"
    for method, body in (("GET", None), ("DELETE", None), ("PUT", a_product())):
        check_problem(service.request(method, path, json=body), 404)


def test_what_the_service_sets_is_ignored_in_bodies_and_so_is_what_it_does_not_know(service):
    given = a_product()
    noise = {
        "productId": UNKNOWN_ID,
        "createdAt": "0001-01-01T00:00:00Z",
        "updatedAt": 7,
        "version": "x",
        "colour": {"a": [1]},
    }
    stored = service.created({**given, **noise})
    check_product(stored, given)
    assert stored["productId"] != UNKNOWN_ID and stored["version"] == 1


def test_an_unset_category_and_image_are_left_out_and_photos_is_empty(service):
    stored = service.created(a_product(categoryId=NONE_ID, imageUrl=""))
    assert "categoryId" not in stored and "imageUrl" not in stored and stored["photos"] == []


@pytest.mark.parametrize("price", [0.1, 1e-7, 5e-324, 1.7976931348623157e308, 123456789.12345679, 9007199254740992, 3])
def test_prices_come_back_exactly(service, price):
    assert service.created(a_product(price=price))["price"] == float(price)


@pytest.mark.parametrize("quantity", [0, 1, 2**53 + 1, 2**63 - 1])
def test_quantities_come_back_exactly(service, quantity):
    stored = service.created(a_product(quantity=quantity))
    assert stored["quantity"] == quantity and isinstance(stored["quantity"], int)


@pytest.mark.parametrize(
    "text",
    [
        "漢字の机",
        "😀😀😀",
        'quotes " and \\ and /',
        "line\nbreak\ttab\r",
        "nul \x00 byte",
        "\u2028\u2029\ufeff",
        "שלום عربي",
        "e\u0301 and é",
        "  blanks  ",
        "\U0010ffff" * 3,
        "<script>&amp;%00</script>",
    ],
)
def test_text_comes_back_exactly(service, text):
    given = a_full_product(name=text, description=text, imageUrl=text, photos=[text, "", text])
    stored = service.created(given)
    check_product(stored, given)
    assert service.get(f"{PRODUCTS}/{stored['productId']}", headers={"Cache-Control": "no-cache"}).json() == stored


@pytest.mark.parametrize(
    "name, ok", [("ab", False), ("abc", True), ("😀" * 250, True), ("😀" * 251, False), ("é" * 3, True), ("é" * 2, False)]
)
def test_lengths_count_characters_not_bytes(service, name, ok):
    assert service.create(a_product(name=name)).status_code == (201 if ok else 400)


def test_ids_are_lower_case_hex_whatever_case_they_came_in(service):
    stored = service.created(a_product(categoryId="5FF4B6A0E0B1F0A1B2C3D4E5"))
    assert stored["categoryId"] == "5ff4b6a0e0b1f0a1b2c3d4e5"
    assert service.get(f"{PRODUCTS}/{stored['productId'].upper()}").json() == stored


@pytest.mark.parametrize(
    "ignored", ['"ext": 1e400', '"createdAt": 99999999999999999999', '"version": -1e999', '"ext": {"a": [1e400]}']
)
def test_a_member_that_is_ignored_may_hold_any_number(service, ignored):
    body = json.dumps(a_product())[:-1] + f", {ignored}}}"
    answer = service.request("POST", PRODUCTS, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    "sent, kept",
    [("1152921504606847000", 2**60), ("0.10000000000000001", 0.1), ("1.50000000000000000000000", 1.5)],
)
def test_a_price_is_taken_if_its_digits_are_those_of_the_double(service, sent, kept):
    body = json.dumps(a_product(price=7)).replace('"price": 7', f'"price": {sent}')
    answer = service.request("POST", PRODUCTS, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201 and answer.json()["price"] == kept, answer.text


def test_a_number_of_pieces_may_be_written_with_a_fraction_of_zeros(service):
    body = json.dumps(a_product(quantity=5)).replace('"quantity": 5', '"quantity": 5.0')
    answer = service.request("POST", PRODUCTS, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201 and answer.json()["quantity"] == 5, answer.text


def test_photos_keep_their_order_and_their_number(service):
    photos = [f"https://pictures/{i}.png" for i in range(500)]
    assert service.created(a_product(photos=photos))["photos"] == photos
