# Files of the data folder from before and after this version: what is older is taken up, what is newer is left alone.
import sqlite3

import pytest

from lost_store import bytes_of_files, history_of
from products import a_product
from service import PRODUCTS, NotReady, run_cli
from store_under_test import embedded_only

pytestmark = embedded_only
# What takes each file back to its first schema, and the last one.
BACK = {
    "log.db": ["DROP TABLE store_mark"],
    "store.db": ["DROP TABLE mark", "DROP TABLE changes", "ALTER TABLE products DROP COLUMN change"],
}
NOW = {"log.db": 2, "store.db": 3}


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


def take_back(service):
    for name, statements in BACK.items():
        change(service.data / name, *statements, "PRAGMA user_version = 1")


def check_goes_on(service):
    service.start()
    path = f"{PRODUCTS}/{service.product['productId']}"
    assert service.get(path).json() == service.product
    changed = service.request("PUT", path, json=a_product())
    assert changed.headers["Product-State"] == "applied" and changed.json()["version"] == 2
    service.stop()
    assert {name: schema_of(service.data / name) for name in NOW} == NOW


def test_files_of_the_first_schema_are_taken_up(service):
    take_back(service)
    check_goes_on(service)


def test_a_backup_of_the_first_schema_is_taken_up(service, new_service, tmp_path):
    take_back(service)
    assert run_cli("backup", tmp_path / "old", "--data-dir", service.data).returncode == 0
    assert schema_of(service.data / "log.db") == 1, "a backup changes nothing"
    restored = new_service(name="restored")
    done = run_cli("restore", tmp_path / "old", "--data-dir", restored.data)
    assert done.returncode == 0, done.stderr
    restored.product = service.product
    check_goes_on(restored)
    assert history_of(restored.start())[0]


@pytest.mark.parametrize("name", NOW)
def test_files_of_a_later_schema_are_left_as_they_are(service, tmp_path, name):
    change(service.data / name, f"PRAGMA user_version = {NOW[name] + 1}")
    before = bytes_of_files(service.data)
    schemas = f"(schema {NOW[name] + 1}, this one knows {NOW[name]})"
    words = f"was written by a newer productd {schemas}, and was left as it is"
    with pytest.raises(NotReady) as refused:
        service.start()
    assert words in refused.value.output
    told = run_cli("backup", tmp_path / "copy", "--data-dir", service.data)
    assert told.returncode == 1 and words in told.stderr and not (tmp_path / "copy").exists()
    assert bytes_of_files(service.data)[service.data / name] == before[service.data / name]
