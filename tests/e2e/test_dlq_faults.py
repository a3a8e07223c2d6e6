# Dead letter commands that are killed, cut off, run at once, or meet a full log.
import base64
import concurrent.futures
import json
import os
import signal
import socket
import stat
import subprocess
import threading
import time

import httpx
import pytest

from admin_proxy import AdminProxy, raw_call
from dead_letters import an_orphan, dlq, listed
from products import a_product
from service import BINARY, INHERITED, run_cli
from topics import dead_letter_of, dead_letters, publish, read
from waiting import eventually


@pytest.fixture
def proxied():
    made = []

    def make(service, watch):
        made.append(AdminProxy(service, watch))
        return made[-1]

    yield make
    for one in made:
        one.close()


def orphans(service, count):
    """Letters of as many products."""
    ids = [f"cccccccccccccccccccc{i:04x}" for i in range(count)]
    lines = "\n".join(json.dumps(a_product(productId=i)) for i in ids)
    publish(service, "update-product", lines=lines)
    eventually(lambda: len(dead_letters(service)) == count, what="the letters", pause=0.2)
    return ids


def replays_in(service, topic="update-product"):
    """The origins of the replays in a topic."""
    found = []
    for message in read(service, topic):
        found += [h["value"] for h in message["headers"] if h["name"] == "productd-origin"]
    return found


def is_publish_to(topic, head, body):
    return head.startswith("POST /admin/log/messages") and f'"topic":"{topic}"' in body


@pytest.mark.parametrize("is_published", [False, True])
def test_a_killed_replay_is_not_repeated_silently(alone, proxied, is_published):
    letter = an_orphan(alone)
    reached, go_on = threading.Event(), threading.Event()

    def watch(head, body):
        if not is_publish_to("update-product", head, body):
            return "pass"
        if is_published:
            # The service has it, the command does not know yet.
            raw_call(str(alone.data / "admin.sock"), f"{head}\r\n\r\n{body}".encode())
        reached.set()
        go_on.wait(60)
        return "drop"

    proxy = proxied(alone, watch)
    command = subprocess.Popen(
        [BINARY, "dlq", "replay", letter, "--data-dir", proxy.data],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=INHERITED,
    )
    assert reached.wait(30), "the replay published nothing"
    command.send_signal(signal.SIGKILL)
    assert command.wait(30) == -signal.SIGKILL
    go_on.set()
    # With the message published, its update fails again and the letter comes back: that proves it was replayed.
    if is_published:
        eventually(lambda: listed(alone)[0]["cameBack"], what="the letter of the replay")
    else:
        assert listed(alone)[0]["state"] == "replaying"
    before = len(replays_in(alone))
    assert before == (1 if is_published else 0)
    assert "--again" in dlq(alone, "replay", "--all")
    assert len(replays_in(alone)) == before
    assert "1 replayed" in dlq(alone, "replay", "--all", "--again")
    assert len(replays_in(alone)) == before + 1
    alone.stop()


@pytest.mark.parametrize("verdict", ["drop", "forget"])
def test_a_replay_that_loses_the_log_says_what_is_in_doubt(alone, proxied, verdict):
    orphans(alone, 4)
    seen = []

    def watch(head, body):
        if is_publish_to("update-product", head, body):
            seen.append(head)
        return verdict if len(seen) == 3 and is_publish_to("update-product", head, body) else "pass"

    proxy = proxied(alone, watch)
    done = run_cli("dlq", "replay", "--all", "--rate", "10", "--data-dir", proxy.data)
    told = done.stdout + done.stderr
    assert done.returncode == 1, told
    assert "2 replayed, 0 skipped, 0 failed, 1 in doubt" in told
    assert "state=replaying" in told and "--again" in told
    assert "1 letter was not reached: give the same command again" in told
    # The rest goes on; what is in doubt waits to be told --again.
    assert "1 replayed, 3 skipped" in dlq(alone, "replay", "--all")
    published = 4 if verdict == "forget" else 3
    assert len(replays_in(alone)) == published
    alone.stop()


def test_two_replays_at_once_publish_each_letter_once(alone):
    orphans(alone, 40)
    run = lambda: run_cli("dlq", "replay", "--all", "--rate", "100", "--data-dir", alone.data)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        done = [one.result() for one in [pool.submit(run) for _ in range(4)]]
    origins = replays_in(alone)
    told = "\n".join(one.stdout + one.stderr for one in done)
    assert len(origins) == len(set(origins)) == 40, told
    assert sum(int(one.stdout.split(" replayed")[0].split()[-1]) for one in done) == 40, told
    alone.stop()


def test_a_hundred_replays_of_a_letter_leave_no_more_than_a_few(alone):
    position = publish(alone, "create-product", "--key", "poison", "{")
    letter = eventually(lambda: listed(alone), what="the letter")[0]["messageId"]
    assert letter.startswith(position)
    sizes = {"dead-letter-queue": [], "dead-letter-state": []}
    for round_ in range(1, 131):
        assert "1 replayed" in dlq(alone, "replay", letter, "--again")
        (entry,) = eventually(
            lambda: (e := listed(alone)) and e[0]["replays"] == round_ and e, what="the letter of the replay"
        )
        if round_ % 10 == 0:
            for topic, of_topic in sizes.items():
                of_topic.append(len(read(alone, topic)))
    assert entry["messageId"] == letter and entry["attempts"] == 131
    # Both grow to a bound and no further.
    for topic, of_topic in sizes.items():
        assert max(of_topic) <= 110, (topic, of_topic)
    alone.stop()
    assert len(listed(alone)) == 1


