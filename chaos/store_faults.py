# What is done to the replica set under members of one group, a fault a function: (stage, servers, seconds), of which each
# says what the seconds are of. store_scenarios.py has the table.
import functools
import time

from answers import milliseconds
from replica_set import DISK_BYTES, PATIENCE, until

# A write is waited for half as long as the socket: what two members do not confirm in 2 s has failed.
CONFIRMED_SECONDS = 2
SEEN = 2  # Seconds of work after a fault.


def primary_killed(stage, servers, seconds):
    primary, _ = servers.roles()
    stage.answers.strikes_now()
    servers.kill([primary])
    servers.await_primary()
    time.sleep(seconds)
    servers.start([primary])


def primary_steps_down(stage, servers, seconds):
    primary, _ = servers.roles()
    stage.answers.strikes_now()
    with servers.direct(primary) as client:
        client.admin.command("replSetStepDown", 60, secondaryCatchUpPeriodSecs=10)
    servers.await_primary()
    time.sleep(seconds)


def primary_frozen(stage, servers, seconds):
    """It is deposed, and does not know it."""
    primary, _ = servers.roles()
    stage.answers.strikes_now()
    servers.freeze([primary])
    servers.await_primary()
    time.sleep(seconds)
    servers.thaw([primary])
    time.sleep(SEEN)


def two_gone(stage, servers, seconds):
    """One is left, which is no majority: for a while it does not know that, and takes writes that nobody confirms."""
    primary, others = servers.roles()
    servers.kill(others)
    stage.answers.strikes_now()
    began = milliseconds()
    time.sleep(seconds)
    stage.answers.silence(began)
    servers.start(others)
    servers.await_primary()


def all_killed(stage, servers, seconds):
    """What was answered is in their journals."""
    everyone = range(len(servers.members))
    stage.answers.strikes_now()
    servers.kill(everyone)
    began = milliseconds()
    time.sleep(seconds)
    stage.answers.silence(began)
    servers.start(everyone)


def unreplicated(stage, servers, seconds):
    """The primary alone has what it is sent, says after a while that nobody else does, and is killed. The others know
    nothing of it and go on; it comes back, and takes back what it alone had."""
    primary, others = servers.roles()
    taken_back = servers.data(primary) / "rollback"
    servers.fetch_nothing(others)
    servers.freeze(others)
    began = milliseconds()
    time.sleep(seconds)
    servers.kill([primary])
    stage.answers.silence(began)
    stage.answers.strikes_now()
    servers.thaw(others)
    servers.fetch_nothing(others, False)
    servers.await_primary()
    stage.answers.await_applied(50, PATIENCE)
    before = set(taken_back.rglob("*.bson"))
    servers.start([primary])
    servers.await_all()
    if not set(taken_back.rglob("*.bson")) - before:
        stage.unproven.append("nothing was rolled back")


def slow_replication(stage, servers, seconds):
    """Both secondaries stand still for longer than a write waits for them, and again."""
    primary, others = servers.roles()
    timed_out = functools.partial(write_timeouts, servers, primary)
    before = timed_out()
    for _ in range(max(2, seconds // 5)):
        stage.answers.strikes_now()
        servers.freeze(others)
        time.sleep(CONFIRMED_SECONDS + 1)
        servers.thaw(others)
        time.sleep(SEEN)
    if timed_out() == before:
        stage.unproven.append("no write ran out of its time")
    if servers.await_primary() != primary:
        stage.unproven.append("there was an election")


def write_timeouts(servers, number):
    with servers.direct(number) as client:
        return client.admin.command("serverStatus")["metrics"]["getLastError"]["wtimeouts"]


def secondary_resyncs(stage, servers, seconds):
    """It comes back with nothing, and copies all while work goes on."""
    primary, others = servers.roles()
    stage.answers.strikes_now()
    servers.kill(others[:1])
    servers.empty(others[0])
    servers.start(others[:1])
    servers.await_all()
    time.sleep(seconds)
    if servers.await_primary() == others[0]:
        servers.step_up(primary)  # The oplog of the other one begins here.


def disk_full(of_primary, stage, servers, seconds):
    """A server whose disk is full ends itself. Then there is room again."""
    number = stage.on_small_disk
    if of_primary:
        servers.step_up(number)
    stage.answers.strikes_now()
    servers.fill(number)
    servers.await_primary()
    time.sleep(seconds)
    servers.resize(number, DISK_BYTES)
    servers.start([number])


def index_built(stage, servers, seconds):
    """By an operator, of much more than is being changed."""
    with servers.client() as client:
        products = client[stage.store.database]["products"]
        stage.answers.strikes_now()
        began = time.monotonic()
        name = products.create_index([("description", 1), ("name", -1)])
        stage.say(f"  the index was there after {time.monotonic() - began:.1f} s")
        time.sleep(seconds)
        products.drop_index(name)
