# Messages through the `productd topics` commands, as a person or another producer's stand-in would send them.
import base64
import json
import re

from service import run_cli
from waiting import eventually

DEAD = "dead-letter-queue"


def publish(service, topic, *arguments, lines=None):
    """Publishes with the CLI; the position of a single message, as the CLI tells it."""
    done = run_cli("topics", "publish", topic, *arguments, "--data-dir", service.data, stdin=lines)
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.search(r"Published (\S+/\d+/\d+)\.", done.stdout)
    return told[1] if told else None


def payload_of(letter):
    """A dead letter's payload as bytes; text is text, other bytes are base64."""
    payload = letter["payload"]
    return base64.b64decode(payload["base64"]) if isinstance(payload, dict) else (payload or "").encode()


def read(service, topic, *arguments):
    """The messages of a topic as the CLI's JSON lines."""
    done = run_cli("topics", "read", topic, "--json", *arguments, "--data-dir", service.data)
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def dead_letters(service):
    return [json.loads(message["value"]) for message in read(service, DEAD)]


def dead_letter_of(service, position, seconds=10):
    """The letter of the message at `topic/partition/offset`, once it is there."""

    def probe():
        return [letter for letter in dead_letters(service) if letter["messageId"].startswith(position + "/")]

    letters = eventually(probe, seconds, f"a dead letter of {position}", pause=0.1)
    assert len(letters) == 1
    return letters[0]
