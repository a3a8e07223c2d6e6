# The replica set of three that the scenarios of one run share, each with a database of its own. Its oplog has every
# write of each in order (oplog.py).
import os
import signal
import subprocess
import sys

from node import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import stack  # noqa: E402
import stack_mongodb  # noqa: E402



class MongoServer:
    election_ms = 120_000  # Longer than anything stands still here: the link leads to one member.

    def __init__(self, folder):
        subprocess.run([ROOT / "tools/setup.sh", "stack"], check=True)
        self.folder = folder / "mongodb"
        self.members = [stack.Running(self.served(name), self.folder) for name in stack_mongodb.MEMBERS]
        try:
            if failed := stack.up(self.members):
                raise RuntimeError("; ".join(failed))
            self.elect_after(self.election_ms)
            self.find_primary()
        except BaseException:
            stack.down(self.members)
            raise

    def served(self, name):
        return stack_mongodb.server(name)

    def elect_after(self, milliseconds):
        """How long a primary is missed before there is another; what was longer before may last once more."""
        with self.client() as client:
            config = client.admin.command("replSetGetConfig")["config"]
            config["version"] += 1
            config["settings"]["electionTimeoutMillis"] = milliseconds
            client.admin.command("replSetReconfig", config)

    def find_primary(self):
        """Who takes writes: `port` and `pid`."""
        with self.client() as client:
            port = int(client.admin.command("hello")["primary"].rpartition(":")[2])
        (state,) = (member.state() for member in self.members if member.state()["port"] == port)
        self.port, self.pid = port, state["pid"]

    def client(self):
        import pymongo  # Here, for who has no need of it.

        return pymongo.MongoClient(self.uri())

    def uri(self):
        """Of the set."""
        return stack_mongodb.uri(self.folder)

    def freeze(self):
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self):
        os.kill(self.pid, signal.SIGCONT)

    def close(self):
        self.go_on()
        stack.down(self.members)
