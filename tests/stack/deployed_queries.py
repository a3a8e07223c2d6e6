# Every query that is deployed, of dashboards and of rules, as a test can ask it, and which of them may be empty.
import re

import check_deploy

# Empty where all is well, or on a machine like this one: (what the query has in it, why). After the load of load.py
# nothing else may be.
EMPTY = [
    ('route=~"/api/.*",status=~"5..|429"}[1m]', "a series with a status is made when it is first answered, and none was"),
    ("productd_outcome_delay_seconds", "one instance has no other to tell; test_tracing_stack.py has two"),
    ("productd_feed_delay_seconds", "it counts while somebody waits for changes, and in that load nobody does"),
]


def comparable(expression):
    """With each comparison as a question whose answer is 0 or 1, so that what it compares has to be there; and without
    looking back to when this Prometheus did not run yet."""
    expression = re.sub(r" offset \w+", "", expression)
    return re.sub(r"(\s)(==|!=|>=|<=|>|<)(\s)", r"\1\2 bool\3", expression)


def of_rules():
    for rule in check_deploy.rules():
        yield rule.get("alert") or rule["record"], comparable(rule["expr"])


def of_dashboards():
    for where, expression in check_deploy.queries(check_deploy.dashboards()):
        yield where, expression.replace("$__rate_interval", "1m").replace("$instance", ".*")


def may_be_empty(asked):
    return {one for one in asked if any(part in one[1] for part, _ in EMPTY)}
