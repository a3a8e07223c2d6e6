# The servers of `make stack-up`, and the tool that runs them.
import os
import signal
import socket

import pytest

import stack

REDIS = stack.named("redis")


def ask(port, command):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(command + b"\r\n")
        return connection.recv(65536)


@pytest.fixture
def redis(tmp_path):
    """A Redis of this test's own, whatever `make stack-up` runs."""
    if not os.access(REDIS.program, os.X_OK):
        pytest.skip(f"Redis is not installed; run {REDIS.install}")
    running = stack.Running(REDIS, tmp_path)
    yield running
    running.down()


def test_the_servers_of_the_stack_answer():
    running = [stack.Running(server) for server in stack.SERVERS]
    absent = [r.server.name for r in running if not r.answers()]
    if absent:
        pytest.skip(f"NOT RUNNING: {', '.join(absent)}; start with `make stack-up`")
    assert b"redis_version:7." in ask(running[0].state()["port"], b"INFO server")


def test_a_started_server_answers_on_loopback_alone_and_keeps_what_it_is_told(redis):
    port = redis.up()
    assert ask(port, b"SET a 1") == b"+OK\r\n"
    assert ask(port, b"GET a") == b"$1\r\n1\r\n"
    assert b"127.0.0.1" in ask(port, b"CONFIG GET bind")


def test_starting_twice_is_starting_once(redis):
    port = redis.up()
    pid = redis.state()["pid"]
    assert redis.up() == port
    assert redis.state()["pid"] == pid


def test_a_server_that_died_is_started_again(redis):
    redis.up()
    pid = redis.state()["pid"]
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert not redis.answers()
    redis.up()
    assert redis.answers() and redis.state()["pid"] != pid


def test_a_stopped_server_is_gone_and_stopping_again_does_nothing(redis):
    port = redis.up()
    assert redis.down() is True
    with pytest.raises(OSError):
        ask(port, b"PING")
    assert redis.down() is False


def test_a_pid_that_belongs_to_another_process_now_is_left_alone(redis):
    redis.up()
    redis.down()
    redis.state_file.write_text(f'{{"pid": {os.getpid()}, "port": 1, "started": 0}}')
    assert redis.down() is False
