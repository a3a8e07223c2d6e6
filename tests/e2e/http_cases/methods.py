# RFC 9110 sections 6.6, 9 and 15: methods, and what every answer has.
import re

from http_cases.case import CLOSES, ONE, OWN, PRODUCTS, UNKNOWN, Case, get, refused, req, sized

SEARCH = f"{PRODUCTS}/search"
PROBLEM = {"Content-Type": "application/problem+json"}
IMF_DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
                      r"\d\d:\d\d:\d\d GMT")


def head(target, want, metrics=None, fields=None, **options):
    return Case("9110 9.3.2", f"HEAD of {target} is GET's header alone", req("HEAD", target), want, metrics=metrics,
                fields=fields or {}, **options)


def wrong(method, target, allowed, metrics=405, **options):
    lines = [] if method in ("GET", "HEAD", "DELETE") else ["Content-Length: 0"]
    return Case("9110 15.5.6", f"{method} of {target} is not allowed", req(method, target, *lines), 405, metrics=metrics,
                fields={"Allow": allowed, **PROBLEM} if metrics == 405 else {"Allow": allowed}, **options)


def options(target, allowed, metrics=204, **more):
    return Case("9110 9.3.7", f"OPTIONS of {target} names its methods", req("OPTIONS", target), 204, metrics=metrics,
                fields={"Allow": allowed, "Content-Length": None}, **more)


OF_ALL, OF_ONE, OF_READ = {"POST", "OPTIONS"}, {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}, {"GET", "HEAD", "OPTIONS"}

METHODS = [
    head("/health", 200, fields={"Content-Length": "2"}, probe="COMP-HEAD-NO-BODY"),
    head("/livez", 200, fields={"Content-Length": "3"}),
    head(ONE, 200, metrics=404, on=("api",), fields={"ETag": '"1"', "Content-Length": re.compile(r"\d\d\d")}),
    head("/nowhere", 404, fields=PROBLEM),
    head(UNKNOWN, 404, fields=PROBLEM),
    head(PRODUCTS, 405, metrics=404),
    head("/metrics", 200),
    options("/health", OF_READ, probe="COMP-OPTIONS-ALLOW"),
    options("/metrics", OF_READ, probe="COMP-NO-CL-IN-204"),
    options(SEARCH, OF_READ, metrics=404, on=("api",)),
    options(PRODUCTS, OF_ALL, metrics=404, on=("api",)),
    options(ONE, OF_ONE, metrics=404, on=("api",)),
    options(UNKNOWN, OF_ONE, metrics=404, on=("api",)),
    Case("9110 9.3.7", "OPTIONS of nothing is 404", req("OPTIONS", "/nowhere"), 404, fields={"Allow": None}),
    Case("9110 7.6.2", "OPTIONS may go no further", req("OPTIONS", "/health", "Max-Forwards: 0"), 204),
    wrong("DELETE", "/health", OF_READ, probe="COMP-405-ALLOW"),
    wrong("POST", "/health", OF_READ),
    wrong("PUT", "/metrics", OF_READ),
    wrong("PATCH", "/livez", OF_READ),
    wrong("GET", PRODUCTS, OF_ALL, on=("api",)),
    wrong("DELETE", PRODUCTS, OF_ALL, on=("api",)),
    wrong("POST", ONE, OF_ONE, on=("api",)),
    wrong("PATCH", ONE, OF_ONE, on=("api",)),
    wrong("POST", SEARCH, OF_READ, on=("api",)),
    Case("9110 9.3.8", "TRACE is not implemented", req("TRACE", "/health"), 501, probe="COMP-METHOD-TRACE"),
    Case("9110 9.3.8", "and shows nobody's secrets", req("TRACE", "/health", "Authorization: Bearer secret-token-123"), 501,
         probe="COMP-TRACE-SENSITIVE"),
    Case("9110 9.3.8", "whatever its body", req("TRACE", "/health", "Content-Length: 5", body=b"hello"), 501,
         probe="COMP-TRACE-WITH-BODY"),
    Case("9110 9.3.8", "and however far it may go", req("TRACE", "/health", "Max-Forwards: 0"), 501),
    *(Case("9110 9.1", f"{name} is not implemented", req(name, "/health"), 501) for name in
      ("PROPFIND", "LINK", "PURGE", "M-SEARCH", "QUERY")),
    Case("9110 9.2.1", "a method cannot be overridden", get("X-HTTP-Method-Override: DELETE", target=ONE), 200, metrics=404),
]

ANSWERS = [
    Case("9110 6.6.1", "an answer has its date", get(), 200, fields={"Date": IMF_DATE}, probe="COMP-DATE-HEADER"),
    Case("9110 5.6.7", "in the one format", get(target="/livez"), 200, fields={"Date": IMF_DATE}, probe="COMP-DATE-FORMAT"),
    Case("9110 6.6.1", "so has an error", get(target="/nowhere"), 404, fields={"Date": IMF_DATE}),
    refused("9110 6.6.1", "so has a refusal", get(host=None), fields={"Date": IMF_DATE, **PROBLEM}),
    Case("9110 6.6.1", "so has an answer without a body", req("OPTIONS", "/health"), 204, fields={"Date": IMF_DATE}),
    Case("9110 8.3", "a body has its type", get(), 200, fields={"Content-Type": "text/plain; charset=UTF-8"},
         probe="COMP-CONTENT-TYPE"),
    Case("9110 8.3", "a product too", get(target=ONE), 200, metrics=404, on=("api",),
         fields={"Content-Type": "application/json; charset=UTF-8"}),
    Case("9110 8.3", "no body, no type", req("OPTIONS", "/health"), 204, fields={"Content-Type": None}),
    Case("9110 8.6", "204 has no length", req("DELETE", OWN), 204, on=("api",), fields={"Content-Length": None, "Transfer-Encoding": None}),
    Case("9110 15.3.2", "201 says where", sized(), 201, on=("api",), fields={"Location": re.compile(PRODUCTS + "/[0-9a-f]{24}"),
         "ETag": '"1"'}),
    Case("9110 9.3.4", "PUT of a product", sized(method="PUT", target=OWN), 200, on=("api",), fields={"ETag": '"2"'}),
    Case("9110 9.2.2", "DELETE twice is 204 and 404", req("DELETE", OWN) * 2, [204, 404], on=("api",)),
    Case("9110 9.2.2", "PUT twice is the same product", sized(method="PUT", target=OWN) * 2, [200, 200], on=("api",),
         body=b'"name":"Hello"'),
    Case("9110 15.5.14", "413 ends the connection", req("POST", PRODUCTS, "Content-Length: 3000000"), 413, CLOSES,
         fields={"Connection": "close", **PROBLEM}),
    Case("9110 10.2.4", "an answer says who made it", get(), 200, fields={"Server": "productd"}),
    Case("9110 15.6.2", "501 says why", req("FOOBAR"), 501, fields=PROBLEM),
    refused("9110 15.6.6", "505 says why", get(version="HTTP/2.0"), 505, fields=PROBLEM, body=b"HTTP/1.1"),
    Case("9110 9.3.1", "a HEAD of HTTP/1.0 has no body either", req("HEAD", "/health", version="HTTP/1.0"), 200, CLOSES),
    Case("9112 6.3", "nothing answers HTTP/1.0 in chunks", get(version="HTTP/1.0", target=ONE), 200, CLOSES, metrics=404,
         fields={"Transfer-Encoding": None}),
]

CASES = METHODS + ANSWERS
