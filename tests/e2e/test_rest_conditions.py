# REST: ETag, If-None-Match, If-Match and Idempotency-Key.
import concurrent.futures

import pytest

from products import UNKNOWN_ID, a_product, check_problem
from service import PRODUCTS, call


@pytest.fixture
def stored(service):
    answer = service.create(a_product())
    return f"{PRODUCTS}/{answer.json()['productId']}", answer.headers["ETag"], answer.json()


@pytest.mark.parametrize("form", ["{}", '"other", {}', "*", "W/{}", '"a","b" , {}'])
def test_if_none_match_of_the_stored_version_is_304(service, stored, form):
    path, tag, _ = stored
    for method in ("GET", "HEAD"):
        answer = service.request(method, path, headers={"If-None-Match": form.format(tag)})
        assert answer.status_code == 304 and answer.content == b""
        assert answer.headers["ETag"] == tag


@pytest.mark.parametrize("form", ['"other"', '"a", "b"', 'W/"other"'])
def test_if_none_match_of_another_version_is_200(service, stored, form):
    path, _, product = stored
    answer = service.get(path, headers={"If-None-Match": form})
    assert answer.status_code == 200 and answer.json() == product


@pytest.mark.parametrize("form", ["{}", '"other", {}', "*", '"a","b" , {}'])
def test_if_match_of_the_stored_version_lets_the_change_happen(service, stored, form):
    path, tag, _ = stored
    answer = service.request("PUT", path, json=a_product(), headers={"If-Match": form.format(tag)})
    assert answer.status_code == 200 and answer.headers["Product-State"] == "applied"
    assert answer.headers["ETag"] != tag and answer.json()["version"] == 2
    again = form.format(answer.headers["ETag"])
    assert service.request("DELETE", path, headers={"If-Match": again}).status_code == 204


@pytest.mark.parametrize("form", ['"other"', '"a", "b"', "W/{}"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_if_match_of_another_version_is_412_and_nothing_changes(service, stored, method, form):
    path, tag, product = stored
    answer = service.request(
        method, path, json=a_product() if method == "PUT" else None, headers={"If-Match": form.format(tag)}
    )
    check_problem(answer, 412)
    assert service.get(path, headers={"Cache-Control": "no-cache"}).json() == product


@pytest.mark.parametrize("form", ["1", 'W/"1"', "x"])
def test_a_tag_that_is_not_one_of_ours_is_told_how_ours_looks(service, stored, form):
    path, tag, _ = stored
    problem = check_problem(service.request("PUT", path, json=a_product(), headers={"If-Match": form}), 412)
    assert tag == '"1"' and 'its ETag is "1", quoted and strong' in problem["detail"], problem


def test_if_match_of_an_unknown_product_is_404_or_412(service):
    answer = service.request("PUT", f"{PRODUCTS}/{UNKNOWN_ID}", json=a_product(), headers={"If-Match": "*"})
    assert answer.status_code in (404, 412)


def test_the_tag_of_an_old_version_is_412_after_a_change(service, stored):
    path, tag, _ = stored
    assert service.request("PUT", path, json=a_product()).status_code == 200
    check_problem(service.request("PUT", path, json=a_product(), headers={"If-Match": tag}), 412)


def test_of_concurrent_puts_with_one_if_match_exactly_one_wins(service):
    callers = 12
    connections = [service.connection() for _ in range(callers)]
    with concurrent.futures.ThreadPoolExecutor(callers) as pool:
        for round_ in range(15):
            answer = service.create(a_product())
            path, tag = f"{PRODUCTS}/{answer.json()['productId']}", answer.headers["ETag"]
            bodies = [a_product(name=f"caller {caller} of round {round_}") for caller in range(callers)]
            answers = list(
                pool.map(lambda i: call(connections[i], "PUT", path, bodies[i], {"If-Match": tag}), range(callers))
            )
            statuses = sorted(status for status, _, _ in answers)
            assert statuses == [200] + [412] * (callers - 1)
            winner = next(i for i, (status, _, _) in enumerate(answers) if status == 200)
            now = service.get(path).json()
            assert now["name"] == bodies[winner]["name"] and now["version"] == 2
    for connection in connections:
        connection.close()


# ------------------------------------------------------------------------------------------------ Idempotency-Key


def test_the_same_create_under_one_key_makes_one_product(service):
    product, key = a_product(), "key-same"
    first = service.create(product, Idempotency_Key=key)
    again = service.create(product, Idempotency_Key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json() and again.headers["Location"] == first.headers["Location"]


def test_a_repeated_create_answers_the_product_as_it_is_now(service):
    product, key = a_product(), "key-changed"
    path = f"{PRODUCTS}/{service.create(product, Idempotency_Key=key).json()['productId']}"
    changed = service.request("PUT", path, json=a_product(name="Changed since"))
    again = service.create(product, Idempotency_Key=key)
    assert again.status_code == 201 and again.json() == changed.json()


def test_another_product_under_a_used_key_is_422(service):
    key = "key-other"
    assert service.create(a_product(), Idempotency_Key=key).status_code == 201
    check_problem(service.create(a_product(name="Another"), Idempotency_Key=key), 422)


def test_a_key_whose_product_was_deleted_is_404(service):
    product, key = a_product(), "key-deleted"
    path = f"{PRODUCTS}/{service.create(product, Idempotency_Key=key).json()['productId']}"
    assert service.request("DELETE", path).status_code == 204
    check_problem(service.create(product, Idempotency_Key=key), 404)
    check_problem(service.create(a_product(name="Another"), Idempotency_Key=key), 422)


def test_concurrent_creates_under_one_key_make_one_product(service):
    product, callers = a_product(name="made once only"), 10
    connections = [service.connection() for _ in range(callers)]
    with concurrent.futures.ThreadPoolExecutor(callers) as pool:
        answers = list(
            pool.map(lambda c: call(c, "POST", PRODUCTS, product, {"Idempotency-Key": "key-at-once"}), connections)
        )
    assert {status for status, _, _ in answers} == {201}
    assert len({body["productId"] for _, _, body in answers}) == 1
    assert service.get(f"{PRODUCTS}/search", params={"search": "made once only"}).json()["totalCount"] == 1
    for connection in connections:
        connection.close()
