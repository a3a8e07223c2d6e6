# RFC 9110 section 13: conditional requests. The shared product is at version 1, a product of a case's own at first too.
from http_cases.case import FRESH, ONE, OWN, PRODUCTS, UNKNOWN, Case, get, req, sized

API = ("api",)
UNMODIFIED = {"ETag": '"1"', "Content-Length": None, "Content-Type": None, "Vary": {"Accept-Encoding"}}
PAST, FUTURE = "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 01 Jan 2099 00:00:00 GMT"


def reading(section, what, want, *lines, method="GET", target=ONE, **options):
    fields = {"fields": UNMODIFIED} if want == 304 and target == ONE else {}
    return Case(section, what, req(method, target, *lines), want, on=API, **{**fields, **options})


def changing(section, what, want, *lines, method="PUT", target=OWN):
    sent = sized(*lines, method="PUT", target=target) if method == "PUT" else req(method, target, *lines)
    return Case(section, what, sent, want, on=API)


NONE_MATCH = [
    reading("9110 13.1.2", "a product that is known is not sent", 304, 'If-None-Match: "1"', probe="CAP-ETAG-304"),
    reading("9110 15.4.5", "304 has the tag", 304, 'If-None-Match: "1"', fields={"ETag": '"1"'}, probe="CAP-ETAG-IN-304"),
    reading("9110 13.1.2", "another is", 200, 'If-None-Match: "2"', fields={"ETag": '"1"'}),
    reading("9110 13.1.2", "one of a list is known", 304, 'If-None-Match: "7", "1", "9"'),
    reading("9110 13.1.2", "a list without it", 200, 'If-None-Match: "7", "9"'),
    reading("9110 5.6.1", "a list may have empty members", 304, 'If-None-Match: , "7",, "1" ,'),
    reading("9110 5.3", "a list may have two lines", 304, 'If-None-Match: "7"', 'If-None-Match: "1"'),
    reading("9110 13.1.2", "any is known", 304, "If-None-Match: *", probe="CAP-INM-WILDCARD"),
    reading("9110 13.1.2", "weak tags compare too", 304, 'If-None-Match: W/"1"', probe="CAP-ETAG-WEAK"),
    reading("9110 13.1.2", "in a list", 304, 'If-None-Match: W/"7", W/"1"'),
    reading("9110 8.8.3", "W is a capital", 200, 'If-None-Match: w/"1"'),
    reading("9110 8.8.3", "a tag has quotes", 200, "If-None-Match: 1", probe="CAP-INM-UNQUOTED"),
    reading("9110 8.8.3", "two of them", 200, 'If-None-Match: "1'),
    reading("9110 8.8.3.2", "tags are compared by their letters: 01 is not 1", 200, 'If-None-Match: "01"'),
    reading("9110 8.8.3.2", "+1 is not 1", 200, 'If-None-Match: "+1"'),
    reading("9110 8.8.3", "a tag may be empty", 200, 'If-None-Match: ""'),
    reading("9110 8.8.3", "a tag may have a comma", 304, 'If-None-Match: "a,b", "1"'),
    reading("9110 13.1.2", "HEAD is asked alike", 304, 'If-None-Match: "1"', method="HEAD"),
    reading("9110 13.2.1", "of an error nothing is asked", 404, "If-None-Match: *", target=UNKNOWN),
    reading("9110 13.2.1", "nor of a bad id", 400, "If-None-Match: *", target=PRODUCTS + "/x"),
    reading("9110 13.1.2", "a search is there", 304, "If-None-Match: *", target=PRODUCTS + "/search"),
    reading("9110 13.1.2", "but has no tag that could match", 200, 'If-None-Match: "1"', target=PRODUCTS + "/search"),
    Case("9110 13.1.2", "the service's health is there", get("If-None-Match: *"), 304),
    Case("9110 13.1.2", "but has no tag", get('If-None-Match: "1"'), 200),
    changing("9110 13.1.2", "PUT only where nothing is: something is", 412, "If-None-Match: *"),
    changing("9110 13.1.2", "PUT unless it is at this version", 412, 'If-None-Match: "1"'),
    changing("9110 13.1.2", "weakly compared", 412, 'If-None-Match: W/"1"'),
    changing("9110 13.1.2", "PUT unless it is at another", 200, 'If-None-Match: "7"'),
    changing("9110 13.1.2", "DELETE only where nothing is", 412, "If-None-Match: *", method="DELETE"),
    changing("9110 13.1.2", "DELETE unless it is at this version", 412, 'If-None-Match: "7", "1"', method="DELETE"),
    changing("9110 13.1.2", "DELETE unless it is at another", 204, 'If-None-Match: "7"', method="DELETE"),
    changing("9110 13.2.1", "where nothing is, PUT makes nothing", 404, "If-None-Match: *", target=UNKNOWN),
]

