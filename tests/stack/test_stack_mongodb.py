# MongoDB as tools/stack.py runs it: a replica set of three and one that asks for TLS and a password, of these tests' own.
import os
import signal
import socket

import pymongo
import pytest

import stack
import stack_mongodb
from own_mongodb import own
from products import a_product
from service import Service, run_cli
from waiting import eventually


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    """Three members, which are a set."""
    root = tmp_path_factory.mktemp("mongodb")
    three = [own(stack_mongodb.server(name), root) for name in stack_mongodb.MEMBERS]
    try:
        assert stack.up(three) == []
        yield three
    finally:
        stack.down(three)


def connected(members, **options):
    uri = stack_mongodb.uri(members[0].folder.parent)
    return pymongo.MongoClient(uri, w="majority", serverSelectionTimeoutMS=20_000, **options)


def test_three_members_are_a_set_on_loopback_alone(members):
    with connected(members) as client:
        states = lambda: sorted(m["stateStr"] for m in client.admin.command("replSetGetStatus")["members"])
        eventually(lambda: states() == ["PRIMARY", "SECONDARY", "SECONDARY"], 30, "what the primary knows of them")
        client.tried.kept.insert_one({"_id": "written by most"})
    for member in members:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", member.state()["port"]), timeout=5)


def test_what_was_stored_is_there_after_down_and_up_on_the_same_ports(members):
    before = [member.state() for member in members]
    with connected(members) as client:
        client.tried.kept.replace_one({"_id": 1}, {"_id": 1, "n": 1}, upsert=True)
    assert stack.down(members) == [True] * 3
    # A lock that still names its process is one of a server that was killed.
    assert [(member.folder / "data/mongod.lock").read_text() for member in members] == [""] * 3
    assert stack.up(members) == []
    assert [member.state()["port"] for member in members] == [state["port"] for state in before]
    with connected(members) as client:
        assert client.tried.kept.find_one({"_id": 1})["n"] == 1


def test_a_killed_member_comes_back_into_its_set(members):
    with connected(members) as client:
        primary = client.admin.command("hello")["primary"]
    killed = next(member for member in members if primary.endswith(f":{member.state()['port']}"))
    pid = killed.state()["pid"]
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with connected(members) as client:
        client.tried.kept.replace_one({"_id": 2}, {"_id": 2}, upsert=True)
    killed.up()
    assert killed.answers() and killed.state()["pid"] != pid


def test_a_port_that_another_process_has_is_named(members, tmp_path):
    (tmp_path / "mongodb-ports.json").write_bytes((members[0].folder.parent / "mongodb-ports.json").read_bytes())
    port = members[1].state()["port"]
    with pytest.raises(RuntimeError, match=f"mongodb2 cannot have port {port}, "):
        stack.Running(members[1].server, tmp_path).up()


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    running = own(stack_mongodb.server(stack_mongodb.SECURE), tmp_path_factory.mktemp("secure"))
    running.up()
    yield running
    running.down()


def test_the_secure_set_serves_over_tls_to_the_password_and_to_nothing_else(secure, tmp_path):
    root = secure.folder.parent
    environment = {"PRODUCTD_STORE": "mongodb", "PRODUCTD_MONGODB_URI": stack_mongodb.secure_uri(root)}
    service = Service(tmp_path / "service", environment=environment).start()
    try:
        product = service.created(a_product())
        assert service.get(f"/api/v1/products/{product['productId']}").json() == product
        service.stop()
    finally:
        service.ensure_stopped()
    plain = f"mongodb://127.0.0.1:{secure.state()['port']}/?replicaSet=secure"
    for wrong in (stack_mongodb.secure_uri(root, password="another"), plain):
        told = doctor({**environment, "PRODUCTD_MONGODB_URI": wrong})
        assert "fail  databases" in told and "MongoDB" in told, told
        assert "another" not in told


def test_the_secure_set_keeps_its_user(secure):
    root = secure.folder.parent
    assert secure.down() is True
    secure.up()
    with pymongo.MongoClient(stack_mongodb.secure_uri(root)) as client:
        mechanisms = client.admin.command("usersInfo", stack_mongodb.USER)["users"][0]["mechanisms"]
        assert mechanisms == ["SCRAM-SHA-256"]


def doctor(environment):
    more = {"PRODUCTD_MONGODB_SERVERSELECTIONTIMEOUT": "1s"}
    return run_cli("doctor", environment={**environment, **more}).stdout
