# The service on a replica set of this test's own while its primary is killed, steps down, or stands still until another
# is elected: nothing that was answered is lost or doubled, and writes go on.
import os
import signal

import pymongo
import pytest

import stack
import stack_mongodb
from answered_writes import Ledger, load
from freezing import freeze, thaw
from own_mongodb import own
from service import Service
from waiting import eventually

WRITERS = 1
PATIENCE = 60  # An election takes 5 s and more, on a busy machine much more.


class ReplicaSet:
    def __init__(self, folder):
        self.folder = folder
        self.members = [own(stack_mongodb.server(name), folder) for name in stack_mongodb.MEMBERS]

    def start(self):
        assert stack.up(self.members) == []
        return self

    def primary(self):
        """The member that the majority follows; nothing while they vote."""
        for member in self.members:
            state = member.state()
            if not state:
                continue
            with stack_mongodb.client(member.folder, state["port"], socketTimeoutMS=1_000) as one:
                try:
                    if one.admin.command("hello")["isWritablePrimary"]:
                        return member
                except pymongo.errors.PyMongoError:
                    continue
        return None

    def stop(self):
        for member in self.members:
            if state := member.state():
                thaw(state["pid"])
        stack.down(self.members)





@pytest.fixture(scope="module")
def replica_set(tmp_path_factory):
    three = ReplicaSet(tmp_path_factory.mktemp("members"))
    try:
        yield three.start()
    finally:
        three.stop()


@pytest.fixture
def service(tmp_path, replica_set):
    environment = {
        "PRODUCTD_STORE": "mongodb",
        "PRODUCTD_MONGODB_URI": stack_mongodb.uri(replica_set.folder),
        "PRODUCTD_MONGODB_DB": tmp_path.name,
        "PRODUCTD_MONGODB_SOCKETTIMEOUT": "2s",
    }
    running = Service(tmp_path / "service", environment=environment).start()
    yield running
    running.ensure_stopped()


def killed(replica_set, primary):
    pid = primary.state()["pid"]
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return primary.up


def stepped_down(replica_set, primary):
    with stack_mongodb.client(primary.folder, primary.state()["port"]) as one:
        one.admin.command("replSetStepDown", 60, secondaryCatchUpPeriodSecs=10)
    return lambda: None


def frozen(replica_set, primary):
    """A primary that is deposed and does not know it."""
    pid = primary.state()["pid"]
    freeze(pid)
    others = [member for member in replica_set.members if member is not primary]
    told = lambda: any(b"isWritablePrimary\0\1" in stack_mongodb.hello(m.folder, m.state()["port"]) for m in others)
    eventually(told, PATIENCE, "another primary")
    return lambda: thaw(pid)


@pytest.mark.parametrize("fault", [killed, stepped_down, frozen])
def test_nothing_answered_is_lost_with_the_primary_and_writes_go_on(service, replica_set, fault):
    ledger = Ledger(seed=1)
    end = load(ledger, service, 0, WRITERS)
    applied = lambda: service.metric("products_success_incoming_kafka_messages_total")
    eventually(lambda: ledger.answered > 200, PATIENCE, "writes under way")
    mend = fault(replica_set, eventually(replica_set.primary, PATIENCE, "a primary"))
    before = applied()
    eventually(lambda: applied() > before + 100, PATIENCE, "writes applied after the fault")
    mend()
    before = applied()
    eventually(lambda: applied() > before + 100, PATIENCE, "writes applied after all are back")
    end()
    assert ledger.wrong == []
    ledger.compare(service, ledger.entries)
    service.stop()
