# What a foreign producer may send: ways that carry a valid product, and payloads that can never be applied.
import json
import random

from products import a_product

NOISE = random.Random(1).randbytes(900_000)
WAYS = [  # In which a foreign producer sends a message.
    [],
    ["-k", "a key of its own"],
    ["-z", "gzip"],
    ["-z", "lz4", "-p", "2"],
    ["-z", "zstd", "-p", "0"],
    ["-z", "snappy", "-k", "another"],
    ["-X", "partitioner=murmur2_random", "-k", "chair"],
    ["-H", "name=\xff"],
    ["-p", "1", "-H", "traceparent=noise", "-H", "productd-origin=x/0/y", "-H", "productd-wait-id=1"],
    [option for n in range(10_000) for option in ("-H", f"h{n}={n}")],
]
BAD = [
    NOISE[:1],
    NOISE[:4_000],
    NOISE,
    b"\xff\xfe",
    b"\x00\xff\xfe noise",
    b"{",
    b'{"name":"\xff\xfe"}',
    b"[" * 5_000,
    b'{"name":"\xff\xfe","description":"d","price":1,"quantity":1,"rating":1}',
    b"[" * 100_000,
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    b'{"name":"x"}',
    b'{"name":"x","description":"d","price":1,"quantity":1,"rating":1',
    b"null",
    b"42",
    b"\x00",
    b" ",
    b'"\\ud800"',
    b'{"productId":"zz"}',
    json.dumps(a_product(productId="zz")).encode(),
    json.dumps(a_product(price=-1)).encode(),
]
