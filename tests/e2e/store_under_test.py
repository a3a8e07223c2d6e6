# Where the services of these tests keep and cache their products.
import hashlib
import os
import socket
import sqlite3

import pytest

# `make test-stack` names a MongoDB here: then every service keeps its products there, in a database of its own.
MONGODB = os.environ.get("PRODUCTD_E2E_MONGODB")
# And a Redis, host:port: then every service caches them there, in an emptied database of its own.
REDIS = os.environ.get("PRODUCTD_E2E_REDIS")
redis_databases = {}
# For tests of what there is only without them.
embedded_only = pytest.mark.skipif(bool(MONGODB or REDIS), reason="of the store and the cache in the data folder")


def store_environment(data):
    """What makes a service, or a command, of this data folder use the store and the cache under test."""
    chosen = {}
    if MONGODB:
        name = "e2e_" + hashlib.sha256(f"{os.getpid()} {data}".encode()).hexdigest()[:16]
        chosen |= {"PRODUCTD_STORE": "mongodb", "PRODUCTD_MONGODB_URI": MONGODB, "PRODUCTD_MONGODB_DB": name}
    if REDIS:
        if str(data) not in redis_databases:
            redis_databases[str(data)] = str(1 + len(redis_databases))
            empty(redis_databases[str(data)])
        chosen |= {
            "PRODUCTD_CACHE": "redis",
            "PRODUCTD_REDIS_ADDRESS": REDIS,
            "PRODUCTD_REDIS_DB": redis_databases[str(data)],
            "PRODUCTD_REDIS_TIMEOUT": "5s",  # A loaded machine must not look like a dead server.
        }
    return chosen


def damage(data, product):
    """Makes what is stored of a product unreadable, beside a service that may run."""
    set_photos(data, product, b"\xff", "no array")


def mend(data, product):
    set_photos(data, product, b"", [])


def set_photos(data, product, blob, value):
    if not MONGODB:
        with sqlite3.connect(data / "store.db", timeout=20) as database:
            values = (blob, bytes.fromhex(product))
            assert database.execute("UPDATE products SET photos = ? WHERE id = ?", values).rowcount == 1
        return database.close()
    import bson  # Here, for who has no need of it.
    import pymongo

    with pymongo.MongoClient(MONGODB) as client:
        products = client[store_environment(data)["PRODUCTD_MONGODB_DB"]]["products"]
        done = products.update_one({"_id": bson.ObjectId(product)}, {"$set": {"photos": value}})
    assert done.matched_count == 1


def empty(database):
    host, _, port = REDIS.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(f"SELECT {database}\r\nFLUSHDB\r\n".encode())
        answer = b""
        while answer.count(b"\r\n") < 2:
            answer += connection.recv(256)
    assert answer == b"+OK\r\n+OK\r\n", answer


def data_of(arguments):
    """The folder that a command's --data-dir names."""
    given = [str(value) for name, value in zip(arguments, arguments[1:]) if name == "--data-dir"]
    return given[-1] if given else ""