def test_the_letters_of_one_product_are_replayed_in_order(alone):
    product = "dddddddddddddddddddddd01"
    names = [f"name {i}" for i in range(5)]
    lines = "\n".join(json.dumps(a_product(productId=product, name=n)) for n in names)
    publish(alone, "update-product", "--key", product, lines=lines)
    eventually(lambda: len(dead_letters(alone)) == 5, what="the letters")
    publish(alone, "create-product", json.dumps(a_product(productId=product)))
    find = lambda: alone.get(f"/api/v1/products/{product}")
    eventually(lambda: find().status_code == 200, what="the product")
    first = listed(alone)[0]["messageId"]
    dlq(alone, "replay", first)  # A part of them, as a run that was broken off.
    eventually(lambda: find().json()["version"] == 2, what="the first update")
    assert "4 replayed, 1 skipped" in dlq(alone, "replay", "--all")
    eventually(lambda: find().json()["version"] == 6, what="all updates")
    assert find().json()["name"] == names[-1]
    alone.stop()


def test_a_full_reserve_is_told_and_freed_by_purge(new_service):
    service = new_service(
        environment={"PRODUCTD_LOG_DEAD_LETTER_RESERVE": "8MiB", "PRODUCTD_WORKER_NOT_FOUND_WAIT": "300ms"}
    ).start()
    big = "x" * 900_000
    publish(service, "create-product", lines="\n".join([big] * 14))
    ready = lambda: service.get("/readyz?verbose")
    told = eventually(lambda: (a := ready()).status_code == 503 and a.text, 30, "a full reserve", pause=0.2)
    assert "The topic dead-letter-queue is full." in told and "productd" not in told
    inside = httpx.get(f"http://127.0.0.1:{service.ready['metrics_port']}/readyz?verbose").text
    assert "productd dlq purge" in inside  # What to do is for who runs the service; there is always room for it.
    assert "Purged" in dlq(service, "purge", "--all", "--yes")
    eventually(lambda: ready().status_code == 200, 30, "room", pause=0.2)
    eventually(lambda: len(listed(service)) > 0, 30, "the letters that waited", pause=0.2)
    service.stop()


def request(method, target, body=b"", headers=""):
    return (
        f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def publish_at(service, time_ms, product):
    """A create whose producer gave it this time; its position."""
    value = base64.b64encode(json.dumps(product).encode()).decode()
    record = {"topic": "create-product", "partition": 0, "key": None, "value": value, "headers": [], "time": time_ms}
    body = request("POST", "/admin/log/messages", json.dumps([record]).encode())
    answer = raw_call(str(service.data / "admin.sock"), body).partition(b"\r\n\r\n")[2]
    position = json.loads(answer)[0]["position"]
    return f"{position['topic']}/{position['partition']}/{position['offset']}"


def test_an_impossible_time_is_told_and_mended_by_a_replay(alone):
    in_fifty_years = int((time.time() + 50 * 365 * 86_400) * 1_000)
    letter = dead_letter_of(alone, publish_at(alone, in_fifty_years, a_product(name="timeless")))["messageId"]
    (entry,) = listed(alone, "--filter", "code=bad_time")
    assert entry["messageId"] == letter
    assert "1 replayed" in dlq(alone, "replay", letter)
    find = lambda: alone.get("/api/v1/products/search", params={"search": "timeless"}).json()["products"]
    assert len(eventually(find, what="the product")) == 1
    assert "overtaken" in dlq(alone, "replay", letter, "--again")  # The same create: it has its origin's id.
    assert "1 replayed" in dlq(alone, "replay", letter, "--again", "--force")
    eventually(lambda: listed(alone)[0]["code"] == "already_exists", what="the letter of the second replay")
    assert len(find()) == 1
    alone.stop()


def test_what_is_stored_is_shown_to_the_owner_of_the_socket_only(alone):
    path = str(alone.data / "admin.sock")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    for answer in (alone.get("/admin/store/stored?ids="), alone.request("POST", "/admin/store/stored", json=[])):
        assert answer.status_code == 404
    metrics = httpx.get(f"http://127.0.0.1:{alone.ready['metrics_port']}/admin/store/stored?ids=")
    assert metrics.status_code == 404
    product = alone.created(a_product())["productId"]
    unknown = "eeeeeeeeeeeeeeeeeeeeeee1"
    ask = lambda *a, **k: raw_call(path, request(*a, **k))
    answer = ask("GET", f"/admin/store/stored?ids={product},{unknown},{product}")
    assert answer.startswith(b"HTTP/1.1 200")
    kinds = [one["kind"] for one in json.loads(answer.partition(b"\r\n\r\n")[2])]
    assert kinds == ["product", "nothing", "product"]
    assert b"name" not in answer.partition(b"\r\n\r\n")[2]  # Fences and times, no content.
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert ask(method, f"/admin/store/stored?ids={product}").startswith(b"HTTP/1.1 404"), method
    for ids in ("x", product[:-1], f"{product},,", "%00", "%zz", ",", f"{product};{product}", "'"):
        assert ask("GET", f"/admin/store/stored?ids={ids}").startswith(b"HTTP/1.1 400"), ids
    many = ",".join([product] * 1001)
    assert ask("GET", f"/admin/store/stored?ids={many}").startswith(b"HTTP/1.1 400")
    assert ask("GET", "/admin/store/stored?ids=").endswith(b"[]")
    assert ask("GET", "/admin/store/stored", body=b"{" * 100_000).startswith(b"HTTP/1.1 ")
    with socket.socket(socket.AF_UNIX) as hostile:  # A body that is announced and never comes holds up nobody.
        hostile.connect(path)
        hostile.sendall(b"GET /admin/store/stored HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        assert ask("GET", f"/admin/store/stored?ids={product}").startswith(b"HTTP/1.1 200")
    assert listed(alone) == []
    alone.stop()
