# No password leaves the process, whatever a server says and wherever it was written.
import json

import httpx
import pytest

from fake_redis import EchoingRedis
from service import run_cli
from store_under_test import embedded_only
from waiting import eventually

SECRET = "hush-9f3"


@pytest.fixture
def redis():
    server = EchoingRedis()
    yield server
    server.close()


@pytest.fixture
def environment(redis):
    return {"PRODUCTD_CACHE": "redis", "PRODUCTD_REDIS_ADDRESS": redis.address, "PRODUCTD_REDIS_PASSWORD": SECRET}


def cache_of(report):
    return next(check for check in report.json()["checks"] if check["name"] == "cache")


def test_a_redis_that_repeats_the_password_is_told_of_without_it(new_service, environment, redis):
    service = new_service(environment=environment).start()
    metrics_port = f"http://127.0.0.1:{service.ready['metrics_port']}/readyz?verbose"
    eventually(lambda: "refuses" in cache_of(service.get("/readyz?verbose")).get("detail", ""), what="a refusal")
    for_all, inside = service.get("/readyz?verbose"), httpx.get(metrics_port)
    assert "(ERR)" in cache_of(for_all)["detail"], "what a program may know of it"
    assert "unknown command" not in for_all.text and redis.address not in for_all.text
    assert "cause" not in cache_of(for_all)
    service.stop()
    for text in (for_all.text, inside.text, service.output(tail=10_000_000)):
        assert SECRET not in text
    assert "Redis refuses this service" in service.output(tail=10_000_000), "the log and the welcome do tell"


def test_what_redis_refuses_is_one_line_though_two_connections_and_a_check_fail(new_service, environment):
    service = new_service(environment=environment).start()
    eventually(lambda: not cache_of(service.get("/readyz?verbose"))["ok"], what="the check fails")
    service.stop()
    lines = [line for line in service.output(tail=10_000_000).splitlines() if line.startswith("{") and "(ERR)" in line]
    assert [json.loads(line)["message"] for line in lines] == [
        "Redis is gone: reads go to the store, and writes look there for their outcomes"
    ]


def test_where_a_dependency_is_stands_on_the_metrics_port_alone(new_service, redis, environment):
    redis.close()
    service = new_service(environment=environment).start()
    probe = lambda: httpx.get(f"http://127.0.0.1:{service.ready['metrics_port']}/readyz?verbose")
    eventually(lambda: "Connection refused" in cache_of(probe()).get("cause", ""), what="the cause")
    assert redis.address in cache_of(probe())["cause"]
    for_all = service.get("/readyz?verbose")
    assert redis.address not in for_all.text and "Connection refused" not in for_all.text
    assert not cache_of(for_all)["ok"]


def test_the_doctor_tells_neither_the_password_nor_what_repeats_it(tmp_path, environment, redis):
    told = run_cli("doctor", "--data-dir", tmp_path, environment=environment)
    assert told.returncode == 1 and redis.address in told.stdout and "(ERR)" in told.stdout
    assert SECRET not in told.stdout + told.stderr and "unknown command" not in told.stdout


@pytest.mark.parametrize("cache", ["memory", "redis"])
@pytest.mark.parametrize("command", [["config"], ["doctor"], ["serve"]], ids=" ".join)
@pytest.mark.parametrize(
    "address", [f"redis://:{SECRET}@localhost:6379", f"keeper:{SECRET}@localhost:6379", f"rediss://h/?password={SECRET}"]
)
def test_an_address_with_a_password_is_refused_without_repeating_it(tmp_path, cache, command, address):
    environment = {"PRODUCTD_CACHE": cache, "PRODUCTD_REDIS_ADDRESS": address, "PRODUCTD_DATA_DIR": tmp_path / "data"}
    told = run_cli(*command, environment={name: str(value) for name, value in environment.items()})
    assert told.returncode == 1
    assert "PRODUCTD_REDIS_ADDRESS" in told.stdout + told.stderr and "Redis.Password" in told.stdout + told.stderr
    assert SECRET not in told.stdout + told.stderr


def test_a_password_that_goes_over_the_network_readable_is_warned_of(tmp_path):
    environment = {
        "PRODUCTD_BUS": "kafka",
        "PRODUCTD_KAFKA_BROKERS": "127.0.0.1:1",
        "PRODUCTD_KAFKA_MECHANISM": "plain",
        "PRODUCTD_KAFKA_USER": "keeper",
        "PRODUCTD_KAFKA_PASSWORD": SECRET,
    }
    warned = "Kafka.Mechanism PLAIN sends Kafka.Password readable"
    told = run_cli("config", "--data-dir", tmp_path, environment=environment)
    assert warned in told.stderr and SECRET not in told.stderr + told.stdout
    told = run_cli("doctor", "--data-dir", tmp_path, environment=environment)
    assert "warn  configuration" in told.stdout and warned in told.stdout
    told = run_cli("config", "--data-dir", tmp_path, environment=environment | {"PRODUCTD_KAFKA_SECURITY": "tls"})
    assert warned not in told.stderr


IDLE = {
    "Kafka.User": ("bus: kafka\nKafka:\n  Brokers: [\"127.0.0.1:1\"]\n  User: keeper\n", 4, "Kafka.Mechanism"),
    "Kafka.Password": (f"bus: kafka\nKafka:\n  Brokers: [\"127.0.0.1:1\"]\n  Password: {SECRET}\n", 4, "Kafka.Mechanism"),
    "MongoDB.Password": (f"store: mongodb\nMongoDB:\n  Password: {SECRET}\n", 3, "MongoDB.User"),
    "MongoDB.User": ("store: mongodb\nMongoDB:\n  User: keeper\n", 3, "MongoDB.Password"),
    "Redis.User": ("cache: redis\nRedis:\n  User: keeper\n", 3, "Redis.Password"),
}


