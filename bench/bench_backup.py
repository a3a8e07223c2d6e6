# What a backup and a restore of the embedded engine take, and what a POST takes beside a backup: by hand,
# `/usr/bin/python3 bench/backup.py 200000`.
import json
import pathlib
import statistics
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from products import a_product  # noqa: E402
from service import PRODUCTS, Service, call, run_cli  # noqa: E402
from topics import publish  # noqa: E402
from waiting import eventually  # noqa: E402


def timed(*arguments):
    began = time.monotonic()
    done = run_cli(*arguments, seconds=600)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - began


class Posts:
    """POSTs one after the other until it is stopped."""

    def __init__(self, service):
        self.seconds, self.stop = [], threading.Event()
        self.thread = threading.Thread(target=self.run, args=(service.connection(),))
        self.thread.start()

    def run(self, connection):
        while not self.stop.is_set():
            began = time.monotonic()
            status, _, _ = call(connection, "POST", PRODUCTS, a_product())
            assert status == 201
            self.seconds.append(time.monotonic() - began)

    def end(self):
        self.stop.set()
        self.thread.join()
        quantiles = statistics.quantiles(self.seconds, n=100)
        return f"{len(self.seconds)} POSTs, p50 {quantiles[49] * 1e3:.1f} ms, p99 {quantiles[98] * 1e3:.1f} ms, longest {max(self.seconds) * 1e3:.0f} ms"


def main(count):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        service = Service(folder / "service").start()
        lines = (json.dumps(a_product(productId=f"{n:024x}", description="d" * 400)) for n in range(1, count + 1))
        publish(service, "create-product", "--file", "-", lines="\n".join(lines) + "\n")
        eventually(lambda: service.get(f"{PRODUCTS}/{count:024x}").status_code == 200, 600, "the last", pause=0.5)
        sizes = {file.name: file.stat().st_size >> 20 for file in service.data.glob("*.db")}
        print(f"{count} products, MiB: {sizes}")
        posts = Posts(service)
        threading.Event().wait(5)
        print("without a backup:", posts.end())
        posts = Posts(service)
        taken = timed("backup", folder / "copy", "--data-dir", service.data)
        print(f"beside a backup of {taken:.1f} s:", posts.end())
        wals = {file.name: file.stat().st_size >> 10 for file in service.data.glob("*-wal")}
        print(f"KiB of WAL then: {wals}")
        service.stop()
        print(f"backup without a service: {timed('backup', folder / 'copy2.tar', '--data-dir', service.data):.1f} s to one file")
        print(f"restore: {timed('restore', folder / 'copy', '--data-dir', folder / 'restored'):.1f} s")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
