# Three brokers of this run alone, in its own folder, which may be killed, and a proxy before each of them. A broker
# tells who asks it through the proxy the proxies' ports (its listener MEMBERS), and all others its own (PLAIN).
import dataclasses
import os
import signal
import subprocess
import sys
import time

from node import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import stack  # noqa: E402
import stack_kafka  # noqa: E402

from kafka_link import PASS, KafkaLink  # noqa: E402
from loop import Loop  # noqa: E402

stack.READY_SECONDS = 180  # Where much else runs, three brokers take their time.

CHAOS = """\
listeners=PLAIN://127.0.0.1:{plain},SECURE://127.0.0.1:{secure},CONTROLLER://127.0.0.1:{controller},MEMBERS://127.0.0.1:{members}
advertised.listeners=PLAIN://127.0.0.1:{plain},SECURE://127.0.0.1:{secure},MEMBERS://127.0.0.1:{proxy}
listener.security.protocol.map=PLAIN:PLAINTEXT,SECURE:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT,MEMBERS:PLAINTEXT
"""


class Cluster:
    def __init__(self, folder):
        subprocess.run([ROOT / "tools/setup.sh", "stack"], check=True)
        self.folder = folder
        folder.mkdir(parents=True)
        ports = stack_kafka.cluster_ports(folder)
        highest = max(port for of in ports.values() for port in of.values())
        free = (port for port in range(highest + 1, 32768) if stack_kafka.is_free(port))
        self.loop, self.links, self.brokers = Loop(), [], []
        for name, of in ports.items():
            of = of | {"members": next(free), "proxy": next(free)}
            self.links.append(KafkaLink(self.loop, of["proxy"], of["members"]))
            server = dataclasses.replace(stack.named(name), prepare=lambda folder, of=of: prepare(folder, of))
            self.brokers.append(stack.Running(server, folder))
        self.plain = ",".join(f"127.0.0.1:{of['plain']}" for of in ports.values())
        self.behind_proxies = ",".join(f"127.0.0.1:{link.port}" for link in self.links)
        try:
            self.up()
        except BaseException:
            self.close()
            raise

    def up(self, numbers=(0, 1, 2)):
        failed = stack.up([self.brokers[number] for number in numbers], say=lambda line: None)  # Not among the table.
        if failed:
            raise RuntimeError("; ".join(failed))

    def kill(self, numbers):
        for number in numbers:
            state = self.brokers[number].state()
            os.kill(state["pid"], signal.SIGKILL)
            while self.brokers[number].state():
                time.sleep(0.01)

    def be(self, mode):
        """All links to the members."""
        for link in self.links:
            link.be(mode)

    def heal(self):
        """Whatever a scenario left: all brokers run, and all is passed on."""
        self.be(PASS)
        self.up()

    def link_counts(self):
        return sum((link.counts for link in self.links), start=type(self.links[0].counts)())

    def tool(self, name, *arguments):
        """A command of Kafka's own, by the class it is."""
        command = [*stack_kafka.JAVA, f"org.apache.kafka.tools.{name}", "--bootstrap-server", self.plain.split(",")[0]]
        done = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise RuntimeError(f"{name}: {(done.stderr + done.stdout)[-500:]}")
        return done.stdout

    def close(self):
        for link in self.links:
            link.close()
        self.loop.close()
        stack.down(self.brokers)


def prepare(folder, ports):
    stack_kafka.prepare(folder)
    with open(folder / "node.properties", "a") as properties:
        properties.write(CHAOS.format(**ports))  # The last of a name counts.
