# What docs/metrics.md says the service exports, and what it does export: both as {name: Metric}.
import re
from dataclasses import dataclass

from service import ROOT

TABLE = ROOT / "docs/metrics.md"
COLUMNS = ["name", "type", "unit", "labels", "meaning", "since"]
HEADING = re.compile(r"^## .*?(?:\((?P<when>`[^)]*)\))?$")


@dataclass(frozen=True)
class Metric:
    kind: str
    labels: frozenset


@dataclass(frozen=True)
class Row:
    name: str
    type: str
    unit: str
    labels: str
    meaning: str
    since: str
    when: frozenset  # Of `bus: kafka` and its like, any of which makes the service show it; none: always.

    def metric(self):
        return Metric(self.type, frozenset(re.findall(r"`(\w+)`", self.labels)))


def rows():
    when, found = frozenset(), []
    for line in TABLE.read_text().splitlines():
        if heading := HEADING.match(line):
            when = frozenset(re.findall(r"`([^`]+)`", heading["when"] or ""))
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if cells and cells[0].startswith("`"):
            assert len(cells) == len(COLUMNS), line
            found.append(Row(cells[0].strip("`"), *cells[1:], when))
    return found


def documented(engines):
    """With these engines, {"bus": "kafka", …}."""
    chosen = {f"{port}: {engine}" for port, engine in engines.items()}
    return {row.name: row.metric() for row in rows() if not row.when or row.when & chosen}


def exported(text):
    """Of a scrape. What has no series yet has no family either."""
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    labels = {name: set() for name in kinds}
    for series, inside in re.findall(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$", text, re.M):
        name = series if series in kinds else re.sub(r"_(bucket|count|sum)$", "", series)
        labels[name] |= set(re.findall(r'(\w+)="', inside)) - {"le"}
    return {name: Metric(kind, frozenset(labels[name])) for name, kind in kinds.items()}


def differences(text, engines):
    """A sentence for each; none where the table and the scrape tell the same."""
    said, shown = documented(engines), exported(text)
    yield from (f"{name} is exported and not in the table" for name in sorted(shown.keys() - said.keys()))
    yield from (f"{name} is in the table and not exported" for name in sorted(said.keys() - shown.keys()))
    for name in sorted(shown.keys() & said.keys()):
        if shown[name] != said[name]:
            yield f"{name} is {shown[name]}, and {said[name]} in the table"
