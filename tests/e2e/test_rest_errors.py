# REST: every answer of an error. What is refused changes nothing and is told as application/problem+json.
import json

import pytest

from products import REQUIRED, UNKNOWN_ID, a_product, check_problem
from service import PRODUCTS

JSON = {"Content-Type": "application/json"}
VALID = json.dumps(a_product())


def with_member(name, text):
    """A valid product whose member `name` is written as `text`."""
    return VALID.replace(f'"{name}": {json.dumps(json.loads(VALID)[name])}', f'"{name}": {text}')


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"1",
        b'"text"',
        b'{"name":}',
        VALID.encode() + b"x",
        VALID.encode()[:-1],
        b"[" * 100_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b'{"name":"\xff\xfe\xfd"}',
        b'{"name":"\xed\xa0\x80abc"}',
        b"{'name': 'abc'}",
        b"\x00" * 16,
        with_member("price", "NaN").encode(),
        with_member("price", "Infinity").encode(),
        with_member("price", "-").encode(),
        with_member("price", "01").encode(),
        with_member("price", "1e999").encode(),
        with_member("rating", "18446744073709551617").encode(),
        with_member("name", '"\\ud800 abc"').encode(),
        b"\xef\xbb\xbf",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_json_object_is_400(service, body):
    answer = service.request("POST", PRODUCTS, content=body, headers=JSON)
    check_problem(answer, 400)


def test_all_missing_members_are_named_at_once(service):
    check_problem(service.create({}), 400, REQUIRED)


def test_all_bad_members_are_named_at_once(service):
    bad = {
        "name": "ab",
        "description": "",
        "price": 0,
        "quantity": -1,
        "rating": 11,
        "categoryId": "xyz",
        "imageUrl": 5,
        "photos": [1],
    }
    check_problem(service.create(bad), 400, bad)


@pytest.mark.parametrize(
    "name, text",
    [
        ("price", "0"),
        ("price", "-1"),
        ("price", '"10"'),
        ("price", "null"),
        ("price", "true"),
        ("price", "-0.0"),
        ("price", "9007199254740993"),
        ("quantity", "1.5"),
        ("quantity", "9223372036854775808"),
        ("quantity", "-1"),
        ("quantity", '"1"'),
        ("quantity", "null"),
        ("quantity", "1e40"),
        ("rating", "11"),
        ("rating", "-1"),
        ("rating", "2.5"),
        ("name", "null"),
        ("name", "7"),
        ("name", '"ab"'),
        ("name", json.dumps("x" * 251)),
        ("description", json.dumps("x" * 501)),
        ("description", '["abc"]'),
    ],
)
def test_a_member_out_of_its_rule_is_named(service, name, text):
    check_problem(service.request("POST", PRODUCTS, content=with_member(name, text), headers=JSON), 400, [name])


@pytest.mark.parametrize(
    "name, value",
    [
        ("categoryId", "5ff4"),
        ("categoryId", "z" * 24),
        ("categoryId", 5),
        ("imageUrl", 5),
        ("photos", "a"),
        ("photos", [1]),
        ("photos", [None]),
        ("photos", {}),
    ],
)
def test_a_bad_optional_member_is_named(service, name, value):
    check_problem(service.create(a_product() | {name: value}), 400, [name])


def test_a_price_with_more_digits_than_can_be_kept_is_refused_in_plain_words(service):
    answer = service.request("POST", PRODUCTS, content=with_member("price", "12345678901234567.89"), headers=JSON)
    (error,) = check_problem(answer, 400, ["price"])["errors"]
    assert "digits" in error["detail"]


def test_a_mebibyte_of_empty_photos_is_refused_in_a_clear_sentence(service):
    body = VALID[:-1] + ', "photos": [' + ",".join(['""'] * 349_000) + "]}"
    assert len(body) > 1_000_000
    answer = service.request("POST", PRODUCTS, content=body, headers=JSON)
    (error,) = check_problem(answer, 400, ["photos"])["errors"]
    assert "1,000" in error["detail"]


