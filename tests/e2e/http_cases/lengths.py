# RFC 9112 sections 6.1 to 6.3 and RFC 9110 section 8.6: Content-Length, Transfer-Encoding, and both.
from http_cases.case import CLOSES, OWN, PRODUCT, PRODUCTS, Case, created, get, post, refused, req, sized, unanswered

N = len(PRODUCT)
TE, CL = "Transfer-Encoding: ", "Content-Length: "
LAST = b"0\r\n\r\n"
INNER = get(target="/behind")  # What would be a request if the framing were read the other way.


def length(value, body=PRODUCT):
    return post(CL + value, body=body)


def encoding(*lines, body=LAST, method="POST", version="HTTP/1.1"):
    return req(method, PRODUCTS, "Content-Type: application/json", *lines, body=body, version=version)


# Each is a number to somebody.
BAD_LENGTHS = {
    "abc": "RFC9112-6.1-CL-NON-NUMERIC", f"+{N}": "RFC9112-6.1-CL-PLUS-SIGN", "-1": "SMUG-CL-NEGATIVE",
    "-0": "SMUG-CL-NEGATIVE-ZERO", f"0x{N:x}": "SMUG-CL-HEX-PREFIX", f"0o{N:o}": "SMUG-CL-OCTAL",
    "7_2": "SMUG-CL-UNDERSCORE", "7 2": "SMUG-CL-INTERNAL-SPACE", "": "MAL-CL-EMPTY",
    "99999999999999999999": "MAL-CL-OVERFLOW", f"{N}, {N + 5}": "SMUG-CL-COMMA-DIFFERENT",
    f"{N}, {N}": "SMUG-CL-COMMA-SAME", f"{N}, {N}, {N}": "SMUG-CL-COMMA-TRIPLE",
    f"{N},": None, f",{N}": None, f"{N}.0": None, f"{N}e0": None, f"{N};a": None, f"'{N}'": None, f'"{N}"': None,
    f"{N:x}h": None, "18446744073709551616": None, "9" * 400: None, f"\x0b{N}": None, f"{N}\x0c": None, f"{N}\0": None,
    "\xb2": None, "NaN": None,
}

CONTENT_LENGTH = [
    created("9112 6.2", "a body of the length it says", length(str(N)), probe="COMP-POST-CL-BODY"),
    Case("9112 6.2", "what follows is the next request", length(str(N)) + get(), [201, 200], body=b"Ok", metrics=[404, 200]),
    Case("9112 6.2", "a length of 0 is no body", req("DELETE", OWN, CL + "0"), 204, metrics=404, probe="COMP-POST-CL-ZERO"),
    Case("9112 6.3", "no length is no body", req("DELETE", OWN), 204, metrics=404, probe="COMP-POST-NO-CL-NO-TE"),
    Case("9110 8.6", "a product of no bytes is no product", length("0", b""), 400, metrics=404),
    created("9110 8.6", "zeros may lead a length", length(f"00{N}"), probe="SMUG-CL-LEADING-ZEROS"),
    created("9110 8.6", "which is decimal all the same", length("0200", PRODUCT.ljust(200)), probe="SMUG-CL-LEADING-ZEROS-OCTAL"),
    Case("9110 8.6", "00 is 0", req("DELETE", OWN, CL + "00"), 204, metrics=404, probe="SMUG-CL-DOUBLE-ZERO"),
    created("9110 5.5", "a blank may follow a length", length(f"{N} "), probe="SMUG-CL-TRAILING-SPACE"),
    created("9110 5.5", "two blanks may precede it", length(f" {N}"), probe="SMUG-CL-EXTRA-LEADING-SP"),
    created("9110 5.5", "so may a tab", post(f"Content-Length:\t{N}"), probe="MAL-CL-TAB-BEFORE-VALUE"),
    *(refused("9110 8.6", f"a length is not {value[:30]!r}", length(value), probe=name) for value, name in BAD_LENGTHS.items()),
    refused("9112 6.3", "two lengths that differ", post(CL + "5", CL + str(N)), probe="SMUG-DUPLICATE-CL"),
    refused("9112 6.3", "two that are the same", post(CL + str(N), CL + str(N))),
    refused("9112 6.3", "two, with others between", post(CL + str(N), "X-Test: 1", "content-length: 5")),
    refused("9112 6.3", "of two the shorter one hides a request", post(CL + "4", CL + str(4 + len(INNER)), body=b"PING" + INNER),
            probe="SMUG-DUPLICATE-CL-SMUGGLED-GET"),
    refused("9110 15.5.14", "a length above the limit is told at once", post(CL + "999999999", body=b""), 413,
            probe="MAL-POST-CL-HUGE-NO-BODY"),
    refused("9110 15.5.14", "a length of 2^63", post(CL + str(2**63), body=b""), 413),
    unanswered("9112 8", "a body that stays short of its length", length(str(N + 5)), probe="COMP-POST-CL-UNDERSEND"),
    Case("9112 9.3", "more than the length is the next request, and none", length(str(N)) + b"X\r\n\r\n", [201, 400], CLOSES,
         metrics=[404, 400]),
    Case("9110 9.3.1", "GET may have a body that means nothing", get(CL + "5", body=b"hello"), 200, body=b"Ok",
         probe="COMP-GET-WITH-CL-BODY"),
    Case("9110 9.3.1", "a body of GET is no request", get(CL + str(len(INNER)), body=INNER), 200, probe="SMUG-GET-CL-PREFIX-DESYNC"),
    Case("9112 9.3", "the request behind a body of GET", get(CL + "5", body=b"hello") + get(), [200, 200],
         probe="SMUG-GET-CL-BODY-DESYNC"),
    Case("9110 9.3.2", "HEAD may have one", req("HEAD", "/health", CL + "5", body=b"hello"), 200, probe="SMUG-HEAD-CL-BODY"),
    Case("9110 9.3.7", "OPTIONS may have one", req("OPTIONS", "/health", CL + "5", body=b"hello"), 204,
         probe="SMUG-OPTIONS-CL-BODY"),
    Case("9110 9.3.7", "and the request behind it", req("OPTIONS", "/health", CL + "5", body=b"hello") + get(), [204, 200],
         probe="SMUG-OPTIONS-CL-BODY-DESYNC"),
    Case("9110 9.3.5", "DELETE may have one", req("DELETE", OWN, CL + "5", body=b"hello"), 204, metrics=404),
    Case("9112 6.2", "a length of 0 hides nothing", req("DELETE", OWN, CL + "0", body=b"X\r\n\r\n"), [204, 400], CLOSES,
         metrics=[404, 400], probe="SMUG-CL0-BODY-POISON"),
]

