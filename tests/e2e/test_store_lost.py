# A store that is gone or was put back older than the log's commits is told of, and made anew from the log.
import json
import shutil
import signal
import subprocess

import httpx
import pytest

from dead_letters import an_orphan, dlq, listed
from for_callers import check_for_callers
from lost_store import bytes_of_files, damage_file, history_of, remove_store
from products import a_product
from service import BINARY, INHERITED, PRODUCTS, run_cli
from store_under_test import embedded_only
from topics import dead_letter_of, publish
from waiting import eventually

pytestmark = embedded_only

FREE_PORTS = ["--http-port", "0", "--grpc-port", "0", "--metrics-port", "0"]


def check_is_told(service, word):
    """At the start, by readiness and by the doctor: that it is so, and what to do."""
    assert "runs, but is not ready yet" in service.output()
    is_ready, history = history_of(service)
    assert not is_ready and not history["ok"]
    assert service.get("/readyz").status_code == 503
    told = run_cli("doctor", "--data-dir", service.data)
    assert told.returncode == 1
    check_for_callers(history["detail"])
    inside = httpx.get(f"http://127.0.0.1:{service.ready['metrics_port']}/readyz?verbose").text
    for text in (service.output(), inside, told.stdout):
        assert word in text and "productd rebuild" in text, text


def check_is_well(service):
    is_ready, history = history_of(service)
    assert is_ready and history["ok"], history
    assert "productd rebuild" not in run_cli("doctor", "--data-dir", service.data).stdout


def rebuilt(service):
    done = run_cli("rebuild", "--data-dir", service.data)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def service(new_service):
    return new_service(environment={"PRODUCTD_WORKER_NOT_FOUND_WAIT": "300ms"}).start()


def test_a_store_that_is_gone_is_told_of_until_it_is_made_anew_from_the_log(service):
    check_is_well(service)
    stored = [service.created(a_product(name=f"Chair {n}")) for n in range(30)]
    path = f"{PRODUCTS}/{stored[0]['productId']}"
    stored[0] = service.request("PUT", path, json=a_product(name="Table", price=7)).json()
    gone = f"{PRODUCTS}/{stored.pop()['productId']}"
    assert service.request("DELETE", gone).status_code == 204
    service.stop()
    remove_store(service)
    told = run_cli("doctor", "--data-dir", service.data)
    assert told.returncode == 1 and "productd rebuild" in told.stdout, "before the next start makes an empty one"

    service.start()
    check_is_told(service, "is not the store")
    stored.append(service.created(a_product(name="Made meanwhile")))
    refused = run_cli("rebuild", "--data-dir", service.data)
    assert refused.returncode == 1 and f"in use by process {service.process.pid}" in refused.stderr
    service.stop()
    service.start()
    check_is_told(service, "is not the store")
    service.kill()

    told = rebuilt(service)
    assert "33 of 33 messages: 32 applied, 1 in it already" in told, told
    service.start()
    check_is_well(service)
    for product in stored:
        answer = service.get(f"{PRODUCTS}/{product['productId']}")
        assert answer.status_code == 200 and answer.json() == product
    assert service.get(gone).status_code == 404
    found = service.get(f"{PRODUCTS}/search", params={"search": "chair"}).json()
    assert found["totalCount"] == len(stored), "with the search index"
    changed = service.request("PUT", path, json=a_product(name="Table", price=8))
    assert changed.headers["Product-State"] == "applied" and changed.json()["version"] == 3


def test_a_store_put_back_from_before_is_told_of_and_brought_up_to_date(service):
    kept = service.created(a_product(name="Kept"))
    changed = service.created(a_product(name="Changed"))
    removed = service.created(a_product(name="Removed"))
    service.stop()
    backup = service.folder / "backup.db"
    shutil.copy(service.data / "store.db", backup)
    service.start()
    check_is_well(service)
    changed = service.request("PUT", f"{PRODUCTS}/{changed['productId']}", json=a_product(price=9)).json()
    assert service.request("DELETE", f"{PRODUCTS}/{removed['productId']}").status_code == 204
    service.stop()
    remove_store(service)
    shutil.copy(backup, service.data / "store.db")

    service.start()
    check_is_told(service, "is older than")
    service.stop()
    rebuilt(service)
    service.start()
    check_is_well(service)
    for product in (kept, changed):
        assert service.get(f"{PRODUCTS}/{product['productId']}").json() == product
    assert service.get(f"{PRODUCTS}/{removed['productId']}").status_code == 404


