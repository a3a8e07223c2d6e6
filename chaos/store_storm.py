# Everything at once: each kind of server loses one again and again, and none waits for another kind to be whole.
import threading
import time

from kafka_scenarios import kills as members_killed



def everything(stage, servers, seconds):
    """`seconds` long, beside members that are killed."""
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
