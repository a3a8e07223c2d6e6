# tools/mongo_user.py on a MongoDB that lets nobody in without a password.
import os
import subprocess
import sys

import pymongo
import pytest
from pymongo.errors import OperationFailure

import stack
import stack_mongodb
from own_mongodb import own
from service import ROOT

PASSWORD = "of the administrator"


@pytest.fixture
def secure(tmp_path):
    """The URI of its administrator, without the password: of a server of this test's own."""
    running = own(stack.named(stack_mongodb.SECURE), tmp_path)
    running.up()
    uri = stack_mongodb.secure_uri(tmp_path, "WORD").replace("productd:WORD@", "admin@")
    # Who has the members' key may do everything.
    key = (running.folder / "members.key").read_text()
    with pymongo.MongoClient(uri, username="__system", password=key, authSource="local") as members:
        members.admin.command("createUser", "admin", pwd=PASSWORD, roles=["userAdminAnyDatabase"])
    yield uri
    running.down()


def test_it_makes_a_user_of_one_database_and_gives_an_old_one_the_new_password(secure, tmp_path):
    file = tmp_path / "secrets/shop"

    def run(word):
        command = [sys.executable, "-B", ROOT / "tools/mongo_user.py", "--user", "shop", "--db", "shop", "--password-file", file, secure]
        environment = {**os.environ, "PRODUCTD_MONGODB_ADMIN_PASSWORD": word}
        return subprocess.run(command, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL)

    def shop():
        return pymongo.MongoClient(secure, username="shop", password=file.read_text())

    done = run(PASSWORD)
    assert done.returncode == 0 and "the user shop is made" in done.stdout, done.stderr
    with shop() as client:
        client.shop.things.insert_one({"_id": 1})
        with pytest.raises(OperationFailure, match="not authorized"):
            client.other.things.insert_one({"_id": 1})
    file.write_text("another")
    done = run(PASSWORD)
    assert done.returncode == 0 and "the user shop is changed" in done.stdout, done.stderr
    with shop() as client:
        assert client.shop.things.count_documents({}) == 1
    done = run("wrong")
    assert done.returncode == 1 and "Authentication failed" in done.stderr, done.stderr
