# What is done to the replica set under members of one group, a scenario a row of the table. Meanwhile a foreign client
# publishes the ledger, and clients of the members write and read over REST, through Redis (answers.py).
import contextlib
import functools
from dataclasses import dataclass
from typing import Callable

import store_faults as faults
from answers import Answers
from kafka_stage import KafkaStage
from replica_set import PATIENCE, ReplicaSet
from store_storm import everything

LIMITS = {"PRODUCTD_MONGODB_SOCKETTIMEOUT": f"{2 * faults.CONFIRMED_SECONDS}s"}
PATIENT_ELECTION_MS = 12_000  # Longer than anything stands still that is not to be missed.


@dataclass(frozen=True)
class Fault:
    """`act(stage, servers, seconds)`."""

    act: Callable
    short: int = 4  # Seconds, as each of them understands it.
    long: int = 10
    takes: int = 10  # Seconds it needs beside: elections, starts.
    election_ms: int = ReplicaSet.election_ms
    preload: int = 0
    members: int = 3
    on_small_disk: bool = False


PATIENT = {"election_ms": PATIENT_ELECTION_MS}
FAULTS = {
    "unreplicated": Fault(faults.unreplicated, 6, 8, 15, **PATIENT),
    "two-of-three-gone": Fault(faults.two_gone, 8, 15),
    "all-servers-killed": Fault(faults.all_killed, 2, 5, 15),
    "slow-replication": Fault(faults.slow_replication, 10, 25, 0, **PATIENT),
    "secondary-resyncs": Fault(faults.secondary_resyncs, 2, 5, 10, preload=20_000),
    "secondary-disk-full": Fault(functools.partial(faults.disk_full, False), on_small_disk=True),
    "primary-disk-full": Fault(functools.partial(faults.disk_full, True), on_small_disk=True),
    "index-built": Fault(faults.index_built, preload=60_000),
    "primary-killed": Fault(faults.primary_killed),
    "primary-steps-down": Fault(faults.primary_steps_down),
    "primary-frozen": Fault(faults.primary_frozen),
    "everything": Fault(everything, 25, 90, 5, members=6),
}
# One member confirms a write, which is what the default is not: what it alone had is answered, and then taken back.
UNCONFIRMED = "control unconfirmed"


def under_load(context, name, fault, uri_option=""):
    """Members work while messages come and clients ask, the fault happens, and then all is finished and looked at."""
    servers, rate = context.mongodb, 100 if context.short else 200
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
            if fault.preload:
                stage.store.preload(fault.preload)
            stage.answers = Answers(stage, context.seed)
            for _ in range(fault.members):
                stage.start()
            stage.publishing.start()
            stage.answers.start()
            stage.answers.await_applied(50, PATIENCE)
            stage.begins()
            fault.act(stage, servers, seconds)
            stage.ended()
            undone.pop_all().close()
            stage.answers.await_applied(50, PATIENCE)
            stage.finish()
        except BaseException:
            undone.close()  # Its products can be deleted only where there is a primary.
            stage.close()
            raise
    return stage


def table(context):
    """name → what to call, in order."""
    return {name: functools.partial(under_load, context, name, fault) for name, fault in FAULTS.items()}


def control(context):
    return functools.partial(under_load, context, UNCONFIRMED, FAULTS["unreplicated"], "&w=1")