MATCH = [
    reading("9110 13.1.1", "GET of the version it knows", 200, 'If-Match: "1"'),
    reading("9110 13.1.1", "GET of another", 412, 'If-Match: "2"'),
    reading("9110 13.1.1", "GET of one of several", 200, 'If-Match: "7", "1"'),
    reading("9110 13.1.1", "GET of any", 200, "If-Match: *"),
    reading("9110 13.1.1", "weak tags match nothing", 412, 'If-Match: W/"1"'),
    reading("9110 13.1.1", "HEAD is asked alike", 412, 'If-Match: "2"', method="HEAD"),
    reading("9110 13.2.1", "of an error nothing is asked", 404, 'If-Match: "1"', target=UNKNOWN),
    changing("9110 13.1.1", "PUT of the version it knows", 200, 'If-Match: "1"'),
    changing("9110 13.1.1", "PUT of another", 412, 'If-Match: "2"'),
    changing("9110 13.1.1", "PUT of any", 200, "If-Match: *"),
    changing("9110 13.1.1", "PUT of any where nothing is", 404, "If-Match: *", target=UNKNOWN),
    changing("9110 13.1.1", "PUT of one of several", 200, 'If-Match: "7", "1"'),
    changing("9110 13.1.1", "PUT of none of several", 412, 'If-Match: "7", "9"'),
    changing("9110 5.3", "a list may have two lines", 200, 'If-Match: "7"', 'If-Match: "1"'),
    changing("9110 13.1.1", "weak tags match nothing", 412, 'If-Match: W/"1"'),
    changing("9110 8.8.3", "a tag has quotes", 412, "If-Match: 1"),
    changing("9110 8.8.3.2", "01 is not 1", 412, 'If-Match: "01"'),
    changing("9110 13.1.1", "an empty list matches nothing", 412, "If-Match:"),
    changing("9110 13.1.1", "DELETE of the version it knows", 204, 'If-Match: "1"', method="DELETE"),
    changing("9110 13.1.1", "DELETE of another", 412, 'If-Match: "2"', method="DELETE"),
    changing("9110 13.1.1", "DELETE with two lines", 204, 'If-Match: "7"', 'If-Match: "1"', method="DELETE"),
    Case("9110 13.1.1", "a refused PUT has changed nothing", sized('If-Match: "2"', method="PUT", target=OWN) + get(target=OWN),
         [412, 200], on=API, fields={"ETag": '"1"'}),
    Case("9110 13.1.1", "a refused DELETE has deleted nothing", req("DELETE", OWN, 'If-Match: "2"') + get(target=OWN),
         [412, 200], on=API, body=FRESH.encode()),
    Case("9110 13.1.1", "the second of two PUTs of one version loses", sized('If-Match: "1"', method="PUT", target=OWN) * 2,
         [200, 412], on=API),
]

DATES = [
    reading("9110 13.1.3", "a product has no date: If-Modified-Since is ignored", 200, "If-Modified-Since: " + FUTURE,
            fields={"Last-Modified": None}, probe="CAP-IMS-FUTURE"),
    Case("9110 13.1.3", "nor has a page of the service one", get("If-Modified-Since: " + FUTURE), 200,
         fields={"Last-Modified": None}, probe="CAP-LAST-MODIFIED-304"),
    reading("9110 13.1.3", "a date of the past too", 200, "If-Modified-Since: " + PAST),
    reading("9110 13.1.3", "and what is no date", 200, "If-Modified-Since: not-a-date", probe="CAP-IMS-INVALID"),
    reading("9110 13.1.3", "the tag counts, not the date", 304, 'If-None-Match: "1"', "If-Modified-Since: " + PAST,
            probe="CAP-INM-PRECEDENCE"),
    reading("9110 13.1.3", "also for sending it", 200, 'If-None-Match: "2"', "If-Modified-Since: " + FUTURE),
    reading("9110 13.1.4", "If-Unmodified-Since is ignored", 200, "If-Unmodified-Since: " + PAST),
    changing("9110 13.1.4", "also by PUT", 200, "If-Unmodified-Since: " + PAST),
    changing("9110 13.1.4", "the tag counts", 412, 'If-Match: "2"', "If-Unmodified-Since: " + FUTURE),
    reading("9110 13.2.2", "If-Match comes first: it fails", 412, 'If-Match: "2"', 'If-None-Match: "1"'),
    reading("9110 13.2.2", "If-Match comes first: it holds", 304, 'If-Match: "1"', 'If-None-Match: "1"'),
    reading("9110 13.1.5", "If-Range without Range is ignored", 200, 'If-Range: "7"'),
    changing("9110 13.2.2", "both hold", 200, 'If-Match: "1"', 'If-None-Match: "7"'),
    changing("9110 13.2.2", "one of both fails", 412, 'If-Match: "1"', 'If-None-Match: "1"'),
]

CASES = NONE_MATCH + MATCH + DATES
