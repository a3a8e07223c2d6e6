# An event log that is damaged or gone: what is lost with it, and what mends it.
import json

import httpx
import pytest

from for_callers import check_for_callers
from lost_store import bytes_of_files, damage_file, history_of
from products import a_product
from service import PRODUCTS, run_cli
from store_under_test import embedded_only

pytestmark = embedded_only

FREE_PORTS = ["--http-port", "0", "--grpc-port", "0", "--metrics-port", "0"]
MISSING = "Accepted messages may be missing"


@pytest.fixture
def service(new_service):
    return new_service().start()


def doctor(service):
    return run_cli("doctor", "--data-dir", service.data, *FREE_PORTS)


def remove_log(service):
    for file in service.data.glob("log.db*"):
        file.unlink()


def warnings_of_loss(service):
    lines = [json.loads(line) for line in service.output().splitlines() if line.startswith("{")]
    return [line for line in lines if line["level"] == "warn" and line["message"] == MISSING]


@pytest.mark.parametrize("how", ["foreign bytes", "cut", "inside"])
def test_the_doctor_tells_of_a_damaged_log_with_what_mends_it_and_what_that_loses(service, how):
    service.created(a_product())
    service.stop()
    assert doctor(service).returncode == 0
    damage_file(service.data / "log.db", how)
    files = bytes_of_files(service.data)
    told = doctor(service)
    assert told.returncode == 1 and "log.db" in told.stdout, told.stdout
    for part in ("backup", "makes an empty one", "not yet applied", "dead letters"):
        assert part in told.stdout, told.stdout
    assert bytes_of_files(service.data) == files


def test_a_log_that_is_gone_is_told_of_at_the_start_by_readiness_and_before_by_the_doctor(service):
    product = service.created(a_product())
    service.stop()
    assert MISSING not in doctor(service).stdout
    remove_log(service)
    told = doctor(service)
    assert told.returncode == 0 and MISSING in told.stdout and "dead letters" in told.stdout, told.stdout
    assert not list(service.data.glob("log.db*")), "the doctor makes nothing"

    service.start()
    (line,) = warnings_of_loss(service)
    assert "log.db" in line["cause"]
    is_ready, history = history_of(service)
    assert is_ready and not history["ok"], "nothing brings it back, so it keeps nobody from working"
    check_for_callers(history["detail"])
    inside = httpx.get(f"http://127.0.0.1:{service.ready['metrics_port']}/readyz?verbose").text
    for text in (service.output(), inside):
        assert MISSING in text and "log.db" in text, text
    path = f"{PRODUCTS}/{product['productId']}"
    changed = service.request("PUT", path, json=a_product(price=9))
    assert changed.headers["Product-State"] == "applied" and changed.json()["version"] == 2

    service.stop()
    service.start()
    assert not warnings_of_loss(service), "it is told once"
    assert history_of(service)[1]["ok"]


def test_a_log_made_by_a_command_is_as_new(service):
    service.created(a_product())
    service.stop()
    remove_log(service)
    assert run_cli("topics", "create", "--data-dir", service.data).returncode == 0
    assert MISSING in doctor(service).stdout
    service.start()
    assert warnings_of_loss(service)


def test_a_folder_where_nothing_was_changed_yet_misses_nothing(service):
    service.stop()
    remove_log(service)
    assert MISSING not in doctor(service).stdout
    service.start()
    assert not warnings_of_loss(service) and history_of(service)[1]["ok"]