def test_an_older_store_is_told_of_however_long_it_is_served(service):
    service.created(a_product(name="Kept"))
    service.stop()
    backup = service.folder / "backup.db"
    shutil.copy(service.data / "store.db", backup)
    service.start()
    lost = [service.created(a_product(name="Lost")) for _ in range(2)]
    service.stop()
    remove_store(service)
    shutil.copy(backup, service.data / "store.db")
    service.start()
    for _ in range(6):  # It changes more often than what it lacks did.
        service.created(a_product(name="Made meanwhile"))
    check_is_told(service, "is older than")
    service.stop()
    service.start()
    check_is_told(service, "is older than")
    service.stop()
    rebuilt(service)
    service.start()
    check_is_well(service)
    assert all(service.get(f"{PRODUCTS}/{product['productId']}").status_code == 200 for product in lost)


def test_a_store_that_cannot_be_read_is_put_aside(service):
    product = service.created(a_product())
    service.stop()
    (service.data / "store.db").write_bytes(b"\x07" * 10_000)
    assert "put aside" in rebuilt(service)
    service.start()
    check_is_well(service)
    assert service.get(f"{PRODUCTS}/{product['productId']}").json() == product
    assert len(list(service.data.glob("store.db.*damaged*"))) == 1


@pytest.mark.parametrize("how", ["foreign bytes", "cut", "inside"])
def test_a_damaged_store_is_refused_with_what_makes_it_anew(service, how):
    product = service.created(a_product())
    service.stop()
    damage_file(service.data / "store.db", how)
    files = bytes_of_files(service.data)
    told = run_cli("doctor", "--data-dir", service.data, *FREE_PORTS)
    assert told.returncode == 1 and "store.db" in told.stdout and "productd rebuild" in told.stdout, told.stdout
    assert bytes_of_files(service.data) == files
    refused = run_cli("serve", "--data-dir", service.data, *FREE_PORTS)
    assert refused.returncode == 1 and "productd rebuild" in refused.stderr, refused.stderr
    rebuilt(service)
    service.start()
    check_is_well(service)
    assert service.get(f"{PRODUCTS}/{product['productId']}").json() == product


def test_a_rebuild_does_not_promise_letters_that_were_purged(service):
    dead_letter_of(service, publish(service, "create-product", "no product"))
    dlq(service, "purge", "--all", "--yes")
    service.stop()
    told = rebuilt(service)
    assert "1 can never be applied; those that still have a dead letter are in `productd dlq list`." in told, told


def test_a_rebuild_that_is_killed_leaves_the_store_as_it_was(service):
    product = service.created(a_product(name="There before"))
    service.stop()
    lines = "".join(json.dumps(a_product(productId=f"{n:024x}")) + "\n" for n in range(1, 40_001))
    publish(service, "create-product", "--file", "-", lines=lines)
    before = (service.data / "store.db").read_bytes()
    process = subprocess.Popen([BINARY, "rebuild", "--data-dir", service.data], stdout=subprocess.DEVNULL, env=INHERITED)
    unfinished = service.data / "store.db.rebuild-wal"
    eventually(lambda: unfinished.exists() and unfinished.stat().st_size > 1_000_000, what="half of it", pause=0)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert (service.data / "store.db").read_bytes() == before

    assert "40001 of 40001 messages: 40000 applied, 1 in it already" in rebuilt(service)
    assert not list(service.data.glob("store.db.*"))
    service.start()
    check_is_well(service)
    assert service.get(f"{PRODUCTS}/{product['productId']}").json() == product
    assert service.get(f"{PRODUCTS}/{40_000:024x}").status_code == 200


def test_a_kill_at_any_moment_leaves_nothing_to_tell(service):
    for n in range(5):
        stored = [service.created(a_product(name=f"Round {n}")) for _ in range(5)]
        service.kill()
        service.start()
        check_is_well(service)
        assert all(service.get(f"{PRODUCTS}/{p['productId']}").status_code == 200 for p in stored)


def test_a_folder_without_a_log_has_nothing_to_make_a_store_of(tmp_path):
    told = run_cli("rebuild", "--data-dir", tmp_path)
    assert told.returncode == 1 and "There is no event log in" in told.stderr
    assert not list(tmp_path.glob("store.db*"))


def test_letters_are_listed_while_the_store_cannot_be_read(service):
    letter = an_orphan(service)
    assert [entry["overtaken"] for entry in listed(service)] == [""]
    service.stop()
    for file in service.data.glob("store.db*"):
        file.write_bytes(b"\x07" * 10_000)
    told = dlq(service, "list")
    assert letter in told and "overtaken unknown" in told and "store.db" in told
    assert [entry["overtaken"] for entry in listed(service)] == [None]
    assert "overtaken unknown" in dlq(service, "show", letter)
    assert "store.db" in dlq(service, "replay", "--all", code=1), "what is stored decides there"
    assert not list(service.data.glob("store.db.*")), "nothing was made of it"
