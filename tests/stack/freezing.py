# Servers that live and do nothing.
import os
import pathlib
import signal

from waiting import eventually


def freeze(pid):
    """Returns once all of its threads stand still: those that run go on for a moment after the signal."""
    os.kill(pid, signal.SIGSTOP)
    eventually(lambda: states_of_threads(pid) == {"T"}, what=f"standstill of {pid}", pause=0.001)


def thaw(pid):
    os.kill(pid, signal.SIGCONT)


def states_of_threads(pid):
    """Nothing while threads still come and go."""
    try:
        stats = [task.joinpath("stat").read_text() for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return set()
    return {stat.rpartition(")")[2].split()[0] for stat in stats}
