# The two sides of bench_kafka_sink.py: the service, and MongoDB's sink connector in Kafka Connect.
import os
import pathlib
import subprocess

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
        os.environ |= self.environment
        self.measured.start()


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
        files = []
        for name, text in {"worker": WORKER, "connector": CONNECTOR}.items():
            files.append(self.folder / f"{name}.properties")
            files[-1].write_text(text.format(folder=self.folder, **self.settings))
        main = "org.apache.kafka.connect.cli.ConnectStandalone"
        with open(self.log, "ab") as log:
            command = [*JAVA, *QUIET, "-cp", f"{LIBS / 'mongodb_sink'}/*", main, *files]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
