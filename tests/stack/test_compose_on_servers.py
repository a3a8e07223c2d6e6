# What deploy/compose.yaml tells its servers, told to real ones here: the passwords and rights of deploy/secrets.sh, each health
# check as it stands there, and the configuration of Prometheus.
import re
import shutil
import subprocess

import httpx
import pytest

import compose_file
import image_sbom
import stack
import stack_servers
import stack_telemetry
from products import a_product
from service import PRODUCTS, ROOT, Service

pytest_plugins = ["own_servers"]

REDIS = stack.named("redis")


@pytest.fixture
def redis(own, tmp_path):
    """With the command of the compose file, and the users that secrets.sh makes."""
    folder = tmp_path / "secrets"
    subprocess.run(["sh", ROOT / "deploy/secrets.sh", folder], check=True, capture_output=True)
    place = "/run/secrets"
    words = [word.replace(place, str(folder)) for word in compose_file.services()["redis"]["command"]]

    def arguments(_, port):
        return [*words, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(tmp_path)]

    def ready(_, port):
        return check(port).returncode == 0

    server = stack_servers.Server("redis", REDIS.program, arguments, ready, REDIS.install)
    return own("redis", server), folder


def check(port):
    """The health check as it stands in the compose file, on this port."""
    kind, *words = compose_file.services()["redis"]["healthcheck"]["test"]
    return subprocess.run([*words[:1], "-p", str(port), *words[1:]], capture_output=True, text=True)


def test_redis_lets_the_service_do_its_work_and_nobody_else_anything(redis, tmp_path):
    running, secrets = redis
    port = running.state()["port"]
    told = compose_file.services()["productd-1"]["environment"]
    environment = {
        "PRODUCTD_CACHE": "redis",
        "PRODUCTD_REDIS_ADDRESS": f"127.0.0.1:{port}",
        "PRODUCTD_REDIS_USER": told["PRODUCTD_REDIS_USER"],
        "PRODUCTD_REDIS_PASSWORD_FILE": told["PRODUCTD_REDIS_PASSWORD_FILE"].replace("/run/secrets", str(secrets)),
    }
    service = Service(tmp_path / "service", environment=environment).start()
    try:
        product = service.created(a_product())
        assert service.get(f"{PRODUCTS}/{product['productId']}").status_code == 200
        assert httpx.get(f"http://127.0.0.1:{service.ready['metrics_port']}/readyz?verbose=true").json()["degraded"] is False
    finally:
        service.ensure_stopped()
    for words, said in [(["get", "products:1"], "NOAUTH"), (["--user", "health", "--pass", "x", "get", "products:1"], "NOPERM")]:
        done = subprocess.run(["redis-cli", "-e", "-p", str(port), *words], capture_output=True, text=True)
        assert done.returncode != 0 and said in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["prometheus", "node-exporter", "jaeger"])
def test_the_health_check_asks_what_the_server_answers(own, name):
    running = own(name)
    kind, *words = compose_file.services()[name]["healthcheck"]["test"]
    port, path = re.fullmatch(r"http://127\.0\.0\.1:(\d+)(/.*)", words[-1]).groups()
    here = running.state()["port"]
    if name == "jaeger":  # Its health has a port of its own.
        here = stack_telemetry.kept_ports(running.folder)["admin_port"]
    assert httpx.get(f"http://127.0.0.1:{here}{path}").status_code == 200


def test_node_exporter_tells_of_no_network_since_it_would_be_its_containers(own):
    node = stack.named("node-exporter")
    rest = compose_file.services()["node-exporter"]["command"]
    assert rest[:2] == ["--web.listen-address=:9101", "--path.rootfs=/host"]

    def arguments(_, port):  # As in the file, but for the place and the root, which here is that of the machine.
        return [node.program, f"--web.listen-address=127.0.0.1:{port}", "--path.rootfs=/", *rest[2:]]

    running = own("node-exporter", stack_servers.Server("node-exporter", node.program, arguments, node.ready, node.install))
    told = httpx.get(f"http://127.0.0.1:{running.state()['port']}/metrics").text
    assert re.search(r"^node_filesystem_avail_bytes\{", told, re.M) and re.search(r"^node_cpu_seconds_total\{", told, re.M)
    networks = r"^node_(?:network|netstat|sockstat|arp|nf_conntrack|softnet|udp|bonding|ipvs|nfs)\w*"
    assert re.findall(networks, told, re.M) == []


def test_promtool_finds_nothing_in_the_configuration_of_its_prometheus(tmp_path):
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed; run tools/setup.sh stack")
    mounted = {place: source for source, place, _ in compose_file.volumes(compose_file.services()["prometheus"])}
    for place, source in mounted.items():
        if place.startswith("/etc/prometheus/"):
            (tmp_path / place.removeprefix("/etc/prometheus/")).symlink_to(ROOT / "deploy" / source)
    done = subprocess.run(["promtool", "check", "config", tmp_path / "prometheus.yml"], capture_output=True, text=True)
    assert done.returncode == 0 and re.search(r"rules/alerts\.yml", done.stdout + done.stderr), done.stdout + done.stderr


def test_the_image_of_the_compose_file_is_of_this_version():
    assert {one["image"] for one in compose_file.of_productd().values()} == {f"productd:{image_sbom.version()}"}
