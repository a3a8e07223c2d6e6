# What is done to members of one group and to their brokers, a scenario a function. `seconds` is how long each lasts while
# messages come; the rest is the same for all.
import random
import signal
import time
from dataclasses import dataclass

from kafka_client import keyed, offsets_partition
from kafka_link import COMMITS_CUT, COMMITS_UNANSWERED, CUT, SILENT
from kafka_stage import KafkaStage
from records import CREATE, UPDATE

SHUTDOWN = 15  # Seconds, the default of Shutdown.Timeout.


@dataclass
class KafkaContext:
    seed: int
    short: bool
    folder: object
    say: object
    cluster: object
    mongodb: object
    redis: object

    def dice(self, name):
        return random.Random(f"{self.seed} {name} decisions")


def under_load(context, name, fault, members=3, short=6, long=60, **topics):
    """Members work while messages come, `fault(stage, seconds, dice)` happens, and then all is finished."""
    rate = 200 if context.short else 400
    seconds = short if context.short else long
    stage = KafkaStage(context, name, int(rate * (seconds + 4)), rate, **topics)
    try:
        for _ in range(members):
            stage.start()
        stage.publishing.start()
        time.sleep(1.5)
        stage.begins()
        fault(stage, seconds, context.dice(name))
        stage.ended()
        time.sleep(1)
        stage.finish()
    except BaseException:
        stage.close()
        raise
    return stage


def comings_and_goings(stage, seconds, dice):
    stage.moves_group = True
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        count = len(stage.members)
        if count < 6 and (count == 1 or dice.random() < 0.5):
            stage.marks.append(("join", int(time.time() * 1000)))
            stage.start()
        else:
            stage.marks.append(("leave", int(time.time() * 1000)))
            stage.end(dice.choice(stage.members))
        time.sleep(dice.uniform(0.5, 3))


def kills(stage, seconds, dice):
    stage.moves_group = True
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(dice.uniform(0.5, 3))
        stage.end(dice.choice(stage.members), signal.SIGKILL)
        stage.start()


def brokers_down(numbers, short, long, meanwhile=lambda stage, dice: None):
    def fault(stage, seconds, dice):
        stage.cluster.kill(numbers)
        until = time.monotonic() + (short if seconds < 20 else long)
        meanwhile(stage, dice)
        time.sleep(max(0, until - time.monotonic()))
        stage.cluster.up(numbers)

    return fault


def a_member_stops(stage, dice):
    """With commits that nobody takes: it ends in time all the same, and another comes."""
    began = time.monotonic()
    stage.end(dice.choice(stage.members))
    took = time.monotonic() - began
    stage.say(f"  a member told to stop meanwhile ended after {took:.1f} s")
    if took > SHUTDOWN + 5:
        stage.stuck.append(f"a member took {took:.1f} s to stop, with a Shutdown.Timeout of {SHUTDOWN} s")
    stage.start(wait=False)


def coordinator_killed(stage, seconds, dice):
    leader = stage.client.leaders("__consumer_offsets")[offsets_partition(stage.group)]
    stage.cluster.kill([leader - 1])
    time.sleep(seconds)
    stage.cluster.up([leader - 1])
    if stage.client.leaders("__consumer_offsets")[offsets_partition(stage.group)] == leader:
        stage.unproven.append("the coordinator did not move")


def leader_moved(stage, seconds, dice):
    """The preferred leader of each partition of updates becomes another, and then its leader."""
    topic = stage.prefix + UPDATE
    about = stage.client.admin.list_topics(topic, timeout=10).topics[topic].partitions
    before = {number: one.leader for number, one in about.items()}
    lines = [
        f'{{"topic":"{topic}","partition":{number},"replicas":{one.replicas[1:] + one.replicas[:1]}}}'
        for number, one in about.items()
    ]
    file = stage.folder / "reassign.json"
    file.write_text(f'{{"version":1,"partitions":[{",".join(lines)}]}}')
    stage.cluster.tool("reassign.ReassignPartitionsCommand", "--reassignment-json-file", file, "--execute")
    # It is moved where the new order is known by then, and told of a moment later.
    until = time.monotonic() + 20
    while stage.client.leaders(topic)[0] == before[0]:
        if time.monotonic() > until:
            stage.unproven.append("the leader did not move")
            return
        stage.cluster.tool("LeaderElectionCommand", "--election-type", "preferred", "--topic", topic, "--partition", 0)


