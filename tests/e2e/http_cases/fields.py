# RFC 9112 section 5 and RFC 9110 section 5: header lines.
from http_cases.case import Case, get, refused, req, sized, created


def line(value):
    """A request with this header line."""
    return get(value)


def ids(section, what, value, sent_back):
    """A request id is the one value that comes back."""
    return Case(section, what, line(value), 200, fields={"X-Request-Id": sent_back})


NAMES = [
    refused("9112 5.1", "no space stands before the colon", line("X-Test : value"), probe="RFC9110-5.6.2-SP-BEFORE-COLON"),
    refused("9112 5.1", "no tab stands before the colon", line("X-Test\t: value")),
    refused("9112 5.1", "not even in a header nobody reads", line("X-Unknown : 1")),
    refused("9112 5", "a name is not empty", line(": empty-name"), probe="RFC9112-5-EMPTY-HEADER-NAME"),
    refused("9112 5", "a line has a colon", line("NoColonHere"), probe="RFC9112-5-HEADER-NO-COLON"),
    refused("9112 5", "a name has no bracket", line("Bad[Name: value"), probe="RFC9112-5-INVALID-HEADER-NAME"),
    *(refused("9110 5.1", f"a name has no {c!r}", line(f"Bad{c}Name: value")) for c in '(),/;<=>?@\\{}"\x7f\0\x0b'),
    refused("9110 5.1", "a name has no blank", line("Bad Name: value")),
    refused("9110 5.1", "a name has no tab", line("Bad\tName: value")),
    refused("9110 5.1", "a name is ASCII", line("X-T\xc3\xabst: value"), probe="MAL-NON-ASCII-HEADER-NAME"),
    Case("9110 5.1", "a name has each character of a token", line("X!#$%&'*+-.^_`|~9: value"), 200),
    Case("9110 5.1", "a name has no case", req("GET", "/health", "X-REQUEST-ID: mixed-1", host="HOST: localhost"), 200,
         fields={"X-Request-Id": "mixed-1"}),
    refused("9110 2.3", "a line of a shell is no header", line("() { :; }: echo")),
    Case("9112 5", "a name of 100,000 bytes is within the limit", line("A" * 100_000 + ": val"), 200,
         probe="MAL-LONG-HEADER-NAME"),
]

VALUES = [
    ids("9110 5.5", "a value needs no blank before it", "X-Request-Id:tight-1", "tight-1"),
    ids("9110 5.5", "blanks around a value are no part of it", "X-Request-Id: \t loose-1 \t ", "loose-1"),
    ids("9110 5.3", "of two the first is the id", "X-Request-Id: first-1\r\nX-Request-Id: second-1", "first-1"),
    Case("9110 5.5", "a value may be empty", line("X-Test:"), 200),
    Case("9110 5.5", "a value may be blanks", line("X-Test:   \t"), 200),
    Case("9110 5.5", "a value may have colons", line("X-Test: a:b::c"), 200),
    Case("9110 5.5", "a value may have a tab", line("X-Test: a\tb"), 200),
    Case("9110 5.5", "a value may have bytes above ASCII", line("X-Test: caf\xe9 \xc3\xa9 \xff"), 200),
    refused("9110 5.5", "a value has no NUL", line("X-Test: val\0ue"), probe="MAL-NUL-IN-HEADER-VALUE"),
    refused("9110 5.5", "a value has no controls", line("X-Test: abc\x07\x08\x0bdef"), probe="MAL-CONTROL-CHARS-HEADER"),
    refused("9110 5.5", "a value has no DEL", line("X-Test: a\x7fb")),
    refused("9110 5.5", "a value has no ESC", line("X-Test: \x1b[31m")),
    refused("9112 2.2", "a value has no bare CR", sized("X-Test: val\rue"), probe="SMUG-BARE-CR-HEADER-VALUE"),
    refused("9112 2.2", "nor one at its end", line("X-Test: value\r")),
    refused("9112 2.2", "a value has no bare LF", line("X-Test: val\nue")),
    refused("9112 2.2", "not even before a blank", line("X-Test: val\n ue")),
    Case("9110 5.4", "a value of 100,000 bytes is within the limit", line("X-Big: " + "B" * 100_000), 200,
         probe="MAL-LONG-HEADER-VALUE"),
    refused("6585 5", "a value above the limit is 431", line("X-Big: " + "B" * 1_048_600), 431),
    Case("9110 5.4", "900 header lines are within the limit", get(*[f"X-{i}: y" for i in range(900)]), 200),
    refused("6585 5", "1,001 are not", get(*[f"X-{i}: y" for i in range(1001)]), 431),
    refused("6585 5", "nor are 10,000", get(*[f"X-H-{i}: value" for i in range(10_000)]), 431, probe="MAL-MANY-HEADERS"),
]

