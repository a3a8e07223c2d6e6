# RFC 9112 sections 2 and 3: lines, versions, methods and targets.
from http_cases.case import CLOSES, PRODUCTS, Case, get, refused, req, unanswered

LOCAL = "Host: localhost"

ENDS_OF_LINES = [
    Case("9112 2.1", "a plain request is answered", get(), 200, body=b"Ok", probe="COMP-BASELINE"),
    Case("9112 2.2", "two empty lines before the request are ignored", b"\r\n\r\n" + get(), 200, probe="COMP-LEADING-CRLF"),
    Case("9112 2.2", "one empty line before the request is ignored", b"\r\n" + get(), 200),
    Case("9112 2.2", "empty lines between requests are ignored", get() + b"\r\n\r\n" + get(), [200, 200]),
    refused("9112 2.2", "a flood of empty lines is no request", b"\r\n" * 64 + get()),
    refused("9112 2.2", "an empty line is CR LF, not LF", b"\n\n" + get()),
    refused("9112 2.2", "a request line ends with CR LF, not LF", b"GET /health HTTP/1.1\nHost: localhost\r\n\r\n",
            probe="RFC9112-2.2-BARE-LF-REQUEST-LINE"),
    refused("9112 2.2", "a header line ends with CR LF, not LF", b"GET /health HTTP/1.1\r\nHost: localhost\nX-Test: value\r\n\r\n",
            probe="RFC9112-2.2-BARE-LF-HEADER"),
    refused("9112 2.2", "the header ends with CR LF, not LF", b"GET /health HTTP/1.1\r\nHost: localhost\r\n\n"),
    refused("9112 2.2", "a whole request with LF alone is none", b"GET /health HTTP/1.1\nHost: localhost\n\n"),
    refused("9112 2.2", "a request line does not end with CR alone", b"GET /health HTTP/1.1\rHost: localhost\r\n\r\n",
            probe="RFC9112-3-CR-ONLY-LINE-ENDING"),
    refused("9112 2.2", "a header line does not end with CR alone", b"GET /health HTTP/1.1\r\nHost: localhost\rX-Test: 1\r\n\r\n"),
    refused("9112 2.2", "a line does not end with CR CR LF", b"GET /health HTTP/1.1\r\r\nHost: localhost\r\n\r\n"),
    refused("9112 2.2", "nothing but blanks stands on no line of its own", b" \r\n\r\n", probe="MAL-WHITESPACE-ONLY-LINE"),
    refused("9112 2.2", "no blank line stands between request line and header", req("GET", "/health", LOCAL, host=" "),
            probe="COMP-WHITESPACE-BEFORE-HEADERS"),
    refused("9112 2.2", "no blank begins the first header line", req("GET", "/health", host=" Host: localhost")),
    refused("9112 2.2", "no tab begins the first header line", req("GET", "/health", LOCAL, host="\tX-Test: 1")),
    refused("9112 2.2", "noise is no request", bytes(range(128, 256)) * 2 + b"\r\n\r\n", probe="MAL-BINARY-GARBAGE"),
    unanswered("9112 8", "a request of which a line is missing", b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Test: value",
               probe="MAL-INCOMPLETE-REQUEST"),
    unanswered("9112 8", "a client that says nothing", b"", probe="MAL-EMPTY-REQUEST"),
    unanswered("9112 8", "half a request line", b"GET /hea"),
    unanswered("9112 8", "a request without its empty line", b"GET /health HTTP/1.1\r\nHost: localhost\r\n"),
]

