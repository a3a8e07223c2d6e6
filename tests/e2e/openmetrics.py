# Reads OpenMetrics text 1.0.0 as strictly as its specification is, by nothing of the service's own
# (https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md).
import math
import re
from dataclasses import dataclass, field

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"'
LABELS = rf"\{{(?:{LABEL}(?:,{LABEL})*)?\}}"
NUMBER = r"(?:[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?[Ii]nf|NaN)"
SAMPLE = re.compile(
    rf"(?P<name>{NAME})(?P<labels>{LABELS})? (?P<value>{NUMBER})"
    rf"(?: # (?P<of>{LABELS}) (?P<exemplar>{NUMBER})(?: (?P<time>[0-9]+(?:\.[0-9]+)?))?)?"
)
HEAD = re.compile(rf"# (?P<what>TYPE|UNIT|HELP) (?P<name>{NAME}) (?P<text>.*)")
TYPES = {"counter": {"_total", "_created"}, "histogram": {"_bucket", "_count", "_sum", "_created"}}
TYPES |= {"gauge": {""}, "unknown": {""}}
EXEMPLAR_CHARACTERS = 128


@dataclass
class Exemplar:
    labels: dict
    value: float
    time: float


@dataclass
class Sample:
    name: str
    labels: dict
    value: float
    exemplar: Exemplar


@dataclass
class Family:
    name: str
    type: str = "unknown"
    unit: str = ""
    help: str = None
    samples: list = field(default_factory=list)


def labels_of(text):
    pairs = re.findall(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"', text or "")
    labels = {name: re.sub(r"\\(.)", lambda at: "\n" if at[1] == "n" else at[1], value) for name, value in pairs}
    assert len(labels) == len(pairs), f"a label comes twice: {text}"
    return labels


def sample_of(line):
    match = SAMPLE.fullmatch(line)
    assert match, f"no sample: {line!r}"
    exemplar = None
    if match["of"]:
        labels = labels_of(match["of"])
        assert sum(len(name) + len(value) for name, value in labels.items()) <= EXEMPLAR_CHARACTERS, line
        exemplar = Exemplar(labels, float(match["exemplar"]), float(match["time"] or "nan"))
    return Sample(match["name"], labels_of(match["labels"]), float(match["value"]), exemplar)


def parse(text):
    """{name: Family}; AssertionError at the first thing that may not be."""
    assert text.endswith("\n# EOF\n") or text == "# EOF\n", text[-100:]
    families, current = {}, None
    for line in text.removesuffix("# EOF\n").splitlines():
        if not line.startswith("#"):
            sample = sample_of(line)
            suffix = sample.name.removeprefix(current.name)
            assert sample.name.startswith(current.name) and suffix in TYPES[current.type], f"{line} in {current.name}"
            current.samples.append(sample)
            continue
        head = HEAD.fullmatch(line)
        assert head, f"no comment is allowed: {line!r}"
        if current is None or head["name"] != current.name:
            assert head["name"] not in families, f"{head['name']} comes twice"
            current = families[head["name"]] = Family(head["name"])
        assert not current.samples, f"{line} after samples"
        if head["what"] == "UNIT":
            assert current.name.endswith("_" + head["text"]), line
            current.unit = head["text"]
        elif head["what"] == "TYPE":
            assert head["text"] in TYPES, line
            current.type = head["text"]
        else:
            assert re.fullmatch(r'(?:[^\\"]|\\[\\"n])*', head["text"]), line
            current.help = head["text"]
    for family in families.values():
        check(family)
    clash(families)
    return families


def check(family):
    assert family.samples, f"{family.name} has no sample"
    seen = [(one.name, tuple(sorted(one.labels.items()))) for one in family.samples]
    assert len(seen) == len(set(seen)), f"a series of {family.name} comes twice"
    for one in family.samples:
        may_have = one.name.endswith("_bucket") if family.type == "histogram" else family.type == "counter"
        assert may_have or not one.exemplar, one
        if family.type == "counter":
            assert one.value >= 0, one
    if family.type == "histogram":
        check_histogram(family)


def check_histogram(family):
    points = {}
    for one in family.samples:
        key = tuple(sorted((name, value) for name, value in one.labels.items() if name != "le"))
        point = points.setdefault(key, {"buckets": []})
        if one.name.endswith("_bucket"):
            assert "." in one.labels["le"] or one.labels["le"] == "+Inf", f"{one.labels['le']} is no canonical number"
            point["buckets"].append((float(one.labels["le"]), one))
        else:
            assert "le" not in one.labels
            point[one.name.removeprefix(family.name)] = one.value
    for key, point in points.items():
        bounds = [bound for bound, _ in point["buckets"]]
        counts = [one.value for _, one in point["buckets"]]
        assert bounds == sorted(set(bounds)) and bounds[-1] == math.inf, key
        assert counts == sorted(counts) and counts[-1] == point["_count"] and "_sum" in point, key
        for lower, (upper, one) in zip([-math.inf, *bounds], point["buckets"]):
            assert not one.exemplar or lower < one.exemplar.value <= upper, one


def clash(families):
    """No name that a sample of one family may have is another's."""
    names = [family.name + suffix for family in families.values() for suffix in {"", *TYPES[family.type]}]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, twice
