# A gRPC client made of frames (RFC 9113, RFC 7541), for what a well-behaved one never does: it reads only when it is told
# to, and gives no room for answers.
import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS = 0, 1, 4
END_STREAM, END_HEADERS = 1, 4
POST, HTTPS, AUTHORITY, PATH, CONTENT_TYPE = b"\x83", b"\x87", b"\x01", b"\x04", b"\x0f\x10"  # Of the static table.
RECEIVE_BYTES = 4096


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def text(value):
    """A string literal of less than 127 bytes, without Huffman's code."""
    return bytes([len(value)]) + value.encode()


class RawClient:
    def __init__(self, service):
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        plain.settimeout(20)
        plain.connect(("127.0.0.1", service.ready["grpc_port"]))
        tls = service.tls()
        tls.set_alpn_protocols(["h2"])
        self.connection = tls.wrap_socket(plain, server_hostname="localhost")
        self.connection.sendall(PREFACE + frame(SETTINGS, 0, 0, b""))
        self.stream = -1

    def begin(self, method, message, times):
        """Makes so many calls, or as many as the service takes; how many."""
        path = f"/productsService.ProductsService/{method}"
        head = POST + HTTPS + AUTHORITY + text("localhost") + PATH + text(path)
        head += CONTENT_TYPE + text("application/grpc") + b"\x00" + text("te") + text("trailers")
        body = b"\x00" + struct.pack(">I", len(message)) + message
        for made in range(times):
            self.stream += 2
            call = frame(HEADERS, END_HEADERS, self.stream, head) + frame(DATA, END_STREAM, self.stream, body)
            try:
                self.connection.sendall(call)
            except OSError:  # It reads no more, or has ended the connection.
                return made
        return times

    def close(self):
        self.connection.close()
