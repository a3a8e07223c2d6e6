# A server of Redis's protocol that refuses who logs in and repeats what was sent, as Redis 5 and some proxies do.
import socket

from listening import serve_each


class EchoingRedis:
    """Answers every command with an error that has all of its arguments."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        serve_each(self.listener, self.serve)

    def serve(self, peer):
        with peer, peer.makefile("rb") as stream:
            try:
                while command := read_command(stream):
                    arguments = " ".join(f"`{argument}`," for argument in command[1:])
                    peer.sendall(
                        f"-ERR unknown command `{command[0]}`, with args beginning with: {arguments}\r\n".encode()
                    )
            except OSError:
                pass  # The client hung up.

    def close(self):
        self.listener.close()


def read_command(stream):
    """The arguments of the next command; nothing at the end."""
    head = stream.readline()
    if not head:
        return None
    arguments = []
    for _ in range(int(head[1:])):
        length = int(stream.readline()[1:])
        arguments.append(stream.read(length + 2)[:-2].decode())
    return arguments
