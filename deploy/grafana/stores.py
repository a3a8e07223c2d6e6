# Whom the service stands on: the log, the store, the caches.
from panels import HERE, Dashboard, Panel, Row, gauge, quantile, rate

SERVERS = [
    Panel(
        "Do Kafka, MongoDB and Redis answer?",
        "One that does not: is it running, can it be reached, was a password changed? `productd doctor` tries each. An "
        "instance shows only those that it uses.",
        [
            (gauge("productd_kafka_up"), "Kafka, {{instance}}"),
            (gauge("productd_mongodb_up"), "MongoDB, {{instance}}"),
            (gauge("productd_redis_up"), "Redis, {{instance}}"),
        ],
        kind="stat",
        names={"0": "DOWN", "1": "up"},
    ),
    Panel(
        "How long does the store take?",
        "By call, 99 of 100. find and write slow together: the store or the way to it. search alone: rare words, or many "
        "products without `Search.Index`.",
        [(quantile(0.99, "productd_store_call_duration_seconds", "operation"), "{{operation}}, 99 of 100")],
        "s",
    ),
    Panel(
        "How long does the log take to acknowledge?",
        "publish is what each write by REST waits for: with Kafka the slowest replica in sync, embedded a sync of the disk.",
        [(quantile(0.99, "productd_log_call_duration_seconds", "operation"), "{{operation}}, 99 of 100")],
        "s",
    ),
    Panel(
        "How long does Redis take, and until another instance hears?",
        "Reads wait Redis.Timeout at most. Outcomes late: writes that another instance applies are answered late.",
        [
            (quantile(0.99, "productd_redis_call_duration_seconds", "operation"), "{{operation}}, 99 of 100"),
            (quantile(0.99, "productd_outcome_delay_seconds"), "outcomes, 99 of 100"),
        ],
        "s",
    ),
    Panel(
        "Which calls fail?",
        "Of the store and the log, wholly or for a part. The log lines and `productd doctor` say why.",
        [
            (rate("productd_store_call_duration_seconds_count", "operation", result="error"), "store, {{operation}}"),
            (rate("productd_log_call_duration_seconds_count", "operation", result="error"), "log, {{operation}}"),
        ],
        "ops",
    ),
    Panel(
        "What goes wrong with Redis?",
        "Failures: the connection; is the server up, is Redis.Timeout too short? Refused: rights or memory of the server. "
        "Skipped: reads that went to the store instead.",
        [
            (rate("productd_redis_failures_total"), "failures"),
            (rate("productd_redis_refused_total"), "refused"),
            (rate("productd_redis_skipped_total"), "skipped"),
            (rate("productd_redis_flushes_total"), "flushes"),
        ],
        "ops",
    ),
    Panel(
        "Do instances learn of each other's changes?",
        "Invalidations follow writes. Outcomes lost: who waited was answered `accepted`. Remembered ids go once Redis is back.",
        [
            (rate("productd_redis_invalidations_total"), "invalidations"),
            (rate("productd_outcomes_sent_total"), "outcomes sent"),
            (rate("productd_outcomes_received_total"), "outcomes received"),
            (rate("productd_outcomes_lost_total"), "outcomes lost"),
            (f"sum({gauge('productd_redis_remembered_ids')})", "remembered ids"),
        ],
        "ops",
    ),
]


def hit_ratio(cache):
    hits, misses = (f"sum by (instance) (increase(productd_{cache}_{what}_total{{{HERE}}}[5m]))" for what in ("hits", "misses"))
    return f"{hits} / ({hits} + {misses})"


CACHES = [
    Panel(
        "Which share of reads do the caches answer?",
        "It falls after a restart and recovers. Low for long: more products are read than Cache.BytesMax has room for.",
        [(hit_ratio("cache"), "process, {{instance}}"), (hit_ratio("redis"), "Redis, {{instance}}")],
        "percentunit",
    ),
    Panel(
        "Is the cache in the process too small?",
        "Evictions all the time, with memory to spare on the machine: raise Cache.BytesMax.",
        [(rate("productd_cache_evictions_total", "instance"), "evictions, {{instance}}")],
        "ops",
    ),
    Panel(
        "How much is in it?",
        "It fills up to Cache.BytesMax and stays there.",
        [(gauge("productd_cache_bytes"), "{{instance}}")],
        "bytes",
    ),
    Panel(
        "How many products is that?",
        "Entries of ids that are not stored count too, for Cache.NegativeTtl.",
        [(gauge("productd_cache_entries"), "{{instance}}")],
    ),
]

LOG = [
    Panel(
        "How much does the log in SQLite write?",
        "Messages per transaction rise with the load: those that wait share one sync.",
        [
            (rate("productd_log_records_total"), "messages"),
            (rate("productd_log_transactions_total"), "transactions"),
        ],
        "ops",
    ),
    Panel(
        "How long does one transaction of the log take?",
        "This is the disk's sync, and the floor of every write. Above 20 ms: a slow or full disk, or others that write to it.",
        [(f"{rate('productd_log_write_seconds_total')} / {rate('productd_log_transactions_total')}", "a transaction")],
        "s",
        bound=0.02,
    ),
    Panel(
        "How near its bound is the log?",
        "At 100 % writes are refused. It holds what is not finished: the runbook, ProductdLogNearItsBound.",
        [(f"instance:productd_log_bytes:ratio{{{HERE}}}", "{{instance}}")],
        "percentunit",
        bound=0.8,
    ),
    Panel(
        "Do writes wait for the log or the store?",
        "At Log.QueueMax and Store.WriteQueueMax new ones are refused: the disk does not keep up.",
        [
            (gauge("productd_log_queued_records"), "log, {{instance}}"),
            (gauge("productd_store_queued_writes"), "store, {{instance}}"),
        ],
    ),
    Panel(
        "How much does the log take on disk?",
        "It goes up and down with Log.Retention, below Log.BytesMax. It needs that much room on the disk.",
        [(gauge("productd_log_bytes"), "used, {{instance}}"), (gauge("productd_log_bytes_max"), "bound, {{instance}}")],
        "bytes",
    ),
]

STORE = [
    Panel(
        "How much does the store in SQLite write?",
        "Products per transaction are the worker's batches, and writes of gRPC.",
        [
            (rate("productd_store_writes_total"), "products"),
            (rate("productd_store_transactions_total"), "transactions"),
        ],
        "ops",
    ),
    Panel(
        "Do transactions fail?",
        "Any that do: the log lines say why. No room, an I/O error, or somebody who holds the file.",
        [
            (rate("productd_log_failures_total", "instance"), "log, {{instance}}"),
            (rate("productd_store_failures_total", "instance"), "store, {{instance}}"),
        ],
        "ops",
    ),
    Panel(
        "How large are the WALs?",
        "Each is emptied again and again. One that only grows is held by another program's read: ProductdWalNearItsBound.",
        [
            (gauge("productd_sqlite_wal_bytes"), "{{file}}, {{instance}}"),
            (gauge("productd_store_wal_bytes_max"), "bound of store.db's, {{instance}}"),
        ],
        "bytes",
    ),
]

DASHBOARD = Dashboard(
    "productd-stores",
    "productd: stores and cache",
    "Do those that it stands on hold?",
    [
        Row("Are the servers there?", SERVERS),
        Row("Do the caches help?", CACHES),
        Row("How is the log in SQLite?", LOG),
        Row("How is the store in SQLite?", STORE),
    ],
)
