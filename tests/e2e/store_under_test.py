# Where the services of these tests keep their products.
import hashlib
import os

# `make test-stack` names a MongoDB here: then every service keeps its products there, in a database of its own.
MONGODB = os.environ.get("PRODUCTD_E2E_MONGODB")


def store_environment(data):
    """What makes a service, or a command, of this data folder use the store under test."""
    if not MONGODB:
        return {}
    name = "e2e_" + hashlib.sha256(f"{os.getpid()} {data}".encode()).hexdigest()[:16]
    return {"PRODUCTD_STORE": "mongodb", "PRODUCTD_MONGODB_URI": MONGODB, "PRODUCTD_MONGODB_DB": name}


def data_of(arguments):
    """The folder that a command's --data-dir names."""
    given = [str(value) for name, value in zip(arguments, arguments[1:]) if name == "--data-dir"]
    return given[-1] if given else ""
