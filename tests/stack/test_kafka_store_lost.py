# On three real brokers: a store's file that the group's commits do not rest on is told of, and made anew.
import json
import shutil
import time

import httpx

from for_callers import check_for_callers
from lost_store import history_of, remove_store
from products import a_product
from service import PRODUCTS, run_cli
from waiting import eventually

pytest_plugins = ["kafka_fixtures"]


def check_is_told(bus, service, word):
    """At the start, by readiness and by the doctor: that it is so, and what to do."""
    assert "runs, but is not ready yet" in service.output()
    eventually(lambda: "Products are missing" in history_of(service)[1].get("detail", ""), 30, "readiness to say so")
    is_ready, history = history_of(service)
    assert not is_ready and not history["ok"]
    check_for_callers(history["detail"])
    inside = httpx.get(f"http://127.0.0.1:{service.ready['metrics_port']}/readyz?verbose").text
    told = run_cli("doctor", "--data-dir", service.data, environment=bus.environment)
    assert told.returncode == 1
    for text in (service.output(), inside, told.stdout):
        assert word in text and "productd rebuild" in text, text


def check_is_well(bus, service):
    is_ready, history = eventually(lambda: ready if (ready := history_of(service))[0] else None, what="readiness")
    assert is_ready and history["ok"], history


def rebuilt(bus, service):
    done = run_cli("rebuild", "--data-dir", service.data, environment=bus.environment, seconds=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_store_that_is_gone_is_told_of_until_it_is_made_anew_from_the_topics(bus, service, facts):
    check_is_well(bus, service)
    stored = [service.created(a_product(name=f"Chair {n}")) for n in range(30)]
    path = f"{PRODUCTS}/{stored[0]['productId']}"
    stored[0] = service.request("PUT", path, json=a_product(name="Table", price=7)).json()
    gone = f"{PRODUCTS}/{stored.pop()['productId']}"
    assert service.request("DELETE", gone).status_code == 204
    bus.caught_up()
    service.stop()
    remove_store(service)
    service.start()
    check_is_told(bus, service, "is not the store")
    stored.append(service.created(a_product(name="Made meanwhile")))
    service.kill()

    # Among them what the service has not read yet, and more than one fetch gives.
    lines = "".join(json.dumps(a_product(productId=f"{n:024x}")) + "\n" for n in range(1, 20_001))
    bus.kcat("-P", "-t", bus.topic("create"), stdin=lines.encode())
    began = time.monotonic()
    told = rebuilt(bus, service)
    facts.append(f"rebuild of 20,033 messages of Kafka after a kill: {time.monotonic() - began:.1f} s")
    assert "20033 of 20033 messages: 20032 applied, 1 in it already" in told, told
    service.start()
    check_is_well(bus, service)
    bus.caught_up()
    for product in stored:
        answer = service.get(f"{PRODUCTS}/{product['productId']}")
        assert answer.status_code == 200 and answer.json() == product
    assert service.get(gone).status_code == 404
    assert service.get(f"{PRODUCTS}/{20_000:024x}").status_code == 200
    changed = service.request("PUT", path, json=a_product(name="Table", price=8))
    assert changed.headers["Product-State"] == "applied" and changed.json()["version"] == 3
    service.stop()


def test_a_store_put_back_from_before_is_told_of_and_brought_up_to_date(bus, service):
    kept = service.created(a_product(name="Kept"))
    changed = service.created(a_product(name="Changed"))
    service.stop()
    backup = service.folder / "backup.db"
    shutil.copy(service.data / "store.db", backup)
    service.start()
    changed = service.request("PUT", f"{PRODUCTS}/{changed['productId']}", json=a_product(price=9)).json()
    service.stop()
    remove_store(service)
    shutil.copy(backup, service.data / "store.db")

    service.start()
    check_is_told(bus, service, "is older than")
    service.stop()
    rebuilt(bus, service)
    service.start()
    check_is_well(bus, service)
    for product in (kept, changed):
        assert service.get(f"{PRODUCTS}/{product['productId']}").json() == product
    service.stop()


def test_a_kill_at_any_moment_leaves_nothing_to_tell(bus, service):
    for n in range(3):
        made = [service.request("POST", PRODUCTS, json=a_product(name=f"Round {n}")) for _ in range(5)]
        paths = [f"{PRODUCTS}/{answer.json()['productId']}" for answer in made]
        service.kill()
        service.start()
        check_is_well(bus, service)
        # The group gives the partitions of who was killed away when its session is over.
        eventually(lambda: all(service.get(path).status_code == 200 for path in paths), 60, "what was answered")
        check_is_well(bus, service)
    service.stop()


def test_a_store_is_not_made_anew_of_topics_that_are_not_there(bus, tmp_path):
    told = run_cli("rebuild", "--data-dir", tmp_path, environment=bus.environment)
    assert told.returncode == 1 and "Kafka has no topic" in told.stderr
    assert not list(tmp_path.glob("store.db*"))
