# What an instance may occupy by its own bounds of memory, with their defaults, all of them reached at once.
import re

import yaml

from service import ROOT

# Of requests, of gRPC's connections, the cache, what is read and unfinished, what waits for the log, what goes to Kafka and
# comes from it.
BOUNDS = [
    ("Limits", "requests_bytes_max"),
    ("Server", "MemoryBytesMax"),
    ("Cache", "BytesMax"),
    ("Worker", "InFlightBytesMax"),
    ("Log", "QueueBytesMax"),
    ("Kafka", "BufferBytesMax"),
    ("Kafka", "PrefetchBytesMax"),
]
LOG_LINES, ITSELF = 16, 32  # MiB: lines that wait (Logger.QueueMax), and the program with nothing to do.


def mebibytes():
    config = yaml.safe_load((ROOT / "config/productd.yaml").read_text())
    return sum(int(re.fullmatch(r"(\d+)MiB", config[section][key])[1]) for section, key in BOUNDS) + LOG_LINES + ITSELF
