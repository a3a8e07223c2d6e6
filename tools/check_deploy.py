# What is under deploy: what is made by a program is as that makes it; promtool finds nothing; each alert has a section in
# docs/runbook.md, and is shown firing and not firing; each panel asks a question and says what to do; all ask for metrics
# that there are, and every metric of docs/metrics.md is on a dashboard.
import json
import pathlib
import re
import shutil
import subprocess
import sys

import yaml

from sources import ROOT, files, report, text

PROMETHEUS, DASHBOARDS = "deploy/prometheus", "deploy/grafana/dashboards/"
RUNBOOK, METRICS = "docs/runbook.md", "docs/metrics.md"
PROGRAMS = [f"{PROMETHEUS}/objectives.py", "deploy/grafana/make.py"]
# Those of others that are asked for.
FOREIGN = {"up", "ALERTS"}


def made():
    """{file: (its text as the program makes it, the program)}"""
    found = {}
    for program in PROGRAMS:
        command = [sys.executable, "-B", ROOT / program, "--show"]
        shown = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        folder = pathlib.PurePath(program).parent
        found |= {str(folder / name): (wanted, program) for name, wanted in shown.items()}
    return found


def stale():
    wanted = made()
    for name, (content, program) in wanted.items():
        if name not in files(under=("deploy/",)) or text(name) != content:
            yield f"{name} is not what {program} makes: run it"
    for name in files(".json", under=(DASHBOARDS,)):
        if name not in wanted:
            yield f"{name} is made by no program"


def dashboards():
    """{file: what is in it}"""
    return {name: json.loads(text(name)) for name in files(".json", under=(DASHBOARDS,))}


def panels(dashboard):
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def unclear(boards):
    """Panels that do not ask, or do not say what to do, or that hide another."""
    for name, board in boards.items():
        taken = {}
        for panel in panels(board):
            where = f"{name}, {panel['title']!r}"
            if not panel["title"].endswith("?"):
                yield f"{where} is no question"
            if len(panel["description"]) < 20 or not panel["description"].endswith("."):
                yield f"{where} does not say what to do"
            if not panel["targets"]:
                yield f"{where} has no query"
            at = panel["gridPos"]
            for cell in ((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])):
                if cell in taken:
                    yield f"{where} lies on {taken[cell]!r}"
                    break
                taken[cell] = panel["title"]
    for field in ("uid", "title"):
        values = [board[field] for board in boards.values()]
        yield from (f"two dashboards have the {field} {value}" for value in {v for v in values if values.count(v) > 1})


def queries(boards):
    """(where it stands, PromQL) of each."""
    for name, board in boards.items():
        for panel in panels(board):
            yield from ((f"{name}, {panel['title']!r}", target["expr"]) for target in panel["targets"])


def rules():
    for name in files(".yml", under=(f"{PROMETHEUS}/rules/",)):
        for group in yaml.safe_load(text(name))["groups"]:
            yield from group["rules"]


def promtool():
    if not shutil.which("promtool"):
        yield "promtool is not installed; run tools/setup.sh check"
        return
    named = files(".yml", under=(f"{PROMETHEUS}/rules/",))
    tests = files(".yml", under=(f"{PROMETHEUS}/tests/",))
    commands = [["check", "config", f"{PROMETHEUS}/prometheus.yml"], ["check", "rules", *named], ["test", "rules", *tests]]
    for command in commands:
        done = subprocess.run(["promtool", *command], cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            yield f"promtool {' '.join(command[:2])}: {(done.stderr + done.stdout).strip()[-1500:]}"


def untold(alerts):
    sections = re.findall(r"^## (\w+)$", text(RUNBOOK), re.M)
    yield from (f"{RUNBOOK} has a section {name}, which is no alert" for name in sorted(set(sections) - alerts.keys()))
    for name, rule in alerts.items():
        if name not in sections:
            yield f"{name} has no section in {RUNBOOK}"
        if rule["annotations"].get("runbook") != f"{RUNBOOK}#{name.lower()}" or not rule["annotations"].get("summary"):
            yield f"{name} does not name its section of {RUNBOOK}, or has no summary"
        if rule["labels"].get("severity") not in ("page", "ticket"):
            yield f"{name} is neither a page nor a ticket"


def unshown(alerts):
    """Alerts without a test that sees them fire, and one that sees them not fire."""
    fires, rests = set(), set()
    for name in files(".yml", under=(f"{PROMETHEUS}/tests/",)):
        for test in yaml.safe_load(text(name))["tests"]:
            for case in test["promql_expr_test"]:
                (fires if case["exp_samples"] else rests).update(re.findall(r'alertname="(\w+)"', case["expr"]))
    yield from (f"{name} is in no test that sees it fire" for name in sorted(alerts.keys() - fires))
    yield from (f"{name} is in no test that sees it not fire" for name in sorted(alerts.keys() - rests))


def metrics_in(expression):
    """The names of series that it asks for."""
    bare = re.sub(r'"[^"]*"|\[[^\]]*\]|\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)', "", expression)
    bare = re.sub(r"\{[^}]*\}", "", bare)
    words = re.findall(r"(?<![\w:$.])[a-zA-Z_:][\w:]*\b(?!\s*\()", bare)
    return {word for word in words if "_" in word or word in FOREIGN}


def known_metrics():
    names = set(re.findall(r"^\| `(\w+)` \| (?:counter|gauge)", text(METRICS), re.M))
    for name in re.findall(r"^\| `(\w+)` \| histogram", text(METRICS), re.M):
        names |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"}
    return names | {rule["record"] for rule in rules() if "record" in rule} | FOREIGN


def unknown(boards):
    known = known_metrics()
    asked = [(rule.get("alert") or rule["record"], rule["expr"]) for rule in rules()]
    for where, expression in [*asked, *queries(boards)]:
        for name in sorted(metrics_in(expression) - known):
            if not name.startswith("node_"):
                yield f"{where} asks for {name}, which is not in {METRICS}"


def unseen(boards):
    """Metrics that no dashboard shows, by themselves or by what is recorded of them."""
    recorded = {rule["record"]: metrics_in(rule["expr"]) for rule in rules() if "record" in rule}
    shown = set().union(*(metrics_in(expression) for _, expression in queries(boards)))
    for _ in recorded:
        shown |= {name for record in shown & recorded.keys() for name in recorded[record]}
    plain = {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown} | shown
    for name in re.findall(r"^\| `(\w+)` \|", text(METRICS), re.M):
        if name not in plain:
            yield f"{name} is on no dashboard"


def main():
    alerts = {rule["alert"]: rule for rule in rules() if "alert" in rule}
    boards = dashboards()
    problems = [*stale(), *untold(alerts), *unshown(alerts), *unclear(boards), *unknown(boards), *unseen(boards)]
    problems += promtool()
    asked = len(list(queries(boards)))
    return report("deploy", problems, f"{len(alerts)} alerts shown firing and not, {asked} queries of {len(boards)} dashboards")


if __name__ == "__main__":
    sys.exit(main())
