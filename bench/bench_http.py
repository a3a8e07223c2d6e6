# Measures a cached GET over TLS beside nginx serving the same bytes from a file with the same certificate: HTTP/1.1 and
# HTTP/2, without and with an access log in both, by turns in one run. bench_http.py [--seconds 3] [--rounds 3]
# [--binary PATH]. Both have two threads or workers on the machine that the load comes from, so requests/s share its cores;
# CPU a request is the server's alone. Needs wrk, h2load and nginx (tools/setup.sh bench).
import argparse
import atexit
import json
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from bench import A_PRODUCT, PRODUCTS, Measured
from bench_overload import LOAD, answers
import process_readings
from sources import ROOT

STEADY_RATE = 10_000  # Requests a second.
NGINX = """
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 2048; }}
http {{
    access_log {log};
    default_type application/json;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl http2 reuseport;
        ssl_certificate {certificate}/server.crt;
        ssl_certificate_key {certificate}/server.pem;
        ssl_protocols TLSv1.2 TLSv1.3;
        root {folder}/www;
    }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nginx:
    """Its master and workers, and the CPU that the workers spend."""

    def __init__(self, folder, log, certificate, path, body):
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        file = self.folder / "www" / path.lstrip("/")
        file.parent.mkdir(parents=True)
        file.write_bytes(body)
        for parent in (self.folder, *self.folder.rglob("*")):
            parent.chmod(0o755)  # Its workers are nobody.
        where = self.folder / "access.log" if log else "off"
        text = NGINX.format(folder=self.folder, log=where, port=self.port, certificate=certificate)
        (self.folder / "nginx.conf").write_text(text)
        self.url = f"https://localhost:{self.port}"

    def start(self):
        self.process = subprocess.Popen(["nginx", "-p", self.folder, "-c", self.folder / "nginx.conf"])
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    sys.exit("nginx ended at its start")
                time.sleep(0.01)

    def cpu(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return sum(process_readings.cpu_seconds_now(int(child)) for child in children)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class Productd(Measured):
    def __init__(self, binary, folder, log):
        super().__init__(binary, folder, PRODUCTD_HTTP_ACCESS_LOG="all" if log else "off")

    def cpu(self):
        return process_readings.cpu_seconds_now(self.process.pid)


def loads(seconds):
    wrk = ["wrk", "-t2", f"-d{seconds}s", "--latency"]
    h2load = ["h2load", "-t2", f"-D{seconds}", "--warm-up-time=0"]
    return {
        "HTTP/1.1, 32 connections": [*wrk, "-c32"],
        "HTTP/1.1, 256 connections": [*wrk, "-c256"],
        "HTTP/2, 4 connections of 32 streams": [*h2load, "-c4", "-m32"],
        "HTTP/2, 32 connections of 8 streams": [*h2load, "-c32", "-m8"],
    }


def measure(server, path, command):
    """(requests/s, CPU µs a request)."""
    before = server.cpu()
    began = time.monotonic()
    done = subprocess.run([*map(str, command), server.url + path], capture_output=True, text=True)
    took = time.monotonic() - began
    spent = server.cpu() - before
    count = requests_of(done.stdout)
    if done.returncode or not count:
        sys.exit(done.stdout + done.stderr)
    return count / took, spent / count * 1e6


def answer_times(port, path, seconds):
    """(median, 99th percentile) in milliseconds at a rate that both can keep, by 32 connections of HTTP/1.1."""
    command = [LOAD, "--port", port, "--path", path, "--rate", STEADY_RATE, "--connections", 32, "--seconds", seconds]
    said = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout
    return answers(said)["200"][1:]


def requests_of(said):
    for line in said.splitlines():
        words = line.replace(",", "").split()
        if "requests in" in line and "errors" not in line:
            return int(words[0])
        if line.startswith("requests:"):
            if not words[words.index("failed") - 1] == words[words.index("errored") - 1] == "0":
                sys.exit(said)
            return int(words[words.index("succeeded") - 1])
    return 0


def a_product(service):
    """Creates one; its path and its bytes."""
    import ssl

    trusted = ssl.create_default_context(cafile=service.folder / "data/tls/server.crt")
    body = json.dumps({**A_PRODUCT, "name": "Chair"}).encode()
    request = urllib.request.Request(service.url + PRODUCTS, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, context=trusted) as answer:
        path = answer.headers["Location"]
    with urllib.request.urlopen(service.url + path, context=trusted) as answer:
        return path, answer.read()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=3)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/productd")
    chosen = options.parse_args()
    if not shutil.which("nginx"):
        sys.exit("nginx is missing: run tools/setup.sh bench")

    seen, times = {}, {}
    for number in range(chosen.rounds):
        for log in (False, True):
            with tempfile.TemporaryDirectory(prefix="productd-bench-") as folder:
                service = Productd(chosen.binary.resolve(), pathlib.Path(folder) / "productd", log)
                service.folder.mkdir()
                service.start()
                atexit.register(service.stop)  # A load that fails ends the run.
                path, body = a_product(service)
                nginx = Nginx(pathlib.Path(folder) / "nginx", log, service.folder / "data/tls", path, body)
                pathlib.Path(folder).chmod(0o755)
                nginx.start()
                atexit.register(nginx.stop)
                for title, command in loads(chosen.seconds).items():
                    for name, server in (("nginx", nginx), ("productd", service)):
                        rate, cpu = measure(server, path, command)
                        seen.setdefault((title, log), {}).setdefault(name, []).append((rate, cpu))
                        print(
                            f"round {number + 1}, {title}, access log {'on' if log else 'off'}: {name:<8} "
                            f"{rate:>8.0f} requests/s {cpu:>6.1f} µs CPU each",
                            flush=True,
                        )
                ports = {"nginx": nginx.port, "productd": service.ports["http_port"]}
                for name, port in ports.items():
                    times.setdefault(log, {}).setdefault(name, []).append(answer_times(port, path, chosen.seconds))
                atexit.unregister(nginx.stop)
                atexit.unregister(service.stop)
                nginx.stop()
                service.stop()
    print("-- medians: CPU a request of nginx and of productd, and productd's beside nginx's")
    for (title, log), by_name in seen.items():
        cpu = {name: statistics.median(each[1] for each in by_name[name]) for name in by_name}
        rate = {name: statistics.median(each[0] for each in by_name[name]) for name in by_name}
        print(
            f"{title:<36} access log {'on ' if log else 'off'}  {cpu['nginx']:>6.1f} {cpu['productd']:>6.1f} µs "
            f"({cpu['productd'] / cpu['nginx']:.2f}); requests/s {rate['productd'] / rate['nginx']:.2f}"
        )
    print(f"-- answer times at {STEADY_RATE} requests/s, HTTP/1.1, 32 connections: medians of half and of 99 of 100")
    for log, by_name in times.items():
        for name, found in by_name.items():
            half, most = (statistics.median(each) for each in zip(*found))
            print(f"{name:<9} access log {'on ' if log else 'off'}  p50 {half:.2f} ms, p99 {most:.2f} ms")


if __name__ == "__main__":
    main()
