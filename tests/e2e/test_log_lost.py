# An event log that is damaged: what is lost with it, and what mends it.
import pytest

from lost_store import bytes_of_files, damage_file
from products import a_product
from service import run_cli
from store_under_test import embedded_only

pytestmark = embedded_only

FREE_PORTS = ["--http-port", "0", "--grpc-port", "0", "--metrics-port", "0"]


@pytest.fixture
def service(new_service):
    return new_service().start()


def doctor(service):
    return run_cli("doctor", "--data-dir", service.data, *FREE_PORTS)


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