def zombie(stage, seconds, dice):
    """Silent for longer than its session of 3 s, in which others take over."""
    stage.moves_group = True
    for _ in range(1 if seconds < 20 else 5):
        member = dice.choice(stage.members)
        member.process.send_signal(signal.SIGSTOP)
        time.sleep(6)
        member.process.send_signal(signal.SIGCONT)
        time.sleep(1)


def network(stage, seconds, dice):
    """First connections are cut and none is made; then nothing passes, for longer than a session, and comes late."""
    stage.moves_group = True
    for mode in (CUT, SILENT):
        stage.cluster.be(mode)
        time.sleep(5 if seconds < 20 else 20)
        stage.cluster.be("pass")
        time.sleep(1)


def commits_lost(stage, seconds, dice):
    """All let go of their partitions meanwhile, for one stops and another comes."""
    stage.moves_group = True
    before = stage.cluster.link_counts()["commit answers lost"]
    for mode in (COMMITS_UNANSWERED, COMMITS_CUT):
        stage.cluster.be(mode)
        stage.end(dice.choice(stage.members))
        stage.start()
        time.sleep(seconds / 2)
    stage.end(dice.choice(stage.members), signal.SIGKILL)
    stage.cluster.be("pass")
    stage.start()
    if stage.cluster.link_counts()["commit answers lost"] == before:
        stage.unproven.append("no answer to a commit was lost")


def half_of(records):
    """Where about half of them are, and no update is whose create comes behind it."""
    made, awaited = set(), set()
    for at, record in enumerate(records):
        if at >= len(records) // 2 and not awaited:
            return at
        if record.topic == CREATE:
            made.add(record.product)
            awaited.discard(record.product)
        elif record.cls == "early" and record.product not in made:
            awaited.add(record.product)
    raise ValueError("there is always an update without its create")


def in_two_parts(context, name, between):
    """Half of the messages are finished, `between(stage)` happens to their topics, and the other half comes."""
    rate = 200 if context.short else 400
    stage = KafkaStage(context, name, rate * (8 if context.short else 60), rate)
    try:
        for _ in range(3):
            stage.start()
        stage.halt = half_of(stage.ledger.records)
        stage.publishing.start()
        stage.halted.wait(300)
        stage.await_finished()
        stage.begins()
        between(stage)
        stage.ended()
        stage.goes_on.set()
        stage.publishing.join(300)
        stage.finish()
    except BaseException:
        stage.close()
        raise
    return stage


def topics_made_anew(stage):
    """Offsets begin at 0 again, with later times."""
    lives = {(topic, n): stage.ends.get((topic, n), 0) for topic in (CREATE, UPDATE) for n in range(stage.partitions)}
    stage.client.delete(stage.prefix + topic for topic in (CREATE, UPDATE))
    time.sleep(2)  # The members hear of it.
    stage.create_topics()
    stage.ledger.lives = stage.before = lives
    stage.ends.update(dict.fromkeys(lives, 0))


def partitions_added(stage):
    """A product's later messages are in another partition than its first ones."""
    stage.partitions *= 2
    stage.create_topics(PRODUCTD_LOG_PARTITIONS=str(stage.partitions))
    for record in stage.ledger.records[stage.halt :]:
        if record.product and record.key:
            record.partition = keyed(record.product, stage.partitions)


def table(context):
    """name → what to call, in order."""
    faults = {
        "join-leave": comings_and_goings,
        "kill-members": kills,
        "kill-broker": brokers_down([1], 3, 20),
        "all-brokers-down": brokers_down([0, 1, 2], 10, 30, a_member_stops),
        "coordinator-killed": coordinator_killed,
        "leader-moved": leader_moved,
        "zombie": zombie,
        "network-cut": network,
        "commits-lost": commits_lost,
    }
    found = {name: lambda name=name, fault=fault: under_load(context, name, fault) for name, fault in faults.items()}
    two = {"replicas": 2, "in_sync": 1}
    for name in ("kill-members", "kill-broker"):
        other = f"two-replicas-{name}"
        found[other] = lambda other=other, fault=faults[name]: under_load(context, other, fault, **two)
    for name, between in {"topics-made-anew": topics_made_anew, "partitions-added": partitions_added}.items():
        found[name] = lambda name=name, between=between: in_two_parts(context, name, between)
    return found
