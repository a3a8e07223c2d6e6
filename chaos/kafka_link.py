# A proxy before one broker, for the members alone: brokers, and the judge, speak past it. It reads of Kafka's protocol the
# length, the key and the number of each request, so that it can lose the answers to commits and nothing else.
import asyncio
import contextlib
import struct
from collections import Counter

OFFSET_COMMIT = 8
PASS, CUT, SILENT, COMMITS_UNANSWERED, COMMITS_CUT = "pass", "cut", "silent", "commits unanswered", "commits cut"


class KafkaLink:
    """Listens on `port` for the broker at `behind`. `mode` says what becomes of what passes, `counts` what did."""

    def __init__(self, loop, port, behind):
        self.loop, self.port, self.behind = loop, port, behind
        self.mode, self.counts = PASS, Counter()
        self.connections = set()
        loop.do(self.listen())

    async def listen(self):
        self.gate = asyncio.Event()
        self.gate.set()
        self.listener = await asyncio.start_server(self.accepted, "127.0.0.1", self.port)

    def be(self, mode):
        self.loop.do(self.turn(mode))

    async def turn(self, mode):
        self.mode = mode
        if mode == SILENT:
            self.gate.clear()
        else:
            self.gate.set()
        if mode == CUT:
            for connection in list(self.connections):
                self.counts["cut"] += 1
                connection.cut()

    def close(self):
        async def end():
            self.listener.close()
            for connection in list(self.connections):
                connection.cut()

        self.loop.do(end())

    async def accepted(self, reader, writer):
        connection = Connection(self, reader, writer)
        if self.mode == CUT:
            self.counts["refused"] += 1
            return connection.cut()
        self.connections.add(connection)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):  # Either side may go at any time.
            await connection.run()
        self.connections.discard(connection)
        return connection.cut()


class Connection:
    def __init__(self, link, reader, writer):
        self.link, self.client_in, self.client_out, self.server_out = link, reader, writer, None
        self.commits = set()  # The numbers of those whose answer is to be lost.

    def cut(self):
        for writer in filter(None, (self.client_out, self.server_out)):
            if not writer.is_closing():
                writer.transport.abort()

    async def run(self):
        await self.pass_gate()
        self.server_in, self.server_out = await asyncio.open_connection("127.0.0.1", self.link.behind)
        ways = [asyncio.ensure_future(way) for way in (self.requests(), self.answers())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def pass_gate(self):
        if not self.link.gate.is_set():
            self.link.counts["held"] += 1
            await self.link.gate.wait()

    async def requests(self):
        while True:
            frame = await framed(self.client_in)
            await self.pass_gate()
            key, _, number = struct.unpack_from(">hhi", frame, 4)
            if key == OFFSET_COMMIT:
                self.link.counts["commits"] += 1
                if self.link.mode in (COMMITS_UNANSWERED, COMMITS_CUT):
                    self.commits.add(number)
            self.server_out.write(frame)
            await self.server_out.drain()

    async def answers(self):
        while True:
            frame = await framed(self.server_in)
            await self.pass_gate()
            number = struct.unpack_from(">i", frame, 4)[0]
            if number in self.commits:
                self.commits.discard(number)
                self.link.counts["commit answers lost"] += 1
                if self.link.mode == COMMITS_CUT:
                    return
                continue
            self.client_out.write(frame)
            await self.client_out.drain()


async def framed(reader):
    """One request or answer whole, with its length before it."""
    head = await reader.readexactly(4)
    return head + await reader.readexactly(struct.unpack(">i", head)[0])
