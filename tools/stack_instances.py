# Two instances of productd on the servers of tools/stack.py: productd-1 and productd-2, one in the smaller stack. They are
# started by name alone (`make run-stack`), and stopped with all else. What each is told is in its folder, productd.yaml, so
# that commands find the same servers: build/release/productd doctor --config build/stack/productd-1/productd.yaml.
import json
import os
import subprocess

import stack_kafka
import stack_mongodb
import stack_telemetry
import yaml
from sources import ROOT
from stack_servers import SMALL, Server, is_free

PROGRAM = ROOT / "build/release/productd"
NAMES = ("productd-1",) if SMALL else ("productd-1", "productd-2")
# Those of the service for the first, the next ones for the second, where they are free.
PORTS = {"port": 5007, "grpc_port": 5000, "metrics_port": 7070}
FLAGS = {"port": "--http-port", "grpc_port": "--grpc-port", "metrics_port": "--metrics-port"}
HEALTH_SECONDS = 10


def number(name):
    return int(name.removeprefix("productd-"))


def state(root, name):
    """What tools/stack.py noted of a server, running or not; nothing where it never ran."""
    file = root / name / "state.json"
    return json.loads(file.read_text()) if file.exists() else None


def settings(folder):
    """The keys that differ from the defaults."""
    root = folder.parent
    redis, jaeger = state(root, "redis"), state(root, "jaeger")
    if redis is None:
        raise RuntimeError("the servers are not running; start them with `make stack-up`")
    brokers = stack_kafka.cluster_ports(root)
    replicas = len(stack_kafka.NUMBERS)
    kafka = {"Brokers": [f"127.0.0.1:{brokers[f'kafka{number}']['plain']}" for number in stack_kafka.NUMBERS]}
    kafka |= {"Replicas": replicas, "MinInsyncReplicas": 2 if replicas > 1 else 1, "GroupInstance": folder.name}
    return {
        "bus": "kafka",
        "store": "mongodb",
        "cache": "redis",
        "Data": {"Dir": str(folder / "data")},
        "Kafka": kafka,
        "MongoDB": {"URI": stack_mongodb.uri(root)},
        "Redis": {"Address": f"127.0.0.1:{redis['port']}"},
        "Tracing": {"Endpoint": f"127.0.0.1:{jaeger['otlp_port']}" if jaeger else ""},
    }


def configuration(folder):
    return folder / "productd.yaml"


def run(folder, *words, seconds=60):
    command = [PROGRAM, *words, "--config", configuration(folder)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=seconds)


def prepare(folder):
    configuration(folder).write_text(yaml.safe_dump(settings(folder), sort_keys=False))
    if folder.name == NAMES[0]:
        made = run(folder, "topics", "create")
        if made.returncode:
            raise RuntimeError(f"the topics could not be made: {made.stderr.strip()}")


def ports(folder):
    chosen = {}
    free = (port for port in range(15000 + os.getpid() % 10000, 32768) if is_free(port))
    for key, first in PORTS.items():
        wished = first + number(folder.name) - 1
        chosen[key] = wished if is_free(wished) else next(port for port in free if port not in chosen.values())
    (folder / "ports.json").write_text(json.dumps(chosen) + "\n")
    tell_prometheus(folder, chosen["metrics_port"])
    return chosen


def tell_prometheus(folder, port):
    """Where it is, unless that is what prometheus.yml says already."""
    prometheus = folder.parent / stack_telemetry.PROMETHEUS
    told = prometheus / "targets" / f"{folder.name}.json"
    if port == PORTS["metrics_port"]:
        told.unlink(missing_ok=True)
    elif told.parent.exists():
        stack_telemetry.add_target(prometheus, folder.name, port)


def flags(folder):
    of = stack_telemetry.kept_ports(folder)
    return [word for key, flag in FLAGS.items() for word in (flag, str(of[key]))]


def arguments(folder, _):
    return ["productd", "serve", "--config", str(configuration(folder)), *flags(folder)]


def ready(folder, _):
    return run(folder, "health", *flags(folder), seconds=HEALTH_SECONDS).returncode == 0


SERVERS = [
    Server(name, str(PROGRAM), arguments, ready, "make build", prepare, ports, by_name=True) for name in NAMES
]