@pytest.mark.parametrize("key", IDLE)
def test_a_credential_that_is_not_used_is_warned_of_with_its_place(tmp_path, key):
    text, line, needed = IDLE[key]
    (tmp_path / "own.yaml").write_text(text + "Logger:\n  Encoding: json\n")
    (tmp_path / "folder").write_text("where nothing can start")
    flags = ["--config", tmp_path / "own.yaml", "--data-dir", tmp_path / "folder"]
    servers = {"PRODUCTD_MONGODB_URI": "mongodb://127.0.0.1:1", "PRODUCTD_MONGODB_SERVERSELECTIONTIMEOUT": "50ms"}
    if "MongoDB" not in key:
        servers = {}
    for command in (["config"], ["doctor"], ["serve"]):
        told = run_cli(*command, *flags, environment=servers)
        said = told.stdout + told.stderr
        (warned,) = [one for one in said.splitlines() if f"own.yaml:{line}: {key} is set" in one]
        assert needed in warned and "warn" in warned, said
        assert SECRET not in said and "keeper" not in warned


def test_credentials_of_a_server_that_is_not_chosen_are_warned_of_unless_its_address_is(tmp_path):
    environment = {
        "PRODUCTD_KAFKA_PASSWORD": SECRET,
        "PRODUCTD_MONGODB_USER": "keeper",
        "PRODUCTD_MONGODB_URI": "mongodb://elsewhere",
        "PRODUCTD_STORE": "sqlite",
    }
    said = run_cli("config", "--data-dir", tmp_path, environment=environment).stderr
    assert "PRODUCTD_KAFKA_PASSWORD: Kafka.Password is set, but nothing uses it; bus: kafka does." in said
    assert "MongoDB.URI is set, but nothing uses it" in said and "MongoDB.User" not in said
    assert SECRET not in said


def test_credentials_beside_a_uri_that_has_its_own_are_warned_of(tmp_path):
    environment = {
        "PRODUCTD_STORE": "mongodb",
        "PRODUCTD_MONGODB_URI": f"mongodb://keeper:{SECRET}@h/?w=1",
        "PRODUCTD_MONGODB_USER": "other",
        "PRODUCTD_MONGODB_PASSWORD": SECRET,
    }
    said = run_cli("config", "--data-dir", tmp_path, environment=environment).stderr
    for key in ("User", "Password"):
        place = f"PRODUCTD_MONGODB_{key.upper()}: MongoDB.{key} is set"
        assert f"{place}, but nothing uses it, for MongoDB.URI names a user." in said
    assert SECRET not in said


@pytest.mark.parametrize(
    "changed",
    [
        {"PRODUCTD_MONGODB_USER": "keeper", "PRODUCTD_MONGODB_PASSWORD": SECRET},
        {"PRODUCTD_MONGODB_USER": "keeper", "PRODUCTD_MONGODB_URI": "mongodb://h/?authMechanism=MONGODB-X509"},
        {"PRODUCTD_REDIS_USER": "keeper", "PRODUCTD_REDIS_PASSWORD": SECRET},
        {"PRODUCTD_REDIS_PASSWORD": SECRET},
        {"PRODUCTD_KAFKA_USER": "keeper", "PRODUCTD_KAFKA_PASSWORD": SECRET, "PRODUCTD_KAFKA_MECHANISM": "scram-sha-256"},
    ],
)
def test_credentials_that_are_used_are_no_warning(tmp_path, changed):
    chosen = {"PRODUCTD_BUS": "kafka", "PRODUCTD_STORE": "mongodb", "PRODUCTD_CACHE": "redis"}
    told = run_cli("config", "--data-dir", tmp_path, environment=chosen | changed)
    assert told.returncode == 0 and "is set" not in told.stderr, told.stderr


@embedded_only
def test_the_file_of_the_older_service_is_not_used_without_a_word(new_service):
    service = new_service()
    (service.folder / "config.yaml").write_text(
        "AppVersion: 1.0.0\nServer:\n  Development: true\n"
        "MongoDB:\n  URI: mongodb://localhost:27017\nKafka:\n  Brokers: [\"localhost:9091\"]\n"
        "Redis:\n  RedisAddr: localhost:6379\n  RedisPassword: hush\n"
    )
    service.flags = ("--config", service.folder / "config.yaml")
    service.start()
    said = service.output()
    for line in (
        "config.yaml:5: MongoDB.URI is set, but nothing uses it; store: mongodb does.",
        "config.yaml:7: Kafka.Brokers is set, but nothing uses it; bus: kafka does.",
        "config.yaml:9: Redis.Address is set, but nothing uses it; cache: redis does.",
    ):
        assert said.count(line) == 1, said
    passed_over = [line for line in said.splitlines() if "passed over" in line]
    assert len(passed_over) == 1 and "Redis.RedisPassword" in passed_over[0] and "Server.Development" in passed_over[0]
    told = run_cli("doctor", "--config", service.folder / "config.yaml", "--data-dir", service.data)
    assert told.stdout.count("but nothing uses it") == 3 and told.stdout.count("passed over") == 1
    assert "hush" not in said + told.stdout
