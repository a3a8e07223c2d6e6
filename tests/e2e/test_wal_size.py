# How large the files beside the store become while another program reads it without an end.
import sqlite3

from products import a_product
from service import PRODUCTS
from store_under_test import embedded_only
from waiting import eventually

pytestmark = embedded_only

BOUND_MIB = 16
WRITES = 120


def size_mib(service):
    return (service.data / "store.db-wal").stat().st_size / 2**20


def test_a_reader_without_an_end_lets_the_wal_grow_to_its_bound_and_no_further(new_service, facts):
    service = new_service(
        environment={"PRODUCTD_STORE_WALBYTESMAX": f"{BOUND_MIB}MiB", "PRODUCTD_HTTP_APPLYWAIT": "300ms"}
    ).start()
    path = f"{PRODUCTS}/{service.created(a_product())['productId']}"
    foreign = sqlite3.connect(service.data / "store.db", isolation_level=None)
    foreign.execute("BEGIN")
    assert foreign.execute("SELECT count(*) FROM products").fetchone() == (1,)

    def write(number):
        answer = service.request("PUT", path, json=a_product(imageUrl="x" * 200_000, quantity=number))
        return answer.headers.get("Product-State")

    for number in range(WRITES):  # Together half as much again as the bound.
        write(number)
    largest = size_mib(service)
    facts.append(f"WAL: {WRITES} writes of 200 kB beside a reader without an end: {largest:.1f} of {BOUND_MIB} MiB")
    assert BOUND_MIB - 1 < largest < BOUND_MIB + 2
    assert service.get(path).status_code == 200, "reads go on"

    foreign.close()
    eventually(lambda: write(0) == "applied", 60, "a write to be applied")
    service.stop()
