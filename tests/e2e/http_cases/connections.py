# RFC 9112 section 9 and RFC 9110 sections 7.6, 7.8 and 10.1.1: what becomes of a connection.
from http_cases.case import CLOSES, FRESH, LIVES, ONE, PRODUCT, PRODUCTS, Case, created, get, refused, req, sized, unanswered

KEPT, ENDED = {"Connection": None}, {"Connection": "close"}
BAD = b"GET /health HTTP/1.1\r\n\r\n"
CONTINUE = "Expect: 100-continue"
HEAD_ONLY = sized(body=b"").replace(b"Content-Length: 0", b"Content-Length: %d" % len(PRODUCT))


def stays(what, *lines, fields=KEPT, **options):
    return Case("9112 9.3", what, get(*lines, **options), 200, LIVES, fields=fields)


def ends(what, *lines, section="9112 9.6", probe=None, **options):
    return Case(section, what, get(*lines, **options), 200, CLOSES, fields=ENDED, probe=probe)


PERSISTENCE = [
    stays("a connection stays without a word"),
    stays("keep-alive changes nothing", "Connection: keep-alive"),
    stays("an empty Connection changes nothing", "Connection:"),
    stays("an option we do not know changes nothing", "Connection: X-Test", "X-Test: 1"),
    stays("a word that contains close is not close", "Connection: closed, unclose"),
    stays("Keep-Alive is not for us", "Keep-Alive: timeout=1, max=1", "Connection: keep-alive"),
    stays("Proxy-Connection is not for us", "Proxy-Connection: close"),
    ends("close ends it", "Connection: close", probe="COMP-CONNECTION-CLOSE"),
    ends("close has no case", "Connection: CLOSE"),
    ends("close in a list", "Connection: X-Test, close"),
    ends("close in a list with empty members", "Connection: , close ,"),
    ends("close after keep-alive", "Connection: keep-alive, close"),
    ends("close before keep-alive", "Connection: close, keep-alive"),
    ends("close in a second line", "Connection: X-Test", "Connection: close"),
    ends("close in the first of two lines", "Connection: close", "Connection: keep-alive"),
    ends("close of a client of HTTP/1.0", "Connection: close", version="HTTP/1.0"),
    ends("close counts more than keep-alive in HTTP/1.0", "Connection: close, keep-alive", version="HTTP/1.0", section="9112 9.3"),
    ends("in either order", "Connection: keep-alive, close", version="HTTP/1.0", section="9112 9.3"),
    ends("in two lines", "Connection: close", "Connection: keep-alive", version="HTTP/1.0", section="9112 9.3"),
    ends("HTTP/1.0 with another option", "Connection: X-Test", version="HTTP/1.0", section="9112 9.3"),
    stays("HTTP/1.0 may ask for more", "Connection: keep-alive", version="HTTP/1.0", fields={"Connection": "keep-alive"}),
    stays("with any case", "Connection: Keep-Alive", version="HTTP/1.0", fields={"Connection": "keep-alive"}),
    stays("in a list", "Connection: X-Test, keep-alive", version="HTTP/1.0", fields={"Connection": "keep-alive"}),
    Case("9112 9.3", "an error of the handler ends nothing", get(target="/nowhere"), 404, LIVES, fields=KEPT),
    Case("9112 9.6", "close with an error ends it", get("Connection: close", target="/nowhere"), 404, CLOSES, fields=ENDED),
    Case("9112 9.6", "close with a body ends it behind the body", sized("Connection: close"), 201, CLOSES, metrics=404),
    refused("9112 9.6", "a refused request ends it, and says so", BAD, fields=ENDED),
]

PIPELINES = [
    Case("9112 9.3.2", "three requests, three answers", get() + get(target="/nowhere") + get(target="/livez"), [200, 404, 200],
         body=b"ok"),
    Case("9112 9.3.2", "HEAD between GETs", get() + req("HEAD", "/health") + get(), [200, 200, 200], heads=(1,)),
    Case("9112 9.3.2", "answers keep the order though the first takes longer", sized() + get() + get(target="/livez"),
         [201, 200, 200], metrics=[404, 200, 200], body=b"ok"),
    Case("9112 9.3.2", "what was asked before an error is answered", get() + get() + BAD, [200, 200, 400], CLOSES),
    Case("9112 9.3.2", "nothing behind an error is", get() + BAD + get(target="/behind"), [200, 400], CLOSES),
    Case("9112 9.6", "nothing behind close is", get() + get("Connection: close") + get(target="/behind"), [200, 200], CLOSES),
    Case("9112 9.3.2", "a write is done before what follows it is read", sized("Idempotency-Key: pipeline-" + FRESH) * 2,
         [201, 201], metrics=[404, 404]),
    Case("9112 9.3.2", "a hundred requests at once", get() * 100, [200] * 100),
    Case("9112 9.3.2", "HTTP/1.0 after HTTP/1.1 ends it", get() + get(version="HTTP/1.0"), [200, 200], CLOSES),
    Case("9112 2.2", "the line end that old clients add behind a body", sized() + b"\r\n" + get(), [201, 200], metrics=[404, 200]),
]

