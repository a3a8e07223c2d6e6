# deploy/compose.yaml as data, for the tests of what it says.
import re

import yaml

from service import ROOT

FILE = ROOT / "deploy/compose.yaml"
OURS = re.compile(r"^productd:")  # The image of this repository.
JOBS = {"secrets", "topics", "replica-set"}


def read():
    return yaml.safe_load(FILE.read_text())


def services():
    return read()["services"]


def of_productd():
    return {name: one for name, one in services().items() if OURS.match(one["image"])}


def lasting():
    """Those that run until they are stopped, without the light form, which runs instead of all."""
    return {name: one for name, one in services().items() if name not in JOBS and "profiles" not in one}


def mebibytes(size):
    return int(re.fullmatch(r"(\d+)m", size)[1])


def seconds(text):
    return int(re.fullmatch(r"(\d+)s", text)[1])


def published(one):
    """{port of the machine: port of the container}, all of them on loopback."""
    found = {}
    for line in one.get("ports", []):
        outside, inside = re.fullmatch(r"127\.0\.0\.1:(\d+):(\d+)", line).groups()
        found[int(outside)] = int(inside)
    return found


def volumes(one):
    """[(source, place in the container, whether it can be written)]"""
    parts = [line.split(":") for line in one.get("volumes", [])]
    return [(source, place, more != ["ro"]) for source, place, *more in parts]


def command(one):
    """What runs in the container, beside the image's own entry point."""
    return [*one.get("entrypoint", []), *one.get("command", [])]


def listens_on(name):
    """The ports that the service of this name listens on for others: those of its image, or as it is configured here."""
    one = services()[name]
    if OURS.match(one["image"]):
        return {5000, 5007, 7070}
    if "KAFKA_ADVERTISED_LISTENERS" in one.get("environment", {}):
        advertised = one["environment"]["KAFKA_ADVERTISED_LISTENERS"].split(",")
        return {int(line.rpartition(":")[2]) for line in advertised if line.startswith(f"INSIDE://{name}:")}
    told = [re.search(r"--web\.listen-address=:(\d+)", word) for word in command(one)]
    known = {"mongo": {27017}, "redis": {6379}, "obsidiandynamics/kafdrop": {9000}, "prom/prometheus": {9090}}
    known |= {"grafana/grafana": {3000}, "jaegertracing/all-in-one": {16686, 4317, 14269}}
    return {int(match[1]) for match in told if match} or known[one["image"].rpartition(":")[0]]
