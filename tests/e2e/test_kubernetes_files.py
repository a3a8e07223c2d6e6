# deploy/kubernetes by its own facts: what a pod is told is what the binary takes, and its times fit together. What kustomize
# makes of it is looked at in tests/stack.
import re

import pytest
import yaml

import dockerfile
import image_sbom
import memory_bounds
from service import ROOT, run_cli
from store_under_test import embedded_only

pytestmark = embedded_only  # Else its commands would be told of another store than the files tell.
FOLDER = ROOT / "deploy/kubernetes"
OVERLAYS = ["embedded", "distributed"]


def read(name):
    return yaml.safe_load((FOLDER / name).read_text())


def pod(name):
    return read(name)["spec"]["template"]["spec"]


def told(overlay, tmp_path):
    """What `productd config` says of the overlay's file, with passwords that are there."""
    text = (FOLDER / f"overlays/{overlay}/productd.yaml").read_text()
    (tmp_path / "password").write_text("made-up")
    file = tmp_path / "productd.yaml"
    file.write_text(re.sub(r"/run/secrets/productd/[a-z-]+", str(tmp_path / "password"), text))
    done = run_cli("config", environment={"PRODUCTD_CONFIG": str(file), **dockerfile.read()[0][-1].environment})
    assert done.returncode == 0 and not done.stderr, done.stderr
    return yaml.safe_load(done.stdout)


def seconds(text):
    return int(re.fullmatch(r"(\d+)s", text)[1])


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_configuration_is_taken_and_who_stops_is_out_before_it_takes_nothing(overlay, tmp_path):
    config, spec = told(overlay, tmp_path), pod("base/deployment.yaml")
    probe = spec["containers"][0]["readinessProbe"]
    lame_duck, timeout = (seconds(config["Shutdown"][key]) for key in ("LameDuck", "Timeout"))
    assert probe["periodSeconds"] * probe["failureThreshold"] < lame_duck == 5 < timeout
    assert timeout < spec["terminationGracePeriodSeconds"]
    assert config["Http"]["Address"] == config["Metrics"]["Address"] == "0.0.0.0", "probes come from without"


def test_probes_and_ports_are_those_of_the_service(tmp_path):
    (container,) = pod("base/deployment.yaml")["containers"]
    config = told("embedded", tmp_path)
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    wanted = {"https": "Http", "grpc": "Server", "metrics": "Metrics"}
    assert ports == {name: config[section]["Port"] for name, section in wanted.items()}
    paths = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
    assert paths == {"startup": "/livez", "liveness": "/livez", "readiness": "/readyz"}
    service = read("base/service.yaml")["spec"]["ports"]
    assert {port["targetPort"] for port in service} == ports.keys()
    allowed = {port["port"] for rule in read("base/network-policy.yaml")["spec"]["ingress"] for port in rule["ports"]}
    assert allowed == set(ports.values())


def test_names_are_found_whoever_answers_and_nothing_else_is_open():
    """A cache on the node has an address of the node's own, which is no pod's."""
    out = read("base/network-policy.yaml")["spec"]["egress"]
    everywhere = [(port["protocol"], port["port"]) for rule in out if "to" not in rule for port in rule["ports"]]
    assert sorted(everywhere) == [("TCP", 53), ("UDP", 53)]
    (named,) = [rule for rule in out if "to" in rule]
    assert named["to"] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "openshift-dns"}}}]
    assert {port["port"] for port in named["ports"]} == {5353}


@pytest.mark.parametrize("file", ["base/deployment.yaml", "overlays/distributed/topics.yaml"])
def test_a_pod_has_the_image_s_user_its_volume_and_a_command_that_there_is(file):
    spec = pod(file)
    (container,) = spec["containers"]
    stage = dockerfile.read()[0][-1]
    user, group = map(int, stage.settings["USER"].split(":"))
    assert (spec["securityContext"]["runAsUser"], spec["securityContext"]["fsGroup"]) == (user, group)
    assert stage.settings["VOLUME"] == ["/data"] and {"name": "data", "mountPath": "/data"} in container["volumeMounts"]
    done = run_cli(*container["args"], "--help")
    assert done.returncode == 0 and f"Usage: productd {' '.join(container['args'])}" in done.stdout


def test_a_pod_has_room_for_all_that_its_bounds_let_in():
    limit = pod("base/deployment.yaml")["containers"][0]["resources"]["limits"]["memory"]
    assert int(limit.removesuffix("Mi")) >= memory_bounds.mebibytes()


def test_variables_of_pods_are_keys():
    tls = [yaml.safe_load(patch["patch"]) for patch in read("components/tls/kustomization.yaml")["patches"]]
    added = [step["value"] for patch in tls for step in patch if step["path"].endswith("/env/-")]
    variables = {one["name"]: one["value"] for one in [*pod("base/deployment.yaml")["containers"][0]["env"], *added]}
    del variables["PRODUCTD_CONFIG"]  # A file that is not here.
    done = run_cli("config", environment=variables)
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert set(re.findall(r"# (PRODUCTD_\w+)", done.stdout)) == variables.keys()


def test_there_are_no_more_instances_than_partitions_and_all_their_servers_may_be_reached(tmp_path):
    config = told("distributed", tmp_path)
    scaler, lag = read("overlays/distributed/autoscaler.yaml")["spec"], read("components/keda/scaled-object.yaml")["spec"]
    assert scaler["maxReplicas"] == lag["maxReplicaCount"] == config["Log"]["Partitions"]
    assert scaler["minReplicas"] == lag["minReplicaCount"] == 2
    topics = {trigger["metadata"]["topic"] for trigger in lag["triggers"]}
    assert topics == {config["Kafka"][key] for key in ("CreateTopic", "UpdateTopic", "DeleteTopic")}
    for trigger in lag["triggers"]:
        assert trigger["metadata"]["bootstrapServers"].split(",") == config["Kafka"]["Brokers"]
        assert trigger["metadata"]["consumerGroup"] == config["Kafka"]["GroupId"]
    addresses = [*config["Kafka"]["Brokers"], config["Redis"]["Address"], config["Tracing"]["Endpoint"]]
    addresses += re.findall(r"[\w.-]+:\d+", config["MongoDB"]["URI"].removeprefix("mongodb://"))
    (patch,) = read("overlays/distributed/network-policy.yaml")
    assert {int(address.rpartition(":")[2]) for address in addresses} == {port["port"] for port in patch["value"]["ports"]}


def test_the_image_is_the_one_that_is_built_here():
    (image,) = read("components/image/kustomization.yaml")["images"]
    assert image["newTag"] == dockerfile.read()[0][-1].labels["org.opencontainers.image.version"]
    assert image["newTag"] == image_sbom.version()