HALVES = [
    Case("9112 9.6", "a client that has said all is answered", get(), 200, CLOSES, half=True),
    Case("9112 9.6", "all it asked for", get() + get(target="/livez"), [200, 200], CLOSES, half=True, body=b"ok"),
    Case("9112 9.6", "also a write", sized(), 201, CLOSES, half=True, metrics=404),
    Case("9112 9.6", "also a search", get(target=f"{PRODUCTS}/search?search=hello"), 200, CLOSES, half=True, metrics=404),
    Case("9112 9.6", "also that it sent nonsense", BAD, 400, CLOSES, half=True),
    Case("9112 9.6", "and then a part of another", get() + b"GET /hea", 200, CLOSES, half=True),
    unanswered("9112 8", "a write whose body is cut is not done", sized()[:-1]),
]

EXPECTATIONS = [
    Case("9110 10.1.1", "a body that is waited for is asked for", [HEAD_ONLY.replace(b"\r\n\r\n", b"\r\n" + CONTINUE.encode() + b"\r\n\r\n"),
         PRODUCT], [100, 201], metrics=[100, 404]),
    Case("9110 10.1.1", "in chunks too", [req("POST", PRODUCTS, "Content-Type: application/json", "Transfer-Encoding: chunked",
         CONTINUE), b"%x\r\n%s\r\n0\r\n\r\n" % (len(PRODUCT), PRODUCT)], [100, 201], metrics=[100, 404]),
    created("9110 10.1.1", "a body that is there is not asked for", sized(CONTINUE), probe="SMUG-EXPECT-100-CL"),
    Case("9110 10.1.1", "nor does what follows it get lost", sized(CONTINUE) + get(), [201, 200], metrics=[404, 200],
         probe="SMUG-EXPECT-100-CL-DESYNC"),
    Case("9110 10.1.1", "no body, nothing to ask for", get(CONTINUE), 200),
    Case("9110 10.1.1", "a length of 0 neither", req("GET", "/health", CONTINUE, "Content-Length: 0"), 200),
    created("9110 10.1.1", "it has no case", sized("Expect: 100-Continue")),
    Case("9110 15.2", "HTTP/1.0 is not asked", req("POST", PRODUCTS, "Content-Type: application/json", CONTINUE,
         f"Content-Length: {len(PRODUCT)}", version="HTTP/1.0", body=PRODUCT), 201, CLOSES, metrics=404, probe="COMP-NO-1XX-HTTP10"),
    Case("9110 10.1.1", "nor held to what it expects", get("Expect: 200-ok", version="HTTP/1.0"), 200, CLOSES),
    refused("9110 10.1.1", "another expectation is not met", get("Expect: 200-ok"), 417, probe="COMP-EXPECT-UNKNOWN"),
    refused("9110 10.1.1", "one of two neither", get("Expect: 100-continue, 200-ok"), 417),
    refused("9110 10.1.1", "too long a body is not asked for", sized(CONTINUE, body=b"").replace(b"Length: 0", b"Length: 999999999"), 413),
]

UPGRADES = [
    stays("h2c is not spoken: Upgrade is ignored", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"),
    Case("9110 7.8", "of a POST too", sized("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
         "Sec-WebSocket-Version: 13"), 201, metrics=404, fields={"Upgrade": None}, probe="COMP-UPGRADE-POST"),
    Case("9110 7.8", "without Connection", get("Upgrade: websocket", "Sec-WebSocket-Version: 13"), 200, probe="COMP-UPGRADE-MISSING-CONN"),
    Case("9110 7.8", "to what nobody knows", get("Connection: Upgrade", "Upgrade: totally-made-up/1.0"), 200,
         probe="COMP-UPGRADE-UNKNOWN"),
    Case("6455 4.4", "to WebSocket of an unknown version", get("Connection: Upgrade", "Upgrade: websocket",
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 99"), 200, probe="COMP-UPGRADE-INVALID-VER"),
    Case("9110 7.8", "of HTTP/1.0", get("Connection: Upgrade", "Upgrade: websocket", version="HTTP/1.0"), 200, CLOSES,
         probe="COMP-UPGRADE-HTTP10"),
    Case("9110 7.8", "to TLS", get("Connection: Upgrade", "Upgrade: TLS/1.3"), 200),
    Case("9110 7.6.1", "an option that names a header of ours does not hide it", get("Connection: Host, X-Request-Id",
         "X-Request-Id: named-1"), 200, fields={"X-Request-Id": "named-1"}),
    Case("9110 7.6.2", "Max-Forwards is for proxies", get("Max-Forwards: 0"), 200),
    Case("9110 7.6.3", "so is Via", get("Via: 1.0 fred, 1.1 p.example.com"), 200, fields={"Via": None}),
    Case("9110 7.6.1", "TE is read by nobody", get("Connection: TE", "TE: trailers, deflate;q=0.5"), 200, fields={"Trailer": None}),
    Case("9110 7.4", "a product is found whatever Host says", get(target=ONE, host="Host: shop.example"), 200, metrics=404),
]

CASES = PERSISTENCE + PIPELINES + HALVES + EXPECTATIONS + UPGRADES
