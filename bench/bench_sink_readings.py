# What the kernel says of the processes that take part in bench_kafka_sink.py.
import pathlib
import time
from dataclasses import dataclass

import tools_path  # noqa: F401 Makes the modules of tools/ known.
from process_readings import TICKS, cpu_seconds


@dataclass
class Thread:
    name: str
    ran: float = 0  # Seconds.
    queued: float = 0  # Seconds in which it was ready to run and others had the processors.


class Reading:
    """At a moment of a run: what is stored, and what the processes of each name have used so far."""

    def __init__(self, stored, pids):
        self.stored, self.time, self.idle = stored, time.monotonic(), idle_seconds()
        self.cpu = {name: sum(map(cpu_seconds, of)) for name, of in pids.items()}
        self.threads = {name: threads(of) for name, of in pids.items()}

    def busiest(self, name, before):
        """The thread of these processes that ran most since another reading."""
        earlier = before.threads[name]
        used = []
        for key, now in self.threads[name].items():
            then = earlier.get(key, Thread(now.name))
            used.append(Thread(now.name, now.ran - then.ran, now.queued - then.queued))
        return max(used, key=lambda thread: thread.ran)


def threads(pids):
    """{thread id: Thread} of those that live."""
    found = {}
    for task in (task for pid in pids for task in pathlib.Path(f"/proc/{pid}/task").iterdir()):
        try:
            ran, queued, _ = map(int, (task / "schedstat").read_text().split())
            found[task.name] = Thread((task / "comm").read_text().strip(), ran * 1e-9, queued * 1e-9)
        except OSError:
            continue  # It has ended meanwhile.
    return found


def idle_seconds():
    """Of all processors together."""
    fields = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return (int(fields[4]) + int(fields[5])) / TICKS
