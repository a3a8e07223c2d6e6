# RFC 9110 sections 8, 12 and 14, RFC 9111: representations, what a client accepts, ranges and caches.
from http_cases.case import FRESH, LARGE, ONE, OWN, PRODUCT, PRODUCTS, SHARED, Case, created, get, refused, req, sized

API = ("api",)
PACKED = {"Content-Encoding": "gzip", "Vary": {"Accept-Encoding"}, "ETag": '"1-gzip"'}
PLAIN = {"Content-Encoding": None, "Vary": {"Accept-Encoding"}, "ETag": '"1"'}
N = len(PRODUCT)


def typed(*lines, body=PRODUCT):
    return req("POST", PRODUCTS, *lines, f"Content-Length: {len(body)}", body=body)


def packed(what, *lines, method="GET"):
    return Case("9110 12.5.3", what, req(method, LARGE, *lines), 200, on=API, fields=PACKED)


def plain(what, *lines):
    return Case("9110 12.5.3", what, get(*lines, target=LARGE), 200, on=API, fields=PLAIN, body=b'"name":"Large"')


def whole(what, *lines, section="9110 14.2", probe=None, target="/health"):
    return Case(section, what, get(*lines, target=target), 200, fields={"Content-Range": None}, probe=probe)


TYPES = [
    *(created("9110 8.3.1", f"the type may be {value!r}", typed("Content-Type: " + value)) for value in (
        "application/json", "application/json;charset=utf-8", "application/json; charset=UTF-8", "APPLICATION/JSON",
        'application/json; charset="utf-8"', "application/json ; charset=utf-8", "application/json\t;a=b", "application/json;",
        "application/json; profile=x; charset=utf-8")),
    *(Case("9110 15.5.16", f"the type is not {value!r}", typed("Content-Type: " + value), 415, metrics=404) for value in (
        "text/plain", "application/jsonx", "application", "json", "*/*", "", "application/ json", "text/json", "application/json/x",
        "multipart/form-data; boundary=application/json")),
    Case("9110 15.5.16", "the type is not what nobody knows", typed("Content-Type: application/x-nonsense"), 415, metrics=404,
         probe="COMP-POST-UNSUPPORTED-CT"),
    Case("9110 8.3", "there is a type", typed(), 415, metrics=404),
    refused("9110 5.3", "there are not two", typed("Content-Type: application/json", "Content-Type: text/html"),
            probe="COMP-DUPLICATE-CT"),
    refused("9110 5.3", "not even alike", typed("Content-Type: application/json", "Content-Type: application/json")),
    *(Case("9110 8.4", f"a body is not coded in {value!r}", sized("Content-Encoding: " + value), 415, metrics=404, fields={})
      for value in ("gzip", "deflate", "br", "gzip, identity", "made-up")),
    Case("9110 12.5.3", "415 says which codings would do", sized("Content-Encoding: gzip"), 415, on=API,
         fields={"Accept-Encoding": "identity"}),
    Case("9110 8.4", "nor is the body of a PUT", sized("Content-Encoding: gzip", method="PUT", target=OWN), 415, on=API),
    created("9110 8.4", "identity is no coding", sized("Content-Encoding: identity")),
    created("9110 8.4", "nor is an empty one", sized("Content-Encoding:")),
    created("9110 8.5", "a language of the body is for others", sized("Content-Language: de")),
    created("9110 8.7", "so is where it is from", sized("Content-Location: /elsewhere")),
    Case("9110 14.5", "a part of a product cannot be put", sized(f"Content-Range: bytes 0-{N - 1}/{N}", method="PUT", target=OWN),
         400, on=API),
]

CODINGS = [
    packed("a large product for who takes gzip", "Accept-Encoding: gzip"),
    packed("or x-gzip, its other name", "Accept-Encoding: x-gzip"),
    packed("or GZIP", "Accept-Encoding: GZIP"),
    packed("or all", "Accept-Encoding: *"),
    packed("or it among others", "Accept-Encoding: deflate, gzip;q=1.0, *;q=0.5"),
    packed("or it a little", "Accept-Encoding: gzip;q=0.001"),
    packed("or anything but identity", "Accept-Encoding: gzip, identity;q=0"),
    packed("in two lines", "Accept-Encoding: br", "Accept-Encoding: gzip"),
    packed("in two lines in the other order", "Accept-Encoding: gzip", "Accept-Encoding: br"),
    packed("HEAD has the same header", "Accept-Encoding: gzip", method="HEAD"),
    plain("nobody asked"),
    plain("an empty list", "Accept-Encoding:"),
    plain("identity alone", "Accept-Encoding: identity"),
    plain("others alone", "Accept-Encoding: br, zstd, deflate"),
    plain("not gzip", "Accept-Encoding: gzip;q=0"),
    plain("not gzip, all others", "Accept-Encoding: *, gzip;q=0.000"),
    plain("nothing", "Accept-Encoding: *;q=0"),
    plain("identity rather", "Accept-Encoding: identity;q=1, gzip;q=0.5"),
    plain("a weight that is none", "Accept-Encoding: gzip;q=high"),
    plain("a word that contains it", "Accept-Encoding: notgzip, gzipped"),
    Case("9110 12.5.3", "a small body goes as it is", get("Accept-Encoding: gzip"), 200, fields={"Content-Encoding": None}),
    Case("9110 12.5.3", "also for who takes nothing", get("Accept-Encoding: identity;q=0"), 200),
    Case("9110 8.8.3.3", "a compressed product has its own tag", get("Accept-Encoding: gzip", 'If-None-Match: "1-gzip"', target=LARGE),
         304, on=API, fields={"ETag": '"1-gzip"'}),
]

