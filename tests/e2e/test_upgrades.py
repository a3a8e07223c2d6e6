# Files of the data folder from before and after this version: what is older is taken up, what is newer is left alone.
import sqlite3

import pytest

from lost_store import bytes_of_files, history_of
from products import a_product
from service import PRODUCTS, NotReady, run_cli
from store_under_test import embedded_only

pytestmark = embedded_only
# What schema 2 added to 1.
ADDED = {"log.db": "store_mark", "store.db": "mark"}


def change(file, *statements):
    with sqlite3.connect(file) as database:
        for statement in statements:
            database.execute(statement)
    database.close()


def schema_of(file):
    with sqlite3.connect(file) as database:
        found = database.execute("PRAGMA user_version").fetchone()[0]
    database.close()
    return found


@pytest.fixture
def service(new_service):
    service = new_service().start()
    service.product = service.created(a_product())
    service.stop()
    return service


def check_goes_on(service):
    service.start()
    path = f"{PRODUCTS}/{service.product['productId']}"
    assert service.get(path).json() == service.product
    changed = service.request("PUT", path, json=a_product())
    assert changed.headers["Product-State"] == "applied" and changed.json()["version"] == 2
    service.stop()
    assert {schema_of(service.data / name) for name in ADDED} == {2}


def test_files_of_the_first_schema_are_taken_up(service):
    for name, table in ADDED.items():
        change(service.data / name, f"DROP TABLE {table}", "PRAGMA user_version = 1")
    check_goes_on(service)


def test_a_backup_of_the_first_schema_is_taken_up(service, new_service, tmp_path):
    for name, table in ADDED.items():
        change(service.data / name, f"DROP TABLE {table}", "PRAGMA user_version = 1")
    assert run_cli("backup", tmp_path / "old", "--data-dir", service.data).returncode == 0
    assert schema_of(service.data / "log.db") == 1, "a backup changes nothing"
    restored = new_service(name="restored")
    done = run_cli("restore", tmp_path / "old", "--data-dir", restored.data)
    assert done.returncode == 0, done.stderr
    restored.product = service.product
    check_goes_on(restored)
    assert history_of(restored.start())[0]


@pytest.mark.parametrize("name", ADDED)
def test_files_of_a_later_schema_are_left_as_they_are(service, tmp_path, name):
    change(service.data / name, "PRAGMA user_version = 3")
    before = bytes_of_files(service.data)
    words = "was written by a newer productd (schema 3, this one knows 2), and was left as it is"
    with pytest.raises(NotReady) as refused:
        service.start()
    assert words in refused.value.output
    told = run_cli("backup", tmp_path / "copy", "--data-dir", service.data)
    assert told.returncode == 1 and words in told.stderr and not (tmp_path / "copy").exists()
    assert bytes_of_files(service.data)[service.data / name] == before[service.data / name]
