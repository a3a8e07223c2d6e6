# deploy/compose.yaml by its own facts, since no container engine is needed to see that a name leads nowhere: every port, path,
# variable, command line and sum in it. tests/stack has it under the schema, and its passwords and checks on real servers.
import re

import pytest
import yaml

import compose_file
import dockerfile
import memory_bounds
from compose_file import published, services, volumes
from service import ROOT, run_cli

ALL = list(services())
OURS = list(compose_file.of_productd())
LASTING = list(compose_file.lasting())
# Of the older service's stack, and a second instance beside it.
CONTRACT = {5000, 5007, 7070, 9091, 9092, 9093, 9000, 6379, 9090, 9101, 3000, 16686, 27017}
FURTHER = {5001, 5008, 7071, 4317}
TEXT = compose_file.FILE.read_text()


def test_what_it_says_of_memory_is_the_sum_of_the_limits():
    lasting, jobs = (int(re.search(rf"{word} (\d+) MiB", TEXT)[1]) for word in ("keeps running:", "jobs that end take"))
    limits = {name: compose_file.mebibytes(one["mem_limit"]) for name, one in services().items()}
    assert sum(limits[name] for name in LASTING) == lasting
    assert sum(limits[name] for name in compose_file.JOBS) == jobs
    documents = (ROOT / "docs/deployment.md").read_text().replace("\n  ", " ")
    assert f"What keeps running may take {lasting:,} MiB together, the jobs {jobs} MiB" in documents
    assert f"productd alone, embedded: {limits['productd']} MiB" in TEXT


def test_an_instance_has_room_for_all_that_its_bounds_let_in():
    rooms = [compose_file.mebibytes(services()[name]["mem_limit"]) for name in OURS if name != "topics"]
    assert min(rooms) >= memory_bounds.mebibytes()


def test_all_ports_are_on_loopback_and_those_of_the_contract():
    taken = [port for name in LASTING for port in published(services()[name])]
    assert sorted(taken) == sorted(CONTRACT | FURTHER), "each once"
    assert set(published(services()["productd"])) <= CONTRACT
    for name in compose_file.JOBS:
        assert not services()[name].get("ports")


@pytest.mark.parametrize("name", ALL)
def test_what_is_published_is_listened_on(name):
    one = services()[name]
    outside_listeners = re.findall(r"OUTSIDE://:(\d+)", str(one.get("environment", {}).get("KAFKA_LISTENERS", "")))
    listened = compose_file.listens_on(name) | set(map(int, outside_listeners))
    assert set(published(one).values()) <= listened
    if outside_listeners:  # A client on the machine goes where the broker tells it to.
        told = re.search(r"OUTSIDE://localhost:(\d+)", one["environment"]["KAFKA_ADVERTISED_LISTENERS"])[1]
        assert published(one) == {int(told): int(outside_listeners[0])}


@pytest.mark.parametrize("name", ALL)
def test_what_is_mounted_is_there(name):
    known = compose_file.read()["volumes"]
    for source, place, is_written in volumes(services()[name]):
        if source.startswith("."):
            assert (compose_file.FILE.parent / source).exists(), source
            assert not is_written, f"{source} is of the repository"
        elif source.startswith("/"):
            assert source == "/" and not is_written
        else:
            assert source in known, source


def test_each_volume_has_one_writer_and_secrets_only_the_job_that_makes_them():
    writers = {}
    for name, one in services().items():
        for source, _, is_written in volumes(one):
            if is_written:
                writers.setdefault(source, []).append(name)
    assert writers.keys() == compose_file.read()["volumes"].keys()
    for source, names in writers.items():
        assert names == ["secrets"] if source.startswith("secrets-") else len(names) == 1, source


def test_a_health_check_starts_no_second_jvm():
    for name in ("broker-1", "broker-2", "broker-3", "kafdrop"):
        words = " ".join(services()[name]["healthcheck"]["test"])
        assert "/dev/tcp/" in words and "kafka-" not in words and "java" not in words
        heap = int(re.search(r"-Xmx(\d+)[mM]", str(services()[name]["environment"]))[1])
        # Beside the heap a JVM has its code, classes, threads and buffers.
        assert compose_file.mebibytes(services()[name]["mem_limit"]) >= 2 * heap


@pytest.mark.parametrize("name", ALL)
def test_images_are_pinned_and_containers_shut(name):
    one = services()[name]
    repository, _, tag = one["image"].rpartition(":")
    assert repository and re.fullmatch(r"v?\d+\.\d+\.\d+(@sha256:[0-9a-f]{64})?", tag), one["image"]
    assert one["cap_drop"] == ["ALL"] and one["security_opt"] == ["no-new-privileges:true"]
    assert not one.get("privileged") and "host.docker.internal" not in str(one)
    assert one["logging"]["options"]["max-size"]
    assert one["image"] == f"productd:{dockerfile.read()[0][-1].labels['org.opencontainers.image.version']}" or name not in OURS


def test_the_image_is_built_once_in_each_form_and_never_pulled():
    building = {name for name, one in services().items() if "build" in one}
    assert building == {"topics", "productd"} and services()["productd"]["profiles"] == ["light"]
    for name in set(OURS) - building:
        assert services()[name]["pull_policy"] == "never" and "topics" in services()[name]["depends_on"]


