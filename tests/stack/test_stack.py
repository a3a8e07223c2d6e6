# The servers of `make stack-up`, and the tool that runs them.
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys

import pytest

import stack
import stack_kafka
from waiting import eventually

REDIS = stack.named("redis")
SASL = {
    "security.protocol": "SASL_SSL",
    "sasl.mechanism": "PLAIN",
    "sasl.username": stack_kafka.USER,
    "sasl.password": stack_kafka.PASSWORD,
}


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


def test_a_process_is_there_until_its_last_thread_has_ended():
    """It has its ports so long; the first thread alone shows as ended."""
    code = "import ctypes, threading; threading.Thread(target=input).start(); "
    process = subprocess.Popen(
        [sys.executable, "-c", code + "ctypes.CDLL(None).pthread_exit(None)"], stdin=subprocess.PIPE
    )
    try:
        stat = pathlib.Path(f"/proc/{process.pid}/stat")
        eventually(lambda: stat.read_text().rpartition(")")[2].split()[0] == "Z", what="the end of the first thread")
        assert stack.started_at(process.pid)
    finally:
        process.kill()
    eventually(lambda: stack.started_at(process.pid) is None, what="the end of the process")
    process.wait()


@pytest.fixture(scope="module")
def kafka(tmp_path_factory):
    """Three brokers of these tests' own, and a topic `kept` with a partition on each, of one replica."""
    if not os.access(stack_kafka.BROKERS[0].program, os.X_OK) or not shutil.which("kcat"):
        pytest.skip(f"Java or kcat is not installed; run {stack_kafka.BROKERS[0].install}")
    root = tmp_path_factory.mktemp("kafka")
    brokers = [stack.Running(server, root) for server in stack_kafka.BROKERS]
    try:
        assert stack.up(brokers) == []
        kafka_tool(brokers[0], "TopicCommand", "--create", "--topic", "kept", "--replica-assignment", "1,2,3")
        yield brokers
    finally:
        stack.down(brokers)


def kafka_tool(broker, name, *arguments):
    address = f"127.0.0.1:{broker.state()['port']}"
    command = [*stack_kafka.JAVA, f"org.apache.kafka.tools.{name}", "--bootstrap-server", address, *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def kcat(port, *arguments, given=b"", **settings):
    options = [part for key, value in settings.items() for part in ("-X", f"{key}={value}")]
    command = ["kcat", "-q", "-b", f"127.0.0.1:{port}", *arguments, *options]
    return subprocess.run(command, input=given, check=True, capture_output=True, timeout=60).stdout


def test_each_broker_lists_all_three(kafka):
    ports = {broker.state()["port"] for broker in kafka}
    assert len(ports) == 3
    assert all(stack_kafka.listed(port) == ports for port in ports)


def test_starting_three_brokers_twice_is_starting_them_once(kafka):
    before = [broker.state() for broker in kafka]
    assert stack.up(kafka) == []
    assert [broker.state() for broker in kafka] == before


def test_a_killed_broker_comes_back_with_its_messages_on_its_port(kafka):
    broker = kafka[0]
    before = broker.state()
    kcat(before["port"], "-P", "-t", "kept", "-p", "0", given=b"a message")
    os.kill(before["pid"], signal.SIGKILL)
    os.waitpid(before["pid"], 0)
    assert not broker.answers()
    assert broker.up() == before["port"]
    assert broker.state()["pid"] != before["pid"]
    assert kcat(before["port"], "-C", "-e", "-t", "kept", "-p", "0") == b"a message\n"


def test_the_secure_listener_answers_to_the_password_alone_and_over_tls_alone(kafka):
    port = kafka[1].state()["secure_port"]
    secure = SASL | {"ssl.ca.location": stack_kafka.certificate(kafka[1].folder.parent)}
    assert b"kept" in kcat(port, "-L", **secure)
    for wrong in ({"sasl.password": "another"}, {"security.protocol": "SASL_PLAINTEXT"}):
        with pytest.raises(subprocess.CalledProcessError):
            kcat(port, "-L", "-m", "2", **secure | wrong)


def test_a_port_that_another_process_has_is_named(kafka, tmp_path):
    broker = stack.Running(kafka[0].server, tmp_path)
    (tmp_path / "kafka-ports.json").write_bytes((kafka[0].folder.parent / "kafka-ports.json").read_bytes())
    with pytest.raises(RuntimeError, match=f"kafka1 cannot have port {kafka[0].state()['port']}, "):
        broker.up()


def test_a_name_without_its_number_is_the_group():
    assert [server.name for server in stack.chosen_servers(["kafka"])] == ["kafka1", "kafka2", "kafka3"]
    assert [server.name for server in stack.chosen_servers(["kafka2", "redis"])] == ["redis", "kafka2"]
    with pytest.raises(RuntimeError, match="there is no server cassandra"):
        stack.chosen_servers(["cassandra"])
