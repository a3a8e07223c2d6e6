# The files of containers under the schemas of those who read them: hadolint for the Dockerfile, the compose specification, the
# strict schemas of two versions of Kubernetes for what kustomize makes, CycloneDX for the list of parts.
import json
import os
import pathlib
import subprocess

import fetch_go_tools
import fetch_schemas
import image_sbom
import jsonschema
import kubernetes
import pytest
import yaml

import compose_file
from service import BINARY, ROOT

SCHEMAS = fetch_schemas.place()
WITH_ALL = "with all components"


def here(place, what):
    """Whether it is; in CI it has to be."""
    if not place.exists():
        assert not os.environ.get("CI"), f"{what} is missing: tools/setup.sh stack"
        pytest.skip(f"{what} is missing: tools/setup.sh stack")
    return place


def schema(name):
    return json.loads(here(SCHEMAS / name, "the schema").read_text())


# ------------------------------------------------------------------------------------------------ Dockerfile


def hadolint(file):
    program = here(SCHEMAS / "hadolint", "hadolint")
    return subprocess.run([program, "--no-color", file], capture_output=True, text=True, timeout=60)


def test_hadolint_finds_nothing_in_the_dockerfile():
    assert hadolint(ROOT / "Dockerfile").stdout == ""


def test_hadolint_finds_what_it_is_there_for(tmp_path):
    file = tmp_path / "Dockerfile"
    file.write_text("FROM debian\nRUN cd /tmp && apt-get install curl\n")
    done = hadolint(file)
    assert done.returncode == 1 and {"DL3006", "DL3008"} <= set(done.stdout.replace(":", " ").split())


# ------------------------------------------------------------------------------------------------ compose


def compose_problems(document):
    return [error.message for error in jsonschema.Draft202012Validator(schema("compose-spec.json")).iter_errors(document)]


def test_the_compose_file_is_one():
    assert compose_problems(compose_file.read()) == []


def test_a_slip_in_a_compose_file_is_seen():
    document = compose_file.read()
    document["services"]["redis"]["mem_limmit"] = "1m"
    assert "mem_limmit" in str(compose_problems(document))


# ------------------------------------------------------------------------------------------------ list of parts


def counted(node):
    """The same schema, but for a tuple that may have no more: Debian's jsonschema stumbles over its own words for that."""
    if isinstance(node, list):
        return [counted(child) for child in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("items"), list) and node.get("additionalItems") is False:
        node = {key: value for key, value in node.items() if key != "additionalItems"} | {"maxItems": len(node["items"])}
    return {key: counted(child) for key, child in node.items()}


def test_the_list_of_parts_is_of_cyclonedx():
    folder = here(SCHEMAS / "cyclonedx", "CycloneDX")
    store = {f"http://cyclonedx.org/schema/{file.name}": counted(json.loads(file.read_text())) for file in folder.iterdir()}
    main = store["http://cyclonedx.org/schema/bom-1.6.SNAPSHOT.schema.json"]
    store |= {main["$id"]: main, **{other["$id"]: other for other in store.values()}}
    resolver = jsonschema.RefResolver(main["$id"], main, store=store)
    check = jsonschema.Draft7Validator(main, resolver=resolver)
    told = json.loads(image_sbom.sbom(BINARY))
    assert [error.message for error in check.iter_errors(told)] == []
    told["components"][0]["type"] = "thing"
    assert "thing" in str([error.message for error in check.iter_errors(told)])


# ------------------------------------------------------------------------------------------------ Kubernetes


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """{overlay: its manifests as text}, one of them with what is commented out in it."""
    here(fetch_go_tools.KUSTOMIZE.place(), "kustomize")
    here(SCHEMAS / "crds", "the schemas of KEDA and of service monitors")
    more = tmp_path_factory.mktemp("overlay")
    places = {"resources": ["overlays/distributed"], "components": ["components/keda", "components/service-monitor"]}
    root = ROOT / "deploy/kubernetes"
    relative = {kind: [os.path.relpath(root / name, more) for name in names] for kind, names in places.items()}
    head = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "namespace": "productd"}
    (more / "kustomization.yaml").write_text(yaml.safe_dump({**head, **relative}))
    folders = {name: root / "overlays" / name for name in ("embedded", "distributed")} | {WITH_ALL: more}
    return {name: kubernetes.build(folder) for name, folder in folders.items()}


