# A server of a test: a thread for each peer, until its listener is closed.
import threading


def serve_each(listener, serve):
    """Begins at once, and calls `serve(peer)` for each that connects."""

    def accept():
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(peer,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
