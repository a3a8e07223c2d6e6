# Search: the text is data and never a pattern; pages are stable and counts exact.
import concurrent.futures

import pytest

from products import a_product, check_problem
from service import PRODUCTS, call

SEARCH = f"{PRODUCTS}/search"


def found(service, text, **parameters):
    answer = service.get(SEARCH, params={"search": text, **parameters})
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(service, text):
    page = found(service, text, size=100)
    assert page["totalCount"] == len(page["products"])
    return sorted(product["name"] for product in page["products"])


@pytest.fixture(scope="module")
def shelf(service):
    """Products whose texts hold everything a pattern language could trip over."""
    texts = [
        "qz 100% cotton",
        "qz 100 cotton",
        "qz under_score",
        "qz underXscore",
        "qz it's quoted",
        'qz "double" quoted',
        "qz dot.*star",
        "qz dotxxstar",
        "qz back\\slash",
        "qz Éclair ПРИВЕТ Ωμέγας",
        "qz straße",
        "qz [a-z]+ (x|y) ^$",
        "qz NEAR OR AND NOT *",
        "qz 日本語の椅子",
        "qz ; DROP TABLE products; --",
    ]
    for text in texts:
        service.created(a_product(name=text, description="on the shelf"))
    service.created(a_product(name="something else", description="qz found by its description 100%"))
    return texts


@pytest.mark.parametrize(
    "text, expected",
    [
        ("100%", ["qz 100% cotton", "something else"]),
        ("qz 100%", ["qz 100% cotton"]),
        ("under_score", ["qz under_score"]),
        ("it's", ["qz it's quoted"]),
        ('"double"', ['qz "double" quoted']),
        (".*", ["qz dot.*star"]),
        ("dot.*star", ["qz dot.*star"]),
        ("back\\slash", ["qz back\\slash"]),
        ("k\\s", ["qz back\\slash"]),
        ("[a-z]+ (x|y) ^$", ["qz [a-z]+ (x|y) ^$"]),
        ("NEAR OR AND NOT *", ["qz NEAR OR AND NOT *"]),
        ("near or and not *", ["qz NEAR OR AND NOT *"]),
        ("; DROP TABLE products; --", ["qz ; DROP TABLE products; --"]),
        ("QZ ÉCLAIR", ["qz Éclair ПРИВЕТ Ωμέγας"]),
        ("éclair", ["qz Éclair ПРИВЕТ Ωμέγας"]),
        ("привет", ["qz Éclair ПРИВЕТ Ωμέγας"]),
        ("ΩΜΈΓΑΣ", ["qz Éclair ПРИВЕТ Ωμέγας"]),
        ("日本語", ["qz 日本語の椅子"]),
        ("語の", ["qz 日本語の椅子"]),
        ("FOUND BY ITS DESCRIPTION", ["something else"]),
        ("nothing has this text", []),
        ("qz  100", []),
    ],
)
def test_a_term_finds_its_substring_in_any_case_and_nothing_else(service, shelf, text, expected):
    assert names(service, text) == sorted(expected)


@pytest.mark.parametrize("term", ["%", "_", "*", ".", "\\", "'", '"', "q", "qz", "z ", "椅", "^$", "%%", "*s", "--"])
def test_terms_of_one_and_two_characters_find_exactly_what_holds_them(service, shelf, term):
    matching = [text for text in shelf if term.casefold() in text.casefold()]
    if term.casefold() in "something else qz found by its description 100%":
        matching.append("something else")
    shelf_names = {*shelf, "something else"}
    page = found(service, term, size=100)
    assert page["totalCount"] >= len(matching)
    if page["totalCount"] <= 100:
        assert sorted({p["name"] for p in page["products"]} & shelf_names) == sorted(set(matching))
        assert all(term.casefold() in (p["name"] + "\n" + p["description"]).casefold() for p in page["products"])


def test_an_empty_result_is_a_normal_answer(service):
    page = found(service, "no such text anywhere")
    assert page.pop("totalCountCapped", False) is False
    assert page == {"totalCount": 0, "totalPages": 0, "page": 1, "size": 10, "hasMore": False, "products": []}


@pytest.mark.parametrize(
    "parameters, bad",
    [
        ({"size": 0}, {"size"}),
        ({"size": -1}, {"size"}),
        ({"size": 101}, {"size"}),
        ({"size": 10**18}, {"size"}),
        ({"size": 10**30}, {"size"}),
        ({"size": "x"}, {"size"}),
        ({"size": "1.5"}, {"size"}),
        ({"page": 0}, {"page"}),
        ({"page": -1}, {"page"}),
        ({"page": "x"}, {"page"}),
        ({"page": 10**18}, {"page"}),
        ({"page": 10**30}, {"page"}),
        ({"page": 101, "size": 100}, None),
        ({"page": 1001}, None),
        ({"page": 0, "size": 0}, {"page", "size"}),
    ],
)
def test_a_page_or_size_out_of_range_is_400(service, parameters, bad):
    check_problem(service.get(SEARCH, params={"search": "qz", **parameters}), 400, bad)


def test_the_last_allowed_page_is_answered(service):
    assert found(service, "qz", page=100, size=100)["products"] == []


def test_page_and_size_are_1_and_10_unless_given(service, shelf):
    page = found(service, "qz")
    assert (page["page"], page["size"], len(page["products"])) == (1, 10, 10)
    assert (page["totalCount"], page["totalPages"], page["hasMore"]) == (16, 2, True)
    last = found(service, "qz", page=2)
    assert (len(last["products"]), last["hasMore"]) == (6, False)


def test_no_search_text_finds_every_product(service, shelf):
    assert service.get(SEARCH).json()["totalCount"] >= 16
    assert found(service, "")["totalCount"] >= 16


def test_pages_are_stable_and_newest_first_also_over_equal_times(service, stub, proto):
    made = 60
    request = proto.product_pb2.CreateReq(
        Name="stablepages", Description="the same time", Price=1, Quantity=1, Rating=1
    )
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        ids = {answer.Product.ProductID for answer in pool.map(lambda _: stub.Create(request), range(made))}
    assert len(ids) == made
    for size in (7, 10, 100):
        pages = [found(service, "stablepages", page=page, size=size) for page in range(1, made // size + 2)]
        listed = [product for page in pages for product in page["products"]]
        assert [page["totalCount"] for page in pages] == [made] * len(pages)
        assert len(listed) == made and {product["productId"] for product in listed} == ids
        by_id = sorted(listed, key=lambda product: product["productId"])
        assert listed == sorted(by_id, key=lambda product: product["createdAt"], reverse=True)


def test_a_change_is_found_by_its_new_text_and_not_by_its_old(service):
    path = f"{PRODUCTS}/{service.created(a_product(name='beforechange'))['productId']}"
    assert service.request("PUT", path, json=a_product(name="afterchange")).headers["Product-State"] == "applied"
    assert names(service, "beforechange") == [] and names(service, "afterchange") == ["afterchange"]
    assert service.request("DELETE", path).headers["Product-State"] == "applied"
    assert names(service, "afterchange") == []


@pytest.mark.parametrize(
    "raw",
    [
        "search=%",
        "search=%zz",
        "search=%ff%fe",
        "search=a&search=b",
        "search=" + "x" * 100_000,
        "&&&==",
        "size=10&size=20",
    ],
)
def test_a_query_no_client_would_send_is_answered_in_order(service, raw):
    connection = service.connection()  # httpx sends no target that is so long.
    assert call(connection, "GET", f"{SEARCH}?{raw}")[0] in (200, 400, 414)
    connection.close()
