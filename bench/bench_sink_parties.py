# The sides of bench_kafka_sink.py: the service, MongoDB's sink connector in Kafka Connect, and libmongoc alone.
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.request

import tools_path  # noqa: F401 Makes the modules of tools/ known.
from bench import Measured
from stack_servers import LIBS, fetch

SINK = "com.mongodb.kafka.connect.sink"
WORKER = """\
bootstrap.servers={brokers}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=false
offset.storage.file.filename={folder}/offsets
listeners=http://127.0.0.1:0
consumer.max.poll.records=1000
"""
# The id is the product's, as the service has it: a message that comes again replaces the same document.
CONNECTOR = f"""\
name={{name}}
connector.class=com.mongodb.kafka.connect.MongoSinkConnector
tasks.max=3
topics={{topic}}
connection.uri={{uri}}
database={{database}}
collection=products
max.batch.size=1000
bulk.write.ordered=false
transforms=id
transforms.id.type=org.apache.kafka.connect.transforms.ReplaceField$Value
transforms.id.renames=productId:_id
document.id.strategy={SINK}.processor.id.strategy.ProvidedInValueStrategy
writemodel.strategy={SINK}.writemodel.strategy.{{writes}}
"""
WRITES = {"replace": "ReplaceOneDefaultStrategy", "insert": "InsertOneDefaultStrategy"}
# The heap and the collector of Kafka's own start script.
JAVA = ["java", "-server", "-Xms256m", "-Xmx2g", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20"]
QUIET = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]


DOWN = "The store is down"


class Service:
    """productd as a user starts it; `environment` says from where to where."""

    name = "productd"

    def __init__(self, binary, folder, environment):
        self.measured = Measured(binary.resolve(), folder)
        self.log = self.measured.folder / "log"
        self.environment = environment

    @property
    def process(self):
        return getattr(self.measured, "process", None)

    def start(self):
        """When it began to count."""
        began = time.monotonic()
        os.environ |= self.environment
        self.measured.start()
        return began

    def remarks(self):
        """What went wrong on the way, by its own account."""
        metrics = urllib.request.urlopen(f"http://localhost:{self.measured.ports['metrics_port']}/metrics", timeout=5)
        retried = re.search(r"^productd_worker_retries_total (\S+)", metrics.read().decode(), re.MULTILINE)[1]
        return f"{retried} changes tried again, the store was called down {self.log.read_text().count(DOWN)} times"


class Connector:
    """Kafka Connect with one connector of three tasks."""

    name = "sink connector"

    def __init__(self, folder, settings):
        self.folder = pathlib.Path(folder)
        self.log = self.folder / "connect.log"
        self.settings = settings
        self.process = None

    def start(self):
        fetch("mongodb_sink", "MongoDB's sink connector")
        began = time.monotonic()
        files = []
        for name, text in {"worker": WORKER, "connector": CONNECTOR}.items():
            files.append(self.folder / f"{name}.properties")
            files[-1].write_text(text.format(folder=self.folder, **self.settings))
        main = "org.apache.kafka.connect.cli.ConnectStandalone"
        with open(self.log, "ab") as log:
            command = [*JAVA, *QUIET, "-cp", f"{LIBS / 'mongodb_sink'}/*", main, *files]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return began

    def remarks(self):
        return None


class Driver:
    """libmongoc with the documents of the service, made before; as many bulks at a time as the service has."""

    name = "libmongoc"

    def __init__(self, binary, folder, settings):
        self.command = [binary, *(f"--{name}={value}" for name, value in settings.items())]
        self.log = pathlib.Path(folder) / "driver.log"
        self.process = None

    def start(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        while "writing" not in self.log.read_text():
            if self.process.poll() is not None:
                sys.exit(self.log.read_text())
            time.sleep(0.0005)
        return time.monotonic()

    def remarks(self):
        return None
