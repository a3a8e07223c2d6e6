# RFC 9112 section 7.1: the chunked coding. RFC 9110 section 6.5: trailers.
from http_cases.case import OWN, PRODUCT, Case, chunked, created, get, post, refused, req, unanswered

N = len(PRODUCT)
SIZE = b"%x" % N
A, B = PRODUCT[:10], PRODUCT[10:]
LAST = b"0\r\n\r\n"


def raw(body):
    return post("Transfer-Encoding: chunked", body=body)


def one(size_line, data=PRODUCT, last=LAST):
    """One chunk with this size line."""
    return chunked((size_line, data), last=last)


def trailer(*lines):
    return chunked(PRODUCT, last=b"0\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n")


GOOD = [
    created("9112 7.1", "one chunk", chunked(PRODUCT), probe="COMP-CHUNKED-BODY"),
    created("9112 7.1", "two chunks", chunked(PRODUCT[:20], PRODUCT[20:]), probe="COMP-CHUNKED-MULTI"),
    created("9112 7.1", "a chunk for each byte", chunked(*[PRODUCT[i : i + 1] for i in range(N)])),
    created("9112 7.1", "sizes of small letters", chunked((b"a", A), (b"%x" % len(B), B))),
    created("9112 7.1", "sizes of capitals", chunked((b"A", A), (b"%X" % len(B), B)), probe="COMP-CHUNKED-HEX-UPPERCASE"),
    created("9112 7.1", "zeros before a size", one(b"0000" + SIZE)),
    created("9112 7.1", "thousands of them", one(b"0" * 4_000 + SIZE)),
    created("9112 7.1", "two zeros at the end", chunked(PRODUCT, last=b"00\r\n\r\n")),
    created("9112 7.1", "a chunk may hold what looks like the last", chunked(PRODUCT.replace(b'y":1', b'y":\r\n0\r\n\r\n'))),
    Case("9112 7.1", "no chunk but the last is an empty body", req("DELETE", OWN,
         "Transfer-Encoding: chunked", body=LAST), 204, metrics=404, probe="COMP-CHUNKED-EMPTY"),
    Case("9112 7.1", "GET may have chunks", get("Transfer-Encoding: chunked", body=b"5\r\nhello\r\n" + LAST), 200, body=b"Ok"),
    Case("9112 7.1", "what follows is the next request", chunked(PRODUCT) + get(), [201, 200], metrics=[404, 200]),
    Case("9112 7.1", "the next may be chunked too", chunked(PRODUCT) + chunked(A, B), [201, 201], metrics=[404, 404]),
    created("9112 7.1.1", "an extension is ignored", one(SIZE + b";ext=value"), probe="COMP-CHUNKED-EXTENSION"),
    created("9112 7.1.1", "so is one without a value", one(SIZE + b";ext")),
    created("9112 7.1.1", "so are several", one(SIZE + b";a=1;b;c=3")),
    created("9112 7.1.1", "a value may be quoted", one(SIZE + b';ext="a;b c"')),
    created("9112 7.1.1", "with an escape in it", one(SIZE + b';ext="a\\"b"')),
    created("9112 7.1.1", "blanks around the signs are read", one(SIZE + b" ; ext = value")),
    created("9112 7.1.1", "the last chunk may have one", chunked(PRODUCT, last=b"0;ext=value\r\n\r\n")),
]

