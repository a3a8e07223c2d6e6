# The service while its Redis does not answer, and after. The server is this test's own, so that it can be stopped.
import os
import signal

import pytest

import stack
from products import a_product
from service import PRODUCTS, Service
from waiting import eventually

REDIS = stack.named("redis")


@pytest.fixture
def redis(tmp_path):
    running = stack.Running(REDIS, tmp_path)
    running.up()
    yield running
    state = running.state()
    if state:
        os.kill(state["pid"], signal.SIGCONT)
    running.down()


@pytest.fixture
def service(tmp_path, redis):
    environment = {"PRODUCTD_CACHE": "redis", "PRODUCTD_REDIS_ADDRESS": f"127.0.0.1:{redis.state()['port']}"}
    running = Service(tmp_path / "service", environment=environment).start()
    eventually(lambda: is_up(running), 20, "Redis is used")
    yield running
    running.ensure_stopped()


def is_up(service):
    return "\nproductd_redis_up 1\n" in service.metrics_text()


def cache_check(service):
    checks = service.get("/readyz?verbose").json()["checks"]
    return next(check for check in checks if check["name"] == "cache")


def lines_of_redis(service):
    return [line for line in service.output(tail=10_000_000).splitlines() if "Redis" in line and '"check"' not in line]


def changed(service, path, price):
    answer = service.request("PUT", path, json=a_product(price=price))
    assert answer.status_code == 200 and answer.headers["Product-State"] == "applied"
    return answer.json()


@pytest.mark.parametrize("fault", [signal.SIGSTOP, signal.SIGKILL])
def test_without_redis_the_answers_are_right_and_the_log_says_so_once(service, redis, fault):
    path = f"{PRODUCTS}/{service.created(a_product(price=1))['productId']}"
    assert service.get(path).json()["price"] == 1
    said = len(lines_of_redis(service))
    os.kill(redis.state()["pid"], fault)
    for price in range(2, 40):
        version = changed(service, path, price)["version"]
        assert service.get(path).json() == service.get(path, headers={"Cache-Control": "no-cache"}).json()
        assert service.get(path).json()["version"] == version
    assert not is_up(service)
    eventually(lambda: not cache_check(service)["ok"], 10, "the check says so")
    assert service.get("/readyz").status_code == 200, "a dead cache degrades and no more"
    news = lines_of_redis(service)[said:]
    assert 1 <= len(news) <= 2, news  # Of the connection of the cache, and of that of the outcomes.
    assert any("reads go to the store" in line for line in news)

    if fault == signal.SIGSTOP:
        os.kill(redis.state()["pid"], signal.SIGCONT)
    else:
        port = service.environment["PRODUCTD_REDIS_ADDRESS"].rpartition(":")[2]
        os.environ["PRODUCTD_STACK_REDIS_PORT"] = port
        try:
            redis.up()
        finally:
            del os.environ["PRODUCTD_STACK_REDIS_PORT"]
    eventually(lambda: is_up(service), 20, "Redis is used again")
    assert service.get(path).json()["price"] == 39, "what Redis missed is not read from it"
    assert changed(service, path, 99)["price"] == service.get(path).json()["price"]
    eventually(lambda: cache_check(service)["ok"], 10, "the check says so")
    service.stop()


def test_a_service_starts_before_its_redis(service, redis):
    service.stop()
    port = service.environment["PRODUCTD_REDIS_ADDRESS"].rpartition(":")[2]
    redis.down()
    service.start()
    assert service.get("/readyz").status_code == 200
    path = f"{PRODUCTS}/{service.created(a_product(price=7))['productId']}"
    assert service.get(path).json()["price"] == 7
    os.environ["PRODUCTD_STACK_REDIS_PORT"] = port
    try:
        redis.up()
    finally:
        del os.environ["PRODUCTD_STACK_REDIS_PORT"]
    eventually(lambda: is_up(service), 20, "Redis is used")
    assert service.get(path).json()["price"] == 7
    service.stop()


def test_an_address_that_is_none_stops_the_start_with_one_sentence(tmp_path):
    environment = {"PRODUCTD_CACHE": "redis", "PRODUCTD_REDIS_ADDRESS": "localhost"}
    service = Service(tmp_path / "service", environment=environment)
    with pytest.raises(Exception, match="Redis.Address must be a host and a port, such as localhost:6379."):
        service.start()
