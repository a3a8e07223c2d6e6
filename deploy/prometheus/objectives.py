#!/usr/bin/python3
# Writes rules/objectives.yml: the two objectives of the service, recorded over several windows, and what is to be said
# when their error budgets burn too fast (https://sre.google/workbook/alerting-on-slos/, multiwindow, multi-burn-rate).
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
# How much faster than it may the budget burns, seen over both windows: what burns 14.4 times as fast has taken 2 % of the
# budget of 30 days within an hour, 6 times 5 % within six hours, once 10 % within three days.
BURNS = {"page": [(14.4, "1h", "5m"), (6, "6h", "30m")], "ticket": [(3, "1d", "2h"), (1, "3d", "6h")]}

# An answer that failed for want of us, not of the client. 429 and ResourceExhausted are ours: we had no room.
ANSWERED = 'grpc_type!="server_stream"'
FAILED_CODES = "Unknown|DeadlineExceeded|ResourceExhausted|Internal|Unavailable|DataLoss"
HTTP = "productd_http_request_duration_seconds"
GRPC = "productd_grpc_request_duration_seconds"
# `/api/v1/products/{id}` has reads and writes, so it is told apart by its method. As long as HTTP durations have no label
# `method`, that route is in neither objective, and search and POST stand for REST.
READS = [f'{HTTP}%s{{%sroute="/api/v1/products/search"}}', f'{HTTP}%s{{%sroute=~"/api/.*",method=~"GET|HEAD"}}']
READS += [f'{GRPC}%s{{%smethod=~"get_by_id|search"}}']
WRITES = [f'{HTTP}%s{{%sroute="/api/v1/products"}}', f'{HTTP}%s{{%sroute=~"/api/.*",method=~"POST|PUT|PATCH|DELETE"}}']
WRITES += [f'{GRPC}%s{{%smethod=~"create|update|delete"}}']


def rate_of(series):
    """Per second, of all these together: `or`, for a sum of sums is nothing where one of them has no series."""
    return f"sum by (job) ({' or '.join(f'rate({one}[5m])' for one in series)})"


def requests():
    """What is recorded of requests: those that failed, and all. Streams end with every stop of the service, and go on
    elsewhere."""
    bad = ['productd_http_requests_total{route=~"/api/.*",status=~"5..|429"}']
    bad += [f'grpc_server_handled_total{{{ANSWERED},grpc_code=~"{FAILED_CODES}"}}']
    every = ['productd_http_requests_total{route=~"/api/.*"}', f"grpc_server_handled_total{{{ANSWERED}}}"]
    return rate_of(bad), rate_of(every)


def durations(series, seconds):
    """What is recorded of durations: those above `seconds`, which is the bound of a bucket, and all."""
    # From text Prometheus 2 takes the bound `1` as it stands, from the other formats as `1.0`; Prometheus 3 always so.
    which = f'="{seconds}"' if "." in seconds else f'=~"{seconds}|{seconds}.0"'
    every, bound = rate_of([one % ("_count", "") for one in series]), f"le{which},"
    return f"{every} - {rate_of([one % ('_bucket', bound) for one in series])}", every


OBJECTIVES = [  # bad ones of all, what they are, how much is allowed, the alert, what it says
    ("failed", "requests", requests(), 0.001, "ProductdAvailability", "over 0.1 % of requests fail"),
    ("slow", "reads", durations(READS, "0.05"), 0.01, "ProductdSlowReads", "over 1 % of reads take more than 50 ms"),
    ("slow", "writes", durations(WRITES, "1"), 0.01, "ProductdSlowWrites", "over 1 % of writes take more than 1 s"),
]


def record(name, expression):
    return f"      - record: {name}\n        expr: {expression}\n"


def recorded(bad, of, rates):
    """Rates over 5 minutes; of these the ratios over longer windows, which costs little and weighs by traffic."""
    names = (f"job:productd_{of}_{bad}:rate5m", f"job:productd_{of}:rate5m")
    yield from map(record, names, rates)
    for window in WINDOWS:
        bad_ones, every = (f"sum_over_time({name}[{window}])" for name in names)
        yield record(f"job:productd_{of}_{bad}:ratio_rate{window}", f"{bad_ones} / {every}")


def alert(name, ratio, allowed, severity, says):
    pairs = []
    for factor, long, short in BURNS[severity]:
        bound = f"{factor * allowed:g}"
        pairs.append(f"({ratio}{long} > {bound} and {ratio}{short} > {bound})")
    joined = "\n          or\n          ".join(pairs)
    return f"""      - alert: {name}
        expr: |
          {joined}
        labels:
          severity: {severity}
        annotations:
          summary: "{{{{ $labels.job }}}}: {says}"
          runbook: docs/runbook.md#{name.lower()}
"""


def rules():
    yield "# Made by objectives.py: change that, and run it.\ngroups:\n  - name: productd-objectives\n    rules:\n"
    for bad, of, rates, *_ in OBJECTIVES:
        yield from recorded(bad, of, rates)
    yield "\n  - name: productd-burn-rates\n    rules:\n"
    for bad, of, _, allowed, name, says in OBJECTIVES:
        for severity in BURNS:
            yield alert(name, f"job:productd_{of}_{bad}:ratio_rate", allowed, severity, says)


def made():
    """{file beside this one: its text}"""
    return {"rules/objectives.yml": "".join(rules())}


if __name__ == "__main__":
    if "--show" in sys.argv:  # For the check, which compares.
        print(json.dumps(made()))
    else:
        for name, text in made().items():
            (FOLDER / name).write_text(text)