def test_what_ends_it_ends_both_forms():
    profiles = {profile for one in services().values() for profile in one.get("profiles", [])}
    for text in (TEXT, (ROOT / "docs/deployment.md").read_text()):
        downs = re.findall(r"compose -f deploy/compose\.yaml (.*?)\bdown\b", text)
        assert downs and all(set(re.findall(r"--profile (\w+)", words)) == profiles for words in downs)


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_has_a_health_check_and_comes_back(name):
    one = services()[name]
    kind, *words = one["healthcheck"]["test"]
    assert kind in ("CMD", "CMD-SHELL") and words and one["restart"] == "unless-stopped"
    for port in re.findall(r"(?:localhost|127\.0\.0\.1)[:/](\d+)", " ".join(words)):
        own = re.findall(r"CHECK://localhost:(\d+)", str(one.get("environment")))
        assert int(port) in compose_file.listens_on(name) | set(map(int, own))


@pytest.mark.parametrize("name", ALL)
def test_who_waits_for_a_job_waits_for_its_end_and_for_a_server_until_it_is_healthy(name):
    for other, how in services()[name].get("depends_on", {}).items():
        wanted = "service_completed_successfully" if other in compose_file.JOBS else "service_healthy"
        assert how["condition"] == wanted
        assert "profiles" not in services()[other]


@pytest.mark.parametrize("name", OURS)
def test_productd_takes_the_command_the_environment_and_the_check(name, tmp_path):
    one = services()[name]
    stage = dockerfile.read()[0][-1]
    for words in (one.get("command") or stage.settings["CMD"], one["healthcheck"].get("test", ["CMD", "", "health"])[2:]):
        done = run_cli(*words, "--help")
        assert done.returncode == 0 and f"Usage: productd {' '.join(words)}" in done.stdout, done.stderr
    (tmp_path / "secret").write_text("made-up")
    # Who reads them is another: here only whether each is a key, and takes its value.
    given = {key: tmp_path / "secret" if key.endswith("_FILE") else value for key, value in one["environment"].items()}
    told = run_cli("config", environment={**stage.environment, **{key: str(value) for key, value in given.items()}})
    assert told.returncode == 0 and not told.stderr, told.stderr
    assert set(re.findall(r"# (?:from )?(PRODUCTD_\w+)", told.stdout)) >= {
        key for key in given if key.startswith("PRODUCTD_") and not key.endswith("_FILE")
    }


@pytest.mark.parametrize("name", ["productd-1", "productd-2"])
def test_a_stop_has_the_time_that_the_service_takes(name):
    told = run_cli("config", "--defaults").stdout
    timeout = re.search(r"^Shutdown:.*?^  Timeout: (\d+)s", told, re.M | re.S)[1]
    assert compose_file.seconds(services()[name]["stop_grace_period"]) > int(timeout)
    assert services()[name]["read_only"] and [place for _, place, written in volumes(services()[name]) if written] == ["/data"]


def test_each_address_is_of_a_service_that_listens_there():
    found = 0
    for one in services().values():
        addresses = re.findall(r"(?<![\w.])([a-z][a-z0-9-]*):(\d{4,5})\b", str(one.get("environment", "")))
        for host, port in addresses:
            if host != "localhost" and int(port) != 29093:  # That is between the brokers.
                assert int(port) in compose_file.listens_on(host), (host, port)
                found += 1
    assert found > 20


def test_the_older_configuration_finds_its_servers_under_its_names():
    older = yaml.safe_load((ROOT / "tests/fixtures/older-config-docker.yaml").read_text())
    for address in [*older["Kafka"]["Brokers"], older["Redis"]["RedisAddr"], older["MongoDB"]["URI"].removeprefix("mongodb://")]:
        host, _, port = address.partition(":")
        assert int(port) in compose_file.listens_on(host), address
    assert older["Jaeger"]["Host"].split(":")[0] in services()
    assert older["Server"]["Port"] == ":5000" and older["Http"]["Port"] == ":5007" and older["Metrics"]["Port"] == ":7070"


def test_its_prometheus_scrapes_the_same_as_the_other_one():
    here = yaml.safe_load((ROOT / "deploy/compose/prometheus.yml").read_text())
    there = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    assert {**here, "scrape_configs": 0} == {**there, "scrape_configs": 0}
    for job, other in zip(here["scrape_configs"], there["scrape_configs"], strict=True):
        targets = job.pop("static_configs")[0]["targets"]
        del other["static_configs"]
        other.pop("file_sd_configs", None)
        assert job == other
        for host, port in (target.split(":") for target in targets):
            name = "prometheus" if host == "localhost" else host
            assert int(port) in compose_file.listens_on(name), (host, port)


def test_grafana_finds_its_dashboards_and_its_sources_and_fetches_nothing():
    grafana = services()["grafana"]
    assert grafana["environment"]["GF_PLUGINS_PREINSTALL_DISABLED"] == "true"
    places = {place: source for source, place, _ in volumes(grafana)}
    provider = yaml.safe_load((ROOT / "deploy/grafana/provisioning/dashboards/productd.yml").read_text())
    assert places[provider["providers"][0]["options"]["path"]] == "./grafana/dashboards"
    sources = (ROOT / "deploy/grafana/provisioning/datasources/productd.yml").read_text()
    assert set(re.findall(r"\$\{(\w+)\}", sources)) <= grafana["environment"].keys()
