# Sends one case over one connection, with another request behind it, and says what is not as the case wants it.
import itertools
import re

from http_cases.case import BIG, CLOSES, FRESH, SHARED
from raw_http1 import BadAnswer, Wire

# Behind a request that ends its connection nobody may look for anything: the access log would tell of this path.
BEHIND = b"GET /behind HTTP/1.1\r\nHost: localhost\r\n\r\n"
NUMBERS = itertools.count(1)
SHOWN_BYTES = 1200


def parts_of(case):
    return case.sent if isinstance(case.sent, list) else [case.sent]


def filled(text, ids):
    for name, product_id in ids.items():
        text = text.replace(name, product_id)
    return text


class Targets:
    """The two listeners of a service, and products for the cases."""

    def __init__(self, service, new_product):
        self.service, self.new_product, self.context = service, new_product, service.tls()
        self.ids = {SHARED.encode(): new_product(name="Hello"), BIG.encode(): new_product(name="Large", photos=["compressible"] * 500)}

    def connect(self, listener):
        if listener == "api":
            return Wire(self.service.http_port, self.context)
        return Wire(self.service.ready["metrics_port"])

    def ids_of(self, case):
        """What stands for ids in this case, and what they are."""
        fresh = FRESH.encode()
        is_used = any(fresh in part for part in parts_of(case))
        return {**self.ids, **({fresh: self.new_product(name="Hello")} if is_used else {})}


class Exchange:
    """What a case sent and what came of it."""

    def __init__(self, case, listener):
        self.case, self.listener, self.sent, self.answers, self.found = case, listener, b"", [], []
        self.ended = False

    def wanted(self):
        want = self.case.metrics if self.listener == "metrics" and self.case.metrics else self.case.want
        return [] if want is None else want if isinstance(want, list) else [want]

    def is_as_wanted(self):
        return self.listener == "api" or not self.case.metrics

    def expect(self, holds, what):
        if not holds:
            self.found.append(what)

    def report(self):
        came = "\n".join(f"      {a.status} {dict(a.fields)} {a.body[:200]!r}" for a in self.answers) or "      nothing"
        return (
            f"RFC {self.case.section}: {self.case.what} ({self.listener}{', ' + self.case.probe if self.case.probe else ''})\n"
            f"sent  {self.sent[:SHOWN_BYTES]!r}{' …' if len(self.sent) > SHOWN_BYTES else ''}\n"
            f"wants {self.wanted() or 'nothing'}, and the connection {self.case.ends}\n"
            f"came\n{came}\nwrong {'; '.join(self.found)}"
        )


def run(case, targets, listener):
    exchange = Exchange(case, listener)
    ids = targets.ids_of(case)
    parts = [filled(part, ids) for part in parts_of(case)]
    with targets.connect(listener) as wire:
        try:
            converse(exchange, wire, parts)
        except BadAnswer as why:
            exchange.found.append(str(why))
        except TimeoutError:
            exchange.found.append("no answer came in time")
    for answer in exchange.answers:
        check_any(exchange, answer)
    if exchange.answers and not exchange.found and exchange.is_as_wanted():
        check_last(exchange, exchange.answers[-1], ids)
    return exchange


def converse(exchange, wire, parts):
    case, wanted = exchange.case, exchange.wanted()
    follow_up = b"follow-up-%d" % next(NUMBERS)
    behind = b"" if case.half else BEHIND if case.ends == CLOSES else probe_request(follow_up)
    for number, part in enumerate(parts):
        is_last = number == len(parts) - 1
        exchange.sent += part
        wire.send(part + behind if is_last else part)
        if is_last and case.half:
            wire.send_end()
        for _ in wanted[number:] if is_last else wanted[number : number + 1]:
            answer = wire.answer(is_to_head(case, parts, len(exchange.answers)))
            if answer is None:
                exchange.found.append("the connection ended")
                exchange.ended = True
                return
            exchange.answers.append(answer)
    statuses = [answer.status for answer in exchange.answers]
    exchange.expect(len(statuses) == len(wanted) and all(map(is_status, statuses, wanted)), "the status")
    if case.ends == CLOSES:
        exchange.ended = wire.closed()
        exchange.expect(exchange.ended, f"the connection does not end: {wire.received[:200]!r}")
    else:
        after = wire.answer()
        exchange.expect(after and after.status == 200 and after.field("x-request-id") == follow_up.decode(),
                        f"the request behind it was answered by {after}")


def probe_request(request_id):
    return b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: " + request_id + b"\r\n\r\n"


def is_status(status, wanted):
    return status in (wanted if isinstance(wanted, tuple) else (wanted,))


def is_to_head(case, parts, number):
    return number in case.heads or (not case.heads and parts[0].lstrip().startswith(b"HEAD "))


def check_any(exchange, answer):
    """What every answer of ours has, whatever was asked."""
    if answer.status < 200:
        exchange.expect(not answer.body and not answer.fields, "an interim answer is more than its line")
        return
    exchange.expect(answer.field("server") == "productd" and answer.field("x-request-id"), "no sign of us")
    exchange.expect(len(answer.values("date")) == 1, "not one Date")
    exchange.expect(answer.field("transfer-encoding") is None, "a coding nobody asked for")
    if answer.body:
        exchange.expect(len(answer.values("content-type")) == 1, "not one Content-Type")
    if answer.status >= 400 and answer.body:
        exchange.expect(answer.field("content-type") == "application/problem+json", "the problem's type")
    if exchange.case.ends == CLOSES and not exchange.case.half and answer is exchange.answers[-1]:
        exchange.expect(answer.field("connection") == "close", "the end of the connection is not announced")


def check_last(exchange, answer, ids):
    case = exchange.case
    for name, wanted in case.fields.items():
        value = answer.field(name.lower())
        if isinstance(wanted, set):
            right = value is not None and {member.strip() for member in value.split(",")} == wanted
        elif isinstance(wanted, re.Pattern):
            right = value is not None and wanted.fullmatch(value)
        else:
            right = value == wanted
        exchange.expect(right, f"{name} is {value!r}, not {wanted!r}")
    if case.body is not None:
        exchange.expect(filled(case.body, ids) in answer.body, f"the body has no {case.body!r}")