FOLDS = [
    refused("9112 5.2", "a value is not folded with a space", line("X-Test: value\r\n continued"),
            probe="RFC9112-5.1-OBS-FOLD"),
    refused("9112 5.2", "a value is not folded with a tab", line("X-Test: value\r\n\tcontinued")),
    refused("9112 5.2", "a value does not begin on the next line", line("X-Test:\r\n continued")),
    refused("9112 5.2", "an empty fold is a fold", line("X-Test: value\r\n ")),
    refused("9112 5.2", "the last header is not folded", line("X-Test: value\r\n \r\n \r\n x")),
    refused("9112 5.2", "Host is not folded", get(host="Host: local\r\n host")),
]

COOKIES = [
    Case("6265 5.4", "a cookie is for others", line("Cookie: foo=bar"), 200, probe="COOK-ECHO"),
    Case("6265 5.4", "wherever it is sent", get("Cookie: foo=bar", target="/livez"), 200, probe="COOK-PARSED-BASIC"),
    Case("6265 5.4", "of 64 KiB too", line("Cookie: big=" + "A" * 65_536), 200, probe="COOK-OVERSIZED"),
    Case("6265 5.4", "or empty", line("Cookie: "), 200, probe="COOK-EMPTY"),
    refused("6265 5.4", "but not with NUL", line("Cookie: foo=\0bar"), probe="COOK-NUL"),
    refused("6265 5.4", "nor with controls", line("Cookie: foo=\x01\x02\x03"), probe="COOK-CONTROL-CHARS"),
    Case("6265 5.4", "a thousand pairs", line("Cookie: " + "; ".join(f"k{i}=v{i}" for i in range(1000))), 200,
         probe="COOK-MANY-PAIRS"),
    Case("6265 5.4", "no pair at all", line("Cookie: ===;;;"), 200, probe="COOK-MALFORMED"),
    Case("6265 5.4", "in two lines", get("Cookie: a=1", "Cookie: b=2"), 200, probe="COOK-MULTI-HEADER"),
    Case("6265 5.4", "three pairs", line("Cookie: a=1; b=2; c=3"), 200, probe="COOK-PARSED-MULTI"),
    Case("6265 5.4", "a pair without a value", line("Cookie: foo="), 200, probe="COOK-PARSED-EMPTY-VAL"),
    Case("6265 5.4", "values with blanks and signs", line("Cookie: a=hello world; b=x=y"), 200, probe="COOK-PARSED-SPECIAL"),
]

ALMOST = [
    created("9110 5.1", "an underscore makes another name: Content_Length", sized("Content_Length: 99"),
            probe="NORM-UNDERSCORE-CL"),
    created("9110 5.1", "an underscore makes another name: Transfer_Encoding", sized("Transfer_Encoding: chunked"),
            probe="NORM-UNDERSCORE-TE"),
    refused("9112 5.1", "a blank does not make another Content-Length", sized("Content-Length : 5"),
            probe="NORM-SP-BEFORE-COLON-CL"),
    refused("9110 5.1", "a tab does not make another name", sized("Content\tLength: 99"), probe="NORM-TAB-IN-NAME"),
    refused("9110 5.1", "capitals do not make another name", sized("TRANSFER-ENCODING: chunked"), probe="NORM-CASE-TE"),
]

CASES = NAMES + VALUES + FOLDS + COOKIES + ALMOST