BAD_SIZES = {
    b"+" + SIZE: "SMUG-CHUNK-SIZE-PLUS", b"-1": "SMUG-CHUNK-NEGATIVE", b"0x" + SIZE: "SMUG-CHUNK-HEX-PREFIX",
    b"4_8": "SMUG-CHUNK-UNDERSCORE", SIZE + b" ": "SMUG-CHUNK-SIZE-TRAILING-OWS", b" " + SIZE: "SMUG-CHUNK-LEADING-SP",
    b"FFFFFFFFFFFFFFFF0": "MAL-CHUNK-SIZE-OVERFLOW", b"10000000000000048": None, b"zz": None, b"": None, b";ext": None,
    SIZE + b"h": None, SIZE + b"\t": None, b"\t" + SIZE: None, SIZE + b".0": None, b"0" + SIZE + b"g": None, b'"48"': None,
    SIZE + b"\0": None, SIZE + b",": None, b"\xef\xbc\x94\x38": None, SIZE + b"\x0b": None,
}
BAD_EXTENSIONS = {
    b";": "SMUG-CHUNK-BARE-SEMICOLON", b";bad[=x": "SMUG-CHUNK-EXT-INVALID-TOKEN", b";\0ext": "SMUG-CHUNK-EXT-CTRL",
    b";a\rX": "SMUG-CHUNK-EXT-CR", b";=x": None, b";a=": None, b";a;;b": None, b';a="open': None, b";a=b=c": None, b";a b": None,
    b";a=\x7f": None, b';a="\n"': None, b";a,b": None, b"ext": None,
}
BODIES = {
    "a chunk ends with CR LF": (SIZE + b"\r\n" + PRODUCT + LAST, "SMUG-CHUNK-MISSING-TRAILING-CRLF"),
    "a chunk has no more than its size": (SIZE + b"\r\n" + PRODUCT + b"!!\r\n" + LAST, "SMUG-CHUNK-SPILL"),
    "a chunk does not end with LF": (SIZE + b"\r\n" + PRODUCT + b"\n" + LAST, "SMUG-CHUNK-LF-TERM"),
    "a chunk does not end with CR": (SIZE + b"\r\n" + PRODUCT + b"\r" + LAST, None),
    "a size does not end with LF": (SIZE + b"\n" + PRODUCT + b"\r\n" + LAST, None),
    "a size does not end with CR": (SIZE + b"\r" + PRODUCT + b"\r\n" + LAST, "SMUG-CHUNK-BARE-CR-TERM"),
    "an extension does not end with LF": (SIZE + b";\n" + PRODUCT + b"\r\n" + LAST, "SMUG-CHUNK-EXT-LF"),
    "an extension with a name neither": (SIZE + b";a\n" + PRODUCT + b"\r\n" + LAST, None),
    "the trailers do not end with LF": (SIZE + b"\r\n" + PRODUCT + b"\r\n0\r\n\n", "SMUG-CHUNK-LF-TRAILER"),
    "the last size does not end with LF": (SIZE + b"\r\n" + PRODUCT + b"\r\n0\n\r\n", None),
    "the last size does not end with LF LF": (SIZE + b"\r\n" + PRODUCT + b"\r\n0\n\n", None),
    "+0 is no end": (b"+0\r\n\r\nX", "SMUG-CHUNK-INVALID-SIZE-DESYNC"),
    "a chunk's end is not an empty line more": (SIZE + b"\r\n" + PRODUCT + b"\r\n\r\n" + LAST, None),
    "a size is not counted in decimal": (str(N).encode() + b"\r\n" + PRODUCT + b"\r\n" + LAST.ljust(64), None),
}

BAD = [
    *(refused("9112 7.1", f"a size is not {size!r}", one(size), probe=name) for size, name in BAD_SIZES.items()),
    *(refused("9112 7.1.1", f"an extension is not {ext!r}", one(SIZE + ext), probe=name) for ext, name in BAD_EXTENSIONS.items()),
    *(refused("9112 7.1", what, raw(body), probe=name) for what, (body, name) in BODIES.items()),
    refused("9112 7.1.1", "an extension of 64 KiB is an attack", one(SIZE + b";ext=" + b"a" * 65_536), probe="MAL-CHUNK-EXT-64K"),
    refused("9112 7.1.1", "so are a thousand of 60 bytes", one(SIZE + b";" + b"a" * 60_000)),
    refused("9110 15.5.14", "a chunk above the limit is told at once", raw(b"7FFFFFFF\r\n"), 413),
    refused("9110 15.5.14", "the greatest size there is", raw(b"FFFFFFFFFFFFFFFF\r\n"), (400, 413)),
    unanswered("9112 8", "the last chunk is missing", raw(SIZE + b"\r\n" + PRODUCT + b"\r\n"), probe="COMP-CHUNKED-NO-FINAL"),
    unanswered("9112 8", "the last empty line is missing", raw(SIZE + b"\r\n" + PRODUCT + b"\r\n0\r\n")),
    unanswered("9112 8", "half a chunk", raw(SIZE + b"\r\n" + A)),
    unanswered("9112 8", "half a size", raw(SIZE[:1])),
]

TRAILERS = [
    created("9112 7.1.2", "a trailer is read over", trailer(b"X-Checksum: abc"), probe="COMP-CHUNKED-TRAILER-VALID"),
    created("9112 7.1.2", "so are several", trailer(b"X-A: 1", b"X-B: 2", b"X-C:")),
    refused("9110 6.5.1", "a length is no trailer", trailer(b"Content-Length: 50"), probe="SMUG-TRAILER-CL"),
    refused("9110 6.5.1", "nor is a coding", trailer(b"Transfer-Encoding: chunked"), probe="SMUG-TRAILER-TE"),
    created("9110 6.5.1", "a host in a trailer is none", trailer(b"Host: evil.example.com"), probe="SMUG-TRAILER-HOST"),
    created("9110 6.5.1", "nor are credentials", trailer(b"Authorization: Bearer evil"), probe="SMUG-TRAILER-AUTH"),
    created("9110 6.5.1", "nor is a type", trailer(b"Content-Type: text/evil"), probe="SMUG-TRAILER-CONTENT-TYPE"),
    created("9110 6.5.1", "a trailer does not end the connection", trailer(b"Connection: close")),
    created("9110 6.5.1", "nor is a condition", trailer(b"If-Match: \"99\"")),
    *(refused("9112 7.1.2", f"a trailer is not {line!r}", trailer(line)) for line in
      (b"NoColon", b": empty", b"X Y: 1", b"X-Test : 1", b"X-Test: \0", b"X-Test: a\rb", b"X-Test: a\nb", b"X-T\xc3\xab: 1")),
]

CASES = GOOD + BAD + TRAILERS
