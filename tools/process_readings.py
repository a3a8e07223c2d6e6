# What the kernel says of a running process.
import os
import pathlib
import re

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """Of all its threads, those that have ended too."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def cpu_seconds_now(pid):
    """The same to the nanosecond, of the threads that live."""
    tasks = pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def memory_mib(pid, what="VmRSS"):
    """Resident now; with VmHWM at most so far."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+)", status)[1]) / 1024
