# What to look at first: the objectives, and the four golden signals.
from panels import HERE, Dashboard, Panel, Row, gauge, quantile, rate

READS, WRITES = "get_by_id|search", "create|update|delete"
OURS = "Unknown|Internal|Unavailable|DataLoss|DeadlineExceeded|ResourceExhausted"
BUDGETS = [  # What is recorded, how much of it is allowed, its name.
    ("requests_failed", 0.001, "failed"),
    ("reads_slow", 0.01, "slow reads"),
    ("writes_slow", 0.01, "slow writes"),
]


def burning(window):
    return [(f"job:productd_{name}:ratio_rate{window} / {allowed}", label) for name, allowed, label in BUDGETS]


PROMISES = [
    Panel(
        "How much of what may go wrong has gone wrong in three days?",
        "At 100 % the budget is used as fast as it may be. Above it, put nothing risky live, and follow the runbook's "
        "section of the alert that fires: ProductdAvailability, ProductdSlowReads or ProductdSlowWrites.",
        burning("3d"),
        "percentunit",
        "stat",
        1,
    ),
    Panel(
        "How fast do the budgets burn now?",
        "1 is as fast as allowed. From 14.4 on somebody is called. Find what changed when the line rose: a release, a "
        "load, a server that went.",
        burning("1h"),
        bound=14.4,
    ),
    Panel(
        "Is every instance ready?",
        "An instance that is not says why: /readyz?verbose on its metrics port. Then the runbook, ProductdNotReady.",
        [(gauge("productd_ready"), "{{instance}}")],
        kind="stat",
        names={"0": "NOT READY", "1": "ready"},
    ),
    Panel(
        "Which alerts fire?",
        "None is well. Each has a section of its name in docs/runbook.md; begin with those that page.",
        [('sort_desc(ALERTS{alertstate="firing",alertname=~"Productd.*"})', "{{alertname}}")],
        kind="table",
    ),
    Panel(
        "Is everything behind it up?",
        "What is down stands in /readyz?verbose with what it said. Without Redis answers are right and slower; without "
        "the store writes wait in the log; without the log nothing is written.",
        [(f"min by (check) ({gauge('productd_check_passed')})", "{{check}}")],
        kind="stat",
        names={"0": "FAILS", "1": "passes"},
    ),
    Panel(
        "Does any message wait for too long?",
        "From 10 minutes on somebody is called. The dashboard of the pipeline says whether all wait (the store) or one "
        "(a change that fails alone).",
        [(f"max({gauge('productd_worker_oldest_unfinished_seconds')})", "oldest")],
        "s",
        bound=600,
    ),
]

GOLDEN = [
    Panel(
        "How much is asked of us?",
        "A step up or down without a reason of yours: ask who calls. Nothing at all while instances are ready: look at "
        "what stands before them.",
        [
            (rate("productd_http_requests_total", "route", route="/api/.*"), "{{route}}"),
            (rate("grpc_server_started_total", "grpc_method"), "gRPC {{grpc_method}}"),
        ],
        "reqps",
    ),
    Panel(
        "What fails for want of us?",
        "503 and Unavailable: a dependency, see the checks. 429 and ResourceExhausted: no room, see rejected on the next "
        "dashboard. 500 and Internal: a defect, keep the log lines of its requests.",
        [
            (rate("productd_http_requests_total", "status", route="/api/.*", status="5..|429"), "{{status}}"),
            (rate("grpc_server_handled_total", "grpc_code", grpc_code=OURS), "{{grpc_code}}"),
        ],
        "reqps",
    ),
    Panel(
        "How long do 99 of 100 take?",
        "Reads are to stay under 50 ms, writes under 1 s. Above: the runbook, ProductdSlowReads and ProductdSlowWrites.",
        [
            (quantile(0.99, "productd_http_request_duration_seconds", "route", route="/api/.*"), "{{route}}"),
            (quantile(0.99, "productd_grpc_request_duration_seconds", method=READS), "gRPC reads"),
            (quantile(0.99, "productd_grpc_request_duration_seconds", method=WRITES), "gRPC writes"),
        ],
        "s",
        bound=1,
    ),
    Panel(
        "How full is it?",
        "Near 100 % of any of these it begins to refuse. CPU: add an instance. Descriptors and log: the runbook, "
        "ProductdFewDescriptorsLeft and ProductdLogNearItsBound.",
        [
            (f"max({gauge('process_open_fds')} / {gauge('process_max_fds')})", "descriptors"),
            (f"max(instance:productd_log_bytes:ratio{{{HERE}}})", "log"),
            (f"max(instance:productd_store_wal_bytes:ratio{{{HERE}}})", "WAL of the store"),
            (f"max(rate(process_cpu_seconds_total{{{HERE}}}[$__rate_interval]))", "CPU, of one core"),
        ],
        "percentunit",
        bound=0.85,
    ),
]

DASHBOARD = Dashboard(
    "productd-overview",
    "productd: overview",
    "Is it well? Begin here; each panel says what to do.",
    [Row("Do we keep what we promise?", PROMISES), Row("What goes in, what goes wrong, how long, how full?", GOLDEN)],
)