# (lines, probe): what is not `chunked` alone at its end has no length that all would agree on: 400 (RFC 9112 6.3).
BAD_CODINGS = [
    ("gzip", "COMP-UNKNOWN-TE-501"), ("chunked, gzip", "SMUG-TE-NOT-FINAL-CHUNKED"), ("identity", None), ("xchunked", None),
    ("chunkedx", None), ("chunked, identity", None), ("chunked, chunked", None), (", chunked", None), ("chunked,", None),
    ("", None), ("chunked;q=1", None), ('"chunked"', None), ("\x0bchunked", None), ("chunked\0", None), ("chunk ed", None),
    ("cow", None), ("chunked, cow", None), ("c\xa0hunked", None), ("'chunked'", None), ("deflate", None), ("[chunked]", None),
]
# The same with a length to fall back to, which must not be done.
WITH_LENGTH = [
    ("xchunked", "SMUG-TE-XCHUNKED"), ("chunked ", "SMUG-TE-TRAILING-SPACE"), ("chunked, chunked", "SMUG-TE-DOUBLE-CHUNKED"),
    ("Chunked", "SMUG-TE-CASE-MISMATCH"), ("", "SMUG-TE-EMPTY-VALUE"), (", chunked", "SMUG-TE-LEADING-COMMA"),
    ("chunked,", "SMUG-TE-TRAILING-COMMA"), ("\x0bchunked", "SMUG-TE-VTAB"), ("\x0cchunked", "SMUG-TE-FORMFEED"),
    ("chunked\0", "SMUG-TE-NULL"), ("identity", "SMUG-TE-IDENTITY"), ("chunked;ext=val", "SMUG-CHUNKED-WITH-PARAMS"),
    ("gzip", None),
]

TRANSFER_ENCODING = [
    *(refused("9112 6.3", f"Transfer-Encoding is not {value!r}", encoding(TE + value), probe=name)
      for value, name in BAD_CODINGS),
    *(refused("9112 6.1", f"nor {value!r} beside a length", encoding(TE + value, CL + "5", body=b"hello"), probe=name)
      for value, name in WITH_LENGTH),
    refused("9112 6.1", "a coding we do not know, before chunked", encoding(TE + "gzip, chunked"), 501),
    refused("9112 6.1", "before chunked and beside a length", encoding(TE + "gzip, chunked", CL + "5", body=b"hello"), 501),
    refused("9112 6.1", "two of them", encoding(TE + "gzip, deflate, chunked"), 501),
    created("9112 7", "a coding has no case", encoding(TE + "CHUNKED", body=b"%x\r\n%s\r\n" % (N, PRODUCT) + LAST)),
    created("9110 5.5", "blanks around it are no part of it", encoding(TE + " \tchunked\t ", body=b"%x\r\n%s\r\n" % (N, PRODUCT) + LAST)),
    refused("9112 6.1", "two lines of it", encoding(TE + "chunked", TE + "chunked")),
    refused("9112 6.1", "of which one undoes the other", encoding(TE + "chunked", TE + "identity", CL + "5", body=b"hello"),
            probe="SMUG-TE-DUPLICATE-HEADERS"),
    refused("9112 6.1", "in the other order", encoding(TE + "identity", TE + "chunked")),
    refused("9112 5.2", "nor is it folded", encoding("Transfer-Encoding:\r\n chunked", CL + "5", body=b"hello"), probe="SMUG-TE-OBS-FOLD"),
    refused("9112 5.1", "nor has its name a blank", encoding("Transfer-Encoding : chunked", CL + "5", body=b"hello"),
            probe="SMUG-TE-SP-BEFORE-COLON"),
    refused("9110 5.5", "nor does a tab make it another", encoding("Transfer-Encoding:\tchunked", CL + "5", body=b"hello"),
            probe="SMUG-TE-TAB-BEFORE-VALUE"),
    Case("9110 5.1", "an underscore does", sized("Transfer_Encoding: chunked"), 201, metrics=404, probe="SMUG-TRANSFER_ENCODING"),
    refused("9112 6.1", "HTTP/1.0 has none", encoding(TE + "chunked", version="HTTP/1.0")),
    refused("9112 6.1", "not even beside a length", encoding(TE + "chunked", CL + "5", body=b"hello", version="HTTP/1.0"),
            probe="SMUG-TE-HTTP10"),
    refused("9112 6.1", "GET cannot have both either", encoding(TE + "chunked", CL + "5", method="GET")),
]

