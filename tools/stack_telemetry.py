# Who looks at the service, for tools/stack.py: prometheus, node-exporter and jaeger, each on the port that the contract
# names where that is free, and on another where it is not. All keep to loopback and to a bound of memory.
# Prometheus runs deploy/prometheus/prometheus.yml as it is. What it scrapes beside the targets named there is a file of
# the folder `targets` beside its data (file_sd), such as who has another port than the contract's.
import http.client
import json
import os

from fetch_jaeger import place
from sources import ROOT
from stack_servers import STACK, Server, is_free

PROMETHEUS, NODE, JAEGER = "prometheus", "node-exporter", "jaeger"
CONFIGURATION = ROOT / "deploy/prometheus"
# What the contract and its clients expect. Jaeger's others are for clients that we have not: any free one does.
PORTS = {
    PROMETHEUS: {"port": 9090},
    NODE: {"port": 9101},
    JAEGER: {"port": 16686, "otlp_port": 4317},
}
JAEGER_FLAGS = {
    "query.http-server.host-port": "port",
    "collector.otlp.grpc.host-port": "otlp_port",
    "collector.otlp.http.host-port": "otlp_http_port",
    "collector.grpc-server.host-port": "collector_port",
    "collector.http-server.host-port": "collector_http_port",
    "query.grpc-server.host-port": "query_grpc_port",
    "http-server.host-port": "sampling_port",
    "admin.http.host-port": "admin_port",
    "processor.jaeger-binary.server-host-port": "binary_udp_port",
    "processor.jaeger-compact.server-host-port": "compact_udp_port",
    "processor.zipkin-compact.server-host-port": "zipkin_udp_port",
}
TRACES_MAX = 5_000
given = set()  # Ports of servers that this process has started, which may not listen yet.
# Of what a machine has, the exporter is to tell little; the others of its collectors cost more than they say here.
COLLECTORS = ("cpu", "diskstats", "filesystem", "loadavg", "meminfo", "netdev", "pressure", "stat", "vmstat")
ANSWER_SECONDS = 5


def ports(folder):
    """The contract's where they are free and this is the stack of all; tests' own servers leave those alone."""
    name = folder.name
    is_shared = folder.parent == STACK
    chosen = {}
    for key in dict.fromkeys([*PORTS[name], *(JAEGER_FLAGS.values() if name == JAEGER else ())]):
        variable = f"PRODUCTD_STACK_{name}_{key}".upper().replace("-", "_")
        wished = int(os.environ.get(variable, 0)) or PORTS[name].get(key) if is_shared else None
        free = (port for port in range(10100 + os.getpid() % 20000, 32768) if is_free(port))
        if not wished or (not is_free(wished) and not os.environ.get(variable)):
            wished = next(port for port in free if port not in given)
        given.add(wished)
        chosen[key] = wished
    (folder / "ports.json").write_text(json.dumps(chosen) + "\n")
    return chosen


def kept_ports(folder):
    return json.loads((folder / "ports.json").read_text())


# ---------------------------------------------------------------------------------------------------- prometheus


def prepare_prometheus(folder):
    """The repository's own files, seen from the folder: paths in prometheus.yml are relative to where it is."""
    for name in ("prometheus.yml", "rules"):
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(CONFIGURATION / name)
    (folder / "targets").mkdir(exist_ok=True)


def prometheus_arguments(folder, port):
    return [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--storage.tsdb.retention.time=2d",
        "--storage.tsdb.retention.size=256MB",
        "--storage.tsdb.wal-compression",
        "--enable-feature=native-histograms,exemplar-storage",
        "--query.max-concurrency=4",
        "--query.max-samples=5000000",
        "--log.level=warn",
    ]


def add_target(prometheus, name, port, **labels):
    """Has the Prometheus of this folder scrape one more: `name` is productd-… or node-…. It hears of the file at once."""
    file = prometheus / "targets" / f"{name}.json"
    part = file.with_suffix(".part")
    part.write_text(json.dumps([{"targets": [f"127.0.0.1:{port}"], "labels": labels}]))
    part.rename(file)


def prometheus_ready(folder, port):
    """Ready, and told of a node-exporter that has another port than the contract's."""
    if not answers(port, "/-/ready"):
        return False
    node, told = folder.parent / NODE, folder / "targets" / f"{NODE}.json"
    at = kept_ports(node)["port"] if node.exists() else PORTS[NODE]["port"]
    if at == PORTS[NODE]["port"]:
        told.unlink(missing_ok=True)
    elif not told.exists() or str(at) not in told.read_text():
        add_target(folder, NODE, at)
    return True


# ---------------------------------------------------------------------------------------------------- the others


def node_arguments(_, port):
    collectors = [f"--collector.{name}" for name in COLLECTORS]
    address = f"--web.listen-address=127.0.0.1:{port}"
    return ["prometheus-node-exporter", "--collector.disable-defaults", address, *collectors, "--log.level=warn"]


def jaeger_arguments(folder, _):
    of = kept_ports(folder)
    addresses = [f"--{flag}=127.0.0.1:{of[key]}" for flag, key in JAEGER_FLAGS.items()]
    return ["jaeger", *addresses, "--collector.otlp.enabled=true", f"--memory.max-traces={TRACES_MAX}", "--log-level=warn"]


def answers(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except http.client.HTTPException:
        return False
    finally:
        connection.close()


def server(name, program, arguments, ready, mebibytes, **more):
    # Go's collector works harder near this bound.
    environment = {"GOMEMLIMIT": f"{mebibytes}MiB", "GOMAXPROCS": "2"}
    return Server(name, program, arguments, ready, "tools/setup.sh stack", ports=ports, environment=environment, **more)


SERVERS = [
    server(NODE, "/usr/bin/prometheus-node-exporter", node_arguments, lambda _, port: answers(port, "/metrics"), 32),
    server(PROMETHEUS, "/usr/bin/prometheus", prometheus_arguments, prometheus_ready, 256, prepare=prepare_prometheus),
    server(
        JAEGER,
        str(place()),
        jaeger_arguments,
        lambda folder, _: answers(kept_ports(folder)["admin_port"], "/"),
        192,
        stop_seconds=2,  # It keeps all in memory, and would wait longer for clients.
        optional=True,
    ),
]
