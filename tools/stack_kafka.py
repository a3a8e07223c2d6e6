# Three brokers of Apache Kafka, each a controller too (KRaft), for tools/stack.py: kafka1, kafka2, kafka3.
# A broker listens on three ports of loopback: PLAIN without and SECURE with TLS and a password, CONTROLLER for the
# other two. The certificate is in kafka-ca.pem beside the brokers' folders: self-made, for 127.0.0.1.
# The ports are in kafka-ports.json beside the brokers' folders, chosen once, since each has to know the others'.
# PRODUCTD_STACK_KAFKA_VERSION=3.9.2 runs another version than that of stack_kafka/pom.xml, with data of its own.
import json
import os
import shutil
import socket
import struct
import subprocess

from stack_servers import LIBS, SMALL, STACK, Server, fetch, is_free, keystore

NUMBERS = (1,) if SMALL else (1, 2, 3)
LISTENERS = ("plain", "secure", "controller")
CLUSTER_ID = "cHJvZHVjdGQta2Fma2EtMA"
USER, PASSWORD = "productd", "made-up-for-tests"
MESSAGE_BYTES_MAX = 4 << 20
ANSWER_SECONDS = 5
VERSION = os.environ.get("PRODUCTD_STACK_KAFKA_VERSION", "")
OF_VERSION = VERSION and f"-{VERSION}"
JARS = LIBS / f"kafka{OF_VERSION}"
# One compiler and a simple collector: ready in 4.6 s instead of 7.2, and quicker too under 2 million messages.
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-cp", f"{JARS}/*"]
# To the log of the broker: warnings, but not those of each attempt to reach a broker or controller that is down.
QUIET = [
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
    "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.clients.NetworkClient=error",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.ReplicaFetcherThread=error",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.ControllerApis=off",
]

PROPERTIES = """\
process.roles=broker,controller
node.id={number}
controller.quorum.voters={voters}
controller.listener.names=CONTROLLER
listeners=PLAIN://127.0.0.1:{plain},SECURE://127.0.0.1:{secure},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAIN://127.0.0.1:{plain},SECURE://127.0.0.1:{secure}
listener.security.protocol.map=PLAIN:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAIN
listener.name.secure.ssl.keystore.type=PEM
listener.name.secure.ssl.keystore.location={keystore}
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.secure.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
user_{user}="{password}";
listener.name.secure.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
log.dirs={data}
auto.create.topics.enable=false
default.replication.factor={replicas}
min.insync.replicas={in_sync}
offsets.topic.replication.factor={replicas}
offsets.topic.num.partitions=6
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={in_sync}
transaction.state.log.num.partitions=6
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
message.max.bytes={message_bytes_max}
replica.fetch.max.bytes={message_bytes_max}
num.network.threads=2
num.io.threads=2
# A broker that was killed comes back only when its old session has ended, 9 s without this.
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=300
# Instead of 128 MB of the heap.
log.cleaner.dedupe.buffer.size=4194304
"""


def cluster_ports(root):
    """{kafka1: {plain, secure, controller}, …}: kept, or chosen below what the system gives to outgoing connections,
    so that none of those takes the port of a broker that is down. PRODUCTD_STACK_KAFKA1_PORT names the plain one of
    `make stack-up`, not that of others' own brokers."""
    file = root / "kafka-ports.json"
    before = json.loads(file.read_text()) if file.exists() else {}
    ports = {name: dict(of) for name, of in before.items()} or chosen_ports()
    for name, of in ports.items():
        asked = os.environ.get(f"PRODUCTD_STACK_{name.upper()}_PORT") if root == STACK else None
        of["plain"] = int(asked or of["plain"])
    if ports != before:
        part = file.with_suffix(".part")
        part.write_text(json.dumps(ports, indent=2) + "\n")
        part.rename(file)
    return ports


def chosen_ports():
    free = (port for port in range(10000 + os.getpid() % 10000, 32768) if is_free(port))
    return {f"kafka{number}": {listener: next(free) for listener in LISTENERS} for number in NUMBERS}


def ports(folder):
    of = cluster_ports(folder.parent)[folder.name]
    return {"port": of["plain"], "secure_port": of["secure"]}


def data_folder(folder):
    return folder / f"data{OF_VERSION}"


def prepare(folder):
    fetch("kafka", f"Apache Kafka {VERSION}".strip(), JARS, [f"-Dkafka.version={VERSION}"] if VERSION else [])
    cluster = cluster_ports(folder.parent)
    mine = cluster[folder.name]
    taken = [str(port) for port in mine.values() if not is_free(port)]
    if taken:
        raise RuntimeError(
            f"{folder.name} cannot have port {', '.join(taken)}, which another process has; end that one, "
            f"or delete {folder.parent / 'kafka-ports.json'} while no broker runs"
        )
    voters = ",".join(f"{number}@127.0.0.1:{cluster[f'kafka{number}']['controller']}" for number in NUMBERS)
    data, formatted = data_folder(folder), folder / f"formatted{OF_VERSION}"
    properties = folder / "node.properties"
    text = PROPERTIES.format(
        number=folder.name.removeprefix("kafka"),
        voters=voters,
        data=data,
        keystore=keystore(folder.parent / "kafka-keystore.pem", certificate(folder.parent)),
        user=USER,
        password=PASSWORD,
        message_bytes_max=MESSAGE_BYTES_MAX,
        replicas=len(NUMBERS),
        in_sync=1 if SMALL else 2,
        **mine,
    )
    properties.write_text(text)
    if not formatted.exists():
        shutil.rmtree(data, ignore_errors=True)  # Of a format that was broken off.
        format_data(folder.name, properties)
        formatted.touch()


def certificate(root):
    """What clients of SECURE must trust."""
    return root / "kafka-ca.pem"


def format_data(name, properties):
    print(f"stack: formatting the data of {name}", flush=True)
    scram = f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"
    tool = ["kafka.tools.StorageTool", "format", "--cluster-id", CLUSTER_ID, "--config", properties]
    command = [*JAVA, *tool, "--add-scram", scram]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{name}: Kafka could not format its data: {(done.stderr + done.stdout)[-500:]}")


def arguments(folder, _):
    return [*JAVA, "-Xms64m", "-Xmx384m", *QUIET, "kafka.Kafka", str(folder / "node.properties")]


def delete_topics(broker, prefix):
    """All whose names begin so. productd has no command for it, and kcat neither."""
    tool = [*JAVA, "org.apache.kafka.tools.TopicCommand", "--bootstrap-server", broker]
    command = [*tool, "--delete", "--if-exists", "--topic", f"{prefix}-.*"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def ready(_, port):
    """Whether the broker lists itself, which it does once it has registered with a quorum of controllers."""
    return port in listed(port)


def listed(port):
    """The plain ports of the brokers that this one knows to be alive: Metadata, version 1, about no topic.
    https://kafka.apache.org/protocol; lengths are big-endian and come first."""
    request = struct.pack(">hhih5si", 3, 1, 0, 5, b"stack", 0)
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        answer = connection.makefile("rb")

        def number(kind):
            raw = answer.read(struct.calcsize(kind))
            if len(raw) < struct.calcsize(kind):
                raise ConnectionError("the broker hung up")
            return struct.unpack(kind, raw)[0]

        answer.read(8)  # Its length, and the number of our request.
        found = set()
        for _ in range(number(">i")):
            number(">i")  # Of the node.
            answer.read(number(">h"))  # Its host.
            found.add(number(">i"))
            answer.read(max(0, number(">h")))  # Its rack, -1 for none.
        return found


BROKERS = [
    Server(f"kafka{n}", "/usr/bin/java", arguments, ready, "tools/setup.sh stack", prepare, ports, stop_seconds=3)
    for n in NUMBERS
]
