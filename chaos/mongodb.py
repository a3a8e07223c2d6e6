# The server of MongoDB's protocol that the scenarios of one run share, each with a database of its own. It keeps a
# journal of each (tools/stack_mongodb).
import dataclasses
import os
import signal
import subprocess
import sys

from node import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import stack  # noqa: E402


class MongoServer:
    def __init__(self, folder):
        subprocess.run([ROOT / "tools/setup.sh", "stack"], check=True)
        self.journals = folder / "journals"
        self.journals.mkdir(parents=True)
        ours = dataclasses.replace(stack.named("mongodb"), name="mongodb-chaos", arguments=self.arguments)
        self.running = stack.Running(ours, folder)
        self.port = self.running.up()
        self.pid = self.running.state()["pid"]

    def arguments(self, folder, port):
        return [*stack.mongodb_arguments(folder, port), str(self.journals)]

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
