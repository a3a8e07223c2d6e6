# The score of Http11Probe (http-probe.com), a public comparison of servers, over those cases that carry one of its names.
# Its rules as of August 2026, when it had 213 cases and scored 159 of them. It asks for / and for a page that echoes; here
# /health and the making of a product stand for these, and the deletion of a product for a POST without a body.

# Told, but not scored.
UNSCORED = set(
    """
    COMP-ABSOLUTE-FORM COMP-GET-WITH-CL-BODY COMP-METHOD-TRACE COMP-HTTP10-NO-HOST COMP-HTTP12-VERSION COMP-TRACE-WITH-BODY
    COMP-DATE-FORMAT COMP-TRACE-SENSITIVE COMP-RANGE-INVALID COMP-ACCEPT-NONSENSE COMP-POST-UNSUPPORTED-CT
    SMUG-TRANSFER_ENCODING SMUG-CL-COMMA-SAME SMUG-CL-COMMA-TRIPLE SMUG-CHUNKED-WITH-PARAMS SMUG-EXPECT-100-CL
    SMUG-TRAILER-CL SMUG-TRAILER-TE SMUG-TRAILER-HOST SMUG-TRAILER-AUTH SMUG-HEAD-CL-BODY SMUG-OPTIONS-CL-BODY
    SMUG-TE-TAB-BEFORE-VALUE SMUG-ABSOLUTE-URI-HOST-MISMATCH SMUG-TRAILER-CONTENT-TYPE SMUG-GET-CL-PREFIX-DESYNC
    SMUG-CL0-BODY-POISON SMUG-GET-CL-BODY-DESYNC SMUG-OPTIONS-CL-BODY-DESYNC SMUG-EXPECT-100-CL-DESYNC SMUG-PIPELINE-SAFE
    MAL-RANGE-OVERLAPPING NORM-CASE-TE
    """.split()
)
UNSCORED_KINDS = ("COOK-", "CAP-")
# Scored in February 2026, gone by August.
GONE = {"COMP-405-ALLOW", "COMP-NO-CL-IN-204"}

# What passes and what only warns, where it is not that 400, or the end of the connection, passes and all else fails.
# `ok` is any 2xx that is as our own case wants it.
REFUSED, LENIENT = (("400",), ()), (("400",), ("ok",))
RULES = {
    LENIENT: """
        RFC9112-2.2-BARE-LF-REQUEST-LINE RFC9112-2.2-BARE-LF-HEADER RFC9112-3-MULTI-SP-REQUEST-LINE COMP-LEADING-CRLF
        COMP-REQUEST-LINE-TAB COMP-DUPLICATE-CT SMUG-CL-TE-BOTH SMUG-CL-LEADING-ZEROS SMUG-CL-TRAILING-SPACE
        SMUG-TE-DOUBLE-CHUNKED SMUG-CL-EXTRA-LEADING-SP SMUG-TE-CASE-MISMATCH SMUG-TE-LEADING-COMMA SMUG-CHUNK-EXT-LF
        SMUG-CHUNK-LF-TERM SMUG-CHUNK-LF-TRAILER SMUG-CL-DOUBLE-ZERO SMUG-CL-LEADING-ZEROS-OCTAL SMUG-TE-TRAILING-COMMA
        MAL-CL-TAB-BEFORE-VALUE SMUG-CLTE-PIPELINE SMUG-TECL-PIPELINE""",
    (("400", "431"), ("ok",)): "MAL-CHUNK-EXT-64K",
    (("400",), ("ok", "404")): "RFC9112-3.2-FRAGMENT-IN-TARGET MAL-URL-BACKSLASH MAL-URL-PERCENT-NULL MAL-URL-PERCENT-CRLF",
    (("400", "405", "501"), ("ok",)): "COMP-METHOD-CASE COMP-UNKNOWN-METHOD",
    (("400", "405", "501"), ()): "COMP-METHOD-CONNECT",
    (("400", "501"), ()): "COMP-UNKNOWN-TE-501 SMUG-TE-XCHUNKED SMUG-TE-TRAILING-SPACE SMUG-TE-IDENTITY",
    (("400", "505"), ()): "RFC9112-2.3-INVALID-VERSION MAL-H2-PREFACE",
    (("400", "431"), ()): "MAL-LONG-HEADER-VALUE MAL-MANY-HEADERS MAL-LONG-HEADER-NAME",
    (("400", "414", "431"), ()): "MAL-LONG-URL",
    (("400", "413"), ()): "MAL-POST-CL-HUGE-NO-BODY",
    (("417",), ("ok",)): "COMP-EXPECT-UNKNOWN",
    (("ok",), ("400",)): "COMP-CHUNKED-EXTENSION",
    (("ok", "400"), ()): "NORM-UNDERSCORE-CL NORM-UNDERSCORE-TE COMP-UPGRADE-POST COMP-UPGRADE-MISSING-CONN "
    "COMP-UPGRADE-UNKNOWN COMP-UPGRADE-HTTP10 COMP-NO-1XX-HTTP10",
    (("426", "400"), ("ok",)): "COMP-UPGRADE-INVALID-VER",
    (("ok", "404"), ()): "COMP-LONG-URL-OK",
    (("ok", "405"), ()): "COMP-OPTIONS-STAR COMP-OPTIONS-ALLOW",
    (("ok",), ()): """
        COMP-BASELINE COMP-POST-CL-BODY COMP-POST-CL-ZERO COMP-POST-NO-CL-NO-TE COMP-CHUNKED-BODY COMP-CHUNKED-MULTI
        COMP-CHUNKED-EMPTY COMP-CONNECTION-CLOSE COMP-HTTP10-DEFAULT-CLOSE COMP-CHUNKED-TRAILER-VALID
        COMP-CHUNKED-HEX-UPPERCASE COMP-RANGE-POST COMP-HEAD-NO-BODY COMP-DATE-HEADER COMP-CONTENT-TYPE""",
}
OF_NAME = {name: rule for rule, names in RULES.items() for name in names.split()}


def is_scored(case):
    return bool(case.probe) and case.probe not in UNSCORED | GONE and not case.probe.startswith(UNSCORED_KINDS)


def verdict(exchange):
    """`passed`, `warned` or `failed`, by Http11Probe's rules; its tests look at the first answer."""
    passes, warns = OF_NAME.get(exchange.case.probe, REFUSED)
    if not exchange.answers:
        return "passed" if "400" in passes and exchange.ended else "failed"
    status = exchange.answers[0].status
    kind = "ok" if 200 <= status < 300 and not exchange.found else str(status)
    return "passed" if kind in passes else "warned" if kind in warns else "failed"
