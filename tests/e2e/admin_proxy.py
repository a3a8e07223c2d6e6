# Stands between a command and the admin socket of a running service, to look at its calls and to break them.
import pathlib
import shutil
import socket
import tempfile

from listening import serve_each


class AdminProxy:
    """A folder to give as --data-dir. `watch(head, body)` is asked before a call is passed on: "pass", or "drop" to
    hang up unheard, or "forget" to pass it on and hang up without the answer. It may block: the command waits."""

    def __init__(self, service, watch):
        self.target, self.watch = str(service.data / "admin.sock"), watch
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="pd-"))  # A socket's path is short.
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.data / "admin.sock"))
        self.listener.listen(64)
        serve_each(self.listener, self.exchange)

    def exchange(self, peer):
        with peer:
            request = receive_request(peer)
            if not request:
                return
            head, _, body = request.partition(b"\r\n\r\n")
            verdict = self.watch(head.decode(), body.decode(errors="replace"))
            if verdict == "drop":
                return
            answer = raw_call(self.target, request)
            if verdict == "forget":
                return
            try:
                peer.sendall(answer)
            except OSError:
                pass  # The command was killed meanwhile.

    def close(self):
        self.listener.close()
        shutil.rmtree(self.data)


def receive_request(peer):
    request = b""
    while b"\r\n\r\n" not in request:
        some = peer.recv(65536)
        if not some:
            return b""
        request += some
    head, _, body = request.partition(b"\r\n\r\n")
    length = next((int(l.split(b":")[1]) for l in head.lower().split(b"\r\n") if l.startswith(b"content-length:")), 0)
    while len(body) < length:
        some = peer.recv(65536)
        if not some:
            return b""
        body += some
    return head + b"\r\n\r\n" + body


def raw_call(path, request, seconds=20):
    """What the socket answers to these bytes until it hangs up."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(seconds)
        peer.connect(path)
        peer.sendall(request)
        answer = b""
        while some := peer.recv(65536):
            answer += some
        return answer
