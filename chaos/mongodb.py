# The stand-in for MongoDB that the scenarios of one run share, each with a database of its own. It keeps a journal of
# each (tools/stack_stand_in).
import os
import signal
import subprocess
import sys

from node import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import stack  # noqa: E402
import stand_in  # noqa: E402


class MongoServer:
    def __init__(self, folder):
        subprocess.run([ROOT / "tools/setup.sh", "stack"], check=True)
        self.journals = folder / "journals"
        self.journals.mkdir(parents=True)
        self.running = stack.Running(stand_in.server(str(self.journals)), folder)
        self.port = self.running.up()
        self.pid = self.running.state()["pid"]

    def client(self):
        import pymongo  # Here, for who has no need of it.

        return pymongo.MongoClient("127.0.0.1", self.port)

    def freeze(self):
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self):
        os.kill(self.pid, signal.SIGCONT)

    def close(self):
        self.go_on()
        self.running.down()
