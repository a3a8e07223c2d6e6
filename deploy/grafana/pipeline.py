# From the log through the worker into the store: what waits, what fails, what is given up.
from panels import Dashboard, Panel, Row, gauge, quantile, rate

WAITING = [
    Panel(
        "How many messages wait, by topic?",
        "A hill that is worked off is a load. One that only grows: the runbook, ProductdLagGrowing.",
        [(f"sum by (topic) (max by (topic, partition) ({gauge('productd_consumer_lag_messages')}))", "{{topic}}")],
    ),
    Panel(
        "Does one partition wait more than the others?",
        "Then its producer sends without keys, one product is hot, or its member hangs: `productd topics describe`.",
        [(f"topk(5, max by (topic, partition) ({gauge('productd_consumer_lag_messages')}))", "{{topic}} {{partition}}")],
    ),
    Panel(
        "How many seconds is the group behind, by partition?",
        "The age of the first message above the commit. It grows by a second each second: nothing of that partition is "
        "finished; the runbook, ProductdLagGrowing.",
        [(f"topk(5, max by (topic, partition) ({gauge('productd_consumer_lag_seconds')}))", "{{topic}} {{partition}}")],
        "s",
        bound=600,
    ),
    Panel(
        "How old is what is applied next, and the oldest of all?",
        "Next is old: all wait, so look at the breaker and at the batches. Only the oldest is old: one change fails alone, "
        "and becomes a dead letter after Worker.ItemRetryLimit.",
        [
            (f"max({gauge('productd_worker_lag_seconds')})", "next"),
            (f"max({gauge('productd_worker_oldest_unfinished_seconds')})", "oldest"),
        ],
        "s",
        bound=600,
    ),
    Panel(
        "How much has been read and not finished?",
        "At Worker.InFlightMax (10,000) or InFlightBytesMax nothing more is read: the store is what it waits for.",
        [(gauge("productd_worker_in_flight_messages"), "{{instance}}")],
    ),
    Panel(
        "How much memory is that?",
        "It is bounded by Worker.InFlightBytesMax (16 MiB). Raise it only if batches are small while much waits.",
        [(gauge("productd_worker_in_flight_bytes"), "{{instance}}")],
        "bytes",
    ),
    Panel(
        "Do changes wait for products that are not there?",
        "They wait Worker.NotFoundWait for their create. Many, or any that go early: producers send updates before creates, "
        "or of products that nobody made.",
        [
            (gauge("productd_worker_parked_messages"), "parked, {{instance}}"),
            (rate("productd_worker_parked_early_total"), "early, per second"),
        ],
    ),
]

WORK = [
    Panel(
        "How much is finished, and how?",
        "Superseded: something newer was there already, which is well after a restart. Refused: conditions did not hold. "
        "Dead-lettered: see below.",
        [(rate("productd_worker_messages_total", "operation, ending"), "{{operation}} {{ending}}")],
        "ops",
    ),
    Panel(
        "How long from reading a message to finishing it?",
        "Above a second REST writes begin to be answered `accepted`. Compare with the time of a bulk call.",
        [(quantile(0.99, "productd_worker_message_duration_seconds", "operation"), "{{operation}}, 99 of 100")],
        "s",
    ),
    Panel(
        "Where does a write by REST spend its time?",
        "Publish: the log; see its calls. Wait: the worker's lanes and the bulk call beside it. Wait alone is long: the worker "
        "is behind. The bulk call is long: the store.",
        [
            (quantile(0.5, "productd_write_stage_duration_seconds", "stage"), "{{stage}}, half"),
            (quantile(0.99, "productd_write_stage_duration_seconds", "stage"), "{{stage}}, 99 of 100"),
            (quantile(0.99, "productd_worker_batch_duration_seconds"), "apply: the bulk call, 99 of 100"),
        ],
        "s",
    ),
    Panel(
        "How many changes are in a bulk call?",
        "Large under load is well: up to Worker.BatchMax. Small while much waits: too little CPU, or one product is hot.",
        [(quantile(share, "productd_worker_batch_changes"), label) for share, label in ((0.5, "half"), (0.9, "9 of 10"))],
    ),
    Panel(
        "How long does a bulk call take?",
        "Near Worker.CallTimeout (5 s) calls are given up and tried in parts: find out what else loads the store.",
        [(quantile(share, "productd_worker_batch_duration_seconds"), f"{share:.0%}") for share in (0.5, 0.9, 0.99)],
        "s",
        bound=5,
    ),
    Panel(
        "Is the store up for the worker?",
        "Open or half-open: it waits, and nothing is lost. The runbook, ProductdBreakerOpen.",
        [(gauge("productd_worker_breaker_state"), "{{instance}}")],
        kind="stat",
        bound=1,
        names={"0": "closed", "1": "OPEN", "2": "half-open"},
    ),
    Panel(
        "What is tried again?",
        "Now and then is races and lost calls. All the time: the store refuses some changes; the log says which and why.",
        [
            (rate("productd_worker_retries_total", "instance"), "changes, {{instance}}"),
            (rate("productd_worker_log_failures_total", "instance"), "log, {{instance}}"),
        ],
        "ops",
    ),
]

ENDS = [
    Panel(
        "Which errors make dead letters?",
        "`productd dlq list`, then mend, replay or purge: the runbook, ProductdDeadLettersArriving, by code.",
        [(rate("productd_worker_condemned_total", "code"), "{{code}}")],
        "ops",
    ),
    Panel(
        "Which dead letters has nobody dealt with?",
        "`productd dlq list`: replay or purge each, so that new ones stand out. `uncounted`: too many to look at.",
        [(f"max by (code) ({gauge('productd_dead_letters_open')})", "{{code}}")],
    ),
    Panel(
        "Can dead letters be written?",
        "Any that wait for minutes: the log takes none. The runbook, ProductdDeadLettersNotWritten.",
        [(gauge("productd_worker_dead_letters_waiting"), "{{instance}}")],
        bound=1,
    ),
    Panel(
        "Does the group move partitions about?",
        "At starts and stops it does. Lost ones: an instance was silent for too long; ProductdPartitionsLost.",
        [(f"sum by (what) (increase({gauge('productd_worker_rebalances_total')}[$__rate_interval]))", "{{what}}")],
    ),
    Panel(
        "Why are REST writes not waited for?",
        "worker_behind and store_down: see above. waits_full: more writers than Http.ApplyWaitsMax. outcome_untold: another "
        "instance applied it and Redis did not tell.",
        [(rate("productd_writes_accepted_total", "reason"), "{{reason}}")],
        "ops",
    ),
    Panel(
        "How much comes in from the log?",
        "Compare with what is finished: as long as the two lines lie on each other, nothing piles up.",
        [
            (rate("products_incoming_kafka_messages_total"), "read"),
            (rate("products_success_incoming_kafka_messages_total"), "finished"),
            (rate("products_error_incoming_kafka_message_total"), "dead letters"),
        ],
        "ops",
    ),
]

DASHBOARD = Dashboard(
    "productd-pipeline",
    "productd: pipeline",
    "Does what was written arrive?",
    [Row("What waits?", WAITING), Row("What is done?", WORK), Row("What does not arrive?", ENDS)],
)
