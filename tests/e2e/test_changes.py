# The feed of changes over REST: who follows it has what the store has, whatever happens to the service meanwhile.
import random
import threading
import time

from answered_writes import Ledger, load
from products import a_product
from service import PRODUCTS
from store_under_test import embedded_only
from waiting import eventually

pytestmark = embedded_only  # MongoDB has no feed yet.
CHANGES = f"{PRODUCTS}/changes"


class Mirror:
    """A client that follows the feed, and knows nothing else."""

    def __init__(self, since=None):
        self.since, self.products, self.versions, self.named = since, {}, {}, set()

    def ask(self, service, **asked):
        answer = service.get(CHANGES, params={"limit": 1000, **asked, **({"since": self.since} if self.since else {})})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def take(self, page):
        for change in page["changes"]:
            id = change["productId"]
            if page["snapshot"]:
                self.named.add(id)
            elif "version" in change:
                assert change["version"] >= self.versions.get(id, 0), "nothing goes back"
                self.versions[id] = change["version"]
            if change["deleted"]:
                self.products.pop(id, None)
            else:
                self.products[id] = change["product"]
        if page["snapshot"] and page["end"]:
            self.products = {id: product for id, product in self.products.items() if id in self.named}
            self.named = set()
        self.since = page["next"]

    def follow(self, service):
        """Up to where nothing follows."""
        while True:
            page = self.ask(service)
            self.take(page)
            if page["end"] and not page["snapshot"]:
                return self


def test_a_snapshot_and_then_each_change_with_its_cause(service):
    mirror = Mirror().follow(service)
    made = service.created(a_product())
    path = f"{PRODUCTS}/{made['productId']}"
    (change,) = mirror.ask(service, wait=4)["changes"]
    assert change.pop("position") > mirror.since
    cause = change.pop("cause")
    assert cause["topic"] == "create-product" and cause["offset"] >= 0
    assert change == {
        "productId": made["productId"],
        "version": 1,
        "time": made["updatedAt"],
        "deleted": False,
        "product": made,
    }
    changed = service.request("PUT", path, json=a_product()).json()
    assert service.request("DELETE", path).status_code == 204
    mirror.follow(service)
    assert made["productId"] not in mirror.products and mirror.versions[made["productId"]] == changed["version"] + 1
    assert made["productId"] not in Mirror().follow(service).products


def test_a_wait_ends_with_the_change_and_not_later(service):
    mirror = Mirror().follow(service)
    began = time.monotonic()
    maker = threading.Thread(target=lambda: service.created(a_product()))
    maker.start()
    page = mirror.ask(service, wait=30)
    maker.join()
    assert len(page["changes"]) == 1
    empty = service.get(CHANGES, params={"since": page["next"], "wait": 1}).json()
    assert (empty["changes"], empty["end"], empty["snapshot"]) == ([], True, False)
    assert time.monotonic() - began >= 1


def test_products_are_left_out_of_a_minimal_answer(service):
    mirror = Mirror().follow(service)
    made = service.created(a_product())
    answer = service.get(CHANGES, params={"since": mirror.since, "wait": 4}, headers={"Prefer": "return=minimal"})
    assert answer.headers["Preference-Applied"] == "return=minimal" and "Prefer" in answer.headers["Vary"]
    (change,) = answer.json()["changes"]
    assert "product" not in change and change["productId"] == made["productId"]


def test_what_is_no_position_is_refused_with_what_to_do(service):
    for since in ["x", "s-1.2", "../..", "\0"]:
        assert service.get(CHANGES, params={"since": since}).status_code == 400
    for wrong in [{"limit": 0}, {"limit": 1001}, {"limit": "x"}, {"wait": 31}, {"wait": -1}]:
        assert service.get(CHANGES, params=wrong).status_code == 400
    for since in ["s-0000000000000000.0000000000000000", "m-00.82"]:
        gone = service.get(CHANGES, params={"since": since})
        assert gone.status_code in (400, 410), since
        if gone.status_code == 410:
            assert "Ask without `since`" in gone.json()["detail"]


def test_more_than_may_follow_are_refused_and_a_stop_lets_go_of_all(new_service):
    service = new_service(environment={"PRODUCTD_FEED_WATCHERSMAX": "3", "PRODUCTD_HTTP_TIMEOUT": "60s"}).start()
    since = Mirror().follow(service).since
    answers = []
    ask = lambda: answers.append(service.get(CHANGES, params={"since": since, "wait": 30}))
    waiting = [threading.Thread(target=ask) for _ in range(3)]
    for one in waiting:
        one.start()
    eventually(lambda: service.metric("productd_feed_watchers") == 3, 20, "three who wait")
    refused = service.get(CHANGES, params={"since": since})
    assert refused.status_code == 429 and "Retry-After" in refused.headers
    service.terminate()
    for one in waiting:
        one.join()
    assert [answer.status_code for answer in answers] == [503] * 3
    service.wait_end()


def test_mirrors_keep_up_with_writers_over_kills(new_service, facts):
    dice = random.Random(7)
    ledger, service = Ledger(seed=7), new_service().start()
    mirrors = [Mirror().follow(service)]
    for cycle in range(5):
        mirrors.append(Mirror())  # This one begins in the middle.
        answered = ledger.answered
        end = load(ledger, service, cycle, 4)
        aim = dice.randint(50, 250)
        while ledger.answered < answered + aim and not ledger.wrong:
            for mirror in mirrors:
                mirror.take(mirror.ask(service, limit=dice.choice([1, 7, 1000])))
        service.kill()
        end()
        service.start()
        ledger.resolve(service, ledger.touched)
        whole = Mirror().follow(service).products
        for mirror in mirrors:
            assert mirror.follow(service).products == whole
        for product in dice.sample(sorted(whole), min(20, len(whole))):
            assert service.get(f"{PRODUCTS}/{product}").json() == whole[product]
    assert not ledger.wrong
    facts.append(f"changes: {len(mirrors)} mirrors of {len(whole)} products over 5 kills, none differs")


def test_who_is_too_far_behind_or_ahead_begins_anew(new_service):
    service = new_service(environment={"PRODUCTD_FEED_CHANGESMAX": "1000"}).start()
    mirror = Mirror().follow(service)
    path = f"{PRODUCTS}/{service.created(a_product())['productId']}"
    for _ in range(1_001):
        service.request("PUT", path, json=a_product())
    gone = service.get(CHANGES, params={"since": mirror.since})
    assert gone.status_code == 410 and "too old" in gone.json()["detail"]
    mirror.since = None
    assert path.endswith(*mirror.follow(service).products)
