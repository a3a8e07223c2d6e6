# HTTP/1.1 byte by byte, over TLS or plain TCP: what is sent is what a test wrote, and what comes back is read strictly.
import re
import socket
import ssl
from dataclasses import dataclass

STATUS_LINE = re.compile(rb"HTTP/1\.1 (\d{3}) ([\t\x20-\x7e]*)")
FIELD_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?")


class BadAnswer(Exception):
    """What came is no answer of HTTP/1.1."""


@dataclass
class Answer:
    status: int
    fields: list  # (lower-case name, value), in their order
    body: bytes = b""

    def values(self, name):
        return [value for key, value in self.fields if key == name]

    def field(self, name):
        """All values of the name as one list, None without any."""
        return ", ".join(self.values(name)) if self.values(name) else None


class Wire:
    """One connection. TLS is done in memory, so that each direction can be closed alone."""

    def __init__(self, port, context=None, seconds=10):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received, self.ended, self.tls = b"", False, None
        if context:
            self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")
            self.step(self.tls.do_handshake)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def step(self, operation):
        """An operation of TLS, with the bytes it needs from the other side."""
        while True:
            try:
                result = operation()
                self.push()
                return result
            except ssl.SSLWantReadError:
                self.push()
                if bytes_ := self.socket.recv(65536):
                    self.incoming.write(bytes_)
                else:
                    self.incoming.write_eof()

    def push(self):
        if self.outgoing.pending:
            self.socket.sendall(self.outgoing.read())

    def send(self, data):
        """A server that has refused may have closed: what it answered can be read nevertheless."""
        try:
            if self.tls:
                self.tls.write(data)
                self.push()
            else:
                self.socket.sendall(data)
        except (ConnectionError, ssl.SSLError):
            pass

    def send_end(self):
        """Nothing more will be sent; the other side may still answer."""
        if self.tls:
            try:
                self.tls.unwrap()
            except ssl.SSLError:
                pass  # Its own end has not come yet.
            self.push()
        self.socket.shutdown(socket.SHUT_WR)

    def receive(self):
        """More of what comes; False at its end."""
        try:
            more = self.step(lambda: self.tls.read(65536)) if self.tls else self.socket.recv(65536)
        except (ConnectionError, ssl.SSLError):
            more = b""
        self.received += more
        self.ended = self.ended or not more
        return bool(more)

    def take(self, size):
        while len(self.received) < size:
            if not self.receive():
                raise BadAnswer(f"the connection ended within an answer: {self.received[:2000]!r}")
        taken, self.received = self.received[:size], self.received[size:]
        return taken

    def answer(self, to_head=False):
        """The next answer, interim ones too; None when the connection ends in its place."""
        while (end := self.received.find(b"\r\n\r\n")) < 0:
            if not self.receive():
                if self.received:
                    raise BadAnswer(f"the connection ended within a header: {self.received[:2000]!r}")
                return None
        lines = self.take(end + 4)[:-4].split(b"\r\n")
        begin = STATUS_LINE.fullmatch(lines[0])
        fields = [FIELD_LINE.fullmatch(line) for line in lines[1:]]
        if not begin or not all(fields):
            raise BadAnswer(f"no header: {lines!r}")
        answer = Answer(int(begin[1]), [(f[1].decode().lower(), (f[2] or b"").decode()) for f in fields])
        if answer.status >= 200 and answer.status not in (204, 304):
            lengths = answer.values("content-length")
            if len(lengths) != 1 or not lengths[0].isdigit():
                raise BadAnswer(f"not one Content-Length: {lines!r}")
            answer.body = b"" if to_head else self.take(int(lengths[0]))
        return answer

    def closed(self):
        """Whether the connection ends here, with nothing more in it; waits for that."""
        while not self.received and self.receive():
            pass
        return not self.received
