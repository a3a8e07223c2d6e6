# Messages nobody can apply, a kind a line. Each must become a dead letter, alone and complete.
import json

from records import CREATE, REMOVE, UPDATE, content

HOUR = 3_600_000
MANY_HEADERS = [(f"h{n}".encode(), b"\xff\x00") for n in range(10_000)]


def altered(**members):
    return json.dumps(content("poison", 1) | members).encode()


def without(member):
    return json.dumps({k: v for k, v in content("poison", 1).items() if k != member}).encode()


def raw(text):
    return altered(price="@").replace(b'"@"', text)


# name: (topic, value from a dice, members of the record)
KINDS = {
    "empty": (CREATE, lambda dice: b"", {}),
    "null payload": (UPDATE, lambda dice: None, {}),
    "null key": (CREATE, lambda dice: b"?", {"key": None}),
    "null both": (REMOVE, lambda dice: None, {"key": None}),
    "noise": (CREATE, lambda dice: b"\xff" + dice.randbytes(dice.randint(1, 300)), {}),
    "noisy key": (UPDATE, lambda dice: b"{", {"key": b"\xff\x00\xfe"}),
    "broken UTF-8": (CREATE, lambda dice: altered(name="abc@").replace(b"@", b"\xc3("), {}),
    "lone surrogate": (CREATE, lambda dice: altered(name="abc@").replace(b"@", rb"\ud800"), {}),
    "UTF-16": (CREATE, lambda dice: altered().decode().encode("utf-16"), {}),
    "deep nesting": (CREATE, lambda dice: b"[" * 5000 + b"]" * 5000, {}),
    "10,000 headers": (UPDATE, lambda dice: b"{}", {"headers": MANY_HEADERS}),
    "huge": (CREATE, lambda dice: b"\xfe" + dice.randbytes(1_200_000), {}),
    "wrong types": (CREATE, lambda dice: altered(name=1, photos={}, quantity="5"), {}),
    "duplicate members": (CREATE, lambda dice: altered()[:-1] + b', "name": "again"}', {}),
    "NaN": (CREATE, lambda dice: raw(b"NaN"), {}),
    "Infinity": (CREATE, lambda dice: raw(b"Infinity"), {}),
    "number too large": (CREATE, lambda dice: raw(b"1e999"), {}),
    "fraction": (CREATE, lambda dice: altered(quantity=1.5), {}),
    "beyond int64": (CREATE, lambda dice: altered(quantity=2**63), {}),
    "negative": (CREATE, lambda dice: altered(quantity=-1), {}),
    "rating": (CREATE, lambda dice: altered(rating=11), {}),
    "short name": (CREATE, lambda dice: altered(name="ab"), {}),
    "long text": (CREATE, lambda dice: altered(description="x" * 501), {}),
    "free": (CREATE, lambda dice: altered(price=0), {}),
    "member missing": (CREATE, lambda dice: without("price"), {}),
    "bad id": (UPDATE, lambda dice: altered(productId="1234"), {}),
    "update without id": (UPDATE, lambda dice: altered(), {}),
    "delete without id": (REMOVE, lambda dice: b"{}", {}),
    "array": (UPDATE, lambda dice: b"[1, 2]", {}),
    "cut off": (CREATE, lambda dice: altered()[: dice.randint(1, 60)], {}),
    "bad time": (CREATE, lambda dice: altered(), {"ahead": 3 * HOUR, "code": "bad_time", "says": "bad_time"}),
}
