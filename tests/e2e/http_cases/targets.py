# RFC 9112 section 3.2 and RFC 9110 section 7: the four forms of a target, and Host.
from http_cases.case import LIVES, Case, get, refused, req, sized

GET = "GET"


def host(value):
    return req(GET, "/health", host="Host: " + value)


FORMS = [
    Case("9112 3.2.2", "a whole URL is a target", get(target="http://localhost/health"), 200, body=b"Ok",
         probe="COMP-ABSOLUTE-FORM"),
    Case("9112 3.2.2", "so is one of https", get(target="https://localhost/health"), 200, body=b"Ok"),
    Case("9110 4.2.3", "scheme and host have no case", get(target="HTTP://LOCALHOST/health"), 200),
    Case("9112 3.2.2", "a URL may have a port", get(target="http://localhost:8080/health"), 200),
    Case("9112 3.2.2", "a URL may have an address of IPv6", get(target="http://[::1]:80/health"), 200),
    Case("9112 3.2.2", "a URL may have a query", get(target="http://localhost/health?a=b"), 200),
    Case("9110 4.2.3", "a URL without a path has the path /", get(target="http://localhost"), 200, metrics=404),
    Case("9110 4.2.3", "a URL with a query alone has the path /", get(target="http://localhost?a=b"), 200, metrics=404),
    Case("9112 3.2.2", "the URL's host counts, and Host is ignored", get(target="http://other.example/health"), 200,
         probe="SMUG-ABSOLUTE-URI-HOST-MISMATCH"),
    refused("9112 3.2", "a URL does not make up for a missing Host", get(target="http://localhost/health", host=None)),
    refused("9112 3.2", "nor for two", get("Host: localhost", target="http://localhost/health")),
    refused("9110 4.2.1", "a URL has a host", get(target="http:///health")),
    refused("9110 4.2.1", "a port alone is no host", get(target="http://:80/health")),
    refused("9110 4.2.4", "a URL names no user", get(target="http://user@localhost/health")),
    refused("9110 4.2.4", "nor a password", get(target="http://user:secret@localhost/health")),
    refused("9112 3.2.2", "a URL's port is a number", get(target="http://localhost:abc/health")),
    refused("9112 3.2.2", "a URL's host has no brackets", get(target="http://local[host/health")),
    refused("9110 4.2", "only http and https are served", get(target="ftp://localhost/health")),
    refused("9110 4.2", "a scheme is not empty", get(target="://localhost/health")),
    refused("9112 3.2.2", "a URL has two slashes", get(target="http:/localhost/health")),
    refused("9112 3.2", "a name alone is no target", get(target="health")),
    refused("9112 3.2.3", "a host and a port are for CONNECT", get(target="localhost:443")),
    Case("9112 3.2.1", "two slashes begin a path, not a host", get(target="//localhost/health"), 404),
    Case("9112 3.2.1", "dots in a path are not resolved", get(target="/livez/../health"), 404),
    Case("9112 3.2.1", "nor are escaped ones", get(target="/livez/%2e%2e/health"), 404),
    # What a proxy in front forbids by its path must not be had by another spelling.
    Case("9110 4.2.3", "escaped letters are not undone", get(target="/%68ealth"), 404),
    Case("9110 4.2.3", "a path has its case", get(target="/HEALTH"), 404),
    Case("9112 3.2.1", "a path's last slash counts", get(target="/health/"), 404),
    refused("9112 3.2.4", "an asterisk is for OPTIONS", get(target="*"), probe="COMP-ASTERISK-WITH-GET"),
    refused("9112 3.2.4", "not for HEAD", req("HEAD", "*")),
    refused("9112 3.2.4", "not for POST", sized(target="*")),
    Case("9112 3.2.4", "OPTIONS * asks about the server", req("OPTIONS", "*"), 204, on=("api",),
         fields={"Allow": {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"}, "Content-Length": None}, probe="COMP-OPTIONS-STAR"),
    Case("9112 3.2.4", "OPTIONS * asks about the listener", req("OPTIONS", "*"), 204, on=("metrics",),
         fields={"Allow": {"GET", "HEAD", "OPTIONS"}, "Content-Length": None}),
    refused("9112 3.2.4", "an asterisk stands alone", req("OPTIONS", "*/health")),
    refused("9110 9.3.6", "CONNECT is for proxies", req("CONNECT", "example.com:443", host="Host: example.com:443"), 501,
            probe="COMP-METHOD-CONNECT"),
    refused("9110 9.3.6", "also with a path", req("CONNECT", "/health"), 501),
    refused("9112 3.2", "a target has no fragment", get(target="/health#part"), probe="RFC9112-3.2-FRAGMENT-IN-TARGET"),
    refused("9112 3.2", "nor one in its query", get(target="/health?a#part")),
    refused("9112 3.2", "nor one in a URL", get(target="http://localhost/health#part")),
]

CHARACTERS = [
    refused("9112 3.2", "a target has no NUL", get(target="/\0test"), probe="MAL-NUL-IN-URL"),
    refused("9112 3.2", "a target has no BEL", get(target="/\x07health")),
    refused("9112 3.2", "a target has no DEL", get(target="/health\x7f")),
    refused("9112 3.2", "a target has no ESC", get(target="/health?\x1b[2J")),
    refused("9112 3.2", "a target has no bare CR", get(target="/health\rX: y")),
    refused("9110 4.1", "a path is ASCII", get(target="/caf\xc3\xa9"), probe="MAL-NON-ASCII-URL"),
    refused("9110 4.1", "an overlong slash is no slash", get(target="/\xc0\xaf"), probe="MAL-URL-OVERLONG-UTF8"),
    refused("9110 4.1", "a path has no backslash", get(target="/path\\file"), probe="MAL-URL-BACKSLASH"),
    *(refused("9110 4.1", f"a path has no {c}", get(target=f"/health{c}")) for c in '"<>^`{|}[]'),
    refused("9110 4.1", "an escape has two digits", get(target="/health%")),
    refused("9110 4.1", "of hexadecimal", get(target="/health%zz")),
    refused("9110 4.1", "and no less", get(target="/health%4")),
    Case("9110 4.1", "a path has these without an escape", get(target="/-._~!$&'()*+,;=:@a9"), 404),
    Case("9110 4.1", "an escaped NUL is nothing we have", get(target="/path%00.html"), 404, probe="MAL-URL-PERCENT-NULL"),
    Case("9110 4.1", "an escaped line end breaks no header", get(target="/path%0d%0aX-Injected:%20true"), 404,
         fields={"X-Injected": None}, probe="MAL-URL-PERCENT-CRLF"),
    Case("9110 4.1", "what browsers leave in a query is read", get(target="/health?a=[b]|{c}^`d'"), 200),
    Case("9110 4.1", "so is what people type", get(target="/health?search=K\xc3\xa4se"), 200),
]

GOOD_HOSTS = ["localhost:8443", "LOCALHOST", "example.com", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:8443", "localhost:",
              "a-b_c.example", "xn--ksesorte-0za.example", "a%2db.example", "example.com.", "[v1.fe80::a+en1]"]
BAD_HOSTS = {
    "user@localhost": "COMP-HOST-WITH-USERINFO", "localhost/path": "COMP-HOST-WITH-PATH", "": "COMP-HOST-EMPTY-VALUE",
    "localhost, other.example.com": "SMUG-MULTIPLE-HOST-COMMA", "local host": None, "local\thost": None,
    "localhost?a": None, "localhost#a": None, "local\\host": None, ":80": None, "localhost:abc": None,
    "localhost:80:80": None, "localhost:-1": None, "localhost: 80": None, "[::1": None, "::1": None, "[::1]x": None,
    "[]": None, "[::g]": None, "http://localhost": None, "local<host": None, "local\"host": None, "a%2": None,
    "a%zz": None, "l\xf6calhost": None, "local\0host": None, "local\x0bhost": None,
}

HOSTS = [
    *(Case("9110 7.2", f"Host may be {value}", host(value), 200, LIVES) for value in GOOD_HOSTS),
    *(refused("9112 3.2", f"Host is not {value!r}", host(value), probe=name) for value, name in BAD_HOSTS.items()),
    Case("9110 5.5", "blanks around Host are no part of it", host(" \t localhost \t"), 200),
    refused("9112 3.2", "HTTP/1.1 has a Host", get(host=None), probe="RFC9112-7.1-MISSING-HOST"),
    refused("9112 3.2", "there is one Host", get("Host: other.example.com"), probe="RFC9110-5.4-DUPLICATE-HOST"),
    refused("9112 3.2", "though both say the same", get("Host: localhost"), probe="COMP-DUPLICATE-HOST-SAME"),
    refused("9112 3.2", "wherever the second stands", get("X-Test: 1", "Accept: */*", "hOST: localhost")),
    refused("9112 3.2", "two of HTTP/1.0 are none", get("Host: localhost", version="HTTP/1.0")),
    refused("9112 3.2", "a bad one of HTTP/1.0 is none", get(version="HTTP/1.0", host="Host: a/b")),
    Case("9110 5.1", "Host is a name of a header like others", get(host="hOsT: localhost"), 200),
]

CASES = FORMS + CHARACTERS + HOSTS
