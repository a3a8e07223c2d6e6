# The process and its machine.
from panels import HERE, Dashboard, Panel, Row, gauge, rate

PROCESS = [
    Panel(
        "How much CPU does it take?",
        "Of one core. Near all cores of the machine: add an instance, or find what is asked so often.",
        [(rate("process_cpu_seconds_total", "instance"), "{{instance}}")],
        "percentunit",
    ),
    Panel(
        "How much memory does it take?",
        "It is bounded by its settings, and flat after a while. One that only rises for days is a defect: keep the figures.",
        [
            (gauge("process_resident_memory_bytes"), "resident, {{instance}}"),
            (gauge("process_virtual_memory_bytes"), "virtual, {{instance}}"),
        ],
        "bytes",
    ),
    Panel(
        "Does it have files and threads enough?",
        "Files grow with connections. The runbook, ProductdFewDescriptorsLeft. Threads stay as they are after the start.",
        [
            (gauge("process_open_fds"), "files, {{instance}}"),
            (gauge("process_max_fds"), "files at most, {{instance}}"),
            (gauge("process_threads"), "threads, {{instance}}"),
        ],
    ),
    Panel(
        "Which version runs, and is it the same everywhere?",
        "Two versions for longer than a roll-out takes: it was broken off.",
        [(f"count by (version) ({gauge('productd_build_info')})", "{{version}}")],
        kind="stat",
    ),
    Panel(
        "Since when does each instance run?",
        "A time that you do not know of: it ended by itself. Its last log lines say why.",
        [(f"time() - {gauge('process_start_time_seconds')}", "{{instance}}")],
        "s",
        "stat",
    ),
    Panel(
        "When does the certificate end?",
        "Below six days somebody is told. Put a new one in place and send SIGHUP: ProductdCertificateExpiring.",
        [(f"{gauge('productd_certificate_expiry_timestamp_seconds')} - time()", "{{instance}}")],
        "s",
        "stat",
    ),
    Panel(
        "Are log lines dropped?",
        "Who reads them is too slow. Make it quicker, or set Logger.Level higher; Logger.QueueMax helps over peaks only.",
        [(rate("productd_log_lines_dropped_total", "instance"), "{{instance}}")],
        "ops",
    ),
    Panel(
        "Do traces arrive?",
        "Dropped, refused or given up: some are missing. The runbook, ProductdTracesLost. No request waits for them.",
        [
            (rate("productd_tracing_spans_total", "instance"), "ended, {{instance}}"),
            (rate("productd_tracing_spans_exported_total", "instance"), "exported, {{instance}}"),
            (rate("productd_tracing_spans_dropped_total", "instance"), "dropped, {{instance}}"),
            (rate("productd_tracing_spans_refused_total", "instance"), "refused, {{instance}}"),
            (rate("productd_tracing_spans_given_up_total", "instance"), "given up, {{instance}}"),
        ],
        "ops",
    ),
    Panel(
        "Does the collector take them in time?",
        "A queue that stays full, or failures: the collector is away or too slow. See its own dashboard first.",
        [
            (gauge("productd_tracing_queue_spans"), "waiting, {{instance}}"),
            (rate("productd_tracing_export_failures_total", "instance"), "failures a second, {{instance}}"),
            (gauge("productd_tracing_collector_up"), "up, {{instance}}"),
        ],
    ),
    Panel(
        "Can Prometheus reach it?",
        "0 is no answer: the runbook, ProductdDown.",
        [(f'up{{job="productd",{HERE}}}', "{{instance}}")],
        kind="stat",
        names={"0": "NO ANSWER", "1": "reached"},
    ),
]

MACHINE = [
    Panel(
        "How busy is the machine?",
        "Near 100 %: see above whether it is productd, and otherwise with `top` who it is.",
        [('1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))', "{{instance}}")],
        "percentunit",
        bound=0.9,
    ),
    Panel(
        "How much memory is left?",
        "Below a tenth the machine begins to swap or to kill: find who took it.",
        [("node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes", "{{instance}}")],
        "percentunit",
    ),
    Panel(
        "How much room do the disks have?",
        "Below a tenth somebody is called: ProductdDiskNearlyFull.",
        [('node_filesystem_avail_bytes{job="node"} / node_filesystem_size_bytes', "{{instance}} {{mountpoint}}")],
        "percentunit",
    ),
    Panel(
        "How many processes wait for a core?",
        "More than there are cores, for long: too much runs here.",
        [("node_load1", "{{instance}}")],
    ),
]

DASHBOARD = Dashboard(
    "productd-process",
    "productd: process",
    "Has it what it needs?",
    [Row("How is the process?", PROCESS), Row("How is the machine?", MACHINE)],
)
