# A proxy between the service and its store that cuts, delays and freezes what passes. It knows of the protocol only how
# to tell a command of ours from the driver's own talk.
import asyncio
import time
from collections import Counter
from dataclasses import dataclass

from loop import Loop

COMMANDS = ("insert", "update", "find")
# In turn, so that a few cuts have had them all.
CUTS = ("request lost", "request torn", "reply lost", "reply torn")
PIECE = 256 * 1024


def command_of(piece):
    """The command that begins with these bytes; nothing for what is none of ours."""
    return next((command for command in COMMANDS if b"\x02%b\x00" % command.encode() in piece[:64]), None)


@dataclass
class LinkFaults:
    cut_every: int = 0  # Each n-th command's connection is cut; 0: none.
    delay: float = 0  # Seconds each piece is held, either way.
    freeze_every: int = 0  # After so many commands an update is the first that does not pass any more; 0: never.
    freezes: int = 3  # How often.
    freeze_seconds: float = 2  # Longer than the service waits for an answer.
    stops_server: bool = False  # It is the server that freezes (SIGSTOP), and not the link.
    spares_new: bool = False  # What connects meanwhile is let through: work goes on, and what was frozen comes late.


class Link:
    """Listens on a port of its own, for `server`, until it is closed. `faults` may be changed at any time, `counts` says
    what was done."""

    def __init__(self, server):
        self.server, self.faults, self.counts = server, LinkFaults(), Counter()
        self.commands, self.changed_at, self.frozen = 0, 0, 0
        self.tasks = set()  # The loop itself does not keep them.
        self.loop = Loop()
        self.port = self.loop.do(self.listen())

    async def listen(self):
        self.gate, self.thaws = self.open_gate(), asyncio.Event()
        self.listener = await asyncio.start_server(self.accepted, "127.0.0.1", 0)
        return self.listener.sockets[0].getsockname()[1]

    def open_gate(self):
        gate = asyncio.Event()
        gate.set()
        return gate

    def settle(self):
        """Ends what is frozen, and waits until what comes late has come."""

        async def end():
            self.thaws.set()

        self.loop.do(end())
        while self.frozen:
            time.sleep(0.05)
        time.sleep(0.2)

    def close(self):
        async def end():
            self.listener.close()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self.loop.do(end())
        self.loop.close()

    async def accepted(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        asyncio.current_task().add_done_callback(self.tasks.discard)
        connection = Connection(self, reader, writer)
        try:
            await connection.run()
        except OSError:
            pass  # Either side may go at any time.
        finally:
            connection.cut()

    def comes(self, command):
        """Begins to freeze when it is time. How the connection of this command is to be cut; nothing when it is not."""
        faults = self.faults
        self.commands += 1
        is_time = faults.freeze_every and self.commands - self.changed_at >= faults.freeze_every
        may_freeze = faults.spares_new or not self.frozen
        if is_time and command == "update" and may_freeze and self.counts["freezes"] < faults.freezes:
            self.freeze(faults)
        if faults.cut_every and self.commands % faults.cut_every == 0:
            return CUTS[sum(self.counts[cut] for cut in CUTS) % len(CUTS)]
        return None

    def freeze(self, faults):
        self.counts["freezes"] += 1
        self.frozen += 1
        self.changed_at = self.commands
        if faults.stops_server:
            self.server.freeze()
        else:
            self.gate.clear()
        self.thawing = asyncio.get_running_loop().create_task(self.thaw(self.gate, faults.freeze_seconds))
        if faults.spares_new:
            self.gate = self.open_gate()

    async def thaw(self, gate, seconds):
        try:
            await asyncio.wait_for(self.thaws.wait(), seconds)
        except asyncio.TimeoutError:
            pass
        finally:
            gate.set()
            self.server.go_on()
            self.frozen -= 1
            self.changed_at = self.commands


class Connection:
    def __init__(self, link, reader, writer):
        self.link, self.client_in, self.client_out = link, reader, writer
        self.gate = link.gate
        self.server_out = None
        self.reply_cut = None

    async def run(self):
        self.server_in, self.server_out = await asyncio.open_connection("127.0.0.1", self.link.server.port)
        await asyncio.gather(self.requests(), self.replies())

    def cut(self, how=None):
        if how:
            self.link.counts[how] += 1
        for writer in filter(None, (self.client_out, self.server_out)):
            if not writer.is_closing():
                writer.transport.abort()

    async def hold(self):
        if self.link.faults.delay:
            self.link.counts["delayed"] += 1
            await asyncio.sleep(self.link.faults.delay)
        if not self.gate.is_set():
            self.link.counts["held"] += 1
            await self.gate.wait()

    async def requests(self):
        while piece := await self.client_in.read(PIECE):
            command = command_of(piece)
            cut = self.link.comes(command) if command else None
            await self.hold()
            if command and self.client_in.at_eof():
                # Who asked has gone; the server does it all the same.
                self.link.counts[f"late {command}s"] += 1
            if cut == "request lost":
                return self.cut(cut)
            if cut == "request torn":
                self.server_out.write(piece[: len(piece) // 2])
                await self.server_out.drain()
                return self.cut(cut)
            if command:  # And not for the rest of a long one.
                self.reply_cut = cut
            self.server_out.write(piece)
            await self.server_out.drain()
        # What the server still answers is for nobody, but it is to do what it was asked.
        self.server_out.write_eof()
        return None

    async def replies(self):
        while piece := await self.server_in.read(PIECE):
            await self.hold()
            if self.reply_cut == "reply lost":
                return self.cut(self.reply_cut)
            if self.client_out.is_closing():
                continue
            self.client_out.write(piece[: len(piece) // 2] if self.reply_cut else piece)
            await self.client_out.drain()
            if self.reply_cut:
                return self.cut(self.reply_cut)
        return self.cut()
