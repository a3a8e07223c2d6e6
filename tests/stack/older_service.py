# The first generation of the service, as far as its data show it: the documents and messages that it wrote, from those
# recorded of it.
import base64
import copy
import json
import pathlib

import bson

SAMPLES = json.loads((pathlib.Path(__file__).parents[1] / "fixtures/contract-samples.json").read_text())
RECORDED = bson.decode(base64.b64decode(SAMPLES["mongodb"]["bsonBase64"]))


def document(number, **changes):
    """As it inserts one: without a version, a history, and folded text."""
    made = copy.deepcopy(RECORDED)
    made.update(_id=bson.ObjectId(f"{number:024x}"), **changes)
    return made


def update(collection, number, **changes):
    """As it changes one: the members given, and updatedAt left as it was."""
    assert collection.update_one({"_id": bson.ObjectId(f"{number:024x}")}, {"$set": changes}).matched_count == 1


def message(topic, **changes):
    """The payload of a recorded message, with some members replaced."""
    recorded = next(one for one in SAMPLES["kafka"] if one["topic"] == topic)
    return json.dumps({**json.loads(recorded["value"]), **changes})
