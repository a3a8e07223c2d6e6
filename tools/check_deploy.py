# What is under deploy: what is made by a program is as that makes it; promtool finds nothing; each alert has a section in
# docs/runbook.md, is shown firing and not firing, and asks for metrics that there are.
import importlib.util
import re
import shutil
import subprocess
import sys

import yaml

from sources import ROOT, files, report, text

PROMETHEUS = "deploy/prometheus"
RUNBOOK, METRICS = "docs/runbook.md", "docs/metrics.md"
MADE = {f"{PROMETHEUS}/objectives.py": f"{PROMETHEUS}/rules/objectives.yml"}
# Those of others that are asked for.
FOREIGN = {"up", "ALERTS"}


def module(name):
    spec = importlib.util.spec_from_file_location(name.replace("/", "_").removesuffix(".py"), ROOT / name)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def stale():
    for program, made in MADE.items():
        if module(program).text() != text(made):
            yield f"{made} is not what {program} makes: run it"


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


def unknown():
    known = known_metrics()
    for rule in rules():
        for name in sorted(metrics_in(rule["expr"]) - known):
            if not name.startswith("node_"):
                yield f"{rule.get('alert') or rule['record']} asks for {name}, which is not in {METRICS}"


def main():
    alerts = {rule["alert"]: rule for rule in rules() if "alert" in rule}
    problems = [*stale(), *untold(alerts), *unshown(alerts), *unknown(), *promtool()]
    return report("deploy", problems, f"{len(alerts)} alerts, each with a section and shown firing and not")


if __name__ == "__main__":
    sys.exit(main())
