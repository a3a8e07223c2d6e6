"""A collector of spans: takes OTLP over gRPC and keeps them, or answers with a failure, or not at all."""
import threading
from concurrent import futures

import grpc

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}


def fields(data):
    """The fields of a message of protocol buffers: number → values, in order."""
    found, at = {}, 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        tag = varint()
        form = tag & 7
        if form == 0:
            value = varint()
        else:
            size = {1: 8, 5: 4}.get(form) or varint()
            value, at = data[at : at + size], at + size
            assert len(value) == size, "cut short"
        found.setdefault(tag >> 3, []).append(value)
    return found


def attributes(pairs):
    """KeyValue messages as a dict."""
    made = {}
    for pair in pairs:
        message = fields(pair)
        value = fields(message[2][0])
        made[message[1][0].decode()] = value[1][0].decode() if 1 in value else value.get(3, [None])[0]
    return made


class Span:
    def __init__(self, data, resource):
        message = fields(data)
        self.resource = resource
        self.trace, self.id = message[1][0].hex(), message[2][0].hex()
        self.parent = message[4][0].hex() if 4 in message else None
        self.name, self.kind = message[5][0].decode(), KINDS[message[6][0]]
        self.start, self.end = (int.from_bytes(message[number][0], "little") for number in (7, 8))
        self.attributes = attributes(message.get(9, []))
        self.links = [fields(link)[2][0].hex() for link in message.get(13, [])]
        self.tracestate = message.get(3, [b""])[0].decode()
        status = fields(message[15][0]) if 15 in message else {}
        self.failed = status.get(3) == [2]
        self.events = [fields(event)[2][0].decode() for event in message.get(11, [])]

    def __repr__(self):
        return f"<{self.kind} {self.name} {self.id} under {self.parent}>"


class Collector:
    """Listens on a free port until it is closed."""

    def __init__(self, port=0):
        self.spans, self.requests, self.metadata = [], 0, []
        self.refuse_with = None  # A status code.
        self.held = threading.Event()  # While it is cleared no request is answered.
        self.held.set()
        self._changed = threading.Condition()
        handler = grpc.unary_unary_rpc_method_handler(self._export)

        class Service(grpc.GenericRpcHandler):
            def service(self, details):
                return handler if details.method == EXPORT else None

        # Port 0 is one of its own; a port that is given is taken again by the next collector.
        self._server = grpc.server(futures.ThreadPoolExecutor(4), handlers=(Service(),), options=[("grpc.so_reuseport", 0)])
        self.port = self._server.add_insecure_port(f"127.0.0.1:{port}")
        self._server.start()

    def _export(self, request, context):
        self.held.wait(60)
        with self._changed:
            self.requests += 1
            self.metadata.append(dict(context.invocation_metadata()))
            refuse_with = self.refuse_with
            if refuse_with is None:
                for of_resource in fields(request)[1]:
                    message = fields(of_resource)
                    resource = attributes(fields(message[1][0])[1])
                    self.spans += [Span(span, resource) for scope in message[2] for span in fields(scope).get(2, [])]
            self._changed.notify_all()
        if refuse_with is not None:
            context.abort(refuse_with, "not now")
        return b""

    def wait_for(self, is_enough, seconds=20):
        """What there is once `is_enough(spans)`; fails when it never is."""
        with self._changed:
            assert self._changed.wait_for(lambda: is_enough(self.spans), seconds), self.spans
            return list(self.spans)

    def trace(self, trace, names, seconds=20):
        """The spans of a trace by name, once there is one of each of `names`."""
        spans = self.wait_for(lambda all: set(names) <= {span.name for span in all if span.trace == trace}, seconds)
        return {span.name: span for span in spans if span.trace == trace}

    def close(self):
        self.held.set()
        self._server.stop(0).wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
