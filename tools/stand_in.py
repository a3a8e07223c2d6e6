# The stand-in for MongoDB that the chaos runs and `make bench-sink` start for themselves: it speaks the protocol, keeps
# all in memory and, where it is asked to, a journal of every write. All else runs on stack_mongodb.py.
import socket

from sources import ROOT
from stack_servers import LIBS, Server, fetch

MAIN = ROOT / "tools/stack_stand_in/Main.java"


def prepare(_):
    fetch("stand_in", "the stand-in for MongoDB")


def arguments(port, *more, heap="768m"):
    return ["java", f"-Xmx{heap}", "-cp", f"{LIBS / 'stand_in'}/*", str(MAIN), str(port), *more]


def ready(_, port):
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True


def server(*more, heap="768m"):
    def command(_, port):
        return arguments(port, *more, heap=heap)

    return Server("stand-in", "/usr/bin/java", command, ready, "tools/setup.sh stack", prepare)