def objects(text, kind):
    return [one for one in yaml.safe_load_all(text) if one["kind"] == kind]


@pytest.mark.parametrize("version", fetch_schemas.KUBERNETES)
@pytest.mark.parametrize("overlay", ["embedded", "distributed", WITH_ALL])
def test_what_an_overlay_makes_is_sound(built, overlay, version):
    here(fetch_go_tools.KUBECONFORM.place(), "kubeconform")
    assert kubernetes.check(built[overlay], version) == ""


@pytest.mark.parametrize("right, wrong", [("readinessProbe:", "readynessProbe:"), ("lagThreshold:", None), ("interval:", "intervall:")])
def test_a_slip_in_a_manifest_is_seen(built, right, wrong):
    here(fetch_go_tools.KUBECONFORM.place(), "kubeconform")
    assert right in built[WITH_ALL]
    slipped = built[WITH_ALL].replace(right, wrong) if wrong else built[WITH_ALL].replace("  triggers:", "  triggerz:")
    assert "additional" in kubernetes.check(slipped) or "missing" in kubernetes.check(slipped)


@pytest.mark.parametrize("overlay", ["embedded", "distributed", WITH_ALL])
def test_every_pod_is_restricted_and_the_services_alone_are_served_by(built, overlay):
    text = built[overlay]
    pods = {one["metadata"]["name"]: one["spec"]["template"] for one in objects(text, "Deployment") + objects(text, "Job")}
    (service,), (budget,) = objects(text, "Service"), objects(text, "PodDisruptionBudget")
    for name, pod in pods.items():
        spec, (container,) = pod["spec"], pod["spec"]["containers"]
        assert spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert spec["automountServiceAccountToken"] is False and spec["enableServiceLinks"] is False
        assert container["resources"]["limits"]["memory"] and ":" in container["image"].rpartition("/")[2]
        mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
        assert mounts.keys() == {volume["name"] for volume in spec["volumes"]}
        assert [name for name, mount in mounts.items() if not mount.get("readOnly")] == ["data"]
        labels = pod["metadata"]["labels"].items()
        for selector in (service["spec"]["selector"], budget["spec"]["selector"]["matchLabels"]):
            assert (selector.items() <= labels) == (name == "productd")
    names = {one["metadata"]["name"] for one in objects(text, "ConfigMap")}
    assert {volume["configMap"]["name"] for pod in pods.values() for volume in pod["spec"]["volumes"] if "configMap" in volume} == names


def test_each_overlay_has_its_way_to_keep_data_and_to_grow(built):
    of = {name: {one["kind"] for one in yaml.safe_load_all(text)} for name, text in built.items()}
    assert "PersistentVolumeClaim" in of["embedded"] and "HorizontalPodAutoscaler" not in of["embedded"]
    assert "HorizontalPodAutoscaler" in of["distributed"] and "PersistentVolumeClaim" not in of["distributed"]
    assert {"ScaledObject", "ServiceMonitor"} <= of[WITH_ALL] and "HorizontalPodAutoscaler" not in of[WITH_ALL], "two would fight"
    (embedded,), (distributed,) = (objects(built[name], "Deployment") for name in ("embedded", "distributed"))
    (data,) = [v for v in embedded["spec"]["template"]["spec"]["volumes"] if v["name"] == "data"]
    assert data == {"name": "data", "persistentVolumeClaim": {"claimName": "productd-data"}}
    assert embedded["spec"]["replicas"] == 1 and embedded["spec"]["strategy"] == {"type": "Recreate"}
    (data,) = [v for v in distributed["spec"]["template"]["spec"]["volumes"] if v["name"] == "data"]
    assert data["emptyDir"]["sizeLimit"] and "replicas" not in distributed["spec"]


def test_the_command_prints_what_an_overlay_makes(built):
    done = subprocess.run([ROOT / "tools/kubernetes.py", "embedded"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout == built["embedded"], done.stderr
    done = subprocess.run([ROOT / "tools/kubernetes.py", pathlib.Path("nowhere")], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("kubernetes: ")
