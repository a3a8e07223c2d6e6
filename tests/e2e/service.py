# A productd process of a test's own: started on free ports, spoken to over TLS, stopped by its own pid.
import http.client
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import time

import grpc
import httpx

try:
    from httpcore import SyncBackend  # Debian 13's.
except ImportError:
    from httpcore.backends.sync import SyncBackend  # Debian 12's.

from store_under_test import data_of, store_environment
from waiting import eventually

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("PRODUCTD_BINARY", ROOT / "build/release/productd")).resolve()
PRODUCTS = "/api/v1/products"
START_SECONDS = 20
STOP_SECONDS = 20
# What a developer has set for a service of his own must not reach ours.
INHERITED = {
    k: v for k, v in os.environ.items() if not k.startswith(("PRODUCTD_", "OTEL_")) and k not in ("HTTP_PORT", "GRPC_PORT", "MODE")
}
# Whoever is killed leaves the driver's counters in shared memory, and the next process of its number says so on standard
# error before anything of ours runs.
INHERITED["MONGOC_DISABLE_SHM"] = "1"


def run_cli(*arguments, stdin=None, environment=None, cwd=None, seconds=30):
    """`productd ARGUMENTS…` to its end; stdout and stderr as text (what is not UTF-8 replaced)."""
    return subprocess.run(
        [BINARY, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds,
        cwd=cwd,
        env={**INHERITED, **store_environment(data_of(arguments)), **(environment or {})},
    )


class PromptBackend(SyncBackend):
    """httpx writes header and body apart; without this its kernel holds the body back for 40 ms."""

    def connect_tcp(self, *arguments, **options):
        stream = super().connect_tcp(*arguments, **options)
        stream.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return stream


class NotReady(Exception):
    """The process ended before it was ready; `code` is its exit code, `output` what it said."""

    def __init__(self, code, output):
        super().__init__(f"productd ended with {code} before it was ready:\n{output}")
        self.code, self.output = code, output


class Service:
    def __init__(self, folder, *flags, environment=None, preexec=None, certificate=None, http_port=0):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data = self.folder / "data"
        self.own_certificate, self.asked_port = certificate, http_port
        self.log_file = self.folder / "productd.log"
        self.flags, self.preexec = flags, preexec
        self.environment = {**store_environment(self.data), **(environment or {})}
        self.process = self.ready = self.client = None
        self.start_seconds = None

    # ------------------------------------------------------------------------------------------ life

    def launch(self):
        """Starts the process and returns at once; `wait_ready` waits for it."""
        self.ready_file = self.folder / "ready.json"
        self.ready_file.unlink(missing_ok=True)
        self.log_start = self.log_file.stat().st_size if self.log_file.exists() else 0
        with open(self.log_file, "ab") as log:
            self.began = time.monotonic()
            self.process = subprocess.Popen(
                [
                    BINARY,
                    "serve",
                    "--data-dir",
                    self.data,
                    "--http-port",
                    str(self.asked_port),
                    "--grpc-port",
                    "0",
                    "--metrics-port",
                    "0",
                    "--ready-file",
                    self.ready_file,
                    *self.flags,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                preexec_fn=self.preexec,
                env={**INHERITED, **self.environment},
            )
        return self

    def wait_ready(self):
        def probe():
            if self.process.poll() is not None:
                raise NotReady(self.process.returncode, self.output())
            try:
                return json.loads(self.ready_file.read_text())
            except (OSError, ValueError):
                return None

        self.ready = eventually(probe, START_SECONDS, "the ready file", pause=0.002)
        self.start_seconds = time.monotonic() - self.began
        assert self.ready["pid"] == self.process.pid
        self.client = self.new_client()
        return self

    def start(self):
        return self.launch().wait_ready()

    def stop(self):
        """SIGTERM, and the exit code 0 that must follow."""
        self.terminate()
        return self.wait_end()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait_end(self, expected=0):
        code = self.process.wait(STOP_SECONDS)
        self.close_clients()
        assert code == expected, f"exit code {code}, not {expected}:\n{self.output()}"

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.close_clients()

    def ensure_stopped(self):
        """For the end of a fixture: whatever the test did, nothing is left running."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.close_clients()

    def close_clients(self):
        if self.client:
            self.client.close()
            self.client = None

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def output(self, tail=6000):
        """What this start of the process has written to standard output and error."""
        with open(self.log_file, "rb") as log:
            log.seek(self.log_start)
            return log.read().decode(errors="replace")[-tail:]

    # ------------------------------------------------------------------------------------------ speaking to it

    @property
    def http_port(self):
        return self.ready["http_port"]

    @property
    def certificate(self):
        return self.own_certificate or self.data / "tls/server.crt"

    @property
    def url(self):
        return f"https://localhost:{self.http_port}"

    def tls(self):
        return ssl.create_default_context(cafile=self.certificate)

    def new_client(self, http2=False, **options):
        transport = httpx.HTTPTransport(verify=self.tls(), http2=http2)
        transport._pool._network_backend = PromptBackend()
        return httpx.Client(base_url=self.url, transport=transport, timeout=20, **options)

    def request(self, method, path, **options):
        return self.client.request(method, path, **options)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def create(self, product, **headers):
        return self.request(
            "POST", PRODUCTS, json=product, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )

    def created(self, product):
        """The stored product of a POST that was applied."""
        answer = self.create(product)
        assert answer.status_code == 201 and answer.headers["Product-State"] == "applied", answer.text
        return answer.json()

    def connection(self, seconds=20):
        """A bare HTTP/1.1 connection: quick, for loops and load."""
        return http.client.HTTPSConnection("localhost", self.http_port, timeout=seconds, context=self.tls())

    def channel(self, **options):
        credentials = grpc.ssl_channel_credentials(self.certificate.read_bytes())
        return grpc.secure_channel(f"localhost:{self.ready['grpc_port']}", credentials, **options)

    def metrics_text(self):
        return httpx.get(f"http://127.0.0.1:{self.ready['metrics_port']}/metrics", timeout=10).text

    def metric(self, name, **labels):
        """The sum of the series of this name with these labels; 0 when there is none."""
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        total = 0.0
        for line in self.metrics_text().splitlines():
            series, _, value = line.rpartition(" ")
            if series.split("{")[0] == name and all(label in series for label in wanted):
                total += float(value)
        return total


def call(connection, method, path, body=None, headers=None):
    """(status, headers, parsed JSON or bytes) over a bare connection."""
    all_headers = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        all_headers.setdefault("Content-Type", "application/json")
    connection.request(method, path, body, all_headers)
    answer = connection.getresponse()
    content = answer.read()
    if "json" in (answer.getheader("Content-Type") or ""):
        content = json.loads(content)
    return answer.status, answer.headers, content