ACCEPTED = [
    Case("9110 12.5.1", "there is one representation, whatever is accepted", get("Accept: application/x-nonsense"), 200,
         probe="COMP-ACCEPT-NONSENSE"),
    Case("9110 12.5.1", "also of a product", get("Accept: text/html", target=ONE), 200, metrics=404, on=API,
         fields={"Content-Type": "application/json; charset=UTF-8"}),
    Case("9110 12.5.1", "nonsense is read over", get("Accept: ;;;q=,/"), 200),
    Case("9110 12.5.2", "so is a charset", get("Accept-Charset: latin1"), 200),
    Case("9110 12.5.4", "so is a language", get("Accept-Language: de;q=0.5, *"), 200, fields={"Content-Language": None}),
    Case("9110 12.5.5", "the format of metrics depends on Accept", get("Accept: text/plain", target="/metrics"), 200,
         fields={"Vary": {"Accept-Encoding", "Accept"}}),
    Case("9110 12.5.5", "what an error depends on is told too", get(target="/nowhere"), 404, fields={"Vary": {"Accept-Encoding"}}),
    Case("9110 11.6.2", "credentials change nothing", get("Authorization: Basic dXNlcjpwYXNz"), 200, fields={"WWW-Authenticate": None}),
    Case("9110 10.1.2", "nor does who asks", get("From: me@example.com", "Referer: http://x/", "User-Agent: (((", target="/livez"), 200),
]

RANGES = [
    whole("ranges are not served", "Range: bytes=0-0"),
    whole("nor several", "Range: bytes=0-0,1-1"),
    whole("nor from the end", "Range: bytes=-1"),
    whole("nor beyond it", "Range: bytes=1000-"),
    whole("what is none is ignored", "Range: bytes=abc-xyz", probe="COMP-RANGE-INVALID"),
    whole("another unit too", "Range: lines=1-2"),
    whole("a thousand that overlap", "Range: bytes=" + ",".join(["0-"] * 1000), probe="MAL-RANGE-OVERLAPPING"),
    whole("If-Range changes nothing", "Range: bytes=0-0", 'If-Range: "1"', section="9110 13.1.5"),
    Case("9110 14.2", "Range means nothing to POST", sized("Range: bytes=0-10"), 201, metrics=404, probe="COMP-RANGE-POST"),
    Case("9110 14.3", "nobody is told that ranges are", get(target=ONE), 200, on=API, fields={"Accept-Ranges": None}),
]

CACHES = [
    Case("9111 5.2.1.4", "no-cache is answered", get("Cache-Control: no-cache", target=ONE), 200, on=API, body=SHARED.encode()),
    Case("9111 5.2", "directives have no case", get("Cache-Control: No-Cache", target=ONE), 200, on=API),
    Case("9111 5.2", "what we do not know is ignored", get("Cache-Control: made-up=1, max-age=0", target=ONE), 200, on=API),
    *(
        Case("9111 4.2.2", f"no cache guesses how long {what} is true", sent, want, on=on, fields={"Cache-Control": "no-cache"})
        for what, sent, want, on in (
            ("a product", get(target=ONE), 200, API),
            ("a search", get(target=PRODUCTS + "/search"), 200, API),
            ("health", get(), 200, ("api", "metrics")),
            ("an unknown path", get(target="/nowhere"), 404, ("api", "metrics")),
            ("an unchanged product", get('If-None-Match: "1"', target=ONE), 304, API),
            ("an unknown method", req("FOOBAR", "/health"), 501, ("api", "metrics")),
        )
    ),
    Case("9111 5.4", "Pragma is old", get("Pragma: no-cache"), 200),
    Case("9111 5.1", "an answer made for this request has no age", get(target=ONE), 200, on=API, fields={"Age": None}),
    Case("9111 5.2.1.4", "no-cache sees one's own write", sized(method="PUT", target=OWN) + get("Cache-Control: no-cache", target=OWN),
         [200, 200], on=API, fields={"ETag": '"2"'}, body=FRESH.encode()),
    Case("9111 4.4", "so does a plain GET", sized(method="PUT", target=OWN) + get(target=OWN), [200, 200], on=API, fields={"ETag": '"2"'}),
]

CASES = TYPES + CODINGS + ACCEPTED + RANGES + CACHES
