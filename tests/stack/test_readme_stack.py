# README's commands for Kafka, MongoDB and Redis, and then its session on a service of what they set up.
import shlex
import uuid

import readme
from products import a_product

pytest_plugins = ["kafka_fixtures"]


def test_the_commands_for_a_stack_make_one_on_which_the_session_works_as_printed(bus, services, tmp_path):
    # Of this test alone, where a user has the defaults.
    own = {name: value for name, value in bus.environment.items() if name.endswith(("TOPIC", "GROUPID"))}
    own["PRODUCTD_MONGODB_DB"] = bus.prefix + "products"
    (block,) = readme.blocks("proven on the stack")
    commands = [line for line in block.splitlines() if not line.startswith("make ")]
    assert len(block.splitlines()) - len(commands) == 2, "make stack-up and make run"
    folder = tmp_path / "service"
    told = readme.run("\n".join([*commands, "env -0 >environment"]), folder, own)
    assert "an acknowledged write is on 2 of 3 brokers at least" in told
    pairs = (pair.partition("=") for pair in (folder / "environment").read_text().split("\0"))
    environment = {name: value for name, _, value in pairs if name.startswith("PRODUCTD_")}
    service = services(environment).start()
    readme.run_session(service, [("create-product", bus.topic("create")), ("chair-1", f"chair-{uuid.uuid4()}")])
    check_second_instance(service, services(environment, "second").start())
    service.stop()


def check_second_instance(first, second):
    """Started as README says, but for what is its own: the folder and the ports."""
    (command,) = readme.blocks("proven as a second instance")
    flags = {word for word in shlex.split(command) if word.startswith("--")}
    assert flags and flags <= set(second.process.args)
    product = second.created(a_product())
    assert first.get(f"/api/v1/products/{product['productId']}").json() == product
    second.stop()
