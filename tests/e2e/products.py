# Products for tests, and what must be true of every answer that carries one.
import itertools
import re

from for_callers import check_for_callers

NUMBERS = itertools.count(1)
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$")
REQUIRED = {"name", "description", "price", "quantity", "rating"}
UNKNOWN_ID = "0123456789abcdef01234567"
NONE_ID = "0" * 24


def a_product(**changes):
    """A valid product; None removes a member."""
    number = next(NUMBERS)
    product = {
        "name": f"Chair {number}",
        "description": "A wooden chair",
        "price": 10.5,
        "quantity": 3,
        "rating": 5,
        **changes,
    }
    return {name: value for name, value in product.items() if value is not None}


def a_full_product(**changes):
    return a_product(
        **{"categoryId": "5ff4b6a0e0b1f0a1b2c3d4e5", "imageUrl": "http://x/y.png", "photos": ["a", "b"], **changes}
    )


def check_product(stored, given):
    """`stored` (JSON) is `given` with what the service adds, and nothing else."""
    expected = {"photos": [], **given}
    assert re.fullmatch("[0-9a-f]{24}", stored["productId"])
    assert TIME.match(stored["createdAt"]) and TIME.match(stored["updatedAt"])
    rest = {k: v for k, v in stored.items() if k not in ("productId", "createdAt", "updatedAt", "version")}
    assert rest == expected


def check_problem(answer, status, fields=None):
    """`answer` is problem+json with this status; with `fields`, exactly these are at fault."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    problem = answer.json()
    for member in ("type", "title", "detail", "instance", "error", "requestId"):
        assert isinstance(problem[member], str), member
    assert problem["status"] == status and problem["title"]
    check_for_callers(problem["detail"])
    assert problem["requestId"] == answer.headers["X-Request-Id"]
    if fields is not None:
        assert {error["field"] for error in problem.get("errors", [])} == set(fields), problem
        assert all(error["code"] and error["detail"] for error in problem["errors"])
    return problem
