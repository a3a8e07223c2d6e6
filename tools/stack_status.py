# What `stack.py status` says: of each server whether it is up, where, and how much memory is its own.
import pathlib
import re


def memory_mib(pid):
    """What it occupies, with its part of what it shares with others (Pss); nothing where that cannot be seen."""
    try:
        told = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return None
    return int(re.search(r"^Pss:\s+(\d+) kB", told, re.M)[1]) / 1024


def say(servers):
    """One line for each, and the sum."""
    total, count = 0, 0
    for running in servers:
        if not running.answers():
            if not running.server.by_name:
                absent = "IS LEFT OUT: it is not installed" if running.is_left_out() else "IS NOT RUNNING (make stack-up)"
                print(f"stack: {running.server.name} {absent}")
            continue
        memory = memory_mib(running.state()["pid"])
        print(f"stack: {running.where()}" + (f", {memory:.0f} MiB" if memory else ""))
        total, count = total + (memory or 0), count + 1
    if count > 1:
        print(f"stack: {total:.0f} MiB in all")