SMUGGLED = LAST + INNER
FIVE = str(len(SMUGGLED))
POISON = LAST + b"X"


def both(what, *lines, body=LAST, method="POST", section="9112 6.1", probe=None):
    """Two lengths, with something to find behind one of them."""
    return refused(section, what, encoding(*lines, body=body, method=method), probe=probe)


BOTH = [
    both("both lengths", CL + "23", TE + "chunked", body=b"D\r\nhello-bananas\r\n" + LAST, probe="SMUG-CL-TE-BOTH"),
    both("the length is shorter", CL + "4", TE + "chunked", probe="SMUG-CLTE-PIPELINE"),
    both("the length is longer", TE + "chunked", CL + "30", probe="SMUG-TECL-PIPELINE"),
    both("both agree", CL + "5", TE + "chunked", probe="SMUG-CLTE-CONN-CLOSE"),
    both("both agree, in the other order", TE + "chunked", CL + "5", probe="SMUG-TECL-CONN-CLOSE"),
    both("a byte more", CL + "6", TE + "chunked", body=POISON, probe="SMUG-CLTE-DESYNC"),
    both("a byte more, and much missing", TE + "chunked", CL + "30", body=POISON, probe="SMUG-TECL-DESYNC"),
    both("a GET inside", CL + FIVE, TE + "chunked", body=SMUGGLED, probe="SMUG-CLTE-SMUGGLED-GET"),
    both("a GET inside, a plus", CL + "+" + FIVE, TE + "chunked", body=SMUGGLED, probe="SMUG-CLTE-SMUGGLED-GET-CL-PLUS"),
    both("a GET inside, a letter", CL + FIVE + "x", TE + "chunked", body=SMUGGLED, probe="SMUG-CLTE-SMUGGLED-GET-CL-NON-NUMERIC"),
    both("a GET inside, a fold", "Transfer-Encoding:\r\n chunked", CL + FIVE, body=SMUGGLED, section="9112 5.2",
         probe="SMUG-CLTE-SMUGGLED-GET-TE-OBS-FOLD"),
    both("a HEAD inside", CL + FIVE, TE + "chunked", body=LAST + req("HEAD", "/behind"), probe="SMUG-CLTE-SMUGGLED-HEAD"),
    both("a GET inside, a blank", CL + FIVE, TE + "chunked ", body=SMUGGLED, probe="SMUG-CLTE-SMUGGLED-GET-TE-TRAILING-SPACE"),
    both("a GET inside, a comma", CL + FIVE, TE + ", chunked", body=SMUGGLED, probe="SMUG-CLTE-SMUGGLED-GET-TE-LEADING-COMMA"),
    both("a GET inside, a capital", CL + FIVE, TE + "Chunked", body=SMUGGLED, probe="SMUG-CLTE-SMUGGLED-GET-TE-CASE-MISMATCH"),
    both("a GET inside, two codings", TE + "chunked", TE + "identity", CL + FIVE, body=SMUGGLED,
         probe="SMUG-TE-DUPLICATE-HEADERS-SMUGGLED-GET"),
    both("a GET in a chunk", TE + "chunked", CL + "4", body=b"%x\r\n%s\r\n" % (len(INNER), INNER) + LAST, probe="SMUG-TECL-SMUGGLED-GET"),
    both("OPTIONS, folded", "Transfer-Encoding:\r\n chunked", CL + "5", body=b"hello", method="OPTIONS", section="9112 5.2",
         probe="SMUG-OPTIONS-TE-OBS-FOLD"),
    Case("9112 9.3", "two requests one after the other", [get(), get()], [200, 200], probe="SMUG-PIPELINE-SAFE"),
]

CASES = CONTENT_LENGTH + TRANSFER_ENCODING + BOTH
