# Fixtures: one shared service for tests that only ask, services of their own for tests that break something.
import json

import pytest

from generated import proto  # noqa: F401: a fixture
from service import BINARY, ROOT, Service

started = []


def pytest_sessionstart(session):
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is missing; build it with `make build`, or name one with PRODUCTD_BINARY", returncode=2)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for one in started:
            if one.process:
                report.sections.append(
                    (
                        f"log of {one.folder.name}",
                        one.output(tail=700 if one.folder.name.startswith("shared") else 3000),
                    )
                )


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    """The service that tests share. They must not stop it, and must not expect it empty."""
    running = Service(
        tmp_path_factory.mktemp("shared"), environment={"PRODUCTD_WORKER_NOT_FOUND_WAIT": "500ms"}
    ).start()
    started.append(running)
    yield running
    started.remove(running)
    running.stop()


@pytest.fixture
def new_service(tmp_path):
    """Makes services with data folders of their own; all of them are gone after the test."""
    made = []

    def make(*flags, name="service", **options):
        one = Service(tmp_path / name, *flags, **options)
        made.append(one)
        started.append(one)
        return one

    yield make
    for one in made:
        one.ensure_stopped()
        started.remove(one)


@pytest.fixture
def alone(new_service):
    """A service of a test's own whose orphans become dead letters soon."""
    return new_service(environment={"PRODUCTD_WORKER_NOT_FOUND_WAIT": "300ms"}).start()


@pytest.fixture
def stub(service, proto):
    with service.channel() as channel:
        yield proto.product_pb2_grpc.ProductsServiceStub(channel)


@pytest.fixture(scope="session")
def samples():
    """Messages and documents as the first generation of the service wrote them."""
    return json.loads((ROOT / "tests/fixtures/contract-samples.json").read_text())
