#!/usr/bin/python3
# Makes the user of a MongoDB that productd is to log in as: mongo_user.py [--user NAME] [--password-file FILE] [--db NAME] URI.
# URI is of somebody who may make users, and has no password: other users of the machine see the arguments of a process, and a
# shell keeps them. That password is in --admin-password-file, in PRODUCTD_MONGODB_ADMIN_PASSWORD, or asked for on a terminal.
# The new user's password is in FILE (ssl/mongodb-password), and is made there where there is none. The user may read and write
# that database and no other; the service makes its indexes itself when it starts. A user that is there already gets this
# password and these rights.
import argparse
import getpass
import os
import pathlib
import secrets
import sys

import pymongo
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri
from sources import ROOT

WAIT_MS = 5_000
VARIABLE = "PRODUCTD_MONGODB_ADMIN_PASSWORD"


class Refused(Exception):
    """Why nothing was tried, in one sentence."""


def password(file):
    """What the file has, made where there is none."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(secrets.token_hex(24))
    return file.read_text().strip()


def administrator(uri, file):
    """The password of who is named in the URI; None where nobody is."""
    parsed = parse_uri(uri)
    if parsed["password"]:
        raise Refused(f"leave the password out of the URI, and give it by --admin-password-file or {VARIABLE}")
    if not parsed["username"]:
        return None
    if file:
        return file.read_text().strip()
    if VARIABLE in os.environ:
        return os.environ[VARIABLE]
    if not sys.stdin.isatty():
        raise Refused(f"there is no terminal to ask for the password on: give it by --admin-password-file or {VARIABLE}")
    return getpass.getpass(f"Password of {parsed['username']}: ")


def make(uri, admin, user, word, database):
    """`made` or `changed`."""
    roles = [{"role": "readWrite", "db": database}]
    options = {} if admin is None else {"password": admin}
    if "serverSelectionTimeoutMS" not in parse_uri(uri)["options"]:  # What is given here would win.
        options["serverSelectionTimeoutMS"] = WAIT_MS
    with pymongo.MongoClient(uri, **options) as client:
        known = client.admin.command("usersInfo", user)["users"]
        command = "updateUser" if known else "createUser"
        client.admin.command(command, user, pwd=word, roles=roles, mechanisms=["SCRAM-SHA-256"])
    return "changed" if known else "made"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("uri", help="of who may make users, without a password: mongodb://admin@host:27017/?replicaSet=rs0")
    options.add_argument("--admin-password-file", type=pathlib.Path, help=f"of who is in the URI; else {VARIABLE}, else asked for")
    options.add_argument("--user", default="productd")
    options.add_argument("--password-file", type=pathlib.Path, default=ROOT / "ssl/mongodb-password")
    options.add_argument("--db", default="products", help="as MongoDB.DB of the configuration")
    asked = options.parse_args()
    try:
        admin = administrator(asked.uri, asked.admin_password_file)
        did = make(asked.uri, admin, asked.user, password(asked.password_file), asked.db)
    except (OSError, PyMongoError, Refused) as error:
        print(f"mongo: {error}", file=sys.stderr)
        return 1
    print(f"mongo: the user {asked.user} is {did}; the service needs PRODUCTD_MONGODB_USER={asked.user}")
    print(f"mongo: and PRODUCTD_MONGODB_PASSWORD_FILE={asked.password_file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
