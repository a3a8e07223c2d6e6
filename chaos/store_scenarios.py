# What is done to the replica set under members of one group, a scenario a row of the table at the end. Meanwhile a foreign
# client publishes the ledger, and clients of the members write and read over REST, through Redis (answers.py).
import contextlib
import functools
import threading
import time
from dataclasses import dataclass
from typing import Callable

from answers import Answers, milliseconds
from kafka_scenarios import kills as members_killed
from kafka_stage import KafkaStage
from mongodb import stack_mongodb
from replica_set import PATIENCE, until

# A write is waited for half as long as the socket: what two members do not confirm in 2 s has failed.
CONFIRMED_SECONDS = 2
LIMITS = {"PRODUCTD_MONGODB_SOCKETTIMEOUT": f"{2 * CONFIRMED_SECONDS}s"}
PATIENT_ELECTION_MS = 20_000  # Longer than anything stands still that is not to be missed.
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
    applied = len(stage.answers.given)
    until(lambda: len(stage.answers.given) > applied + 50, "work on the new primary")
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
    servers.resize(number, 4 << 30)
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


# ------------------------------------------------------------------------------------------ everything at once


def everything(stage, servers, seconds):
    """Each kind of server loses one of its kind again and again, beside the members, and none waits for another."""
    end = time.monotonic() + seconds
    dice = {name: stage.dice(name) for name in ("members", "brokers", "servers", "redis")}
    stage.answers.strikes_now()

    def again(name, pause, strike):
        while time.monotonic() < end:
            strike(dice[name])
            time.sleep(dice[name].uniform(*pause))

    def a_broker(dice):
        number = dice.randrange(3)
        stage.cluster.kill([number])
        time.sleep(3)
        stage.cluster.up([number])

    def a_server(dice):
        servers.await_primary()
        number = dice.randrange(3)
        dice.choice([killed_for_a_while, frozen_for_a_while])(servers, number)

    def the_cache(dice):
        stage.redis.down()
        time.sleep(1)
        stage.redis.up()

    rows = [("brokers", (4, 8), a_broker), ("servers", (3, 6), a_server), ("redis", (4, 8), the_cache)]
    threads = [threading.Thread(target=told(stage, again), args=row) for row in rows]
    threads.append(threading.Thread(target=told(stage, members_killed), args=(stage, seconds, dice["members"])))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stage.cluster.heal()


def killed_for_a_while(servers, number):
    servers.kill([number])
    time.sleep(2)
    servers.start([number])


def frozen_for_a_while(servers, number):
    servers.freeze([number])
    time.sleep(7)
    servers.thaw([number])


def told(stage, fault):
    """A fault that could not be brought about is a finding, and not the end of a thread."""

    def run(*arguments):
        try:
            fault(*arguments)
        except Exception as error:
            stage.stuck.append(f"a fault failed: {error!r}")

    return run


# ------------------------------------------------------------------------------------------ the table


@dataclass(frozen=True)
class Fault:
    """`act(stage, servers, seconds)`."""

    act: Callable
    short: int = 4  # Seconds, as each of them understands it.
    long: int = 10
    takes: int = 10  # Seconds it needs beside: elections, starts.
    election_ms: int = stack_mongodb.ELECTION_MS
    preload: int = 0
    members: int = 3
    on_small_disk: bool = False


PATIENT = {"election_ms": PATIENT_ELECTION_MS}
FAULTS = {
    "unreplicated": Fault(unreplicated, 6, 8, 15, **PATIENT),
    "two-of-three-gone": Fault(two_gone, 8, 15),
    "all-servers-killed": Fault(all_killed, 2, 5, 15),
    "slow-replication": Fault(slow_replication, 10, 25, 0, **PATIENT),
    "secondary-resyncs": Fault(secondary_resyncs, 2, 5, 10, preload=20_000),
    "secondary-disk-full": Fault(functools.partial(disk_full, False), on_small_disk=True),
    "primary-disk-full": Fault(functools.partial(disk_full, True), on_small_disk=True),
    "index-built": Fault(index_built, preload=60_000),
    "primary-killed": Fault(primary_killed),
    "primary-steps-down": Fault(primary_steps_down),
    "primary-frozen": Fault(primary_frozen),
    "everything": Fault(everything, 25, 90, 5, members=6),
}
# One member confirms a write, which is what the default is not: what it alone had is answered, and then taken back.
UNCONFIRMED = "control unconfirmed"


def under_load(context, name, fault, uri_option=""):
    """Members work while messages come and clients ask, the fault happens, and then all is finished and looked at."""
    servers, rate = context.mongodb, 150 if context.short else 250
    seconds = fault.short if context.short else fault.long
    servers.elect_after(fault.election_ms)
    with contextlib.ExitStack() as undone:
        undone.callback(servers.heal)
        disk = servers.roles()[1][0] if fault.on_small_disk else None
        if fault.on_small_disk:
            servers.move_to_disk(disk)
        port = context.redis.up()
        settings = LIMITS | {"PRODUCTD_CACHE": "redis", "PRODUCTD_REDIS_ADDRESS": f"127.0.0.1:{port}"}
        settings["PRODUCTD_MONGODB_URI"] = servers.uri() + uri_option
        stage = KafkaStage(context, name.replace(" ", "-"), rate * (seconds + fault.takes), rate, settings=settings)
        stage.on_small_disk, stage.redis = disk, context.redis
        stage.dice = lambda part: context.dice(f"{name} {part}")
        try:
            stage.store.preload(fault.preload) if fault.preload else None
            stage.answers = Answers(stage, context.seed)
            for _ in range(fault.members):
                stage.start()
            stage.publishing.start()
            stage.answers.start()
            until(lambda: len(stage.answers.given) > 50, "answer of the members", PATIENCE)
            stage.begins()
            fault.act(stage, servers, seconds)
            stage.ended()
            undone.pop_all().close()
            time.sleep(SEEN)
            stage.finish()
        except BaseException:
            stage.close()
            raise
    return stage


def table(context):
    """name → what to call, in order."""
    return {name: functools.partial(under_load, context, name, fault) for name, fault in FAULTS.items()}


def control(context):
    return functools.partial(under_load, context, UNCONFIRMED, FAULTS["unreplicated"], "&w=1")
