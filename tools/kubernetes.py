#!/usr/bin/python3
# Prints what an overlay of deploy/kubernetes makes, once kubeconform has found nothing in it: kubernetes.py embedded|distributed
# or a folder with a kustomization. Both programs and the schemas are those of tools/setup.sh stack.
import os
import pathlib
import subprocess
import sys

import fetch_go_tools
import fetch_schemas
from sources import ROOT

OVERLAYS = ROOT / "deploy/kubernetes/overlays"


def build(folder):
    """The manifests of an overlay, as YAML."""
    done = subprocess.run([fetch_go_tools.KUSTOMIZE.place(), "build", folder], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"kustomize: {done.stderr.strip()}")
    return done.stdout


def check(manifests, version=fetch_schemas.KUBERNETES[0]):
    """What kubeconform finds, by the strict schemas of a version of Kubernetes; empty for nothing."""
    schemas = fetch_schemas.place()
    of = "{{.ResourceKind}}{{.KindSuffix}}.json"
    places = [f"{schemas}/kubernetes/{{{{.NormalizedKubernetesVersion}}}}/{of}", f"{schemas}/crds/{of}"]
    command = [fetch_go_tools.KUBECONFORM.place(), "-strict", "-kubernetes-version", version]
    command += [word for place in places for word in ("-schema-location", place)]
    done = subprocess.run(command, input=manifests, capture_output=True, text=True)
    said = (done.stdout + done.stderr).strip()
    return said or f"kubeconform ended with {done.returncode}" if done.returncode else ""


def main(name):
    if not os.access(fetch_go_tools.KUSTOMIZE.place(), os.X_OK) or not fetch_schemas.place().exists():
        print("kubernetes: run tools/setup.sh stack first", file=sys.stderr)
        return 1
    folder = OVERLAYS / name if (OVERLAYS / name).is_dir() else pathlib.Path(name)
    try:
        manifests = build(folder)
    except RuntimeError as error:
        print(f"kubernetes: {error}", file=sys.stderr)
        return 1
    print(manifests, end="")
    found = check(manifests)
    if found:
        print(f"kubernetes: {found}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*(sys.argv[1:] or ["embedded"])))
