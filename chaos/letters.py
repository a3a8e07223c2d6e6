# What a dead letter must say of its message, whole or cut.
import hashlib

CUT = 1024  # Bytes of the key that are left when the topic refuses the whole as too large.


def differences(record, letter):
    """Sentences, each of one thing that a letter says and that its message is not."""
    body, value = letter.body, record.value
    truth = {"code": record.code, "topic": record.topic_name, "partition": record.partition, "offset": record.shown}
    if body.get("truncated"):
        size, digest = len(value or b""), hashlib.sha256(value or b"").hexdigest()
        truth |= {"payload": None, "payloadBytes": size, "payloadSha256": digest, "headers": []}
    for member, true in truth.items():
        if body.get(member) != true:
            yield f"says {member} {body.get(member)!r}, not {true!r}"
    if record.says and record.says not in body["error"]:
        yield f"does not say {record.says}, but: {body['error']}"
    if body.get("truncated"):
        if letter.key != (record.key and record.key[:CUT]):
            yield "does not have the key that was published"
    elif (letter.key, letter.payload, letter.headers) != (record.key, value, record.headers):
        yield "does not have what was published"
