# What a case of the table is, and the words the tables are written in.
import json
from dataclasses import dataclass, field

PRODUCTS = "/api/v1/products"
PRODUCT = b'{"name":"Hello","description":"World","price":1,"quantity":1,"rating":1}'
# Stand for ids in what is sent: of two products that all cases read, and of one made for this case alone.
SHARED, BIG, FRESH = "S" * 24, "L" * 24, "F" * 24
ONE, LARGE, OWN = f"{PRODUCTS}/{SHARED}", f"{PRODUCTS}/{BIG}", f"{PRODUCTS}/{FRESH}"
UNKNOWN = f"{PRODUCTS}/0123456789abcdef01234567"
LIVES, CLOSES = "lives", "closes"


@dataclass(frozen=True)
class Case:
    section: str  # Of RFC 9112 or 9110, or another one in full.
    what: str
    sent: object  # Bytes; or a list of which each later part is sent once the one before it was answered.
    want: object  # The status; a list for several answers; None when none may come.
    ends: str = LIVES
    fields: dict = field(default_factory=dict)  # Of the last answer: name → value, a set of list members, or None.
    body: bytes = None  # Is part of the last answer's body.
    on: tuple = ("api", "metrics")
    metrics: object = None  # What the metrics listener answers when it is something else.
    half: bool = False  # The client says with the last byte that it sends no more.
    heads: tuple = ()  # Which answers are to HEAD, of several.
    probe: str = None  # The name Http11Probe has for it.


def req(method="GET", target="/health", *lines, version="HTTP/1.1", host="Host: localhost", body=b""):
    """A request; `lines` are header lines as text or bytes."""
    head = [f"{method} {target} {version}", *([host] if host is not None else []), *lines]
    return b"\r\n".join(line if isinstance(line, bytes) else line.encode("latin-1") for line in head) + b"\r\n\r\n" + body


def get(*lines, target="/health", **options):
    return req("GET", target, *lines, **options)


def post(*lines, body=PRODUCT, **options):
    """A POST of a product with these lines for its length."""
    return req("POST", PRODUCTS, "Content-Type: application/json", *lines, body=body, **options)


def sized(*lines, body=PRODUCT, method="POST", target=PRODUCTS):
    """A product with its length."""
    return req(
        method, target, "Content-Type: application/json", f"Content-Length: {len(body)}", *lines, body=body
    )


def chunked(*pieces, last=b"0\r\n\r\n", lines=()):
    """A POST of a product in chunks; a piece that is a tuple has a size line of its own: (line, bytes)."""
    body = b""
    for piece in pieces:
        line, data = piece if isinstance(piece, tuple) else (b"%x" % len(piece), piece)
        body += line + b"\r\n" + data + b"\r\n"
    return post("Transfer-Encoding: chunked", *lines, body=body + last)


def refused(section, what, sent, want=400, **options):
    """The connection ends behind the answer: nobody can know where the next request would begin."""
    return Case(section, what, sent, want, CLOSES, **options)


def created(section, what, sent, **options):
    """Only the API makes products; the metrics listener reads the request and goes on."""
    options = {"body": b'"name":"Hello"', "metrics": 404, **options}
    return Case(section, what, sent, 201, **options)


def unanswered(section, what, sent, **options):
    """A request that never gets whole: its client leaves."""
    return Case(section, what, sent, None, CLOSES, half=True, **options)


def product_bytes(**members):
    return json.dumps({**json.loads(PRODUCT), **members}, separators=(",", ":")).encode()
