# What the ledger knows of each message it makes: who it is, what must become of it, and, once published, where it is.
import base64
import hashlib
import json
from dataclasses import dataclass, field

# The rows of src/app/events/topics.hpp, told again: the oracle judges by what it knows itself and reads no C++.
CREATE, UPDATE, REMOVE = "create-product", "update-product", "delete-product"
SOURCES = (CREATE, UPDATE, REMOVE)
DEAD_LETTERS = "dead-letter-queue"
GROUP = "products_group"

# What must become of a message.
EFFECT = "effect"  # Applied, once.
MAYBE = "maybe"  # Applied, or superseded by its product's deletion, which is in another topic.
NONE = "none"  # Refused by its own condition: no effect and no letter.
LETTER = "letter"  # A dead letter with the code `code`.


@dataclass
class Record:
    id: int
    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    time: int
    expect: str
    cls: str  # For people: `plain`, `hot`, `poison empty`, …
    product: str | None = None  # Its id; of a create without one, once it is published.
    seq: int = 0  # Of its product, and its quantity.
    code: str | None = None
    says: str = ""  # What the error of its dead letter must name.
    headers: list = field(default_factory=list)  # Pairs of bytes.
    ahead: int = 0  # Milliseconds its time is ahead of the clock of whoever publishes it.
    dated: int = 0  # The time it is published with, when that is not the publisher's now.
    offset: int = -1  # In the log.
    shown: int = -1  # As the worker sees it: less where its partition was made anew.
    prefix: str = ""  # Of its topic's name, where topics of several runs are on the same brokers.

    @property
    def source(self):
        return self.topic, self.partition

    @property
    def topic_name(self):
        return self.prefix + self.topic

    @property
    def message_id(self):
        return f"{self.topic_name}/{self.partition}/{self.shown}/{self.time}"

    def line(self):
        def b64(data):
            return None if data is None else base64.b64encode(data).decode()

        headers = [{"name": b64(name), "value": b64(value)} for name, value in self.headers]
        return json.dumps(
            {
                "topic": self.topic,
                "partition": self.partition,
                "key": b64(self.key),
                "value": b64(self.value),
                "headers": headers,
                "time": self.time,
            }
        )


def content(label, seq):
    """A product that any reader can verify: every text carries whose it is, its sequence and a hash of both."""
    digest = hashlib.sha256(f"{label}/{seq}".encode()).hexdigest()
    return {
        "name": f"{label} {seq} {digest[:8]}",
        "description": f"{seq} of {label}: {digest}",
        "price": 0.25 * (seq + 1),
        "quantity": seq,
        "rating": seq % 11,
    }


def derived_id(record):
    """The id of a create that carries none (spec: 4 bytes of seconds, 8 of SHA-256 of its position)."""
    return f"{record.time // 1000 & 0xFFFFFFFF:08x}" + hashlib.sha256(record.message_id.encode()).hexdigest()[:16]