def test_a_member_given_twice_is_refused(service):
    body = VALID[:-1] + ', "price": 11}'
    check_problem(service.request("POST", PRODUCTS, content=body, headers=JSON), 400, ["price"])


def test_a_refused_put_leaves_the_product_as_it_is(service):
    stored = service.created(a_product())
    path = f"{PRODUCTS}/{stored['productId']}"
    check_problem(service.request("PUT", path, json={"name": "x"}), 400, REQUIRED)
    assert service.get(path).json() == stored


@pytest.mark.parametrize(
    "bad", ["x", "1" * 23, "1" * 25, "g" * 24, "%00" * 24, "ObjectID(%22" + "1" * 24 + "%22)", "1" * 22 + "%20%20"]
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_id_that_is_none_is_400(service, method, bad):
    check_problem(service.request(method, f"{PRODUCTS}/{bad}", json=a_product() if method == "PUT" else None), 400)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_id_is_404(service, method):
    problem = check_problem(
        service.request(method, f"{PRODUCTS}/{UNKNOWN_ID}", json=a_product() if method == "PUT" else None), 404
    )
    assert problem["instance"] == f"{PRODUCTS}/{UNKNOWN_ID}"


@pytest.mark.parametrize(
    "path", ["/index.html", "/api", "/api/v1", "/api/v2/products", PRODUCTS + "/a/b", "/..%2f..%2fetc/passwd", PRODUCTS + "x"]
)
def test_an_unknown_path_is_404(service, path):
    check_problem(service.get(path), 404)


@pytest.mark.parametrize(
    "method, path, allowed",
    [
        ("PATCH", f"{PRODUCTS}/{UNKNOWN_ID}", {"GET", "HEAD", "PUT", "DELETE"}),
        ("POST", f"{PRODUCTS}/{UNKNOWN_ID}", {"GET", "HEAD", "PUT", "DELETE"}),
        ("DELETE", PRODUCTS, {"POST"}),
        ("PUT", PRODUCTS, {"POST"}),
        ("POST", "/health", {"GET", "HEAD"}),
        ("DELETE", "/metrics", {"GET", "HEAD"}),
    ],
)
def test_a_wrong_method_is_405_and_the_right_ones_are_named(service, method, path, allowed):
    answer = service.request(method, path, json=a_product() if method != "DELETE" else None)
    check_problem(answer, 405)
    assert allowed <= {name.strip() for name in answer.headers["Allow"].split(",")}


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/jsonp", None]
)
@pytest.mark.parametrize("method, path", [("POST", PRODUCTS), ("PUT", f"{PRODUCTS}/{UNKNOWN_ID}")])
def test_a_body_that_is_not_said_to_be_json_is_415(service, method, path, content_type):
    headers = {"Content-Type": content_type} if content_type else {}
    check_problem(service.request(method, path, content=VALID, headers=headers), 415)


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"]
)
def test_json_may_say_its_charset(service, content_type):
    assert service.request("POST", PRODUCTS, content=VALID, headers={"Content-Type": content_type}).status_code == 201


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_2_mib_is_413(service, chunked):
    body = b"x" * (2 * 1024 * 1024 + 1)
    content = (body[i : i + 65536] for i in range(0, len(body), 65536)) if chunked else body
    with service.new_client() as client:
        check_problem(client.post(PRODUCTS, content=content, headers=JSON), 413)


def test_a_product_over_256_kib_is_413(service):
    check_problem(service.create(a_product(photos=["x" * 1000] * 270)), 413)
    assert service.create(a_product(photos=["x" * 1000] * 240)).status_code == 201


def test_an_answer_of_an_error_shows_nothing_internal(service):
    for answer in (service.get(f"{PRODUCTS}/x"), service.create({}), service.get("/nowhere")):
        shown = answer.text.lower()
        assert not [
            word
            for word in ("sqlite", "select ", "exception", "0x", ".cpp", str(service.data).lower())
            if word in shown
        ]
