# How large the files beside the store become while another program reads it without an end.
import secrets
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
    # The transaction that passes the bound is still written: it is small where bulk calls are.
    small = {"PRODUCTD_WORKER_BATCHMAX": "2", "PRODUCTD_WORKER_PARALLELISM": "1"}
    bound = {"PRODUCTD_STORE_WALBYTESMAX": f"{BOUND_MIB}MiB", "PRODUCTD_HTTP_APPLYWAIT": "300ms"}
    service = new_service(environment=bound | small).start()
    first = service.created(a_product())["productId"]
    foreign = sqlite3.connect(service.data / "store.db", isolation_level=None)
    foreign.execute("BEGIN")
    assert foreign.execute("SELECT count(*) FROM products").fetchone() == (1,)

    for _ in range(WRITES):  # Together half as much again as the bound; of creates none stands for another.
        last = service.request("POST", PRODUCTS, json=a_product(imageUrl=secrets.token_hex(100_000)))
    eventually(lambda: size_mib(service) > BOUND_MIB - 1, 60, "a WAL that is nearly full")
    largest = max(size_mib(service) for _ in range(50) if service.get(f"{PRODUCTS}/{first}").status_code == 200)
    facts.append(f"WAL: {WRITES} creates of 200 kB beside a reader without an end: {largest:.1f} of {BOUND_MIB} MiB")
    assert largest < BOUND_MIB + 2
    assert last.headers["Product-State"] == "accepted"

    foreign.close()
    find = lambda: service.get(f"{PRODUCTS}/{last.json()['productId']}").status_code
    eventually(lambda: find() == 200, 60, "the last one")
    service.stop()
