#!/usr/bin/python3
# Makes the user of a MongoDB that productd is to log in as: mongo_user.py [--user NAME] [--password-file FILE] [--db NAME] URI.
# URI is of somebody who may make users. The password is in FILE (ssl/mongodb-password), and is made there where there is none.
# The user may read and write that database and no other; the service makes its indexes itself when it starts. A user that is
# there already gets this password and these rights.
import argparse
import os
import pathlib
import secrets
import sys

import pymongo
from pymongo.errors import OperationFailure, PyMongoError
from sources import ROOT

WAIT_MS = 5_000


def password(file):
    """What the file has, made where there is none."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(secrets.token_hex(24))
    return file.read_text().strip()


def make(uri, user, word, database):
    """`made` or `changed`."""
    roles = [{"role": "readWrite", "db": database}]
    with pymongo.MongoClient(uri, serverSelectionTimeoutMS=WAIT_MS) as client:
        known = client.admin.command("usersInfo", user)["users"]
        command = "updateUser" if known else "createUser"
        client.admin.command(command, user, pwd=word, roles=roles, mechanisms=["SCRAM-SHA-256"])
    return "changed" if known else "made"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("uri", help="such as mongodb://admin:word@host:27017/?replicaSet=rs0")
    options.add_argument("--user", default="productd")
    options.add_argument("--password-file", type=pathlib.Path, default=ROOT / "ssl/mongodb-password")
    options.add_argument("--db", default="products", help="as MongoDB.DB of the configuration")
    asked = options.parse_args()
    try:
        did = make(asked.uri, asked.user, password(asked.password_file), asked.db)
    except (OSError, OperationFailure, PyMongoError) as error:
        print(f"mongo: {error}", file=sys.stderr)
        return 1
    print(f"mongo: the user {asked.user} is {did}; the service needs PRODUCTD_MONGODB_USER={asked.user}")
    print(f"mongo: and PRODUCTD_MONGODB_PASSWORD_FILE={asked.password_file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
