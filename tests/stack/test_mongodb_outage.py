# The service while its MongoDB does not answer, and after. The server is this test's own, so that it can be stopped.
import pytest

from freezing import freeze, thaw
from products import a_product, check_problem
from service import PRODUCTS, Service
from topics import dead_letters
from waiting import eventually

pytest_plugins = ["mongodb_fixture"]


@pytest.fixture
def service(tmp_path, mongodb_environment):
    environment = {**mongodb_environment, "PRODUCTD_HTTP_APPLYWAIT": "200ms"}
    running = Service(tmp_path / "service", environment=environment).start()
    yield running
    running.ensure_stopped()


def test_what_is_accepted_while_the_store_does_not_answer_is_applied_afterwards(service, mongodb):
    before = service.created(a_product(name="before"))
    # Put into the cache here: of a create that had to be tried again, as while indexes are made, nothing is in it.
    assert service.get(f"{PRODUCTS}/{before['productId']}").status_code == 200
    freeze(mongodb.state()["pid"])
    accepted = [service.request("POST", PRODUCTS, json=a_product(name=f"meanwhile {n}")) for n in range(20)]
    assert {answer.status_code for answer in accepted} == {201}
    assert {answer.headers["Product-State"] for answer in accepted} == {"accepted"}
    told = eventually(lambda: (a := service.get("/readyz?verbose")).status_code == 503 and a.json(), 20, "not ready")
    assert [check["name"] for check in told["checks"] if not check["ok"] and check["name"] == "store"]
    assert service.get(f"{PRODUCTS}/{before['productId']}").status_code == 200, "the cache has it"
    assert service.get("/livez").status_code == 200

    thaw(mongodb.state()["pid"])
    for answer in accepted:
        path = answer.headers["Location"]
        eventually(lambda: service.get(path).status_code == 200, 30, path)
        assert service.get(path).json()["version"] == 1
    eventually(lambda: service.get("/readyz").status_code == 200, 20, "ready again")
    assert dead_letters(service) == []
    service.stop()


def test_changes_are_accepted_while_the_store_hangs_and_conditional_ones_are_not_published(service, mongodb):
    kept, gone = (service.created(a_product(name=name)) for name in ("kept", "gone"))
    kept_path, gone_path = (f"{PRODUCTS}/{product['productId']}" for product in (kept, gone))
    freeze(mongodb.state()["pid"])
    changes = [
        service.request("PUT", kept_path, json=a_product(name="changed")),
        service.request("DELETE", gone_path),
        service.request("POST", PRODUCTS, json=a_product(name="keyed"), headers={"Idempotency-Key": "one"}),
    ]
    assert [answer.status_code for answer in changes] == [200, 204, 201], [answer.text for answer in changes]
    assert {answer.headers["Product-State"] for answer in changes} == {"accepted"}
    for if_match in ('"1"', "*"):
        refused = service.request("PUT", kept_path, json=a_product(name="never"), headers={"If-Match": if_match})
        check_problem(refused, 503)
        assert int(refused.headers["Retry-After"]) > 0

    thaw(mongodb.state()["pid"])
    changed = eventually(lambda: (a := service.get(kept_path).json())["name"] == "changed" and a, 30, "the change")
    assert changed["version"] == 2, "nothing else was published"
    eventually(lambda: service.get(gone_path).status_code == 404, 30, "the removal")
    eventually(lambda: service.get(changes[2].headers["Location"]).status_code == 200, 30, "the creation")
    assert dead_letters(service) == []
    service.stop()


def test_a_service_starts_before_its_store_and_serves_once_that_is_there(service, mongodb):
    service.stop()
    mongodb.down()
    service.start()
    assert service.get("/readyz").status_code == 503
    answer = service.request("POST", PRODUCTS, json=a_product(name="early"))
    assert answer.status_code == 201 and answer.headers["Product-State"] == "accepted"
    mongodb.up()
    eventually(lambda: service.get(answer.headers["Location"]).status_code == 200, 40, "the product")
    service.stop()
