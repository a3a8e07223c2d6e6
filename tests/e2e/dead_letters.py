# The dead letter commands as a person gives them.
import json

from products import a_product
from service import run_cli
from topics import dead_letter_of, publish

ID = "bbbbbbbbbbbbbbbbbbbbbbb1"


def dlq(service, *arguments, code=0, **options):
    done = run_cli("dlq", *arguments, "--data-dir", service.data, **options)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def listed(service, *arguments):
    return [json.loads(line) for line in dlq(service, "list", "--json", *arguments).splitlines() if line[0] == "{"]


def an_orphan(service, **changes):
    position = publish(service, "update-product", json.dumps(a_product(productId=ID, **changes)))
    return dead_letter_of(service, position)["messageId"]