VERSIONS = [
    Case("9112 2.3", "HTTP/1.0 is answered, and its connection ends", get(version="HTTP/1.0"), 200, CLOSES,
         probe="COMP-HTTP10-DEFAULT-CLOSE"),
    Case("9112 3.2", "HTTP/1.0 needs no Host", get(version="HTTP/1.0", host=None), 200, CLOSES, probe="COMP-HTTP10-NO-HOST"),
    refused("9110 2.5", "HTTP/1.2 does not exist", get(version="HTTP/1.2"), 505, probe="COMP-HTTP12-VERSION"),
    refused("9110 15.6.6", "HTTP/2.0 is not spoken in lines", get(version="HTTP/2.0"), 505),
    refused("9110 15.6.6", "HTTP/3.0 is not spoken in lines", get(version="HTTP/3.0"), 505),
    refused("9110 15.6.6", "HTTP/0.9 has no version", get(version="HTTP/0.9"), 505),
    refused("9110 15.6.6", "HTTP/9.9 is unknown", get(version="HTTP/9.9"), 505, probe="RFC9112-2.3-INVALID-VERSION"),
    refused("9113 3.4", "the preface of HTTP/2 is a version we do not speak here", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505,
            probe="MAL-H2-PREFACE"),
    refused("9112 2.3", "a request line has a version", b"GET /health\r\n\r\n", probe="RFC9112-2.3-HTTP09-REQUEST"),
    refused("9112 2.3", "a version has a minor part", get(version="HTTP/1"), probe="COMP-VERSION-MISSING-MINOR"),
    refused("9112 2.3", "a version has a digit behind its dot", get(version="HTTP/1.")),
    refused("9112 2.3", "a version has one digit on each side", get(version="HTTP/01.01"), probe="COMP-VERSION-LEADING-ZEROS"),
    refused("9112 2.3", "a version has one digit behind its dot", get(version="HTTP/1.10")),
    refused("9112 2.3", "a version has two parts", get(version="HTTP/1.1.1")),
    refused("9112 2.3", "a version has no blank in it", get(version="HTTP/ 1.1"), probe="COMP-VERSION-WHITESPACE"),
    refused("9112 2.3", "the name of the protocol is in capitals", get(version="http/1.1"), probe="COMP-VERSION-CASE"),
    refused("9112 2.3", "another protocol is none of ours", get(version="ICAP/1.1")),
    refused("9112 2.3", "the version is no word", get(version="nonsense")),
    refused("9112 2.3", "a version is separated by a dot", get(version="HTTP/1,1")),
    refused("9112 2.3", "a version is not negative", get(version="HTTP/-1.1")),
]

SPACES = [
    refused("9112 3", "one space separates method and target", b"GET  /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
            probe="RFC9112-3-MULTI-SP-REQUEST-LINE"),
    refused("9112 3", "one space separates target and version", b"GET /health  HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    refused("9112 3", "nothing follows the version", b"GET /health HTTP/1.1 \r\nHost: localhost\r\n\r\n"),
    refused("9112 3", "nothing precedes the method", b" GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    refused("9112 3", "no tab separates method and target", b"GET\t/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
            probe="COMP-REQUEST-LINE-TAB"),
    refused("9112 3", "no tab separates target and version", b"GET /health\tHTTP/1.1\r\nHost: localhost\r\n\r\n"),
    refused("9112 3", "no form feed separates", b"GET\x0c/health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    refused("9112 3.2", "a target has no blank in it", get(target="/pa th"), probe="COMP-SPACE-IN-TARGET"),
    refused("9112 3", "there is a target", b"GET HTTP/1.1\r\nHost: localhost\r\n\r\n", probe="RFC9112-3-MISSING-TARGET"),
    refused("9112 3", "a target is not empty", b"GET  HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    refused("9112 3", "a request line is more than a method", b"GET\r\n\r\n"),
]

METHODS = [
    Case("9110 9.1", "a method is read with its case", req("get"), 501, probe="COMP-METHOD-CASE"),
    Case("9110 9.1", "an unknown method is not implemented", req("FOOBAR"), 501, probe="COMP-UNKNOWN-METHOD"),
    Case("9110 9.1", "nor is it where nothing is", req("FOOBAR", "/nowhere"), 501),
    Case("9110 9.1", "a method may have each character of a token", req("M!#$%&'*+-.^_`|~9"), 501),
    refused("9112 3", "a method longer than any is not implemented", req("A" * 40), 501),
    refused("9112 3", "nor is one of 100,000 bytes", req("A" * 100_000), 501, probe="MAL-LONG-METHOD"),
    refused("9112 3.1", "a method has no brackets", req("GE[T")),
    refused("9112 3.1", "a method has no NUL", req("G\0T")),
    refused("9112 3.1", "a method is ASCII", req("G\xc9T")),
    refused("9112 3.1", "a method has no colon", req("GET:")),
    refused("9112 3.1", "a method is not empty", b" /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
]

LONG = [
    Case("9112 3", "a request line of 8,000 bytes is read", get(target="/health?" + "a" * 7_950), 200),
    Case("9112 3", "a path of 8,000 bytes is read", get(target="/" + "a" * 7_900), 404, probe="COMP-LONG-URL-OK"),
    Case("9112 3", "a target of 100,000 bytes is within the header's limit", get(target="/" + "A" * 100_000), 404,
         probe="MAL-LONG-URL"),
    refused("9110 15.5.15", "a target above the header's limit is 414", get(target="/" + "a" * 1_048_600), 414),
    Case("9112 3.2", "a query may be empty", get(target="/health?"), 200),
    Case("9112 3.2", "a query may have question marks", get(target="/health?a=?&b=/"), 200),
    Case("9112 3.2", "a search is read with its escapes", get(target=f"{PRODUCTS}/search?search=zqx%20wvj&size=1"), 200,
         body=b'"totalCount":0', metrics=404),
]

CASES = ENDS_OF_LINES + VERSIONS + SPACES + METHODS + LONG
